//! What judges the leads of a source, kept in memory: the target, and rules and mappings, compiled once. It can be older
//! than the database: whoever stores a lead checks that it is current, and nothing is refused by it.

use super::{
    authentication::{MAX_PROOFS, Proof, Proofs},
    queries::Target,
    sensitive::Names,
};
use crate::{
    base::{FlowId, SourceId},
    rules::{AcceptanceCriteria, Compiler, Cost, Criteria, FieldType, Mapping, Mappings, STANDARD_FIELDS},
    server::AppState,
};
use hashlink::LruCache;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};
use time::OffsetDateTime;

/// Maximum bytes of all compiled configurations in memory. The least recently used ones make room. A thousand sources
/// with 50 rules each take about 25 MiB.
const MAX_CACHED: usize = 40 << 20;
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
    /// The parameters of the mappings that can have a social security number.
    pub numbers: Names,
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
    static TYPES: LazyLock<HashMap<&str, FieldType>> =
        LazyLock::new(|| STANDARD_FIELDS.iter().map(|field| (field.name, field.field_type)).collect());
    TYPES.get(field).copied().unwrap_or(FieldType::String)
}

impl StoredPart {
    /// Compiles all rules, which can take tens of milliseconds.
    pub fn compile(&self) -> Arc<Part> {
        let mut compiler = Compiler::new(&type_of);
        let mappings = Mappings::compile(&self.mappings, &mut compiler);
        let criteria = self.criteria.as_ref().map(|criteria| Criteria::compile(criteria, &mut compiler));
        let mut cost = criteria.iter().fold(mappings.cost, |cost, criteria| cost + criteria.program.cost());
        let numbers = Names::of(&mappings);
        cost.bytes += numbers.size();
        Arc::new(Part { version: self.version.clone(), mappings, criteria, numbers, cost })
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

/// A source and its flow, and the credentials that were valid for it.
#[derive(Debug)]
pub struct KnownTarget {
    pub target: Arc<Target>,
    pub proofs: Proofs,
}

/// Everything that a lead is judged by.
#[derive(Debug, Clone)]
pub struct Known {
    pub source: Arc<KnownTarget>,
    pub configuration: Configuration,
}

/// What is kept: of a flow its part, of a source its part and its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Flow(FlowId),
    Source(SourceId),
    Target(SourceId),
}

enum Kept {
    Part(Arc<Part>),
    Target(Arc<KnownTarget>),
}

/// The configurations in memory.
#[derive(Default)]
pub struct Configurations(Mutex<Cache>);

struct Cache {
    kept: LruCache<Owner, Kept>,
    bytes: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Self { kept: LruCache::new_unbounded(), bytes: 0 }
    }
}

impl Cache {
    fn part(&mut self, owner: Owner, version: &str) -> Option<Arc<Part>> {
        match self.kept.get(&owner) {
            Some(Kept::Part(part)) if part.version == version => Some(part.clone()),
            _ => None,
        }
    }

    fn target(&mut self, source: SourceId) -> Option<Arc<KnownTarget>> {
        match self.kept.get(&Owner::Target(source)) {
            Some(Kept::Target(target)) => Some(target.clone()),
            _ => None,
        }
    }

    /// Keeps something, unless it is too large.
    fn keep(&mut self, owner: Owner, kept: Kept) {
        self.remove(owner);
        if kept.size() > MAX_CACHED {
            return;
        }
        self.bytes += kept.size();
        self.kept.insert(owner, kept);
        while self.bytes > MAX_CACHED {
            let Some((_, oldest)) = self.kept.remove_lru() else { return };
            self.bytes -= oldest.size();
        }
    }

    fn remove(&mut self, owner: Owner) {
        if let Some(old) = self.kept.remove(&owner) {
            self.bytes -= old.size();
        }
    }

    /// The parts of a target.
    fn parts(&mut self, target: &Target) -> [Option<Arc<Part>>; 2] {
        [
            self.part(Owner::Flow(target.flow_id), &target.flow_version),
            self.part(Owner::Source(target.source_id), &target.source_version),
        ]
    }
}

impl Configurations {
    pub fn of(state: &AppState) -> Arc<Self> {
        state.shared.get(Self::default)
    }

    /// The rules of the flow, and the rules and mappings of the source, if they are in memory.
    pub fn find(&self, target: &Target) -> [Option<Arc<Part>>; 2] {
        self.lock().parts(target)
    }

    /// Everything about a source of a flow, if all of it is in memory.
    pub fn find_known(&self, flow: FlowId, source: SourceId) -> Option<Known> {
        let mut cache = self.lock();
        let known = cache.target(source).filter(|known| known.target.flow_id == flow)?;
        let [Some(flow), Some(source)] = cache.parts(&known.target) else { return None };
        Some(Known { source: known, configuration: Configuration { flow, source } })
    }

    pub fn keep(&self, target: &Target, configuration: &Configuration) {
        let mut cache = self.lock();
        cache.keep(Owner::Flow(target.flow_id), Kept::Part(configuration.flow.clone()));
        cache.keep(Owner::Source(target.source_id), Kept::Part(configuration.source.clone()));
    }

    /// Keeps a target without the proofs of an older one.
    pub fn keep_target(&self, target: Arc<Target>) -> Arc<KnownTarget> {
        let known = Arc::new(KnownTarget { target, proofs: Proofs::default() });
        self.lock().keep(Owner::Target(known.target.source_id), Kept::Target(known.clone()));
        known
    }

