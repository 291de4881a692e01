//! All SQL of the room: what calls show of the other rooms' tables, one query a list.

pub mod activity;
pub mod connections;
pub mod entities;
pub mod flows;
pub mod invitations;
pub mod leads;
pub mod partners;
pub mod stats;

/// Which rows a query reads, newest first.
#[derive(Debug, Clone, Copy)]
pub enum Which<I> {
    One(I),
    Page { after: Option<I>, limit: i64 },
}

impl<I> Which<I> {
    /// For the statement: the only id, the id that the page follows, the number of rows.
    fn parts(self) -> (Option<I>, Option<I>, i64) {
        match self {
            Self::One(id) => (Some(id), None, 1),
            Self::Page { after, limit } => (None, after, limit),
        }
    }
}
