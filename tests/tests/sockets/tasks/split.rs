//! Streams in two halves.

use super::{SOON, connected, run};
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use tcpspec_stack::asynchronous::Interest;
use tcpspec_tests::simulated::text;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

#[test]
fn borrowed_halves_work_at_the_same_time() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        let ours = text(6 << 20, 3);
        let exchange = async |stream: &mut tcpspec_stack::asynchronous::TcpStream| {
            let (mut reader, mut writer) = stream.split();
            let mut read = vec![0; ours.len()];
            let (wrote, got) = tokio::join!(writer.write_all(&ours), reader.read_exact(&mut read));
            wrote.unwrap();
            got.unwrap();
            assert!(read == ours);
        };
        tokio::join!(exchange(&mut client), exchange(&mut server));
        // The whole stream is back.
        client.write_all(b"whole").await.unwrap();
        let mut whole = [0; 5];
        server.read_exact(&mut whole).await.unwrap();
        assert_eq!(&whole, b"whole");
    });
}

#[test]
fn owned_halves_go_to_two_tasks() {
    run(async {
        let (client, server, _stacks) = connected().await;
        let (mut reader, mut writer) = client.into_split();
        let (mut theirs, mut back) = server.into_split();
        let echo = tokio::spawn(async move { tokio::io::copy(&mut theirs, &mut back).await.unwrap() });
        let writing = tokio::spawn(async move {
            writer.write_all(b"one, two").await.unwrap();
            writer
        });
        let mut read = [0; 8];
        reader.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"one, two");
        drop(writing.await.unwrap());
        assert_eq!(echo.await.unwrap(), 8);
    });
}

#[test]
fn halves_of_one_connection_join_again_in_either_order() {
    run(async {
        let (client, mut server, _stacks) = connected().await;
        let (reader, writer) = client.into_split();
        let (reader, writer) = reader.reunite(writer).unwrap().into_split();
        let mut client = writer.reunite(reader).unwrap();
        assert!(timeout(SOON, server.read(&mut [0; 1])).await.is_err(), "joining ends nothing");
        client.write_all(b"joined").await.unwrap();
        let mut read = [0; 6];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"joined");
    });
}

#[test]
fn halves_of_two_connections_are_given_back() {
    run(async {
        let (one, mut peer, _first) = connected().await;
        let (two, _peer, _second) = connected().await;
        let ((reader, writer), (other, _writer)) = (one.into_split(), two.into_split());
        let error = other.reunite(writer).unwrap_err();
        assert_eq!(error.to_string(), "these halves belong to different connections");
        // They still are what they were.
        let (_other, writer) = (error.0, error.1);
        let mut one = reader.reunite(writer).unwrap();
        one.write_all(b"x").await.unwrap();
        assert_eq!(peer.read_u8().await.unwrap(), b'x');
    });
}

#[test]
fn dropping_the_writer_is_an_end_and_forgetting_it_is_not() {
    run(async {
        let (client, mut server, _stacks) = connected().await;
        let (mut reader, writer) = client.into_split();
        drop(writer);
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
        server.write_all(b"x").await.unwrap();
        assert_eq!(reader.read_u8().await.unwrap(), b'x');

        let (client, mut server, _stacks) = connected().await;
        let (reader, writer) = client.into_split();
        writer.forget();
        assert!(timeout(SOON, server.read(&mut [0; 1])).await.is_err());
        drop(reader);
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "with the other half all is gone");
    });
}

#[test]
fn halves_know_their_addresses() {
    run(async {
        let (mut client, _server, _stacks) = connected().await;
        let both = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let (reader, writer) = client.split();
        assert_eq!((reader.local_addr().unwrap(), reader.peer_addr().unwrap()), both);
        assert_eq!((writer.local_addr().unwrap(), writer.peer_addr().unwrap()), both);
        let (reader, writer) = client.into_split();
        assert_eq!((reader.local_addr().unwrap(), reader.peer_addr().unwrap()), both);
        assert_eq!((writer.local_addr().unwrap(), writer.peer_addr().unwrap()), both);
    });
}

#[test]
fn halves_try_without_waiting() {
    run(async {
        let (mut client, server, _stacks) = connected().await;
        let (reader, writer) = client.split();
        let (theirs, back) = server.into_split();
        assert_eq!(theirs.try_read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
        writer.writable().await.unwrap();
        assert_eq!(writer.try_write(b"one").unwrap(), 3);
        theirs.readable().await.unwrap();
        let mut buffer = Vec::with_capacity(10);
        assert_eq!(theirs.try_read_buf(&mut buffer).unwrap(), 3);
        assert_eq!(buffer, b"one");

        assert!(back.ready(Interest::WRITE).await.unwrap().is_writable());
        assert!(back.is_write_vectored() && writer.is_write_vectored());
        assert_eq!(back.try_write_vectored(&[IoSlice::new(b"t"), IoSlice::new(b"wo")]).unwrap(), 3);
        assert!(reader.ready(Interest::READ).await.unwrap().is_readable());
        let (mut a, mut b) = ([0; 2], [0; 2]);
        let read = reader.try_read_vectored(&mut [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)]);
        assert_eq!((read.unwrap(), &a, b[0]), (3, b"tw", b'o'));
    });
}

#[test]
fn each_kind_of_writer_tells_a_loss_when_it_is_flushed() {
    run(async {
        for kind in ["stream", "borrowed", "owned"] {
            let (mut client, server, _stacks) = connected().await;
            while let Ok(Ok(_)) = timeout(SOON, client.write(&[7; 65_536])).await {}
            server.abort().unwrap();
            while !client.ready(Interest::OPEN).await.unwrap().is_error() {
                tokio::time::sleep(SOON / 10).await;
            }
            let flushed = match kind {
                "stream" => client.flush().await,
                "borrowed" => client.split().1.flush().await,
                _ => client.into_split().1.flush().await,
            };
            let told = flushed.map_err(|error| error.kind());
            assert_eq!(told, Err(ErrorKind::ConnectionReset), "{kind}");
        }
    });
}
