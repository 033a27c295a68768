//! Listeners.

use super::{SOON, Woken, run, server, stacks};
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream, stopped};
use tcpspec_stack::{Listen, Stack};
use tokio::time::{sleep, timeout};

#[test]
fn a_listener_takes_an_address_in_every_form() {
    run(async {
        let (a, b) = stacks();
        let own: IpAddr = [10, 0, 0, 2].into();
        let forms: [(Listen, SocketAddr); 4] = [
            (81.into(), ([0, 0, 0, 0], 81).into()),
            ((own, 82).into(), (own, 82).into()),
            (SocketAddr::new(own, 83).into(), (own, 83).into()),
            (Listen::on(84).with_backlog(1), ([0, 0, 0, 0], 84).into()),
        ];
        for (listen, local) in forms {
            let listener = TcpListener::bind(&b, listen).unwrap();
            assert_eq!(listener.local_addr().unwrap(), local);
            let client = TcpStream::connect(&a, (own, local.port())).await.unwrap();
            let (stream, peer) = listener.accept().await.unwrap();
            assert_eq!((peer, stream.peer_addr().unwrap()), (client.local_addr().unwrap(), peer));
            assert_eq!(stream.local_addr().unwrap(), client.peer_addr().unwrap());
        }
    });
}

#[test]
fn port_0_is_one_that_is_free_and_is_told() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 0).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_ne!(port, 0);
        TcpStream::connect(&a, (server().ip(), port)).await.unwrap();
        listener.accept().await.unwrap();
    });
}

#[test]
fn whoever_polls_for_connections_is_woken_by_one() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let (first, second) = (Woken::new(), Woken::new());
        for (_, waker) in [&first, &second] {
            assert!(listener.poll_accept(&mut Context::from_waker(waker)).is_pending());
        }
        let client = TcpStream::connect(&a, server()).await.unwrap();
        second.0.once().await;
        assert_eq!(first.0.count(), 0, "the last who asks is woken");
        let Poll::Ready(accepted) = listener.poll_accept(&mut Context::from_waker(&second.1)) else {
            panic!("one waits");
        };
        assert_eq!(accepted.unwrap().1, client.local_addr().unwrap());
        assert!(listener.poll_accept(&mut Context::from_waker(&second.1)).is_pending());
    });
}

#[test]
fn whoever_has_lost_interest_takes_no_connection_from_others() {
    run(async {
        let (a, b) = stacks();
        let listener = Arc::new(TcpListener::bind(&b, 80).unwrap());
        // It has asked, and nothing tells the listener that it will not come back.
        let (_, lost) = Woken::new();
        assert!(listener.poll_accept(&mut Context::from_waker(&lost)).is_pending());
        let incoming = listener.incoming();
        let accepting = tokio::spawn({
            let listener = Arc::clone(&listener);
            async move { listener.accept().await.map(|(_, peer)| peer) }
        });
        sleep(SOON).await;
        let client = TcpStream::connect(&a, server()).await.unwrap();
        assert_eq!(accepting.await.unwrap().unwrap(), client.local_addr().unwrap());
        drop(incoming);
    });
}

