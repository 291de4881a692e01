//! Checks that style, script and WASM exist under the names that the pages use. Without them pages are broken, and
//! without the list of hashed names Leptos aborts requests. So `accord serve` does not start, and `accord doctor` says
//! why.

use leptos::config::LeptosOptions;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

const BUILD: &str = "Run `make build`, or start Accord in the folder that contains the site.";
const KINDS: [&str; 3] = ["css", "js", "wasm"];

/// Returns the folder of the site's files, or a sentence for each missing one that says how to fix it. `program` is the
/// folder of the executable, where Leptos looks for the list of hashed names.
pub fn find_site(options: &LeptosOptions, program: &Path) -> Result<PathBuf, Vec<String>> {
    if options.output_name.is_empty() {
        return Err(vec![
            "Leptos.toml is missing from the current folder. Start Accord in the folder that contains it, or copy it here."
                .to_owned(),
        ]);
    }
    let root = Path::new(&*options.site_root);
    if !root.is_dir() {
        return Err(vec![format!("The folder {} does not exist. {BUILD}", root.display())]);
    }
    let names = file_names(options, program)?;
    let package = root.join(&*options.site_pkg_dir);
    let missing: Vec<String> = names
        .into_iter()
        .map(|name| package.join(name))
        .filter(|path| !path.is_file())
        .map(|path| format!("{} is missing: program and site come from different builds. {BUILD}", path.display()))
        .collect();
    if missing.is_empty() { Ok(package) } else { Err(missing) }
}

/// The file names of style, script and WASM that Leptos puts into the pages.
fn file_names(options: &LeptosOptions, program: &Path) -> Result<Vec<String>, Vec<String>> {
    let name = &options.output_name;
    if !options.hash_files {
        return Ok(KINDS.iter().map(|kind| format!("{name}.{kind}")).collect());
    }
    let path = program.join(&*options.hash_file);
    let hashes = fs::read_to_string(&path).map_err(|error| vec![unreadable(&path, &error)])?;
    let (mut names, mut unnamed) = (Vec::new(), Vec::new());
    for kind in KINDS {
        let mut entries = hashes.lines().filter_map(|line| line.trim().split_once(':'));
        match entries.find(|(of, _)| *of == kind).map(|(_, hash)| hash.trim()) {
            Some(hash) if !hash.is_empty() => names.push(format!("{name}.{hash}.{kind}")),
            _ => unnamed
                .push(format!("{} does not list the {kind} file, so it is not from a build. {BUILD}", path.display())),
        }
    }
    names.extend(packs_in(&hashes).into_values().flatten());
    if unnamed.is_empty() { Ok(names) } else { Err(unnamed) }
}

/// The packs of an island: the files with its code. Without the list of names there are none, and the script fetches
/// them itself, a little later.
pub fn packs(options: &LeptosOptions, island: &str) -> &'static [String] {
    static PACKS: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();
    let read = || packs_in(&fs::read_to_string(program_folder().join(&*options.hash_file)).unwrap_or_default());
    PACKS.get_or_init(read).get(island).map(Vec::as_slice).unwrap_or_default()
}

/// The lines of the list that name packs, by island.
fn packs_in(hashes: &str) -> HashMap<String, Vec<String>> {
    let lines = hashes.lines().filter_map(|line| line.trim().split_once(": "));
    let packs = lines.filter(|(of, _)| !KINDS.contains(of));
    packs.map(|(island, names)| (island.to_owned(), names.split(' ').map(ToOwned::to_owned).collect())).collect()
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "{path} is missing from the program's folder. Run `make build`, or copy it from where the program was built."
        );
    }
    format!("{path} cannot be read ({error}). Give the user who runs Accord read access.")
}

/// The folder of the running executable.
pub fn program_folder() -> PathBuf {
    std::env::current_exe().ok().and_then(|path| path.parent().map(PathBuf::from)).unwrap_or_default()
}
