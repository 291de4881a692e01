//! A random history: people do one thing after another, chosen from a seed.

use super::{Actor, TestApp};
use accord::{
    accounts::model::Plan,
    base::{ConnectionId, FlowId, InvitationId, PartnerId, paths},
};
use time::{Duration, OffsetDateTime};

/// xorshift64*: random enough to choose steps, and the same on every machine.
#[derive(Debug)]
struct Rng(u64);

impl Rng {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap() % end
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { Some(&of[self.below(of.len())]) }
    }
}

/// A buyer, its flows, three sellers it may invite, and an address that never responds.
#[derive(Debug)]
pub struct World {
    pub app: TestApp,
    buyer: Actor,
    sellers: Vec<Actor>,
    flows: Vec<FlowId>,
    rng: Rng,
}

const ADDRESSES: [&str; 4] = ["s0@seller.example", "s1@seller.example", "s2@seller.example", "nobody@seller.example"];

impl World {
    pub async fn new(seed: u64) -> Self {
        let app = TestApp::start().await;
        let buyer = app.buyer().await;
        let mut sellers = Vec::new();
        for (number, address) in ADDRESSES[..3].iter().enumerate() {
            let (name, company) = (format!("Cy {number}"), format!("Harbor {number}"));
            sellers.push(app.admin(&name, address, &company, Some(Plan::Pro), false).await);
        }
        let flows = vec![buyer.create_flow("Solar").await, buyer.create_flow("Roofing").await];
        buyer.custom_source(flows[0], "Own form").await;
        Self { app, buyer, sellers, flows, rng: Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)) }
    }

    async fn ids<T>(&self, query: &str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&self.app.state.pool).await.unwrap()
    }

    /// One of the given values: three times in four the latest.
    fn prefer_latest<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if self.rng.below(4) > 0 { of.last().copied() } else { self.rng.pick(of).copied() }
    }

    async fn invitation(&mut self) -> Option<InvitationId> {
        let ids = self.ids("select id from invitations order by id").await;
        self.prefer_latest(&ids)
    }

    async fn partner(&mut self) -> Option<PartnerId> {
        let ids: Vec<PartnerId> = self.ids("select id from partners order by id").await;
        self.rng.pick(&ids).copied()
    }

    fn address(&mut self) -> &'static str {
        ADDRESSES[self.rng.below(ADDRESSES.len())]
    }

    /// Someone does something, which may be refused. Returns its name.
    pub async fn step(&mut self) -> &'static str {
        let (name, status) = match self.rng.below(20) {
            0..4 => self.invite().await,
            4..8 => self.accept_or_decline().await,
            8..13 => self.change_an_invitation().await,
            13..15 => self.disconnect().await,
            15..18 => self.change_a_partner().await,
            _ => {
                self.advance_time().await;
                ("time passes", 200)
            }
        };
        assert!(status < 500, "{name}: {status}");
        name
    }

    async fn invite(&mut self) -> (&'static str, u16) {
        let address = self.address();
        let seller = self.rng.below(3);
        match self.rng.below(4) {
            0 => {
                let response = self.sellers[seller].invite_recipient(&self.buyer.email, "").await;
                ("a seller invites the buyer", response.status.as_u16())
            }
            1 => match self.partner().await {
                Some(partner) => {
                    let response = self.buyer.connect(partner, address).await;
                    ("a partner is invited to connect", response.status.as_u16())
                }
                None => ("nobody to invite", 200),
            },
            _ => {
                let flow = self.flows[self.rng.below(2)];
                ("a source is invited", self.buyer.invite(flow, address, "").await.status.as_u16())
            }
        }
    }

    /// The invitee accepts or declines, whether or not that is still possible.
    async fn accept_or_decline(&mut self) -> (&'static str, u16) {
        let Some(id) = self.invitation().await else { return ("nothing to answer", 200) };
        let email: String = sqlx::query_scalar("select email_key from invitations where id = $1")
            .bind(id)
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap();
        let declines = self.rng.below(4) == 0;
        let people = self.sellers.iter().chain([&self.buyer]);
        let Some(invitee) = people.into_iter().find(|actor| actor.email == email) else {
            return ("nobody answers", 200);
        };
        let response = match declines {
            true => invitee.decline(id, "Not now").await,
            false if invitee.email == self.buyer.email => invitee.accept_into(id, "new").await,
            false => invitee.accept_confirmed(id).await,
        };
        (if declines { "declined" } else { "accepted" }, response.status.as_u16())
    }

    async fn change_an_invitation(&mut self) -> (&'static str, u16) {
        let Some(id) = self.invitation().await else { return ("nothing to change", 200) };
        let address = self.address();
        let (name, response) = match self.rng.below(6) {
            0 => ("revoked", self.buyer.revoke(id).await),
            1 | 2 => ("resent", self.buyer.act("resend", id).await),
            3 => ("readdressed", self.buyer.readdress(id, address).await),
            4 => ("link copied", self.buyer.post_as("link", &paths::invitation_link(id, "/"), &[]).await),
            _ => ("invited again", self.buyer.act("invite-again", id).await),
        };
        (name, response.status.as_u16())
    }

    async fn disconnect(&mut self) -> (&'static str, u16) {
        let ids: Vec<ConnectionId> = self.ids("select id from connections order by id").await;
        let Some(id) = self.prefer_latest(&ids) else { return ("nothing to disconnect", 200) };
        let seller = self.rng.below(3);
        let who = if self.rng.below(2) == 0 { &self.buyer } else { &self.sellers[seller] };
        ("disconnected", who.disconnect(id).await.status.as_u16())
    }

    async fn change_a_partner(&mut self) -> (&'static str, u16) {
        let Some(id) = self.partner().await else {
            self.buyer.create_partner("Made by hand").await;
            return ("a partner is made", 200);
        };
        let address = self.address();
        let (name, response) = match self.rng.below(4) {
            0 => ("a partner is removed", self.buyer.remove_partner(id).await),
            1 => ("a partner is restored", self.buyer.restore_partner(id).await),
            2 => ("a person is invited", self.buyer.invite_user(id, address, "partner_user").await),
            _ => {
                self.buyer.create_partner(&format!("Partner {}", self.rng.below(1_000_000))).await;
                return ("a partner is made", 200);
            }
        };
        (name, response.status.as_u16())
    }

    /// Advances by minutes, by days, or to the exact moment an invitation expires, and keeps all sessions alive.
    async fn advance_time(&mut self) {
        let now = self.app.state.now().await.unwrap();
        let ends: Vec<OffsetDateTime> = self.ids("select expires_at from invitations order by id").await;
        let next = ends.into_iter().filter(|end| *end > now).min();
        match (self.rng.below(4), next) {
            (0, Some(end)) => self.app.advance((end - now).min(Duration::days(9))),
            (1, _) => self.app.advance(Duration::days(5)),
            _ => self.app.advance(Duration::minutes(2)),
        }
        self.app.deliver().await;
        self.app.run_due().await;
        for actor in self.sellers.iter().chain([&self.buyer]) {
            actor.get(paths::HOME).await.expect(200);
        }
    }
}
