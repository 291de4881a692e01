//! How long one waits after changing one file.

use std::time::Instant;

use crate::client::Profile;
use crate::database::touch;
use crate::shell::Outcome;
use crate::{cargo, client, place};

/// What is built again after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rebuild {
    Server,
    Client,
}

/// One file of each kind; change the paths when a better example comes up.
const EXAMPLES: [(&str, &str, Rebuild); 3] = [
    ("a page", "src/identity/pages/mod.rs", Rebuild::Server),
    ("the queries of a room", "src/identity/server/queries/mod.rs", Rebuild::Server),
    ("an island", "src/invitations/islands/mod.rs", Rebuild::Client),
];

/// Measures every example and prints the seconds. Both builds must be current before the clock starts.
pub fn timings() -> Outcome {
    cargo::build_server(false)?;
    client::build(Profile::Quick)?;
    println!("Seconds to build again after a change of");
    for (what, path, rebuild) in EXAMPLES {
        let file = place::root().join(path);
        if !file.exists() {
            return Err(format!("{path} is not there: name another example of {what}"));
        }
        touch(&file)?;
        let start = Instant::now();
        match rebuild {
            Rebuild::Server => cargo::build_server(false)?,
            Rebuild::Client => client::build(Profile::Quick)?,
        }
        println!("  {what} ({path}): {:.1}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
