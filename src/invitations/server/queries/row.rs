//! A stored row and its conversion into an `Invitation`. The table's constraints tie entity, role and partner to the
//! kind, and each time to its state. They don't require an acceptor, nor forbid a partner for a buyer. No verb writes
//! such rows; if one exists, it is reported as impossible.

use super::LinkFacts;
use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId, MailId, PartnerId, SourceId, UserId},
    entities::model::Direction,
    invitations::{
        model::{Kind, Offer, OfferedRole, StoredState, TeamRole},
        server::invitation::{Connect, Invitation, InvitedTo, Join, Purpose, State},
    },
    server::Fault,
};
use time::OffsetDateTime;

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub id: InvitationId,
    pub kind: Kind,
    pub account_id: AccountId,
    pub company: String,
    pub invited_by: Option<UserId>,
    pub inviter: Option<String>,
    pub email: String,
    pub email_key: String,
    pub note: String,
    /// Null if the company is a source of no flow.
    pub flow_id: Option<FlowId>,
    pub flow_name: Option<String>,
    pub flow_source_id: Option<SourceId>,
    pub flow_is_only: Option<bool>,
    pub entity_id: Option<EntityId>,
    pub partner_id: Option<PartnerId>,
    pub partner_name: Option<String>,
    pub role: Option<OfferedRole>,
    pub backed: bool,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub mail_id: Option<MailId>,
    pub reminder_mail_id: Option<MailId>,
    pub state: StoredState,
    pub expired: bool,
    pub superseded_at: Option<OffsetDateTime>,
    pub accepted_at: Option<OffsetDateTime>,
    pub accepted_by: Option<UserId>,
    pub accepted_account_id: Option<AccountId>,
    pub declined_at: Option<OffsetDateTime>,
    pub decline_reason: Option<String>,
    pub revoked_at: Option<OffsetDateTime>,
    /// The accounts whose Admins were asked to accept.
    pub asked: Vec<AccountId>,
    /// Null without a link.
    pub link_verifies_address: Option<bool>,
    pub link_superseded_at: Option<OffsetDateTime>,
}

impl Row {
    pub fn link(&self) -> Option<LinkFacts> {
        let superseded_at = self.link_superseded_at;
        self.link_verifies_address.map(|verifies_address| LinkFacts { verifies_address, superseded_at })
    }

    fn invited_to(&self) -> Option<InvitedTo> {
        let (id, name) = (self.flow_id?, self.flow_name.clone()?);
        Some(InvitedTo { id, name, source_id: self.flow_source_id?, is_only: self.flow_is_only? })
    }

    fn purpose(&self) -> Option<Purpose> {
        let role = self.role.map(OfferedRole::team_role);
        match (self.kind, self.entity_id, self.partner_id, role) {
            (Kind::Source, Some(entity_id), partner_id, None) => {
                Some(Purpose::Connect(Connect { direction: Direction::Seller, entity_id, partner_id }))
            }
            (Kind::Recipient, Some(entity_id), None, None) => {
                Some(Purpose::Connect(Connect { direction: Direction::Buyer, entity_id, partner_id: None }))
            }
            (Kind::Member, None, None, Some(TeamRole::Account(role))) => {
                let offer = Offer::Member { account_id: self.account_id, role };
                Some(Purpose::Join(Join { offer, team_name: self.company.clone() }))
            }
            (Kind::PartnerUser, None, Some(partner_id), Some(TeamRole::Partner(role))) => {
                let team_name = self.partner_name.clone()?;
                Some(Purpose::Join(Join { offer: Offer::PartnerUser { partner_id, role }, team_name }))
            }
            _ => None,
        }
    }

