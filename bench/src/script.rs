//! Makes a pgbench script of what the server asked for one request, as the log of Postgres has it.
//!
//! The texts of the statements stay as they are; only their parameters become pgbench's, so that each run acts for
//! another buyer or seller, as each request does: a seeded id or a text that holds the number of the request follows that
//! number, an id or hash that the request made is made anew, a time is the present or as far from it as it was. All else
//! is the value that the server sent. The parameters are bound, as the server binds them.

use crate::{
    Outcome,
    postgres::Postgres,
    scenario::{Number, Scenario, kind},
};

/// A statement with its parameters; none of them: null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    sql: String,
    parameters: Vec<Option<String>>,
}

#[derive(Debug)]
pub struct Script {
    pub text: String,
    /// Variables of pgbench with the values that are the same each time.
    pub constants: Vec<(String, String)>,
    /// The statements without parameters, to tell whether two requests asked the same.
    pub texts: Vec<String>,
    pub statements: usize,
    pub commits: usize,
}

/// The statements of the application's role, in their order.
pub fn statements(log: &str) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for entry in log.split("\n@").map(|entry| entry.trim_start_matches('@').replace("\n\t", "\n")) {
        let Some((_, entry)) = entry.trim_end().split_once("accord_app@ ") else { continue };
        if let Some(said) = entry.strip_prefix("LOG:  ") {
            // Sent aside, one for all that happened in 20 milliseconds (src/server/live.rs): no part of a request.
            if said.contains("pg_notify(") {
                continue;
            }
            let sql = said
                .strip_prefix("statement: ")
                .or_else(|| said.strip_prefix("execute ")?.split_once(": ").map(|(_, sql)| sql));
            found.extend(sql.map(|sql| Statement { sql: one_line(sql), parameters: Vec::new() }));
        } else if let (Some(detail), Some(last)) = (entry.strip_prefix("DETAIL:  "), found.last_mut())
            && let Some((_, list)) = detail.split_once("arameters: ")
        {
            last.parameters = parameters(list);
        }
    }
    found
}

/// A script is read line by line, so a comment would end the statement. Ours stand on lines of their own.
fn one_line(sql: &str) -> String {
    let said = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    said.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(list: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = list;
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            found.push(None);
            rest = value.strip_prefix("NULL").unwrap_or("");
            continue;
        };
        let mut text = String::new();
        let mut left = quoted;
        rest = loop {
            let Some((part, after)) = left.split_once('\'') else { break "" };
            text.push_str(part);
            match after.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    left = more;
                }
                None => break after,
            }
        };
        found.push(Some(text));
    }
    found
}

impl Script {
    /// `number` is the request's that was recorded.
    pub fn new(statements: &[Statement], number: u64, scenario: &Scenario, postgres: &Postgres) -> Outcome<Self> {
        let mut maker = Maker {
            number,
            kind: scenario.kind,
            numbers: scenario.numbers,
            made: Vec::new(),
            constants: Vec::new(),
            known: Vec::new(),
        };
        for each in scenario.numbers {
            for session in kind::SESSIONS {
                let hash = |value: &str| format!("sha256('\\x{session:02x}{:046}'::bytea || int8send({value}))", 0);
                let value = postgres.ask(&format!("select {}", hash(&format!("{}::bigint", each.of(number)))))?;
                maker.known.push((value, hash(&format!(":{}::bigint", each.name))));
            }
        }
        let mut text = "\\set i :i + 1\n\\set q :base + :client_id * :each + :i\n".to_owned();
        text.extend(scenario.numbers.iter().map(Number::set));
        for statement in statements {
            let expressions: Outcome<Vec<String>> =
                statement.parameters.iter().map(|parameter| maker.expression(parameter.as_deref(), postgres)).collect();
            text.push_str(&filled(&statement.sql, &expressions?));
            text.push_str(";\n");
        }
        let texts: Vec<String> = statements.iter().map(|statement| statement.sql.clone()).collect();
        let commits = texts.iter().filter(|sql| sql.eq_ignore_ascii_case("commit")).count();
        Ok(Self { text, constants: maker.constants, statements: texts.len(), texts, commits })
    }
}

struct Maker<'a> {
    number: u64,
    kind: u8,
    numbers: &'a [Number],
    /// Ids and hashes that the request made, in their order.
    made: Vec<String>,
    constants: Vec<(String, String)>,
    /// Values that are known, with the expression that makes them.
    known: Vec<(String, String)>,
}

