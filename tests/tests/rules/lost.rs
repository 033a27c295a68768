//! How connections end: text that was acknowledged reaches the user, and whoever loses text is told.

use std::io::{ErrorKind, Read, Write};
use std::time::Duration;
use tcpspec::State;
use tcpspec_stack::wire::tcp;
use tcpspec_stack::{Config, ConnectionId, Error, Interest, Received, Stack};
use tcpspec_stack::{TcpListener, TcpStream};
use tcpspec_tests::peer::{ACK, FIN, Peer, RST};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn played() -> (Peer, ConnectionId) {
    let mut peer = Peer::new(false, |config| {
        (config.keep_alive, config.keep_alive_interval, config.keep_alive_probes) = (Some(MINUTE), SECOND, 3);
    });
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |_| {});
    (peer, id)
}

fn answer(peer: &mut Peer, text: &[u8]) {
    let header = peer.header(ACK);
    peer.send(&header, text);
    peer.seq += text.len() as u32;
}

fn reset(peer: &mut Peer) {
    let header = peer.header(RST);
    peer.send(&header, b"");
}

/// The answer, then the error, once, then nothing more.
fn reads_and_is_told(peer: &mut Peer, id: ConnectionId, error: Error) {
    let mut buffer = [0; 16];
    let (now, end) = (peer.now, &mut peer.end);
    assert_eq!(end.status(id).unwrap().state, State::Closed);
    assert_eq!(end.receive(now, id, &mut buffer[..4]), Ok(Received::Text(4)));
    assert_eq!(end.receive(now, id, &mut buffer[4..]), Ok(Received::Text(2)));
    assert_eq!(&buffer[..6], b"answer");
    assert_eq!(end.receive(now, id, &mut buffer), Err(error), "then the error");
    assert_eq!(end.receive(now, id, &mut buffer), Ok(Received::End), "once");
    assert_eq!(end.take_error(id), Ok(None), "whoever asks");
    assert_eq!(
        end.send(now, id, b"more").map_err(|e| std::io::Error::from(e).kind()),
        Err(ErrorKind::BrokenPipe)
    );
    assert_eq!(end.status(id).unwrap().error, Some(error), "STATUS still knows");
}

#[test]
fn the_answer_survives_the_reset_that_follows_it() {
    let (mut peer, id) = played();
    peer.end.send(peer.now, id, b"request that nobody reads").unwrap();
    answer(&mut peer, b"answer");
    reset(&mut peer);
    reads_and_is_told(&mut peer, id, Error::Reset);
}

#[test]
fn the_answer_survives_r2_the_user_timeout_and_a_peer_that_is_gone() {
    // R2: what we send is never acknowledged.
    let (mut peer, id) = played();
    answer(&mut peer, b"answer");
    peer.end.send(peer.now, id, b"request").unwrap();
    peer.wait(20 * MINUTE);
    reads_and_is_told(&mut peer, id, Error::TimedOut);
    // The user timeout.
    let (mut peer, id) = played();
    answer(&mut peer, b"answer");
    let mut settings = peer.end.settings(id).unwrap();
    settings.user_timeout = Some(5 * SECOND);
    peer.end.set_settings(peer.now, id, settings).unwrap();
    peer.end.send(peer.now, id, b"request").unwrap();
    peer.wait(MINUTE);
    reads_and_is_told(&mut peer, id, Error::TimedOut);
    // Keep-alive.
    let (mut peer, id) = played();
    answer(&mut peer, b"answer");
    peer.wait(5 * MINUTE);
    reads_and_is_told(&mut peer, id, Error::TimedOut);
}

#[test]
fn abort_throws_it_away() {
    let (mut peer, id) = played();
    answer(&mut peer, b"answer");
    peer.end.abort(peer.now, id).unwrap();
    assert_eq!(peer.end.receive(peer.now, id, &mut [0; 16]), Ok(Received::End));
}

#[test]
fn by_the_letter_it_is_flushed() {
    let mut peer = Peer::new(false, |config| config.options.drain_after_reset = false);
    let listener = peer.end.listen(80, 4).unwrap();
    let id = peer.connect(listener, |_| {});
    answer(&mut peer, b"answer");
    reset(&mut peer);
    assert_eq!(peer.end.receive(peer.now, id, &mut [0; 16]), Err(Error::Reset));
}

/// LAST-ACK or CLOSING: text and FIN are under way, and the peer resets.
fn both_closed(crossing: bool, acknowledged: u32) -> (Peer, ConnectionId) {
    let (mut peer, id) = played();
    let fin = |peer: &mut Peer| {
        let header = peer.header(FIN.with(ACK));
        peer.send(&header, b"");
        peer.seq += 1;
    };
    if !crossing {
        fin(&mut peer);
    }
    peer.end.send(peer.now, id, b"last words").unwrap();
    peer.end.close(peer.now, id).unwrap();
    if crossing {
        fin(&mut peer);
    }
    let state = if crossing { State::Closing } else { State::LastAck };
    assert_eq!(peer.end.status(id).unwrap().state, state);
    peer.all();
    let ack = tcp::Header { ack: peer.ack.wrapping_add(acknowledged), ..peer.header(ACK) };
    peer.send(&ack, b"");
    (peer, id)
}