    /// Keeps a proof with its target, if that is still the one in memory.
    pub fn keep_proof(&self, target: &Target, proof: Proof, now: OffsetDateTime) {
        let known = self.lock().target(target.source_id);
        if let Some(known) = known.filter(|known| known.target.stamp == target.stamp) {
            known.proofs.keep(proof, now);
        }
    }

    /// Forgets a target that is no longer current, unless another one has taken its place.
    pub fn forget(&self, stale: &KnownTarget) {
        let (mut cache, source) = (self.lock(), stale.target.source_id);
        if cache.target(source).is_some_and(|known| known.target.stamp == stale.target.stamp) {
            cache.remove(Owner::Target(source));
        }
    }

    /// Forgets what is in memory of this source if it is not this target.
    pub fn forget_other(&self, target: &Target) {
        let mut cache = self.lock();
        if cache.target(target.source_id).is_some_and(|known| known.target.stamp != target.stamp) {
            cache.remove(Owner::Target(target.source_id));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn size(&self) -> usize {
        let bytes = match self {
            Self::Part(part) => part.cost.bytes + part.version.len(),
            Self::Target(known) => known.target.size() + size_of::<KnownTarget>() + MAX_PROOFS * size_of::<Proof>(),
        };
        bytes + OVERHEAD
    }
}

impl fmt::Debug for Configurations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Configurations({} kept)", self.lock().kept.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entities::model::EntityKind,
        rules::{Node, Operator, Rule, RuleSet},
    };

    fn source(number: usize) -> SourceId {
        format!("{number:024x}").parse().unwrap()
    }

    fn owner(number: usize) -> Owner {
        Owner::Source(source(number))
    }

    fn compiled(version: &str, entries: usize) -> Arc<Part> {
        let list: Vec<_> = (0..entries).map(|number| format!("{number:08}")).collect();
        let rules = vec![Node::Rule(Rule::new("lead.city", Operator::IsIncludedIn, Some(&list.join(","))))];
        let criteria = AcceptanceCriteria { rule_set: RuleSet { rules, ..Default::default() }, reason: None };
        let (version, mappings) = (version.to_owned(), Vec::new());
        StoredPart { version, mappings, criteria: Some(criteria) }.compile()
    }

    /// A target whose flow has this number, and whose source has this one and this version.
    fn target(flow: usize, number: usize, version: &str) -> Arc<Target> {
        Arc::new(Target {
            account_id: format!("{:024x}", 1).parse().unwrap(),
            time_zone: "UTC".to_owned(),
            flow_id: format!("{flow:024x}").parse().unwrap(),
            source_id: source(number),
            flow_enabled: true,
            source_enabled: true,
            require_authentication: false,
            kind: EntityKind::Custom,
            connected: false,
            seller: None,
            fields: Arc::new([]),
            flow_version: "1".to_owned(),
            source_version: version.to_owned(),
            stamp: version.to_owned(),
        })
    }

    #[test]
    fn only_the_current_version_is_found() {
        let mut known = Cache::default();
        known.keep(owner(1), Kept::Part(compiled("1", 3)));
        assert!(known.part(owner(1), "1").is_some() && known.part(owner(1), "2").is_none());
        assert!(known.part(owner(2), "1").is_none());
        known.keep(owner(1), Kept::Part(compiled("2", 3)));
        assert!(known.part(owner(1), "1").is_none() && known.part(owner(1), "2").is_some());
    }

    #[test]
    fn a_source_is_known_in_its_own_flow_with_its_current_parts() {
        let known = Configurations::default();
        let find = |flow: usize, number| known.find_known(format!("{flow:024x}").parse().unwrap(), source(number));
        known.keep_target(target(7, 1, "1"));
        assert!(find(7, 1).is_none(), "its rules are not in memory");
        let [flow, part] = [compiled("1", 1), compiled("1", 1)];
        known.keep(&target(7, 1, "1"), &Configuration { flow: flow.clone(), source: part });
        let first = find(7, 1).unwrap();
        assert!(find(8, 1).is_none() && find(7, 2).is_none());
        known.keep_target(target(7, 1, "2"));
        assert!(find(7, 1).is_none(), "its rules are older");
        known.keep(&target(7, 1, "2"), &Configuration { flow, source: compiled("2", 1) });
        known.forget(&first.source);
        assert!(find(7, 1).is_some(), "another target was stale");
        known.forget(&find(7, 1).unwrap().source);
        assert!(find(7, 1).is_none());
    }

    #[test]
    fn the_least_recently_used_make_room() {
        let mut known = Cache::default();
        let large = || compiled("1", 40_000);
        let size = Kept::Part(large()).size();
        assert!(size > 300_000, "{size}");
        let (fit, large) = (MAX_CACHED / size, large());
        for number in 0..fit + 10 {
            known.keep(owner(number), Kept::Part(large.clone()));
            assert!(known.part(owner(0), "1").is_some(), "in use");
            assert_eq!(known.bytes, known.kept.len() * size);
            assert!(known.bytes <= MAX_CACHED);
        }
        assert!(known.part(owner(1), "1").is_none() && known.part(owner(fit + 9), "1").is_some());
    }
}
