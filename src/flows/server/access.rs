//! [ssr] Permissions on one source for the members of its account, the users of its partner and the members of the
//! connected account. For everyone else it is not found.

use super::queries::{self, FlowRow, Source, credentials};
use crate::{
    base::{FlowId, Problem, SourceId},
    partners::{
        model::{PartnerPermission, Side},
        server::{policy, queries as partners},
    },
    server::{Claim, Cx, Db, Fault},
};

/// A source that the viewer may see, and the sides they see it from.
#[derive(Debug, Clone)]
pub struct SourceAccess {
    pub flow: FlowRow,
    pub source: Source,
    pub require_authentication: bool,
    sides: Vec<Side>,
    /// True if the viewer is a member of the connected account, whichever partner the source belongs to.
    pub is_sender: bool,
}

impl SourceAccess {
    /// True if any side of the viewer has the permission. Without a partner, only the account may change the
    /// credential.
    pub fn may(&self, permission: PartnerPermission) -> bool {
        let sends = matches!(permission, PartnerPermission::See | PartnerPermission::SendTestLeads);
        (self.is_sender && sends) || self.sides.iter().any(|side| side.may(permission))
    }

    /// Counts only the account's side, for the account's own pages. A member's permissions as the sender apply only on
    /// the sender's pages.
    pub fn may_in_account(&self, permission: PartnerPermission) -> bool {
        self.account_sides().any(|side| side.may(permission))
    }

    /// Like [`Self::may_in_account`], as a check. The page is not found for viewers outside the account.
    pub fn require_in_account(&self, cx: &Cx, permission: PartnerPermission) -> Result<(), Fault> {
        self.account_sides().next().ok_or(Fault::NOT_FOUND)?;
        if !self.may_in_account(permission) {
            return Err(Problem::NotAllowed.into());
        }
        cx.note(Claim::Partner { permission, from_account: true });
        Ok(())
    }

    fn account_sides(&self) -> impl Iterator<Item = &Side> {
        self.sides.iter().filter(|side| matches!(side, Side::Account(_)))
    }

    /// The source, if the viewer has the permission from any side.
    pub fn require(self, cx: &Cx, permission: PartnerPermission) -> Result<Self, Fault> {
        if !self.may(permission) {
            return Err(Problem::NotAllowed.into());
        }
        cx.note(Claim::Partner { permission, from_account: false });
        Ok(self)
    }
}

/// The source, if the viewer may read its docs.
pub async fn find(db: &mut impl Db, flow_id: FlowId, source_id: SourceId) -> Result<SourceAccess, Fault> {
    db.cx().viewer()?;
    let flow = queries::find_flow(db, flow_id).await?.ok_or(Fault::NOT_FOUND)?;
    let account_id = flow.account_id;
    let source = queries::find_source(db, account_id, flow_id, source_id).await?.ok_or(Fault::NOT_FOUND)?;
    let authentication = credentials::find_authentication(db, account_id, source_id).await?.ok_or(Fault::NOT_FOUND)?;
    let partner = match authentication.partner_id {
        Some(id) => partners::find(db, id).await?,
        None => None,
    };
    let viewer = db.cx().viewer()?;
    let sides = match partner {
        Some(partner) => policy::sides(db.cx(), &partner)?,
        None => viewer.membership(account_id).map(|membership| Side::Account(membership.role)).into_iter().collect(),
    };
    let seller = source.connected_account_id.filter(|_| source.connected);
    let is_sender = seller.is_some_and(|id| viewer.membership(id).is_some());
    if sides.is_empty() && !is_sender {
        return Err(Fault::NOT_FOUND);
    }
    db.cx().note(Claim::Partner { permission: PartnerPermission::See, from_account: false });
    Ok(SourceAccess { flow, source, require_authentication: authentication.required, sides, is_sender })
}
