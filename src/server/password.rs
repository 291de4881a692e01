//! argon2id (12 MiB, three passes, one lane: one of the settings OWASP holds equal, and two at once fit beside the rest
//! in 64 MiB) in a bounded pool, so that five hundred sign-ins at once cost neither the memory nor the speed of anything
//! else.

use super::Fault;
use crate::base::{AppError, Problem, Secret};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

const AT_ONCE: usize = 2;
const WAITING: usize = 64;
const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;
/// A hash of nothing, verified for unknown addresses so that their answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=12288,t=3,p=1$YWNjb3JkLW5vYm9keS1oZXJl$0EEPNi6SXYCx7J8ZNgO7j7Sx2NlbQhQx+3xZ2Ut5rAw";
/// Refused although long enough: the first thing anybody tries. The file says where they are from.
const COMMON: &str = include_str!("common_passwords.txt");

#[derive(Clone, Debug)]
pub struct Passwords {
    cost: Cost,
    seats: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    worked: Arc<AtomicUsize>,
}

/// What hashing a new password costs. Stored hashes name their own cost, so it can change at any time.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::with_cost(Cost { memory_kib: MEMORY_KIB, passes: PASSES })
    }
}

/// A new password, if it may be used (ASVS 6.2.1, 6.2.4, 6.2.9). Lengths are characters.
pub fn parse(text: &str) -> Result<Secret, Problem> {
    match text.chars().count() {
        0..8 => Err(Problem::PasswordTooShort),
        257.. => Err(Problem::PasswordTooLong),
        _ if is_common(&text.to_lowercase()) => Err(Problem::PasswordCommon),
        _ => Ok(Secret::new(text)),
    }
}

fn is_common(password: &str) -> bool {
    COMMON.lines().any(|line| line == password)
}

fn argon2(cost: Cost) -> Result<Argon2<'static>, Fault> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None);
    let params = params.map_err(|error| Fault::Broken(format!("argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    pub fn with_cost(cost: Cost) -> Self {
        Self { cost, seats: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default(), worked: Arc::default() }
    }

    /// The PHC text to store.
    pub async fn hash(&self, password: &Secret) -> Result<String, Fault> {
        let (password, cost) = (password.clone(), self.cost);
        let salt = SaltString::encode_b64(&super::ids::random_bytes::<16>())
            .map_err(|error| Fault::Broken(format!("salt: {error}")))?;
        self.run(move || {
            let hash = argon2(cost)?.hash_password(password.reveal().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| Fault::Broken(format!("argon2: {error}")))
        })
        .await?
    }

    /// Whether it is the password of that hash; without a hash the same work is done and the answer is no.
    pub async fn verify(&self, password: &Secret, hash: Option<String>) -> Result<bool, Fault> {
        if password.reveal().len() > 1024 {
            return Ok(false);
        }
        let (password, cost) = (password.clone(), self.cost);
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Broken(format!("stored hash: {error}")))?;
            Ok(argon2(cost)?.verify_password(password.reveal().as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    /// How many hashes were worked on: answers that must not differ in time must not differ in this.
    pub fn worked(&self) -> usize {
        self.worked.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let queue = Waiting::join(&self.waiting).ok_or(AppError::Unavailable)?;
        let seat = self.seats.clone().acquire_owned().await.map_err(|error| Fault::Broken(error.to_string()))?;
        drop(queue);
        self.worked.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(seat);
            done
        })
        .await
        .map_err(|error| Fault::Broken(error.to_string()))
    }
}

/// A place in the queue, given back however the wait ends.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn join(count: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(count.clone());
        (count.fetch_add(1, Ordering::AcqRel) < WAITING).then_some(place)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_and_nobody_opens_none() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&Secret::new("correct horse")).await.unwrap();
        assert!(passwords.verify(&Secret::new("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(&Secret::new("correct hors"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(&Secret::new(""), None).await.unwrap());
    }

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        assert_eq!(parse("1234567").err(), Some(Problem::PasswordTooShort));
        for common in ["Password123", "12345678", "JENNIFER", "trustno1", "LeadConduit"] {
            assert_eq!(parse(common).err(), Some(Problem::PasswordCommon), "{common}");
        }
        assert!(COMMON.lines().filter(|line| !line.starts_with('#')).count() > 3000, "ASVS 6.2.4");
        assert_eq!(parse(&"x".repeat(257)).err(), Some(Problem::PasswordTooLong));
        assert_eq!(parse("a good long one").unwrap().reveal(), "a good long one");
    }
}
