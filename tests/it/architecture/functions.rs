//! Length limits for files and functions, in all packages and their tests.

use super::{NONE, all_files};

/// The functions in these lines and their lengths, from `fn` to the closing brace.
fn functions(code: &[String]) -> Vec<(String, usize)> {
    let starts = code.iter().enumerate().filter_map(|(at, line)| Some((at, function_name(line)?)));
    starts.filter_map(|(at, name)| Some((name, lines_of_body(&code[at..])?))).collect()
}

/// The name of the function that starts on this line.
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

/// The number of lines of the function that starts on the first line, or none if it has no body. Braces in strings and
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

/// Skips a character literal such as `'{'` or `'\n'`, but not a lifetime.
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
fn the_lines_of_functions_are_counted() {
    let code = "pub(crate) async fn first<'a>(\n    text: &'a str,\n) -> bool {\n    text == \"}\" || c == '{' // }\n}\n\
        fn declared();\nlet f: fn() -> u8;\nfn short() {}";
    let lines: Vec<String> = code.lines().map(ToOwned::to_owned).collect();
    assert_eq!(functions(&lines), [("first".to_owned(), 5), ("short".to_owned(), 1)]);
}

#[test]
fn no_function_has_more_than_60_lines() {
    let mut long = Vec::new();
    for (path, lines) in all_files() {
        let here = functions(&lines).into_iter().filter(|(_, lines)| *lines > 60);
        long.extend(here.map(|(name, lines)| (format!("{path}: {name}"), lines)));
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_file_has_more_than_400_lines() {
    let mut long = all_files();
    long.retain(|(_, lines)| lines.len() > 400);
    let long: Vec<_> = long.into_iter().map(|(path, lines)| format!("{path}: {}", lines.len())).collect();
    assert_eq!(long, NONE);
}
