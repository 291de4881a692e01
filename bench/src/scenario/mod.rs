//! The scenarios. Request number `q` acts for buyer, seller or team number `q` modulo their count; all ids, addresses
//! and cookies are derived from that number, here and in the seeds.

pub mod leads;
mod lists;
mod places;
mod requests;

pub use places::Places;

use crate::{
    aims::{Aim, At, Size},
    load::http::Request,
};

/// Buyers with a flow each.
pub const BUYERS: u64 = 1_000;
/// Sellers with an account and one open invitation each; a multiple of `BUYERS`, so that seller `q` is invited by buyer
/// `q` modulo `BUYERS`.
pub const SELLERS: u64 = 40_000;
/// Accounts with 20 members.
pub const TEAMS: u64 = 200;
/// Partners of one big account, each with four sources, ten users and a thousand leads of the last 90 days.
pub const PARTNERS: u64 = 500;

/// Sources that leads are posted to, each with a flow and an account of its own.
pub const LEAD_SOURCES: u64 = 1_000;

/// The first buyer, seller, team, new address and partner, the big account, and the first source of leads. Seven digits, so that they can be
/// recognised in the parameters of a statement.
pub const BUYER: u64 = 1_000_000;
pub const SELLER: u64 = 2_000_000;
pub const TEAM: u64 = 3_000_000;
pub const NEW: u64 = 4_000_000;
pub const PARTNER: u64 = 5_000_000;
pub const BIG: u64 = 6_000_000;
pub const LEAD_SOURCE: u64 = 7_000_000;
/// The sizes as the seeds know them.
pub const SIZES: [(&str, u64); 11] = [
    ("buyers", BUYERS),
    ("sellers", SELLERS),
    ("teams", TEAMS),
    ("first_buyer", BUYER),
    ("first_seller", SELLER),
    ("first_team", TEAM),
    ("partners", PARTNERS),
    ("first_partner", PARTNER),
    ("big", BIG),
    ("lead_sources", LEAD_SOURCES),
    ("first_lead_source", LEAD_SOURCE),
];
/// The sizes of the large seed.
pub const LARGE_SIZES: [(&str, u64); 6] = [
    ("partners", 5_000),
    ("sources", 20_000),
    ("users", 50_000),
    ("invitations", 200_000),
    ("leads", 5_000_000),
    ("weeks", 13),
];
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
    pub const LARGE_SESSION: u8 = 0x53;
    pub const LEAD_FLOW: u8 = 0x62;
    pub const LEAD_SOURCE: u8 = 0x64;
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
const ONE_SOURCE: Number = Number { name: "l", first: LEAD_SOURCE, count: 1 };
const L: Number = Number { name: "l", first: LEAD_SOURCE, count: LEAD_SOURCES };

/// What pgbench runs beside a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The statements that the server sent for one request.
    Statements,
    /// The insert of one row, which commits by itself.
    Insert,
    Nothing,
}

/// The data a scenario needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    Main,
    Leads,
    Partners,
    Large,
}

impl Seed {
    pub const ALL: [Self; 4] = [Self::Main, Self::Leads, Self::Partners, Self::Large];
}

/// The requests of a scenario.
#[derive(Debug, Clone, Copy)]
pub enum Requests {
    /// A different one for each number.
    Numbered(fn(u64) -> Request),
    /// Always the same page.
    Page(Page),
}

/// A page of the large seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    pub person: Person,
    pub place: Place,
}

