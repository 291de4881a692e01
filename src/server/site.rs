//! The site: style, script and WASM under the names that the pages announce. A page without them is broken, and without
//! the list of names Leptos ends the request instead of answering, so `accord serve` does not start and `accord doctor`
//! says why.

use leptos::config::LeptosOptions;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const BUILD: &str = "Run `make build`, or start where the site is.";
const KINDS: [&str; 3] = ["css", "js", "wasm"];

/// Finds the site's files and returns their folder, or a sentence for each thing that is missing, which says how to fix it.
/// `program` is the folder of the program, where Leptos looks for the list of hashed names.
pub fn find_site(options: &LeptosOptions, program: &Path) -> Result<PathBuf, Vec<String>> {
    if options.output_name.is_empty() {
        return Err(vec![
            "Leptos.toml is missing: it belongs in the folder Accord is started in. Start where it is, or copy it there."
                .to_owned(),
        ]);
    }
    let root = Path::new(&*options.site_root);
    if !root.is_dir() {
        return Err(vec![format!("There is no folder {}. {BUILD}", root.display())]);
    }
    let names = file_names(options, program)?;
    let package = root.join(&*options.site_pkg_dir);
    let missing: Vec<String> = names
        .into_iter()
        .map(|name| package.join(name))
        .filter(|path| !path.is_file())
        .map(|path| format!("{} is missing: program and site are of different builds. {BUILD}", path.display()))
        .collect();
    if missing.is_empty() { Ok(package) } else { Err(missing) }
}

/// The names of style, script and WASM, as Leptos makes them for the pages.
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
            _ => {
                unnamed.push(format!("{} does not name the {kind} file, so no build wrote it. {BUILD}", path.display()))
            }
        }
    }
    if unnamed.is_empty() { Ok(names) } else { Err(unnamed) }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    if error.kind() == io::ErrorKind::NotFound {
        return format!(
            "{path} is missing: it belongs beside the program. Run `make build`, or copy it from where the program was built."
        );
    }
    format!("{path} cannot be read ({error}). Let the user who runs Accord read it.")
}

/// The folder of the running program.
pub fn program_folder() -> PathBuf {
    std::env::current_exe().ok().and_then(|path| path.parent().map(PathBuf::from)).unwrap_or_default()
}
