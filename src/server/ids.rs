//! Generates ids that sort by time: 48 bits of milliseconds and 48 random bits, increasing within the process.

use crate::base::Id;
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;

const RANDOM_BITS: u64 = (1 << 48) - 1;

/// The last generated id; one per process.
#[derive(Debug, Default)]
pub struct Ids(Mutex<(u64, u64)>);

impl Ids {
    /// Generates an id for `now` that is greater than all earlier ones of this process.
    pub fn make<I: Id>(&self, now: OffsetDateTime) -> I {
        let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0) & RANDOM_BITS;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Same millisecond, or the clock went back: add a random step to the last id to keep the order.
        *last = if millis > last.0 {
            (millis, random() & (RANDOM_BITS >> 1))
        } else {
            (last.0, last.1 + 1 + (random() & 0xFFFF))
        };
        let mut bytes = [0; 12];
        bytes[..6].copy_from_slice(&last.0.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&last.1.to_be_bytes()[2..]);
        I::from_bytes(bytes)
    }
}

/// The lowest id of a moment; the highest one after all times that ids have.
pub fn first_id<I: Id>(at: OffsetDateTime) -> I {
    let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0).min((1 << 48) - 1);
    let mut bytes = [0; 12];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    I::from_bytes(bytes)
}

/// Random bytes from the operating system. This does not fail on a working machine; without randomness the process must
/// not continue.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

fn random() -> u64 {
    u64::from_be_bytes(random_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::LeadId;

    #[test]
    fn ids_increase_within_a_millisecond_and_when_the_clock_goes_back() {
        let ids = Ids::default();
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
        let mut last: LeadId = ids.make(now);
        for step in 0..1000 {
            let next: LeadId = ids.make(now - time::Duration::seconds(step % 2));
            assert!(next > last);
            last = next;
        }
    }
}
