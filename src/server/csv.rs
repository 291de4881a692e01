//! CSV files for spreadsheets. Text from strangers must stay text, so no cell can start a formula. Every cell is
//! quoted, because some spreadsheets also split at other characters, and the remainder could start a formula.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// The byte-order mark, by which spreadsheets recognise UTF-8.
pub const MARK: &str = "\u{FEFF}";

/// Characters that start a formula in some spreadsheet, or hide one.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One line of a CSV file, including the line ending.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|cell| quoted(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(DANGEROUS) && !is_number(cell) { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

/// True for phone numbers and signed numbers, which start like a formula but calculate nothing of value.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']);
    digits.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || b" .()-".contains(&byte)))
}

/// A response that browsers save as a file. The name must be ASCII without quotes or control characters.
pub fn file(name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_quoted() {
        assert_eq!(line(["a", "b c", "", "é"]), "\"a\",\"b c\",\"\",\"é\"\r\n");
        assert_eq!(line(["a,b", "say \"hi\"", "two\nlines"]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n");
    }

    #[test]
    fn no_cell_starts_a_formula() {
        for first in DANGEROUS {
            let cell = line([format!("{first}1+1")]);
            assert!(cell.starts_with("\"'"), "{cell:?}");
        }
        assert_eq!(line(["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
        for kept in ["+1 (512) 555-0142", "-2", "-3.5", "+44 20 7946 0958", "+", "01234", "78704-1234"] {
            assert_eq!(line([kept]), format!("\"{kept}\"\r\n"));
        }
        for formula in ["+1+1", "-1*2", "-cmd", "+1 x2", "+1\t2", "-1,5", "＋1", "+１", "=1", "--1=1"] {
            assert_eq!(line([formula]), format!("\"'{formula}\"\r\n"));
        }
        assert_eq!(line(["1=1"]), "\"1=1\"\r\n");
        assert_eq!(line(["x;=HYPERLINK(1)"]), "\"x;=HYPERLINK(1)\"\r\n");
    }
}
