//! The shortest script that still shows a difference: steps are left out, and what is left is made plainer, as long as it does.

use super::script::{Ack, Call, Script, Seq, Step, WINDOW};

/// Shrinks a script for which `shows` holds.
pub fn shrink(script: &Script, mut shows: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script.clone();
    loop {
        let smaller = candidates(&best).into_iter().find(|candidate| shows(candidate));
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// Scripts that are a little plainer, the plainest first.
fn candidates(script: &Script) -> Vec<Script> {
    let mut all = Vec::new();
    let with = |steps: Vec<Step>| Script { steps, ..script.clone() };
    for len in [4, 2, 1] {
        for at in 0..script.steps.len().saturating_sub(len - 1) {
            let mut steps = script.steps.clone();
            steps.drain(at..at + len);
            all.push(with(steps));
        }
    }
    for (at, step) in script.steps.iter().enumerate() {
        for plainer in plainer(step) {
            let mut steps = script.steps.clone();
            steps[at] = plainer;
            all.push(with(steps));
        }
    }
    if script.ipv6 {
        all.push(Script { ipv6: false, ..script.clone() });
    }
    all
}

fn plainer(step: &Step) -> Vec<Step> {
    match *step {
        Step::Call(Call::Send(n)) if n > 10 => {
            vec![Step::Call(Call::Send(10)), Step::Call(Call::Send(n / 2))]
        }
        Step::Segment(segment) => {
            let mut all = Vec::new();
            if segment.len > 10 {
                all.push(super::script::Segment { len: 10, ..segment });
            }
            if segment.window != WINDOW {
                all.push(super::script::Segment { window: WINDOW, ..segment });
            }
            if segment.ack != Ack::Next(0) {
                all.push(super::script::Segment { ack: Ack::Next(0), ..segment });
            }
            match segment.seq {
                Some(Seq::Next(0)) => all.push(super::script::Segment { seq: None, ..segment }),
                Some(_) => all.push(super::script::Segment { seq: Some(Seq::Next(0)), ..segment }),
                None => {}
            }
            all.into_iter().map(Step::Segment).collect()
        }
        Step::Call(_) | Step::Pause(_) | Step::Fill => Vec::new(),
    }
}
