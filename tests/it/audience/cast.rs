//! The people that are tried on everything, around one connected source of one partner, and what the table lets them do.

use super::ids::{self, Ids};
use crate::support::{Actor, Answer, TestApp, stage::Stage};
use accord::{
    accounts::model::{Permission, Role},
    base::{FlowId, PartnerId, paths},
    partners::model::{PartnerPermission, PartnerRole, Side},
    server::Audience,
};

pub const INVITED_USER: &str = "somebody invited to join the partner";
pub const INVITED_MEMBER: &str = "somebody invited to join the account";

/// Somebody, and where they stand.
pub struct Person {
    pub who: &'static str,
    pub actor: Actor,
    /// They have a session; a system with an API key has none.
    pub is_signed_in: bool,
    /// Their role in the account that owns the flow, the source and the partner.
    account: Option<Role>,
    /// Their role in the partner.
    partner: Option<PartnerRole>,
    /// Their role in the account that is connected as the partner.
    connected: Option<Role>,
    /// Their role in the account that lists act in.
    active: Option<Role>,
    /// Removed lately; what they had says so.
    pub has_left: bool,
    /// The invitation to join that was sent to their address.
    pub invited: Option<&'static str>,
}

/// What the table makes of a person who asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    In,
    /// They see it, and may not do it.
    Refused,
    /// For them it does not exist.
    Gone,
    /// The same, of an invitation.
    Uninvited,
    SignIn,
}

impl Person {
    fn new(who: &'static str, actor: Actor) -> Self {
        let (account, partner, connected, active) = (None, None, None, None);
        let (is_signed_in, has_left, invited) = (true, false, None);
        Self { who, actor, is_signed_in, account, partner, connected, active, has_left, invited }
    }

    /// The verdict on something with these ids: an invitation is there for the one who was invited by it.
    pub fn verdict_on(&self, audience: Audience, text: &str) -> Verdict {
        match self.invited {
            Some(invited) if audience == Audience::Invited && text.contains(invited) => Verdict::In,
            _ => self.verdict(audience),
        }
    }

    pub fn verdict(&self, audience: Audience) -> Verdict {
        if !self.is_signed_in && !matches!(audience, Audience::Anyone | Audience::Invited | Audience::Sellers) {
            return Verdict::SignIn;
        }
        match audience {
            Audience::Anyone | Audience::SignedIn | Audience::Sellers => Verdict::In,
            // By the invitation to connect, nobody of these people is.
            Audience::Invited => Verdict::Uninvited,
            Audience::Development => Verdict::Gone,
            Audience::Active(permission) => by_role(self.active, permission),
            Audience::Account(permission) => by_role(self.account, permission),
            // Of who belongs to both companies, the active one counts.
            Audience::Connection(permission) => match (self.account, self.connected) {
                (Some(_), Some(_)) => by_role(self.active, permission),
                (account, connected) => by_role(account.or(connected), permission),
            },
            Audience::Partner(permission) => by_side(&self.sides(), |side| side.may(permission)),
            Audience::Portal(permission) => {
                let sides: Vec<_> = self.sides().into_iter().filter(|side| !is_account(side)).collect();
                by_side(&sides, |side| side.may(permission))
            }
            Audience::OwnPartner(permission) => {
                let sides: Vec<_> = self.sides().into_iter().filter(is_account).collect();
                by_side(&sides, |side| side.may(permission))
            }
            Audience::PartnerPeople => {
                by_side(&self.sides(), |side| is_account(&side) || side.may(PartnerPermission::ManageUsers))
            }
        }
    }

    /// Whether a form may stand on one of their pages, if only for what their own account has.
    pub fn may_be_offered(&self, audience: Audience) -> bool {
        let own = match audience {
            Audience::Account(permission) if self.account.is_none() => by_role(self.active, permission),
            audience => self.verdict(audience),
        };
        own == Verdict::In
    }

    fn sides(&self) -> Vec<Side> {
        let account = self.account.map(Side::Account);
        let (own, connected) = (self.partner.map(Side::Partner), self.connected.map(Side::Connected));
        [account, own, connected].into_iter().flatten().collect()
    }
}

fn by_role(role: Option<Role>, permission: Permission) -> Verdict {
    role.map_or(Verdict::Gone, |role| if role.may(permission) { Verdict::In } else { Verdict::Refused })
}

