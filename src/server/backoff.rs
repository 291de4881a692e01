//! How long emails and deliveries wait before they are tried again.

use super::ids::random_bytes;
use time::Duration;

const FIRST_DELAY: Duration = Duration::seconds(10);
const MAX_DELAY: Duration = Duration::hours(1);

/// Doubles with each attempt up to an hour, with 25 % jitter, so that what failed together is not tried together.
pub fn backoff(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = (FIRST_DELAY * 2_i32.pow(doublings)).min(MAX_DELAY);
    let [jitter] = random_bytes::<1>();
    wait * (0.75 + f64::from(jitter) / 510.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_an_hour_with_jitter() {
        for (attempts, seconds) in
            [(0, 10.0), (1, 10.0), (2, 20.0), (5, 160.0), (9, 2560.0), (10, 3600.0), (1000, 3600.0)]
        {
            for _ in 0..20 {
                let ratio = backoff(attempts).as_seconds_f64() / seconds;
                assert!((0.75..=1.25).contains(&ratio), "{attempts}: {ratio}");
            }
        }
        assert!((0..50).any(|_| backoff(3) != backoff(3)));
    }
}
