//! Where boxes and arrows lie. Which arrows exist the table says; this only says how they look.

use tcpspec::State::{self, *};

/// Half of a box's width and height.
pub(super) const HALF: (f64, f64) = (75.0, 22.0);

/// The middle of a state's box.
pub(super) const fn place(state: State) -> (f64, f64) {
    match state {
        Closed => (600.0, 132.0),
        Listen => (600.0, 262.0),
        SynReceived => (240.0, 400.0),
        SynSent => (1005.0, 400.0),
        Established => (600.0, 540.0),
        FinWait1 => (240.0, 692.0),
        Closing => (600.0, 692.0),
        CloseWait => (1005.0, 692.0),
        FinWait2 => (240.0, 860.0),
        TimeWait => (600.0, 860.0),
        LastAck => (1005.0, 800.0),
    }
}

/// Whose normal path an arrow is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Client,
    Server,
    Unusual,
}

/// Which end of a label stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawn arrow.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) from: State,
    pub(super) to: State,
    /// Rows each of which makes this transition.
    pub(super) rows: &'static [&'static str],
    /// Instead, only all of the rows together make it, one after the other within one event.
    pub(super) composed: bool,
    pub(super) path: Path,
    /// Its corners, from edge to edge of the boxes.
    pub(super) route: &'static [(f64, f64)],
    /// Where the label's first line stands.
    pub(super) at: (f64, f64),
    pub(super) anchor: Anchor,
    /// Lines of event and action.
    pub(super) label: &'static [(&'static str, &'static str)],
}

/// The arrow of rows that each lead from one state to the other.
const fn arrow(
    from: State,
    to: State,
    rows: &'static [&'static str],
    path: Path,
    route: &'static [(f64, f64)],
) -> Drawn {
    Drawn { from, to, rows, composed: false, path, route, at: (0.0, 0.0), anchor: Anchor::Middle, label: &[] }
}

impl Drawn {
    const fn label(
        mut self,
        x: f64,
        y: f64,
        anchor: Anchor,
        label: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.at = (x, y);
        self.anchor = anchor;
        self.label = label;
        self
    }
}

use Anchor::{End, Middle, Start};
use Path::{Client, Server, Unusual};

