//! The outbox and its worker, against a mail server that fails in every possible way.

use crate::support::{
    TestApp,
    smtp::{Mode, SmtpSink},
};
use accord::{
    base::MailId,
    server::{
        AppState, Fault, Tx,
        mail::{self, Letter, Link, MailSecret, Outgoing, Transport, mailbox},
    },
};
use std::sync::atomic::{AtomicUsize, Ordering};
use time::Duration;
use tokio::sync::watch;

/// An outbox with its own database, configuration and transport.
struct Outbox {
    state: AppState,
    transport: Transport,
    /// Keeps the database alive.
    _app: TestApp,
}

/// The state of an email.
#[derive(Debug, PartialEq, Eq, sqlx::FromRow)]
struct MailState {
    state: String,
    reason: Option<String>,
    attempts: i32,
    holds_secret: bool,
}

impl Outbox {
    /// Without a URL, emails go to the development mailbox.
    async fn open(smtp_url: Option<&str>) -> Self {
        let variable = smtp_url.map(|url| ("SMTP_URL", url));
        let app = TestApp::start_with(variable.as_slice()).await;
        Self { state: app.state.clone(), transport: app.transport.clone(), _app: app }
    }

    async fn queue(&self, to: &'static str) -> MailId {
        let cx = self.state.system().await.unwrap();
        cx.write(to, |tx, to| Box::pin(async move { mail::queue(tx, invitation(to)).await })).await.unwrap()
    }

    async fn deliver(&self) -> usize {
        mail::deliver_due(&self.state, &self.transport).await.unwrap()
    }

    async fn mail_state(&self, id: MailId) -> MailState {
        sqlx::query_as(
            "select state, reason, attempts, sealed_secret is not null as holds_secret from mails where id = $1",
        )
        .bind(id)
        .fetch_one(&self.state.pool)
        .await
        .unwrap()
    }

    async fn assert_queued(&self, id: MailId, attempts: i32, reason: &str) {
        let reason = Some(reason.to_owned());
        assert_eq!(
            self.mail_state(id).await,
            MailState { state: "queued".to_owned(), reason, attempts, holds_secret: true }
        );
    }

    async fn assert_sent(&self, id: MailId, attempts: i32) {
        let sent = MailState { state: "sent".to_owned(), reason: None, attempts, holds_secret: false };
        assert_eq!(self.mail_state(id).await, sent);
    }

    async fn assert_failed(&self, id: MailId, attempts: i32, reason: &str) {
        let reason = Some(reason.to_owned());
        assert_eq!(
            self.mail_state(id).await,
            MailState { state: "failed".to_owned(), reason, attempts, holds_secret: false }
        );
    }
}

fn invitation(to: &str) -> Outgoing {
    let letter = Letter::new("Invitation to supply leads", "Acme invites you")
        .text(".\nA line that is a lone dot must arrive")
        .button("Open the invitation", Link::secret("/i/"))
        .why("Acme invited you.");
    Outgoing {
        to: to.to_owned(),
        to_name: "Bo".to_owned(),
        reply_to: Some("ann@buyer.example".to_owned()),
        letter,
        secret: Some(MailSecret { link: "5ec3e7".to_owned(), stop: None }),
    }
}

fn message_id(source: &str) -> &str {
    source.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap()
}

async fn until(condition: impl AsyncFn() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.unwrap();
}

#[tokio::test]
async fn an_email_arrives_with_its_link_and_its_secret_is_wiped() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    let id = outbox.queue("bo@seller.example").await;
    assert_eq!(outbox.deliver().await, 1);
    outbox.assert_sent(id, 1).await;
    assert_eq!(outbox.deliver().await, 0);
    let mails = sink.mails();
    let [source] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(message_id(source), format!("<{id}@accord.example>"));
    for line in [
        "To: \"Bo\" <bo@seller.example>",
        "Reply-To: ann@buyer.example",
        "Auto-Submitted: auto-generated",
        "https://accord.example/i/5ec3e7",
        "A line that is a lone dot must arrive",
    ] {
        assert!(
            source.lines().any(|known| known == line || known.replace('"', "") == line.replace('"', "")),
            "{line}: {source}"
        );
    }
}

#[tokio::test]
async fn a_failed_transaction_queues_no_email() {
    let outbox = Outbox::open(None).await;
    let cx = outbox.state.system().await.unwrap();
    let done: Result<MailId, Fault> = cx
        .write((), |tx: &mut Tx, ()| {
            Box::pin(async move {
                mail::queue(tx, invitation("bo@seller.example")).await?;
                Err(Fault::NOT_FOUND)
            })
        })
        .await;
    assert!(done.is_err());
    assert_eq!(outbox.deliver().await, 0);
}

#[tokio::test]
async fn a_temporary_failure_is_retried_until_the_email_is_sent() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    sink.set(Mode::Temporary);
    let id = outbox.queue("bo@seller.example").await;
    assert_eq!(outbox.deliver().await, 1);
    outbox.assert_queued(id, 1, "The mail server asked us to try again later (451).").await;
    sink.set(Mode::Accept);
    assert_eq!(outbox.deliver().await, 0);
    outbox.state.clock.advance(Duration::seconds(15));
    assert_eq!(outbox.deliver().await, 1);
    outbox.assert_sent(id, 2).await;
}

#[tokio::test]
async fn a_permanent_failure_is_final_and_the_servers_reply_is_not_quoted() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    sink.set(Mode::Permanent);
    let id = outbox.queue("bo@seller.example").await;
    outbox.deliver().await;
    outbox.assert_failed(id, 1, "The mail server rejected this address or email (550).").await;
    outbox.state.clock.advance(Duration::days(1));
    assert_eq!(outbox.deliver().await, 0);
}

