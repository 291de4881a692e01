//! [both] Partner roles, and who may do what with one partner (product.md section 3).

use crate::{accounts::model::Role, base::text_enum::text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// What a person who logs in for a partner may do; separate from account roles.
    PartnerRole {
        PartnerAdmin = "partner_admin",
        PartnerUser = "partner_user",
    }
}

text_enum! {
    /// How a partner stands with the company behind it.
    PartnerStatus {
        /// Its connection invitation can be accepted.
        Invited = "invited",
        Connected = "connected",
        /// It was connected once.
        Disconnected = "disconnected",
        NotConnected = "not_connected",
    }
}

impl PartnerStatus {
    /// Whether it was linked to an account ever, whether that account is connected now, and whether a connection
    /// invitation of it is open. Lists sort by it, so the SQL function `partner_status` says the same.
    pub fn of(linked: bool, connected: bool, invited: bool) -> Self {
        match (connected, invited, linked) {
            (true, ..) => Self::Connected,
            (false, true, _) => Self::Invited,
            (false, false, true) => Self::Disconnected,
            (false, false, false) => Self::NotConnected,
        }
    }
}

text_enum! {
    /// What the list of partners can be sorted by.
    PartnerSort {
        Name = "name",
        Status = "status",
        Sources = "sources",
        Users = "users",
        Leads = "leads",
        Rate = "rate",
        LastLead = "last_lead",
    }
}

/// A deed within one partner that not everybody who sees it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerPermission {
    /// See performance, leads and docs of its sources, and of their credentials prefix, age and last use.
    See,
    SendTestLeads,
    ExportLeads,
    /// Make and rotate the credential of one of its sources.
    RotateCredential,
    EditProfile,
    /// See, invite, resend, revoke, remove its users and change their roles.
    ManageUsers,
}

impl PartnerPermission {
    const ALL: [Self; 6] = [
        Self::See,
        Self::SendTestLeads,
        Self::ExportLeads,
        Self::RotateCredential,
        Self::EditProfile,
        Self::ManageUsers,
    ];
}

/// From where somebody looks at a partner. One person may stand on several sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// A member of the account whose partner it is.
    Account(Role),
    /// Logs in for the partner.
    Partner(PartnerRole),
    /// A member of the account it is connected with.
    Connected(Role),
}

impl Side {
    /// The permission table of product.md section 3, for what is about one partner.
    pub fn may(self, permission: PartnerPermission) -> bool {
        use PartnerPermission as May;
        match permission {
            May::See => true,
            May::SendTestLeads | May::ExportLeads => self != Self::Account(Role::Viewer),
            May::RotateCredential | May::EditProfile => self.leads_the_partner(),
            May::ManageUsers => self.leads_the_partner() && !matches!(self, Self::Connected(_)),
        }
    }

    /// How much one may do from here: who stands on several sides acts from where they may do most.
    pub fn reach(self) -> usize {
        PartnerPermission::ALL.into_iter().filter(|permission| self.may(*permission)).count()
    }

    fn leads_the_partner(self) -> bool {
        match self {
            Self::Account(role) | Self::Connected(role) => role != Role::Viewer,
            Self::Partner(role) => role == PartnerRole::PartnerAdmin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PartnerPermission as May;

    fn allowed(side: Side) -> Vec<May> {
        May::ALL.into_iter().filter(|permission| side.may(*permission)).collect()
    }

    #[test]
    fn a_partner_that_is_invited_again_is_invited_until_it_is_connected() {
        assert_eq!(PartnerStatus::of(true, false, false), PartnerStatus::Disconnected);
        assert_eq!(PartnerStatus::of(true, false, true), PartnerStatus::Invited);
        assert_eq!(PartnerStatus::of(true, true, true), PartnerStatus::Connected);
        assert_eq!(PartnerStatus::of(false, false, false), PartnerStatus::NotConnected);
    }

    #[test]
    fn the_sides_have_the_rights_of_the_permission_table() {
        let all = May::ALL.to_vec();
        let use_it = vec![May::See, May::SendTestLeads, May::ExportLeads];
        let but_users: Vec<_> = all.iter().copied().filter(|may| *may != May::ManageUsers).collect();
        for (side, expected) in [
            (Side::Account(Role::Admin), all.clone()),
            (Side::Account(Role::Manager), all.clone()),
            (Side::Account(Role::Viewer), vec![May::See]),
            (Side::Partner(PartnerRole::PartnerAdmin), all),
            (Side::Partner(PartnerRole::PartnerUser), use_it.clone()),
            (Side::Connected(Role::Admin), but_users.clone()),
            (Side::Connected(Role::Manager), but_users),
            (Side::Connected(Role::Viewer), use_it),
        ] {
            assert_eq!(allowed(side), expected, "{side:?}");
        }
    }
}
