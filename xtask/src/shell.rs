//! Runs programs and prints progress.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a program may take to stop before it is killed.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

/// An error is a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// Prefixes an error of the operating system or a library with the failed action.
pub fn failed<E: std::fmt::Display>(action: impl std::fmt::Display) -> impl FnOnce(E) -> String {
    move |error| format!("Could not {action}: {error:#}")
}

/// Prints the name of the work, then how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("==> {name}");
    let start = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "done" } else { "failed" };
    eprintln!("    {name}: {verdict} in {:.1} s", start.elapsed().as_secs_f64());
    outcome
}

/// Runs a program that writes to the terminal itself.
pub fn execute(command: &mut Command) -> Outcome {
    let status = command.status().map_err(failed(format!("start {}", name(command))))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", name(command))) }
}

/// Runs a program and returns its standard output; its standard error is part of the error.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(failed(format!("start {}", name(command))))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{} failed: {}", name(command), String::from_utf8_lossy(&output.stderr).trim()))
}

/// Runs a program, prints its output line by line, and returns the output and whether it succeeded.
pub fn tee(command: &mut Command) -> Outcome<(String, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed(format!("start {}", name(command))))?;
    let mut printed = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(failed("read a program's output"))?;
            let line = String::from_utf8_lossy(&line);
            // A closed terminal must not abort the tests.
            drop(writeln!(std::io::stdout(), "{line}"));
            printed.push_str(&line);
            printed.push('\n');
        }
    }
    let status = child.wait().map_err(failed("wait for a program"))?;
    Ok((printed, status.success()))
}

/// Sends a program SIGTERM, and kills it if it takes too long.
pub fn end(mut child: Child) -> Outcome {
    drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).status());
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if child.try_wait().map_err(failed("wait for a program"))?.is_some() {
            return Ok(());
        }
        sleep(POLL);
    }
    child.kill().and_then(|()| child.wait()).map(drop).map_err(failed("stop a program"))
}

fn name(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
