//! Faults in bodies that no run can tell from the machine, each with the reason.

use tcpspec::bodies::Body;

/// All that are known, by their names.
pub(super) const SAME: &[(&str, &str)] = &[];

/// Why this fault cannot be told from the machine, if that is known.
pub(super) fn reason(body: Body) -> Option<&'static str> {
    let name = body.to_string();
    SAME.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_for_a_fault_that_exists() {
        let all: Vec<String> = Body::all().map(|body| body.to_string()).collect();
        for (i, (name, reason)) in SAME.iter().enumerate() {
            assert!(all.iter().any(|known| known == name), "{name} is not listed");
            assert!(!SAME[..i].iter().any(|(other, _)| other == name), "{name} has two reasons");
            assert!(reason.ends_with('.'), "{name}: {reason}");
        }
    }
}
