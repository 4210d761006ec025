//! The tenants a sandbox can start with. The same seed makes the same tenant.

mod methods;
mod people;
mod rings;
mod settings;

use super::generated_users::{GeneratedRange, GeneratedUsers};
use super::group::Group;
use super::seed::{Seed, id};
use super::tenant_state::TenantState;

pub(crate) use settings::fresh_policy;

impl TenantState {
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
            groups: if seed == Seed::Rings { rings::groups() } else { people::groups() },
            users: if seed == Seed::Rings { rings::users() } else { people::users() },
            generated: GeneratedUsers::default(),
            audits: Vec::new(),
            is_hybrid: false,
            applications: Vec::new(),
            service_principals: Vec::new(),
            app_assignments: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// Adds generated people to SSPR-Pilot: three levels of nesting that overlap and run in a circle. In a tenant with a
    /// roll-out each of its four rings gets a quarter of them instead, and none holds another one.
    #[must_use]
    pub fn with_generated_users(mut self, size: u64) -> Self {
        self.generated = GeneratedUsers { size };
        let is_rolled_out = self.groups.iter().any(|group| group.name == rings::LAST);
        let rings = self.groups.iter_mut().filter(|group| group.name.starts_with(rings::BEGIN));
        if is_rolled_out {
            for (at, ring) in (0..).zip(rings) {
                ring.generated = vec![GeneratedRange { start: size / 4 * at, end: size / 4 * (at + 1) }];
                ring.members.retain(|member| self.users.iter().any(|user| user.id == *member));
            }
            return self;
        }
        let part = |name: &str, start: u64, end: u64, nested: &str| Group {
            generated: vec![GeneratedRange { start, end }],
            ..Group::security(name, vec![id(nested)])
        };
        self.groups.push(part("SSPR-GeneratedUsers", 0, size / 2, "SSPR-GeneratedUsers-East"));
        self.groups.push(part("SSPR-GeneratedUsers-East", size / 4, size / 4 * 3, "SSPR-GeneratedUsers-Far"));
        self.groups.push(part("SSPR-GeneratedUsers-Far", size / 3 * 2, size, "SSPR-GeneratedUsers"));
        if let Some(pilot) = self.groups.iter_mut().find(|group| group.name == "SSPR-Pilot") {
            pilot.members.push(id("SSPR-GeneratedUsers"));
        }
        self
    }
}
