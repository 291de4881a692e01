//! The scenarios. Request number `q` acts for buyer, seller or team number `q` modulo their count; all ids, addresses
//! and cookies are derived from that number, here and in `seed.sql`.

use crate::http::Request;

/// Buyers with a flow each.
pub const BUYERS: u64 = 1_000;
/// Sellers with an account and one open invitation each; a multiple of `BUYERS`, so that seller `q` is invited by buyer
/// `q` modulo `BUYERS`.
pub const SELLERS: u64 = 40_000;
/// Accounts with 20 members.
pub const TEAMS: u64 = 200;
/// Partners of one big account, each with four sources, ten users and a thousand leads of the last 90 days.
pub const PARTNERS: u64 = 500;

/// The first buyer, seller, team, new address and partner, and the big account. Seven digits, so that they can be
/// recognised in the parameters of a statement.
pub const BUYER: u64 = 1_000_000;
pub const SELLER: u64 = 2_000_000;
pub const TEAM: u64 = 3_000_000;
pub const NEW: u64 = 4_000_000;
pub const PARTNER: u64 = 5_000_000;
pub const BIG: u64 = 6_000_000;
/// The number of new addresses, which limits `q`.
const MAX_NEW: u64 = 900_000;

/// The password of every seller.
pub const PASSWORD: &str = "a password of the bench";

/// The kinds of seeded ids: their first byte.
pub mod kind {
    pub const BUYER_ACCOUNT: u8 = 0x01;
    pub const BUYER_FLOW: u8 = 0x03;
    pub const BUYER_SESSION: u8 = 0x04;
    pub const SELLER_ACCOUNT: u8 = 0x11;
    pub const SELLER_SESSION: u8 = 0x13;
    pub const INVITATION: u8 = 0x25;
    pub const TEAM_SESSION: u8 = 0x33;
    pub const BIG_SESSION: u8 = 0x43;
    pub const PARTNER: u8 = 0x46;
    pub const PARTNER_SESSION: u8 = 0x4a;
    /// All kinds of session.
    pub const SESSIONS: [u8; 5] = [BUYER_SESSION, SELLER_SESSION, TEAM_SESSION, BIG_SESSION, PARTNER_SESSION];
}

/// A number derived from `q`; in pgbench, a variable of this name.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    pub name: &'static str,
    first: u64,
    count: u64,
}

impl Number {
    pub fn of(&self, q: u64) -> u64 {
        self.first + q % self.count
    }

    /// The same calculation in pgbench.
    pub fn set(&self) -> String {
        format!("\\set {} {} + :q % {}\n", self.name, self.first, self.count)
    }
}

const B: Number = Number { name: "b", first: BUYER, count: BUYERS };
const S: Number = Number { name: "s", first: SELLER, count: SELLERS };
const T: Number = Number { name: "t", first: TEAM, count: TEAMS };
const N: Number = Number { name: "n", first: NEW, count: MAX_NEW };
const P: Number = Number { name: "p", first: PARTNER, count: PARTNERS };
const A: Number = Number { name: "a", first: BIG, count: 1 };

#[derive(Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub title: &'static str,
    /// Target for CPU seconds of application and Postgres per thousand, at 16 connections.
    pub target: Option<f64>,
    /// The first byte of the ids generated in pgbench.
    pub kind: u8,
    pub numbers: &'static [Number],
    /// How many requests there can be, if each number can be used only once.
    pub limit: Option<u64>,
    pub request: fn(u64) -> Request,
    /// Text that a correct response contains.
    pub expected: &'static str,
}

pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "create",
        title: "Create an invitation",
        target: Some(0.4),
        kind: 0x71,
        numbers: &[B, N],
        limit: Some(MAX_NEW),
        request: create,
        expected: "accord-said=invited",
    },
    Scenario {
        name: "page",
        title: "Show an invitation",
        target: Some(0.25),
        kind: 0x72,
        numbers: &[B, S],
        limit: None,
        request: page,
        expected: "Accept Invite to Connect",
    },
    Scenario {
        name: "accept",
        title: "Accept an invitation",
        target: Some(0.6),
        kind: 0x73,
        numbers: &[B, S],
        limit: Some(SELLERS),
        request: accept,
        expected: "accord-said=accepted",
    },
    Scenario {
        name: "members",
        title: "List 20 members",
        target: None,
        kind: 0x74,
        numbers: &[T],
        limit: None,
        request: members,
        expected: "Member 19 of Team",
    },
    Scenario {
        name: "signin",
        title: "Sign in",
        target: None,
        kind: 0x75,
        numbers: &[S],
        limit: None,
        request: sign_in,
        expected: "Set-Cookie: accord=",
    },
    Scenario {
        name: "partners",
        title: "List 500 partners",
        target: None,
        kind: 0x76,
        numbers: &[A],
        limit: None,
        request: partners,
        expected: "Create partner",
    },
    Scenario {
        name: "partner",
        title: "Show a partner's sources",
        target: None,
        kind: 0x77,
        numbers: &[A, P],
        limit: None,
        request: partner,
        expected: "Assign sources",
    },
    Scenario {
        name: "portal",
        title: "Show a portal's performance",
        target: None,
        kind: 0x78,
        numbers: &[A, P],
        limit: None,
        request: portal,
        expected: "Acceptance rate",
    },
];

/// Scenarios that need the big account; its half a million leads take a while to seed.
pub const NEED_BIG_ACCOUNT: [&str; 3] = ["partners", "partner", "portal"];

fn id(kind: u8, number: u64) -> String {
    format!("{kind:02x}000000{number:016x}")
}

/// The cookie of a seeded session: the kind, zeros, the number.
fn cookie(kind: u8, number: u64) -> String {
    format!("accord={kind:02x}{:046}{number:016x}", 0)
}

fn create(q: u64) -> Request {
    let (buyer, new) = (B.of(q), N.of(q));
    let account = id(kind::BUYER_ACCOUNT, buyer);
    let path = format!("/flows/{}/sources/add/invite", id(kind::BUYER_FLOW, buyer));
    let form = format!(
        "form=invite&as={account}&email=new{new}%40invited.example&note=We+met+at+the+fair+in+March.+Your+solar+leads+\
         would+fit+our+team+in+California+well."
    );
    Request::post(path, form).signed_in(cookie(kind::BUYER_SESSION, buyer)).from(q)
}

fn page(q: u64) -> Request {
    let seller = S.of(q);
    Request::get(format!("/invitations/{}", id(kind::INVITATION, seller)))
        .signed_in(cookie(kind::SELLER_SESSION, seller))
        .from(q)
}

fn accept(q: u64) -> Request {
    let seller = S.of(q);
    let path = format!("/invitations/{}", id(kind::INVITATION, seller));
    let form = format!("form=accept&account={}", id(kind::SELLER_ACCOUNT, seller));
    Request::post(path, form).signed_in(cookie(kind::SELLER_SESSION, seller)).from(q)
}

fn members(q: u64) -> Request {
    Request::get("/settings/members".to_owned()).signed_in(cookie(kind::TEAM_SESSION, T.of(q))).from(q)
}

fn sign_in(q: u64) -> Request {
    let password = PASSWORD.replace(' ', "+");
    let form = format!("form=signin&next=&email=seller{}%40sellers.example&password={password}", S.of(q));
    Request::post("/signin".to_owned(), form).from(q)
}

fn partners(q: u64) -> Request {
    Request::get("/partners".to_owned()).signed_in(cookie(kind::BIG_SESSION, A.of(q))).from(q)
}

fn partner(q: u64) -> Request {
    let path = format!("/partners/{}/sources", id(kind::PARTNER, P.of(q)));
    Request::get(path).signed_in(cookie(kind::BIG_SESSION, A.of(q))).from(q)
}

fn portal(q: u64) -> Request {
    let partner = P.of(q);
    Request::get(format!("/portal/{}", id(kind::PARTNER, partner)))
        .signed_in(cookie(kind::PARTNER_SESSION, partner))
        .from(q)
}
