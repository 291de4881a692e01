//! What the code never does, or does only in one place.

use super::{NONE, Source, lines_with, sources};

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
    let measured = ["app/router.rs", "server/mail/worker.rs", "server/live.rs", "app/doctor/database.rs"];
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