#[test]
fn a_reset_in_last_ack_or_closing_is_told_if_text_is_lost() {
    for crossing in [false, true] {
        for (acknowledged, lost) in [(0, true), (9, true), (10, false)] {
            let (mut peer, id) = both_closed(crossing, acknowledged);
            peer.end.wait_for(id, Interest::DELIVERED).unwrap();
            assert!(peer.end.poll_ready().is_none(), "text or the FIN is under way");
            reset(&mut peer);
            let status = peer.end.status(id).unwrap();
            let error = lost.then_some(Error::Reset);
            assert_eq!((status.state, status.error), (State::Closed, error), "{crossing} {acknowledged}");
            assert!(peer.end.poll_ready().is_some(), "nothing more will come");
            assert_eq!(peer.end.check_loss(id), error.map_or(Ok(()), Err), "{crossing} {acknowledged}");
            assert_eq!(peer.end.check_loss(id), Ok(()), "told once");
        }
    }
}

#[test]
fn a_stack_that_is_shut_down_says_what_was_lost_meanwhile() {
    let (mut peer, id) = both_closed(false, 0);
    peer.end.release(peer.now, id);
    peer.end.note_losses();
    assert!(peer.end.first_undelivered().is_some());
    reset(&mut peer);
    assert!(peer.end.first_undelivered().is_none());
    assert_eq!((peer.end.counters().lost, peer.end.stop(peer.now).len()), (1, 1));
}

#[test]
fn a_stack_that_is_shut_down_says_so_too_of_a_connection_that_is_held() {
    let (mut peer, _id) = both_closed(false, 0);
    peer.end.note_losses();
    reset(&mut peer);
    assert_eq!(peer.end.counters().lost, 0, "its user can ask");
    assert_eq!(peer.end.stop(peer.now).len(), 1);
}

#[test]
fn a_loss_that_no_user_has_heard_of_is_counted() {
    // A RST, and the user lets go without having asked; with text unread, too.
    for unread in [false, true] {
        for asked in [false, true] {
            let (mut peer, id) = played();
            peer.end.send(peer.now, id, b"lost").unwrap();
            if unread {
                answer(&mut peer, b"answer");
            }
            reset(&mut peer);
            if asked {
                assert_eq!(peer.end.take_error(id), Ok(Some(Error::Reset)));
            }
            peer.end.release(peer.now, id);
            assert_eq!(peer.end.counters().lost, u64::from(!asked), "unread {unread}, asked {asked}");
        }
    }
    // Text is unread when the user lets go: a RST, and what was written is lost.
    let (mut peer, id) = played();
    peer.end.send(peer.now, id, b"lost").unwrap();
    answer(&mut peer, b"answer");
    peer.end.release(peer.now, id);
    assert_eq!((peer.end.counters().lost, peer.all().last().unwrap().tcp.flags), (1, RST));
    // An ABORT of the user's own gives it up knowingly; somebody else's does not.
    for own in [false, true] {
        let (mut peer, id) = played();
        peer.end.send(peer.now, id, b"lost").unwrap();
        let (local, remote) = (peer.them, peer.us);
        let aborted = if own {
            peer.end.abort(peer.now, id)
        } else {
            peer.end.abort_connection(peer.now, local, remote)
        };
        aborted.unwrap();
        peer.end.release(peer.now, id);
        assert_eq!(peer.end.counters().lost, u64::from(!own));
    }
}

/// A probe is under way behind the peer's closed window: a RST at SND.NXT would lie outside.
#[test]
fn the_rst_for_text_that_nobody_reads_lies_in_the_window_of_the_peer() {
    for later in [false, true] {
        let (mut peer, id) = played();
        let shut = tcp::Header { window: 0, ..peer.header(ACK) };
        peer.send(&shut, b"");
        peer.end.send(peer.now, id, b"waits").unwrap();
        peer.wait(5 * SECOND);
        let probe = peer.all().into_iter().find(|packet| packet.text.len() == 1).expect("a probe");
        if later {
            peer.end.release(peer.now, id);
        }
        let text = tcp::Header { window: 0, ..peer.header(ACK) };
        peer.send(&text, b"text");
        if !later {
            peer.end.release(peer.now, id);
        }
        let rst = peer.all().into_iter().find(|packet| packet.tcp.flags == RST).expect("a RST");
        assert_eq!(rst.tcp.seq, probe.tcp.seq, "what the peer expects next");
    }
}

#[test]
fn sockets_say_the_same() {
    let (a, b) = Stack::pair(Config::new([10, 0, 0, 1]), Config::new([10, 0, 0, 2])).unwrap();
    let listener = TcpListener::bind(&b, 80).unwrap();
    let mut client = TcpStream::connect(&a, "10.0.0.2:80").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    // The server answers and closes with the request unread: a RST follows the answer.
    client.write_all(b"a long request").unwrap();
    let mut first = [0; 1];
    server.read_exact(&mut first).unwrap();
    server.write_all(b"413").unwrap();
    drop(server);
    let mut answer = [0; 3];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"413");
    assert_eq!(client.read(&mut answer).map_err(|error| error.kind()), Err(ErrorKind::ConnectionReset));
    assert_eq!(client.read(&mut answer).unwrap(), 0);
    assert_eq!(client.write(b"more").map_err(|error| error.kind()), Err(ErrorKind::BrokenPipe));
}
