//! Decides who may do what in an account, in this one place.

use crate::{
    accounts::model::{Permission, Plan, Role},
    base::{AccountId, AppError, Problem, UserId},
    server::{Claim, Cx, Fault},
};

/// A person acting in an account with the permission that was checked.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user_id: UserId,
    pub user_name: String,
    pub email: String,
    pub email_key: String,
    pub account_id: AccountId,
    pub account_name: String,
    pub role: Role,
    pub plan: Option<Plan>,
}

impl Actor {
    /// Only accounts with LeadConduit Base or Pro may send connection invitations.
    pub fn must_have_inviting_plan(&self) -> Result<(), Fault> {
        if self.plan.is_some_and(Plan::may_invite) { Ok(()) } else { Err(Problem::PlanRequired.into()) }
    }
}

impl Cx {
    /// The viewer acting in the account that owns something. Non-members get a 404. Members without the permission get
    /// a 403 with the reason.
    pub fn actor(&self, account_id: AccountId, permission: Permission) -> Result<Actor, Fault> {
        let viewer = self.viewer()?;
        let membership = viewer.membership(account_id).ok_or(Fault::NOT_FOUND)?;
        if !membership.role.may(permission) {
            let problem =
                if permission == Permission::AcceptInvitations { Problem::AdminNeeded } else { Problem::NotAllowed };
            return Err(Fault::Expected(AppError::Refused(problem)));
        }
        self.note(Claim::Account(permission));
        Ok(Actor {
            user_id: viewer.user_id,
            user_name: viewer.name.clone(),
            email: viewer.email.clone(),
            email_key: viewer.email_key.clone(),
            account_id,
            account_name: membership.name.clone(),
            role: membership.role,
            plan: membership.plan,
        })
    }
}
