//! What the model's host keeps and forgets when the machine asks for it. Claims compare what the host makes of that, and the host is the same on both sides.

use super::small::PLAIN;
use tcpspec::model::world::Held;
use tcpspec::model::world::host::ModelHost;
use tcpspec::model::{End, Tcp};
use tcpspec::{Acknowledge, Flags, Host, Segment, Seq};

fn end() -> End {
    Tcp::new(&PLAIN).initial().ends[0]
}

fn host(end: &mut End) -> ModelHost<'_> {
    ModelHost::new(end, Seq::new(3), 2, 2, 1)
}

fn with(flags: Flags) -> Segment<tcpspec::model::Space16> {
    Segment { seq: Seq::new(5), len: 1, flags, ..Segment::default() }
}

#[test]
fn what_carries_an_acknowledgment_spares_the_one_that_was_asked_for() {
    let mut end = end();
    let mut host = host(&mut end);
    host.acknowledge(Acknowledge::Now);
    host.emit(with(Flags::RST));
    assert_eq!(host.wanted, Some(Acknowledge::Now));
    host.emit(with(Flags::ACK));
    assert_eq!(host.wanted, None);
}

#[test]
fn what_is_flushed_is_not_acknowledged() {
    let mut end = end();
    let mut host = host(&mut end);
    host.acknowledge(Acknowledge::Now);
    host.flush();
    assert_eq!(host.wanted, None);
    host.acknowledge(Acknowledge::Now);
    host.flush_sends();
    assert_eq!(host.wanted, None);
}

#[test]
fn a_connection_begins_without_text_of_an_older_one() {
    let mut end = End { on_hand: 2, delivered: 2, held: [Some(Held::default()); 2], closed: true, ..end() };
    assert_eq!(host(&mut end).initial_sequence(), Seq::new(3));
    assert_eq!((end.on_hand, end.delivered, end.held, end.closed), (0, 0, [None; 2], false));
    assert_eq!(end.incarnation, 1);
}

#[test]
fn what_comes_early_twice_is_kept_once() {
    let mut end = end();
    host(&mut end).hold(&with(Flags::ACK));
    let once = end.held;
    assert_eq!(once.iter().flatten().count(), 1);
    host(&mut end).hold(&with(Flags::ACK));
    assert_eq!(end.held, once);
    // Another piece has a place of its own.
    host(&mut end).hold(&with(Flags::ACK.with(Flags::FIN)));
    assert_eq!(end.held.iter().flatten().count(), 2);
}
