//! Failed tests and what they said, for the end of the output: that is what is left when a log is cut.

/// How many lines of one error are printed, and how many characters of a line: an assertion can show a whole page.
const LINES: usize = 12;
const CHARACTERS: usize = 300;

/// A failed test with the first lines of its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub test: String,
    pub error: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "  {}", self.test)?;
        self.error.iter().try_for_each(|line| write!(f, "\n      {line}"))
    }
}

impl Failure {
    /// Takes the first lines that say something, without colours and without the calls that led there.
    pub fn new(test: impl Into<String>, error: &str) -> Self {
        let plain = without_colours(error);
        let lines = plain.lines().take_while(|line| *line != "stack backtrace:").map(str::trim_end);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("note: run with"));
        let error = lines.take(LINES).map(|line| line.chars().take(CHARACTERS).collect()).collect();
        Self { test: test.into(), error }
    }

    /// A program that failed without a failed test: its last lines are all that is known.
    pub fn of_program(name: &str, printed: &str) -> Self {
        let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
        Self::new(name, &lines[lines.len().saturating_sub(LINES)..].join("\n"))
    }
}

/// The failed tests in the output of `cargo test`, each with what it printed from its first panic on.
pub fn of_cargo(printed: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    for line in printed.lines() {
        let test = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... FAILED"));
        if let Some((test, _)) = test {
            failures.push(Failure::new(test, &output_of(test, printed)));
        }
    }
    failures
}

/// What a failed test printed. The block ends where that of the next test begins, or the list of names.
fn output_of(test: &str, printed: &str) -> String {
    let heading = format!("---- {test} stdout ----");
    let mut block = printed.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !ends_block(line));
    let mut before = Vec::new();
    for line in block.by_ref() {
        if line.starts_with("thread '") && line.contains("panicked at") {
            return std::iter::once(line).chain(block).collect::<Vec<_>>().join("\n");
        }
        before.push(line);
    }
    before.join("\n")
}

fn ends_block(line: &str) -> bool {
    line == "failures:" || (line.starts_with("---- ") && line.ends_with(" stdout ----"))
}

/// Removes the sequences that colour text in a terminal: escape, `[`, parameters, a letter.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|character: char| character.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
running 3 tests
test a ... ok <0.250s>
test rooms::b ... FAILED <1.500s>
test c ... FAILED

failures:

---- rooms::b stdout ----
a line of the log

thread 'rooms::b' (4711) panicked at tests/it/rooms.rs:3:5:
assertion `left == right` failed: the count
  left: 1
 right: 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
stack backtrace:
   0: it::rooms::b
stack backtrace:
   0: it::rooms::b

---- c stdout ----
Error: Missing

failures:
    rooms::b
    c

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn each_failed_test_of_cargo_is_listed_with_its_panic_or_its_output() {
        let failures = of_cargo(PRINTED);
        assert_eq!(failures.iter().map(|failure| failure.test.as_str()).collect::<Vec<_>>(), ["rooms::b", "c"]);
        assert_eq!(
            failures[0].to_string(),
            "  rooms::b\n      thread 'rooms::b' (4711) panicked at tests/it/rooms.rs:3:5:\
             \n      assertion `left == right` failed: the count\n        left: 1\n       right: 2"
        );
        assert_eq!(failures[1].error, ["Error: Missing"]);
    }

    #[test]
    fn a_failed_test_without_output_is_listed_by_name() {
        assert_eq!(of_cargo("test a ... FAILED\n"), [Failure { test: "a".into(), error: Vec::new() }]);
    }

    #[test]
    fn errors_are_cut_and_lose_their_colours() {
        let long = format!(
            "\u{1b}[2mexpect(\u{1b}[22m\u{1b}[31mlocator\u{1b}[39m)\n\n{}\n{}",
            "é".repeat(999),
            "x\n".repeat(30)
        );
        let failure = Failure::new("a", &long);
        assert_eq!(failure.error.len(), LINES);
        assert_eq!(failure.error[0], "expect(locator)");
        assert_eq!(failure.error[1], "é".repeat(CHARACTERS));
    }

    #[test]
    fn a_program_that_crashed_is_listed_with_its_last_lines() {
        let printed = format!("{}killed by signal 9\n", "a line\n".repeat(30));
        let failure = Failure::of_program("it", &printed);
        assert_eq!(
            (failure.error.len(), failure.error.last().map(String::as_str)),
            (LINES, Some("killed by signal 9"))
        );
    }
}
