//! Things written in two places that must agree: documents, settings, lists of variables.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::sources;

/// docs/domain.md lists the cases of an invitation with their tests by name. All of these must exist.
#[test]
fn every_test_named_in_the_domain_exists() {
    let text = fs::read_to_string("docs/domain.md").unwrap();
    let cases: Vec<_> = text.lines().filter(|line| line.starts_with("| ") && line.contains("::")).collect();
    let named: Vec<_> = cases.iter().flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    let tests: Vec<_> = named.iter().filter(|name| name.contains("::")).collect();
    assert!(tests.len() > 55, "{}", tests.len());
    for name in tests {
        let (file, test) = name.split_once("::").unwrap();
        let source = fs::read_to_string(format!("tests/it/{file}.rs")).unwrap_or_default();
        assert!(source.contains(&format!("async fn {test}()")), "{name}");
    }
    for line in cases {
        let journeys = line.split('|').nth(3).unwrap().split('`').skip(1).step_by(2);
        for journey in journeys {
            assert!(Path::new(&format!("end2end/journeys/{journey}.spec.ts")).exists(), "{journey}");
        }
    }
}

/// The settings below `[package.metadata.leptos]`.
fn leptos_settings(file: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file).unwrap();
    let section = text.split("[package.metadata.leptos]").nth(1).unwrap();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

#[test]
fn the_two_files_of_leptos_settings_agree() {
    let (build, run) = (leptos_settings("Cargo.toml"), leptos_settings("Leptos.toml"));
    assert!(run.len() >= 5);
    for (key, value) in &run {
        assert_eq!(build.get(key), Some(value), "{key}");
    }
}

#[test]
fn the_lists_of_variables_agree() {
    let example = fs::read_to_string(".env.example").unwrap();
    let config = fs::read_to_string("src/server/config.rs").unwrap();
    for name in config.split("variable(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(example.contains(&format!("{name}=")), ".env.example does not mention {name}");
    }
}

/// A page names the island whose code it fetches early, and `make size` has a budget for each island.
#[test]
fn pages_and_budgets_name_the_islands_that_exist() {
    let snake = |name: &str| {
        let mut out = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        }
        out
    };
    let between = |text: &str, start: &str, end: char| -> BTreeSet<String> {
        let found = text.split(start).skip(1).filter_map(|rest| rest.split(end).next());
        found.map(|name| name.trim().to_owned()).collect()
    };
    let all: String = sources().iter().map(|source| source.code.join("\n") + "\n").collect();
    let islands: BTreeSet<_> = between(&all, "#[island(lazy)]\npub fn ", '(').iter().map(|name| snake(name)).collect();
    assert!(islands.len() > 5 && !all.contains("#[island]"), "{islands:?}");
    assert_eq!(between(&all, ".with_island(\"", '"'), islands);
    let budgets = fs::read_to_string("xtask/src/size.rs").unwrap();
    let budgeted = between(&budgets, "&[\"", '"');
    assert_eq!(budgeted, islands);
}
