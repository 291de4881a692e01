//! What the code never does, or does only in one place.

use std::{fs, path::Path};

use super::{NONE, Source, all_files, lines_with, sources};

#[test]
fn only_the_table_and_the_api_create_routes() {
    let makers: std::collections::BTreeSet<_> = lines_with(&[".route("], |_| true)
        .into_iter()
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(makers.into_iter().collect::<Vec<_>>(), ["api/server/mod.rs", "web/routes.rs"]);
}

#[test]
fn conditional_compilation_is_rare() {
    let mut lines = Vec::new();
    for source in sources() {
        let here = source
            .statements()
            .filter(|line| line.contains("cfg(") || line.contains("cfg!(") || line.contains("cfg_attr("));
        lines.extend(
            here.filter(|line| !line.contains("cfg(test)")).map(|line| format!("{}: {}", source.path, line.trim())),
        );
    }
    assert!(lines.len() < 40, "{} lines: {lines:#?}", lines.len());
}

#[test]
fn no_code_panics_on_purpose() {
    let texts = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!(", "unsafe "];
    assert_eq!(lines_with(&texts, |_| true), NONE);
}

#[test]
fn no_lint_is_silenced_without_a_reason() {
    assert_eq!(lines_with(&["#[allow", "#![allow"], |_| true), NONE);
    let mut wrong = lines_with(&["#[expect"], |_| true);
    wrong.retain(|line| !line.contains("reason = "));
    assert_eq!(wrong, NONE);
}

#[test]
fn no_view_has_inline_styles_or_handlers() {
    let of = |source: &Source| !source.path.starts_with("server/mail/");
    assert_eq!(lines_with(&["style=\"", " style=", "onclick=\"", "javascript:"], of), NONE);
}

#[test]
fn only_the_ui_creates_text_areas_because_their_content_must_be_escaped() {
    assert_eq!(lines_with(&["<textarea"], |source| source.room() != "ui"), NONE);
}

#[test]
fn nothing_is_inserted_into_a_page_unescaped() {
    assert_eq!(lines_with(&["inner_html"], |source| source.room() != "ui"), NONE);
    let mut wrong = lines_with(&["inner_html"], |_| true);
    wrong.retain(|line| !line.contains("inner_html=escape("));
    assert_eq!(wrong, NONE);
}

#[test]
fn time_and_randomness_come_from_the_state() {
    let texts = ["now_utc()", "SystemTime::now", "Instant::now()", "rand::"];
    let measured = [
        "app/router.rs",
        "server/mail/worker.rs",
        "server/live/relay.rs",
        "server/live/streams.rs",
        "app/doctor/database.rs",
    ];
    let mut wrong = lines_with(&texts, |source| !measured.contains(&source.path.as_str()));
    wrong.retain(|line| !line.contains("tokio::time"));
    assert_eq!(wrong, NONE);
}

#[test]
fn every_file_outside_the_ui_starts_with_its_purpose() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|source| !source.path.ends_with("tests.rs") && source.room() != "ui")
        .filter(|source| !source.code.first().is_some_and(|line| line.starts_with("//!")))
        .map(|source| source.path)
        .collect();
    assert_eq!(silent, NONE);
}

#[test]
fn sql_is_checked_at_compile_time() {
    let mut wrong = lines_with(&["sqlx::query(", "sqlx::query_as(", "sqlx::query_as::<"], |_| true);
    wrong.extend(lines_with(&["sqlx::query_scalar("], |source| source.path != "server/db.rs"));
    assert_eq!(wrong, NONE);
}

/// Words that the text of the project does not use, each with the plain one.
const WORDS: [(&str, &str); 7] = [
    ("any more", "no longer"),
    ("anew", "again"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("living", "active"),
];

/// Words that begin no comment and no line of a document, each with the plain ones.
const BEGINNINGS: [(&str, &str); 5] = [
    ("Who ", "a noun, such as \"People who\""),
    ("Whoever ", "\"Anyone who\""),
    ("Whom ", "a noun, such as \"The person\""),
    ("So many ", "\"The number of\""),
    ("As many ", "\"The number of\""),
];

#[test]
fn the_text_uses_plain_words() {
    let mut files = all_files();
    files.retain(|(path, _)| !path.ends_with("architecture/conventions.rs"));
    documents(Path::new("docs"), &mut files);
    for path in ["README.md", "CHANGELOG.md"] {
        files.push((path.to_owned(), lines_of(Path::new(path))));
    }
    let mut wrong = Vec::new();
    for (path, lines) in &files {
        for (index, line) in lines.iter().enumerate() {
            for (word, plain) in unusual_words(line, path.ends_with(".md")) {
                wrong.push(format!("{path}:{}: {:?}, better {plain}", index + 1, word.trim()));
            }
        }
    }
    assert_eq!(wrong, NONE);
}

/// The words of the lists above in a line. The names of columns in SQL, such as `"living!"`, are left alone.
fn unusual_words(line: &str, is_document: bool) -> Vec<(&'static str, &'static str)> {
    let lower = line.to_lowercase();
    let mut found: Vec<_> = WORDS.into_iter().filter(|(word, _)| has_word(&lower, word)).collect();
    let text = if is_document {
        Some(line.trim_start().trim_start_matches(['-', '#', '>', ' ']))
    } else {
        line.split_once("//").map(|(_, comment)| comment.trim_start_matches(['/', '!']).trim_start())
    };
    found.extend(BEGINNINGS.into_iter().filter(|(word, _)| text.is_some_and(|text| text.starts_with(word))));
    found
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '!')
    })
}

fn documents(dir: &Path, files: &mut Vec<(String, Vec<String>)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            documents(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push((path.to_str().unwrap().to_owned(), lines_of(&path)));
        }
    }
}

fn lines_of(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(ToOwned::to_owned).collect()
}

#[test]
fn unusual_words_are_found() {
    assert_eq!(unusual_words("/// Who is removed cannot sign in any more.", false).len(), 2);
    assert_eq!(unusual_words("- Whoever signs up", true).len(), 1);
    assert_eq!(unusual_words("/// A recommended and amended key.", false), []);
    assert_eq!(unusual_words(r#"select true as "living!""#, false), []);
}
