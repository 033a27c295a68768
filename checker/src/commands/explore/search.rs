//! Searches: a few run at once, others wait for their turn. What they come to is sent as it becomes known; a search whose client has gone ends.

use super::bounds::Bounds;
use super::clients::{Client, Turn};
use super::job::Job;
use super::routes::Service;
use super::{ask, quiet, reply};
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use tcpspec_explorer::api::Progress;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// All searches.
#[derive(Debug)]
pub(super) struct Searches {
    bounds: Bounds,
    /// Those that run.
    running: Arc<Semaphore>,
    /// Those that run or wait.
    all: Arc<Semaphore>,
}

impl Searches {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            running: Arc::new(Semaphore::new(bounds.searches)),
            all: Arc::new(Semaphore::new(bounds.searches + bounds.waiting)),
        }
    }
}

/// `POST /search`: events that say how far the search is, and at last what it came to.
pub(super) async fn search(
    State(Service { desk, searches }): State<Service>,
    Extension(client): Extension<Arc<Client>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (request, _) = match ask::read(&desk, &headers, body, searches.bounds.small).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let turn = client.turn();
    let Ok(place) = Arc::clone(&searches.all).try_acquire_owned() else {
        let words = "As many searches as may wait are waiting. Stop one, or ask again in a moment.";
        return reply::refused(StatusCode::SERVICE_UNAVAILABLE, words);
    };
    let most = searches.bounds.states;
    let job = match desk.work(move || Job::new(&request, most)).await {
        Ok(job) => job,
        Err(refusal) => return refusal,
    };
    let (say, said) = mpsc::channel(ROOM);
    let stop = Arc::new(AtomicBool::new(false));
    let line = Line { say, stop: Arc::clone(&stop) };
    tokio::spawn(run(job, line, Arc::clone(&searches.running), place));
    reply::text("text/event-stream", Body::new(Events { said, stop, _turn: turn }))
}

/// Events that wait for a client: one on the way, and room for the last.
const ROOM: usize = 2;

/// The way from a search to its client.
struct Line {
    say: mpsc::Sender<Bytes>,
    /// The client has gone.
    stop: Arc<AtomicBool>,
}

impl Line {
    /// Sends an event. One that is not the last is left out while the client has not taken the one before.
    fn event(&self, progress: &Progress) {
        if !progress.done && self.say.capacity() < ROOM {
            return;
        }
        if let Ok(json) = serde_json::to_string(progress) {
            let _ = self.say.try_send(Bytes::from(format!("data: {json}\n\n")));
        }
    }
}

/// What the client is sent.
struct Events {
    said: mpsc::Receiver<Bytes>,
    stop: Arc<AtomicBool>,
    _turn: Turn,
}

impl Drop for Events {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.said.poll_recv(context).map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}

/// Waits for a turn and searches. The permits are given back when the search has ended, whether its client is still there or not.
async fn run(job: Job, line: Line, running: Arc<Semaphore>, place: OwnedSemaphorePermit) {
    let thread = match Arc::clone(&running).try_acquire_owned() {
        Ok(thread) => thread,
        Err(_) => {
            line.event(&job.waits());
            let thread = tokio::select! {
                thread = running.acquire_owned() => thread,
                () = line.say.closed() => return,
            };
            let Ok(thread) = thread else { return };
            thread
        }
    };
    tokio::task::spawn_blocking(move || {
        let _permits = (place, thread);
        let limit = job.limit();
        let done = quiet::caught(|| job.run(&line.stop, |progress| line.event(progress)));
        line.event(&done.unwrap_or_else(|fault| Job::ended(limit, fault)));
    });
}