    fn state(&self) -> Option<State> {
        let is_team_invite = self.kind.is_team_invite();
        match (self.state, self.accepted_at, self.declined_at, self.revoked_at) {
            (StoredState::Pending, None, None, None) => {
                Some(State::Pending { expired: self.expired, superseded_at: self.superseded_at })
            }
            (StoredState::Accepted, Some(at), None, None) => {
                // A connection has an accepting account, joining a team has none.
                let account_id = self.accepted_account_id;
                (account_id.is_none() == is_team_invite).then_some(())?;
                Some(State::Accepted { at, by: self.accepted_by?, account_id })
            }
            (StoredState::Declined, None, Some(at), None) => {
                Some(State::Declined { at, reason: self.decline_reason.clone().unwrap_or_default() })
            }
            (StoredState::Revoked, None, None, Some(at)) => Some(State::Revoked { at }),
            _ => None,
        }
    }
}

impl TryFrom<Row> for Invitation {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let impossible = |what: String| Fault::ImpossibleRow("invitations", format!("{} {what}", row.id));
        let kind = row.kind.as_str();
        let flow = row.invited_to();
        let purpose = row
            .purpose()
            .ok_or_else(|| impossible(format!("of kind {kind} has an entity, partner or role that does not fit")))?;
        let state =
            row.state().ok_or_else(|| impossible(format!("is {} and its facts say otherwise", row.state.as_str())))?;
        Ok(Self {
            id: row.id,
            account_id: row.account_id,
            company: row.company,
            invited_by: row.invited_by,
            inviter: row.inviter,
            email: row.email,
            email_key: row.email_key,
            note: row.note,
            flow,
            backed: row.backed,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            mail_id: row.mail_id,
            reminder_mail_id: row.reminder_mail_id,
            asked: row.asked,
            purpose,
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::model::Role, base::AppError, invitations::model::InvitationStatus, partners::model::PartnerRole,
    };

    const ID: &str = "5fd4371e940df5a34a3888b2";
    const AT: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    /// A pending row, as the kind's verb writes it.
    fn row(kind: Kind) -> Row {
        let connects = !kind.is_team_invite();
        Row {
            id: ID.parse().unwrap(),
            kind,
            account_id: ID.parse().unwrap(),
            company: "Acme".to_owned(),
            invited_by: ID.parse().ok(),
            inviter: Some("Ann".to_owned()),
            email: "bob@example.com".to_owned(),
            email_key: "bob@example.com".to_owned(),
            note: String::new(),
            flow_id: None,
            flow_name: None,
            flow_source_id: None,
            flow_is_only: None,
            entity_id: connects.then(|| ID.parse().unwrap()),
            partner_id: matches!(kind, Kind::Source | Kind::PartnerUser).then(|| ID.parse().unwrap()),
            partner_name: matches!(kind, Kind::Source | Kind::PartnerUser).then(|| "Bolt".to_owned()),
            role: match kind {
                Kind::Member => Some(OfferedRole::Viewer),
                Kind::PartnerUser => Some(OfferedRole::PartnerAdmin),
                Kind::Source | Kind::Recipient => None,
            },
            backed: true,
            sent_at: AT,
            expires_at: AT,
            mail_id: None,
            reminder_mail_id: None,
            state: StoredState::Pending,
            expired: false,
            superseded_at: None,
            accepted_at: None,
            accepted_by: None,
            accepted_account_id: None,
            declined_at: None,
            decline_reason: None,
            revoked_at: None,
            asked: Vec::new(),
            link_verifies_address: None,
            link_superseded_at: None,
        }
    }

    fn accepted(kind: Kind) -> Row {
        let account = (!kind.is_team_invite()).then(|| ID.parse().unwrap());
        let by = ID.parse().ok();
        let (state, accepted_at) = (StoredState::Accepted, Some(AT));
        Row { state, accepted_at, accepted_by: by, accepted_account_id: account, ..row(kind) }
    }

    #[test]
    fn each_kind_is_built_from_its_columns() {
        let purpose = |kind| Invitation::try_from(row(kind)).unwrap().purpose;
        let (entity_id, partner_id) = (ID.parse().unwrap(), ID.parse().unwrap());
        let connect = |direction, partner_id| Purpose::Connect(Connect { direction, entity_id, partner_id });
        assert_eq!(purpose(Kind::Source), connect(Direction::Seller, Some(partner_id)));
        assert_eq!(purpose(Kind::Recipient), connect(Direction::Buyer, None));
        let join = |offer, name: &str| Purpose::Join(Join { offer, team_name: name.to_owned() });
        let member = Offer::Member { account_id: ID.parse().unwrap(), role: Role::Viewer };
        assert_eq!(purpose(Kind::Member), join(member, "Acme"));
        let user = Offer::PartnerUser { partner_id, role: PartnerRole::PartnerAdmin };
        assert_eq!(purpose(Kind::PartnerUser), join(user, "Bolt"));
        for kind in Kind::ALL {
            assert_eq!(Invitation::try_from(row(*kind)).unwrap().kind(), *kind);
        }
    }

    #[test]
    fn each_state_has_its_own_facts() {
        for kind in Kind::ALL {
            let pending = row(*kind);
            let declined =
                Row { state: StoredState::Declined, declined_at: Some(AT), decline_reason: None, ..row(*kind) };
            let revoked = Row { state: StoredState::Revoked, revoked_at: Some(AT), ..row(*kind) };
            for (row, status) in [
                (pending.clone(), InvitationStatus::Open),
                (Row { expired: true, ..pending.clone() }, InvitationStatus::Expired),
                (Row { expired: true, superseded_at: Some(AT), ..pending }, InvitationStatus::Replaced),
                (accepted(*kind), InvitationStatus::Accepted),
                (declined, InvitationStatus::Declined),
                (revoked, InvitationStatus::Revoked),
            ] {
                assert_eq!(Invitation::try_from(row).unwrap().status(), status, "{kind:?}");
            }
        }
        // Older rows: sellers invited before partners existed.
        assert!(Invitation::try_from(Row { partner_id: None, ..row(Kind::Source) }).is_ok());
    }

    #[test]
    fn an_impossible_row_is_an_internal_error_not_a_404() {
        let (entity_id, partner_id, account_id) = (ID.parse().ok(), ID.parse().ok(), ID.parse().ok());
        for (what, row) in [
            ("a source without entity", Row { entity_id: None, ..row(Kind::Source) }),
            ("a recipient without entity", Row { entity_id: None, ..row(Kind::Recipient) }),
            ("a recipient with a partner", Row { partner_id, ..row(Kind::Recipient) }),
            ("a source that offers a role", Row { role: Some(OfferedRole::Admin), ..row(Kind::Source) }),
            ("a member with an entity", Row { entity_id, ..row(Kind::Member) }),
            ("a member without role", Row { role: None, ..row(Kind::Member) }),
            ("a member of a partner", Row { partner_id, ..row(Kind::Member) }),
            ("a member as Partner User", Row { role: Some(OfferedRole::PartnerUser), ..row(Kind::Member) }),
            ("a partner user without partner", Row { partner_id: None, ..row(Kind::PartnerUser) }),
            ("a partner user of a nameless partner", Row { partner_name: None, ..row(Kind::PartnerUser) }),
            ("a partner user as Admin", Row { role: Some(OfferedRole::Admin), ..row(Kind::PartnerUser) }),
            ("a partner user without role", Row { role: None, ..row(Kind::PartnerUser) }),
            ("pending and accepted", Row { accepted_at: Some(AT), ..row(Kind::Source) }),
            ("accepted at no time", Row { accepted_at: None, ..accepted(Kind::Source) }),
            ("accepted by nobody", Row { accepted_by: None, ..accepted(Kind::Member) }),
            ("connected with no account", Row { accepted_account_id: None, ..accepted(Kind::Recipient) }),
            ("joined for an account", Row { accepted_account_id: account_id, ..accepted(Kind::PartnerUser) }),
            ("accepted and declined", Row { declined_at: Some(AT), ..accepted(Kind::Source) }),
            ("declined at no time", Row { state: StoredState::Declined, ..row(Kind::Source) }),
            ("revoked at no time", Row { state: StoredState::Revoked, ..row(Kind::Member) }),
        ] {
            let fault = Invitation::try_from(row).expect_err(what);
            assert!(matches!(fault, Fault::ImpossibleRow("invitations", _)), "{what}: {fault}");
            assert_eq!(fault.report(), AppError::Internal, "{what}");
        }
    }
}
