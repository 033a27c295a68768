//! Readiness, calls that never wait, options, and the blocking form.

use super::{SOON, Woken, connected, run};
use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::task::{Context, Poll};
use std::time::Duration;
use tcpspec_stack::asynchronous::{Interest, TcpStream};
use tcpspec_stack::{KeepAlive, net};
use tcpspec_tests::simulated::text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

const BOTH: fn() -> Interest = || Interest::READ | Interest::WRITE;

#[test]
fn a_new_stream_can_be_written_and_not_read() {
    run(async {
        let (client, server, _stacks) = connected().await;
        client.writable().await.unwrap();
        assert!(timeout(SOON, client.readable()).await.is_err());
        let ready = client.ready(BOTH()).await.unwrap();
        assert!(ready.is_writable() && !ready.is_readable() && !ready.is_empty());
        assert!(!ready.is_read_closed() && !ready.is_write_closed() && !ready.is_error());
        assert_eq!(ready.interest(), Interest::WRITE);
        assert!(timeout(SOON, client.ready(Interest::READ)).await.is_err());
        let nothing = client.ready(Interest::default()).await.unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
        drop(server);
    });
}

#[test]
fn text_makes_a_stream_readable_until_it_is_read() {
    run(async {
        let (client, server, _stacks) = connected().await;
        assert_eq!(server.try_read(&mut [0; 4]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(server.try_read(&mut []).unwrap(), 0);
        let (readable, written) = tokio::join!(server.readable(), async { client.try_write(b"hello") });
        readable.unwrap();
        assert_eq!(written.unwrap(), 5);
        assert!(server.ready(BOTH()).await.unwrap().is_readable());
        let mut buffer = [0; 3];
        assert_eq!((server.try_read(&mut buffer).unwrap(), &buffer), (3, b"hel"));
        server.readable().await.unwrap();
        assert_eq!(server.try_read(&mut buffer).unwrap(), 2);
        assert_eq!(server.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(timeout(SOON, server.readable()).await.is_err());
    });
}

#[test]
fn a_full_stream_is_writable_again_when_the_peer_reads() {
    run(async {
        let (client, server, _stacks) = connected().await;
        let piece = text(64 << 10, 9);
        let mut written: Vec<u8> = Vec::new();
        // Until nothing goes any more, though the stacks carry on meanwhile.
        while timeout(SOON * 3, client.writable()).await.is_ok() {
            while let Ok(len) = client.try_write(&piece) {
                written.extend(&piece[..len]);
            }
        }
        // A little room is not worth waking anybody for, but is there for who asks.
        while let Ok(len) = client.try_write(&piece) {
            written.extend(&piece[..len]);
        }
        assert_eq!(client.try_write(&piece).unwrap_err().kind(), ErrorKind::WouldBlock);
        let mut read: Vec<u8> = Vec::new();
        let reading = async {
            while read.len() < written.len() {
                server.readable().await.unwrap();
                let mut buffer = vec![0; 1 << 20];
                if let Ok(len) = server.try_read(&mut buffer) {
                    read.extend(&buffer[..len]);
                }
            }
        };
        let (writable, ()) = tokio::join!(client.writable(), reading);
        writable.unwrap();
        assert!(read == written);
        assert!(client.try_write(&piece).is_ok());
    });
}

#[test]
fn several_places_and_pieces_are_one_call() {
    run(async {
        let (client, server, _stacks) = connected().await;
        let pieces = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        assert_eq!(client.try_write_vectored(&pieces).unwrap(), 5);
        assert_eq!(client.try_write_vectored(&[]).unwrap(), 0);
        server.readable().await.unwrap();
        let (mut one, mut two) = ([0; 3], [0; 9]);
        let mut places = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut []), IoSliceMut::new(&mut two)];
        assert_eq!(server.try_read_vectored(&mut places).unwrap(), 5);
        assert_eq!((&one, &two[..2]), (b"abc", &b"de"[..]));
        let mut place = [IoSliceMut::new(&mut one)];
        assert_eq!(server.try_read_vectored(&mut place).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_buffer_grows_by_what_came() {
    run(async {
        let (client, server, _stacks) = connected().await;
        let mut buffer = Vec::with_capacity(64);
        buffer.extend(b"> ");
        assert_eq!(server.try_read_buf(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(buffer, b"> ");
        client.try_write(b"some text").unwrap();
        server.readable().await.unwrap();
        assert_eq!(server.try_read_buf(&mut buffer).unwrap(), 9);
        assert_eq!(buffer, b"> some text");
        // No more than a bounded one has room for.
        client.try_write(b"more").unwrap();
        server.readable().await.unwrap();
        let mut three = [0; 3];
        assert_eq!(server.try_read_buf(&mut &mut three[..]).unwrap(), 3);
        assert_eq!(&three, b"mor");
    });
}

#[test]
fn the_end_of_either_direction_shows() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        client.write_all(b"x").await.unwrap();
        client.shutdown().await.unwrap();
        assert!(client.ready(Interest::WRITE).await.unwrap().is_write_closed());
        while !server.ready(Interest::READ).await.unwrap().is_read_closed() {
            tokio::task::yield_now().await;
        }
        assert!(!server.ready(Interest::WRITE).await.unwrap().is_write_closed());
        let mut buffer = [0; 4];
        assert_eq!(server.try_read(&mut buffer).unwrap(), 1, "what came before is still there");
        assert_eq!(server.try_read(&mut buffer).unwrap(), 0);
        assert!(
            server.ready(Interest::READ).await.unwrap().is_readable(),
            "the end can be read again and again"
        );
    });
}

#[test]
fn a_reset_wakes_both_directions_and_is_told() {
    run(async {
        let (client, server, _stacks) = connected().await;
        let (ready, aborted) = tokio::join!(server.ready(Interest::READ), async {
            tokio::time::sleep(SOON).await;
            client.abort()
        });
        aborted.unwrap();
        let ready = ready.unwrap();
        assert!(ready.is_readable() && ready.is_read_closed() && ready.is_error());
        assert!(server.ready(Interest::WRITE).await.unwrap().is_write_closed());
        assert_eq!(server.try_read(&mut [0; 4]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(server.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe, "told once");
    });
}

#[test]
fn whoever_polls_for_readiness_is_woken() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let (woken, waker) = Woken::new();
        let mut context = Context::from_waker(&waker);
        assert!(matches!(server.poll_write_ready(&mut context), Poll::Ready(Ok(()))));
        assert!(server.poll_read_ready(&mut context).is_pending());
        client.write_all(b"x").await.unwrap();
        woken.once().await;
        for _ in 0..2 {
            assert!(matches!(server.poll_read_ready(&mut context), Poll::Ready(Ok(()))), "it stays so");
        }
        poll_fn(|context| client.poll_write_ready(context)).await.unwrap();
        assert_eq!(server.try_read(&mut [0; 4]).unwrap(), 1);
        assert!(server.poll_read_ready(&mut context).is_pending());
    });
}

#[test]
fn io_of_the_callers_own_waits_for_readiness() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let mut called = false;
        let refused = server.try_io(Interest::READ, || {
            called = true;
            Ok(())
        });
        assert_eq!((refused.unwrap_err().kind(), called), (ErrorKind::WouldBlock, false));
        assert_eq!(server.try_io(Interest::WRITE, || Ok(5)).unwrap(), 5);
        let mut buffer = [0; 8];
        let (read, written) = tokio::join!(
            server.async_io(Interest::READ, || server.try_read(&mut buffer)),
            client.write_all(b"text")
        );
        written.unwrap();
        assert_eq!(read.unwrap(), 4);
        let refused: std::io::Result<()> =
            server.async_io(Interest::WRITE, || Err(ErrorKind::Other.into())).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Other);
    });
}

