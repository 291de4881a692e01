//! Only the database defines the conditions of derived state. Queries use its views and functions.

use super::{Source, lines_with, rank};

/// Conditions that migration 0016 defines once: whether a connection is live, the status of an invitation, and which
/// invitation is the latest.
const DERIVED: [&str; 8] = [
    "disconnected_at is null",
    "superseded_at is null",
    "state = 'pending'",
    "state <> 'pending'",
    "expires_at <= $",
    "expires_at > $",
    "from invitations where entity_id",
    "newer.id >",
];

/// The lines that need the columns themselves: file, part of the line, and reason.
const UNDERIVED: [(&str, &str, &str); 9] = [
    ("entities/server/queries/connections.rs", "set connected_at = case when", "brings a connection back"),
    ("entities/server/queries/connections.rs", "update connections set disconnected_at", "ends a connection"),
    ("reports/server/connections.rs", "(c.direction = 'seller' or", "lists ended connections too"),
    ("reports/server/connections.rs", "(disconnected_at is null) = $3", "lists live or ended ones by a parameter"),
    ("invitations/server/queries/changes.rs", "update invitation_tokens set", "replaces links"),
    ("invitations/server/queries/team_invites.rs", "update invitations set superseded_at", "replaces an invitation"),
    ("invitations/server/queries/recipients.rs", "kind = 'recipient'", "the latest of one direction only"),
    ("invitations/server/queries/partners.rs", "state = 'pending' order by id for update", "locks replaced ones too"),
    ("invitations/server/queries/list.rs", "email_key = $1 and state = 'pending'", "narrows by an index, then checks"),
];

#[test]
fn derived_state_is_read_through_its_views_and_functions() {
    let rooms = |source: &Source| rank(source.room()).is_some_and(|rank| rank > 2);
    let lines = lines_with(&DERIVED, rooms);
    let is_allowed = |line: &&String| {
        UNDERIVED.iter().any(|(path, part, _)| line.starts_with(&format!("{path}: ")) && line.contains(part))
    };
    let wrong: Vec<_> = lines.iter().filter(|line| !is_allowed(line)).collect();
    assert!(wrong.is_empty(), "use the views and functions of migrations/0016_derived_state.sql: {wrong:#?}");
    for (path, part, _) in UNDERIVED {
        assert!(
            lines.iter().any(|line| line.starts_with(path) && line.contains(part)),
            "{path} no longer needs {part}"
        );
    }
}
