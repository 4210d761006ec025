//! The YAML file a person writes and reviews: which settings it manages, and the values it wants.
//!
//! A key that is absent is unmanaged: never defaulted, never written. Every mistake in a file is
//! reported at once, with its place (design §1). Pure: the caller opens the file.

mod check;
mod forbidden;
mod excluded_key;
mod lines;
mod load;
mod problem;
mod rollout;
mod scalar;
mod schema;
mod write;
mod yaml;
pub mod fleet;

pub use excluded_key::{Key, UnknownKey, all_but, listed_keys};
pub use load::{load, load_except};
pub use problem::{ProblemV1, SpecError};
pub use rollout::{MOST_RINGS, ROLLOUT, RingGate, RingSpec, Rollout};
pub use schema::schema;
pub use write::{quoted, yaml_value};
pub use yaml::{MAX_BYTES, MAX_FLEET_BYTES};

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde_json::{Value, json};

use crate::ids::GroupId;
use crate::tenant::{Method, Scope};

/// The spec format this version reads.
pub const VERSION: u64 = 1;

/// What a spec file asks for. Only [`load()`], [`fleet::load`] and [`Spec::cleanup`] make one, so it is always valid.
#[derive(Clone, Debug)]
pub struct Spec {
    tenant: Option<String>,
    values: BTreeMap<&'static str, Value>,
    places: BTreeMap<&'static str, Range<usize>>,
    lines: BTreeMap<&'static str, Place>,
    comments: BTreeMap<&'static str, String>,
    rollout: Option<Rollout>,
    /// The codes of findings that the owner has read and accepts, sorted.
    accepted: Vec<&'static str>,
    /// What of the file is left out of this run, sorted.
    except: Vec<Key>,
    path: String,
    sha256: String,
}

/// Where something stands in a file, for people: 1-based, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// How a spec names its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupName {
    /// By object id.
    Id(GroupId),
    /// By display name, which need not be unique.
    DisplayName(String),
}

impl GroupName {
    fn new(name: &str) -> Self {
        match uuid::Uuid::try_parse(name) {
            Ok(id) => Self::Id(id.into()),
            Err(_) => Self::DisplayName(name.to_owned()),
        }
    }

    /// Returns whether both certainly name the same group: Graph compares names without regard to letter case.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::DisplayName(one), Self::DisplayName(other)) => one.to_lowercase() == other.to_lowercase(),
            _ => self == other,
        }
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::DisplayName(name) => f.write_str(name),
        }
    }
}

impl Spec {
    /// Returns the spec `cleanup` applies: scope None, and nothing else managed. A spec file beside
    /// it contributes its tenant guard alone.
    pub fn cleanup(guard: Option<&Self>) -> Self {
        Self {
            tenant: guard.and_then(|spec| spec.tenant.clone()),
            values: BTreeMap::from([("scope", json!(Scope::None.as_str()))]),
            places: BTreeMap::new(),
            lines: BTreeMap::new(),
            comments: BTreeMap::new(),
            rollout: None,
            accepted: Vec::new(),
            except: Vec::new(),
            path: "cleanup".to_owned(),
            sha256: crate::digest::sha256(b"scope: none"),
        }
    }

    /// Drops keys as if they were absent, and remembers those that were there. Who may reset goes with `scope`, also
    /// where a group alone says it.
    fn leave_out(&mut self, keys: &[Key]) {
        let is_there = |key: Key| {
            let is_scope_implied = key.as_str() == "scope" && self.places.contains_key("group");
            is_scope_implied || self.places.keys().any(|present| key.covers(present))
        };
        let is_above = |key: &Key| keys.iter().any(|other| other != key && other.covers(key.as_str()));
        self.except = keys.iter().copied().filter(|key| is_there(*key) && !is_above(key)).collect();
        self.except.sort_unstable();
        self.except.dedup();
        let stays = |key: &str| !keys.iter().any(|left_out| left_out.covers(key));
        self.values.retain(|key, _| stays(key));
        self.places.retain(|key, _| stays(key));
        self.lines.retain(|key, _| stays(key));
        self.comments.retain(|key, _| stays(key));
        self.rollout.take_if(|_| !stays(ROLLOUT));
    }

    /// Returns the keys of the file that are left out of this run.
    pub fn except(&self) -> &[Key] {
        &self.except
    }

    /// Returns whether a key that the file has is left out of this run.
    pub fn leaves_out(&self, key: &str) -> bool {
        self.except.iter().any(|left_out| left_out.covers(key))
    }

    /// Returns the codes of findings that the owner of the file has read and accepts, sorted.
    pub fn accepted(&self) -> &[&'static str] {
        &self.accepted
    }

    /// Returns the tenant (id or verified domain) outside which this spec must not be used.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Returns the path the spec was loaded from, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the digest of the file's bytes; of a tenant of a fleet, of [`Spec::to_yaml`].
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns the value asked for under a dotted key; `None` means unmanaged.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Returns the bytes of the file in which a key's value stands.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        self.places.get(key).cloned()
    }

    /// Returns the line and column at which each managed key's value stands.
    pub fn lines(&self) -> &BTreeMap<&'static str, Place> {
        &self.lines
    }

    /// Returns the comment that follows a key's free text without a space behind its `#`, as in `SG #1 Pilot`; it
    /// may have been meant as part of the value.
    pub fn glued_comment(&self, key: &str) -> Option<&str> {
        self.comments.get(key).map(String::as_str)
    }

    /// Returns the scope asked for. A group without a scope means Selected.
    pub fn scope(&self) -> Option<Scope> {
        match self.value("scope") {
            Some(word) => word.as_str().and_then(|word| word.parse().ok()),
            None if self.leaves_out("scope") => None,
            None => self.value("group").map(|_| Scope::Selected),
        }
    }

    /// Returns the group the spec names.
    pub fn group(&self) -> Option<GroupName> {
        self.value("group")?.as_str().map(GroupName::new)
    }

    /// Returns the roll-out, where managed.
    pub fn rollout(&self) -> Option<&Rollout> {
        self.rollout.as_ref()
    }

    /// Returns how many methods a reset takes, where managed.
    pub fn required(&self) -> Option<u64> {
        self.value("methods.required")?.as_u64()
    }

    /// Returns the methods allowed, in the portal's order, where managed.
    pub fn allowed(&self) -> Option<Vec<Method>> {
        let words = self.value("methods.allowed")?.as_array()?;
        Some(words.iter().filter_map(|word| word.as_str()?.parse().ok()).collect())
    }
}
