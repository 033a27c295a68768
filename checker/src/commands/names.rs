//! What names on the command line mean.

use tcpspec::TABLE;
use tcpspec::model::Scenario;
use tcpspec_explorer::{catalogue, nearest};

/// The scenarios of these names, or all.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Scenario>, String> {
    let mut chosen: Vec<&'static Scenario> = Vec::new();
    for name in names {
        for scenario in some(name)? {
            // A family and one of its variants may both be named.
            if chosen.iter().all(|other| other.name != scenario.name) {
                chosen.push(scenario);
            }
        }
    }
    if chosen.is_empty() {
        chosen.extend(catalogue::all());
    }
    Ok(chosen)
}

/// All variants that a name means.
pub(crate) fn some(name: &str) -> Result<Vec<&'static Scenario>, String> {
    let found = catalogue::find(name);
    if !found.is_empty() {
        return Ok(found);
    }
    let program = catalogue::program();
    let all = catalogue::all().into_iter().chain(catalogue::deep());
    Err(match nearest(name, all.map(|s| s.name), 0.75) {
        Some(near) => {
            format!("there is no scenario `{name}`; did you mean `{near}`? (`{program} list` shows all)")
        }
        None => format!("there is no scenario `{name}`; `{program} list` shows all"),
    })
}

/// There is no such row; perhaps another one was meant.
pub(crate) fn no_row(name: &str) -> String {
    let meant = nearest(name, TABLE.rows().map(|row| row.name), 0.75);
    let meant = meant.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("the table has no row `{name}`{meant}")
}

/// The one scenario that a name means: of several variants the first.
pub(crate) fn one(name: &str) -> Result<&'static Scenario, String> {
    let found = some(name)?;
    Ok(found.iter().find(|s| s.name == name).copied().unwrap_or(found[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_twice_is_chosen_once() {
        let chosen = chosen(&["reset".to_owned(), "reset/forked".to_owned(), "reset".to_owned()]).unwrap();
        let names: Vec<_> = chosen.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names, ["reset", "reset/crossed", "reset/forked"]);
    }

    #[test]
    fn a_wrong_scenario_suggests_the_nearest() {
        let error = one("simultanous-open").unwrap_err();
        assert!(error.contains("did you mean `simultaneous-open`"), "{error}");
    }
}