fn by_side(sides: &[Side], may: impl Fn(Side) -> bool) -> Verdict {
    match sides {
        [] => Verdict::Gone,
        sides if sides.iter().any(|side| may(*side)) => Verdict::In,
        _ => Verdict::Refused,
    }
}

fn is_account(side: &Side) -> bool {
    matches!(side, Side::Account(_))
}

pub struct Cast {
    pub app: TestApp,
    pub people: Vec<Person>,
    /// What the account has; every placeholder of the tables.
    pub ids: Ids,
    /// The same of an unrelated account.
    pub foreign: Ids,
    /// The people of another partner of the same account.
    pub sibling: Ids,
    fingerprint: String,
}

impl Cast {
    pub async fn meet() -> Self {
        let (stage, seller) = Stage::connected().await;
        let partner = stage.partner().await;
        let Stage { app, buyer, flow, source, .. } = stage;
        let other = app.make_partner(&buyer, "Other Harbor").await;
        let stranger = app.stranger().await;
        let (ids, sibling, foreign) = (
            ids::furnish(&app, &buyer, flow, source, partner).await,
            ids::of_sibling(&app, &buyer, other).await,
            ids::elsewhere(&app, &stranger).await,
        );
        let mut people = outsiders(&app, &buyer, stranger).await;
        people.extend(members(&app, &buyer, &seller).await);
        people.extend(partner_users(&app, partner, other).await);
        people.extend(on_two_sides(&app, &buyer, &seller, partner).await);
        people.extend(removed(&app, &buyer, partner).await);
        people.extend(invited(&app, flow, partner).await);
        let admin = Some(Role::Admin);
        people.push(Person { connected: admin, active: admin, ..Person::new("the connected Admin", seller) });
        people.push(Person { account: admin, active: admin, ..Person::new("the Admin", buyer) });
        app.advance(time::Duration::minutes(2));
        let fingerprint = app.fingerprint_query().await;
        Self { app, people, ids, foreign, sibling, fingerprint }
    }

    #[track_caller]
    pub fn person(&self, who: &str) -> &Person {
        self.people.iter().find(|person| person.who == who).unwrap()
    }

    /// What stands in every table, but when somebody was last seen; and how many API keys were ever used.
    pub async fn fingerprint(&self) -> Vec<(String, String)> {
        let tables = sqlx::query_as(sqlx::AssertSqlSafe(self.fingerprint.as_str())).fetch_all(&self.app.state.pool);
        let mut tables: Vec<_> = tables.await.unwrap();
        let used = self.app.count("api_keys where last_used_at is not null").await;
        tables.push(("the use of API keys".to_owned(), used.to_string()));
        tables
    }

    /// The tables that are not as they were; they count as they are now from here on.
    pub async fn changed_since(&self, before: &mut Vec<(String, String)>) -> Vec<String> {
        let now = self.fingerprint().await;
        let changed = now.iter().filter(|row| !before.contains(row)).map(|(table, _)| table.clone()).collect();
        *before = now;
        changed
    }
}

/// People without a place here, and systems, whose API keys are no session.
async fn outsiders(app: &TestApp, buyer: &Actor, stranger: Actor) -> Vec<Person> {
    let nobody = || app.visitor("Nobody", "nobody@nowhere.example", "None");
    let (own, other) = (app.api(buyer).await.key, app.api(&stranger).await.key);
    let signed_out = [
        ("nobody", nobody()),
        ("a system with a key of the account", nobody().with_key(&own)),
        ("a system with a key of an unrelated account", nobody().with_key(&other)),
    ];
    let signed_out = signed_out.map(|(who, actor)| Person { is_signed_in: false, ..Person::new(who, actor) });
    let stranger = Person { active: Some(Role::Admin), ..Person::new("a stranger", stranger) };
    signed_out.into_iter().chain([stranger]).collect()
}

/// Members of both companies, who are no Admins.
async fn members(app: &TestApp, buyer: &Actor, seller: &Actor) -> Vec<Person> {
    let mut people = Vec::new();
    for (who, role) in [("the Viewer", Role::Viewer), ("the Manager", Role::Manager)] {
        let actor = app.member(buyer, role, who, &format!("{}@buyer.example", role.as_str())).await;
        people.push(Person { account: Some(role), active: Some(role), ..Person::new(who, actor) });
    }
    for (who, role) in [("the connected Viewer", Role::Viewer), ("the connected Manager", Role::Manager)] {
        let actor = app.member(seller, role, who, &format!("{}@seller.example", role.as_str())).await;
        people.push(Person { connected: Some(role), active: Some(role), ..Person::new(who, actor) });
    }
    people
}

