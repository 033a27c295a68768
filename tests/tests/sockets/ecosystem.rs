//! Servers and clients of others' making on our sockets: axum, hyper-util, tonic, futures. On two stacks that are joined in memory, in real time.

use axum::extract::ConnectInfo;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tcpspec_stack::asynchronous::{Addresses, Connector, TcpListener, TcpStream, stopped};
use tcpspec_stack::{Config, Initial, Settings, Stack};
use tokio::time::timeout;
use tonic::transport::server::TcpConnectInfo;

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { timeout(Duration::from_secs(30), test).await.expect("it is stuck") })
}

fn stacks() -> (Stack, Stack) {
    let config = |last| {
        let ipv6: IpAddr = format!("fd00::{last}").parse().unwrap();
        Config::new([10, 0, 0, last]).with_address(ipv6, 64)
    };
    Stack::pair(config(1), config(2)).unwrap()
}

async fn who(ConnectInfo(who): ConnectInfo<Addresses>) -> String {
    format!("{} at {}", who.remote.ip(), who.local)
}

/// A server of axum's on port 80.
fn serve(stack: &Stack) -> tokio::task::JoinHandle<io::Result<()>> {
    let listener = TcpListener::bind(stack, 80).unwrap();
    let app = Router::new().route("/", get(who)).into_make_service_with_connect_info::<Addresses>();
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped(stack));
    tokio::spawn(async move { server.await })
}

async fn text(
    client: &Client<
        impl hyper_util::client::legacy::connect::Connect + Clone + Send + Sync + 'static,
        String,
    >,
    uri: &str,
) -> Result<(String, Option<Addresses>), Box<dyn Error>> {
    let response = client.get(uri.parse()?).await?;
    let addresses = response.extensions().get::<Addresses>().copied();
    let body = response.into_body().collect().await?.to_bytes();
    Ok((String::from_utf8(body.to_vec())?, addresses))
}

#[test]
fn a_client_of_hypers_talks_to_a_server_of_axums() {
    run(async {
        let (a, b) = stacks();
        serve(&b);
        let client = Client::builder(TokioExecutor::new()).build(Connector::new(&a));
        let (said, addresses) = text(&client, "http://10.0.0.2/").await.unwrap();
        assert_eq!(said, "10.0.0.1 at 10.0.0.2:80");
        let first = addresses.unwrap();
        assert_eq!(
            (first.local.ip().to_string(), first.remote.to_string()),
            ("10.0.0.1".into(), "10.0.0.2:80".into())
        );
        // The connection is kept for the next request, once the client has put it back.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(text(&client, "http://10.0.0.2/").await.unwrap().1, Some(first));
        let (said, _) = text(&client, "http://[fd00::2]/").await.unwrap();
        assert_eq!(said, "fd00::1 at [fd00::2]:80");
    });
}

#[test]
fn what_a_connector_cannot_reach_is_an_error() {
    run(async {
        let (a, b) = stacks();
        serve(&b);
        let client = Client::builder(TokioExecutor::new()).build(Connector::new(&a));
        assert!(text(&client, "http://10.0.0.2:81/").await.is_err(), "nobody listens");
        // With TLS, which is another's business, the port is another.
        let secure = text(&client, "https://10.0.0.2/").await.unwrap_err();
        let mut cause = secure.source();
        while let Some(error) = cause.filter(|error| !error.is::<io::Error>()) {
            cause = error.source();
        }
        let kind = cause.and_then(|error| error.downcast_ref()).map(io::Error::kind);
        assert_eq!(kind, Some(io::ErrorKind::ConnectionRefused));
        let mut connector = Connector::new(&a);
        let error = tower_service::Service::call(&mut connector, "/path".parse().unwrap())
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        a.shutdown(Duration::ZERO).unwrap();
        assert!(text(&client, "http://10.0.0.2/").await.is_err(), "the stack has ended");
    });
}

/// Knows one name, with an address that is nobody's and then one that is somebody's.
#[derive(Clone)]
struct Names;

impl tower_service::Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let known = name.as_str() == "server.test";
        Box::pin(async move {
            let refused = SocketAddr::from(([10, 0, 0, 2], 0));
            let nobody = SocketAddr::from(([255, 255, 255, 255], 0));
            if known { Ok(vec![nobody, refused].into_iter()) } else { Err(io::ErrorKind::NotFound.into()) }
        })
    }
}

