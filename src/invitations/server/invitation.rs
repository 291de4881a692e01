//! An invitation: its purpose and its state.

use crate::{
    base::{AccountId, EntityId, FlowId, InvitationId, MailId, PartnerId, Problem, SourceId, UserId},
    entities::model::Direction,
    invitations::model::{Facts, InvitationStatus, Kind, Offer, StoredState, Team},
};
use std::ops::Deref;
use time::OffsetDateTime;

/// An invitation, with the names of the company and the inviter.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub account_id: AccountId,
    /// The inviting company.
    pub company: String,
    pub invited_by: Option<UserId>,
    pub inviter: Option<String>,
    pub email: String,
    pub email_key: String,
    pub note: String,
    /// The flow that a seller is invited to. If it is a source of several, the one that it was added to first.
    pub flow: Option<InvitedTo>,
    /// False if it is void: the inviting account may no longer invite companies, or the inviter may no longer grant the
    /// role.
    pub backed: bool,
    pub sent_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    /// The email with the current link.
    pub mail_id: Option<MailId>,
    pub reminder_mail_id: Option<MailId>,
    /// The accounts whose Admins were asked to accept.
    pub asked: Vec<AccountId>,
    pub purpose: Purpose,
    pub state: State,
}

/// A flow that a seller is invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedTo {
    pub id: FlowId,
    pub name: String,
    pub source_id: SourceId,
    /// False if the company is a source of other flows too.
    pub is_only: bool,
}

/// What an invitation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Connect(Connect),
    Join(Join),
}

/// A company is invited to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connect {
    /// What the invited company becomes for the inviting account.
    pub direction: Direction,
    pub entity_id: EntityId,
    /// The partner that the company becomes. None for buyers.
    pub partner_id: Option<PartnerId>,
}

/// A person is invited to join a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    pub offer: Offer,
    /// The partner's or the account's name.
    pub team_name: String,
}

/// The state of an invitation, with the facts that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Pending {
        expired: bool,
        /// When a newer invitation, or a newer link of this one, was sent.
        superseded_at: Option<OffsetDateTime>,
    },
    Accepted {
        at: OffsetDateTime,
        by: UserId,
        /// The connected account. None for invitations to join, which a person accepts.
        account_id: Option<AccountId>,
    },
    Declined {
        at: OffsetDateTime,
        reason: String,
    },
    Revoked {
        at: OffsetDateTime,
    },
}

impl State {
    /// Expiry and newer invitations only matter until someone answers.
    pub fn status(&self) -> InvitationStatus {
        match self {
            Self::Pending { expired, superseded_at } => {
                let superseded = superseded_at.is_some();
                Facts { state: StoredState::Pending, expired: *expired, superseded }.status()
            }
            Self::Accepted { .. } => InvitationStatus::Accepted,
            Self::Declined { .. } => InvitationStatus::Declined,
            Self::Revoked { .. } => InvitationStatus::Revoked,
        }
    }
}

/// Proof that an invitation can be answered now. Each statement that claims an answer takes one, so no verb can claim
/// without this check.
#[derive(Debug)]
pub struct Open(InvitationId);

impl Open {
    pub fn id(&self) -> InvitationId {
        self.0
    }
}

impl Invitation {
    pub fn status(&self) -> InvitationStatus {
        self.state.status()
    }

    /// Proof that it can be answered, otherwise why not.
    pub fn open(&self) -> Result<Open, Problem> {
        self.status().check_answerable().map(|()| Open(self.id))
    }

    /// The invitation as seen through a link that was replaced by a newer one. Answers stay visible through every link.
    pub fn replaced(mut self, at: OffsetDateTime) -> Self {
        if let State::Pending { superseded_at, .. } = &mut self.state {
            *superseded_at = Some(at);
        }
        self
    }

    /// When a newer invitation or link was sent, if this one is unanswered.
    pub fn superseded_at(&self) -> Option<OffsetDateTime> {
        match self.state {
            State::Pending { superseded_at, .. } => superseded_at,
            _ => None,
        }
    }

    /// Its emails, which may still be unsent.
    pub fn mails(&self) -> Vec<MailId> {
        self.mail_id.into_iter().chain(self.reminder_mail_id).collect()
    }

    pub fn kind(&self) -> Kind {
        match &self.purpose {
            Purpose::Connect(connect) => connect.direction.into(),
            Purpose::Join(join) => join.offer.into(),
        }
    }

    pub fn flow_name(&self) -> Option<&str> {
        self.flow.as_ref().map(|flow| flow.name.as_str())
    }

    pub fn entity_id(&self) -> Option<EntityId> {
        match &self.purpose {
            Purpose::Connect(connect) => Some(connect.entity_id),
            Purpose::Join(_) => None,
        }
    }

    pub fn join(&self) -> Option<&Join> {
        match &self.purpose {
            Purpose::Connect(_) => None,
            Purpose::Join(join) => Some(join),
        }
    }

    pub fn team(&self) -> Option<Team> {
        self.join().map(|join| join.offer.team())
    }
}

/// An invitation to connect, as the verbs for companies need it. It derefs to `Invitation`.
#[derive(Debug, Clone)]
pub struct ConnectInvitation {
    invitation: Invitation,
    pub connect: Connect,
}

/// An invitation to join, as the verbs for people need it. It derefs to `Invitation`.
#[derive(Debug, Clone)]
pub struct JoinInvitation {
    invitation: Invitation,
    pub join: Join,
}

impl Deref for ConnectInvitation {
    type Target = Invitation;

    fn deref(&self) -> &Invitation {
        &self.invitation
    }
}

impl Deref for JoinInvitation {
    type Target = Invitation;

    fn deref(&self) -> &Invitation {
        &self.invitation
    }
}

impl Invitation {
    pub fn to_connect(self) -> Option<ConnectInvitation> {
        match self.purpose {
            Purpose::Connect(connect) => Some(ConnectInvitation { invitation: self, connect }),
            Purpose::Join(_) => None,
        }
    }

    pub fn to_join(self) -> Option<JoinInvitation> {
        let join = self.join()?.clone();
        Some(JoinInvitation { invitation: self, join })
    }
}
