//! Reading what stays where it is.

use super::{SOON, Woken, connected, run};
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

#[test]
fn what_was_peeked_at_is_read_all_the_same() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        client.write_all(b"some text").await.unwrap();
        let mut buffer = [0; 4];
        for _ in 0..3 {
            assert_eq!(server.peek(&mut buffer).await.unwrap(), 4);
            assert_eq!(&buffer, b"some");
        }
        let mut all = [0; 9];
        server.read_exact(&mut all).await.unwrap();
        assert_eq!(&all, b"some text");
    });
}

#[test]
fn peeking_waits_for_text_and_sees_the_end() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let mut buffer = [0; 4];
        assert!(timeout(SOON, server.peek(&mut buffer)).await.is_err());
        let (peeked, written) = tokio::join!(server.peek(&mut buffer), client.write_all(b"x"));
        written.unwrap();
        assert_eq!(peeked.unwrap(), 1);
        assert_eq!(server.try_read(&mut buffer).unwrap(), 1);
        client.shutdown().await.unwrap();
        assert_eq!(server.peek(&mut buffer).await.unwrap(), 0);
    });
}

#[test]
fn the_halves_peek_too() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        client.write_all(b"text").await.unwrap();
        let mut buffer = [0; 4];
        let (reader, _writer) = server.split();
        assert_eq!(reader.peek(&mut buffer).await.unwrap(), 4);
        let (mut reader, _writer) = server.into_split();
        assert_eq!(reader.peek(&mut buffer).await.unwrap(), 4);
        assert_eq!(reader.peek(&mut []).await.unwrap(), 0);
        buffer.fill(0);
        reader.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"text");
    });
}

#[test]
fn whoever_polls_for_a_peek_is_woken_by_text() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let (woken, waker) = Woken::new();
        let mut context = Context::from_waker(&waker);
        let mut octets = [0; 8];
        let mut buffer = ReadBuf::new(&mut octets);
        assert!(server.poll_peek(&mut context, &mut buffer).is_pending());
        client.write_all(b"text").await.unwrap();
        woken.once().await;
        assert!(matches!(server.poll_peek(&mut context, &mut buffer), Poll::Ready(Ok(4))));
        assert_eq!(buffer.filled(), b"text");
        // Behind what the buffer holds; a full one needs nothing.
        assert!(matches!(server.poll_peek(&mut context, &mut buffer), Poll::Ready(Ok(4))));
        assert_eq!(buffer.filled(), b"texttext");
        assert!(matches!(server.poll_peek(&mut context, &mut buffer), Poll::Ready(Ok(0))));
        assert_eq!(woken.count(), 1);
    });
}

#[test]
fn who_wants_nothing_waits_for_nothing() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let at_once = "nothing is there, and nothing is wanted";
        assert_eq!(timeout(SOON, client.peek(&mut [])).await.expect(at_once).unwrap(), 0);
        assert_eq!(timeout(SOON, client.split().0.peek(&mut [])).await.expect(at_once).unwrap(), 0);
        let (reader, _writer) = client.into_split();
        assert_eq!(timeout(SOON, reader.peek(&mut [])).await.expect(at_once).unwrap(), 0);
        assert_eq!(tcpspec_stack::TcpStream::from(server).peek(&mut []).unwrap(), 0);
    });
}
