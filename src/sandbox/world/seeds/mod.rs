//! The tenants a sandbox can start with. The same seed makes the same tenant.

mod methods;
mod people;
mod settings;

use super::crowd::{Crowd, CrowdRange};
use super::group::Group;
use super::seed::{Seed, id};
use super::tenant::World;

pub(crate) use settings::fresh_policy;

impl World {
    /// Makes a tenant from a seed. The same seed makes the same tenant.
    pub fn seeded(seed: Seed) -> Self {
        Self {
            tenant_id: id("tenant"),
            tenant_name: "Contoso".to_owned(),
            domains: vec!["contoso.onmicrosoft.com".to_owned(), "contoso.com".to_owned()],
            policy: if seed == Seed::Configured { settings::configured_policy() } else { fresh_policy() },
            writeback: settings::fresh_writeback(),
            authorization: settings::fresh_authorization(),
            methods: methods::policy(seed),
            groups: people::groups(),
            users: people::users(),
            crowd: Crowd::default(),
            audits: Vec::new(),
            is_hybrid: false,
        }
    }

    /// Adds a generated crowd to SSPR-Pilot: three levels of nesting that overlap and run in a circle.
    #[must_use]
    pub fn with_crowd(mut self, size: u64) -> Self {
        self.crowd = Crowd { size };
        let part = |name: &str, start: u64, end: u64, nested: &str| Group {
            crowd: vec![CrowdRange { start, end }],
            ..Group::security(name, vec![id(nested)])
        };
        self.groups.push(part("SSPR-Crowd", 0, size / 2, "SSPR-Crowd-East"));
        self.groups.push(part("SSPR-Crowd-East", size / 4, size / 4 * 3, "SSPR-Crowd-Far"));
        self.groups.push(part("SSPR-Crowd-Far", size / 3 * 2, size, "SSPR-Crowd"));
        if let Some(pilot) = self.groups.iter_mut().find(|group| group.name == "SSPR-Pilot") {
            pilot.members.push(id("SSPR-Crowd"));
        }
        self
    }
}
