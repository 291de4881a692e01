//! Every list of the large seed: the first page, a search or filter, and a later page. A page that takes its rows from a
//! table that grows must be as fast there as in a new account.

use super::{Aim, At, Beside, Page, Person, Place, Requests, Scenario, Seed, Size, USUAL};

const AIMS: &[Aim] = &[Aim { at: At::Connections(16), size: Size::At95(100.0) }];

const fn list(name: &'static str, title: &'static str, person: Person, place: Place) -> Scenario {
    Scenario {
        name,
        title,
        seed: Seed::Large,
        beside: Beside::Nothing,
        aims: AIMS,
        // Enough for every connection to have its plans.
        warm: 200,
        connections: &[16],
        requests: Requests::Page(Page { person, place }),
        expected: |_| "</main>",
        ..USUAL
    }
}

const fn buyer(name: &'static str, title: &'static str, path: &'static str) -> Scenario {
    list(name, title, Person::Buyer, Place::At(path))
}

const fn later(name: &'static str, title: &'static str, path: &'static str) -> Scenario {
    list(name, title, Person::Buyer, Place::After(path))
}

const fn partner(name: &'static str, title: &'static str, path: &'static str) -> Scenario {
    list(name, title, Person::Partner, Place::At(path))
}

const fn seller(name: &'static str, title: &'static str, path: &'static str) -> Scenario {
    list(name, title, Person::Seller, Place::At(path))
}

pub const LISTS: &[Scenario] = &[
    buyer("home", "Home", "/"),
    buyer("list-partners", "Partners", "/partners"),
    buyer("list-partners-search", "Partners, a search", "/partners?search=ab"),
    later("list-partners-later", "Partners, the second page", "/partners"),
    buyer("list-flows", "Flows", "/flows"),
    buyer("list-flow-sources", "A flow's sources", "/flows/5400000000000000006acfc0/sources"),
    buyer("list-sources", "Sources", "/sources"),
    buyer("list-sources-search", "Sources, a search", "/sources?search=seller+49"),
    later("list-sources-later", "Sources, the second page", "/sources"),
    buyer("list-connections", "Connections", "/connections"),
    buyer("list-partner", "A partner", "/partners/5600000000000000006acfc0"),
    buyer("list-partner-sources", "A partner's sources", "/partners/5600000000000000006acfc0/sources"),
    buyer("list-partner-users", "A partner's users", "/partners/5600000000000000006acfc0/users"),
    buyer("list-partner-invites", "A partner's invitations", "/partners/5600000000000000006acfc0/invites"),
    buyer("list-invitations", "Invitations", "/invitations"),
    buyer("list-invitations-accepted", "Invitations, accepted", "/invitations?state=accepted"),
    later("list-invitations-later", "Invitations, accepted, the second page", "/invitations?state=accepted"),
    buyer("list-activity", "Activity", "/activity"),
    later("list-activity-later", "Activity, the second page", "/activity"),
    buyer("list-leads", "Leads", "/leads"),
    later("list-leads-later", "Leads, the second page", "/leads"),
    buyer("list-leads-flow", "Leads of a flow", "/leads?flow=5400000000000000006acfc0"),
    buyer("list-leads-source", "Leads of a source", "/leads?source=5700000000000000006acfc0"),
    buyer("list-leads-partner", "Leads of a partner", "/leads?partner=5600000000000000006acfc0"),
    buyer("list-leads-outcome", "Leads, rejected", "/leads?outcome=failure"),
    buyer("list-leads-reason", "Leads with a rare reason", "/leads?reason=very+rare"),
    buyer("list-leads-time", "Leads of 30 days", "/leads?time=30"),
    buyer("list-leads-test", "Leads, tests only", "/leads?test=only"),
    buyer("list-leads-email", "Find a lead by email", "/leads?find=lead4000001%40people.example"),
    buyer("list-leads-phone", "Find a lead by phone", "/leads?find=212-955-0001"),
    buyer("list-leads-shared-phone", "Find leads by a phone that many have", "/leads?find=512-555-0100"),
    list("list-leads-id", "Find a lead by id", Person::Buyer, Place::Newest("/leads?find=")),
    list("lead-story", "A lead's story", Person::Buyer, Place::Newest("/leads/")),
    buyer(
        "source-performance",
        "A source's performance",
        "/flows/5400000000000000006acfc0/sources/5700000000000000006acfc0/performance",
    ),
    partner("portal-performance", "A portal's performance", "/portal/5600000000000000006acfc0"),
    partner("portal-leads", "A portal's leads", "/portal/5600000000000000006acfc0/leads"),
    partner(
        "portal-leads-outcome",
        "A portal's leads, rejected",
        "/portal/5600000000000000006acfc0/leads?outcome=failure",
    ),
    partner("portal-users", "A portal's users", "/portal/5600000000000000006acfc0/users"),
    seller("seller-docs", "A seller's Submission Docs", "/submission-docs"),
    seller("seller-connections", "A seller's connections", "/connections"),
    seller("seller-invitations", "A seller's invitations", "/invitations"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn every_list_has_a_name_of_its_own() {
        let names: BTreeSet<_> = super::super::all().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), super::super::all().count());
    }
}
