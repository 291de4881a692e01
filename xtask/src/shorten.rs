//! Makes the modules of the client and its script shorter, without changing what they do.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs;
use std::path::Path;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{CustomSectionReader, ImportSectionReader, Parser};

use crate::assets::{read, write};
use crate::shell::{Outcome, failed};

/// Shortens what wasm-bindgen and the splitter wrote to `dir`.
pub fn shorten(dir: &Path) -> Outcome {
    let path = dir.join("accord.js");
    let script = String::from_utf8(read(&path)?).map_err(failed("read accord.js"))?;
    let names = short_names(&script);
    write(&path, renamed(&script, &names).as_bytes())?;
    for entry in fs::read_dir(dir).map_err(failed(format!("read {}", dir.display())))?.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "wasm") {
            write(&entry.path(), &module(&read(&entry.path())?, &names)?)?;
        }
    }
    Ok(())
}

/// A short name for each function that the script gives to WASM. wasm-bindgen ends them with 16 digits, which do not
/// compress.
fn short_names(script: &str) -> BTreeMap<String, String> {
    let hashed = |word: &&str| {
        let hash = word.strip_prefix("__wb").and_then(|rest| rest.rsplit_once('_')).map(|(_, hash)| hash);
        hash.is_some_and(|hash| hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit()))
    };
    let names: BTreeSet<_> = script.split(|letter| !is_of_word(letter)).filter(hashed).collect();
    names.into_iter().enumerate().map(|(index, name)| (name.to_owned(), format!("w{index}"))).collect()
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

fn renamed(script: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while !rest.is_empty() {
        let word = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
        let other =
            rest.get(word..).and_then(|after| after.find(is_of_word)).map_or(rest.len(), |length| word + length);
        let name = rest.get(..word).unwrap_or_default();
        out.push_str(names.get(name).map_or(name, String::as_str));
        out.push_str(rest.get(word..other).unwrap_or_default());
        rest = rest.get(other..).unwrap_or_default();
    }
    out
}

/// A module with numbers as short as they can be, since the linker leaves room in each, and without names.
fn module(wasm: &[u8], names: &BTreeMap<String, String>) -> Outcome<Vec<u8>> {
    struct Shorten<'a>(&'a BTreeMap<String, String>);
    impl Reencode for Shorten<'_> {
        type Error = Infallible;

        fn parse_custom_section(
            &mut self,
            _: &mut Module,
            _: CustomSectionReader<'_>,
        ) -> Result<(), Error<Infallible>> {
            Ok(())
        }

        fn parse_import_section(
            &mut self,
            imports: &mut ImportSection,
            section: ImportSectionReader<'_>,
        ) -> Result<(), Error<Infallible>> {
            for import in section.into_imports() {
                let import = import?;
                let name = self.0.get(import.name).map_or(import.name, String::as_str);
                imports.import(import.module, name, self.entity_type(import.ty)?);
            }
            Ok(())
        }
    }
    let mut module = Module::new();
    let action = "shorten a part of the client";
    Shorten(names).parse_core_module(&mut module, Parser::new(0), wasm).map_err(failed(action))?;
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::{renamed, short_names};

    #[test]
    fn names_with_a_hash_become_short() {
        let script = "return { __wbg_new_0123456789abcdef: () => new Map(), __wbg_get: 1, é: '__wb' };";
        let short = renamed(script, &short_names(script));
        assert_eq!(short, "return { w0: () => new Map(), __wbg_get: 1, é: '__wb' };");
    }
}
