//! The fleet file: one spec for many tenants, what is different in some of them, and the order in which they take it.
//!
//! It names no file and no host, so that whoever may edit it cannot send what it asks for elsewhere (design §10).

mod load;
mod overlay;
mod schema;
mod selection;

pub use load::load;
pub use schema::schema;
pub use selection::{MOST_SHARDS, NotAShard, Selection, Shard, Share, UnknownName};

use super::{Place, ROLLOUT, Rollout, Spec};
use crate::tenant::SETTINGS;

/// The one wave of a file that lists none.
pub const ONLY_WAVE: &str = "all";

/// Many tenants that get one pilot. Only [`load()`] makes one, so every tenant's spec is valid.
#[derive(Clone, Debug)]
pub struct Fleet {
    path: String,
    sha256: String,
    /// What every tenant gets, before its own is laid over.
    spec: Spec,
    tenants: Vec<FleetTenant>,
    waves: Vec<String>,
}

/// A tenant of a fleet.
#[derive(Clone, Debug)]
pub struct FleetTenant {
    /// The tenant's id or domain, as the file has it.
    pub tenant: String,
    /// The wave in which it is written.
    pub wave: String,
    /// What it gets: the fleet's spec with this tenant's own laid over, and the tenant as its guard. Its path is the fleet
    /// file's; its digest is that of [`Spec::to_yaml`], and so the same for as long as nothing is different for this tenant.
    pub spec: Spec,
    /// Where the file names it.
    pub place: Place,
}

/// A key in which a tenant gets something else than all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// The dotted key.
    pub key: &'static str,
    /// Whether it is there; `false` where the tenant's own part leaves it unmanaged.
    pub is_managed: bool,
}

impl Fleet {
    /// Returns the path the file was loaded from, as it was given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the SHA-256 of the file's bytes, in hexadecimal digits alone.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns what every tenant gets, before its own is laid over.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Returns the tenants, in the order of the file; at least one.
    pub fn tenants(&self) -> &[FleetTenant] {
        &self.tenants
    }

    /// Returns the waves in the order in which they are begun; at least one.
    pub fn waves(&self) -> &[String] {
        &self.waves
    }

    /// Returns the keys in which a tenant gets something else than all, in the portal's order; a roll-out and what is
    /// accepted are a key each. Empty where it gets the same.
    pub fn own_keys(&self, tenant: &FleetTenant) -> Vec<OwnKey> {
        let (all, own) = (&self.spec, &tenant.spec);
        let values =
            SETTINGS.iter().map(|setting| setting.key).filter(|key| all.value(key) != own.value(key));
        let values = values.map(|key| OwnKey { key, is_managed: own.value(key).is_some() });
        let rollout =
            all.rollout().map(Rollout::without_places) != own.rollout().map(Rollout::without_places);
        let rollout = rollout.then(|| OwnKey { key: ROLLOUT, is_managed: own.rollout().is_some() });
        let accepted = (all.accepted() != own.accepted())
            .then(|| OwnKey { key: "accept", is_managed: !own.accepted().is_empty() });
        values.chain(rollout).chain(accepted).collect()
    }
}
