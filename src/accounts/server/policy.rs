//! Who may do what in an account: the one place that decides.

use crate::{
    accounts::model::{Permission, Plan, Role},
    base::{AccountId, AppError, Problem, UserId},
    server::{Claim, Cx, Fault},
};

/// A person acting in an account, allowed to do what was asked for.
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
    /// Connection invitations are sent by accounts with LeadConduit Base or Pro.
    pub fn must_have_inviting_plan(&self) -> Result<(), Fault> {
        if self.plan.is_some_and(Plan::may_invite) { Ok(()) } else { Err(Problem::PlanRequired.into()) }
    }
}

impl Cx {
    /// Who acts in the account that owns a thing. Somebody else's thing answers as if it did not exist; a thing one may
    /// see but not change answers with a sentence.
    pub fn actor(&self, account_id: AccountId, permission: Permission) -> Result<Actor, Fault> {
        let viewer = self.viewer()?;
        let place = viewer.place(account_id).ok_or(Fault::NOT_FOUND)?;
        if !place.role.may(permission) {
            let problem =
                if permission == Permission::AcceptInvitations { Problem::AdminNeeded } else { Problem::NotAllowed };
            return Err(Fault::Told(AppError::Refused(problem)));
        }
        self.note(Claim::Account(permission));
        Ok(Actor {
            user_id: viewer.user_id,
            user_name: viewer.name.clone(),
            email: viewer.email.clone(),
            email_key: viewer.email_key.clone(),
            account_id,
            account_name: place.name.clone(),
            role: place.role,
            plan: place.plan,
        })
    }
}
