use super::*;
use crate::{
    base::Id,
    entities::model::EntityKind,
    leads::server::{content::Content, queries::Target},
};
use time::OffsetDateTime;

/// A lead whose content has this size.
fn waiting(size: usize) -> Waiting {
    waiting_of(3, size)
}

/// The same, of a source.
fn waiting_of(source: u8, size: usize) -> Waiting {
    let id = |number: u8| [number; 12];
    let target = Target {
        account_id: Id::from_bytes(id(1)),
        time_zone: "UTC".to_owned(),
        flow_id: Id::from_bytes(id(2)),
        source_id: Id::from_bytes(id(source)),
        flow_enabled: true,
        source_enabled: true,
        require_authentication: false,
        kind: EntityKind::Custom,
        connected: false,
        seller: None,
        fields: Arc::new([]),
        flow_version: String::new(),
        source_version: String::new(),
        stamp: String::new(),
    };
    let at = OffsetDateTime::UNIX_EPOCH;
    let lead = NewLead {
        id: Id::from_bytes(id(4)),
        target: Arc::new(target),
        proof: None,
        key: None,
        reason: None,
        test: false,
        content: Content { input: "x".repeat(size), ..Content::default() },
        received_at: at,
        day: at.date(),
    };
    Waiting::new(lead, None, oneshot::channel().0)
}

#[test]
fn a_statement_takes_what_waits_up_to_a_number_and_a_size() {
    for (sizes, expected) in [
        (vec![], vec![]),
        (vec![1; 3], vec![3]),
        (vec![1; MAX_LEADS + 3], vec![MAX_LEADS, 3]),
        (vec![MAX_BYTES / 2; 5], vec![2, 2, 1]),
        (vec![1, 2 * MAX_BYTES, 1], vec![1, 1, 1]),
    ] {
        let mut queue = Queue::default();
        for size in sizes {
            queue.bytes += size;
            queue.waiting.push_back(waiting(size));
        }
        let taken: Vec<_> =
            std::iter::repeat_with(|| queue.take().len()).take_while(|taken| *taken > 0).take(10).collect();
        assert_eq!((taken, queue.bytes), (expected, 0));
    }
}

#[test]
fn a_batch_is_parted_until_one_lead_or_one_source_is_left() {
    for (count, expected) in [(1, None), (2, Some([1, 1])), (3, Some([2, 1])), (128, Some([64, 64]))] {
        let halves = batch::halves((0..count).map(|_| waiting(1)).collect());
        assert_eq!(halves.map(|halves| halves.map(|half| half.len())).ok(), expected, "{count}");
    }
    for (sources, expected) in [(vec![1], None), (vec![7, 7, 7], None), (vec![2, 1, 2, 3], Some(vec![1, 2, 1]))] {
        let parts = batch::by_source(sources.iter().map(|source| waiting_of(*source, 1)).collect());
        let counts = parts.map(|parts| parts.iter().map(Vec::len).collect::<Vec<_>>());
        assert_eq!(counts.map_err(|whole| whole.len()), expected.ok_or(sources.len()), "{sources:?}");
    }
}

#[tokio::test]
async fn the_queue_is_bounded() {
    let pool = sqlx::postgres::PgPoolOptions::new().connect_lazy("postgres://nobody@127.0.0.1:1/none").unwrap();
    let full = |waiting: usize, bytes| {
        let mut queue = Queue { bytes, running: [true; COMMITTERS], ..Queue::default() };
        queue.waiting.extend((0..waiting).map(|_| self::waiting(0)));
        let (queue, pool, clock) = (Mutex::new(queue), pool.clone(), Clock::default());
        Arc::new(Gatherer { queue, pool, clock, deliveries: Arc::default(), share: 0 })
    };
    assert!(full(MAX_WAITING - 1, 0).add(waiting(9)).is_ok());
    assert!(full(MAX_WAITING, 0).add(waiting(9)).is_err());
    assert!(full(0, MAX_WAITING_BYTES - 9).add(waiting(9)).is_ok());
    assert!(full(0, MAX_WAITING_BYTES - 8).add(waiting(9)).is_err());
}
