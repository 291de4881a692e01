//! Removes from the client what no island runs, before it is split.
//!
//! An erased view holds a pointer to each of its functions, so the linker keeps all of them. One is only for views
//! that wait for data while the page becomes interactive; we have none.

use std::collections::HashSet;

use wasm_encoder::{CustomSection, Encode, Module, RawSection};
use wasmparser::{KnownCustom, Name, Parser, Payload, RelocAddendKind, RelocationEntry, TypeRef};

use crate::shell::{Outcome, failed};

/// The compiler gives equal functions one name, whatever they are for. No function of another kind equals these: they
/// make and poll the futures of erased views. All that only these need goes with them.
const UNUSED: &str = "8into_any13hydrate_async";
const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;

/// The linked client with the unused functions emptied: they trap, and refer to nothing. The splitter then drops what
/// only they used.
pub fn prune(wasm: &[u8]) -> Outcome<Vec<u8>> {
    let bodies = unused_bodies(wasm).map_err(failed("read the client"))?;
    rewrite(wasm, &bodies).map_err(failed("remove unused functions from the client"))
}

/// The places of the unused functions within the code section.
fn unused_bodies(wasm: &[u8]) -> wasmparser::Result<Vec<(usize, usize)>> {
    let (mut imported, mut code) = (0_u32, 0);
    let (mut bodies, mut unused) = (Vec::new(), HashSet::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => code = range.start as usize,
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                bodies.push((range.start as usize - code, range.end as usize - code));
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { continue };
                for name in names {
                    let Name::Function(functions) = name? else { continue };
                    for function in functions {
                        let function = function?;
                        if function.name.contains(UNUSED) {
                            unused.insert(function.index);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Ok((imported..).zip(bodies).filter(|(index, _)| unused.contains(index)).map(|(_, body)| body).collect())
}

fn rewrite(wasm: &[u8], bodies: &[(usize, usize)]) -> wasmparser::Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && section.name() == "reloc.CODE"
            && let KnownCustom::Reloc(relocations) = section.as_known()
        {
            let mut kept = Vec::new();
            for entry in relocations.entries() {
                let entry = entry?;
                let at = entry.offset as usize;
                let next = bodies.partition_point(|(start, _)| *start <= at);
                let before = next.checked_sub(1).and_then(|index| bodies.get(index));
                if before.is_none_or(|(_, end)| at >= *end) {
                    kept.push(entry);
                }
            }
            let data = encode(relocations.section_index(), &kept);
            module.section(&CustomSection { name: "reloc.CODE".into(), data: data.into() });
        } else if let Some((id, range)) = payload.as_section() {
            let mut data = wasm.get(range.start as usize..range.end as usize).unwrap_or_default().to_vec();
            if matches!(payload, Payload::CodeSectionStart { .. }) {
                empty(&mut data, bodies);
            }
            module.section(&RawSection { id, data: &data });
        }
    }
    Ok(module.finish())
}

/// The bodies keep their length, because all relocations behind them count bytes.
fn empty(code: &mut [u8], bodies: &[(usize, usize)]) {
    for (start, end) in bodies {
        let Some(body) = code.get_mut(*start..*end) else { continue };
        body.fill(NOP);
        // No locals, then the instructions.
        if let [locals, first, .., last] = body {
            (*locals, *first, *last) = (0, UNREACHABLE, END);
        }
    }
}

fn encode(section: u32, entries: &[RelocationEntry]) -> Vec<u8> {
    let mut data = Vec::new();
    section.encode(&mut data);
    entries.len().encode(&mut data);
    for entry in entries {
        data.push(entry.ty as u8);
        entry.offset.encode(&mut data);
        entry.index.encode(&mut data);
        if entry.ty.addend_kind() != RelocAddendKind::None {
            entry.addend.encode(&mut data);
        }
    }
    data
}
