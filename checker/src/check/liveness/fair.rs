//! Infinite runs that are fair: what could happen all the time happens again and again (weak fairness, class by class).
//!
//! A class that only waits for room in the network counts as one that could happen, if there is room again and again. So a run is fair if each class
//! is, again and again, taken or neither enabled nor waiting, or from some time on never enabled.
//!
//! A run that stays in a strongly connected component for ever can visit all of it. If that is fair, there is a fair run. If a class is enabled somewhere in the
//! component, enabled or waiting everywhere, and taken nowhere, then a fair run has to leave out the nodes where it is enabled: they are taken away, and
//! what is left falls into smaller components (for a class that never waits, nothing is left).

use super::graph::{Components, Edge, Graph, Node};
use std::collections::BTreeSet;

/// A run without end, or one that stands still: where it leaves what is shortest to reach, and how it goes round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Round<A> {
    /// The first node of it.
    pub(super) entry: Node,
    /// The way from there back to there; empty if nothing more happens.
    pub(super) cycle: Vec<A>,
}

/// What a run owes to a goal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Coming {
    /// It comes there, and then stays.
    ForGood,
    /// It comes there, from wherever it begins; what is behind does not matter.
    Once,
}

/// A fair healed run that does not come to `goals` as it should: of all of them one whose first node has the smallest number.
pub(super) fn stray<A: Copy>(graph: &Graph<A>, goals: &[bool], coming: Coming) -> Option<Round<A>> {
    let is_healed = |edge: &Edge<A>| edge.class.is_some();
    let misses = |node: &Node| !goals[*node as usize];
    let stuck = graph.nodes().find(|node| misses(node) && !graph.edges(*node).iter().any(is_healed));
    // A run that has to come there only once strays while it has never been there.
    let mut left: Vec<bool> = graph.nodes().map(|node| coming == Coming::ForGood || misses(&node)).collect();
    let components = loop {
        let stays =
            |from: Node, edge: &Edge<A>| is_healed(edge) && left[from as usize] && left[edge.to as usize];
        let components = graph.components(stays);
        let mut removed: Vec<Node> = Vec::new();
        for nodes in components.iter().filter(|nodes| left[nodes[0] as usize]) {
            if has_edge(graph, nodes, &components) {
                let starved = starved(graph, nodes, &components);
                let is_out = |node: &&Node| starved.iter().any(|class| enables(graph, **node, *class));
                removed.extend(nodes.iter().filter(is_out));
            } else {
                // Nothing goes round here.
                removed.extend(nodes);
            }
        }
        if removed.is_empty() {
            break components;
        }
        for node in removed {
            left[node as usize] = false;
        }
    };
    // Nodes have the order in which they were found: the first is nearest to the beginning.
    let entry = graph.nodes().find(|node| misses(node) && left[*node as usize]);
    match (stuck, entry) {
        (Some(stuck), entry) if entry.is_none_or(|entry| stuck <= entry) => {
            Some(Round { entry: stuck, cycle: Vec::new() })
        }
        (_, Some(entry)) => Some(Round { entry, cycle: fair_cycle(graph, &components, entry) }),
        (_, None) => None,
    }
}

/// A cycle along edges that count, the one whose first node has the smallest number.
pub(super) fn any_cycle<A: Copy>(graph: &Graph<A>, counts: impl Fn(&Edge<A>) -> bool) -> Option<Round<A>> {
    let components = graph.components(|_, edge| counts(edge));
    let entry = graph.nodes().find(|node| {
        graph.edges(*node).iter().any(|edge| counts(edge) && components.together(*node, edge.to))
    })?;
    let way = graph.way(entry, counts, |_, edge| edge.to == entry)?;
    Some(Round { entry, cycle: way.into_iter().map(|(_, edge)| edge.action).collect() })
}

fn inner<'a, A: Copy>(
    graph: &'a Graph<A>,
    components: &'a Components,
    node: Node,
) -> impl Iterator<Item = &'a Edge<A>> {
    graph.edges(node).iter().filter(move |edge| edge.class.is_some() && components.together(node, edge.to))
}

