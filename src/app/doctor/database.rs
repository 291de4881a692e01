//! Checks the database: version, connections, schema, the application's role, and the clock.

use super::{Finding, queries};
use crate::server::{config::Config, db, rights, throttle};
use sqlx::PgPool;
use time::OffsetDateTime;

const ABOUT: &str = "database";
/// The oldest supported major version of Postgres.
const OLDEST: i32 = 15;
/// Connections left for superusers, psql and a second process.
const RESERVED: i32 = 10;

/// Why the connection failed, without revealing anything from the database URL.
pub fn unreachable(error: &sqlx::Error) -> String {
    let why = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => "no response within five seconds".to_owned(),
        sqlx::Error::Tls(_) => "the TLS connection failed".to_owned(),
        _ => "the URL is not valid".to_owned(),
    };
    format!("Cannot reach the database: {why}. Check DATABASE_URL, and that Postgres is running.")
}

/// Checks version, connections, schema and role, connected as the application's role.
pub async fn database(pool: &PgPool, config: &Config) -> Vec<Finding> {
    let facts = match queries::server(pool).await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::fault(ABOUT, unreachable(&error))],
    };
    let (role, version) = (&facts.role, &facts.version);
    let mut findings = vec![if facts.version_number / 10_000 < OLDEST {
        Finding::fault(ABOUT, format!("Postgres {version} is too old. Install {OLDEST} or later."))
    } else {
        Finding::ok(ABOUT, format!("Postgres {version}, connected as {role}."))
    }];
    findings.push(connections(config, facts.max_connections));
    let schema = schema(pool).await;
    let is_current = schema.health == super::Health::Ok;
    findings.push(schema);
    if is_current {
        findings.push(role_rights(pool).await);
    }
    findings
}

fn connections(config: &Config, max: i32) -> Finding {
    const ABOUT: &str = "connections";
    let wanted =
        config.database_connections + config.submission_connections + throttle::CONNECTIONS + rights::CONNECTIONS;
    let available = u32::try_from(max - RESERVED).unwrap_or(0);
    if wanted > available {
        return Finding::warning(
            ABOUT,
            format!(
                "DATABASE_CONNECTIONS and SUBMISSION_CONNECTIONS are {} and {}, so each process uses up to {wanted}, but Postgres allows {max} in total. Lower them, or raise max_connections.",
                config.database_connections, config.submission_connections
            ),
        );
    }
    Finding::ok(ABOUT, format!("Up to {wanted} per process. Postgres allows {max} in total."))
}

async fn schema(pool: &PgPool) -> Finding {
    const ABOUT: &str = "schema";
    let migrate = "Run `accord migrate` with this version of the program.";
    match (db::schema_version(pool).await, db::expected_version()) {
        (Ok(Some(applied)), Some(known)) if applied == known => {
            Finding::ok(ABOUT, format!("All migrations up to {known} are applied."))
        }
        (Ok(Some(applied)), Some(known)) if applied > known => Finding::fault(
            ABOUT,
            format!("The schema ({applied}) is newer than this program ({known}). Install a newer version of Accord."),
        ),
        (Ok(Some(applied)), Some(known)) => {
            Finding::fault(ABOUT, format!("The schema is at {applied}, but this program needs {known}. {migrate}"))
        }
        _ => Finding::fault(ABOUT, format!("There is no schema yet, or this role cannot read it. {migrate}")),
    }
}

/// The application's role should own nothing and not be able to change the activity.
async fn role_rights(pool: &PgPool) -> Finding {
    const ABOUT: &str = "role";
    let rights = match queries::rights(pool).await {
        Ok(rights) => rights,
        Err(error) => return Finding::fault(ABOUT, unreachable(&error)),
    };
    let role = &rights.role;
    let fix = "Use two roles: DATABASE_URL with accord_app, DATABASE_OWNER_URL with the owner of the tables.";
    if rights.superuser {
        Finding::warning(
            ABOUT,
            format!("{role} is a superuser, so nothing protects the data from the application. {fix}"),
        )
    } else if rights.owns_tables {
        Finding::warning(ABOUT, format!("{role} owns the tables, so it could change the activity. {fix}"))
    } else if rights.changes_activity {
        Finding::warning(
            ABOUT,
            format!(
                "{role} can change the activity. As the owner, run: revoke update, delete, truncate on activity from {role};"
            ),
        )
    } else if !rights.works {
        Finding::fault(
            ABOUT,
            format!("{role} cannot write to the tables. Name the role accord_app and run `accord migrate`."),
        )
    } else {
        Finding::ok(ABOUT, format!("{role} owns nothing and cannot change the activity."))
    }
}

/// Next week's leads should have a partition, and the default partition should be empty: what it holds is read for every
/// list, and its old leads are removed row by row.
pub async fn partitions(pool: &PgPool) -> Finding {
    const ABOUT: &str = "partitions";
    let found = match queries::partitions(pool).await {
        Ok(found) => found,
        Err(error) => return Finding::fault(ABOUT, unreachable(&error)),
    };
    let worker = "Start `accord worker`, or `accord serve` without --no-worker, and look for errors in its log.";
    if found.is_moving {
        Finding::warning(ABOUT, "Leads are being moved out of the default partition. Keep the worker running.")
    } else if !found.has_next_week {
        Finding::warning(ABOUT, format!("There is no partition for the leads of next week. {worker}"))
    } else if found.default_has_rows {
        Finding::warning(
            ABOUT,
            format!(
                "The default partition of leads holds rows. Due work moves those with ids from 2015 to 2099; others stay there. {worker}"
            ),
        )
    } else {
        Finding::ok(ABOUT, format!("{} for leads, and one for next week.", found.weeks))
    }
}

/// Compares the clocks: Accord uses the database's, while certificates and logs use the machine's.
pub async fn clock(pool: &PgPool) -> Finding {
    const ABOUT: &str = "clock";
    let sent_at = machine_time();
    let database = match db::database_now(pool).await {
        Ok(database) => database,
        Err(error) => return Finding::fault(ABOUT, unreachable(&error)),
    };
    // The database read its clock somewhere between the request and the response.
    let machine: OffsetDateTime = sent_at + (machine_time() - sent_at) / 2;
    let difference = (database - machine).as_seconds_f64().abs();
    let text = format!("The clocks of database and machine differ by {difference:.1} s");
    match difference {
        0.0..2.0 => Finding::ok(ABOUT, format!("{text}.")),
        2.0..60.0 => Finding::warning(ABOUT, format!("{text}. Synchronize both with a time server (NTP).")),
        _ => Finding::fault(
            ABOUT,
            format!(
                "{text}, so invitations and sessions expire at the wrong time. Synchronize both with a time server (NTP)."
            ),
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "this checks the machine's clock")]
fn machine_time() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
