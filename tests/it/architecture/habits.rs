//! What the code never does, or only in one place.

use super::{NOTHING, Source, holding, sources};

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
    assert!(lines.len() < 40, "{} lines: {lines:#?}", lines.len());
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
