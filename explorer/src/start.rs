//! What does not depend on a run: figures, hazards, scenarios, and the table.

use crate::api::{
    Arrow, BoundView, Explored, Figure, HazardView, MutantView, OptionView, QuotationView, RequirementView,
    RowView, ScenarioView, Start, StateView, TableView, VERSION,
};
use crate::graph::Graph;
use crate::known::{Known, Mutants};
use crate::link::{self, Link};
use crate::{bounds, catalogue, mutant, requirements, script, stamp, token, view};
use std::sync::LazyLock;
use tcpspec::info::Verb;
use tcpspec::model::Scenario;
use tcpspec::model::scenarios::{HAZARDS, Hazard};
use tcpspec::{Quotation, Row, State, TABLE, quotation};

/// The figures, kept with the sources. None if they cannot be read: a test makes sure that they can.
pub fn figures() -> &'static [Figure] {
    static FIGURES: LazyLock<Vec<Figure>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../data/figures.json")).unwrap_or_default());
    &FIGURES
}

/// The start page.
pub fn start(known: &Known) -> Start {
    Start {
        version: VERSION,
        current: catalogue::suite().is_some() || known.stamp == stamp::of_today(),
        figures: if catalogue::suite().is_some() { Vec::new() } else { figures().to_vec() },
        hazards: hazards()
            .iter()
            .map(|hazard| HazardView {
                title: hazard.title,
                source: hazard.source,
                text: hazard.text,
                off: hazard.off,
                on: hazard.on,
                remains: hazard.remains,
            })
            .collect(),
        scenarios: catalogue::all()
            .into_iter()
            .chain(catalogue::deep())
            .map(|scenario| self::scenario(scenario, known))
            .collect(),
        options: TABLE
            .options
            .iter()
            .map(|option| OptionView {
                name: option.name,
                doc: option.doc,
                source: option.source,
                default: option.default,
            })
            .collect(),
        bounds: bounds::all()
            .map(|(name, what, values)| BoundView { name, what: format!("{what}; {values}") })
            .collect(),
        states: TABLE.states.iter().map(|info| StateView { name: info.name, doc: info.doc }).collect(),
        arrows: arrows(),
        rows: Row::ALL.into_iter().map(Row::name).collect(),
    }
}

/// A suite has none: they lead to scenarios of tcpspec's own.
fn hazards() -> &'static [Hazard] {
    if catalogue::suite().is_some() { &[] } else { HAZARDS }
}

fn scenario(scenario: &'static Scenario, known: &Known) -> ScenarioView {
    let link = Link::new(scenario);
    ScenarioView {
        name: scenario.name,
        summary: scenario.summary,
        bounds: scenario.bounds_line(),
        claims: view::claims(&link, known),
        explored: known.scenarios.get(scenario.name).map(|found| Explored {
            unique: found.unique,
            generated: found.generated,
            complete: true,
        }),
        example: script::example(scenario).map(|link| link.to_string()),
    }
}

/// The arrows that the default options let happen, one for each pair of states.
fn arrows() -> Vec<Arrow> {
    let graph = Graph::new(&TABLE);
    let mut all: Vec<Arrow> = Vec::new();
    let mut add = |from: State, to: State, rows: &[&'static str]| {
        let (from, to) = (from.name(), to.name());
        match all.iter_mut().find(|arrow| (arrow.from, arrow.to) == (from, to)) {
            Some(arrow) => arrow.rows.extend(rows),
            None => all.push(Arrow { from, to, rows: rows.to_vec() }),
        }
    };
    graph.arrows.iter().for_each(|arrow| add(arrow.from, arrow.to, &[arrow.row.name]));
    graph.composed.iter().filter(|way| way.from != way.to).for_each(|way| add(way.from, way.to, &way.rows));
    all
}

/// The whole table.
pub fn table(known: &Known, mutants: &Mutants) -> TableView {
    let row = |row: Row| {
        let info = row.info();
        let fires = known.rows.get(info.name);
        RowView {
            name: info.name,
            sentence: info.sentence,
            section: info.section,
            quotation: quotation(info.name)
                .map(|Quotation { row: _, section, words }| QuotationView { section, words }),
            requirements: info.requirements,
            event: info.event.name(),
            step: info.step,
            states: info.states.iter().map(|state| state.name()).collect(),
            condition: info.condition,
            next: info.next.map(State::name),
            verb: match info.verb {
                Verb::Next => "next".into(),
                Verb::Stop => "stop".into(),
                Verb::Drop => "drop".into(),
                Verb::Skip => "skip".into(),
                Verb::Error(name) => format!("error {name}"),
            },
            effects: info.effects,
            line: info.line,
            fires_in: fires.map_or(0, |fires| fires.fires_in),
            shown_by: fires.and_then(|fires| {
                let scenario = link::named(fires.scenario.as_ref()?).ok()?;
                let path = token::parse_path(fires.path.as_ref()?, link::LONGEST).ok()?;
                Some(Link::new(scenario).with_path(path).to_string())
            }),
            mutants: mutant::of(row)
                .map(|mutant| {
                    let token = mutant::token(mutant);
                    let noticed = mutants.noticed.get(&token);
                    MutantView {
                        name: mutant.to_string(),
                        noticed_by: noticed.map(|[claim, _]| claim.clone()),
                        scenario: noticed.map(|[_, scenario]| scenario.clone()),
                        reason: mutants.reasons.get(&token).cloned(),
                        token,
                    }
                })
                .collect(),
        }
    };
    TableView {
        rows: Row::ALL.into_iter().map(row).collect(),
        requirements: requirements::lines()
            .into_iter()
            .filter_map(|line| {
                Some(RequirementView {
                    id: line.id?,
                    strength: line.strength,
                    sections: line.sections,
                    words: format!("{}: {}", line.heading, line.words),
                })
            })
            .collect(),
        mutants_current: mutants.stamp == stamp::of_today(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;

    /// Each figure can be played, and each caption belongs to a step of it, in both languages.
    #[test]
    fn every_figure_can_be_played() {
        let figures: Vec<Figure> = serde_json::from_str(include_str!("../data/figures.json")).unwrap();
        for Figure { name, title, about, link, captions } in figures {
            let run = Run::play(Link::parse(&link).unwrap())
                .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
            assert_eq!(run.link.to_string(), link, "{name}");
            for words in [&title, &about].into_iter().chain(captions.values()) {
                assert_eq!(words.keys().collect::<Vec<_>>(), ["en", "zh"], "{name}");
            }
            assert!(captions.keys().all(|at| *at <= run.steps.len()), "{name}");
            assert!(captions.contains_key(&0) && captions.contains_key(&run.steps.len()), "{name}");
        }
    }
}
