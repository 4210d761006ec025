//! `rollout`: the groups that are nested into the pilot group one after the other, and what each waits for.

use std::ops::Range;

use serde_json::Value;

use super::GroupName;
use super::load::Loader;
use super::problem::Problem;
use super::yaml::{Key, Kind, Node};
use crate::text::visible;

/// The key.
pub const ROLLOUT: &str = "rollout";
const OPEN: &str = "rollout.open";
const RINGS: &str = "rollout.rings";
/// How many rings there can be: each is asked for and shown.
pub const MOST_RINGS: usize = 50;
/// The longest wait, in days: longer than the audit log keeps anything.
pub(super) const MOST_DAYS: u64 = 365;
/// The most resets.
pub(super) const MOST_RESETS: u64 = 1_000_000;

/// A roll-out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// How many of the rings are in the pilot group, from the first on.
    pub open: usize,
    /// The rings, in order.
    pub rings: Vec<RingSpec>,
    /// How many rings the file lists, those with mistakes too.
    pub(super) listed: usize,
    /// Where the number stands in the file: the one line to change.
    pub(super) place: Range<usize>,
}

impl Rollout {
    /// Returns what it says, wherever it stands.
    pub(super) fn without_places(&self) -> (usize, Vec<(&GroupName, RingGate)>) {
        (self.open, self.rings.iter().map(|ring| (&ring.group, ring.after)).collect())
    }
}

/// A ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingSpec {
    /// Its group.
    pub group: GroupName,
    /// What it waits for; nothing, where the file says nothing.
    pub after: RingGate,
    pub(super) place: Range<usize>,
}

/// What a ring waits for, of the people in the rings before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RingGate {
    /// The share of those who can be that is ready, in percent.
    pub ready: Option<u64>,
    /// Days since the ring before it was opened.
    pub days: Option<u64>,
    /// Resets that succeeded since then.
    pub resets: Option<u64>,
}

impl RingGate {
    /// Returns whether it waits for nothing.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// Keys of a map that were not asked for.
fn unknown(at: &str, key: &Key, known: &str) -> Problem {
    let dotted = format!("{at}.{}", key.name);
    Problem::at(key.span.clone(), format!("unknown key `{}`", visible(&dotted)))
        .key(&dotted)
        .help(format!("the keys here are {known}"))
}

impl Loader<'_> {
    /// Reads the section; every problem in it is noted.
    pub(super) fn rollout(&mut self, key: &Key, node: Node) {
        self.places.insert(ROLLOUT, node.span.clone());
        let Some(entries) = self.map(ROLLOUT, "put `open` and `rings` under it, or remove it", key, node)
        else {
            return;
        };
        let (mut open, mut rings) = (None, None);
        for (key, node) in entries {
            match key.name.as_str() {
                "open" => {
                    let number = self.number(&node, 0, MOST_RINGS as u64);
                    open = Some((self.noted(OPEN, number), node.span));
                }
                "rings" => rings = Some(self.rings(node)),
                _ => self.problems.push(unknown(ROLLOUT, &key, "`open` and `rings`")),
            }
        }
        let lacks = |name: &str, help: &str| {
            Problem::at(key.span.clone(), format!("`rollout` lacks `{name}`")).key(ROLLOUT).help(help)
        };
        if open.is_none() {
            self.problems.push(lacks("open", "write how many of the rings are open, such as `open: 1`"));
        }
        if rings.is_none() {
            self.problems.push(lacks("rings", "list at least one, such as `- group: SSPR-Ring-IT`"));
        }
        // Also where something in it is wrong: the rules between keys say what else is.
        if let (Some((open, place)), Some(Some((rings, listed)))) = (open, rings) {
            let open = open.as_ref().and_then(Value::as_u64).unwrap_or_default();
            let open = usize::try_from(open).unwrap_or_default();
            self.rollout = Some(Rollout { open, rings, listed, place });
        }
    }

