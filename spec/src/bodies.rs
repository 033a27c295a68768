//! Faults in the bodies of guards, effects and what they call: the machine that ships, with one of them.
//!
//! The functions marked `breakable` ask their space whether they have a fault. Only [`Faulty`] has one, and only while [`step`] and what belongs to it run. So claims, expectations and
//! surroundings, which stay in the space that they have, call the same functions without it.

use crate::call::Unreachable;
use crate::{
    Acknowledge, CallError, Event, Host, Notice, Numbers, Options, Row, Segment, Seq, State, Tcb, Timer,
};
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

/// A fault in a body.
#[derive(Debug)]
pub struct Fault {
    number: u32,
    /// The file, below `spec/src`.
    pub file: &'static str,
    /// The function, with its type if it has one.
    pub function: &'static str,
    /// The line where the function begins.
    pub line: u32,
    /// What is there instead of what.
    pub what: &'static str,
}

/// A fault in a body, by its place in the list of all.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Body(u16);

/// All faults in bodies.
pub static FAULTS: &[Fault] = {
    use Fault as Body;
    tcpspec_macros::faults_of!("guards.rs", "effects.rs", "tcb.rs", "seq.rs", "segment.rs")
};

impl Body {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FAULTS.len()).map(|i| Self(i as u16))
    }

    /// What it is.
    pub fn fault(self) -> &'static Fault {
        &FAULTS[usize::from(self.0)]
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { file, function, what, .. } = self.fault();
        write!(f, "{file}: {function}: {what}")
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

thread_local! {
    /// The fault that this thread's machine has now; no fault has the number 0.
    static BROKEN: Cell<u32> = const { Cell::new(0) };
}

/// The fault is there until this is dropped.
struct Broken(u32);

impl Broken {
    fn by(body: Option<Body>) -> Self {
        Self(BROKEN.replace(body.map_or(0, |body| body.fault().number)))
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        BROKEN.set(self.0);
    }
}

/// The space `S`, in which functions have the fault of the machine that runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Faulty<S>(PhantomData<S>);

impl<S: Numbers> Numbers for Faulty<S> {
    type Word = S::Word;
    type Raw = S::Raw;
    type Facts = S::Facts;

    fn raw(value: S::Word) -> S::Raw {
        S::raw(value)
    }

    fn reduce(value: S::Word) -> S::Word {
        S::reduce(value)
    }

    fn before(earlier: S::Word, later: S::Word) -> bool {
        S::before(earlier, later)
    }

    fn given(name: &'static str, value: bool) -> bool {
        S::given(name, value)
    }

    fn broken(fault: u32) -> bool {
        let is_it = BROKEN.get() == fault;
        if is_it {
            S::meets_fault();
        }
        is_it
    }
}

/// Processes an event as [`step`](crate::step) does, but with this fault in a body, or with none.
///
/// # Errors
///
/// A call of the user that the state or the TCB does not allow.
pub fn step<S: Numbers, H: Host<S>>(
    body: Option<Body>,
    state: &mut State,
    tcb: &mut Tcb<S>,
    event: &mut Event<S>,
    options: &Options,
    host: &mut H,
) -> Result<(), CallError> {
    let (mut own_tcb, mut own_event) = (tcb_in::<S, Faulty<S>>(tcb), event_in::<S, Faulty<S>>(event));
    let answer = {
        let _broken = Broken::by(body);
        crate::step(state, &mut own_tcb, &mut own_event, options, &mut Through(host, PhantomData))
    };
    *tcb = tcb_in(&own_tcb);
    *event = event_in(&own_event);
    answer
}

/// [`Tcb::sent_segment`] with this fault, or with none.
pub fn sent_segment<S: Numbers>(
    body: Option<Body>,
    tcb: &Tcb<S>,
    seq: Seq<S>,
    max: S::Word,
) -> Option<Segment<S>> {
    let Some(body) = body else { return tcb.sent_segment(seq, max) };
    let _broken = Broken::by(Some(body));
    tcb_in::<S, Faulty<S>>(tcb).sent_segment(seq_in(seq), max).map(|segment| segment_in(&segment))
}

/// [`Tcb::acknowledgment`] with this fault, or with none.
pub fn acknowledgment<S: Numbers>(body: Option<Body>, tcb: &Tcb<S>) -> Segment<S> {
    let Some(body) = body else { return tcb.acknowledgment() };
    let _broken = Broken::by(Some(body));
    segment_in(&tcb_in::<S, Faulty<S>>(tcb).acknowledgment())
}

/// The surroundings, which know nothing of the fault.
struct Through<'a, H, S>(&'a mut H, PhantomData<S>);