#[test]
fn a_connector_asks_a_resolver_and_takes_the_first_address_that_answers() {
    run(async {
        let (a, b) = stacks();
        serve(&b);
        let settings = Settings::default().with_no_delay(true);
        let connector = Connector::with_resolver(&a, Names)
            .with_initial(Initial::default().with_settings(Some(settings)).with_hop_limit(Some(7)));
        let client = Client::builder(TokioExecutor::new()).build(connector.clone());
        assert_eq!(text(&client, "http://server.test/").await.unwrap().0, "10.0.0.1 at 10.0.0.2:80");
        assert!(text(&client, "http://nobody.test/").await.is_err());
        let mut connector = connector;
        let stream = tower_service::Service::call(&mut connector, "http://server.test".parse().unwrap())
            .await
            .unwrap();
        let stream: TcpStream = stream.into_inner();
        assert_eq!((stream.nodelay().unwrap(), stream.ttl().unwrap()), (true, 7));
    });
}

#[test]
fn a_server_of_axums_ends_with_the_stack() {
    run(async {
        let (_a, b) = stacks();
        let server = serve(&b);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert!(!server.is_finished());
        b.shutdown(Duration::ZERO).unwrap();
        server.await.unwrap().unwrap();
    });
}

async fn refuse(Extension(info): Extension<TcpConnectInfo>) -> axum::http::Response<tonic::body::Body> {
    tonic::Status::unimplemented(info.remote_addr().unwrap().ip().to_string()).into_http()
}

#[test]
fn a_server_of_tonics_knows_its_peers_and_ends_with_the_stack() {
    run(async {
        let (a, b) = stacks();
        let incoming = TcpListener::bind(&b, 50051).unwrap().incoming();
        let app = Router::new().route("/greeter/hello", axum::routing::post(refuse));
        let server = tokio::spawn(tonic::transport::Server::builder().serve_with_incoming(app, incoming));
        let client = Client::builder(TokioExecutor::new()).http2_only(true).build(Connector::new(&a));
        let request =
            axum::http::Request::post("http://10.0.0.2:50051/greeter/hello").body(String::new()).unwrap();
        let response = client.request(request).await.unwrap();
        let header = |name| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!((header("grpc-status"), header("grpc-message")), ("12", "10.0.0.1"));
        let _ = b.shutdown(Duration::ZERO);
        server.await.unwrap().unwrap();
    });
}

#[test]
fn the_traits_of_futures_work() {
    use futures_util::io::{AsyncReadExt, AsyncWriteExt};
    run(async {
        let (a, b) = stacks();
        let incoming = TcpListener::bind(&b, 7).unwrap().incoming();
        let server = tokio::spawn(incoming.take(2).for_each_concurrent(2, async |stream| {
            let (reader, mut writer) = stream.unwrap().into_split();
            futures_util::io::copy(reader, &mut writer).await.unwrap();
            writer.close().await.unwrap();
        }));
        for whole in [true, false] {
            let mut stream = TcpStream::connect(&a, "10.0.0.2:7").await.unwrap();
            let mut back = String::new();
            if whole {
                assert_eq!(
                    stream.write_vectored(&[io::IoSlice::new(b"so"), io::IoSlice::new(b"me")]).await.unwrap(),
                    4
                );
                stream.flush().await.unwrap();
                stream.close().await.unwrap();
                stream.read_to_string(&mut back).await.unwrap();
            } else {
                let (mut reader, mut writer) = stream.into_split();
                writer.write_all(b"some").await.unwrap();
                writer.close().await.unwrap();
                reader.read_to_string(&mut back).await.unwrap();
            }
            assert_eq!(back, "some");
        }
        server.await.unwrap();
    });
}

#[test]
fn a_stream_of_connections_ends_with_the_stack() {
    run(async {
        let (a, b) = stacks();
        let incoming = TcpListener::bind(&b, 80).unwrap().incoming();
        let counting = tokio::spawn(incoming.map(Result::unwrap).count());
        for _ in 0..3 {
            TcpStream::connect(&a, "10.0.0.2:80").await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        let _ = b.shutdown(Duration::ZERO);
        assert_eq!(counting.await.unwrap(), 3);
    });
}
