//! Bundles the style sheets: `style/main.css` imports the others with `@import "name.css";`.

use std::fs;
use std::path::Path;

use crate::minify::minify;
use crate::paths;
use crate::shell::{Outcome, failed};

/// The bundled style sheet in the order of `style/main.css`, minified.
pub fn bundle() -> Outcome<String> {
    let dir = paths::root().join("style");
    let main = read(&dir.join("main.css"))?;
    Ok(minify(&inline(&main, |name| read(&dir.join(name)))?))
}

/// Replaces each import by its sheet; `layer(name)` after the file name wraps it.
fn inline(main: &str, mut load: impl FnMut(&str) -> Outcome<String>) -> Outcome<String> {
    let mut bundled = String::new();
    for line in main.lines() {
        let Some(import) = line.trim().strip_prefix("@import") else {
            bundled.push_str(line);
            bundled.push('\n');
            continue;
        };
        let mut parts = import.trim().trim_end_matches(';').splitn(3, '"');
        let name = parts.nth(1).ok_or_else(|| format!("style/main.css: expected @import \"name.css\"; in {line:?}"))?;
        let layer = parts.next().unwrap_or_default().trim();
        let sheet = load(name)?;
        match layer.strip_prefix("layer(").and_then(|rest| rest.strip_suffix(')')) {
            Some(layer) => bundled.push_str(&format!("@layer {layer} {{\n{sheet}\n}}\n")),
            None if layer.is_empty() => bundled.push_str(&format!("{sheet}\n")),
            None => return Err(format!("style/main.css: expected only layer(…) after the name in {line:?}")),
        }
    }
    Ok(bundled)
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(failed(format!("read {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(name: &str) -> Outcome<String> {
        Ok(format!("{name}{{}}"))
    }

    #[test]
    fn imports_are_replaced_in_order() {
        let bundled = inline("@layer a, b;\n@import \"one.css\";\n@import \"two.css\" layer(b);\n", loaded);
        assert_eq!(bundled.as_deref(), Ok("@layer a, b;\none.css{}\n@layer b {\ntwo.css{}\n}\n"));
    }

    #[test]
    fn an_unsupported_import_is_an_error() {
        assert!(inline("@import url(one.css);", loaded).is_err());
        assert!(inline("@import \"one.css\" print;", loaded).is_err());
    }
}
