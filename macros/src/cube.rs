//! Sets of assignments: which combinations of guards, options and answers are left for the rows that follow.
//!
//! A cube allows some values of some atoms, independently of each other. All combinations of a step are one cube. When a row's
//! condition is taken away, a list of disjoint cubes is left. So every combination is accounted for, and none is listed by itself.

use crate::ir::{Atom, Condition};
use std::collections::BTreeMap;

/// The values allowed for each atom that matters. Other atoms may have any value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cube(pub(crate) BTreeMap<Atom, u64>);

/// Disjoint cubes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Rest(pub(crate) Vec<Cube>);

impl Cube {
    /// What these conditions allow together; `None` if they contradict each other.
    pub(crate) fn of(conditions: &[Condition]) -> Option<Self> {
        let mut cube = Self::default();
        for condition in conditions {
            let values = cube.0.entry(condition.atom).or_insert(condition.domain);
            *values &= condition.values;
        }
        cube.0.values().all(|values| *values != 0).then_some(cube)
    }

    /// What both allow, if anything.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let mut cube = self.clone();
        for (atom, values) in &other.0 {
            *cube.0.entry(*atom).or_insert(u64::MAX) &= values;
        }
        cube.0.values().all(|values| *values != 0).then_some(cube)
    }
}

impl Rest {
    /// Everything in a cube.
    pub(crate) fn all(cube: Option<Cube>) -> Self {
        Self(cube.into_iter().collect())
    }

    /// Whether some of what is left is in the cube.
    pub(crate) fn meets(&self, cube: &Cube) -> bool {
        self.0.iter().any(|left| left.and(cube).is_some())
    }

    /// Whether all that is left satisfies the condition.
    pub(crate) fn implies(&self, condition: &Condition) -> bool {
        self.0.iter().all(|left| {
            let values = left.0.get(&condition.atom).copied().unwrap_or(condition.domain);
            values & !condition.values == 0
        })
    }

    /// Takes away what satisfies all the conditions.
    pub(crate) fn remove(&mut self, conditions: &[Condition]) {
        let Some(cube) = Cube::of(conditions) else { return };
        let domains: BTreeMap<Atom, u64> = conditions.iter().map(|c| (c.atom, c.domain)).collect();
        let mut rest = Vec::new();
        for mut left in std::mem::take(&mut self.0) {
            if left.and(&cube).is_none() {
                rest.push(left);
                continue;
            }
            // Atom by atom: what differs in this atom is left over, and the rest goes on to the next atom.
            for (atom, values) in &cube.0 {
                let allowed = left.0.get(atom).copied().unwrap_or(domains[atom]);
                if allowed & !values != 0 {
                    let mut over = left.clone();
                    over.0.insert(*atom, allowed & !values);
                    rest.push(over);
                }
                left.0.insert(*atom, allowed & values);
            }
        }
        self.0 = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::{Atom, Condition, Cube, Rest};
    use proc_macro2::Span;
    use syn::Ident;

    /// The domains of the atoms: guards, an option, questions of three and four answers.
    const DOMAINS: [(Atom, u64); 6] = [
        (Atom::Guard(0), 0b11),
        (Atom::Guard(1), 0b11),
        (Atom::Guard(2), 0b11),
        (Atom::Choice(0), 0b11),
        (Atom::Question(0), 0b111),
        (Atom::Question(1), 0b1111),
    ];

    /// Numbers that look random and are the same in every run.
    struct Lcg(u64);

    impl Lcg {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }

        /// Some conditions; an atom may come twice, and they may contradict each other.
        fn conditions(&mut self, most: u64) -> Vec<Condition> {
            (0..self.below(most + 1)).map(|_| self.condition()).collect()
        }

        fn condition(&mut self) -> Condition {
            let (atom, domain) = DOMAINS[self.below(DOMAINS.len() as u64) as usize];
            // Not nothing, not all: a condition says something.
            let values = 1 + self.below(domain - 1);
            Condition {
                ident: Ident::new("atom", Span::call_site()),
                atom,
                values,
                domain,
                text: String::new(),
            }
        }
    }

    /// A value, as a bit, for each atom.
    type Assignment = [u64; DOMAINS.len()];

