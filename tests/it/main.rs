//! Integration tests: the application over real Postgres, driven through its router by people and sellers' systems.
//! `make it` runs them on a throwaway cluster.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![recursion_limit = "256"]

mod support;

mod acceptance;
mod architecture;
mod audience;
mod declining;
mod doctor;
mod flows;
mod guard;
mod identity;
mod invitation_links;
mod invitation_mails;
mod invitations;
mod lead_lists;
mod leads;
mod mail;
mod operator;
mod settings;
