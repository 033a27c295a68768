//! Two connections that are joined (`copy_bidirectional`).

use super::{SOON, connected, run};
use std::io;
use tcpspec_stack::Stack;
use tcpspec_stack::asynchronous::TcpStream;
use tcpspec_tests::simulated::text;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::task::JoinHandle;
use tokio::time::timeout;

type Joined = JoinHandle<io::Result<(u64, u64)>>;

/// The outer ends of two connections whose inner ends are joined.
async fn joined() -> (TcpStream, TcpStream, Joined, [(Stack, Stack); 2]) {
    let (left, mut inner, one) = connected().await;
    let (right, mut other, two) = connected().await;
    let joined = tokio::spawn(async move { copy_bidirectional(&mut inner, &mut other).await });
    (left, right, joined, [one, two])
}

#[test]
fn text_goes_both_ways() {
    run(async {
        let (mut left, mut right, joined, _stacks) = joined().await;
        for (text, back) in [(&b"there"[..], &b"back"[..]), (b"and there", b"and back")] {
            left.write_all(text).await.unwrap();
            let mut read = vec![0; text.len()];
            right.read_exact(&mut read).await.unwrap();
            assert_eq!(read, text);
            right.write_all(back).await.unwrap();
            let mut read = vec![0; back.len()];
            left.read_exact(&mut read).await.unwrap();
            assert_eq!(read, back);
        }
        drop((left, right));
        assert_eq!(joined.await.unwrap().unwrap(), (14, 12));
    });
}

#[test]
fn after_one_side_has_ended_the_other_still_goes() {
    run(async {
        let (mut left, mut right, joined, _stacks) = joined().await;
        left.shutdown().await.unwrap();
        assert_eq!(right.read(&mut [0; 1]).await.unwrap(), 0);
        right.write_all(b"still here").await.unwrap();
        right.shutdown().await.unwrap();
        let mut read = String::new();
        left.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "still here");
        assert_eq!(joined.await.unwrap().unwrap(), (0, 10));
    });
}

#[test]
fn a_side_that_does_not_read_does_not_hold_up_the_other() {
    run(async {
        let (left, mut right, joined, _stacks) = joined().await;
        // Until nothing goes any more from left to right.
        let (mut reader, mut writer) = left.into_split();
        let flood = text(1 << 20, 7);
        while let Ok(wrote) = timeout(SOON * 3, writer.write_all(&flood)).await {
            wrote.unwrap();
        }
        right.write_all(b"other way").await.unwrap();
        let mut read = [0; 9];
        reader.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"other way");
        joined.abort();
    });
}

#[test]
fn a_reset_of_either_side_ends_it() {
    run(async {
        for which in 0..2 {
            let (left, right, joined, _stacks) = joined().await;
            [&left, &right][which].abort().unwrap();
            let error = joined.await.unwrap().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
    });
}
