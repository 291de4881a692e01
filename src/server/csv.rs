//! CSV files for spreadsheets. Text from strangers must stay text, so no cell can start a formula. Every cell is
//! quoted, because some spreadsheets also split at other characters, and the remainder could start a formula.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// Characters that start a formula in some spreadsheet, or hide one.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One line of a CSV file, including the line ending.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|cell| quoted(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(DANGEROUS) { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
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
        assert_eq!(line(["1=1"]), "\"1=1\"\r\n");
        assert_eq!(line(["x;=HYPERLINK(1)"]), "\"x;=HYPERLINK(1)\"\r\n");
    }
}
