//! Operations on the same rows take their locks in one order (docs/architecture.md, *Lock order*), so none of them
//! deadlocks. Each test stops two operations at a lock held by a third transaction, and releases it once both wait.

use crate::support::{
    Actor, Response, TestApp,
    app::PASSWORD,
    people::retries,
    stage::{SELLER, Stage},
};
use accord::base::{FlowId, InvitationId, PartnerId, SourceId, paths};
use futures::future::join_all;
use sqlx::{Postgres, Transaction};

/// A lock held by a third transaction.
struct HeldLock(Transaction<'static, Postgres>);

impl HeldLock {
    async fn take(app: &TestApp, rows: &'static str) -> Self {
        let mut transaction = app.state.pool.begin().await.unwrap();
        let query = format!("select id from {rows} for update");
        let held = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut *transaction).await.unwrap();
        assert!(!held.is_empty(), "{rows}");
        Self(transaction)
    }

    async fn release(self) {
        self.0.rollback().await.unwrap();
    }
}

/// Waits until this number of transactions wait for a lock.
async fn wait_for_waiters(app: &TestApp, count: i64) {
    let waiting = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..20_000 {
        if app.count(waiting).await == count {
            return;
        }
    }
    panic!("{} transactions wait, not {count}", app.count(waiting).await);
}

/// Runs two operations: the second starts once the first waits for the lock. Asserts that no transaction was retried.
async fn run_crossed(
    app: &TestApp,
    rows: &'static str,
    first: impl Future<Output = Response>,
    second: impl Future<Output = Response>,
) -> (Response, Response) {
    let lock = HeldLock::take(app, rows).await;
    let second = async {
        wait_for_waiters(app, 1).await;
        second.await
    };
    let clear = async {
        wait_for_waiters(app, 2).await;
        lock.release().await;
    };
    let ((first, second, ()), retried) = retries(async { tokio::join!(first, second, clear) }).await;
    assert_eq!(retried, 0, "a deadlock: {} | {}", first.text(), second.text());
    (first, second)
}

#[tokio::test]
async fn two_invitations_moved_to_each_others_address_do_not_deadlock() {
    let stage = Stage::pending().await;
    stage.buyer.invite(stage.flow, "di@harbor.example", "").await.expect(303);
    let ids = sqlx::query_scalar("select id from invitations order by id").fetch_all(&stage.app.state.pool);
    let ids: Vec<InvitationId> = ids.await.unwrap();
    let (first, second) = run_crossed(
        &stage.app,
        "invitations order by id",
        stage.buyer.readdress(ids[0], "di@harbor.example"),
        stage.buyer.readdress(ids[1], SELLER),
    )
    .await;
    first.expect(409);
    second.expect(409);
}

#[tokio::test]
async fn a_merging_acceptance_and_assigning_one_of_its_sources_do_not_deadlock() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.app.partner_linked_to(seller.account()).await;
    let found = other_source(&stage, SELLER).await;
    stage.buyer.unassign(partner, &[found]).await.expect(303);
    stage.buyer.remove_partner(partner).await.expect(303);
    other_source(&stage, "di@other.example").await;
    let invitation = seller.open_link(&stage.app.link_to("di@other.example").await).await;
    let (accepted, assigned) = run_crossed(
        &stage.app,
        "partners where linked_account_id is not null",
        seller.accept_confirmed(invitation),
        stage.buyer.assign(partner, &[found]),
    )
    .await;
    accepted.expect(303);
    assigned.expect(303);
    assert_eq!(stage.app.partner_of(found).await, Some(partner));
    assert!(!stage.app.partner(partner).await.archived);
}

#[tokio::test]
async fn a_partner_taking_over_an_address_and_removing_its_former_partner_do_not_deadlock() {
    let stage = Stage::pending().await;
    let former = stage.partner().await;
    stage.buyer.revoke(stage.invitation().await).await.expect(303);
    let chosen = stage.buyer.create_partner("Harbor Group").await;
    let (taken, removed) = run_crossed(
        &stage.app,
        "partners where not named_by_hand",
        stage.buyer.connect(chosen, SELLER),
        stage.buyer.remove_partner(former),
    )
    .await;
    taken.expect(303);
    removed.expect(303);
    assert_eq!(stage.app.partner_of(stage.source).await, Some(chosen));
    assert!(stage.app.partner(former).await.archived);
}