/// People of the large seed, who are signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// An Admin of the large buyer.
    Buyer,
    /// An Admin of a partner of that buyer.
    Partner,
    /// An Admin of a company that sells to it.
    Seller,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    At(&'static str),
    /// The page that *Next* leads to.
    After(&'static str),
    /// A list of leads, filtered by this lead's id, or the lead's own page.
    Newest(&'static str),
}

#[derive(Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub title: &'static str,
    pub seed: Seed,
    pub beside: Beside,
    pub aims: &'static [Aim],
    /// The numbers of connections, unless others are chosen.
    pub connections: &'static [u64],
    /// The same in the short form, which leaves a scenario out that has none.
    pub short: &'static [u64],
    /// How many requests go before the first measurement, so that it does not measure what happens once.
    pub warm: u64,
    /// The first byte of the ids generated in pgbench.
    pub kind: u8,
    pub numbers: &'static [Number],
    /// How many requests there can be, if each number can be used only once.
    pub limit: Option<u64>,
    pub requests: Requests,
    /// Text that a correct response contains.
    pub expected: fn(u64) -> &'static str,
}

impl Scenario {
    /// The page it asks for, if it is always the same.
    pub fn page(&self) -> Option<Page> {
        match self.requests {
            Requests::Numbered(_) => None,
            Requests::Page(page) => Some(page),
        }
    }
}

const MEMORY: Aim = Aim { at: At::Any, size: Size::Memory(64.0) };
const LEAD_AIMS: &[Aim] = &[
    Aim { at: At::Connections(128), size: Size::Rate { per_second: 7_000.0, share: 0.28 } },
    Aim { at: At::Connections(128), size: Size::Cpu(0.2) },
    Aim { at: At::Connections(128), size: Size::Tail(5.0) },
    Aim { at: At::Connections(1), size: Size::OverInsert(1.0) },
    MEMORY,
];

/// A page or form of the main job.
const USUAL: Scenario = Scenario {
    name: "",
    title: "",
    seed: Seed::Main,
    beside: Beside::Statements,
    aims: &[MEMORY],
    connections: &[1, 16, 64],
    short: &[],
    warm: 3,
    kind: 0,
    numbers: &[],
    limit: None,
    requests: Requests::Numbered(requests::page),
    expected: |_| "",
};

const LEADS: Scenario = Scenario {
    seed: Seed::Leads,
    beside: Beside::Insert,
    aims: LEAD_AIMS,
    connections: &[1, 16, 128],
    expected: leads::expected,
    ..USUAL
};

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "leads",
        title: "A lead, all to one source",
        short: &[1, 16, 128],
        numbers: &[ONE_SOURCE],
        requests: Requests::Numbered(|q| leads::lead(ONE_SOURCE.of(q), q)),
        ..LEADS
    },
    Scenario {
        name: "leads-many",
        title: "A lead, to a thousand sources",
        short: &[128],
        warm: LEAD_SOURCES,
        numbers: &[L],
        requests: Requests::Numbered(|q| leads::lead(L.of(q), q)),
        ..LEADS
    },
    Scenario {
        name: "create",
        title: "Create an invitation",
        aims: &[
            Aim { at: At::Any, size: Size::Statements(10) },
            Aim { at: At::Connections(16), size: Size::Cpu(0.8) },
            MEMORY,
        ],
        short: &[16],
        kind: 0x71,
        numbers: &[B, N],
        limit: Some(MAX_NEW),
        requests: Requests::Numbered(requests::create),
        expected: |_| "accord-said=invited",
        ..USUAL
    },
    Scenario {
        name: "page",
        title: "Show an invitation",
        aims: &[Aim { at: At::Connections(16), size: Size::Cpu(0.3) }, MEMORY],
        short: &[16],
        kind: 0x72,
        numbers: &[B, S],
        requests: Requests::Numbered(requests::page),
        expected: |_| "Accept Invite to Connect",
        ..USUAL
    },
    Scenario {
        name: "accept",
        title: "Accept an invitation",
        aims: &[
            Aim { at: At::Any, size: Size::Statements(12) },
            Aim { at: At::Connections(16), size: Size::Cpu(1.1) },
            MEMORY,
        ],
        short: &[16],
        kind: 0x73,
        numbers: &[B, S],
        limit: Some(SELLERS),
        requests: Requests::Numbered(requests::accept),
        expected: |_| "accord-said=accepted",
        ..USUAL
    },
    Scenario {
        name: "members",
        title: "List 20 members",
        aims: &[Aim { at: At::Connections(16), size: Size::Cpu(0.4) }, MEMORY],
        short: &[16],
        kind: 0x74,
        numbers: &[T],
        requests: Requests::Numbered(requests::members),
        expected: |_| "Member 19 of Team",
        ..USUAL
    },
    Scenario {
        name: "signin",
        title: "Sign in",
        kind: 0x75,
        numbers: &[S],
        requests: Requests::Numbered(requests::sign_in),
        expected: |_| "set-cookie: accord=",
        ..USUAL
    },
    Scenario {
        name: "partners",
        title: "List 500 partners",
        seed: Seed::Partners,
        kind: 0x76,
        numbers: &[A],
        requests: Requests::Numbered(requests::partners),
        expected: |_| "Create partner",
        ..USUAL
    },
    Scenario {
        name: "partner",
        title: "Show a partner's sources",
        seed: Seed::Partners,
        kind: 0x77,
        numbers: &[A, P],
        requests: Requests::Numbered(requests::partner),
        expected: |_| "Assign sources",
        ..USUAL
    },
    Scenario {
        name: "portal",
        title: "Show a portal's performance",
        seed: Seed::Partners,
        kind: 0x78,
        numbers: &[A, P],
        requests: Requests::Numbered(requests::portal),
        expected: |_| "Acceptance rate",
        ..USUAL
    },
];

/// All scenarios, the lists of the large seed last.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(lists::LISTS)
}

/// The scenario with that name.
pub fn find(name: &str) -> Option<&'static Scenario> {
    all().find(|scenario| scenario.name == name)
}

fn id(kind: u8, number: u64) -> String {
    format!("{kind:02x}000000{number:016x}")
}

/// The cookie of a seeded session: the kind, zeros, the number.
fn cookie(kind: u8, number: u64) -> String {
    format!("accord={kind:02x}{:046}{number:016x}", 0)
}