async fn partner_users(app: &TestApp, partner: PartnerId, other: PartnerId) -> Vec<Person> {
    let mut people = Vec::new();
    for (who, role, of) in [
        ("the Partner User", PartnerRole::PartnerUser, partner),
        ("the Partner Admin", PartnerRole::PartnerAdmin, partner),
        ("another partner's User", PartnerRole::PartnerUser, other),
        ("another partner's Admin", PartnerRole::PartnerAdmin, other),
    ] {
        let email = format!("{}.{of}@harbor.example", role.as_str());
        let actor = app.partner_user(of, role, who, &email).await;
        people.push(Person { partner: (of == partner).then_some(role), ..Person::new(who, actor) });
    }
    people
}

/// People of the account who see the partner from another side, too. They act in the account.
async fn on_two_sides(app: &TestApp, buyer: &Actor, seller: &Actor, partner: PartnerId) -> Vec<Person> {
    let member = async |who: &'static str, role: Role, email: &str| {
        let actor = app.member(buyer, role, who, email).await;
        Person { account: Some(role), active: Some(role), ..Person::new(who, actor) }
    };
    let mut people = Vec::new();
    for (who, role, own, email) in [
        ("the Viewer who is Partner Admin", Role::Viewer, PartnerRole::PartnerAdmin, "viewer.leads@buyer.example"),
        ("the Manager who is Partner User", Role::Manager, PartnerRole::PartnerUser, "manager.uses@buyer.example"),
    ] {
        let person = member(who, role, email).await;
        app.add_partner_user(partner, own, person.actor.user()).await;
        people.push(Person { partner: Some(own), ..person });
    }
    let person = member("the Viewer who is connected Admin", Role::Viewer, "viewer.sells@buyer.example").await;
    app.add_member(seller.account(), Role::Admin, person.actor.user()).await;
    people.push(Person { connected: Some(Role::Admin), ..person });
    people
}

async fn removed(app: &TestApp, buyer: &Actor, partner: PartnerId) -> Vec<Person> {
    let was_user = app.partner_user(partner, PartnerRole::PartnerAdmin, "Removed User", "was@harbor.example").await;
    buyer.remove(&paths::partner_users(partner), was_user.user()).await.expect(303);
    let was_member = app.member(buyer, Role::Admin, "Removed Member", "was.member@buyer.example").await;
    buyer.post_as("remove", paths::MEMBERS, &[("user", &was_member.user().to_string())]).await.expect(303);
    let of = [("somebody removed from the partner", was_user), ("somebody removed from the account", was_member)];
    of.map(|(who, actor)| Person { has_left: true, ..Person::new(who, actor) }).into()
}

/// The addressees of the invitations to join, who have a login and no place yet.
async fn invited(app: &TestApp, flow: FlowId, partner: PartnerId) -> Vec<Person> {
    let mut people = Vec::new();
    for (who, invitation, email) in [
        (INVITED_USER, "{user_invitation}", ids::invited_user(partner)),
        (INVITED_MEMBER, "{member_invitation}", ids::invited_member(flow)),
    ] {
        let actor = app.login(who, &email).await;
        people.push(Person { invited: Some(invitation), ..Person::new(who, actor) });
    }
    people
}

/// What was otherwise than the table says. All of it is told at once.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    pub fn note(&mut self, is_right: bool, finding: impl FnOnce() -> String) {
        if !is_right {
            self.0.push(finding());
        }
    }

    #[track_caller]
    pub fn assert_none(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

pub fn is_sent_to_sign_in(answer: &Answer, path: &str) -> bool {
    let (to, next) = (answer.header("location"), path.replace('?', "%3F"));
    [302, 303].contains(&answer.status.as_u16()) && to.starts_with("/signin?next=") && to.contains(&next)
}

/// Whether a page keeps the person out as that verdict says.
pub fn is_kept_out(person: &Person, verdict: Verdict, answer: &Answer, path: &str) -> bool {
    let (status, words) = (answer.status.as_u16(), answer.words());
    match verdict {
        Verdict::In => false,
        Verdict::SignIn => is_sent_to_sign_in(answer, path),
        Verdict::Refused => status == 403 && words.contains("Your role does not allow"),
        Verdict::Gone => status == 404 && words.contains("You no longer have access to") == person.has_left,
        Verdict::Uninvited => status == 404,
    }
}
