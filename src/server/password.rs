//! argon2id (19 MiB, two passes, one lane: OWASP's minimum, 18 ms of one core measured) in a bounded pool, so that five
//! hundred sign-ins at once cost neither the memory nor the speed of anything else.

use super::Fault;
use crate::base::{AppError, Problem, Secret};
use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

const AT_ONCE: usize = 2;
const WAITING: usize = 64;
/// A hash of nothing, verified for unknown addresses so that their answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$YWNjb3JkLW5vYm9keS1oZXJl$0EEPNi6SXYCx7J8ZNgO7j7Sx2NlbQhQx+3xZ2Ut5rAw";
/// Refused although long enough; the head of every list of leaked passwords with eight characters or more.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password123",
    "12345678",
    "123456789",
    "1234567890",
    "11111111",
    "00000000",
    "qwertyui",
    "qwerty123",
    "qwertyuiop",
    "1q2w3e4r",
    "1qaz2wsx",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "welcome1",
    "letmein1",
    "whatever",
    "passw0rd",
    "p@ssw0rd",
    "abcd1234",
    "abc12345",
    "changeme",
    "computer",
    "starwars",
    "87654321",
    "88888888",
    "asdfghjk",
    "michelle",
    "corvette",
    "jennifer",
];

#[derive(Clone, Debug)]
pub struct Passwords {
    seats: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default() }
    }
}

/// Whether a new password may be used (ASVS 6.2.1, 6.2.4, 6.2.9). Lengths are characters.
pub fn check(password: &Secret) -> Result<(), Problem> {
    match password.reveal().chars().count() {
        0..8 => Err(Problem::PasswordTooShort),
        257.. => Err(Problem::PasswordTooLong),
        _ if COMMON.contains(&password.reveal().to_lowercase().as_str()) => Err(Problem::PasswordCommon),
        _ => Ok(()),
    }
}

impl Passwords {
    /// The PHC text to store.
    pub async fn hash(&self, password: &Secret) -> Result<String, Fault> {
        let password = password.clone();
        let salt = SaltString::encode_b64(&super::ids::random_bytes::<16>())
            .map_err(|error| Fault::Broken(format!("salt: {error}")))?;
        self.run(move || {
            let hash = Argon2::default().hash_password(password.reveal().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| Fault::Broken(format!("argon2: {error}")))
        })
        .await?
    }

    /// Whether it is the password of that hash; without a hash the same work is done and the answer is no.
    pub async fn verify(&self, password: &Secret, hash: Option<String>) -> Result<bool, Fault> {
        if password.reveal().len() > 1024 {
            return Ok(false);
        }
        let password = password.clone();
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Broken(format!("stored hash: {error}")))?;
            Ok(Argon2::default().verify_password(password.reveal().as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let queue = Waiting::join(&self.waiting).ok_or(AppError::Unavailable)?;
        let seat = self.seats.clone().acquire_owned().await.map_err(|error| Fault::Broken(error.to_string()))?;
        drop(queue);
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
        assert_eq!(check(&Secret::new("1234567")), Err(Problem::PasswordTooShort));
        assert_eq!(check(&Secret::new("Password123")), Err(Problem::PasswordCommon));
        assert_eq!(check(&Secret::new("x".repeat(257))), Err(Problem::PasswordTooLong));
        assert_eq!(check(&Secret::new("a good long one")), Ok(()));
    }
}
