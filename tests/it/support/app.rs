//! The application as a test starts it: on its own database, called in-process.

use super::{
    Actor, Response,
    database::{CONNECTIONS, Database},
    process::{Process, forward_to},
};
use accord::{
    accounts::{
        model::{Plan, Role},
        server::NewAccount,
    },
    app::router::router,
    base::{AccountId, Secret, UserId},
    identity::server::{self as identity, parse::Newcomer},
    server::{
        AppState,
        config::Config,
        db,
        mail::{self, Transport},
        password::{Cost, Passwords},
        seal::Seal,
        session,
    },
    web::Routes,
};
use axum::{Router, body::Body, http::Request};
use http_body_util::BodyExt;
use leptos::config::LeptosOptions;
use std::{fmt, sync::Arc};
use time::Duration;
use tower::ServiceExt;

pub const PASSWORD: &str = "a good long one";

#[derive(Clone)]
pub struct TestApp {
    pub state: AppState,
    pub transport: Transport,
    router: Router,
    database: Arc<Database>,
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestApp").field("database", &self.database).finish_non_exhaustive()
    }
}

impl TestApp {
    /// In development mode, with the development mailbox.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With extra environment variables.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::on_database(Arc::new(Database::create().await), variables).await
    }

    /// Another process on the same database, as after a crash of this one.
    pub async fn restart(&self) -> Self {
        self.restart_with(&[]).await
    }

    /// The same with extra environment variables.
    pub async fn restart_with(&self, variables: &[(&str, &str)]) -> Self {
        Self::on_database(self.database.clone(), variables).await
    }

    /// Another process that takes its connections as in production. The pool of the other tests tests each of them before
    /// use, and waits longer for one.
    pub async fn restart_with_usual_pool(&self) -> Self {
        let mut app = self.restart().await;
        app.state.pool = db::beside(&app.state.pool, CONNECTIONS);
        app.state.submission_pool = app.state.pool.clone();
        app.router = router(app.state.clone());
        app
    }

    async fn on_database(database: Arc<Database>, variables: &[(&str, &str)]) -> Self {
        let given =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let config = Config::read(|name| {
            given(name).or_else(|| match name {
                "BASE_URL" => Some("https://accord.example".to_owned()),
                "MAIL_FROM" => Some("Accord <post@accord.example>".to_owned()),
                "OPERATOR_EMAIL" => Some("operator@accord.example".to_owned()),
                _ => None,
            })
        })
        .unwrap();
        let transport = Transport::from_config(&config).unwrap();
        let leptos = LeptosOptions::builder().output_name("accord").site_root("target/site").build();
        let seal = Seal::new(&Secret::new("a key of the tests"));
        let mut state = AppState::new(config, database.connect().await, seal, leptos);
        // Full-cost hashing took a tenth of the time of all tests; the unit tests of passwords use the real cost.
        state.passwords = Passwords::with_cost(Cost { memory_kib: 64, passes: 1 });
        Self { router: router(state.clone()), transport, state, database }
    }

    /// The same application on the same database with only these routes.
    pub fn with_routes(&self, routes: Routes) -> Self {
        let router = routes.into_router(&self.state, async |_| None).with_state(self.state.clone());
        Self { router, ..self.clone() }
    }

    /// The whole application, for tests that serve it over TCP.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// A response whose body has not been read.
    pub async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Only the status: for a response that may never end.
    pub async fn status(&self, request: Request<Body>) -> u16 {
        self.open(request).await.status().as_u16()
    }

    pub async fn handle(&self, request: Request<Body>) -> Response {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Response { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.state.clock.advance(by);
    }

    /// Runs everything that is due, as the worker does every few seconds. Returns the number of jobs done.
    pub async fn run_due(&self) -> usize {
        let mut done = 0;
        loop {
            match accord::invitations::server::run_due(&self.state).await.unwrap() {
                0 => return done,
                more => done += more,
            }
        }
    }

    /// Sends every email that is due.
    pub async fn deliver(&self) {
        while mail::deliver_due(&self.state, &self.transport).await.unwrap() > 0 {}
    }

    /// A person who has never used Accord.
    pub fn visitor(&self, name: &str, email: &str, company: &str) -> Actor {
        Actor::new(self, name, email, company)
    }

    /// The Admin of a new account that has LeadConduit Base, signed in.
    pub async fn buyer(&self) -> Actor {
        self.admin("Ann Buyer", "ann@buyer.example", "Bright Solar", Some(Plan::Base), false).await
    }

    /// The Admin of an unrelated account with every permission.
    pub async fn stranger(&self) -> Actor {
        self.admin("Sam Stranger", "sam@stranger.example", "Elsewhere", Some(Plan::Pro), false).await
    }

    /// The Admin of a new account, signed in.
    pub async fn admin(&self, name: &str, email: &str, company: &str, plan: Option<Plan>, trustedform: bool) -> Actor {
        let mut actor = Actor::new(self, name, email, company);
        let newcomer = Newcomer::parse(name, company, email, PASSWORD).unwrap();
        let cx = self.state.system().await.unwrap();
        let account = NewAccount { name: company.to_owned(), plan, trustedform };
        let (account_id, user_id, _) = identity::create_with_account(&cx, newcomer, account).await.unwrap();
        actor.account = Some(account_id);
        self.sign_in(&mut actor, user_id).await;
        actor
    }

    /// Another member of the actor's account, signed in.
    pub async fn member(&self, of: &Actor, role: Role, name: &str, email: &str) -> Actor {
        let mut actor = Actor::new(self, name, email, &of.company);
        actor.account = of.account;
        let user_id = self.user(name, email).await;
        self.add_member(of.account(), role, user_id).await;
        self.sign_in(&mut actor, user_id).await;
        actor
    }

    /// Adds a user to an account.
    pub async fn add_member(&self, account: AccountId, role: Role, user: UserId) {
        sqlx::query("insert into members (account_id, user_id, role, created_at) values ($1, $2, $3, now())")
            .bind(account)
            .bind(user)
            .bind(role)
            .execute(&self.state.pool)
            .await
            .unwrap();
    }

    /// A signed-in user without account or partner.
    pub async fn signed_in_user(&self, name: &str, email: &str) -> Actor {
        let mut actor = Actor::new(self, name, email, "");
        let user_id = self.user(name, email).await;
        self.sign_in(&mut actor, user_id).await;
        actor
    }

    /// A user without account or partner.
    pub(super) async fn user(&self, name: &str, email: &str) -> UserId {
        let user_id: UserId = self.state.make_id(self.state.now().await.unwrap());
        sqlx::query(
            "insert into users (id, name, email, email_key, email_verified_at, password_hash, password_changed_at, created_at)
             values ($1, $2, $3, lower($3), now(), '', now(), now())",
        )
        .bind(user_id)
        .bind(name)
        .bind(email)
        .execute(&self.state.pool)
        .await
        .unwrap();
        user_id
    }

    /// Starts a session without the sign-in form, which has its own tests.
    pub async fn sign_in(&self, actor: &mut Actor, user_id: UserId) {
        let cx = self.state.system().await.unwrap();
        let started =
            cx.write((user_id, actor.account), |tx, (user, account)| Box::pin(session::start(tx, user, account)));
        actor.keep_cookie(started.await.unwrap());
        actor.user = Some(user_id);
    }

    /// The same application, whose requests are handled by a server of its own.
    pub fn through(&self, process: &Process) -> Self {
        Self { router: forward_to(process.address), ..self.clone() }
    }

    /// The URLs of the database for its owner and for the application's role.
    pub fn database_urls(&self) -> [String; 2] {
        self.database.urls()
    }

    /// The database as its owner.
    pub async fn owner(&self) -> sqlx::PgPool {
        self.database.connect_as_owner().await
    }

    /// Counts the rows of a `from` clause that needs no parameters.
    pub async fn count(&self, from: &str) -> i64 {
        let query = format!("select count(*) from {from}");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.state.pool).await.unwrap()
    }

    /// Runs a statement without parameters as the application's role.
    pub async fn execute(&self, statement: &str) -> Result<u64, sqlx::Error> {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&self.state.pool).await?;
        Ok(done.rows_affected())
    }
}
