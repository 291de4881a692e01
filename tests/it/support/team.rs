//! Partner users and members, managed through the plain forms of the pages.

use super::{Actor, Response, TestApp, app::PASSWORD};
use accord::{
    base::{InvitationId, PartnerId, UserId, paths},
    partners::model::PartnerRole,
};

impl TestApp {
    /// A partner user who accepted the buyer's emailed invitation.
    pub async fn user_of(
        &self,
        buyer: &Actor,
        partner: PartnerId,
        role: PartnerRole,
        name: &str,
        email: &str,
    ) -> Actor {
        buyer.invite_user(partner, email, role.as_str()).await.expect(303);
        let mut user = self.visitor(name, email, "");
        user.join_by_email().await;
        user
    }

    /// The addresses and roles of a partner's users.
    pub async fn users_of(&self, partner: PartnerId) -> Vec<(String, String)> {
        sqlx::query_as(
            "select u.email, pu.role from partner_users pu join users u on u.id = pu.user_id
             where pu.partner_id = $1 order by u.email",
        )
        .bind(partner)
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }

    /// The addresses and roles of the members of the actor's account.
    pub async fn members_of(&self, actor: &Actor) -> Vec<(String, String)> {
        sqlx::query_as(
            "select u.email, m.role from members m join users u on u.id = m.user_id where m.account_id = $1 order by u.email",
        )
        .bind(actor.account())
        .fetch_all(&self.state.pool)
        .await
        .unwrap()
    }

    /// The latest invitation to an address.
    pub async fn invitation_to(&self, email: &str) -> InvitationId {
        sqlx::query_scalar("select id from invitations where email = $1 order by id desc limit 1")
            .bind(email)
            .fetch_one(&self.state.pool)
            .await
            .unwrap()
    }

    /// The role of a user who belongs to one partner or account.
    pub async fn role_of(&self, user: UserId) -> String {
        sqlx::query_scalar(
            "select role from partner_users where user_id = $1 union all select role from members where user_id = $1 limit 1",
        )
        .bind(user)
        .fetch_optional(&self.state.pool)
        .await
        .unwrap()
        .unwrap_or_else(|| "partner_user".to_owned())
    }

    pub async fn state_of(&self, invitation: InvitationId) -> String {
        sqlx::query_scalar("select state from invitations where id = $1")
            .bind(invitation)
            .fetch_one(&self.state.pool)
            .await
            .unwrap()
    }
}

impl Actor {
    #[track_caller]
    pub fn user(&self) -> UserId {
        self.user.expect("this person has a login")
    }

    /// Invites a partner user from the account's pages.
    pub async fn invite_user(&self, partner: PartnerId, email: &str, role: &str) -> Response {
        let fields = [("form", "invite"), ("email", email), ("role", role)];
        self.post(&paths::invite_partner_user(partner), &fields).await
    }

    /// Invites a partner user from the portal.
    pub async fn invite_colleague(&self, partner: PartnerId, email: &str, role: &str) -> Response {
        let fields = [("form", "invite"), ("email", email), ("role", role)];
        self.post(&paths::portal_invite(partner), &fields).await
    }

    pub async fn invite_member(&self, email: &str, role: &str) -> Response {
        self.post_as("invite", paths::INVITE_MEMBER, &[("email", email), ("role", role)]).await
    }

    /// Clicks a button of an invitation on this page.
    pub async fn act_on_invitation(&self, page: &str, form: &str, invitation: InvitationId) -> Response {
        self.post(page, &[("form", form), ("invitation", &invitation.to_string())]).await
    }

    pub async fn set_role(&self, page: &str, user: UserId, role: &str) -> Response {
        let shown = self.app.role_of(user).await;
        self.post(page, &[("form", "role"), ("user", &user.to_string()), ("shown", &shown), ("role", role)]).await
    }

    pub async fn remove(&self, page: &str, user: UserId) -> Response {
        self.post(page, &[("form", "remove"), ("user", &user.to_string())]).await
    }

    /// Follows the link of the latest email, creates the user and joins.
    pub async fn join_by_email(&mut self) -> Response {
        let link = self.app.link_to(&self.email).await;
        let invitation = self.open_link(&link).await;
        let response = self.sign_up_and_join(invitation).await;
        response.location();
        self.user = sqlx::query_scalar("select id from users where email = $1")
            .bind(&self.email)
            .fetch_one(&self.app.state.pool)
            .await
            .unwrap();
        response
    }

    /// Posts the sign-up form on an open invitation's page.
    pub async fn sign_up_and_join(&self, invitation: InvitationId) -> Response {
        let form = [("form", "signup"), ("name", self.name.as_str()), ("password", PASSWORD)];
        self.post(&paths::invitation_sign_up(invitation), &form).await
    }

    /// Accepts an invitation to join, on its page.
    pub async fn join(&self, invitation: InvitationId) -> Response {
        self.post(&paths::invitation(invitation), &[("form", "join")]).await
    }
}