#[test]
fn each_connection_goes_to_one_of_all_who_wait() {
    run(async {
        let (a, b) = stacks();
        let listener = Arc::new(TcpListener::bind(&b, 80).unwrap());
        let taken = Arc::new(AtomicUsize::new(0));
        for n in 0..6 {
            let (listener, taken) = (Arc::clone(&listener), Arc::clone(&taken));
            tokio::spawn(async move {
                let mut incoming = listener.incoming();
                let mut streams = Vec::new();
                loop {
                    streams.push(match n % 3 {
                        0 => listener.accept().await.unwrap().0,
                        1 => poll_fn(|context| listener.poll_accept(context)).await.unwrap().0,
                        _ => incoming.next().await.unwrap().unwrap(),
                    });
                    taken.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let mut clients = Vec::new();
        for _ in 0..60 {
            clients.push(TcpStream::connect(&a, server()).await.unwrap());
        }
        while taken.load(Ordering::SeqCst) < 60 {
            sleep(Duration::from_millis(1)).await;
        }
        sleep(SOON).await;
        assert_eq!(taken.load(Ordering::SeqCst), 60);
    });
}

#[test]
fn a_stream_of_connections_is_polled_no_more_than_there_is_news() {
    run(async {
        let (a, b) = stacks();
        let mut incoming = TcpListener::bind(&b, 80).unwrap().incoming();
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let taking = tokio::spawn(async move {
            let mut next = Box::pin(incoming.next());
            poll_fn(|context| {
                counted.fetch_add(1, Ordering::SeqCst);
                next.as_mut().poll(context)
            })
            .await
            .is_some()
        });
        sleep(SOON).await;
        assert_eq!(polls.load(Ordering::SeqCst), 1, "once, to say what it waits for");
        let _client = TcpStream::connect(&a, server()).await.unwrap();
        assert!(taking.await.unwrap());
        assert_eq!(polls.load(Ordering::SeqCst), 2, "once more, to take it");
    });
}

/// Ends the stack, of which nobody else has a handle.
async fn end_while<T: Send + 'static>(stack: Stack, waiting: impl Future<Output = T> + Send + 'static) -> T {
    let waiting = tokio::spawn(waiting);
    sleep(SOON).await;
    assert!(!waiting.is_finished());
    stack.shutdown(Duration::ZERO).unwrap();
    waiting.await.unwrap()
}

#[test]
fn a_stream_of_connections_ends_with_the_stack() {
    run(async {
        let (_a, b) = stacks();
        let mut incoming = TcpListener::bind(&b, 80).unwrap().incoming();
        let rest = end_while(b, async move {
            let first = incoming.next().await.is_none();
            (first, incoming.next().await.is_none())
        });
        assert_eq!(rest.await, (true, true), "and stays at its end");
    });
}

#[test]
fn whoever_polls_for_connections_hears_of_the_end() {
    run(async {
        let (_a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let accepting = async move { poll_fn(|context| listener.poll_accept(context)).await };
        let error = end_while(b, accepting).await.map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConnected);
    });
}

#[test]
fn the_end_of_the_stack_can_be_waited_for() {
    run(async {
        let (_a, b) = stacks();
        let end = stopped(&b);
        end_while(b, end).await;
        let (a, _b) = stacks();
        let end = stopped(&a);
        assert!(timeout(SOON, end).await.is_err());
    });
}

#[test]
fn a_listener_listens_until_its_streams_are_gone() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        let mut incoming = listener.incoming();
        drop(listener);
        let _client = TcpStream::connect(&a, server()).await.unwrap();
        incoming.next().await.unwrap().unwrap();
        drop(incoming);
        let refused = TcpStream::connect(&a, server()).await.map(drop).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    });
}

#[test]
fn what_a_listener_is_told_its_connections_begin_with() {
    run(async {
        let (a, b) = stacks();
        let listener = TcpListener::bind(&b, 80).unwrap();
        assert_eq!(listener.ttl().unwrap(), 64);
        listener.set_ttl(7).unwrap();
        assert_eq!(listener.ttl().unwrap(), 7);
        for wrong in [0, 256] {
            assert_eq!(listener.set_ttl(wrong).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        listener.set_traffic_class(0x28).unwrap();
        let settings = listener.settings().unwrap().with_no_delay(true).with_send_buffer(1234);
        listener.set_settings(settings).unwrap();
        let _client = TcpStream::connect(&a, server()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert_eq!((stream.ttl().unwrap(), stream.traffic_class().unwrap()), (7, 0x28));
        assert_eq!((stream.nodelay().unwrap(), stream.settings().unwrap()), (true, settings));
    });
}