#[tokio::test]
async fn an_email_sent_twice_has_the_same_message_id() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    sink.set(Mode::DropAfterData);
    let id = outbox.queue("bo@seller.example").await;
    outbox.deliver().await;
    outbox.assert_queued(id, 1, "The mail server cannot be reached.").await;
    sink.set(Mode::Accept);
    outbox.state.clock.advance(Duration::minutes(1));
    outbox.deliver().await;
    outbox.assert_sent(id, 2).await;
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(message_id(&mails[0]), message_id(&mails[1]));
}

#[tokio::test]
async fn sending_to_an_unreachable_server_is_retried_for_three_days() {
    let outbox = Outbox::open(Some("smtp://127.0.0.1:1")).await;
    let id = outbox.queue("bo@seller.example").await;
    for attempt in 1..=5 {
        assert_eq!(outbox.deliver().await, 1);
        outbox.assert_queued(id, attempt, "The mail server cannot be reached.").await;
        outbox.state.clock.advance(Duration::hours(2));
    }
    outbox.state.clock.advance(Duration::days(3));
    assert_eq!(outbox.deliver().await, 1);
    outbox.assert_failed(id, 6, "The mail server did not accept this email within three days.").await;
}

#[tokio::test]
async fn a_server_reply_that_makes_the_client_panic_costs_one_attempt() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    sink.set(Mode::MalformedHello);
    let id = outbox.queue("bo@seller.example").await;
    outbox.deliver().await;
    outbox.assert_queued(id, 1, "Something went wrong on our side.").await;
    sink.set(Mode::Accept);
    outbox.state.clock.advance(Duration::minutes(1));
    outbox.deliver().await;
    outbox.assert_sent(id, 2).await;
}

#[tokio::test]
async fn an_unreadable_letter_does_not_block_others() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    let [bad, good] = [outbox.queue("bo@seller.example").await, outbox.queue("cy@seller.example").await];
    sqlx::query("update mails set letter = '{}' where id = $1").bind(bad).execute(&outbox.state.pool).await.unwrap();
    assert_eq!(outbox.deliver().await, 2);
    outbox.assert_queued(bad, 1, "Something went wrong on our side.").await;
    outbox.assert_sent(good, 1).await;
}

#[tokio::test]
async fn a_withdrawn_email_is_not_sent() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    let id = outbox.queue("bo@seller.example").await;
    mail::withdraw(&mut outbox.state.pool.acquire().await.unwrap(), &[id]).await.unwrap();
    assert_eq!(outbox.deliver().await, 0);
    outbox.assert_failed(id, 0, "Withdrawn before it was sent.").await;
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn an_email_of_a_killed_worker_is_sent_later() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    sink.set(Mode::Silent);
    let id = outbox.queue("bo@seller.example").await;
    let (_keep, stop) = watch::channel(false);
    let worker = tokio::spawn(mail::run(outbox.state.clone(), outbox.transport.clone(), stop, None));
    until(async || sink.connections() > 0).await;
    worker.abort();
    sink.set(Mode::Accept);
    assert_eq!(outbox.deliver().await, 0);
    outbox.state.clock.advance(Duration::minutes(3));
    assert_eq!(outbox.deliver().await, 1);
    outbox.assert_sent(id, 2).await;
}

#[tokio::test]
async fn the_worker_wakes_for_a_queued_email_reports_it_and_stops_on_request() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    let (stopper, stop) = watch::channel(false);
    let after: mail::AfterMail = |_, _| {
        Box::pin(async {
            REPORTED.fetch_add(1, Ordering::Relaxed);
        })
    };
    let worker = tokio::spawn(mail::run(outbox.state.clone(), outbox.transport.clone(), stop, Some(after)));
    let id = outbox.queue("bo@seller.example").await;
    until(async || REPORTED.load(Ordering::Relaxed) == 1).await;
    outbox.assert_sent(id, 1).await;
    stopper.send(true).unwrap();
    worker.await.unwrap();
}

#[tokio::test]
async fn parallel_workers_send_each_email_once() {
    let sink = SmtpSink::start();
    let outbox = Outbox::open(Some(&sink.url())).await;
    for _ in 0..30 {
        outbox.queue("bo@seller.example").await;
    }
    let work = async || while outbox.deliver().await > 0 {};
    tokio::join!(work(), work(), work(), work());
    let mails = sink.mails();
    let mut ids: Vec<_> = mails.iter().map(|source| message_id(source)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((mails.len(), ids.len()), (30, 30));
}

#[tokio::test]
async fn without_a_mail_server_emails_are_kept_newest_first() {
    let outbox = Outbox::open(None).await;
    outbox.queue("bo@seller.example").await;
    outbox.deliver().await;
    outbox.state.clock.advance(Duration::minutes(1));
    let id = outbox.queue("cy@seller.example").await;
    outbox.deliver().await;
    outbox.assert_sent(id, 1).await;
    let mut conn = outbox.state.pool.acquire().await.unwrap();
    let kept = mailbox::list(&mut conn, 10).await.unwrap();
    assert_eq!(
        kept.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["cy@seller.example", "bo@seller.example"]
    );
    assert_eq!(kept[0].links, ["https://accord.example/i/5ec3e7"]);
    assert!(kept[0].source.contains("Auto-Submitted: auto-generated"));
    assert_eq!(kept[0].json()["subject"], "Invitation to supply leads");
    assert_eq!(mailbox::find(&mut conn, id).await.unwrap().as_ref(), Some(&kept[0]));
}
