//! Reads the sources and holds them to docs/architecture.md.

mod derived;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A source file: its path below `src/`, and its lines up to its own tests.
struct Source {
    path: String,
    code: Vec<String>,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let mut files = Vec::new();
    collect(Path::new("src"), &mut files);
    assert!(files.len() > 100, "the sources are there");
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
    Source { path, code: without_tests(code), lines: text.lines().count() }
}

/// Everything before the module of tests, which is the last thing of a file.
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

    /// The part of the room: `server`, `pages`, `model`…
    fn part(&self) -> &str {
        self.path.split('/').nth(1).unwrap_or("").trim_end_matches(".rs")
    }

    /// Code without comments.
    fn statements(&self) -> impl Iterator<Item = &str> {
        self.code.iter().map(|line| line.split("//").next().unwrap_or(line))
    }

    /// Every path that starts in our crate: `crate::` in any use or expression, groups opened up.
    fn imports(&self) -> Vec<String> {
        let code: String = self.statements().collect::<Vec<_>>().join(" ");
        let mut found = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            open_up("", &code[at + "crate::".len()..], &mut found);
        }
        found
    }
}

/// Opens `a::{b, c::{d}}` up into `a::b` and `a::c::d`; what stands after it is left alone.
fn open_up(prefix: &str, text: &str, found: &mut Vec<String>) {
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
                open_up(&format!("{prefix}{name}"), item, found);
            }
            start = at + 1;
        }
        if depth == 0 {
            return;
        }
    }
}

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

/// The order of the rooms: the right may use the left.
const ROOMS: [&str; 11] = [
    "activity",
    "accounts",
    "identity",
    "entities",
    "partners",
    "rules",
    "flows",
    "leads",
    "invitations",
    "reports",
    "api",
];

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|known| *known == room)
}

const NOTHING: [String; 0] = [];

/// The cases of an invitation stand in docs/domain.md with their tests; none of these may have another name.
#[test]
fn every_test_that_the_domain_names_is_there() {
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

#[test]
fn groups_of_imports_are_opened_up() {
    let mut found = Vec::new();
    open_up("", "{base::{AppError, form::{Fields, Row}}, paths}; use x::y;", &mut found);
    assert_eq!(found, ["base::AppError", "base::form::Fields", "base::form::Row", "paths"]);
}

#[test]
fn base_imports_nothing_of_ours() {
    assert_eq!(violations(|source| source.room() == "base", |_, import| first(import) != "base"), NOTHING);
}

#[test]
fn ui_imports_base_only() {
    let forbidden = |_: &Source, import: &str| !["base", "ui"].contains(&first(import));
    assert_eq!(violations(|source| source.room() == "ui", forbidden), NOTHING);
}

#[test]
fn models_import_base_and_models_of_rooms_to_their_left() {
    let is_model = |source: &Source| source.part() == "model" || source.room() == "rules";
    let forbidden = |source: &Source, import: &str| {
        let left = rank(first(import)).zip(rank(source.room())).is_some_and(|(used, user)| used <= user);
        first(import) != "base" && !(left && (second(import) == "model" || first(import) == "rules"))
    };
    assert_eq!(violations(is_model, forbidden), NOTHING);
}

#[test]
fn server_folders_never_import_what_is_shown() {
    let is_server = |source: &Source| source.room() == "server" || source.part() == "server";
    let forbidden = |_: &Source, import: &str| {
        ["ui", "app"].contains(&first(import))
            || ["pages", "parts", "islands", "functions"].iter().any(|part| second(import) == *part)
    };
    assert_eq!(violations(is_server, forbidden), NOTHING);
}

#[test]
fn infrastructure_knows_no_room_but_roles_and_plans() {
    let allowed = ["base", "server"];
    let forbidden = |_: &Source, import: &str| {
        let is_role = ["accounts::model", "partners::model"].iter().any(|model| import.starts_with(model));
        !allowed.contains(&first(import)) && !is_role
    };
    assert_eq!(violations(|source| source.room() == "server", forbidden), NOTHING);
}

#[test]
fn the_server_half_of_a_room_uses_rooms_to_its_left_only() {
    let is_server = |source: &Source| rank(source.room()).is_some() && source.part() == "server";
    let forbidden = |source: &Source, import: &str| {
        rank(first(import)).zip(rank(source.room())).is_some_and(|(used, user)| used > user)
    };
    assert_eq!(violations(is_server, forbidden), NOTHING);
}

#[test]
fn no_room_imports_the_app_but_by_its_pages() {
    let is_no_page = |source: &Source| rank(source.room()).is_some() && source.part() != "pages";
    assert_eq!(violations(is_no_page, |_, import| first(import) == "app"), NOTHING);
}

#[test]
fn routes_are_made_from_the_table_and_by_the_api_alone() {
    let makers: std::collections::BTreeSet<_> = holding(&[".route("], |_| true)
        .into_iter()
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(makers.into_iter().collect::<Vec<_>>(), ["api/server/mod.rs", "web/routes.rs"]);
}

#[test]
fn few_lines_decide_what_is_compiled() {
    let mut lines = Vec::new();
    for source in sources() {
        let here = source
            .statements()
            .filter(|line| line.contains("cfg(") || line.contains("cfg!(") || line.contains("cfg_attr("));
        lines.extend(
            here.filter(|line| !line.contains("cfg(test)")).map(|line| format!("{}: {}", source.path, line.trim())),
        );
    }
    assert!(lines.len() <= 40, "{} lines: {lines:#?}", lines.len());
}

/// Lines of code, without comments and tests, that hold one of these texts.
fn holding(texts: &[&str], of: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| of(source)) {
        for line in source.statements().filter(|line| texts.iter().any(|text| line.contains(text))) {
            found.push(format!("{}: {}", source.path, line.trim()));
        }
    }
    found
}

