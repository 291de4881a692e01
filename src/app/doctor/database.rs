//! The database: its version, the schema, what the application's role may do, and the clock.

use super::{Finding, queries};
use crate::server::{config::Config, db};
use sqlx::PgPool;
use time::OffsetDateTime;

const ABOUT: &str = "database";
/// Named by the migrations that the private Postgres, `.env.example` and the tests know it by.
const OLDEST: i32 = 15;
/// Connections that are left for superusers, psql and a second process.
const SPARE: i32 = 10;

/// Why no connection could be made, without what the address holds.
pub fn unreachable(error: &sqlx::Error) -> String {
    let why = match error {
        sqlx::Error::Database(refusal) => refusal.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::PoolTimedOut => "no answer within five seconds".to_owned(),
        sqlx::Error::Tls(_) => "no TLS connection could be made".to_owned(),
        _ => "the address cannot be read".to_owned(),
    };
    format!("The database cannot be reached: {why}. Check DATABASE_URL, and that Postgres is running.")
}

/// Version, schema and role, as the application's role sees them.
pub async fn database(pool: &PgPool, config: &Config) -> Vec<Finding> {
    let facts = match queries::server(pool).await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::fault(ABOUT, unreachable(&error))],
    };
    let (role, version) = (&facts.role, &facts.version);
    let mut findings = vec![if facts.version_number / 10_000 < OLDEST {
        Finding::fault(ABOUT, format!("Postgres {version} is too old; install {OLDEST} or later."))
    } else {
        Finding::well(ABOUT, format!("Postgres {version}, reached as {role}."))
    }];
    findings.push(connections(config, facts.max_connections));
    let schema = schema(pool).await;
    let is_current = schema.health == super::Health::Well;
    findings.push(schema);
    if is_current {
        findings.push(role_rights(pool).await);
    }
    findings
}

fn connections(config: &Config, most: i32) -> Finding {
    const ABOUT: &str = "connections";
    let wanted = config.database_connections;
    let room = u32::try_from(most - SPARE).unwrap_or(0);
    if wanted > room {
        return Finding::warning(
            ABOUT,
            format!(
                "DATABASE_CONNECTIONS is {wanted}, but Postgres takes {most} in all. Lower it, or raise max_connections."
            ),
        );
    }
    Finding::well(ABOUT, format!("Up to {wanted} for each process; Postgres takes {most} in all."))
}

async fn schema(pool: &PgPool) -> Finding {
    const ABOUT: &str = "schema";
    let migrate = "Run `accord migrate` with the program you serve.";
    match (db::schema_version(pool).await, db::expected_version()) {
        (Ok(Some(there)), Some(known)) if there == known => {
            Finding::well(ABOUT, format!("All migrations up to {known} are applied."))
        }
        (Ok(Some(there)), Some(known)) if there > known => Finding::fault(
            ABOUT,
            format!("The schema ({there}) is newer than this program ({known}). Install the program that made it."),
        ),
        (Ok(Some(there)), Some(known)) => {
            Finding::fault(ABOUT, format!("The schema is at {there}, this program needs {known}. {migrate}"))
        }
        _ => Finding::fault(ABOUT, format!("There is no schema yet, or this role may not read it. {migrate}")),
    }
}

/// The application should own nothing and not be able to change what happened.
async fn role_rights(pool: &PgPool) -> Finding {
    const ABOUT: &str = "role";
    let rights = match queries::rights(pool).await {
        Ok(rights) => rights,
        Err(error) => return Finding::fault(ABOUT, unreachable(&error)),
    };
    let role = &rights.role;
    let apart = "Use two roles: DATABASE_URL with accord_app, DATABASE_OWNER_URL with the owner of the tables.";
    if rights.superuser {
        Finding::warning(
            ABOUT,
            format!("{role} is a superuser: nothing protects the data from the application. {apart}"),
        )
    } else if rights.owns_tables {
        Finding::warning(ABOUT, format!("{role} owns the tables, so it could change the activity. {apart}"))
    } else if rights.changes_activity {
        Finding::warning(
            ABOUT,
            format!(
                "{role} may change the activity. As the owner: revoke update, delete, truncate on activity from {role};"
            ),
        )
    } else if !rights.works {
        Finding::fault(
            ABOUT,
            format!("{role} may not write the tables. Name the role accord_app and run `accord migrate`."),
        )
    } else {
        Finding::well(ABOUT, format!("{role} owns nothing and cannot change the activity."))
    }
}

/// Everything goes by the database's clock; certificates and logs go by the machine's.
pub async fn clock(pool: &PgPool) -> Finding {
    const ABOUT: &str = "clock";
    let asked = machine_time();
    let there = match db::database_now(pool).await {
        Ok(there) => there,
        Err(error) => return Finding::fault(ABOUT, unreachable(&error)),
    };
    // The answer is of some moment between asking and hearing.
    let here: OffsetDateTime = asked + (machine_time() - asked) / 2;
    let apart = (there - here).as_seconds_f64().abs();
    let text = format!("Database and machine are {apart:.1} s apart");
    match apart {
        0.0..2.0 => Finding::well(ABOUT, format!("{text}.")),
        2.0..60.0 => Finding::warning(ABOUT, format!("{text}. Let both follow a time server (NTP).")),
        _ => Finding::fault(
            ABOUT,
            format!("{text}: invitations and sessions end at the wrong time. Set both by a time server (NTP)."),
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "the machine's clock is what is examined")]
fn machine_time() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