impl<S: Numbers, H: Host<S>> Host<Faulty<S>> for Through<'_, H, S> {
    fn emit(&mut self, segment: Segment<Faulty<S>>) {
        self.0.emit(segment_in(&segment));
    }

    fn acknowledge(&mut self, why: Acknowledge) {
        self.0.acknowledge(why);
    }

    fn start(&mut self, timer: Timer) {
        self.0.start(timer);
    }

    fn stop(&mut self, timer: Timer) {
        self.0.stop(timer);
    }

    fn notify(&mut self, notice: Notice) {
        self.0.notify(notice);
    }

    fn initial_sequence(&mut self) -> Seq<Faulty<S>> {
        seq_in(self.0.initial_sequence())
    }

    fn initial_window(&mut self) -> S::Raw {
        self.0.initial_window()
    }

    fn deliver(&mut self, segment: &Segment<Faulty<S>>) {
        self.0.deliver(&segment_in(segment));
    }

    fn hold(&mut self, segment: &Segment<Faulty<S>>) {
        self.0.hold(&segment_in(segment));
    }

    fn acknowledged(&mut self, advanced: S::Word, outstanding: S::Word) {
        self.0.acknowledged(advanced, outstanding);
    }

    fn resend(&mut self, tcb: &Tcb<Faulty<S>>) {
        self.0.resend(&tcb_in(tcb));
    }

    fn flush(&mut self) {
        self.0.flush();
    }

    fn flush_sends(&mut self) {
        self.0.flush_sends();
    }

    fn abandon(&mut self) {
        self.0.abandon();
    }

    fn timestamp_taken(&mut self) {
        self.0.timestamp_taken();
    }

    fn fork(&mut self, segment: &Segment<Faulty<S>>) {
        self.0.fork(&segment_in(segment));
    }

    fn hand_over(&mut self, segment: &Segment<Faulty<S>>) {
        self.0.hand_over(&segment_in(segment));
    }

    fn fired(&mut self, row: Row) {
        self.0.fired(row);
    }
}

// --- The same numbers in another space ---

/// A space whose numbers are stored in the same way.
trait Like<S: Numbers>: Numbers<Word = S::Word, Raw = S::Raw, Facts = S::Facts> {}

impl<S: Numbers, T: Numbers<Word = S::Word, Raw = S::Raw, Facts = S::Facts>> Like<S> for T {}

fn seq_in<S: Numbers, T: Like<S>>(seq: Seq<S>) -> Seq<T> {
    Seq::new(seq.get())
}

fn segment_in<S: Numbers, T: Like<S>>(segment: &Segment<S>) -> Segment<T> {
    let Segment { seq, ack, wnd, up, len, flags, ts, listener, echoes, outdated } = *segment;
    let (seq, ack, up) = (seq_in(seq), seq_in(ack), seq_in(up));
    Segment { seq, ack, wnd, up, len, flags, ts, listener, echoes, outdated }
}

fn tcb_in<S: Numbers, T: Like<S>>(tcb: &Tcb<S>) -> Tcb<T> {
    let Tcb {
        iss,
        snd_una,
        snd_nxt,
        snd_end,
        snd_wnd,
        max_snd_wnd,
        snd_wl1,
        snd_wl2,
        snd_up,
        irs,
        rcv_nxt,
        rcv_wnd,
        rcv_up,
        ts_recent,
        facts,
    } = *tcb;
    Tcb {
        iss: seq_in(iss),
        snd_una: seq_in(snd_una),
        snd_nxt: seq_in(snd_nxt),
        snd_end: seq_in(snd_end),
        snd_wnd,
        max_snd_wnd,
        snd_wl1: seq_in(snd_wl1),
        snd_wl2: seq_in(snd_wl2),
        snd_up: seq_in(snd_up),
        irs: seq_in(irs),
        rcv_nxt: seq_in(rcv_nxt),
        rcv_wnd,
        rcv_up: seq_in(rcv_up),
        ts_recent,
        facts,
    }
}

fn event_in<S: Numbers, T: Like<S>>(event: &Event<S>) -> Event<T> {
    match *event {
        Event::Open(open) => Event::Open(open),
        Event::Send(send) => Event::Send(send),
        Event::Receive(receive) => Event::Receive(receive),
        Event::Close(bare) => Event::Close(bare),
        Event::Abort(bare) => Event::Abort(bare),
        Event::Release(release) => Event::Release(release),
        Event::Status(bare) => Event::Status(bare),
        Event::Segment(ref segment) => Event::Segment(segment_in(segment)),
        Event::Held(ref segment) => Event::Held(segment_in(segment)),
        Event::Transmit(transmit) => Event::Transmit(transmit),
        Event::Unreachable(Unreachable { seq, hard }) => {
            Event::Unreachable(Unreachable { seq: seq_in(seq), hard })
        }
        Event::Retransmission(expiry) => Event::Retransmission(expiry),
        Event::Probe(expiry) => Event::Probe(expiry),
        Event::KeepAlive(expiry) => Event::KeepAlive(expiry),
        Event::DelayedAck(bare) => Event::DelayedAck(bare),
        Event::TimeWait(bare) => Event::TimeWait(bare),
        Event::UserTimeout(bare) => Event::UserTimeout(bare),
        Event::Orphan(bare) => Event::Orphan(bare),
    }
}
