//! `accord account create`, `plan` and `list`: the operator's commands for accounts.

use crate::{
    accounts::{
        model::Plan,
        server::{self as accounts, NewAccount, queries::AccountSummary},
    },
    base::{AccountId, EmailAddress, Secret},
    identity::server::{self as identity, parse::Newcomer},
    server::{
        AppState, Fault,
        commands::{self, Database, Failure},
        config::Config,
    },
};
use serde_json::json;
use std::io::BufRead;

/// The arguments of `accord account create`.
#[derive(Debug)]
pub struct AccountArgs {
    pub company: String,
    pub name: String,
    pub email: String,
    pub password: Secret,
    pub plan: String,
    pub trustedform: bool,
}

impl AccountArgs {
    /// Validates the arguments and reports all invalid ones together.
    pub fn parse(&self) -> Result<(Newcomer, NewAccount), Failure> {
        let plan = parse_plan(&self.plan)?;
        let newcomer = Newcomer::parse(&self.name, &self.company, &self.email, self.password.reveal())
            .map_err(|fault| message(&fault))?;
        let account = NewAccount { name: newcomer.company.clone(), plan, trustedform: self.trustedform };
        Ok((newcomer, account))
    }
}

fn parse_plan(word: &str) -> Result<Option<Plan>, Failure> {
    match word {
        "none" => Ok(None),
        word => Ok(Some(Plan::parse(word).ok_or("--plan must be base, pro, partners or none.")?)),
    }
}

/// The message for a fault. Invalid arguments get one line each.
pub fn message(fault: &Fault) -> String {
    match fault {
        Fault::Expected(error) if !error.field_errors().is_empty() => {
            let each =
                error.field_errors().iter().map(|error| format!("--{}: {}", error.field, error.problem.sentence()));
            each.collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// The password of a new account: the argument, which others on the machine can see; for `-` the first line of `input`;
/// without an argument the value of `ACCORD_PASSWORD`.
pub fn password(
    argument: Option<String>,
    variable: Option<String>,
    mut input: impl BufRead,
) -> Result<Secret, Failure> {
    match argument.as_deref() {
        Some("-") => {
            let mut line = String::new();
            input.read_line(&mut line)?;
            Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
        }
        Some(password) => Ok(Secret::new(password)),
        None => Ok(Secret::new(
            variable
                .ok_or("Set ACCORD_PASSWORD, or use --password - and enter the password as the first line of input.")?,
        )),
    }
}

/// Creates an account. Prints one JSON object on the last line.
pub async fn create_account(config: Config, new: AccountArgs) -> Result<(), Failure> {
    let (newcomer, account) = new.parse()?;
    let (database, state) = open(config).await?;
    let cx = state.system().await.map_err(|fault| message(&fault))?;
    let (account_id, user_id, key) =
        identity::create_with_account(&cx, newcomer, account).await.map_err(|fault| message(&fault))?;
    println!("{}", json!({ "account_id": account_id, "user_id": user_id, "api_key": key.reveal() }));
    close(database, state).await
}

/// Sets an account's plan. Prints the old and the new one.
pub async fn set_plan(config: Config, account: &str, plan: &str, trustedform: bool) -> Result<(), Failure> {
    let plan = parse_plan(plan)?;
    let (database, state) = open(config).await?;
    let result = change_plan(&state, account, plan, trustedform).await;
    close(database, state).await?;
    println!("{}", result?);
    Ok(())
}

/// Sets or removes the LeadConduit plan of an account, given by its id or by an Admin's email. Returns a line with the
/// old and the new plan.
pub async fn change_plan(
    state: &AppState,
    account: &str,
    plan: Option<Plan>,
    trustedform: bool,
) -> Result<String, Failure> {
    let account_id = find(state, account).await?;
    let cx = state.system().await.map_err(|fault| message(&fault))?;
    let input = (account_id, plan, trustedform);
    let changed = cx
        .write(input, |tx, (id, plan, trustedform)| {
            Box::pin(async move {
                let changed = accounts::change_plan(tx, id, plan).await?;
                if trustedform && changed.is_some() {
                    accounts::add_trustedform(tx, id).await?;
                }
                Ok(changed)
            })
        })
        .await;
    let (name, before) = match changed {
        Ok(Some(changed)) => changed,
        Ok(None) => return Err(format!("There is no account {account_id}.").into()),
        Err(fault) => return Err(message(&fault).into()),
    };
    let (old, new) = (plan_name(before), plan_name(plan));
    Ok(if before == plan {
        format!("{name} ({account_id}) already has {new}.")
    } else {
        format!("{name} ({account_id}) had {old} and now has {new}.")
    })
}

fn plan_name(plan: Option<Plan>) -> &'static str {
    plan.map_or("no LeadConduit", Plan::word)
}

async fn find(state: &AppState, account: &str) -> Result<AccountId, Failure> {
    if let Ok(id) = account.parse() {
        return Ok(id);
    }
    let address = EmailAddress::parse(account)
        .map_err(|_| "--account must be an account's id or the email address of an Admin.")?;
    let mut conn = state.pool.acquire().await?;
    let found =
        accounts::queries::list_administered(&mut conn, address.key()).await.map_err(|fault| message(&fault))?;
    match found.as_slice() {
        [] => Err(format!("{} is not an Admin of any account.", address.shown()).into()),
        [(id, _)] => Ok(*id),
        several => {
            let lines = several.iter().map(|(id, name)| format!("\n  {id}  {name}")).collect::<String>();
            Err(format!("{} is an Admin of several accounts. Use an id:{lines}", address.shown()).into())
        }
    }
}

/// Prints one line per account, the newest last.
pub async fn list(config: Config) -> Result<(), Failure> {
    let (database, state) = open(config).await?;
    let listed = {
        let mut conn = state.pool.acquire().await?;
        accounts::queries::list_accounts(&mut conn).await.map_err(|fault| message(&fault))?
    };
    for AccountSummary { id, name, plan, trustedform, members, admin } in listed {
        let plan = plan.map_or("none", Plan::as_str);
        let product = if trustedform { "+trustedform" } else { "" };
        let admin = admin.unwrap_or_else(|| "no Admin".to_owned());
        println!("{id}  {:21} {members:4}  {name} ({admin})", format!("{plan}{product}"));
    }
    close(database, state).await
}

async fn open(config: Config) -> Result<(Database, AppState), Failure> {
    let database = Database::open(&config).await?;
    let state = commands::state(config, &database).await?;
    Ok((database, state))
}

async fn close(database: Database, state: AppState) -> Result<(), Failure> {
    state.close().await;
    database.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_comes_from_the_argument_the_input_or_the_environment() {
        let given = |argument: Option<&str>, variable: Option<&str>| {
            let found = password(argument.map(str::to_owned), variable.map(str::to_owned), &b"typed here \r\nmore"[..]);
            found.map(|secret| secret.reveal().to_owned()).map_err(|failure| failure.to_string())
        };
        assert_eq!(given(Some("on the line"), None).unwrap(), "on the line");
        assert_eq!(given(Some("-"), Some("unused")).unwrap(), "typed here ");
        assert_eq!(given(None, Some("from there")).unwrap(), "from there");
        assert!(given(None, None).unwrap_err().contains("ACCORD_PASSWORD"));
    }
}
