//! Checks the sources against docs/architecture.md.

mod consistency;
mod conventions;
mod derived;
mod functions;
mod imports;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A source file: its path below `src/`, and its lines without its own tests.
struct Source {
    path: String,
    code: Vec<String>,
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    assert!(files.len() > 100, "the sources were found");
    files.iter().map(|path| read(path)).collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let is_test = path.ends_with("tests.rs");
    let code = if is_test { Vec::new() } else { text.lines().map(ToOwned::to_owned).collect() };
    let path = path.strip_prefix("src").unwrap().to_str().unwrap().to_owned();
    Source { path, code: without_tests(code) }
}

/// Everything before the test module, which comes last in a file.
fn without_tests(code: Vec<String>) -> Vec<String> {
    let tests = code
        .windows(2)
        .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod tests"));
    match tests {
        Some(start) => code.into_iter().take(start).collect(),
        None => code,
    }
}

impl Source {
    /// The first part of the path: the room or layer.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// The second part of the path: `server`, `pages`, `model`…
    fn part(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or("").trim_end_matches(".rs")
    }

    /// The code without comments.
    fn statements(&self) -> impl Iterator<Item = &str> {
        self.code.iter().map(|line| line.split("//").next().unwrap_or(line))
    }

    /// Every path that starts with `crate::`, in any use or expression, with groups expanded.
    fn imports(&self) -> Vec<String> {
        let code: String = self.statements().collect::<Vec<_>>().join(" ");
        let mut found = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            expand("", &code[at + "crate::".len()..], &mut found);
        }
        found
    }
}

/// Expands `a::{b, c::{d}}` into `a::b` and `a::c::d`, ignoring what follows.
fn expand(prefix: &str, text: &str, found: &mut Vec<String>) {
    let name_end = text.find(|c: char| !(c.is_alphanumeric() || "_:*".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if !(name.is_empty() || name.ends_with("::")) || !rest.starts_with('{') {
        found.push(format!("{prefix}{name}"));
        return;
    }
    let (mut depth, mut start) = (0, 1);
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (c == ',' && depth == 1) || depth == 0 {
            let item = rest[start..at].trim();
            if !item.is_empty() {
                expand(&format!("{prefix}{name}"), item, found);
            }
            start = at + 1;
        }
        if depth == 0 {
            return;
        }
    }
}

/// The order of the rooms: each may use those to its left.
const ROOMS: [&str; 14] = [
    "activity",
    "accounts",
    "identity",
    "entities",
    "partners",
    "rules",
    "flows",
    "leads",
    "deliveries",
    "invitations",
    "reports",
    "api",
    "home",
    "development",
];

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

const NONE: [String; 0] = [];

/// Lines of code, without comments and tests, that contain one of these texts.
fn lines_with(texts: &[&str], of: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| of(source)) {
        for line in source.statements().filter(|line| texts.iter().any(|text| line.contains(text))) {
            found.push(format!("{}: {}", source.path, line.trim()));
        }
    }
    found
}

/// The Rust files of all packages and their lines.
fn all_files() -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    for dir in ["src", "tests", "postgres", "xtask", "bench"] {
        collect(Path::new(dir), &mut files);
    }
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().map(ToOwned::to_owned).collect();
    files.iter().map(|path| (path.to_str().unwrap().to_owned(), lines(path))).collect()
}

#[test]
fn groups_of_imports_are_expanded() {
    let mut found = Vec::new();
    expand("", "{base::{AppError, form::{Fields, Row}}, paths}; use x::y;", &mut found);
    assert_eq!(found, ["base::AppError", "base::form::Fields", "base::form::Row", "paths"]);
}
