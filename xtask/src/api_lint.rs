//! `make api-lint`: runs Spectral on the OpenAPI document that the program prints.

use std::process::Command;

use crate::assets::write;
use crate::shell::{Outcome, capture, execute, step};
use crate::{cargo, packages, paths};

/// Every finding is an error, whatever its severity.
pub fn lint() -> Outcome {
    let mut spectral = packages::npx("spectral")?;
    step("build the server", || cargo::build_server(false))?;
    let document = paths::target().join("api/openapi.json");
    let printed = capture(Command::new(paths::server(false)).arg("openapi").current_dir(paths::root()))?;
    write(&document, printed.as_bytes())?;
    spectral.arg("lint").arg(&document).args(["--ruleset", "api/spectral.yaml", "--fail-severity", "hint"]);
    execute(&mut spectral)
}
