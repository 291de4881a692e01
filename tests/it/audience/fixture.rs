//! The people who try every route, around one connected source of one partner, and what the table allows them.

use super::ids::{self, Ids};
use crate::support::{Actor, Response, TestApp, stage::Stage};
use accord::{
    accounts::model::{Permission, Role},
    base::{FlowId, PartnerId, paths},
    partners::model::{PartnerPermission, PartnerRole, Side},
    server::Audience,
};

pub const INVITED_USER: &str = "someone invited to join the partner";
pub const INVITED_MEMBER: &str = "someone invited to join the account";

/// A person and their roles.
pub struct Person {
    pub who: &'static str,
    pub actor: Actor,
    /// False for a system with an API key, which has no session.
    pub is_signed_in: bool,
    /// Their role in the account that owns the flow, the source and the partner.
    account: Option<Role>,
    /// Their role in the partner.
    partner: Option<PartnerRole>,
    /// Their role in the account that is connected as the partner.
    connected: Option<Role>,
    /// Their role in the account that is active for their lists.
    active: Option<Role>,
    /// Recently removed: pages they had access to say so.
    pub has_left: bool,
    /// The invitation to join that was sent to their address.
    pub invited: Option<&'static str>,
}

/// What the table says about a person's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Allowed,
    /// They can see it but may not do it.
    Forbidden,
    /// It does not exist for them.
    NotFound,
    /// The invitation does not exist for them.
    Uninvited,
    SignIn,
}

impl Person {
    fn new(who: &'static str, actor: Actor) -> Self {
        let (account, partner, connected, active) = (None, None, None, None);
        let (is_signed_in, has_left, invited) = (true, false, None);
        Self { who, actor, is_signed_in, account, partner, connected, active, has_left, invited }
    }

    /// The expected access to something with these ids: an invitation exists only for its invitee.
    pub fn access_with(&self, audience: Audience, text: &str) -> Access {
        match self.invited {
            Some(invited) if audience == Audience::Invited && text.contains(invited) => Access::Allowed,
            _ => self.access(audience),
        }
    }

    pub fn access(&self, audience: Audience) -> Access {
        if !self.is_signed_in && !matches!(audience, Audience::Anyone | Audience::Invited | Audience::Sellers) {
            return Access::SignIn;
        }
        match audience {
            Audience::Anyone | Audience::SignedIn | Audience::Sellers => Access::Allowed,
            // None of these people is the invitee of the invitation to connect.
            Audience::Invited => Access::Uninvited,
            Audience::Development => Access::NotFound,
            Audience::Active(permission) => by_role(self.active, permission),
            Audience::Account(permission) => by_role(self.account, permission),
            // For members of both companies, the active one counts.
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

    /// True if the form may appear on one of their pages, even if only for their own account's objects.
    pub fn may_be_offered(&self, audience: Audience) -> bool {
        let own = match audience {
            Audience::Account(permission) if self.account.is_none() => by_role(self.active, permission),
            audience => self.access(audience),
        };
        own == Access::Allowed
    }

    fn sides(&self) -> Vec<Side> {
        let account = self.account.map(Side::Account);
        let (own, connected) = (self.partner.map(Side::Partner), self.connected.map(Side::Connected));
        [account, own, connected].into_iter().flatten().collect()
    }
}

fn by_role(role: Option<Role>, permission: Permission) -> Access {
    role.map_or(Access::NotFound, |role| if role.may(permission) { Access::Allowed } else { Access::Forbidden })
}

fn by_side(sides: &[Side], may: impl Fn(Side) -> bool) -> Access {
    match sides {
        [] => Access::NotFound,
        sides if sides.iter().any(|side| may(*side)) => Access::Allowed,
        _ => Access::Forbidden,
    }
}

fn is_account(side: &Side) -> bool {
    matches!(side, Side::Account(_))
}

pub struct Fixture {
    pub app: TestApp,
    pub people: Vec<Person>,
    /// The account's ids, one for every placeholder of the tables.
    pub ids: Ids,
    /// The same ids for an unrelated account.
    pub foreign: Ids,
    /// The users and invitees of another partner of the same account.
    pub sibling: Ids,
    fingerprint: String,
}

impl Fixture {
    pub async fn new() -> Self {
        let (stage, seller) = Stage::connected().await;
        let partner = stage.partner().await;
        let Stage { app, buyer, flow, source, .. } = stage;
        let other = app.make_partner(&buyer, "Other Harbor").await;
        let stranger = app.stranger().await;
        let (ids, sibling, foreign) = (
            ids::create_all(&app, &buyer, flow, source, partner).await,
            ids::of_sibling(&app, &buyer, other).await,
            ids::of_stranger(&app, &stranger).await,
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

    /// A hash of every table, ignoring when users were last seen, plus the number of API keys ever used.
    pub async fn fingerprint(&self) -> Vec<(String, String)> {
        let tables = sqlx::query_as(sqlx::AssertSqlSafe(self.fingerprint.as_str())).fetch_all(&self.app.state.pool);
        let mut tables: Vec<_> = tables.await.unwrap();
        let used = self.app.count("api_keys where last_used_at is not null").await;
        tables.push(("the use of API keys".to_owned(), used.to_string()));
        tables
    }

    /// The tables that changed. `before` is updated to the current state.
    pub async fn changed_since(&self, before: &mut Vec<(String, String)>) -> Vec<String> {
        let now = self.fingerprint().await;
        let changed = now.iter().filter(|row| !before.contains(row)).map(|(table, _)| table.clone()).collect();
        *before = now;
        changed
    }
}

/// People without access here, and systems, whose API keys are not sessions.
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

/// Members of both companies who are not Admins.
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

/// Members of the account who also see the partner from another side. Their active account is this one.
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
    let of = [("someone removed from the partner", was_user), ("someone removed from the account", was_member)];
    of.map(|(who, actor)| Person { has_left: true, ..Person::new(who, actor) }).into()
}

/// The invitees of the invitations to join, who are users without any access yet.
async fn invited(app: &TestApp, flow: FlowId, partner: PartnerId) -> Vec<Person> {
    let mut people = Vec::new();
    for (who, invitation, email) in [
        (INVITED_USER, "{user_invitation}", ids::invited_user(partner)),
        (INVITED_MEMBER, "{member_invitation}", ids::invited_member(flow)),
    ] {
        let actor = app.signed_in_user(who, &email).await;
        people.push(Person { invited: Some(invitation), ..Person::new(who, actor) });
    }
    people
}

/// Deviations from the table, reported all together.
#[derive(Default)]
pub struct Findings(Vec<String>);

impl Findings {
    pub fn check(&mut self, is_right: bool, finding: impl FnOnce() -> String) {
        if !is_right {
            self.0.push(finding());
        }
    }

    #[track_caller]
    pub fn assert_none(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

pub fn is_sent_to_sign_in(response: &Response, path: &str) -> bool {
    let (to, next) = (response.header("location"), path.replace('?', "%3F"));
    [302, 303].contains(&response.status.as_u16()) && to.starts_with("/signin?next=") && to.contains(&next)
}

/// True if the page denies the person access as expected.
pub fn is_denied(person: &Person, access: Access, response: &Response, path: &str) -> bool {
    let (status, words) = (response.status.as_u16(), response.text());
    match access {
        Access::Allowed => false,
        Access::SignIn => is_sent_to_sign_in(response, path),
        Access::Forbidden => status == 403 && words.contains("Your role does not allow"),
        Access::NotFound => status == 404 && words.contains("You no longer have access to") == person.has_left,
        Access::Uninvited => status == 404,
    }
}
