//! Answers that are expensive to work out, kept in memory for a minute. One request at a time works one out again, and
//! the others get the last one.

use super::Fault;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use time::{Duration, OffsetDateTime};

const KEPT_FOR: Duration = Duration::minutes(1);

/// The answers of this process to one kind of question. If there are more than `max`, the oldest goes.
#[derive(Debug)]
pub struct Kept<K, V> {
    answers: Mutex<HashMap<K, Arc<Answer<V>>>>,
    max: usize,
}

#[derive(Debug)]
struct Answer<V> {
    latest: Mutex<(OffsetDateTime, V)>,
    turn: tokio::sync::Mutex<()>,
}

impl<V: Clone> Answer<V> {
    fn latest(&self) -> (OffsetDateTime, V) {
        lock(&self.latest).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Eq + Hash + Clone, V: Clone> Kept<K, V> {
    pub fn new(max: usize) -> Self {
        Self { answers: Mutex::default(), max }
    }

    /// The answer, kept or from `work`, which also says whether it was expensive; otherwise it is not kept.
    pub async fn get(
        &self,
        key: K,
        now: OffsetDateTime,
        work: impl Future<Output = Result<(V, bool), Fault>>,
    ) -> Result<V, Fault> {
        let kept = lock(&self.answers).get(&key).cloned();
        let Some(kept) = kept else {
            let (value, is_expensive) = work.await?;
            if is_expensive {
                self.keep(key, value.clone(), now);
            }
            return Ok(value);
        };
        let (at, value) = kept.latest();
        if now - at < KEPT_FOR {
            return Ok(value);
        }
        let Ok(_turn) = kept.turn.try_lock() else { return Ok(value) };
        let (value, _) = work.await?;
        *lock(&kept.latest) = (now, value.clone());
        Ok(value)
    }

    fn keep(&self, key: K, value: V, now: OffsetDateTime) {
        let mut answers = lock(&self.answers);
        if answers.len() >= self.max {
            let oldest = answers.iter().min_by_key(|(_, answer)| answer.latest().0).map(|(key, _)| key.clone());
            oldest.and_then(|key| answers.remove(&key));
        }
        answers.insert(key, Arc::new(Answer { latest: Mutex::new((now, value)), turn: tokio::sync::Mutex::default() }));
    }

    /// Forgets the answers whose question has this property.
    pub fn forget(&self, is_outdated: impl Fn(&K) -> bool) {
        lock(&self.answers).retain(|key, _| !is_outdated(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[tokio::test]
    async fn an_expensive_answer_is_kept_for_a_minute() {
        let (kept, start) = (Kept::new(2), datetime!(2026-01-01 00:00 UTC));
        let ask = async |key: &'static str, seconds: i64, value: i32, is_expensive: bool| {
            let now = start + Duration::seconds(seconds);
            kept.get(key, now, async { Ok((value, is_expensive)) }).await.unwrap()
        };
        assert_eq!(ask("cheap", 0, 1, false).await, 1);
        assert_eq!(ask("cheap", 0, 2, false).await, 2);
        assert_eq!(ask("a", 0, 1, true).await, 1);
        assert_eq!(ask("a", 59, 2, true).await, 1);
        assert_eq!(ask("a", 60, 3, true).await, 3);
        assert_eq!(ask("a", 119, 4, true).await, 3);
        kept.forget(|key| *key == "a");
        assert_eq!(ask("a", 119, 5, true).await, 5);
        // The oldest makes room.
        assert_eq!(ask("b", 120, 1, true).await, 1);
        assert_eq!(ask("c", 121, 1, true).await, 1);
        assert_eq!(ask("b", 122, 2, true).await, 1);
        assert_eq!(ask("a", 122, 6, true).await, 6);
    }

    #[tokio::test]
    async fn while_one_works_it_out_again_others_get_the_last_answer() {
        let (kept, start) = (Kept::new(2), datetime!(2026-01-01 00:00 UTC));
        let later = start + Duration::minutes(2);
        kept.get("a", start, async { Ok((1, true)) }).await.unwrap();
        let slow = kept.get("a", later, async {
            let meanwhile = kept.get("a", later, async { Ok((9, true)) }).await?;
            assert_eq!(meanwhile, 1);
            Ok((2, true))
        });
        assert_eq!(slow.await.unwrap(), 2);
        assert!(kept.get("a", start + Duration::minutes(4), async { Err(Fault::NOT_FOUND) }).await.is_err());
        assert_eq!(kept.get("a", later, async { Ok((3, true)) }).await.unwrap(), 2);
    }
}
