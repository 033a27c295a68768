//! A graph of worlds by number, and what can be asked of any graph: components, ways forward and backward.

use std::collections::VecDeque;

/// A node's number.
pub(super) type Node = u32;

/// Something that can happen, and where it leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge<A> {
    pub(super) to: Node,
    pub(super) action: A,
    /// In which fairness class it is, if it still happens once the network has healed.
    pub(super) class: Option<u16>,
}

/// Edges in order of the nodes that they leave; node 0 is the beginning.
#[derive(Clone, Debug)]
pub(super) struct Graph<A> {
    /// Where each node's edges begin in `edges`; one more for the end.
    begins: Vec<u32>,
    edges: Vec<Edge<A>>,
    /// The classes that only wait for room in the network, with their nodes, in the nodes' order.
    waiting: Vec<(Node, u16)>,
}

impl<A> Default for Graph<A> {
    fn default() -> Self {
        Self { begins: vec![0], edges: Vec::new(), waiting: Vec::new() }
    }
}

impl<A: Copy> Graph<A> {
    /// Adds the edges of the next node.
    pub(super) fn push(&mut self, edges: impl IntoIterator<Item = Edge<A>>) {
        self.edges.extend(edges);
        self.begins.push(self.edges.len() as u32);
    }

    /// In the node that comes next a class waits for room.
    pub(super) fn push_waiting(&mut self, class: u16) {
        self.waiting.push((self.len() as Node, class));
    }

    /// The classes that wait for room in a node.
    pub(super) fn waiting(&self, node: Node) -> impl Iterator<Item = u16> + '_ {
        let from = self.waiting.partition_point(|(other, _)| *other < node);
        self.waiting[from..].iter().take_while(move |(other, _)| *other == node).map(|(_, class)| *class)
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// How many edges there are.
    pub(super) fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// All nodes.
    pub(super) fn nodes(&self) -> std::ops::Range<Node> {
        0..self.len() as Node
    }

    /// What leaves a node.
    pub(super) fn edges(&self, node: Node) -> &[Edge<A>] {
        let node = node as usize;
        &self.edges[self.begins[node] as usize..self.begins[node + 1] as usize]
    }

    /// The strongly connected component of each node, along the edges, with the nodes that they leave, that `counts` lets through (Tarjan's algorithm, without recursion).
    pub(super) fn components(&self, counts: impl Fn(Node, &Edge<A>) -> bool) -> Components {
        const NEW: u32 = u32::MAX;
        let n = self.len();
        let mut order = vec![NEW; n];
        let mut low = vec![0; n];
        let mut component = vec![NEW; n];
        let mut next = 0;
        let mut found = 0;
        let mut waiting: Vec<Node> = Vec::new();
        // A node, and how many of its edges have been followed.
        let mut path: Vec<(Node, usize)> = Vec::new();
        for root in self.nodes() {
            if order[root as usize] != NEW {
                continue;
            }
            path.push((root, 0));
            while let Some((node, followed)) = path.last_mut() {
                let (v, first) = (*node as usize, *followed == 0);
                if first && order[v] == NEW {
                    order[v] = next;
                    low[v] = next;
                    next += 1;
                    waiting.push(*node);
                }
                let from = *node;
                if let Some(edge) = self.edges(from).get(*followed) {
                    *followed += 1;
                    let to = edge.to as usize;
                    if !counts(from, edge) {
                    } else if order[to] == NEW {
                        path.push((edge.to, 0));
                    } else if component[to] == NEW {
                        low[v] = low[v].min(order[to]);
                    }
                    continue;
                }
                path.pop();
                if let Some((parent, _)) = path.last() {
                    let parent = *parent as usize;
                    low[parent] = low[parent].min(low[v]);
                }
                if low[v] == order[v] {
                    while let Some(member) = waiting.pop() {
                        component[member as usize] = found;
                        if member == from {
                            break;
                        }
                    }
                    found += 1;
                }
            }
        }
        Components::new(component, found as usize)
    }

