//! Password hashing with argon2id: 12 MiB, three passes, one lane. OWASP rates this equal to its other recommended
//! settings, and two hashes fit beside everything else in 64 MiB. The pool is bounded, so five hundred simultaneous
//! sign-ins neither exhaust memory nor slow anything else down.

use super::{Fault, work::Work};
use crate::base::{Problem, Secret};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

const MAX_CONCURRENT: usize = 2;
const MAX_WAITING: usize = 64;
const MEMORY_KIB: u32 = 12 * 1024;
const PASSES: u32 = 3;
/// A dummy hash, verified for unknown addresses so that their response takes as long.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=12288,t=3,p=1$YWNjb3JkLW5vYm9keS1oZXJl$0EEPNi6SXYCx7J8ZNgO7j7Sx2NlbQhQx+3xZ2Ut5rAw";
/// Long enough, but rejected because attackers try them first. The file names its source.
const COMMON: &str = include_str!("common_passwords.txt");

#[derive(Clone, Debug)]
pub struct Passwords {
    cost: Cost,
    queue: Work,
    hash_count: Arc<AtomicUsize>,
}

/// The cost of hashing a new password. A stored hash contains its own cost, so this can change at any time.
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

/// Checks a new password (ASVS 6.2.1, 6.2.4, 6.2.9). Lengths are in characters.
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
        Self { cost, queue: Work::new(MAX_CONCURRENT, MAX_WAITING), hash_count: Arc::default() }
    }

    /// Returns the PHC string to store.
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

    /// True if the password matches the hash. Without a hash it takes as long and returns false.
    pub async fn verify(&self, password: &Secret, hash: Option<String>) -> Result<bool, Fault> {
        if password.reveal().len() > 1024 {
            return Ok(false);
        }
        let (password, cost) = (password.clone(), self.cost);
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DUMMY_HASH.to_owned());
            let parsed = PasswordHash::new(&hash).map_err(|error| Fault::Broken(format!("stored hash: {error}")))?;
            Ok(argon2(cost)?.verify_password(password.reveal().as_bytes(), &parsed).is_ok() && known)
        })
        .await?
    }

    /// Number of hashes computed so far. Responses that must take equally long must compute equally many.
    pub fn hash_count(&self) -> usize {
        self.hash_count.load(Ordering::Relaxed)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let hash_count = self.hash_count.clone();
        let counted = move || {
            hash_count.fetch_add(1, Ordering::Relaxed);
            work()
        };
        self.queue.run(counted).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_only_its_own_hash() {
        let passwords = Passwords::default();
        let hash = passwords.hash(&Secret::new("correct horse")).await.unwrap();
        assert!(passwords.verify(&Secret::new("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify(&Secret::new("correct hors"), Some(hash)).await.unwrap());
        assert!(!passwords.verify(&Secret::new(""), None).await.unwrap());
    }

    #[test]
    fn short_long_and_common_passwords_are_rejected() {
        assert_eq!(parse("1234567").err(), Some(Problem::PasswordTooShort));
        for common in ["Password123", "12345678", "JENNIFER", "trustno1", "LeadConduit"] {
            assert_eq!(parse(common).err(), Some(Problem::PasswordCommon), "{common}");
        }
        assert!(COMMON.lines().filter(|line| !line.starts_with('#')).count() > 3000, "ASVS 6.2.4");
        assert_eq!(parse(&"x".repeat(257)).err(), Some(Problem::PasswordTooLong));
        assert_eq!(parse("a good long one").unwrap().reveal(), "a good long one");
    }
}