#[test]
fn nothing_gives_up_by_panicking() {
    let texts = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "unsafe "];
    assert_eq!(holding(&texts, |_| true), NOTHING);
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    assert_eq!(holding(&["#[allow", "#![allow"], |_| true), NOTHING);
    let mut wrong = holding(&["#[expect"], |_| true);
    wrong.retain(|line| !line.contains("reason = "));
    assert_eq!(wrong, NOTHING);
}

#[test]
fn no_view_has_inline_styles_or_handlers() {
    let of = |source: &Source| !source.path.starts_with("server/mail/");
    assert_eq!(holding(&["style=\"", " style=", "onclick=\"", "javascript:"], of), NOTHING);
}

#[test]
fn text_areas_are_made_by_the_ui_alone_for_their_content_needs_care() {
    assert_eq!(holding(&["<textarea"], |source| source.room() != "ui"), NOTHING);
}

#[test]
fn nothing_is_put_into_a_page_unescaped() {
    assert_eq!(holding(&["inner_html"], |source| source.room() != "ui"), NOTHING);
    let mut wrong = holding(&["inner_html"], |_| true);
    wrong.retain(|line| !line.contains("inner_html=escape("));
    assert_eq!(wrong, NOTHING);
}

#[test]
fn time_and_randomness_come_from_the_state() {
    let texts = ["now_utc()", "SystemTime::now", "Instant::now()", "rand::"];
    let measured = ["app/router.rs", "server/mail/worker.rs", "server/live.rs", "app/doctor/database.rs"];
    let mut wrong = holding(&texts, |source| !measured.contains(&source.path.as_str()));
    wrong.retain(|line| !line.contains("tokio::time"));
    assert_eq!(wrong, NOTHING);
}

#[test]
fn no_file_has_more_than_400_lines() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.lines > 400)
        .map(|source| format!("{}: {}", source.path, source.lines))
        .collect();
    assert_eq!(long, NOTHING);
}

/// Functions that are still too long. This list must only get shorter.
const LONG_FUNCTIONS: [&str; 20] = [
    "activity/model.rs: word",
    "api/server/queries/entities.rs: list",
    "api/server/queries/flows.rs: select_sources",
    "api/server/queries/invitations.rs: list",
    "app/said.rs: sentence",
    "app/shell.rs: App",
    "flows/islands/add_source.rs: Combobox",
    "flows/islands/criteria.rs: CriteriaEditor",
    "flows/islands/mappings.rs: MappingsEditor",
    "flows/islands/sources.rs: SourcesPanel",
    "flows/pages/docs.rs: SubmissionDoc",
    "invitations/islands/invite_person.rs: InviteDialog",
    "invitations/islands/mod.rs: InvitationAnswer",
    "invitations/islands/team.rs: TeamPanel",
    "invitations/server/queries/recipients.rs: list_recipients",
    "reports/server/partners.rs: read",
    "server/config.rs: read",
    "ui/gallery/controls.rs: Popups",
    "ui/gallery/states.rs: States",
    "ui/icon.rs: path",
];

