//! Integration tests: the application on a real Postgres, called through its router by people and sellers' systems.
//! `make it` runs them on a temporary cluster.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![recursion_limit = "256"]

mod support;

mod acceptance;
mod acceptance_races;
mod already_connected;
mod api;
mod api_keys;
mod architecture;
mod asked_admins;
mod audience;
mod connection_pages;
mod connections;
mod credentials;
mod declining;
mod derived_state;
mod docs_examples;
mod doctor;
mod due_work;
mod flow_archive;
mod flow_duplicates;
mod flow_removal;
mod flows;
mod guard;
mod handovers;
mod identity;
mod identity_accounts;
mod identity_enumeration;
mod identity_limits;
mod identity_ownership;
mod identity_profile;
mod identity_reset;
mod identity_sign_up;
mod invitation_endings;
mod invitation_links;
mod invitation_mails;
mod invitations;
mod lead_lists;
mod leads;
mod lock_order;
mod mail;
mod members;
mod notices;
mod operator;
mod partner_connect;
mod partner_list;
mod partner_people;
mod partner_roles;
mod partner_sources;
mod partners;
mod performance;
mod portal;
mod portal_files;
mod query_counts;
mod recipients;
mod recipients_accepting;
mod recipients_directions;
mod recipients_removed;
mod reconnecting;
mod rights_at_commit;
mod sent_invitations;
mod settings;
mod source_rows;
mod stopped_mails;
mod submission_auth;
mod test_leads;
