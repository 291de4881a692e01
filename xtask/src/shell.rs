//! Running programs, and saying what is going on.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a program is doing gets this long before it is ended by force.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

/// A failure is a sentence for the person at the terminal.
pub type Outcome<T = ()> = Result<T, String>;

/// Adds what was being done to an error of the operating system or a library.
pub fn failed<E: std::fmt::Display>(what: impl std::fmt::Display) -> impl FnOnce(E) -> String {
    move |error| format!("Could not {what}: {error:#}")
}

/// Announces the work, and says how long it took.
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

/// Runs a program and returns what it printed; its complaint is part of the error.
pub fn capture(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(failed(format!("start {}", name(command))))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{} failed: {}", name(command), String::from_utf8_lossy(&output.stderr).trim()))
}

/// Runs a program, passes its output on line by line, and returns it with whether the program was content.
pub fn tee(command: &mut Command) -> Outcome<(String, bool)> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed(format!("start {}", name(command))))?;
    let mut printed = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(failed("read a program's output"))?;
            let line = String::from_utf8_lossy(&line);
            // A closed terminal must not end the tests half way.
            drop(writeln!(std::io::stdout(), "{line}"));
            printed.push_str(&line);
            printed.push('\n');
        }
    }
    let status = child.wait().map_err(failed("wait for a program"))?;
    Ok((printed, status.success()))
}

/// Asks a program to end, and ends it by force when it takes its time.
pub fn end(mut child: Child) -> Outcome {
    drop(Command::new("kill").args(["-TERM", &child.id().to_string()]).status());
    let start = Instant::now();
    while start.elapsed() < GRACE {
        if child.try_wait().map_err(failed("wait for a program"))?.is_some() {
            return Ok(());
        }
        sleep(POLL);
    }
    child.kill().and_then(|()| child.wait()).map(drop).map_err(failed("end a program"))
}

fn name(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
