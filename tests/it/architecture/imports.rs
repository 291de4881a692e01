//! Which parts may import which: docs/architecture.md, *Directions*.

use super::{NONE, Source, rank, sources};

/// All imports of these sources that the rule forbids.
fn violations(of: impl Fn(&Source) -> bool, forbidden: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| of(source)) {
        for import in source.imports() {
            if forbidden(source, &import) {
                wrong.push(format!("{} imports {import}", source.path));
            }
        }
    }
    wrong
}

fn first(import: &str) -> &str {
    import.split("::").next().unwrap()
}

fn second(import: &str) -> &str {
    import.split("::").nth(1).unwrap_or("")
}

#[test]
fn base_imports_nothing_else_of_this_crate() {
    assert_eq!(violations(|source| source.room() == "base", |_, import| first(import) != "base"), NONE);
}

#[test]
fn ui_imports_only_base() {
    let forbidden = |_: &Source, import: &str| !["base", "ui"].contains(&first(import));
    assert_eq!(violations(|source| source.room() == "ui", forbidden), NONE);
}

#[test]
fn models_import_only_base_and_models_of_rooms_to_their_left() {
    let is_model = |source: &Source| source.part() == "model" || source.room() == "rules";
    let forbidden = |source: &Source, import: &str| {
        let left = rank(first(import)).zip(rank(source.room())).is_some_and(|(used, user)| used <= user);
        first(import) != "base" && !(left && (second(import) == "model" || first(import) == "rules"))
    };
    assert_eq!(violations(is_model, forbidden), NONE);
}

#[test]
fn server_folders_never_import_the_user_interface() {
    let is_server = |source: &Source| source.room() == "server" || source.part() == "server";
    let forbidden = |_: &Source, import: &str| {
        ["ui", "app", "web"].contains(&first(import))
            || ["pages", "parts", "islands", "functions"].iter().any(|part| second(import) == *part)
    };
    assert_eq!(violations(is_server, forbidden), NONE);
}

#[test]
fn infrastructure_imports_no_room_except_roles_and_plans() {
    let allowed = ["base", "server"];
    let forbidden = |_: &Source, import: &str| {
        let is_role = ["accounts::model", "partners::model"].iter().any(|model| import.starts_with(model));
        !allowed.contains(&first(import)) && !is_role
    };
    assert_eq!(violations(|source| source.room() == "server", forbidden), NONE);
}

#[test]
fn the_server_part_of_a_room_uses_only_rooms_to_its_left() {
    let is_server = |source: &Source| rank(source.room()).is_some() && source.part() == "server";
    let forbidden = |source: &Source, import: &str| {
        rank(first(import)).zip(rank(source.room())).is_some_and(|(used, user)| used > user)
    };
    assert_eq!(violations(is_server, forbidden), NONE);
}

#[test]
fn web_imports_no_room_except_roles_and_plans() {
    let forbidden = |_: &Source, import: &str| {
        let is_role = ["accounts::model", "partners::model"].iter().any(|model| import.starts_with(model));
        !["base", "ui", "server", "web"].contains(&first(import)) && !is_role
    };
    assert_eq!(violations(|source| source.room() == "web", forbidden), NONE);
}

#[test]
fn only_rooms_and_the_app_import_web() {
    let is_other = |source: &Source| rank(source.room()).is_none() && !["web", "app"].contains(&source.room());
    assert_eq!(violations(is_other, |_, import| first(import) == "web"), NONE);
}

#[test]
fn only_the_commands_import_the_app() {
    let is_other = |source: &Source| !["app", "main"].contains(&source.room());
    assert_eq!(violations(is_other, |_, import| first(import) == "app"), NONE);
}

/// An unknown folder or file would escape the rules above.
#[test]
fn every_folder_is_a_room_or_a_known_layer() {
    let known = ["app", "base", "lib", "main", "server", "ui", "web"];
    let mut unknown: Vec<_> = sources().iter().map(|source| source.room().to_owned()).collect();
    unknown.retain(|room| rank(room).is_none() && !known.contains(&room.as_str()));
    assert_eq!(unknown, NONE);
}
