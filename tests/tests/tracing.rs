//! Rows as events of `tracing`: alone in its program, since what a subscriber may hear is decided once for all threads.

#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::sync::{Arc, Mutex};
use tcpspec_stack::device::memory::Link;
use tcpspec_tests::simulated::{LATENCY, MINUTE, text, transfer};

/// What a subscriber hears: the rows of `tcpspec::row`.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Heard {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "tcpspec::row"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Row(String);
        impl tracing::field::Visit for Row {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "row" {
                    self.0 = value.to_owned();
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        }
        let mut row = Row(String::new());
        event.record(&mut row);
        self.0.lock().unwrap().push(row.0);
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn rows_are_tracing_events_and_what_a_callback_hears() {
    let heard = Heard::default();
    let called = Arc::new(Mutex::new(Vec::new()));
    tracing::subscriber::with_default(heard.clone(), || {
        let mut link = Link::new(LATENCY);
        for end in &mut link.ends {
            let log = Arc::clone(&called);
            end.observe(move |fired| log.lock().unwrap().push(fired.row.name().to_owned()));
        }
        transfer(&mut link, [text(3000, 1), text(10, 2)], MINUTE);
    });
    let (heard, called) = (heard.0.lock().unwrap(), called.lock().unwrap());
    assert!(heard.len() > 50 && heard.contains(&"syn_sent_syn_ack".to_owned()), "{heard:?}");
    assert_eq!(*heard, *called);
}
