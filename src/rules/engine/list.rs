//! The entries of a list in a rule, found by hash. All texts are in one buffer, because a list can have 50,000.

use hashbrown::HashTable;
use std::{fmt, hash::BuildHasher as _, hash::RandomState};

/// A set of texts.
pub struct EntryList {
    texts: String,
    /// The place of each entry in `texts`.
    table: HashTable<(u32, u32)>,
    /// Seeded per list, so nobody can write entries that collide.
    hasher: RandomState,
}

impl EntryList {
    pub fn new(entries: impl Iterator<Item = String>) -> Self {
        let mut list = Self { texts: String::new(), table: HashTable::new(), hasher: RandomState::new() };
        entries.for_each(|entry| list.insert(&entry));
        list.texts.shrink_to_fit();
        list
    }

    fn insert(&mut self, entry: &str) {
        let (Ok(start), Ok(length)) = (u32::try_from(self.texts.len()), u32::try_from(entry.len())) else { return };
        if self.contains(entry) {
            return;
        }
        self.texts.push_str(entry);
        let Self { texts, table, hasher } = self;
        let hash = hasher.hash_one(entry);
        table.insert_unique(hash, (start, length), |place| hasher.hash_one(slice(texts, *place)));
    }

    pub fn contains(&self, entry: &str) -> bool {
        self.table.find(self.hasher.hash_one(entry), |place| slice(&self.texts, *place) == entry).is_some()
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.texts.capacity() + self.table.capacity() * size_of::<(u32, u32)>() * 8 / 7
    }
}

fn slice(texts: &str, (start, length): (u32, u32)) -> &str {
    let start = start as usize;
    texts.get(start..start + length as usize).unwrap_or_default()
}

impl fmt::Debug for EntryList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryList({})", self.table.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_list_is_a_small_set() {
        let list = EntryList::new((0..50_000).chain(0..50_000).map(|number| format!("{number:05}")));
        assert!((0..50_000).all(|number| list.contains(&format!("{number:05}"))));
        assert!(!list.contains("5000") && !list.contains("") && !list.contains("50000"));
        assert!(list.bytes() < 1 << 20, "{}", list.bytes());
    }
}
