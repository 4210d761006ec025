//! Which tenants of a fleet a run is about: by name, by wave, and by shard where several machines share them.

use std::fmt;
use std::str::FromStr;

use ring::digest::{SHA256, digest};

use super::{Fleet, FleetTenant};
use crate::text::{nearest, visible};

/// How many parts a fleet is divided into at most.
pub const MOST_SHARDS: u32 = 10_000;

/// What a run was limited to; nothing means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These tenants, as the file names them, whatever their letter case.
    pub tenants: Vec<String>,
    /// The tenants of these waves.
    pub waves: Vec<String>,
    /// The tenants of this part.
    pub shard: Option<Shard>,
}

/// A name that the fleet file does not have. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path} has no {what} `{name}`{}", near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownName {
    path: String,
    what: &'static str,
    name: String,
    near: Option<String>,
}

impl Fleet {
    /// Returns the tenants that a run is about, in the order of the file: those that fit everything that is asked for.
    ///
    /// # Errors
    /// The file has no such tenant or wave.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&FleetTenant>, UnknownName> {
        let Selection { tenants, waves, shard } = selection;
        let wanted: Vec<String> = tenants.iter().map(|name| name.to_lowercase()).collect();
        let names = || self.tenants.iter().map(|tenant| tenant.tenant.as_str());
        for (typed, name) in tenants.iter().zip(&wanted) {
            if !names().any(|known| known.to_lowercase() == *name) {
                return Err(self.unknown("tenant", typed, nearest(typed, names())));
            }
        }
        let known = || self.waves.iter().map(String::as_str);
        if let Some(wave) = waves.iter().find(|wave| !self.waves.contains(wave)) {
            return Err(self.unknown("wave", wave, nearest(wave, known())));
        }
        let is_meant = |tenant: &&FleetTenant| {
            (wanted.is_empty() || wanted.contains(&tenant.tenant.to_lowercase()))
                && (waves.is_empty() || waves.contains(&tenant.wave))
                && shard.is_none_or(|shard| shard.has(&tenant.tenant))
        };
        Ok(self.tenants.iter().filter(is_meant).collect())
    }

    /// Returns how many tenants each of so many parts has; at most [`MOST_SHARDS`].
    pub fn shares(&self, of: u32) -> Vec<Share> {
        let mut shares: Vec<Share> = Shard::all(of).map(|shard| Share { shard, tenants: 0 }).collect();
        for tenant in &self.tenants {
            let shard = Shard::of_tenant(&tenant.tenant, shares.len() as u32);
            shares[shard.number as usize - 1].tenants += 1;
        }
        shares
    }

    fn unknown(&self, what: &'static str, name: &str, near: Option<&str>) -> UnknownName {
        let (path, name) = (visible(&self.path), visible(name));
        UnknownName { path, what, name, near: near.map(str::to_owned) }
    }
}

/// One of several parts of a fleet. Which tenants are in it depends on their names alone (rendezvous hashing): a tenant that
/// is added moves no other, and one part more takes its share evenly from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    number: u32,
    of: u32,
}

/// A part of a fleet and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub shard: Shard,
    /// How many tenants it has.
    pub tenants: usize,
}

/// A word that names no part of a fleet. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no part: write 1/4 for the first of four, or index:0/4 where parts are counted from 0; there are at most {MOST_SHARDS}"
)]
pub struct NotAShard(String);

impl Shard {
    /// Returns all parts of so many; at most [`MOST_SHARDS`].
    pub fn all(of: u32) -> impl Iterator<Item = Self> {
        let of = of.min(MOST_SHARDS);
        (1..=of).map(move |number| Self { number, of })
    }

    /// Returns which part it is, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// Returns how many parts there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Returns the part of so many that a tenant is in.
    pub fn of_tenant(tenant: &str, of: u32) -> Self {
        let name = digest(&SHA256, tenant.to_lowercase().as_bytes());
        let name = name.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let weight = |number: &u32| mixed(name ^ mixed(u64::from(*number)));
        Self { number: (1..=of).max_by_key(weight).unwrap_or(1), of }
    }

    /// Returns whether a tenant is in this part.
    pub fn has(self, tenant: &str) -> bool {
        Self::of_tenant(tenant, self.of) == self
    }
}

/// Returns a number whose every bit depends on every bit of another (the finalizer of splitmix64, Steele et al. 2014).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(word: &str) -> Result<Self, NotAShard> {
        let (parts, first) = word.strip_prefix("index:").map_or((word, 1), |parts| (parts, 0));
        let read = parts.split_once('/').and_then(|(number, of)| {
            let (number, of): (u32, u32) = (number.parse().ok()?, of.parse().ok()?);
            let number = number.checked_add(1 - first)?;
            (1..=of).contains(&number).then_some(Self { number, of })
        });
        read.filter(|shard| shard.of <= MOST_SHARDS).ok_or_else(|| NotAShard(visible(word)))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}