    fn noted<T>(&mut self, key: &str, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.problems.push(problem.key(key))).ok()
    }

    /// Returns the entries of a map, each key once.
    fn map(&mut self, at: &str, help: &str, key: &Key, node: Node) -> Option<Vec<(Key, Node)>> {
        let Kind::Map(entries) = node.kind else {
            let message = format!("`{at}` holds keys, found {}", node.kind.name());
            self.problems.push(Problem::at(key.span.clone(), message).key(at).help(help));
            return None;
        };
        Some(self.once(&format!("{at}."), entries))
    }

    /// Returns the rings that have a group, and how many are listed.
    fn rings(&mut self, node: Node) -> Option<(Vec<RingSpec>, usize)> {
        let span = node.span.clone();
        let Kind::List(items) = node.kind else {
            let message = format!("expected a list of rings, found {}", node.kind.name());
            self.problems.push(
                Problem::at(span, message).key(RINGS).help("list groups, such as `- group: SSPR-Ring-IT`"),
            );
            return None;
        };
        if items.is_empty() || items.len() > MOST_RINGS {
            let message =
                format!("a roll-out has from 1 to {MOST_RINGS} rings, and this has {}", items.len());
            self.problems
                .push(Problem::at(span, message).key(RINGS).help("remove `rollout` to leave it unmanaged"));
            return None;
        }
        let listed = items.len();
        let rings = items.into_iter().enumerate().filter_map(|(at, item)| self.ring(at, item));
        Some((rings.collect(), listed))
    }

    fn ring(&mut self, at: usize, item: Node) -> Option<RingSpec> {
        let (span, dotted) = (item.span.clone(), format!("{RINGS}[{}]", at + 1));
        let Kind::Map(entries) = item.kind else {
            let message = format!("a ring holds `group` and may hold `after`, found {}", item.kind.name());
            self.problems.push(Problem::at(span, message).key(RINGS).help("write `- group: SSPR-Ring-IT`"));
            return None;
        };
        let (mut group, mut is_named, mut after) = (None, false, Some(RingGate::default()));
        for (key, node) in self.once(&format!("{dotted}."), entries) {
            match key.name.as_str() {
                "group" => {
                    is_named = true;
                    let read = self.group(&node);
                    let read = self.noted(&format!("{dotted}.group"), read);
                    let name = read.and_then(|name| name.as_str().map(GroupName::new));
                    group = name.map(|name| (name, node.span));
                }
                "after" if at == 0 => {
                    let message = "the first ring waits for nothing: there is no ring before it";
                    self.problems.push(
                        Problem::at(key.span, message).key(&format!("{dotted}.after")).help("remove `after`"),
                    );
                }
                "after" => after = self.gate(&format!("{dotted}.after"), &key, node),
                _ => self.problems.push(unknown(&dotted, &key, "`group` and `after`")),
            }
        }
        if !is_named {
            let problem = Problem::at(span, format!("ring {} has no group", at + 1)).key(&dotted);
            self.problems.push(problem.help("add `group:` with the group's display name or object id"));
        }
        let (group, place) = group?;
        Some(RingSpec { group, after: after.unwrap_or_default(), place })
    }

    fn gate(&mut self, at: &str, key: &Key, node: Node) -> Option<RingGate> {
        let help = "write what the ring waits for, such as `{ready: 80%, days: 7}`, or remove it";
        let entries = self.map(at, help, key, node)?;
        let mut gate = RingGate::default();
        let before = self.problems.len();
        for (key, node) in entries {
            let dotted = format!("{at}.{}", key.name);
            let most = match key.name.as_str() {
                "ready" => {
                    let share = percent(&node);
                    gate.ready = self.noted(&dotted, share);
                    continue;
                }
                "days" => MOST_DAYS,
                "resets" => MOST_RESETS,
                _ => {
                    self.problems.push(unknown(at, &key, "`ready`, `days` and `resets`"));
                    continue;
                }
            };
            let number = self.number(&node, 0, most);
            let number = self.noted(&dotted, number).and_then(|number| number.as_u64());
            if key.name == "days" { gate.days = number } else { gate.resets = number }
        }
        (self.problems.len() == before).then_some(gate)
    }
}

/// Reads a share with its sign: without it, `0.8` is four fifths to some.
fn percent(node: &Node) -> Result<u64, Problem> {
    let help = "write a whole number from 0% to 100%, with its sign, such as `80%`";
    let Kind::Text(text) = &node.kind else {
        return Err(node
            .problem(format!("expected a share such as 80%, found {}", node.kind.name()))
            .help(help));
    };
    let digits = text.strip_suffix('%').filter(|digits| {
        !digits.is_empty()
            && digits.len() <= 3
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits.len() == 1 || !digits.starts_with('0'))
    });
    let share = digits.and_then(|digits| digits.parse().ok()).filter(|share| *share <= 100);
    share.ok_or_else(|| node.problem(format!("`{}` is no share from 0% to 100%", visible(text))).help(help))
}
