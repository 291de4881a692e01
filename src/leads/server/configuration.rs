//! The rules and mappings that judge the leads of a source, compiled once and kept in memory.

use super::queries::Target;
use crate::{
    base::{FlowId, SourceId},
    rules::{AcceptanceCriteria, Compiler, Cost, Criteria, FieldType, Mapping, Mappings, standard_field},
    server::AppState,
};
use hashlink::LruCache;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Maximum bytes of all compiled configurations in memory. The least recently used ones make room.
const MAX_CACHED: usize = 16 << 20;
/// Assumed for what is not counted, such as the entry itself.
const OVERHEAD: usize = 512;

/// The rules of a flow, or the rules and mappings of a source, as stored.
#[derive(Debug, Clone)]
pub struct StoredPart {
    /// Changes whenever the flow or the source does.
    pub version: String,
    pub mappings: Vec<Mapping>,
    pub criteria: Option<AcceptanceCriteria>,
}

/// The same, compiled. All sources of a flow share its part.
#[derive(Debug)]
pub struct Part {
    pub version: String,
    pub mappings: Mappings,
    pub criteria: Option<Criteria>,
    cost: Cost,
}

/// What judges the leads of a source.
#[derive(Debug, Clone)]
pub struct Configuration {
    pub flow: Arc<Part>,
    pub source: Arc<Part>,
}

/// The type of a field of a flow.
pub fn type_of(field: &str) -> FieldType {
    standard_field(field).map_or(FieldType::String, |field| field.field_type)
}

impl StoredPart {
    /// Compiles all rules, which can take tens of milliseconds.
    pub fn compile(&self) -> Arc<Part> {
        let mut compiler = Compiler::new(&type_of);
        let mappings = Mappings::compile(&self.mappings, &mut compiler);
        let criteria = self.criteria.as_ref().map(|criteria| Criteria::compile(criteria, &mut compiler));
        let cost = criteria.iter().fold(mappings.cost, |cost, criteria| cost + criteria.program.cost());
        Arc::new(Part { version: self.version.clone(), mappings, criteria, cost })
    }
}

impl Configuration {
    /// True if neither the flow nor the source has changed since.
    pub fn is_current(&self, target: &Target) -> bool {
        (&self.flow.version, &self.source.version) == (&target.flow_version, &target.source_version)
    }

    /// The criteria of the flow, then of the source.
    pub fn criteria(&self) -> impl Iterator<Item = &Criteria> {
        self.flow.criteria.iter().chain(&self.source.criteria)
    }

    /// The work for a submission of this size, compared with reading that many bytes.
    pub fn effort(&self, size: usize) -> usize {
        let cost = self.flow.cost + self.source.cost;
        size.saturating_mul(1 + cost.weight + cost.rules / 8)
    }
}

/// The owner of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Flow(FlowId),
    Source(SourceId),
}

/// The configurations in memory.
#[derive(Default)]
pub struct Configurations(Mutex<Cache>);

struct Cache {
    parts: LruCache<Owner, Arc<Part>>,
    bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { parts: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl Cache {
    fn find(&mut self, owner: Owner, version: &str) -> Option<Arc<Part>> {
        self.parts.get(&owner).filter(|part| part.version == version).cloned()
    }

    /// Keeps a part, unless it is too large.
    fn keep(&mut self, owner: Owner, part: &Arc<Part>) {
        if let Some(old) = self.parts.remove(&owner) {
            self.bytes -= size(&old);
        }
        if size(part) > MAX_CACHED {
            return;
        }
        self.bytes += size(part);
        self.parts.insert(owner, part.clone());
        while self.bytes > MAX_CACHED {
            let Some((_, oldest)) = self.parts.remove_lru() else { return };
            self.bytes -= size(&oldest);
        }
    }
}

impl Configurations {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(Self::default)
    }

    /// The current rules of the flow, and the current rules and mappings of the source, if they are in memory.
    pub fn find(&self, target: &Target) -> (Option<Arc<Part>>, Option<Arc<Part>>) {
        let mut cache = self.lock();
        (
            cache.find(Owner::Flow(target.flow_id), &target.flow_version),
            cache.find(Owner::Source(target.source_id), &target.source_version),
        )
    }

    pub fn keep(&self, flow: FlowId, source: SourceId, configuration: &Configuration) {
        let mut cache = self.lock();
        cache.keep(Owner::Flow(flow), &configuration.flow);
        cache.keep(Owner::Source(source), &configuration.source);
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(part: &Part) -> usize {
    part.cost.bytes + part.version.len() + OVERHEAD
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

    fn owner(number: usize) -> Owner {
        Owner::Source(format!("{number:024x}").parse().unwrap())
    }

    fn compiled(version: &str, entries: usize) -> Arc<Part> {
        let list: Vec<_> = (0..entries).map(|number| format!("{number:08}")).collect();
        let rules = vec![Node::Rule(Rule::new("lead.city", Operator::IsIncludedIn, Some(&list.join(","))))];
        let criteria = AcceptanceCriteria { rule_set: RuleSet { rules, ..Default::default() }, reason: None };
        let (version, mappings) = (version.to_owned(), Vec::new());
        StoredPart { version, mappings, criteria: Some(criteria) }.compile()
    }

    #[test]
    fn only_the_current_version_is_found() {
        let mut known = Cache::default();
        known.keep(owner(1), &compiled("1", 3));
        assert!(known.find(owner(1), "1").is_some() && known.find(owner(1), "2").is_none());
        assert!(known.find(owner(2), "1").is_none());
        known.keep(owner(1), &compiled("2", 3));
        assert!(known.find(owner(1), "1").is_none() && known.find(owner(1), "2").is_some());
    }

    #[test]
    fn the_least_recently_used_make_room() {
        let mut known = Cache::default();
        let large = compiled("1", 40_000);
        assert!(size(&large) > 300_000, "{}", size(&large));
        let fit = MAX_CACHED / size(&large);
        for number in 0..fit + 10 {
            known.keep(owner(number), &large);
            assert!(known.find(owner(0), "1").is_some(), "in use");
            assert_eq!(known.bytes, known.parts.len() * size(&large));
            assert!(known.bytes <= MAX_CACHED);
        }
        assert!(known.find(owner(1), "1").is_none() && known.find(owner(fit + 9), "1").is_some());
    }
}