fn has_edge<A: Copy>(graph: &Graph<A>, nodes: &[Node], components: &Components) -> bool {
    nodes.iter().any(|node| inner(graph, components, *node).next().is_some())
}

/// The classes that are enabled somewhere in a component, enabled or waiting everywhere, and taken nowhere.
fn starved<A: Copy>(graph: &Graph<A>, nodes: &[Node], components: &Components) -> BTreeSet<u16> {
    let mut classes: BTreeSet<u16> = pending(graph, nodes[0]).collect();
    for node in nodes {
        if classes.is_empty() {
            return classes;
        }
        classes.retain(|class| pending(graph, *node).any(|other| other == *class));
        for edge in inner(graph, components, *node) {
            if let Some(class) = edge.class {
                classes.remove(&class);
            }
        }
    }
    classes.retain(|class| nodes.iter().any(|node| enables(graph, *node, *class)));
    classes
}

/// The classes that are enabled in a node or wait for room there.
fn pending<A: Copy>(graph: &Graph<A>, node: Node) -> impl Iterator<Item = u16> + '_ {
    graph.edges(node).iter().filter_map(|edge| edge.class).chain(graph.waiting(node))
}

/// The shortest cycle through a node, with the further rounds that make it fair.
fn fair_cycle<A: Copy>(graph: &Graph<A>, components: &Components, entry: Node) -> Vec<A> {
    let stays = |edge: &Edge<A>| edge.class.is_some() && components.together(entry, edge.to);
    let back_from = |node| graph.way(node, stays, |_, edge| edge.to == entry).unwrap_or_default();
    let mut walk = back_from(entry);
    let is_pending = |node, class: u16| pending(graph, node).any(|other| other == class);
    // What the walk owes is enabled somewhere on it, enabled or waiting everywhere, and taken nowhere.
    while let Some(class) = pending(graph, entry).find(|class| {
        walk.iter().all(|(node, edge)| is_pending(*node, *class) && edge.class != Some(*class))
            && walk.iter().any(|(node, _)| enables(graph, *node, *class))
    }) {
        let pays = |_, edge: &Edge<A>| edge.class == Some(class) || !is_pending(edge.to, class);
        let Some(way) = graph.way(entry, stays, pays) else { break };
        let end = way.last().map_or(entry, |(_, edge)| edge.to);
        walk.extend(way);
        if end != entry {
            walk.extend(back_from(end));
        }
    }
    walk.into_iter().map(|(_, edge)| edge.action).collect()
}

