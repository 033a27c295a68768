//! What the receiver reports, and when: duplicates (RFC 2883), and acknowledgments of what fills a hole (RFC 5681 §4.2).

use tcpspec_stack::ConnectionId;
use tcpspec_stack::wire::options::Timestamps;
use tcpspec_tests::peer::{ACK, FIN, Peer, RST, SYN};

/// An end to which a peer sends text whose first octet has number 1.
struct Receiving {
    peer: Peer,
    id: ConnectionId,
    first: u32,
    timestamps: bool,
}

/// Acknowledgment and blocks.
type Answer = (u32, Vec<(u32, u32)>);

impl Receiving {
    fn new(sack: bool, timestamps: bool) -> Self {
        let mut peer = Peer::new(false, |config| (config.sack, config.timestamps) = (sack, timestamps));
        let listener = peer.end.listen(80, 1).unwrap();
        // Numbers wrap between 200 and 300.
        peer.seq = 0xffff_ff00;
        let stamp = Timestamps { val: 1, ecr: 0 };
        let id = peer.connect(listener, |header| {
            header.options.sack_permitted = header.flags.has(SYN);
            header.options.timestamps = timestamps.then_some(stamp);
        });
        let first = peer.seq.wrapping_sub(1);
        peer.all();
        Self { peer, id, first, timestamps }
    }

    /// These numbers come; with `fin` the last of them is that of the FIN. What is answered at once.
    fn comes(&mut self, from: u32, until: u32, fin: bool) -> Option<Answer> {
        let mut header = self.peer.header(if fin { ACK.with(FIN) } else { ACK });
        header.seq = self.first.wrapping_add(from);
        header.options.timestamps = self.timestamps.then_some(Timestamps { val: 1, ecr: 0 });
        let text = vec![b'x'; (until - from - u32::from(fin)) as usize];
        self.peer.send(&header, &text);
        let mut all = self.peer.all();
        assert!(all.len() <= 1, "{all:?}");
        let answer = all.pop()?.tcp;
        let relative = |number: u32| number.wrapping_sub(self.first);
        let blocks = answer.options.sack.iter().map(|(a, b)| (relative(a), relative(b))).collect();
        Some((relative(answer.ack), blocks))
    }
}

/// What has come: from one number to before another, perhaps with a FIN at the end.
type Came<'a> = &'a [(u32, u32, bool)];
/// That, and what is answered to the last of it.
type Case<'a> = (Came<'a>, u32, &'a [(u32, u32)]);

const F: bool = false;
const FIN_TOO: bool = true;

/// RFC 2883 §4: whichever part has come twice, the first such part if there are several, and behind it the block that it is part of.
#[test]
fn whatever_part_has_come_twice_is_reported() {
    let cases: &[Case<'_>] = &[
        // Held at the end, in the middle, at the front, the whole.
        (&[(201, 301, F), (101, 301, F)], 1, &[(201, 301), (101, 301)]),
        (&[(201, 301, F), (101, 401, F)], 1, &[(201, 301), (101, 401)]),
        (&[(201, 301, F), (151, 251, F)], 1, &[(201, 251), (151, 301)]),
        (&[(201, 301, F), (251, 401, F)], 1, &[(251, 301), (201, 401)]),
        (&[(201, 301, F), (201, 301, F)], 1, &[(201, 301), (201, 301)]),
        (&[(201, 301, F), (221, 241, F)], 1, &[(221, 241), (201, 301)]),
        // Several pieces: the first; two that touch are one.
        (&[(201, 301, F), (401, 501, F), (101, 601, F)], 1, &[(201, 301), (101, 601)]),
        (&[(401, 501, F), (201, 301, F), (301, 451, F)], 1, &[(401, 451), (201, 501)]),
        (&[(301, 401, F), (201, 301, F), (101, 501, F)], 1, &[(201, 401), (101, 501)]),
        // Acknowledged already, wholly or at the front.
        (&[(1, 101, F), (1, 101, F)], 101, &[(1, 101)]),
        (&[(1, 101, F), (201, 301, F), (51, 101, F)], 101, &[(51, 101), (201, 301)]),
        (&[(1, 101, F), (201, 301, F), (51, 301, F)], 301, &[(51, 101)]),
        // What fills the hole brings what was held again.
        (&[(201, 301, F), (1, 301, F)], 301, &[(201, 301)]),
        (&[(201, 301, F), (1, 401, F)], 401, &[(201, 301)]),
        (&[(201, 301, F), (401, 501, F), (1, 301, F)], 301, &[(201, 301), (401, 501)]),
        (&[(201, 301, F), (401, 501, F), (1, 501, F)], 501, &[(201, 301)]),
        // A FIN has a number, too.
        (&[(201, 302, FIN_TOO), (101, 302, FIN_TOO)], 1, &[(201, 302), (101, 302)]),
        (&[(301, 302, FIN_TOO), (201, 302, FIN_TOO)], 1, &[(301, 302), (201, 302)]),
        (&[(301, 302, FIN_TOO), (1, 302, FIN_TOO)], 302, &[(301, 302)]),
        // Nothing twice.
        (&[(201, 301, F), (101, 201, F)], 1, &[(101, 301)]),
        (&[(201, 301, F), (301, 401, F)], 1, &[(201, 401)]),
        (&[(201, 301, F), (1, 201, F)], 301, &[]),
    ];
    for timestamps in [false, true] {
        for (came, ack, blocks) in cases {
            let mut end = Receiving::new(true, timestamps);
            let answers: Vec<_> =
                came.iter().map(|(from, until, fin)| end.comes(*from, *until, *fin)).collect();
            let last = answers.last().unwrap().clone();
            if (*ack, came.len()) == (101, 2) {
                // The first one has been acknowledged by nobody yet, and so the duplicate is what the first answer speaks of.
                assert_eq!(answers[0], None);
            }
            assert_eq!(last, Some((*ack, blocks.to_vec())), "{came:?}");
        }
    }
}

