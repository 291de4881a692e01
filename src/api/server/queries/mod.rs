//! All SQL of the room: reads from the other rooms' tables, one query per list.

pub mod activity;
pub mod connections;
pub mod entities;
pub mod flows;
pub mod invitations;
pub mod leads;
pub mod partners;
pub mod stats;

/// The rows to read, newest first.
#[derive(Debug, Clone, Copy)]
pub enum Selection<I> {
    One(I),
    Page { after: Option<I>, limit: i64 },
}

impl<I> Selection<I> {
    /// The parameters of the statement: the only id, the id before the page, the number of rows.
    fn parts(self) -> (Option<I>, Option<I>, i64) {
        match self {
            Self::One(id) => (Some(id), None, 1),
            Self::Page { after, limit } => (None, after, limit),
        }
    }
}
