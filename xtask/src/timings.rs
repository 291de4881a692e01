//! Measures a rebuild after changing one file.

use std::time::Instant;

use crate::client::Profile;
use crate::database::touch;
use crate::shell::Outcome;
use crate::{cargo, client, paths};

/// What to rebuild after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rebuild {
    Server,
    Client,
}

/// One file of each kind. Change the paths if there is a better example.
const EXAMPLES: [(&str, &str, Rebuild); 3] = [
    ("a page", "src/identity/pages/mod.rs", Rebuild::Server),
    ("the queries of a room", "src/identity/server/queries/mod.rs", Rebuild::Server),
    ("an island", "src/invitations/islands/mod.rs", Rebuild::Client),
];

/// Measures every example and prints the seconds. Both builds are brought up to date first.
pub fn timings() -> Outcome {
    cargo::build_server(false)?;
    client::build(Profile::Quick)?;
    println!("Seconds to rebuild after changing");
    for (kind, path, rebuild) in EXAMPLES {
        let file = paths::root().join(path);
        if !file.exists() {
            return Err(format!("{path} does not exist. Choose another example of {kind} in timings.rs."));
        }
        touch(&file)?;
        let start = Instant::now();
        match rebuild {
            Rebuild::Server => cargo::build_server(false)?,
            Rebuild::Client => client::build(Profile::Quick)?,
        }
        println!("  {kind} ({path}): {:.1}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
