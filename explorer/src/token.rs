//! Actions in links, one short token each.
//!
//! | token | action |
//! |---|---|
//! | `ao` `al` `as` `ar` `ac` `ax` `ay` | active OPEN, passive OPEN, SEND, RECEIVE, CLOSE, ABORT, RELEASE at A (`bo` … at B) |
//! | `at1-2` | RECEIVE of one octet, after which the host offers a window of two |
//! | `an2` | two octets of queued text at most are sent, or the FIN |
//! | `ah0` | what A has kept in place 0 is next |
//! | `afr` `agr` | the retransmission timer runs out; for the last time. Also `p` persist, `k` keep-alive, `d` delayed ACK, `w` 2MSL, `u` user timeout, `q` orphan |
//! | `ap0-1` | the retransmission timer runs out, and one octet from SND.UNA on is sent again |
//! | `ak` `av` | A crashes; A's host vanishes |
//! | `azr5-3` | a forged RST (`s` SYN, `a` ACK, `t` text) with sequence number 5, acknowledgment number 3 |
//! | `aw7` | stray event 7 |
//! | `d0` `u0` `x0` | segment 0 under way arrives; a copy of it does; it is lost |
//! | `t` | a tick passes |
//! | `ao_5` | the same action, and the connection that it opens takes number 5 |

use crate::api::Refusal;
use tcpspec::Timer;
use tcpspec::model::{Action, Call, Forged, Opening};

/// How a link writes a path.
pub fn path(path: &[Action]) -> String {
    path.iter().map(|action| token(*action)).collect::<Vec<_>>().join(".")
}

/// Reads a path of so many steps at most.
///
/// # Errors
///
/// It is longer, or a token of it is none.
pub fn parse_path(text: &str, most: usize) -> Result<Vec<Action>, Refusal> {
    let tokens = || text.split('.').filter(|token| !token.is_empty());
    if tokens().take(most + 1).count() > most {
        return Err(Refusal::new(format!("the path has more than {most} steps")));
    }
    tokens()
        .map(|token| {
            parse(token).ok_or_else(|| Refusal::new(format!("`{}` is no step of a path", shortened(token))))
        })
        .collect()
}

/// A text for an error message, cut if it is long.
fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

const TIMERS: [(Timer, char); Timer::ALL.len()] = [
    (Timer::Retransmission, 'r'),
    (Timer::Persist, 'p'),
    (Timer::KeepAlive, 'k'),
    (Timer::DelayedAck, 'd'),
    (Timer::TimeWait, 'w'),
    (Timer::User, 'u'),
    (Timer::Orphan, 'q'),
];

const CALLS: [(Call, char); 7] = [
    (Call::Open, 'o'),
    (Call::Listen, 'l'),
    (Call::Send, 's'),
    (Call::Receive, 'r'),
    (Call::Close, 'c'),
    (Call::Abort, 'x'),
    (Call::Release, 'y'),
];

const FORGED: [(Forged, char); 4] =
    [(Forged::Rst, 'r'), (Forged::Syn, 's'), (Forged::Ack, 'a'), (Forged::Text, 't')];

fn letter<T: PartialEq + Copy>(all: &[(T, char)], wanted: T) -> char {
    all.iter().find(|(one, _)| *one == wanted).map_or('?', |(_, letter)| *letter)
}

fn of_letter<T: Copy>(all: &[(T, char)], wanted: char) -> Option<T> {
    all.iter().find(|(_, letter)| *letter == wanted).map(|(one, _)| *one)
}

/// How a link writes an action.
pub fn token(action: Action) -> String {
    let end = |i: u8| if i == 0 { 'a' } else { 'b' };
    match action {
        Action::Call(i, Call::Take(octets, window)) => format!("{}t{octets}-{window}", end(i)),
        Action::Call(i, call) => format!("{}{}", end(i), letter(&CALLS, call)),
        Action::Transmit(i, max) => format!("{}n{max}", end(i)),
        Action::Held(i, index) => format!("{}h{index}", end(i)),
        Action::Fire(i, timer, false) => format!("{}f{}", end(i), letter(&TIMERS, timer)),
        Action::Fire(i, timer, true) => format!("{}g{}", end(i), letter(&TIMERS, timer)),
        Action::Resend(i, from, len) => format!("{}p{from}-{len}", end(i)),
        Action::Crash(i) => format!("{}k", end(i)),
        Action::Vanish(i) => format!("{}v", end(i)),
        Action::Forge(i, kind, seq, ack) => format!("{}z{}{seq}-{ack}", end(i), letter(&FORGED, kind)),
        Action::Stray(i, index) => format!("{}w{index}", end(i)),
        Action::Deliver(index) => format!("d{index}"),
        Action::Duplicate(index) => format!("u{index}"),
        Action::Lose(index) => format!("x{index}"),
        Action::Tick => "t".into(),
        Action::Opens(number, opening) => format!("{}_{number}", token(opening.action())),
    }
}