/// The functions of some lines of code with the number of their lines, from `fn` to the closing brace.
fn functions(code: &[String]) -> Vec<(String, usize)> {
    let starts = code.iter().enumerate().filter_map(|(at, line)| Some((at, function_name(line)?)));
    starts.filter_map(|(at, name)| Some((name, lines_of_body(&code[at..])?))).collect()
}

/// The name of the function that this line begins.
fn function_name(line: &str) -> Option<String> {
    let words = line.trim_start();
    let (before, after) =
        if let Some(after) = words.strip_prefix("fn ") { ("", after) } else { words.split_once(" fn ")? };
    let is_item = before
        .split_whitespace()
        .all(|word| ["async", "const", "extern"].contains(&word) || word.starts_with("pub") || word.ends_with(')'));
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (is_item && !name.is_empty()).then_some(name)
}

/// How many lines a function takes that begins with the first of these; none where it has no body. Braces in texts and
/// comments do not count.
fn lines_of_body(code: &[String]) -> Option<usize> {
    let (mut depth, mut in_text) = (0_i32, false);
    for (at, line) in code.iter().enumerate() {
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\\' if in_text => drop(characters.next()),
                '"' => in_text = !in_text,
                _ if in_text => {}
                '/' if characters.peek() == Some(&'/') => break,
                '\'' => skip_character(&mut characters),
                '{' => depth += 1,
                '}' => depth -= 1,
                ';' if depth == 0 && at == 0 => return None,
                _ => {}
            }
        }
        if depth == 0 && line.trim_end().ends_with('}') {
            return Some(at + 1);
        }
        if depth == 0 && line.trim_end().ends_with(';') {
            return None;
        }
    }
    None
}

/// Passes over a character such as `'{'` or `'\n'`; a lifetime is left alone.
fn skip_character(characters: &mut std::iter::Peekable<std::str::Chars>) {
    let ahead: String = characters.clone().take(3).collect();
    let length = match ahead.chars().next() {
        Some('\\') => 3,
        Some(_) if ahead.chars().nth(1) == Some('\'') => 2,
        _ => 0,
    };
    for _ in 0..length {
        characters.next();
    }
}

#[test]
fn lines_of_functions_are_counted() {
    let code = "pub(crate) async fn first<'a>(\n    text: &'a str,\n) -> bool {\n    text == \"}\" || c == '{' // }\n}\n\
        fn declared();\nlet f: fn() -> u8;\nfn short() {}";
    let lines: Vec<String> = code.lines().map(ToOwned::to_owned).collect();
    assert_eq!(functions(&lines), [("first".to_owned(), 5), ("short".to_owned(), 1)]);
}

#[test]
fn no_function_has_more_than_60_lines() {
    let mut long = Vec::new();
    for source in sources() {
        let here = functions(&source.code).into_iter().filter(|(_, lines)| *lines > 60);
        long.extend(here.map(|(name, lines)| (format!("{}: {name}", source.path), lines)));
    }
    let new: Vec<_> = long.iter().filter(|(name, _)| !LONG_FUNCTIONS.contains(&name.as_str())).collect();
    assert!(new.is_empty(), "{new:#?}");
    let gone: Vec<_> = LONG_FUNCTIONS.iter().filter(|known| long.iter().all(|(name, _)| name != *known)).collect();
    assert!(gone.is_empty(), "not too long any more, take them off the list: {gone:#?}");
}

#[test]
fn every_file_says_what_it_is_for_but_the_pieces_of_the_ui_whose_names_do() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|source| !source.path.ends_with("tests.rs") && source.room() != "ui")
        .filter(|source| !source.code.first().is_some_and(|line| line.starts_with("//!")))
        .map(|source| source.path)
        .collect();
    assert_eq!(silent, NOTHING);
}

#[test]
fn sql_is_checked_at_compile_time() {
    let mut wrong = holding(&["sqlx::query(", "sqlx::query_as(", "sqlx::query_as::<"], |_| true);
    wrong.extend(holding(&["sqlx::query_scalar("], |source| source.path != "server/db.rs"));
    assert_eq!(wrong, NOTHING);
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
        assert!(example.contains(&format!("{name}=")), ".env.example does not tell of {name}");
    }
}
