//! [both] Partner roles and statuses, and who may do what with one partner (product.md section 3).

use crate::{accounts::model::Role, base::text_enum::text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// The role of a partner user, separate from account roles.
    PartnerRole {
        PartnerAdmin = "partner_admin",
        PartnerUser = "partner_user",
    }
}

text_enum! {
    /// A partner's connection status.
    PartnerStatus {
        /// Its connection invitation is open.
        Invited = "invited",
        Connected = "connected",
        /// It was connected once.
        Disconnected = "disconnected",
        NotConnected = "not_connected",
    }
}

impl PartnerStatus {
    /// `linked` if it was ever linked to an account, `connected` if that account is connected now, `invited` if it has
    /// an open connection invitation. The SQL function `partner_status` has the same rule, because lists sort by it.
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
    /// The columns the list of partners can be sorted by.
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

/// What someone who sees a partner may be allowed to do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartnerPermission {
    /// See performance, leads and docs of its sources, and the prefix, age and last use of their credentials.
    See,
    SendTestLeads,
    ExportLeads,
    /// Create and rotate the credential of one of its sources.
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

/// The side from which someone accesses a partner. One person can be on several sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// A member of the account whose partner it is.
    Account(Role),
    /// A user of the partner.
    Partner(PartnerRole),
    /// A member of the connected account.
    Connected(Role),
}

impl Side {
    /// The part of product.md's permission table (section 3) that is about one partner.
    pub fn may(self, permission: PartnerPermission) -> bool {
        use PartnerPermission as May;
        match permission {
            May::See => true,
            May::SendTestLeads | May::ExportLeads => self != Self::Account(Role::Viewer),
            May::RotateCredential | May::EditProfile => self.manages_partner(),
            May::ManageUsers => self.manages_partner() && !matches!(self, Self::Connected(_)),
        }
    }

    /// Counts the permissions of this side. Someone on several sides acts from the one with the most.
    pub fn permission_count(self) -> usize {
        PartnerPermission::ALL.into_iter().filter(|permission| self.may(*permission)).count()
    }

    fn manages_partner(self) -> bool {
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
    fn a_partner_invited_again_is_invited_until_connected() {
        assert_eq!(PartnerStatus::of(true, false, false), PartnerStatus::Disconnected);
        assert_eq!(PartnerStatus::of(true, false, true), PartnerStatus::Invited);
        assert_eq!(PartnerStatus::of(true, true, true), PartnerStatus::Connected);
        assert_eq!(PartnerStatus::of(false, false, false), PartnerStatus::NotConnected);
    }

    #[test]
    fn each_side_has_the_permissions_of_the_table() {
        let all = May::ALL.to_vec();
        let basic = vec![May::See, May::SendTestLeads, May::ExportLeads];
        let all_but_users: Vec<_> = all.iter().copied().filter(|may| *may != May::ManageUsers).collect();
        for (side, expected) in [
            (Side::Account(Role::Admin), all.clone()),
            (Side::Account(Role::Manager), all.clone()),
            (Side::Account(Role::Viewer), vec![May::See]),
            (Side::Partner(PartnerRole::PartnerAdmin), all),
            (Side::Partner(PartnerRole::PartnerUser), basic.clone()),
            (Side::Connected(Role::Admin), all_but_users.clone()),
            (Side::Connected(Role::Manager), all_but_users),
            (Side::Connected(Role::Viewer), basic),
        ] {
            assert_eq!(allowed(side), expected, "{side:?}");
        }
    }
}