/// The action of a token.
pub fn parse(text: &str) -> Option<Action> {
    if let Some((opening, number)) = text.split_once('_') {
        let opening = match parse(opening)? {
            Action::Call(i, call) => Opening::Call(i, call),
            Action::Deliver(index) => Opening::Deliver(index),
            Action::Duplicate(index) => Opening::Duplicate(index),
            _ => return None,
        };
        return Some(Action::Opens(number.parse().ok().filter(|number| *number < 16)?, opening));
    }
    let mut letters = text.chars();
    let first = letters.next()?;
    let index = || letters.as_str().parse().ok().filter(|index| *index < 16);
    match first {
        't' if text == "t" => return Some(Action::Tick),
        'd' => return Some(Action::Deliver(index()?)),
        'u' => return Some(Action::Duplicate(index()?)),
        'x' => return Some(Action::Lose(index()?)),
        _ => {}
    }
    let i = u8::from(match first {
        'a' => false,
        'b' => true,
        _ => return None,
    });
    let kind = letters.next()?;
    let rest = letters.as_str();
    let number = |text: &str| text.parse::<u8>().ok().filter(|number| *number < 16);
    let numbers = |text: &str| text.split_once('-').and_then(|(a, b)| Some((number(a)?, number(b)?)));
    let timer = || of_letter(&TIMERS, rest.chars().next()?).filter(|_| rest.len() == 1);
    Some(match kind {
        't' => {
            let (octets, window) = numbers(rest)?;
            Action::Call(i, Call::Take(octets, window))
        }
        'n' => Action::Transmit(i, number(rest)?),
        'h' => Action::Held(i, number(rest)?),
        'f' => Action::Fire(i, timer()?, false),
        'g' => Action::Fire(i, timer()?, true),
        'p' => {
            let (from, len) = numbers(rest)?;
            Action::Resend(i, from, len)
        }
        'z' => {
            let mut letters = rest.chars();
            let forged = of_letter(&FORGED, letters.next()?)?;
            let (seq, ack) = numbers(letters.as_str())?;
            Action::Forge(i, forged, seq, ack)
        }
        'w' => Action::Stray(i, rest.parse().ok()?),
        'k' if rest.is_empty() => Action::Crash(i),
        'v' if rest.is_empty() => Action::Vanish(i),
        _ if rest.is_empty() => Action::Call(i, of_letter(&CALLS, kind)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tcpspec::model::{Tcp, scenarios};

    /// Whatever can happen within some thousand worlds of each scenario has a token of its own.
    #[test]
    fn every_action_has_a_token() {
        for scenario in scenarios::all() {
            let model = Tcp::new(scenario);
            let mut worlds = vec![model.initial()];
            let mut actions = Vec::new();
            for at in 0..300 {
                let Some(world) = worlds.get(at).copied() else { break };
                actions.clear();
                model.possible(&world, &mut actions);
                let tokens: BTreeSet<String> = actions.iter().map(|action| token(*action)).collect();
                assert_eq!(tokens.len(), actions.len(), "{}", scenario.name);
                for action in &actions {
                    assert_eq!(parse(&token(*action)), Some(*action), "{}", token(*action));
                    worlds.extend(model.after(&world, *action));
                }
            }
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for wrong in [
            "", "a", "c", "ao1", "d", "d16", "dx", "at1", "afz", "afrr", "az5-3", "azr5", "ao_16", "t_5",
            "_", "é", "aé",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert!(parse_path("t.t.t", 2).is_err());
        assert_eq!(parse_path("", 2), Ok(vec![]));
    }
}
