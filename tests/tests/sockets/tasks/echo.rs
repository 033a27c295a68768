//! Conversations.

use super::{connected, run};
use tcpspec_tests::simulated::text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn many_short_messages_come_back_in_order() {
    run(async {
        let (mut client, mut server, _stacks) = connected().await;
        let echo = tokio::spawn(async move {
            let (mut reader, mut writer) = server.split();
            tokio::io::copy(&mut reader, &mut writer).await.unwrap()
        });
        for n in 0..500_u32 {
            let message = format!("message {n}\n");
            client.write_all(message.as_bytes()).await.unwrap();
            let mut back = vec![0; message.len()];
            client.read_exact(&mut back).await.unwrap();
            assert_eq!(back, message.as_bytes());
        }
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
        let whole: usize = (0..500).map(|n| format!("message {n}\n").len()).sum();
        assert_eq!(echo.await.unwrap(), whole as u64);
    });
}

#[test]
fn a_long_text_comes_back_while_it_is_still_written() {
    run(async {
        let (client, mut server, _stacks) = connected().await;
        tokio::spawn(async move {
            let (mut reader, mut writer) = server.split();
            tokio::io::copy(&mut reader, &mut writer).await.unwrap();
            writer.shutdown().await.unwrap();
        });
        // Much more than both buffers hold: without reading, writing would stop.
        let ours = text(12 << 20, 1);
        let expected = ours.clone();
        let (mut reader, mut writer) = client.into_split();
        let writing = tokio::spawn(async move {
            writer.write_all(&ours).await.unwrap();
            drop(writer);
        });
        let mut back = Vec::new();
        reader.read_to_end(&mut back).await.unwrap();
        writing.await.unwrap();
        assert!(back == expected);
    });
}
