//! Ending one direction.

use super::{SOON, Woken, connected, run};
use std::future::Future;
use std::io::ErrorKind;
use std::sync::Arc;
use std::task::Context;
use tcpspec_stack::asynchronous::shutdown;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

#[test]
fn the_peer_reads_to_the_end_and_may_still_answer() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        client.write_all(b"question").await.unwrap();
        client.shutdown().await.unwrap();
        let mut question = String::new();
        server.read_to_string(&mut question).await.unwrap();
        assert_eq!(question, "question");
        server.write_all(b"answer").await.unwrap();
        server.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "answer");
    });
}

#[test]
fn it_can_be_called_again() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        for _ in 0..3 {
            client.shutdown().await.unwrap();
        }
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
        server.shutdown().await.unwrap();
        client.shutdown().await.unwrap();
    });
}

#[test]
fn then_writing_is_refused_and_reading_is_not() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        client.shutdown().await.unwrap();
        assert_eq!(client.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(client.try_write(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert!(timeout(SOON, client.read(&mut [0; 1])).await.is_err(), "the peer may write");
        server.write_all(b"y").await.unwrap();
        assert_eq!(client.read_u8().await.unwrap(), b'y');
    });
}

#[test]
fn a_half_that_was_borrowed_ends_only_when_it_says_so() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        let _ = client.split();
        assert!(timeout(SOON, server.read(&mut [0; 1])).await.is_err(), "nothing was ended");
        client.split().1.shutdown().await.unwrap();
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
    });
}

#[test]
fn a_shutdown_of_the_stack_that_is_given_up_leaves_no_waker_behind() {
    run(async {
        let (mut client, _server, (stack, _other)) = connected().await;
        while let Ok(Ok(_)) = timeout(SOON, client.write(&[7; 65_536])).await {}
        let (woken, waker) = Woken::new();
        let mut ending = Box::pin(shutdown(&stack));
        assert!(ending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop((ending, waker));
        assert_eq!(Arc::strong_count(&woken), 1, "nobody else has it");
    });
}
