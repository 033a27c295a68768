//! What `docs/security.md` tells of octets out for octets in, of stacks that disagree, of lies, of initial numbers and of response times.

use tcpspec_tests::attacks::acks::{self, Way};
use tcpspec_tests::attacks::{amplification, disagreement, initial_numbers, times};

#[test]
fn one_packet_brings_forth_no_more_than_one_but_for_a_syn() {
    let cases = amplification::cases();
    assert!(cases.len() > 20);
    for case in cases {
        let limit = match case.name {
            // R2 for a SYN is three minutes (MUST-23), the first of eight leaves at once, and options are more than the SYN had.
            "SYN to a listener" | "SYN to a listener, IPv6" => 8.8,
            name if name.starts_with("SYN to a listener that has no room") => 1.1,
            name if name.starts_with("SYN from") => 0.0,
            name if name.starts_with("RST") => 0.0,
            // What is quoted has 28 octets before it (RFC 792).
            "UDP without text" => 2.0,
            "another protocol, nothing in it" => 2.4,
            _ => 1.0,
        };
        assert!(case.factor() <= limit, "{case:?}");
    }
}

#[test]
fn two_stacks_that_disagree_fall_silent_and_let_go() {
    let cases = disagreement::cases();
    assert!(cases.len() >= 12);
    // The control: nobody disagrees.
    assert!(cases[0].read == 2000 && cases[0].packets <= 12, "{:?}", cases[0]);
    for case in cases {
        // Ten answers in five seconds from each, and what each sends again by itself.
        assert!(case.packets < 150 && case.worst <= 30, "{case:?}");
        // R2 for text, or 2MSL of four minutes after the last FIN.
        assert!(case.over.is_some_and(|over| over.as_secs() < 600), "{case:?}");
    }
}

#[test]
fn a_difference_of_time_that_is_there_is_found() {
    let all = times::times(200);
    assert!(all.len() >= 10);
    // The checksum of twice as much text takes longer.
    let longer = &all[1];
    assert!(longer.is_found() && longer.difference > 0.0, "{longer:?}");
    // Where the number of answers is to be the same, it is.
    let differ: Vec<_> = all.iter().filter(|timed| timed.answers[0] != timed.answers[1]).collect();
    assert!(matches!(differ.as_slice(), [only] if only.name.starts_with("RST")), "{differ:?}");
}

#[test]
fn numbers_are_spread_evenly_and_rise_for_one_pair() {
    for found in initial_numbers::distributions() {
        // Six standard deviations.
        assert!(found.worst() < 255.0 + 6.0 * 22.6, "{found:?}");
    }
    // A number each 4 µs (§3.4.1), a millisecond each of the clock for timestamps.
    assert_eq!(initial_numbers::advance(100), (25_000_000, 100_000));
}

#[test]
fn lies_about_acknowledgments_gain_no_more_than_the_octets_acknowledged() {
    let text = |way| acks::lie(way).text;
    let honest = text(Way::Honest);
    // Ten segments at first (RFC 6928), and as many more as are acknowledged (RFC 5681 §3.1).
    assert_eq!(honest, 70_000);
    // Small segments gain nothing: of headers and text together no more goes out than to a peer with large ones.
    let [crumbs, large] = [Way::Crumbs, Way::Honest].map(acks::lie);
    assert!(crumbs.got <= large.got && crumbs.text.is_multiple_of(28), "{crumbs:?} {large:?}");
    for way in [Way::Divided(1), Way::Divided(10), Way::NeverSent(100)] {
        assert_eq!(text(way), honest, "{way:?}");
    }
    // A duplicate says that a segment has left, but no more can leave than were under way.
    for way in [Way::Repeated(100), Way::Partial(10)] {
        assert!(text(way) <= honest, "{way:?}: {}", text(way));
    }
    // By SACK blocks no more can have left than were under way, and what was never sent cannot have.
    for way in [Way::Sacked(1), Way::SackedNeverSent(100), Way::SackedOctets(100)] {
        assert!(text(way) <= honest, "{way:?}: {}", text(way));
    }
    // Against this there is no defence.
    assert!(text(Way::Early(3)) > honest * 3);
}
