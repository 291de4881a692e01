//! All SQL of the room: what calls show of the other rooms' tables, one query a list.

pub mod activity;
pub mod connections;
pub mod entities;
pub mod flows;
pub mod invitations;
pub mod leads;
pub mod partners;
pub mod stats;