#[tokio::test]
async fn using_a_duplicate_instead_and_assigning_both_do_not_deadlock() {
    let (stage, seller) = Stage::connected().await;
    let partner = stage.app.partner_linked_to(seller.account()).await;
    stage.buyer.invite(stage.flow, "di@other.example", "").await.expect(303);
    let invitation = seller.open_link(&stage.app.link_to("di@other.example").await).await;
    seller.accept_confirmed(invitation).await.expect(303);
    let rows = stage.buyer.sources(stage.flow).await;
    let [older, newer] = [true, false].map(|is| rows.iter().find(|row| (row.id == stage.source) == is).unwrap().id);
    use_instead(&stage, newer, older).await.expect(303);
    let (assigned, used) = run_crossed(
        &stage.app,
        "flow_sources where duplicate_of is not null",
        stage.buyer.unassign(partner, &[older, newer]),
        use_instead(&stage, older, newer),
    )
    .await;
    assigned.expect(303);
    used.expect(303);
    assert!(stage.app.source(older).await.enabled);
}

#[tokio::test]
async fn two_reset_links_of_one_user_do_not_deadlock() {
    let app = TestApp::start().await;
    app.buyer().await;
    let (one, other) = (app.visitor("", "", ""), app.visitor("", "", ""));
    let links = [reset_link(&app, &one).await, reset_link(&app, &other).await];
    let (first, second) = run_crossed(&app, "users", set(&one, &links[0]), set(&other, &links[1])).await;
    first.expect(303);
    second.expect(410);
}

#[tokio::test]
async fn changing_a_password_and_resetting_it_by_link_do_not_deadlock() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let visitor = app.visitor("", "", "");
    let link = reset_link(&app, &visitor).await;
    let (changed, set) = run_crossed(&app, "users", change_password(&buyer), set(&visitor, &link)).await;
    changed.expect(303);
    set.expect(410);
}

#[tokio::test]
async fn changing_a_password_and_confirming_an_address_do_not_deadlock() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    buyer.request_address("ann@new.example").await.expect(303);
    let link = app.link_to("ann@new.example").await;
    let phone = buyer.other_browser("").await;
    let (changed, confirmed) = run_crossed(&app, "users", change_password(&buyer), verify(&phone, &link)).await;
    changed.expect(303);
    confirmed.expect(410);
}

#[tokio::test]
async fn confirming_two_sign_ups_with_one_address_does_not_deadlock() {
    let app = TestApp::start().await;
    let people = [(); 3].map(|()| app.visitor("Ann Buyer", "ann@buyer.example", "Bright Solar"));
    let mut links = Vec::new();
    for person in &people {
        person.sign_up(PASSWORD).await.expect(303);
        links.push(app.link_to("ann@buyer.example").await);
    }
    let earliest = "signups where id = (select id from signups order by id limit 1)";
    let (first, second) =
        run_crossed(&app, earliest, verify(&people[1], &links[1]), verify(&people[2], &links[2])).await;
    first.expect(303);
    second.expect(410);
}

#[tokio::test]
async fn confirming_a_sign_up_and_a_change_to_the_same_address_does_not_deadlock() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let newcomer = app.visitor("Ann New", "ann@new.example", "New Solar");
    newcomer.sign_up(PASSWORD).await.expect(303);
    let sign_up = app.link_to("ann@new.example").await;
    buyer.request_address("ann@new.example").await.expect(303);
    let change = app.link_to("ann@new.example").await;
    let (signed_up, changed) = run_crossed(
        &app,
        "signups where email_key = 'ann@new.example'",
        verify(&newcomer, &sign_up),
        verify(&buyer, &change),
    )
    .await;
    signed_up.expect(303);
    changed.expect(409);
}

async fn reset_link(app: &TestApp, visitor: &Actor) -> String {
    visitor.forgot("ann@buyer.example").await.expect(303);
    app.link_to("ann@buyer.example").await
}

async fn set(visitor: &Actor, link: &str) -> Response {
    visitor.post(link, &[("form", "reset"), ("password", "another long one")]).await
}

async fn verify(person: &Actor, link: &str) -> Response {
    person.post(link, &[("form", "verify")]).await
}

async fn change_password(person: &Actor) -> Response {
    let fields = [("password_current", PASSWORD), ("password", "a third long one")];
    person.post_me("password", &fields).await
}

/// A source in its own flow, for the company this address stands for.
async fn other_source(stage: &Stage, email: &str) -> SourceId {
    let flow = stage.buyer.create_flow(email).await;
    stage.buyer.invite(flow, email, "").await.expect(303);
    stage.buyer.only_source(flow).await.id
}

async fn use_instead(stage: &Stage, source: SourceId, instead_of: SourceId) -> Response {
    let (source, live) = (source.to_string(), instead_of.to_string());
    let fields = [("source", source.as_str()), ("instead_of", live.as_str())];
    stage.buyer.post_as("use-instead", &paths::flow_sources(stage.flow), &fields).await
}

const WORKERS: u64 = 8;
const OPERATIONS_EACH: usize = 20;
const ADDRESSES: [&str; 4] = ["di@other.example", "ed@other.example", "flo@other.example", "gus@other.example"];

/// Pseudo-random numbers, the same in every run.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.next()).unwrap() % of.len()]
    }
}

