//! Files for spreadsheets. What strangers wrote stays text there: no cell begins a formula. Every cell is quoted, for some
//! spreadsheets part cells at other signs than commas, and the rest of one would begin a formula.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// What begins a formula in some spreadsheet, or hides one.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One line of a file, with its end.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|cell| written(cell.as_ref())).collect();
    cells.join(",") + "\r\n"
}

fn written(cell: &str) -> String {
    let mark = if cell.starts_with(DANGEROUS) { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

/// The answer that a browser saves as a file of this name, which is plain letters.
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
    fn no_cell_begins_a_formula() {
        for first in DANGEROUS {
            let cell = line([format!("{first}1+1")]);
            assert!(cell.starts_with("\"'"), "{cell:?}");
        }
        assert_eq!(line(["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
        assert_eq!(line(["1=1"]), "\"1=1\"\r\n");
        assert_eq!(line(["x;=HYPERLINK(1)"]), "\"x;=HYPERLINK(1)\"\r\n");
    }
}
