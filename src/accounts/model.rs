//! [both] Roles, plans, and what each of them may do (product.md sections 1 and 3).

use crate::base::text_enum::text_enum;

text_enum! {
    /// What a member may do in an account.
    Role {
        Admin = "admin",
        Manager = "manager",
        Viewer = "viewer",
    }
}

text_enum! {
    /// The plan of an account's LeadConduit subscription.
    Plan {
        Base = "base",
        Pro = "pro",
        /// LeadConduit for Partners: free, comes with an accepted invitation.
        Partners = "partners",
    }
}

/// A deed that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See flows, sources, partners and leads of the account, and its activity.
    See,
    /// Create and change flows, sources, rules, mappings, partners; assign sources.
    ChangeFlows,
    /// Send, resend and revoke connection invitations.
    Invite,
    /// Accept a connection invitation for the account.
    AcceptInvitations,
    /// Members, account roles, API keys, settings, subscription.
    ManageAccount,
}

impl Role {
    /// The permission table of product.md section 3.
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::See => true,
            Permission::ChangeFlows | Permission::Invite => self != Self::Viewer,
            Permission::AcceptInvitations | Permission::ManageAccount => self == Self::Admin,
        }
    }
}

impl Plan {
    /// Connection invitations need LeadConduit Base or Pro.
    pub fn may_invite(self) -> bool {
        self != Self::Partners
    }

    /// The Partners plan has no flows of its own making.
    pub fn may_build_flows(self) -> bool {
        self != Self::Partners
    }
}

/// What an account has after it accepted a connection invitation: LeadConduit stays what it was, and where there is none
/// the free plan comes (the table of product.md section 2).
pub fn plan_after_acceptance(before: Option<Plan>) -> Plan {
    before.unwrap_or(Plan::Partners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_grants_a_plan_only_where_there_is_none() {
        assert_eq!(plan_after_acceptance(None), Plan::Partners);
        for plan in Plan::ALL {
            assert_eq!(plan_after_acceptance(Some(*plan)), *plan);
        }
    }

    #[test]
    fn a_viewer_sees_and_does_nothing_and_only_an_admin_accepts_and_manages() {
        for role in Role::ALL {
            assert!(role.may(Permission::See));
            assert_eq!(role.may(Permission::AcceptInvitations), *role == Role::Admin);
            assert_eq!(role.may(Permission::ManageAccount), *role == Role::Admin);
            assert_eq!(role.may(Permission::Invite), *role != Role::Viewer);
        }
    }
}