/// One account with many concurrent operations.
struct BusyAccount {
    stage: Stage,
    seller: Actor,
    flows: Vec<FlowId>,
    partners: Vec<PartnerId>,
}

impl BusyAccount {
    async fn new() -> Self {
        // Rate limits would refuse most of the work.
        let stage = Stage::pending_in(TestApp::start_with(&[("LIMITS", "off")]).await).await;
        let seller = stage.seller().await;
        seller.accept(seller.open_link(&stage.link).await).await.expect(303);
        let mut flows = vec![stage.flow];
        let mut partners = Vec::new();
        for name in ["Roofing", "Windows"] {
            flows.push(stage.buyer.create_flow(name).await);
            partners.push(stage.buyer.create_partner(name).await);
        }
        for address in ADDRESSES {
            stage.buyer.invite(stage.flow, address, "").await.expect(303);
        }
        // An email can be withdrawn before it is sent; each address has one that was.
        stage.app.deliver().await;
        partners.extend(stage.app.partners().await.iter().map(|partner| partner.id));
        Self { stage, seller, flows, partners }
    }

    async fn ids<T>(&self, of: &'static str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        let query = format!("select id from {of} order by id");
        let ids = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&self.stage.app.state.pool);
        ids.await.unwrap()
    }

    /// Does something that may be refused.
    async fn act(&self, rng: &mut Rng) -> Response {
        let buyer = &self.stage.buyer;
        let (address, partner, flow) = (rng.pick(&ADDRESSES), rng.pick(&self.partners), rng.pick(&self.flows));
        let invitation: InvitationId = rng.pick(&self.ids("invitations").await);
        let sources: Vec<SourceId> = self.ids("flow_sources").await;
        let some = [rng.pick(&sources), rng.pick(&sources)];
        match rng.next() % 9 {
            0 | 1 => buyer.invite(flow, address, "").await,
            2 => buyer.connect(partner, address).await,
            3 => buyer.readdress(invitation, address).await,
            4 => buyer.revoke(invitation).await,
            5 => buyer.assign(partner, &some).await,
            6 => buyer.unassign(partner, &some).await,
            7 => {
                buyer.remove_partner(partner).await;
                buyer.restore_partner(partner).await
            }
            _ => {
                self.seller.get(&self.stage.app.link_to(address).await).await;
                self.seller.accept_confirmed(invitation).await
            }
        }
    }
}

#[tokio::test]
async fn many_concurrent_operations_in_one_account_do_not_deadlock() {
    let busy = BusyAccount::new().await;
    let work = (1..=WORKERS).map(|seed| {
        let (busy, mut rng) = (&busy, Rng(seed));
        async move {
            for _ in 0..OPERATIONS_EACH {
                let response = busy.act(&mut rng).await;
                assert!(response.status.as_u16() < 500, "{}", response.text());
            }
        }
    });
    let (_, retried) = retries(join_all(work)).await;
    assert_eq!(retried, 0, "deadlocks");
    let app = &busy.stage.app;
    let emptied = "flow_sources fs join entities e on e.id = fs.entity_id where e.deprecated";
    assert_eq!(app.count(emptied).await, 0, "sources of an emptied entity");
    let astray = "invitations i join entities e on e.id = i.entity_id
                  where i.state = 'pending' and i.superseded_at is null
                    and (e.deprecated or e.invited_email_key <> i.email_key)";
    assert_eq!(app.count(astray).await, 0, "invitations to an address other than their entity's");
    let idle = "partners p where p.linked_account_id is not null
                and not exists (select from connections c where c.seller_account_id = p.linked_account_id)";
    assert_eq!(app.count(idle).await, 0, "partners linked to a company that never connected");
}

#[tokio::test]
async fn invitations_of_all_kinds_sent_at_once_do_not_deadlock() {
    let stage = Stage::pending().await;
    let (app, buyer) = (&stage.app, &stage.buyer);
    let (connect, member) = run_crossed(
        app,
        "accounts order by id",
        buyer.invite(stage.flow, "di@other.example", ""),
        buyer.invite_member("mo@buyer.example", "viewer"),
    )
    .await;
    connect.expect(303);
    member.expect(303);
    let chosen = buyer.create_partner("Harbor Group").await;
    let (connect, user) = run_crossed(
        app,
        "partners order by id",
        buyer.connect(chosen, "ed@harbor.example"),
        buyer.invite_user(chosen, "pat@harbor.example", "partner_user"),
    )
    .await;
    connect.expect(303);
    user.expect(303);
    stage.expire().await;
    let (user, again) = run_crossed(
        app,
        "partners order by id",
        buyer.act_on_invitation(
            &paths::partner_invites(chosen),
            "resend",
            app.invitation_to("pat@harbor.example").await,
        ),
        buyer.invite_user(chosen, "sue@harbor.example", "partner_user"),
    )
    .await;
    user.expect(303);
    again.expect(303);
}
