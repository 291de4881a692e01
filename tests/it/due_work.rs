//! Due work on one invitation that fails never keeps the others waiting.

use crate::support::stage::Stage;
use time::Duration;

/// Rejects any row of this table that belongs to the invitation to this address, as a fault in its data would.
async fn break_inserts(stage: &Stage, table: &str, email: &str) {
    let id = stage.app.invitation_to(email).await;
    let statement = format!(
        "create function reject() returns trigger language plpgsql as $$ begin raise 'a bad row'; end $$;
         create trigger bad before insert on {table} for each row
             when (encode(new.invitation_id, 'hex') = '{id}') execute function reject();"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&stage.app.owner().await).await.unwrap();
}

async fn fix(stage: &Stage, table: &str) {
    let statement = format!("drop trigger bad on {table}; drop function reject();");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&stage.app.owner().await).await.unwrap();
}

/// More invitations than a batch has. The bad one expires first.
async fn many() -> Stage {
    let stage = Stage::pending().await;
    for number in 0..24 {
        stage.app.execute("update invitations set sent_at = sent_at - interval '1 minute'").await.unwrap();
        let email = format!("seller{number}@many.example");
        stage.buyer.invite(stage.flow, &email, "").await.expect(303);
    }
    stage
}

#[tokio::test]
async fn one_bad_invitation_stops_no_expiry_of_others_and_is_tried_again_with_backoff() {
    let stage = many().await;
    break_inserts(&stage, "notices", "cy@seller.example").await;
    stage.app.advance(Duration::days(15));
    stage.app.run_due().await;
    let noted = "invitations where expiry_noted_at is not null";
    assert_eq!(stage.app.count(noted).await, 24, "all but the bad one");
    assert_eq!(stage.app.count("notices where kind = 'expired'").await, 24);
    // Nothing is tried again before its time, and each time is further away.
    let failures = async || -> i32 {
        let failures = sqlx::query_scalar("select max(due_failures) from invitations");
        failures.fetch_one(&stage.app.state.pool).await.unwrap()
    };
    assert_eq!((stage.app.run_due().await, failures().await), (0, 1));
    stage.app.advance(Duration::seconds(61));
    assert_eq!((stage.app.run_due().await, failures().await), (1, 2));
    stage.app.advance(Duration::seconds(61));
    assert_eq!((stage.app.run_due().await, failures().await), (0, 2));
    fix(&stage, "notices").await;
    stage.app.advance(Duration::seconds(61));
    assert_eq!((stage.app.run_due().await, failures().await), (1, 0));
    assert_eq!(stage.app.count(noted).await, 25);
    assert_eq!(stage.app.run_due().await, 0);
}

#[tokio::test]
async fn one_bad_invitation_stops_no_reminder_of_others() {
    let stage = many().await;
    stage.app.deliver().await;
    break_inserts(&stage, "stop_links", "cy@seller.example").await;
    stage.app.advance(Duration::days(12));
    stage.app.run_due().await;
    assert_eq!(stage.app.count("invitations where reminder_mail_id is not null").await, 24);
    fix(&stage, "stop_links").await;
    stage.app.advance(Duration::minutes(2));
    stage.app.run_due().await;
    assert_eq!(stage.app.count("invitations where reminder_mail_id is not null").await, 25);
    stage.app.deliver().await;
    assert_eq!(stage.app.mails_to("cy@seller.example").await.len(), 2);
}

#[tokio::test]
async fn a_row_that_cannot_even_be_changed_stops_nothing() {
    let stage = many().await;
    let id = stage.invitation().await;
    let statement = format!(
        "create function reject() returns trigger language plpgsql as $$ begin raise 'a bad row'; end $$;
         create trigger bad before update on invitations for each row
             when (encode(old.id, 'hex') = '{id}') execute function reject();"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&stage.app.owner().await).await.unwrap();
    stage.app.advance(Duration::days(15));
    stage.app.run_due().await;
    assert_eq!(stage.app.count("invitations where expiry_noted_at is not null").await, 24);
}