    fn assignments() -> Vec<Assignment> {
        let mut all = vec![[0; DOMAINS.len()]];
        for (i, (_, domain)) in DOMAINS.iter().enumerate() {
            let bits: Vec<u64> = (0..64).map(|i| 1 << i).filter(|bit| domain & bit != 0).collect();
            all = all
                .into_iter()
                .flat_map(|assignment| {
                    bits.iter().map(move |bit| {
                        let mut assignment = assignment;
                        assignment[i] = *bit;
                        assignment
                    })
                })
                .collect();
        }
        all
    }

    fn value(assignment: &Assignment, atom: Atom) -> u64 {
        DOMAINS.iter().zip(assignment).find(|((known, _), _)| *known == atom).map_or(0, |(_, value)| *value)
    }

    fn holds(conditions: &[Condition], assignment: &Assignment) -> bool {
        conditions.iter().all(|condition| condition.values & value(assignment, condition.atom) != 0)
    }

    fn contains(cube: &Cube, assignment: &Assignment) -> bool {
        cube.0.iter().all(|(atom, values)| values & value(assignment, *atom) != 0)
    }

    #[test]
    fn a_cube_is_its_conditions() {
        let (mut random, all) = (Lcg(1), assignments());
        assert_eq!(all.len(), 16 * 12);
        let mut contradictions = 0;
        for _ in 0..300 {
            let (one, other) = (random.conditions(4), random.conditions(4));
            let expected: Vec<_> = all.iter().filter(|a| holds(&one, a)).collect();
            let Some(cube) = Cube::of(&one) else {
                assert_eq!(expected, [&[0; DOMAINS.len()]; 0]);
                contradictions += 1;
                continue;
            };
            assert_eq!(all.iter().filter(|a| contains(&cube, a)).collect::<Vec<_>>(), expected);
            assert!(!expected.is_empty());

            let Some(other_cube) = Cube::of(&other) else { continue };
            let both: Vec<_> = expected.into_iter().filter(|a| holds(&other, a)).collect();
            match cube.and(&other_cube) {
                Some(cube) => assert_eq!(all.iter().filter(|a| contains(&cube, a)).collect::<Vec<_>>(), both),
                None => assert!(both.is_empty()),
            }
        }
        assert!(contradictions > 0);
    }

    #[test]
    fn removal_leaves_the_rest() {
        let (mut random, all) = (Lcg(2), assignments());
        let (mut emptied, mut implied) = (0, 0);
        for _ in 0..300 {
            let when = random.conditions(2);
            let mut rest = Rest::all(Cube::of(&when));
            let mut left: Vec<_> = all.iter().filter(|a| holds(&when, a)).collect();
            for _ in 0..8 {
                let row = random.conditions(3);
                if let Some(cube) = Cube::of(&row) {
                    assert_eq!(rest.meets(&cube), left.iter().any(|a| holds(&row, a)));
                }
                let asked = random.condition();
                let implies = left.iter().all(|a| holds(std::slice::from_ref(&asked), a));
                assert_eq!(rest.implies(&asked), implies);
                implied += usize::from(implies && !left.is_empty());

                rest.remove(&row);
                left.retain(|a| !holds(&row, a));
                for assignment in &all {
                    // In one cube, for they are disjoint, or in none.
                    let pieces = rest.0.iter().filter(|cube| contains(cube, assignment)).count();
                    assert_eq!(pieces, usize::from(left.contains(&assignment)));
                }
                assert_eq!(rest.0.is_empty(), left.is_empty());
            }
            emptied += usize::from(left.is_empty());
        }
        assert!(emptied > 0 && emptied < 300 && implied > 0);
    }

    #[test]
    fn a_contradiction_removes_nothing() {
        let yes = Condition {
            ident: Ident::new("atom", Span::call_site()),
            atom: Atom::Guard(0),
            values: 0b10,
            domain: 0b11,
            text: String::new(),
        };
        let no = Condition { values: 0b01, ..yes.clone() };
        let mut rest = Rest::all(Some(Cube::default()));
        rest.remove(&[yes.clone(), no.clone()]);
        assert_eq!(rest, Rest::all(Some(Cube::default())));
        rest.remove(&[]);
        assert_eq!(rest, Rest(Vec::new()));
        assert!(rest.implies(&yes) && rest.implies(&no) && !rest.meets(&Cube::default()));
    }
}
