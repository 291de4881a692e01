//! The rules and mappings that judge the leads of a source, compiled once and kept in memory.

use crate::{
    base::SourceId,
    rules::{AcceptanceCriteria, Compiler, Cost, Criteria, FieldType, Mapping, Mappings, standard_field},
    server::AppState,
};
use hashlink::LruCache;
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Maximum bytes of all compiled configurations in memory. The least recently used ones make room.
const MAX_CACHED: usize = 16 << 20;
/// Assumed for what is not counted, such as the entry itself.
const OVERHEAD: usize = 512;

/// A configuration as stored.
#[derive(Debug, Clone)]
pub struct StoredConfiguration {
    /// Changes whenever the flow or the source does.
    pub version: String,
    pub mappings: Vec<Mapping>,
    pub flow_criteria: Option<AcceptanceCriteria>,
    pub source_criteria: Option<AcceptanceCriteria>,
}

/// A compiled configuration.
#[derive(Debug)]
pub struct Configuration {
    pub version: String,
    pub mappings: Mappings,
    /// Of the flow, then of the source.
    pub criteria: Vec<Criteria>,
    cost: Cost,
}

/// The type of a field of a flow.
pub fn type_of(field: &str) -> FieldType {
    standard_field(field).map_or(FieldType::String, |field| field.field_type)
}

impl StoredConfiguration {
    /// Compiles all rules, which can take tens of milliseconds.
    pub fn compile(&self) -> Configuration {
        let mut compiler = Compiler::new(&type_of);
        let mappings = Mappings::compile(&self.mappings, &mut compiler);
        let both = self.flow_criteria.iter().chain(&self.source_criteria);
        let criteria: Vec<_> = both.map(|criteria| Criteria::compile(criteria, &mut compiler)).collect();
        let cost = criteria.iter().fold(mappings.cost, |cost, criteria| cost + criteria.program.cost());
        Configuration { version: self.version.clone(), mappings, criteria, cost }
    }
}

impl Configuration {
    /// The work for a submission of this size, compared with reading that many bytes.
    pub const fn effort(&self, size: usize) -> usize {
        size.saturating_mul(1 + self.cost.weight + self.cost.rules / 8)
    }
}

/// The configurations in memory, by source.
#[derive(Default)]
pub struct Configurations(Mutex<Cache>);

struct Cache {
    entries: LruCache<SourceId, Arc<Configuration>>,
    bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { entries: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl Configurations {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(Self::default)
    }

    /// The configuration of a source, if this version is in memory.
    pub fn find(&self, source: SourceId, version: &str) -> Option<Arc<Configuration>> {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.entries.get(&source).filter(|found| found.version == version).cloned()
    }

    /// Keeps a configuration, unless it is too large.
    pub fn keep(&self, source: SourceId, configuration: Arc<Configuration>) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = cache.entries.remove(&source) {
            cache.bytes -= size(&old);
        }
        if size(&configuration) > MAX_CACHED {
            return;
        }
        cache.bytes += size(&configuration);
        cache.entries.insert(source, configuration);
        while cache.bytes > MAX_CACHED {
            let Some((_, oldest)) = cache.entries.remove_lru() else { return };
            cache.bytes -= size(&oldest);
        }
    }
}

const fn size(configuration: &Configuration) -> usize {
    configuration.cost.bytes + configuration.version.len() + OVERHEAD
}

impl fmt::Debug for Configurations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Configurations")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Node, Operator, Rule, RuleSet};

    fn source(number: usize) -> SourceId {
        format!("{number:024x}").parse().unwrap()
    }

    fn compiled(version: &str, entries: usize) -> Arc<Configuration> {
        let list: Vec<_> = (0..entries).map(|number| format!("{number:08}")).collect();
        let rules = vec![Node::Rule(Rule::new("lead.city", Operator::IsIncludedIn, Some(&list.join(","))))];
        let criteria = AcceptanceCriteria { rule_set: RuleSet { rules, ..Default::default() }, reason: None };
        let stored = StoredConfiguration {
            version: version.to_owned(),
            mappings: Vec::new(),
            flow_criteria: None,
            source_criteria: Some(criteria),
        };
        Arc::new(stored.compile())
    }

    #[test]
    fn only_the_present_version_is_found() {
        let known = Configurations::default();
        known.keep(source(1), compiled("1", 3));
        assert!(known.find(source(1), "1").is_some() && known.find(source(1), "2").is_none());
        assert!(known.find(source(2), "1").is_none());
        known.keep(source(1), compiled("2", 3));
        assert!(known.find(source(1), "1").is_none() && known.find(source(1), "2").is_some());
    }

    #[test]
    fn the_least_recently_used_make_room() {
        let known = Configurations::default();
        let large = compiled("1", 40_000);
        assert!(size(&large) > 300_000, "{}", size(&large));
        let fit = MAX_CACHED / size(&large);
        for number in 0..fit + 10 {
            known.keep(source(number), large.clone());
            assert!(known.find(source(0), "1").is_some(), "in use");
            let cache = known.0.lock().unwrap();
            assert_eq!(cache.bytes, cache.entries.len() * size(&large));
            assert!(cache.bytes <= MAX_CACHED);
        }
        assert!(known.find(source(1), "1").is_none() && known.find(source(fit + 9), "1").is_some());
    }
}