/// All drawn arrows.
pub(super) const DRAWN: &[Drawn] = &[
    // Opening.
    arrow(Closed, Listen, &["open_passive"], Server, &[(572.0, 154.0), (572.0, 240.0)]).label(
        562.0,
        194.0,
        End,
        &[("passive OPEN", "create TCB")],
    ),
    arrow(Listen, Closed, &["close_listen"], Unusual, &[(628.0, 240.0), (628.0, 154.0)]).label(
        638.0,
        201.0,
        Start,
        &[("CLOSE", "delete TCB")],
    ),
    arrow(Closed, SynSent, &["open_active"], Client, &[(675.0, 144.0), (1000.0, 144.0), (1000.0, 378.0)])
        .label(838.0, 164.0, Middle, &[("active OPEN", "send SYN")]),
    arrow(
        SynSent,
        Closed,
        &["close_syn_sent", "close_syn_sent_text"],
        Unusual,
        &[(1055.0, 378.0), (1055.0, 120.0), (675.0, 120.0)],
    )
    .label(838.0, 112.0, Middle, &[("CLOSE", "delete TCB")]),
    arrow(
        Listen,
        SynSent,
        &["listen_open", "send_listen"],
        Unusual,
        &[(675.0, 262.0), (955.0, 262.0), (955.0, 378.0)],
    )
    .label(814.0, 254.0, Middle, &[("SEND or active OPEN", "send SYN")]),
    arrow(Listen, SynReceived, &["listen_syn"], Server, &[(525.0, 254.0), (200.0, 254.0), (200.0, 378.0)])
        .label(362.0, 246.0, Middle, &[("receive SYN", "send SYN,ACK")]),
    arrow(
        SynReceived,
        Listen,
        &[
            "rst_passive",
            "rst_passive_text",
            "syn_passive",
            "syn_passive_text",
            "rst_listens",
            "unreachable_passive",
            "unreachable_passive_text",
        ],
        Unusual,
        &[(265.0, 378.0), (265.0, 274.0), (525.0, 274.0)],
    )
    .label(275.0, 294.0, Start, &[("receive RST or SYN,", ""), ("opened passively", "listen again")]),
    arrow(SynSent, SynReceived, &["syn_sent_syn_only"], Unusual, &[(930.0, 400.0), (315.0, 400.0)]).label(
        600.0,
        391.0,
        Middle,
        &[("receive SYN (simultaneous open)", "send SYN,ACK")],
    ),
    arrow(SynReceived, Established, &["ack_syn"], Server, &[(290.0, 422.0), (290.0, 540.0), (525.0, 540.0)])
        .label(407.0, 532.0, Middle, &[("receive ACK of SYN", "")]),
    arrow(
        SynSent,
        Established,
        &["syn_sent_syn_ack"],
        Client,
        &[(1005.0, 422.0), (1005.0, 540.0), (675.0, 540.0)],
    )
    .label(840.0, 532.0, Middle, &[("receive SYN,ACK", "send ACK")]),
    // The user closes first.
    arrow(
        SynReceived,
        FinWait1,
        &["close_syn_received", "release_syn_received", "ack_syn_close"],
        Unusual,
        &[(190.0, 422.0), (190.0, 670.0)],
    )
    .label(
        180.0,
        530.0,
        End,
        &[("CLOSE", "queue FIN"), ("or", ""), ("receive ACK of SYN", ""), ("after CLOSE", "")],
    ),
    arrow(
        Established,
        FinWait1,
        &["close_established", "release_established"],
        Client,
        &[(556.0, 562.0), (556.0, 616.0), (290.0, 616.0), (290.0, 670.0)],
    )
    .label(423.0, 608.0, Middle, &[("CLOSE", "queue FIN")]),
    arrow(FinWait1, FinWait2, &["ack_fin"], Client, &[(190.0, 714.0), (190.0, 838.0)]).label(
        180.0,
        780.0,
        End,
        &[("receive ACK of FIN", "")],
    ),
    arrow(
        FinWait1,
        Closing,
        &["fin_crossed", "held_fin_crossed"],
        Unusual,
        &[(315.0, 692.0), (525.0, 692.0)],
    )
    .label(420.0, 684.0, Middle, &[("receive FIN", "send ACK")]),
    Drawn {
        composed: true,
        ..arrow(
            FinWait1,
            TimeWait,
            &["ack_fin", "fin_last"],
            Unusual,
            &[(290.0, 714.0), (290.0, 776.0), (570.0, 776.0), (570.0, 838.0)],
        )
        .label(430.0, 768.0, Middle, &[("receive FIN with ACK of FIN", "send ACK")])
    },
    arrow(FinWait2, TimeWait, &["fin_last", "held_fin_last"], Client, &[(315.0, 860.0), (525.0, 860.0)])
        .label(420.0, 852.0, Middle, &[("receive FIN", "send ACK")]),
    arrow(Closing, TimeWait, &["ack_fin_crossed"], Unusual, &[(630.0, 714.0), (630.0, 838.0)]).label(
        640.0,
        780.0,
        Start,
        &[("receive ACK of FIN", "")],
    ),
    arrow(
        TimeWait,
        Closed,
        &["time_wait_over"],
        Client,
        &[(675.0, 860.0), (1180.0, 860.0), (1180.0, 62.0), (572.0, 62.0), (572.0, 110.0)],
    )
    .label(928.0, 852.0, Middle, &[("2MSL are over", "delete TCB")]),
    // The peer closes first.
    arrow(
        Established,
        CloseWait,
        &["fin", "held_fin"],
        Server,
        &[(644.0, 562.0), (644.0, 616.0), (1005.0, 616.0), (1005.0, 670.0)],
    )
    .label(825.0, 608.0, Middle, &[("receive FIN", "send ACK")]),
    arrow(
        CloseWait,
        LastAck,
        &["fin_departs_last", "probe_fin_last"],
        Server,
        &[(1005.0, 714.0), (1005.0, 778.0)],
    )
    .label(995.0, 750.0, End, &[("CLOSE, all text sent", "send FIN")]),
    arrow(
        LastAck,
        Closed,
        &["ack_fin_last"],
        Server,
        &[(1080.0, 800.0), (1145.0, 800.0), (1145.0, 82.0), (628.0, 82.0), (628.0, 110.0)],
    )
    .label(1134.0, 572.0, End, &[("receive", ""), ("ACK of FIN", "delete TCB")]),
];
