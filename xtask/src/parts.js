// The client in parts: an island loads its packs, each of which holds several WASM modules one after the other.
const packs = PACKS;
const modules = new Map(), opened = new Map(), started = new Map();
const once = (map, key, work) => {
  let done = map.get(key);
  if (!done) {
    map.set(key, done = work());
    // What failed is tried again the next time.
    done.catch(() => map.delete(key));
  }
  return done;
};
const open = (pack) => once(opened, pack, async () => {
  const response = await fetch(new URL(pack, import.meta.url));
  if (!response.ok) throw new Error(pack + ": " + response.status);
  const bytes = await response.arrayBuffer();
  let at = 0;
  for (const [name, length] of packs[pack]) {
    modules.set(name, new Uint8Array(bytes, at, length));
    at += length;
  }
});
const start = (name) => once(started, name, () =>
  WebAssembly.instantiate(modules.get(name), { __wasm_split: { ...wasm, CANARY } }));
const load = (from, names) => async (callback, data) => {
  let success = false;
  try {
    await Promise.all(from.map(open));
    // The last module is the island's own; it needs the others.
    await Promise.all(names.slice(0, -1).map(start));
    await Promise.all(names.slice(-1).map(start));
    success = true;
  } catch (error) {
    console.error(error);
  }
  wasm.__indirect_function_table.get(callback)(data, success);
};
