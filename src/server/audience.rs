//! Who a route is for, and the proof that it was asked. Each route declares its [`Audience`]; the finders and policies that
//! let somebody in note a [`Claim`]; a request whose claims do not meet the audience of its route neither commits nor
//! answers with success.

use super::{Cx, Fault};
use crate::{
    accounts::model::{Permission, Role},
    base::Problem,
    partners::model::PartnerPermission,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Who an endpoint is for, and what it takes. For anybody else it does not exist (404); somebody who lacks only the
/// permission is told so (403).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Anyone,
    /// Whoever holds an invitation's token or the cookie it was swapped for, or is signed in under the invited address.
    Invited,
    /// Anybody who is signed in, for their own profile.
    SignedIn,
    /// Members of the active account, which lists and "new" pages act in.
    Active(Permission),
    /// Members of the account that owns the thing in path or body.
    Account(Permission),
    /// Members of either company of the connection in the path.
    Connection(Permission),
    /// Everybody on any side of the partner in the path: the account's people, those who log in for it, and members of
    /// the connected account.
    Partner(PartnerPermission),
    /// The same without the account's people, who have pages of their own.
    Portal(PartnerPermission),
    /// Of these only the account's people.
    OwnPartner(PartnerPermission),
    /// The account's people whatever their role, and of the partner's side those who manage its users.
    PartnerPeople,
    /// Sellers' systems: the address itself is the right, no cookie is read.
    Sellers,
    /// Everybody, but only in development.
    Development,
}

/// What a policy has found: somebody may do this to the thing that the request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    Account(Permission),
    Partner {
        permission: PartnerPermission,
        /// From the side of the account whose partner it is.
        from_account: bool,
    },
    Invited,
}

impl Audience {
    /// Whether this claim proves that the request is for this audience. A claim to more proves less too.
    fn is_met_by(self, claim: Claim) -> bool {
        match (self, claim) {
            (Self::Active(needed) | Self::Account(needed) | Self::Connection(needed), Claim::Account(may)) => {
                includes(may, needed)
            }
            (Self::Partner(needed), Claim::Partner { permission, .. })
            | (Self::OwnPartner(needed), Claim::Partner { permission, from_account: true }) => {
                includes_in_partner(permission, needed)
            }
            (Self::Portal(needed), Claim::Partner { permission, from_account: false }) => {
                includes_in_partner(permission, needed)
            }
            (Self::PartnerPeople, Claim::Account(_)) => true,
            (Self::PartnerPeople, Claim::Partner { permission, .. }) => permission == PartnerPermission::ManageUsers,
            (Self::Invited, Claim::Invited) => true,
            _ => false,
        }
    }

    /// Decided before the handler runs; everything else is proved by a claim.
    fn is_open(self) -> bool {
        matches!(self, Self::Anyone | Self::SignedIn | Self::Sellers | Self::Development)
    }
}

/// Every role that may do the one may do the other.
fn includes(may: Permission, needed: Permission) -> bool {
    Role::ALL.iter().all(|role| !role.may(may) || role.may(needed))
}

fn includes_in_partner(may: PartnerPermission, needed: PartnerPermission) -> bool {
    may == needed || needed == PartnerPermission::See
}

/// The audiences of the route that a request came by, and whether one of them was proved. Shared by all clones of a `Cx`.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Declared>);

#[derive(Debug)]
struct Declared {
    /// More than one where a server function acts on two kinds of things.
    audiences: Vec<Audience>,
    proved: AtomicBool,
}

impl Admission {
    pub fn new(audiences: impl Into<Vec<Audience>>) -> Self {
        let audiences = audiences.into();
        let proved = AtomicBool::new(audiences.iter().any(|audience| audience.is_open()));
        Self(Arc::new(Declared { audiences, proved }))
    }

    fn note(&self, claim: Claim) {
        if self.0.audiences.iter().any(|audience| audience.is_met_by(claim)) {
            self.0.proved.store(true, Ordering::Relaxed);
        }
    }

    fn is_proved(&self) -> bool {
        self.0.proved.load(Ordering::Relaxed)
    }
}

