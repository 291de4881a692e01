//! [both] Roles and plans, and what each allows (product.md sections 1 and 3).

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
        /// LeadConduit for Partners: free, granted by accepting an invitation.
        Partners = "partners",
    }
}

/// What an account role may allow.
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

    /// Accounts with the Partners plan cannot create flows.
    pub fn may_build_flows(self) -> bool {
        self != Self::Partners
    }
}

/// The LeadConduit plan after accepting a connection invitation: unchanged, or the free plan if there was none (the
/// table of product.md section 2).
pub fn plan_after_acceptance(before: Option<Plan>) -> Plan {
    before.unwrap_or(Plan::Partners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_grants_a_plan_only_if_there_is_none() {
        assert_eq!(plan_after_acceptance(None), Plan::Partners);
        for plan in Plan::ALL {
            assert_eq!(plan_after_acceptance(Some(*plan)), *plan);
        }
    }

    #[test]
    fn viewers_only_see_and_only_admins_accept_and_manage() {
        for role in Role::ALL {
            assert!(role.may(Permission::See));
            assert_eq!(role.may(Permission::AcceptInvitations), *role == Role::Admin);
            assert_eq!(role.may(Permission::ManageAccount), *role == Role::Admin);
            assert_eq!(role.may(Permission::Invite), *role != Role::Viewer);
        }
    }
}