fn enables<A: Copy>(graph: &Graph<A>, node: Node, class: u16) -> bool {
    graph.edges(node).iter().any(|edge| edge.class == Some(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Option<u16> = None;

    /// Nodes as lists of what leaves them: where to, and the class.
    fn graph(nodes: &[&[(Node, Option<u16>)]]) -> Graph<(Node, Option<u16>)> {
        let mut graph = Graph::default();
        for edges in nodes {
            graph.push(edges.iter().map(|(to, class)| Edge {
                to: *to,
                action: (*to, *class),
                class: *class,
            }));
        }
        graph
    }

    fn walk(round: &Round<(Node, Option<u16>)>) -> Vec<Node> {
        round.cycle.iter().map(|(to, _)| *to).collect()
    }

    #[test]
    fn a_lasso_through_a_join_is_found() {
        // Two ways join in node 3. A search that forgets what it has met on other ways never sees that 3, 4 is a cycle.
        let graph = graph(&[
            &[(1, Some(0)), (2, Some(1))],
            &[(3, Some(0))],
            &[(3, Some(0))],
            &[(4, Some(0)), (5, Some(1))],
            &[(3, Some(0))],
            &[],
        ]);
        let goals = [false, false, false, false, false, true];
        let round = stray(&graph, &goals, Coming::ForGood).unwrap();
        assert_eq!((round.entry, walk(&round)), (3, vec![4, 3]));
    }

    #[test]
    fn an_unfair_cycle_is_no_counterexample() {
        // Class 1 is enabled all the way round and never taken; it leads out.
        let round = [&[(1, Some(0)), (2, Some(1))][..], &[(0, Some(0)), (2, Some(1))], &[]];
        let goals = [false, false, true];
        assert_eq!(stray(&graph(&round), &goals, Coming::ForGood), None);
        // Where it is not enabled in one node of the cycle, nothing forces it.
        let round = [round[0], &[(0, Some(0))], &[]];
        assert_eq!(walk(&stray(&graph(&round), &goals, Coming::ForGood).unwrap()), [1, 0]);
        // Neither does what happens only before the network has healed count as a way out.
        let round = [&[(1, Some(0)), (2, FREE)][..], &[(0, Some(0)), (2, FREE)], &[]];
        assert_eq!(walk(&stray(&graph(&round), &goals, Coming::ForGood).unwrap()), [1, 0]);
    }

    #[test]
    fn a_cycle_goes_round_until_it_is_fair() {
        // Class 1 is enabled in 0 and 1; only the way over 2 takes it.
        let graph =
            graph(&[&[(1, Some(0)), (2, Some(1))], &[(0, Some(0)), (3, Some(1))], &[(0, Some(2))], &[]]);
        let round = stray(&graph, &[false, false, false, true], Coming::ForGood).unwrap();
        assert_eq!((round.entry, walk(&round)), (0, vec![1, 0, 2, 0]));
    }

    #[test]
    fn what_waits_for_room_comes_when_there_is_room() {
        // Class 1 is enabled in 0, where it leads out, and waits in 1.
        let mut graph = Graph::default();
        let edge = |to, class| Edge { to, action: (to, class), class };
        graph.push([edge(1, Some(0)), edge(3, Some(1))]);
        graph.push_waiting(1);
        graph.push([edge(0, Some(0)), edge(2, Some(2))]);
        graph.push_waiting(1);
        graph.push([edge(1, Some(0))]);
        graph.push([]);
        // Between 1 and 2 there is never any room.
        let round = stray(&graph, &[false, false, false, true], Coming::ForGood).unwrap();
        assert_eq!((round.entry, walk(&round)), (1, vec![2, 1]));
        assert_eq!(stray(&graph, &[false, true, true, true], Coming::ForGood), None);
    }

    #[test]
    fn a_deadlock_is_found_and_the_end_is_none() {
        let graph = graph(&[&[(1, Some(0)), (2, Some(0))], &[(2, FREE)], &[]]);
        let stuck = Round { entry: 1, cycle: Vec::new() };
        assert_eq!(stray(&graph, &[false, false, true], Coming::ForGood), Some(stuck));
        assert_eq!(stray(&graph, &[false, true, true], Coming::ForGood), None);
    }

    #[test]
    fn a_goal_that_is_left_again_and_again_is_not_reached_for_good() {
        let graph = graph(&[&[(1, Some(0))], &[(0, Some(0))]]);
        let round = stray(&graph, &[false, true], Coming::ForGood).unwrap();
        assert_eq!((round.entry, walk(&round)), (0, vec![1, 0]));
    }

    #[test]
    fn a_goal_that_is_to_be_reached_once_may_be_left_again() {
        let round = graph(&[&[(1, Some(0))], &[(0, Some(0))]]);
        assert_eq!(stray(&round, &[false, true], Coming::Once), None);
        // A run that never comes there strays, even where other runs come there.
        let aside = graph(&[&[(1, Some(0)), (2, Some(1))], &[(0, Some(0))], &[(2, Some(2))]]);
        let found = stray(&aside, &[false, true, false], Coming::Once).unwrap();
        assert_eq!((found.entry, walk(&found)), (2, vec![2]));
    }

    #[test]
    fn the_nearest_cycle_of_counted_edges() {
        let graph = graph(&[&[(0, Some(9)), (1, Some(1))], &[(2, Some(1))], &[(1, Some(1))]]);
        let round = any_cycle(&graph, |edge| edge.class == Some(1)).unwrap();
        assert_eq!((round.entry, walk(&round)), (1, vec![2, 1]));
        assert_eq!(any_cycle(&graph, |edge| edge.class == Some(2)), None);
    }
}
