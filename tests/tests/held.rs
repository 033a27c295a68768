//! What `docs/security.md` tells of floods, and of what is held for an attacker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

use peak_alloc::PeakAlloc;
use tcpspec_tests::attacks::{flood, piles};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test, since it counts the memory of the whole process.
#[test]
fn what_an_attacker_makes_the_stack_hold() {
    a_flood_takes_nothing_from_others();
    what_nobody_holds_does_not_stay();
}

fn a_flood_takes_nothing_from_others() {
    let flood = flood::flood(100_000, &|| MEMORY.current_usage());
    assert_eq!(flood.segments.0, flood.segments.1, "{flood:?}");
    assert_eq!(flood.clients.0, flood.clients.1, "{flood:?}");
    assert_eq!(flood.complete.0, flood.complete.1, "{flood:?}");
    assert!(flood.cookies > 99_000, "{flood:?}");
    assert!(flood.octets < 1 << 20, "{flood:?}");
}

fn what_nobody_holds_does_not_stay() {
    for pile in piles::piles(&|| MEMORY.current_usage()) {
        let each = pile.held.map(|octets| octets as u64 / pile.count);
        let paid = pile.paid.1 / pile.count;
        match pile.name {
            // Progress, if little: as long as the text lasts.
            name if name.contains("window of one octet") => assert!(each[2] <= 140_000, "{pile:?}"),
            name if name.contains("program keeps") => assert!(each[1] <= 400, "{pile:?}"),
            name if name.contains("acknowledged") => assert!(each[2] <= 140_000, "{pile:?}"),
            // Text that comes early is held; it has been paid for.
            name if name.contains("missing") => assert!(each[0] <= paid * 5 / 4, "{pile:?}"),
            // The program's text is given up with the connection.
            name if name.contains("closed window") => assert!(each[1] <= 2_000, "{pile:?}"),
            _ => assert!(each[1] <= 64, "{pile:?}"),
        }
    }
}
