//! Our stack with the sockets of tokio: the same programs, each connection a task, on a runtime with one thread.

use crate::far::{Far, described};
use crate::near::{Namespace, PIECE};
use crate::{DISCARD, ECHO, FAR, NEAR, SOURCE};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tcpspec_stack::asynchronous::{TcpListener, TcpStream};
use tcpspec_stack::{Config, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Our stack, used by tasks.
pub(crate) fn ours(offload: bool) -> io::Result<Far> {
    let near = Arc::new(Namespace::new()?);
    let received = Arc::<AtomicU64>::default();
    let counter = Arc::clone(&received);
    let stack = near.run(move || Stack::start(described(NEAR, offload).build()?, Config::new(FAR)))?;
    // The programs may still write when all ends.
    stack.on_loss(|_| {});
    let listen = |port| io::Result::Ok((TcpListener::bind(&stack, port)?, port));
    let listeners = [listen(ECHO)?, listen(SOURCE)?, listen(DISCARD)?].into_iter().collect::<Vec<_>>();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    thread::spawn(move || runtime.block_on(serve(listeners, counter)));
    Ok(Far { near, received, stack: Some(stack) })
}

async fn serve(listeners: Vec<(TcpListener, u16)>, received: Arc<AtomicU64>) {
    for (listener, port) in listeners {
        let received = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let received = Arc::clone(&received);
                // A client that closes or resets ends its task.
                tokio::spawn(async move { program(stream, port, &received).await });
            }
        });
    }
    std::future::pending().await
}

async fn program(mut stream: TcpStream, port: u16, received: &AtomicU64) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match port {
        ECHO => {
            let mut octets = [0; 64];
            loop {
                let len = stream.read(&mut octets).await?;
                if len == 0 {
                    return Ok(());
                }
                stream.write_all(&octets[..len]).await?;
            }
        }
        SOURCE => {
            let piece = vec![1; PIECE];
            loop {
                stream.write_all(&piece).await?;
            }
        }
        _ => {
            let mut piece = vec![0; PIECE];
            loop {
                let len = stream.read(&mut piece).await?;
                if len == 0 {
                    return Ok(());
                }
                received.fetch_add(len as u64, Ordering::Relaxed);
            }
        }
    }
}
