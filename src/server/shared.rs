//! What a room keeps in memory for all requests of this process, such as a cache. The room's type is the key, because
//! infrastructure does not know rooms.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

#[derive(Clone, Default)]
pub struct Shared(Arc<RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Shared {
    /// The value of this type, made on first use.
    pub fn get<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        if let Some(Ok(value)) = known.map(Arc::downcast) {
            return value;
        }
        let made: Arc<T> = Arc::new(make());
        let mut values = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| made.clone()).clone();
        value.downcast().unwrap_or(made)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn each_type_has_one_value() {
        let shared = Shared::default();
        shared.get(AtomicU32::default).store(7, Ordering::Relaxed);
        assert_eq!(shared.clone().get(AtomicU32::default).load(Ordering::Relaxed), 7);
        assert_eq!(*shared.get(|| "text"), "text");
    }
}
