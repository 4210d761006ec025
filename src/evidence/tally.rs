//! What was seen of each belief, and what that comes to.

use std::collections::BTreeMap;

use super::{Belief, beliefs};

/// How many different things are kept that were seen in the place of one.
const MOST: usize = 5;

/// What a belief came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Seen as expected, and never otherwise.
    Expected,
    /// Seen otherwise.
    Otherwise,
    /// Not seen.
    NotSeen,
}

/// A belief, and what was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The belief.
    pub belief: Belief,
    /// How often it was seen as expected.
    pub expected: usize,
    /// How often it was seen otherwise.
    pub otherwise: usize,
    /// What was seen then, each once, in order.
    pub seen: Vec<String>,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    seen: BTreeMap<String, (usize, usize, Vec<String>)>,
}

impl Verdict {
    /// Returns its words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "as expected",
            Self::Otherwise => "otherwise",
            Self::NotSeen => "not seen",
        }
    }
}

impl Judged {
    /// Returns what it came to.
    pub fn verdict(&self) -> Verdict {
        match (self.expected, self.otherwise) {
            (_, 1..) => Verdict::Otherwise,
            (1.., 0) => Verdict::Expected,
            (0, 0) => Verdict::NotSeen,
        }
    }
}

impl Tally {
    pub(super) fn expected(&mut self, code: &str) {
        self.entry(code).0 += 1;
    }

    pub(super) fn otherwise(&mut self, code: &str, seen: impl Into<String>) {
        let (_, otherwise, kept) = self.entry(code);
        *otherwise += 1;
        let seen = seen.into();
        if kept.len() < MOST && !kept.contains(&seen) {
            kept.push(seen);
        }
    }

    /// Notes a belief as expected, or otherwise and what was seen.
    pub(super) fn note(&mut self, code: &str, misfit: Option<String>) {
        match misfit {
            None => self.expected(code),
            Some(seen) => self.otherwise(code, seen),
        }
    }

    fn entry(&mut self, code: &str) -> &mut (usize, usize, Vec<String>) {
        self.seen.entry(code.to_owned()).or_default()
    }

    /// Returns every belief of the list with what was seen of it.
    pub(super) fn judged(mut self) -> Vec<Judged> {
        let judged = beliefs().into_iter().map(|belief| {
            let (expected, otherwise, seen) = self.seen.remove(belief.code.as_ref()).unwrap_or_default();
            Judged { belief, expected, otherwise, seen }
        });
        let judged = judged.collect();
        debug_assert!(self.seen.is_empty(), "codes that no belief has: {:?}", self.seen.keys());
        judged
    }
}