/// RFC 2018 §3: with timestamps there is room for three.
#[test]
fn a_duplicate_takes_one_of_the_places() {
    for timestamps in [false, true] {
        let mut end = Receiving::new(true, timestamps);
        for n in [2, 4, 6, 8] {
            end.comes(100 * n + 1, 100 * n + 101, false).expect("acknowledged at once");
        }
        let mut all = vec![(201, 301), (101, 301), (801, 901), (601, 701)];
        all.truncate(if timestamps { 3 } else { 4 });
        assert_eq!(end.comes(101, 301, false), Some((1, all)));
        let mut all = vec![(101, 301), (801, 901), (601, 701), (401, 501)];
        all.truncate(if timestamps { 3 } else { 4 });
        let new = end.comes(301, 302, false).expect("acknowledged at once");
        all[0].1 = 302;
        assert_eq!(new, (1, all), "once");
    }
}

/// What is refused is kept by nobody and displaces no report: RSTs outside the window, which draw no answer, and with text.
#[test]
fn what_is_refused_displaces_no_block() {
    let mut end = Receiving::new(true, false);
    end.comes(201, 301, false);
    for n in 0..8 {
        let mut reset = end.peer.header(RST.with(ACK));
        reset.seq = end.first.wrapping_add(10_000_000 + 200 * n);
        end.peer.send(&reset, &[b'x'; 100]);
        assert_eq!(end.peer.all(), []);
    }
    assert_eq!(end.comes(401, 501, false), Some((1, vec![(401, 501), (201, 301)])));
}

/// RFC 9293: SHLD-31
#[test]
fn what_fills_a_hole_is_acknowledged_at_once() {
    let cases: &[(Came<'_>, u32)] = &[
        // It brings all that was held again, or a part of it, or more.
        (&[(201, 301, F), (1, 301, F)], 301),
        (&[(201, 301, F), (1, 251, F)], 301),
        (&[(201, 301, F), (1, 351, F)], 351),
        (&[(201, 301, F), (1, 201, F)], 301),
        // Several holes: all, one, a part of one.
        (&[(201, 301, F), (401, 501, F), (1, 501, F)], 501),
        (&[(201, 301, F), (401, 501, F), (1, 301, F)], 301),
        (&[(201, 301, F), (401, 501, F), (1, 101, F)], 101),
        // FINs: held alone or behind text, and again.
        (&[(301, 302, FIN_TOO), (1, 301, F)], 302),
        (&[(201, 302, FIN_TOO), (1, 301, F)], 302),
        (&[(201, 302, FIN_TOO), (1, 302, FIN_TOO)], 302),
        (&[(301, 302, FIN_TOO), (1, 302, FIN_TOO)], 302),
    ];
    for (sack, closed) in [(false, false), (true, false), (true, true)] {
        for (came, ack) in cases {
            let mut end = Receiving::new(sack, false);
            if closed {
                let (now, id) = (end.peer.now, end.id);
                end.peer.end.close(now, id).unwrap();
                assert_eq!(end.peer.all().len(), 1);
            }
            for (from, until, fin) in &came[..came.len() - 1] {
                end.comes(*from, *until, *fin).expect("out of order: at once");
            }
            let (from, until, fin) = came[came.len() - 1];
            let answer = end.comes(from, until, fin).map(|(ack, _)| ack);
            assert_eq!(answer, Some(*ack), "{came:?}");
        }
    }
}