    /// The nodes from which some way leads to one of `goals`.
    pub(super) fn can_reach(&self, goals: &[bool]) -> Vec<bool> {
        // Edges backward, by the node that they lead to.
        let mut begins = vec![0_u32; self.len() + 1];
        for edge in &self.edges {
            begins[edge.to as usize + 1] += 1;
        }
        for i in 1..begins.len() {
            begins[i] += begins[i - 1];
        }
        let mut free = begins.clone();
        let mut sources = vec![0; self.edges.len()];
        for node in self.nodes() {
            for edge in self.edges(node) {
                let place = &mut free[edge.to as usize];
                sources[*place as usize] = node;
                *place += 1;
            }
        }
        let mut reaches = goals.to_vec();
        let mut queue: Vec<Node> = self.nodes().filter(|node| goals[*node as usize]).collect();
        while let Some(node) = queue.pop() {
            let node = node as usize;
            for source in &sources[begins[node] as usize..begins[node + 1] as usize] {
                if !std::mem::replace(&mut reaches[*source as usize], true) {
                    queue.push(*source);
                }
            }
        }
        reaches
    }

    /// The shortest way (at least one edge) along edges that count, from a node to an edge that is wanted. Answers with the nodes and edges.
    pub(super) fn way(
        &self,
        from: Node,
        counts: impl Fn(&Edge<A>) -> bool,
        wanted: impl Fn(Node, &Edge<A>) -> bool,
    ) -> Option<Vec<(Node, Edge<A>)>> {
        let mut came: std::collections::HashMap<Node, (Node, Edge<A>)> = std::collections::HashMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for edge in self.edges(node).iter().filter(|edge| counts(edge)) {
                if wanted(node, edge) {
                    let mut way = vec![(node, *edge)];
                    let mut at = node;
                    while at != from {
                        let step = came[&at];
                        way.push(step);
                        at = step.0;
                    }
                    way.reverse();
                    return Some(way);
                }
                if edge.to != from && !came.contains_key(&edge.to) {
                    came.insert(edge.to, (node, *edge));
                    queue.push_back(edge.to);
                }
            }
        }
        None
    }
}

/// The nodes by strongly connected component.
#[derive(Clone, Debug)]
pub(super) struct Components {
    of: Vec<u32>,
    begins: Vec<u32>,
    nodes: Vec<Node>,
}

impl Components {
    fn new(of: Vec<u32>, found: usize) -> Self {
        let mut begins = vec![0; found + 1];
        for c in &of {
            begins[*c as usize + 1] += 1;
        }
        for i in 1..begins.len() {
            begins[i] += begins[i - 1];
        }
        let mut free = begins.clone();
        let mut nodes = vec![0; of.len()];
        for (node, c) in of.iter().enumerate() {
            let place = &mut free[*c as usize];
            nodes[*place as usize] = node as Node;
            *place += 1;
        }
        Self { of, begins, nodes }
    }

    /// Whether two nodes are in the same component.
    pub(super) fn together(&self, a: Node, b: Node) -> bool {
        self.of[a as usize] == self.of[b as usize]
    }

    /// The nodes of each component.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Node]> {
        self.begins.windows(2).map(|ends| &self.nodes[ends[0] as usize..ends[1] as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[&[Node]]) -> Graph<()> {
        let mut graph = Graph::default();
        for to in edges {
            graph.push(to.iter().map(|to| Edge { to: *to, action: (), class: None }));
        }
        graph
    }

    fn sorted(components: &Components) -> Vec<Vec<Node>> {
        let mut all: Vec<Vec<Node>> = components.iter().map(<[Node]>::to_vec).collect();
        all.sort();
        all
    }

    #[test]
    fn components_are_found() {
        // Two cycles joined by one edge, a node that leads into both, and one by itself.
        let graph = graph(&[&[1, 3], &[2], &[1, 3], &[4], &[5], &[3], &[6]]);
        let components = graph.components(|_, _| true);
        assert_eq!(sorted(&components), [vec![0], vec![1, 2], vec![3, 4, 5], vec![6]]);
        assert!(components.together(3, 5) && !components.together(2, 3));
        let without = graph.components(|_, edge| edge.to != 1);
        assert_eq!(sorted(&without), [vec![0], vec![1], vec![2], vec![3, 4, 5], vec![6]]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let n = 300_000;
        let mut graph = Graph::default();
        for node in 0..n {
            graph.push([Edge { to: (node + 1) % n, action: (), class: None }]);
        }
        assert_eq!(graph.components(|_, _| true).iter().count(), 1);
    }

    #[test]
    fn backward_and_forward() {
        let graph = graph(&[&[1, 2], &[3], &[2], &[0]]);
        assert_eq!(graph.can_reach(&[false, false, false, true]), [true, true, false, true]);
        let way = graph.way(0, |_| true, |_, edge| edge.to == 0).unwrap();
        assert_eq!(way.iter().map(|(node, _)| *node).collect::<Vec<_>>(), [0, 1, 3]);
        assert!(graph.way(2, |_| true, |_, edge| edge.to == 0).is_none());
    }
}
