//! Tenants by name: each has a domain and ids of its own, so that what is another tenant's stands out.

use uuid::Uuid;

use super::seed::{Seed, id};
use super::tenant_state::TenantState;

impl TenantState {
    /// Returns the names of so many tenants: `tenant-0001.example` and on.
    pub fn numbered(many: usize) -> Vec<String> {
        (1..=many).map(|number| format!("tenant-{number:04}.example")).collect()
    }

    /// Returns the id of the tenant that goes by a name, which is a domain or the id itself.
    pub fn id_of(name: &str) -> Uuid {
        match Uuid::try_parse(name) {
            Ok(given) => given,
            Err(_) if name.eq_ignore_ascii_case(Seed::DOMAIN) => id("tenant"),
            Err(_) => id(&format!("tenant/{}", name.to_ascii_lowercase())),
        }
    }

    /// Makes the tenant that goes by a name from a seed: its people and groups are the seed's, and have other ids than any
    /// other tenant's. The seeds' own domain is the seed itself.
    pub fn named(name: &str, seed: Seed) -> Self {
        let (plain, own) = (Self::seeded(seed), Self::id_of(name));
        if own == plain.tenant_id {
            return plain;
        }
        let ids = plain.groups.iter().map(|group| group.id).chain(plain.users.iter().map(|user| user.id));
        // Ids are also in policies, which are raw.
        let text = ids.fold(serde_json::to_string(&plain).unwrap_or_default(), |text, id| {
            text.replace(&id.to_string(), &Uuid::new_v5(&own, id.as_bytes()).to_string())
        });
        let domain = match Uuid::try_parse(name) {
            Ok(given) => format!("tenant-{}.example", &given.simple().to_string()[..8]),
            Err(_) => name.to_ascii_lowercase(),
        };
        Self {
            tenant_id: own,
            tenant_name: domain.split('.').next().unwrap_or_default().to_owned(),
            domains: vec![domain],
            // What was written can be read.
            ..serde_json::from_str(&text).unwrap_or(plain)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_a_tenant_of_its_own_and_always_the_same() {
        let names = TenantState::numbered(2);
        assert_eq!(names, ["tenant-0001.example", "tenant-0002.example"]);
        let [one, other] = [0, 1].map(|at| TenantState::named(&names[at], Seed::Configured));
        assert_eq!(one, TenantState::named("TENANT-0001.EXAMPLE", Seed::Configured));
        assert_eq!(one.domains, [names[0].clone()]);
        let ids = |tenant: &TenantState| {
            let mut ids: Vec<Uuid> = tenant.groups.iter().map(|group| group.id).collect();
            ids.extend(tenant.users.iter().map(|user| user.id));
            ids.push(tenant.tenant_id);
            ids
        };
        assert!(ids(&one).iter().all(|id| !ids(&other).contains(id)));
        // What refers to them does so still.
        let pilot = &one.policy["passwordResetEnabledGroupIds"][0];
        let branch = one.groups.iter().find(|group| group.name == "SSPR-Pilot-Branch").map(|group| group.id);
        assert_eq!(pilot.as_str(), branch.map(|id| id.to_string()).as_deref());
        let members = one.groups.iter().flat_map(|group| &group.members);
        assert!(members.into_iter().all(|id| ids(&one).contains(id)));
    }

    #[test]
    fn an_id_and_the_seeds_own_domain_are_names_too() {
        let given = "11111111-1111-5111-8111-111111111111";
        let tenant = TenantState::named(given, Seed::Fresh);
        assert_eq!((tenant.tenant_id.to_string().as_str(), tenant.domains.len()), (given, 1));
        assert_eq!(TenantState::named(Seed::DOMAIN, Seed::Fresh), TenantState::seeded(Seed::Fresh));
    }
}
