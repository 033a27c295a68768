//! The runs: the rows that each is there for, and what happens in it.
//!
//! The steps of a run are separated by semicolons. First, if they are wanted, options of the table (`rfc5961=off`) and `timestamps` (the peer offers
//! them). Then:
//!
//! | step | what it is |
//! |---|---|
//! | `listen`, `passive`, `passive named`, `connect` | OPEN: a listener whose connections are accepted as they come; passive without a child, for anybody or for the peer; active |
//! | `active`, `active nowhere` | active OPEN of what waits, to the peer or without saying to whom |
//! | `send 10`, `send 10 urgent`, `receive`, `shut`, `abort`, `release` | SEND, RECEIVE, CLOSE, ABORT; the user goes |
//! | `keep-alive`, `user-timeout 5s` | settings: keep-alive after 10 s, then each second, twice |
//! | `syn`, `ack`, `fin+ack`, `urg+ack`, `none`, … | a segment of the peer with these control bits |
//! | `fill` | text until the window (4,000 octets) is closed |
//! | `icmp soft`, `icmp hard` | a router could not deliver the connection's last segment |
//! | `wait 300ms`, `wait 20s` | so much time passes |
//! | `port 7` | from now on the peer is another one |
//!
//! What may follow the control bits: `seq=+5` from RCV.NXT or `seq=edge` from the right edge of the window, `ack=-5` from SND.NXT or `ack=una` from SND.UNA, `len=10` octets of
//! text, `win=0`, `urg=5` the urgent pointer, `ts=-5` from where the peer's clock stands, or `ts=none`.

/// Where the words are explained.
pub(crate) const WORDS: &str = "tests/tests/rules/rows_on_the_stack/runs.rs";

