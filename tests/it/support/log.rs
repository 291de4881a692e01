//! What the application logs.

use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing::instrument::WithSubscriber;
use tracing_subscriber::{fmt, layer::SubscriberExt, registry};

/// Collects all log output at the finest level.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Does something, and returns its result and everything that was logged meanwhile.
pub async fn logged<T>(what: impl Future<Output = T>) -> (T, String) {
    // With only one subscriber, `tracing` takes its interest from the current thread's subscriber, and other tests have
    // none.
    let _second = tracing::Dispatch::new(registry());
    let log = LogBuffer::default();
    let writer = log.clone();
    let layer = fmt::layer().with_writer(move || writer.clone());
    let result = what.with_subscriber(registry().with(layer)).await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    (result, text)
}