impl From<Audience> for Vec<Audience> {
    fn from(audience: Audience) -> Self {
        vec![audience]
    }
}

impl Cx {
    /// The same request, held to the audience of the route it came by.
    pub fn held_to(mut self, admission: Admission) -> Self {
        self.admission = Some(admission);
        self
    }

    /// A policy has let somebody in.
    pub fn note(&self, claim: Claim) {
        if let Some(admission) = &self.admission {
            admission.note(claim);
        }
    }

    /// What can be refused before the handler runs: development pages in production, and anybody who is not signed in where
    /// that is needed.
    pub fn enter(&self) -> Result<(), Fault> {
        let Some(Admission(declared)) = &self.admission else { return Ok(()) };
        for audience in &declared.audiences {
            match audience {
                Audience::Anyone | Audience::Sellers | Audience::Invited => {}
                Audience::Development if self.state.config.is_production() => return Err(Fault::NOT_FOUND),
                Audience::Development => {}
                _ => drop(self.viewer()?),
            }
        }
        Ok(())
    }

    /// For pages of the active account, whose permission is known before the handler runs.
    pub fn enter_active(&self) -> Result<(), Fault> {
        let Some(Admission(declared)) = &self.admission else { return Ok(()) };
        let needed = declared.audiences.iter().find_map(|audience| match audience {
            Audience::Active(permission) => Some(*permission),
            _ => None,
        });
        let Some(permission) = needed else { return Ok(()) };
        if !self.active_place()?.role.may(permission) {
            return Err(Problem::NotAllowed.into());
        }
        self.note(Claim::Account(permission));
        Ok(())
    }

    /// Nothing is committed or answered for a request that nobody was asked for: forgetting to ask is our fault, and
    /// must not let anybody in.
    pub fn must_be_proved(&self) -> Result<(), Fault> {
        match &self.admission {
            Some(admission) if !admission.is_proved() => {
                let audiences = &admission.0.audiences;
                Err(Fault::Broken(format!("a route for {audiences:?} did not ask who it is for")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_proves_its_own_permission_and_lesser_ones_only() {
        use Permission::{ChangeFlows, ManageAccount, See};
        for (audience, claim, met) in [
            (Audience::Account(See), Claim::Account(ChangeFlows), true),
            (Audience::Account(ChangeFlows), Claim::Account(See), false),
            (Audience::Account(ChangeFlows), Claim::Account(ManageAccount), true),
            (Audience::Account(ManageAccount), Claim::Account(ChangeFlows), false),
            (Audience::Account(See), Claim::Invited, false),
            (Audience::Invited, Claim::Invited, true),
            (Audience::Invited, Claim::Account(ManageAccount), false),
        ] {
            let admission = Admission::new(audience);
            admission.note(claim);
            assert_eq!(admission.is_proved(), met, "{audience:?} {claim:?}");
        }
    }

    #[test]
    fn the_portal_and_the_pages_of_the_account_are_not_proved_from_the_side_of_the_other() {
        let claim = |from_account| Claim::Partner { permission: PartnerPermission::ExportLeads, from_account };
        let portal = Admission::new(Audience::Portal(PartnerPermission::ExportLeads));
        portal.note(claim(true));
        assert!(!portal.is_proved());
        portal.note(claim(false));
        assert!(portal.is_proved());
        let own = Admission::new(Audience::OwnPartner(PartnerPermission::ExportLeads));
        own.note(claim(false));
        assert!(!own.is_proved());
        own.note(claim(true));
        assert!(own.is_proved());
        let rotate = Admission::new(Audience::Partner(PartnerPermission::RotateCredential));
        rotate.note(claim(false));
        assert!(!rotate.is_proved());
    }

    #[test]
    fn one_of_several_audiences_is_enough_and_open_ones_need_no_proof() {
        let either = Admission::new([Audience::Account(Permission::See), Audience::PartnerPeople]);
        assert!(!either.is_proved());
        either.note(Claim::Account(Permission::See));
        assert!(either.is_proved());
        for open in [Audience::Anyone, Audience::SignedIn, Audience::Sellers, Audience::Development] {
            assert!(Admission::new(open).is_proved());
        }
    }
}