/// Rows, and a run in which they fire.
pub(crate) const RUNS: &[(&str, &str)] = &[
    // OPEN
    ("open_passive listen_syn ack_syn", "passive; syn; ack"),
    ("open_active syn_sent_ack_ok syn_sent_syn_ack", "connect; syn+ack"),
    ("listen_open", "passive; active"),
    ("listen_open_nowhere", "passive; active nowhere"),
    ("listen_again", "passive; passive"),
    ("open_twice", "connect; syn+ack; connect"),
    // SEND
    ("send_closed", "connect; rst+ack; send 10"),
    ("send_listen_nowhere", "passive; send 10"),
    ("send_after_close", "passive; syn; send 10; shut; send 10"),
    ("send_closing", "connect; syn+ack; shut; send 10"),
    ("send_no_room", "connect; syn+ack; send 0"),
    ("send_listen", "passive named; send 10"),
    ("send_early silent", "connect; send 10"),
    ("send_text", "connect; syn+ack; send 10"),
    // RECEIVE
    ("receive_drain", "connect; syn+ack; ack len=10; fin+ack; shut; receive"),
    ("receive_left", "drain_after_fin=off; connect; syn+ack; ack len=10; rst; receive"),
    ("receive_closed", "connect; rst+ack; receive"),
    ("receive_early", "connect; receive"),
    ("receive_text", "connect; syn+ack; ack len=10; receive"),
    ("receive_wait", "connect; syn+ack; receive"),
    ("receive_rest", "connect; syn+ack; ack len=10; fin+ack; receive"),
    ("receive_end", "connect; syn+ack; fin+ack; receive"),
    ("receive_closing", "connect; syn+ack; fin+ack; shut; receive"),
    // CLOSE
    ("close_closed", "connect; rst+ack; shut"),
    ("close_listen", "passive; shut"),
    ("close_syn_sent", "connect; shut"),
    ("close_syn_sent_text", "connect; send 10; shut"),
    ("close_again", "passive; syn; send 10; shut; shut"),
    ("close_syn_received_later", "passive; syn; send 10; shut"),
    ("close_syn_received", "passive; syn; shut"),
    ("close_established", "connect; syn+ack; shut"),
    ("close_wait", "connect; syn+ack; fin+ack; shut"),
    ("close_closing", "connect; syn+ack; shut; shut"),
    // ABORT
    ("abort_closed", "connect; rst+ack; abort"),
    ("abort_early", "connect; abort"),
    ("abort_reset", "connect; syn+ack; abort"),
    ("abort_closing", "connect; syn+ack; fin+ack; shut; abort"),
    // SEGMENT ARRIVES in CLOSED and LISTEN
    ("closed_rst", "rst"),
    ("closed_ack", "ack"),
    ("closed_other", "syn"),
    ("listen_rst", "listen; rst"),
    ("listen_ack", "listen; ack"),
    ("listen_fork", "listen; syn"),
    ("listen_other", "listen; none"),
    // First: sequence number and timestamp
    ("old_timestamp_bare", "timestamps; listen; syn; ack; ack ts=-100"),
    ("old_timestamp", "timestamps; listen; syn; ack; ack ts=-100 len=10"),
    ("crossed", "connect; syn; syn+ack seq=-1"),
    (
        "reopen_timestamp",
        "reopen_by_timestamp=on; timestamps; listen; syn; ack; shut; fin+ack; syn seq=+100 ts=+100",
    ),
    ("reopen_number", "reopen_by_sequence=on; listen; syn; ack; shut; fin+ack; syn seq=+1000"),
    ("no_timestamp", "timestamps_required=on; timestamps; listen; syn; ack; ack ts=none"),
    ("old_fin", "connect; syn+ack; shut; fin+ack; fin+ack seq=-1"),
    ("outside_rst", "connect; syn+ack; rst seq=-1"),
    ("edge_rst", "connect; syn+ack; fill; rst len=1"),
    ("edge_ack", "connect; syn+ack; ack seq=edge"),
    ("closed_window", "connect; syn+ack; fill; ack len=1"),
    ("outside_bare", "connect; syn+ack; ack seq=-100"),
    ("outside", "connect; syn+ack; ack seq=-100 len=10"),
    ("inside_rst", "connect; syn+ack; rst seq=+10"),
    ("old_syn", "connect; syn+ack; syn+ack seq=-5 len=10"),
    ("inside", "connect; syn+ack; ack len=10"),
    ("timestamp_letter", "timestamp_after_ack=off; connect; syn+ack; ack"),
    // Second: RST
    ("rst_time_wait", "connect; syn+ack; shut; fin+ack; rst"),
    ("rst_challenge", "connect; syn+ack; rst seq=+10"),
    ("rst_child", "listen; syn; rst"),
    ("rst_released", "passive; syn; send 10; release; rst"),
    ("rst_closed", "passive; syn; send 10; shut; rst"),
    ("rst_listens", "rst_heeds_opener=off; passive; syn; rst"),
    ("rst_passive", "passive; syn; rst"),
    ("rst_passive_text", "passive; syn; send 10; rst"),
    ("rst_refused", "connect; syn; rst"),
    ("rst_reset", "connect; syn+ack; rst"),
    ("rst_reset_letter", "drain_after_reset=off; connect; syn+ack; rst"),
    ("rst_undelivered", "connect; syn+ack; fin+ack; send 10; shut; rst"),
    ("rst_closing", "connect; syn+ack; fin+ack; shut; rst"),
    // Fourth: SYN
    ("syn_child", "listen; syn; syn seq=+5"),
    ("syn_released", "passive; syn; send 10; release; syn seq=+5"),
    ("syn_closed", "passive; syn; send 10; shut; syn seq=+5"),
    ("syn_passive", "passive; syn; syn seq=+5"),
    ("syn_passive_text", "passive; syn; send 10; syn seq=+5"),
    ("syn_challenge", "connect; syn+ack; syn seq=+5"),
    ("syn_reset", "rfc5961=off; connect; syn+ack; syn seq=+5"),
    ("syn_reset_letter", "drain_after_reset=off; rfc5961=off; connect; syn+ack; syn seq=+5"),
    // Fifth: ACK
    ("no_ack", "connect; syn+ack; none"),
    ("ack_syn_close", "passive; syn; send 10; shut; ack"),
    ("ack_bad", "passive; syn; ack ack=+10"),
    ("ack_unproven", "passive; syn; shut; ack ack=+10"),
    ("ack_time_wait", "old_fin_restarts_2msl=off; connect; syn+ack; shut; fin+ack; ack"),
    ("ack_time_wait_bad", "old_fin_restarts_2msl=off; connect; syn+ack; shut; fin+ack; ack ack=+10"),
    ("ack_time_wait_fin", "connect; syn+ack; shut; fin+ack; fin+ack"),
    ("ack_time_wait_late", "connect; syn+ack; shut; fin+ack; ack"),
    ("ack_ahead", "connect; syn+ack; ack ack=+10"),
    ("ack_ancient", "connect; syn+ack; ack ack=-100000"),
    ("ack_old", "connect; syn+ack; send 10; ack; ack ack=-5"),
    ("ack_same", "connect; syn+ack; ack"),
    ("ack_fin", "connect; syn+ack; shut; ack"),
    ("ack_fin_crossed", "connect; syn+ack; shut; fin+ack ack=una; ack"),
    ("ack_fin_last", "connect; syn+ack; fin+ack; shut; ack"),
    ("ack_text_letter", "new_ack_window=off; connect; syn+ack; send 10; ack"),
    ("ack_text", "connect; syn+ack; send 10; ack"),
    // SYN-SENT
    ("syn_sent_bad_rst", "connect; rst+ack ack=+10"),
    ("syn_sent_ack_bad", "connect; ack ack=+10"),
    ("syn_sent_reset", "connect; rst+ack"),
    ("syn_sent_blind_rst", "connect; rst"),
    ("syn_sent_syn_only", "connect; syn"),
    ("syn_sent_other", "connect; ack"),
    // Sixth to eighth: URG, text, FIN
    ("urgent", "connect; syn+ack; urg+ack len=10 urg=5"),
    ("urgent_late", "connect; syn+ack; fin+ack; urg+ack urg=5"),
    ("text_early", "connect; syn+ack; ack seq=+5 len=5"),
    ("text", "connect; syn+ack; ack len=5"),
    ("text_late", "connect; syn+ack; fin+ack; ack len=5"),
    ("fin_early", "connect; syn+ack; fin+ack seq=+5"),
    ("fin", "connect; syn+ack; fin+ack"),
    ("fin_crossed", "connect; syn+ack; shut; fin+ack ack=una"),
    ("fin_last", "connect; syn+ack; shut; ack; fin+ack"),
    ("fin_time_wait", "old_fin_restarts_2msl=off; connect; syn+ack; shut; fin+ack; fin+ack"),
    ("fin_again", "connect; syn+ack; fin+ack; fin+ack"),
    // RELEASE
    ("release_closed", "connect; rst+ack; release"),
    ("release_syn_sent_text", "connect; send 10; release"),
    ("release_early", "connect; release"),
    ("release_unread", "connect; syn+ack; ack len=10; release"),
    ("release_unread_rest", "connect; syn+ack; ack len=10; fin+ack; release"),
    ("release_syn_received_later", "passive; syn; send 10; release"),
    ("release_syn_received", "passive; syn; release"),
    ("release_established", "connect; syn+ack; release"),
    ("release_close_wait", "connect; syn+ack; fin+ack; release"),
    ("release_after_close", "connect; syn+ack; shut; release"),
    ("release_time_wait", "connect; syn+ack; shut; ack; fin+ack; release"),
    ("text_unwanted", "connect; syn+ack; release; ack len=10"),
    ("held_text_unwanted", "passive; syn len=10; release; ack seq=+0"),
    // What came early
    ("held_text held_no_fin", "connect; syn+ack; ack seq=+5 len=5; ack len=5"),
    ("held_fin", "connect; syn+ack; fin+ack seq=+5; ack len=5"),
    ("held_fin_crossed", "connect; syn+ack; shut; fin+ack seq=+5 ack=una; ack len=5 ack=una"),
    ("held_fin_last", "connect; syn+ack; shut; ack; fin+ack seq=+5; ack len=5"),
    // What goes out
    ("text_blocked", "connect; syn+ack win=0; send 10"),
    ("text_departs no_fin departs", "connect; syn+ack; send 10"),
    ("nothing_departs", "connect; syn+ack; send 10; send 10"),
    ("no_text fin_departs", "connect; syn+ack; shut"),
    ("fin_blocked", "connect; syn+ack win=0; shut"),
    ("fin_departs_last", "connect; syn+ack; fin+ack; shut"),
    // What the network says
    ("unreachable_soft", "connect; icmp soft"),
    ("unreachable_stray", "connect; syn+ack; icmp soft"),
    ("unreachable_idle", "connect; syn+ack; shut; ack; icmp hard"),
    ("unreachable_attempt", "connect; icmp hard"),
    ("unreachable_child", "listen; syn; icmp hard"),
    ("unreachable_released", "passive; syn; send 10; release; icmp hard"),
    ("unreachable_closed", "passive; syn; send 10; shut; icmp hard"),
    ("unreachable_passive", "passive; syn; icmp hard"),
    ("unreachable_passive_text", "passive; syn; send 10; icmp hard"),
    ("unreachable_crossed", "connect; syn; icmp hard"),
    ("unreachable_later", "connect; syn+ack; send 10; icmp hard"),
    ("unreachable_abort", "hard_errors_soft=off; connect; syn+ack; send 10; icmp hard"),
    (
        "unreachable_abort_letter",
        "drain_after_reset=off; hard_errors_soft=off; connect; syn+ack; send 10; icmp hard",
    ),
    // A pair of sockets in TIME-WAIT that is taken again
    ("open_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect"),
    (
        "close_reuse_text",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; send 10; shut",
    ),
    ("close_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; shut"),
    ("abort_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; abort"),
    (
        "release_reuse_text",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; send 10; release",
    ),
    ("release_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; release"),
    (
        "syn_sent_reset_reuse",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; rst+ack",
    ),
    (
        "reuse_refused",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; syn+ack seq=-100",
    ),
    ("reuse_crossed", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; syn seq=-100"),
    (
        "reuse_newer",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; syn+ack seq=+100",
    ),
    ("unreachable_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; icmp hard"),
    ("give_up_reuse", "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; wait 300s"),
    (
        "user_timeout_reuse",
        "reuse_time_wait=on; connect; syn+ack; shut; fin+ack; release; connect; user-timeout 5s; wait 20s",
    ),
    // Timers
    ("syn_again trouble give_up retransmission_due", "connect; wait 300s"),
    ("give_up_letter", "drain_after_reset=off; connect; syn+ack; send 10; wait 300s"),
    ("syn_ack_again", "passive; syn; wait 2s"),
    ("syn_ack_again_closing", "passive; syn; shut; wait 2s"),
    ("again", "connect; syn+ack; send 10; wait 2s"),
    ("probe_text", "connect; syn+ack win=0; send 10; wait 5s"),
    ("probe_fin", "connect; syn+ack win=0; shut; wait 5s"),
    ("probe_fin_last", "connect; syn+ack win=0; fin+ack win=0; shut; wait 5s"),
    ("keep_alive_probe keep_alive_give_up", "connect; syn+ack; keep-alive; wait 60s"),
    ("keep_alive_give_up_letter", "drain_after_reset=off; connect; syn+ack; keep-alive; wait 60s"),
    ("keep_alive_busy", "connect; syn+ack; keep-alive; send 10; wait 20s"),
    ("keep_alive_later", "connect; syn+ack; keep-alive; shut; wait 20s"),
    ("keep_alive_idle", "connect; syn+ack; keep-alive; fin+ack; shut; wait 20s"),
    ("delayed_ack", "connect; syn+ack; ack len=10; wait 1s"),
    ("time_wait_over", "connect; syn+ack; shut; fin+ack; wait 300s"),
    ("user_timeout", "connect; syn+ack; user-timeout 5s; send 10; wait 20s"),
    ("user_timeout_letter", "drain_after_reset=off; connect; syn+ack; user-timeout 5s; send 10; wait 20s"),
    ("orphan_reset", "connect; syn+ack; send 10; release; wait 100s"),
    ("orphan_fin_wait_2", "connect; syn+ack; shut; ack; release; wait 100s"),
];
