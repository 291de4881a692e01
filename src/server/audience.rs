//! The audience of a route, and the proof that it was checked. Each route declares its [`Audience`]. Finders and policies
//! that grant access record a [`Claim`]. A request without a claim that meets its route's audience cannot commit or
//! succeed.

use super::{Cx, Fault};
use crate::{
    accounts::model::{Permission, Role},
    base::Problem,
    partners::model::PartnerPermission,
};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The people who may use an endpoint, and the permission they need. Everyone else gets 404; those who lack only the
/// permission get 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Anyone,
    /// Anyone with an invitation's token, with the cookie it was exchanged for, or signed in with the invited address.
    Invited,
    /// Anyone signed in, for their own profile.
    SignedIn,
    /// Members of the active account, which lists and "new" pages use.
    Active(Permission),
    /// Members of the account that owns the object in the path or body.
    Account(Permission),
    /// Members of either company of the connection in the path.
    Connection(Permission),
    /// Everyone on either side of the partner in the path: members of the account, partner users, and members of the
    /// connected account.
    Partner(PartnerPermission),
    /// Partner users and members of the connected account. The account's own members have separate pages.
    Portal(PartnerPermission),
    /// Members of the account that owns the partner.
    OwnPartner(PartnerPermission),
    /// Members of the account in any role, and those on the partner's side who manage its users.
    PartnerPeople,
    /// Sellers' systems. Knowing the URL is enough; no cookie is read.
    Sellers,
    /// Everyone on the machine that Accord runs on, and only in development.
    Development,
}

/// Recorded by a policy: the caller may do this to the object of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    Account(Permission),
    Partner {
        permission: PartnerPermission,
        /// True for members of the account that owns the partner.
        from_account: bool,
    },
    Invited,
}

impl Audience {
    /// True if the claim proves that the caller belongs to this audience. A stronger permission includes the weaker
    /// ones.
    fn is_met_by(self, claim: Claim) -> bool {
        match (self, claim) {
            (Self::Active(needed) | Self::Account(needed) | Self::Connection(needed), Claim::Account(granted)) => {
                includes(granted, needed)
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

    /// True if access is decided before the handler runs; all other audiences need a claim.
    fn is_open(self) -> bool {
        matches!(self, Self::Anyone | Self::SignedIn | Self::Sellers | Self::Development)
    }
}

/// True if every role with the granted permission also has the needed one.
fn includes(granted: Permission, needed: Permission) -> bool {
    Role::ALL.iter().all(|role| !role.may(granted) || role.may(needed))
}

fn includes_in_partner(granted: PartnerPermission, needed: PartnerPermission) -> bool {
    granted == needed || needed == PartnerPermission::See
}

/// The audiences of the current route, and whether one of them was proved. Shared by all clones of a `Cx`.
#[derive(Debug, Clone)]
pub struct Admission(Arc<Declared>);

#[derive(Debug)]
struct Declared {
    /// Several if a server function acts on two kinds of objects.
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

    /// The same audiences, to be proved again.
    pub fn unproved(&self) -> Self {
        Self::new(self.0.audiences.clone())
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
    /// Restricts the request to the audience of its route.
    pub fn with_admission(mut self, admission: Admission) -> Self {
        self.admission = Some(admission);
        self
    }

    /// Records that a policy granted access.
    pub fn note(&self, claim: Claim) {
        if let Some(admission) = &self.admission {
            admission.note(claim);
        }
    }

    /// The checks that need no handler: development pages do not exist in production and are not shown to other machines,
    /// and most pages need a signed-in user.
    pub fn check_entry(&self) -> Result<(), Fault> {
        let Some(Admission(declared)) = &self.admission else { return Ok(()) };
        for audience in &declared.audiences {
            match audience {
                Audience::Anyone | Audience::Sellers | Audience::Invited => {}
                Audience::Development if self.state.config.is_production() => return Err(Fault::NOT_FOUND),
                Audience::Development if !self.is_local() => return Err(Problem::LocalOnly.into()),
                Audience::Development => {}
                _ => drop(self.viewer()?),
            }
        }
        Ok(())
    }

    /// True if the caller is on this machine. Every connection has an address; only calls within the process have none.
    fn is_local(&self) -> bool {
        let address = self.address.as_deref().map(str::parse::<IpAddr>);
        address.is_none_or(|address| address.is_ok_and(|address| address.is_loopback()))
    }

    /// Checks the permission in the active account, which is known before the handler runs.
    pub fn check_active_account(&self) -> Result<(), Fault> {
        let Some(Admission(declared)) = &self.admission else { return Ok(()) };
        let needed = declared.audiences.iter().find_map(|audience| match audience {
            Audience::Active(permission) => Some(*permission),
            _ => None,
        });
        let Some(permission) = needed else { return Ok(()) };
        if !self.active_membership()?.role.may(permission) {
            return Err(Problem::NotAllowed.into());
        }
        self.note(Claim::Account(permission));
        Ok(())
    }

    /// Fails unless a claim met the route's audience. A handler that forgot to check must not commit or succeed.
    pub fn require_proof(&self) -> Result<(), Fault> {
        match &self.admission {
            Some(admission) if !admission.is_proved() => {
                let audiences = &admission.0.audiences;
                Err(Fault::Unproved(format!("a route for {audiences:?} did not check who may use it")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_proves_only_its_own_permission_and_weaker_ones() {
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
    fn a_claim_from_one_side_of_a_partner_does_not_open_pages_of_the_other_side() {
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
    fn one_of_several_audiences_is_enough_and_open_audiences_need_no_proof() {
        let either = Admission::new([Audience::Account(Permission::See), Audience::PartnerPeople]);
        assert!(!either.is_proved());
        either.note(Claim::Account(Permission::See));
        assert!(either.is_proved());
        for open in [Audience::Anyone, Audience::SignedIn, Audience::Sellers, Audience::Development] {
            assert!(Admission::new(open).is_proved());
        }
    }
}