impl Maker<'_> {
    /// What stands in the script for a parameter.
    fn expression(&mut self, parameter: Option<&str>, postgres: &Postgres) -> Outcome<String> {
        let Some(value) = parameter else { return Ok("null".to_owned()) };
        if let Some((_, expression)) = self.known.iter().find(|(known, _)| known == value) {
            return Ok(expression.clone());
        }
        if let Some(hex) = value.strip_prefix("\\x") {
            return Ok(self.bytes(hex).unwrap_or_else(|| self.constant(value)));
        }
        if is_time(value) {
            let seconds =
                postgres.ask(&format!("select extract(epoch from '{value}'::timestamptz - now())::bigint"))?;
            let seconds: i64 = seconds.parse().map_err(|_| format!("{value} is no time."))?;
            let present = seconds.abs() < 60;
            return Ok(if present { "now()".to_owned() } else { format!("(now() + interval '{seconds} seconds')") });
        }
        let mut expression = self.constant(value);
        // JSON is no key: it may stay what it was.
        if !value.starts_with(['{', '[']) {
            for each in self.numbers {
                let here = each.of(self.number);
                for (there, anew) in [
                    (here.to_string(), format!(":{}::bigint::text", each.name)),
                    (format!("{here:016x}"), format!("encode(int8send(:{}::bigint), 'hex')", each.name)),
                ] {
                    if value.contains(&there) {
                        expression = format!("replace({expression}::text, '{there}', {anew})");
                    }
                }
            }
        }
        Ok(expression)
    }

    /// A seeded id, or an id or hash that was made.
    fn bytes(&mut self, hex: &str) -> Option<String> {
        let of_a_number = |each: &&Number| hex.get(2..) == Some(&format!("000000{:016x}", each.of(self.number)));
        if hex.len() == 24
            && let Some(each) = self.numbers.iter().find(of_a_number)
        {
            return Some(format!("('\\x{}000000'::bytea || int8send(:{}::bigint))", &hex[..2], each.name));
        }
        if !matches!(hex.len(), 24 | 64) {
            return None;
        }
        let place = self.made.iter().position(|made| made == hex).unwrap_or_else(|| {
            self.made.push(hex.to_owned());
            self.made.len() - 1
        });
        let number = format!("int8send(:q::bigint * 64 + {place})");
        Some(if hex.len() == 24 {
            format!("('\\x{:02x}000000'::bytea || {number})", self.kind)
        } else {
            format!("sha256('\\x{:02x}'::bytea || {number})", self.kind)
        })
    }

    fn constant(&mut self, value: &str) -> String {
        // pgbench has no empty variables.
        if value.is_empty() {
            return "''".to_owned();
        }
        let name = format!("c{}", self.constants.len());
        let here = format!(":{name}");
        self.constants.push((name, value.to_owned()));
        here
    }
}

/// `2026-11-21 12:00:00…`
fn is_time(value: &str) -> bool {
    let shape: String = value.chars().take(11).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00 "
}

/// The statement with these expressions in the places of `$1`, `$2`…
fn filled(sql: &str, expressions: &[String]) -> String {
    let mut parts = sql.split('$');
    let mut filled = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        match number.parse::<usize>().ok().and_then(|number| expressions.get(number.wrapping_sub(1))) {
            Some(expression) => filled.push_str(expression),
            None => filled.push_str(&format!("${number}")),
        }
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_becomes_one_line_without_its_comments() {
        assert_eq!(one_line("select a\n  -- why\n  from b\n"), "select a from b");
    }

    #[test]
    fn the_log_is_read_with_its_parameters_and_without_other_roles() {
        let log = "@accord_app@ LOG:  statement: BEGIN\n\
                   @accord_app@ LOG:  execute sqlx_s_12: select name\n\t  from users where id = $1 and note = $2\n\
                   @accord_app@ DETAIL:  parameters: $1 = '\\x01', $2 = 'it''s = two\n\tlines', $3 = NULL\n\
                   @postgres@ LOG:  statement: select pg_reload_conf()\n\
                   @accord_app@ LOG:  statement: COMMIT\n";
        let found = statements(log);
        let texts: Vec<_> = found.iter().map(|statement| statement.sql.as_str()).collect();
        assert_eq!(texts, ["BEGIN", "select name from users where id = $1 and note = $2", "COMMIT"]);
        let given = [Some("\\x01".to_owned()), Some("it's = two\nlines".to_owned()), None];
        assert_eq!(found[1].parameters, given);
    }

    #[test]
    fn parameters_are_filled_in_by_number() {
        let expressions: Vec<_> = (1..=11).map(|number| format!(":c{number}")).collect();
        assert_eq!(filled("select $1, $11, $1::text", &expressions), "select :c1, :c11, :c1::text");
    }

    #[test]
    fn times_are_told_from_texts() {
        assert!(is_time("2026-11-21 12:00:00.5+00"));
        assert!(!is_time("2026-11-21"));
        assert!(!is_time("We met at noon"));
    }
}