#[test]
fn each_option_that_can_be_set_can_be_read() {
    run(async {
        let (client, _server, _stacks) = connected().await;
        assert!(!client.nodelay().unwrap());
        client.set_nodelay(true).unwrap();
        assert!(client.nodelay().unwrap());
        client.set_ttl(9).unwrap();
        assert_eq!(client.ttl().unwrap(), 9);
        client.set_traffic_class(0x10).unwrap();
        assert_eq!(client.traffic_class().unwrap(), 0x10);
        assert!(!client.quickack().unwrap());
        client.set_quickack(true).unwrap();
        assert!(client.quickack().unwrap());
        client.set_quickack(false).unwrap();
        assert_eq!(client.settings().unwrap().delayed_ack, Duration::from_millis(40));
        assert_eq!(client.linger().unwrap(), None);
        client.set_linger(Some(Duration::from_secs(2))).unwrap();
        assert_eq!(client.linger().unwrap(), Some(Duration::from_secs(2)));
        client.set_zero_linger().unwrap();
        assert_eq!(client.linger().unwrap(), Some(Duration::ZERO));
        let settings = client.settings().unwrap().with_keep_alive(Some(KeepAlive::default())).with_cork(true);
        client.set_settings(settings).unwrap();
        assert_eq!(client.settings().unwrap(), settings);
    });
}

#[test]
fn no_linger_is_a_reset() {
    run(async {
        for split in [false, true] {
            let (client, mut server, _stacks) = connected().await;
            client.set_zero_linger().unwrap();
            if split {
                // Half of a stream is no stream: the writer's end is a FIN, and the rest goes with the reader.
                let (reader, writer) = client.into_split();
                writer.forget();
                drop(reader);
            } else {
                drop(client);
            }
            let error = server.read(&mut [0; 1]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
    });
}

#[test]
fn a_stream_is_made_of_a_blocking_one_and_the_other_way() {
    run(async {
        let (client, mut server, _stacks) = connected().await;
        let local = client.local_addr().unwrap();
        let mut blocking = net::TcpStream::from(client);
        let blocking = tokio::task::spawn_blocking(move || {
            blocking.write_all(b"waits").unwrap();
            let mut answer = [0; 6];
            blocking.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"answer");
            blocking
        });
        let mut read = [0; 5];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"waits");
        server.write_all(b"answer").await.unwrap();
        let mut client = TcpStream::from(blocking.await.unwrap());
        assert_eq!(client.local_addr().unwrap(), local);
        client.write_all(b"task!").await.unwrap();
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"task!");
        assert!(timeout(SOON, server.read(&mut read)).await.is_err(), "nothing was ended on the way");
    });
}
