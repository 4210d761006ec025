//! The permissions that commands need of the app registration.

use crate::tenant::graph_permissions::{
    AUDIT_LOG, AUTHORIZATION_POLICY_WRITE, Access, GROUP_MEMBERS_WRITE, GROUPS, METHODS_POLICY,
    METHODS_POLICY_WRITE, ORGANIZATION, Permission, ROLES, USERS, permission,
};

const EMAILS: Permission =
    permission("UserAuthMethod-Email.ReadWrite.All", 0x074f680f_c89e_45be_880e_5d0642860a1c);
const PHONES: Permission =
    permission("UserAuthMethod-Phone.ReadWrite.All", 0x48c99302_9a24_4f27_a8a7_acef4debba14);

/// What the registration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `plan` and the other commands that read settings.
    Plan,
    /// `apply`, `rollback`, `cleanup`.
    Apply,
    /// `people`, `report`.
    People,
    /// The same with `administrators.allow_sspr` in the spec.
    Administrators,
    /// Adding the groups of a roll-out to the pilot's.
    Rings,
    /// Registering contact methods for people.
    Preregister,
}

impl Use {
    /// What it is for unless something else is said.
    pub const DEFAULT: [Self; 3] = [Self::Plan, Self::Apply, Self::People];

    /// Everything that it can be for.
    pub const ALL: [Self; 6] =
        [Self::Plan, Self::Apply, Self::People, Self::Administrators, Self::Rings, Self::Preregister];

    /// Returns what it takes beside that which every command reads.
    fn more(self) -> Vec<Permission> {
        match self {
            Self::Plan => vec![METHODS_POLICY.permission],
            Self::Apply => vec![METHODS_POLICY_WRITE.permission],
            Self::People => Vec::new(),
            Self::Administrators => vec![AUTHORIZATION_POLICY_WRITE.permission],
            Self::Rings => vec![GROUP_MEMBERS_WRITE.permission],
            Self::Preregister => vec![EMAILS, PHONES],
        }
    }
}

/// Returns the permissions for some uses, each once, and none that another one includes.
pub fn permissions(uses: &[Use]) -> Vec<Permission> {
    // What every command reads: the tenant, the group, its people.
    let base = [&ORGANIZATION, &GROUPS, &USERS, &ROLES, &AUDIT_LOG].map(|access| access.permission);
    let mut all: Vec<Permission> = Vec::new();
    for permission in base.into_iter().chain(uses.iter().flat_map(|it| it.more())) {
        if !all.contains(&permission) {
            all.push(permission);
        }
    }
    for read in [&METHODS_POLICY, &GROUPS] {
        let is_wider = |it: &Permission| *it != read.permission && opens(read, &[*it]);
        if all.iter().any(is_wider) {
            all.retain(|it| *it != read.permission);
        }
    }
    all
}

/// Returns the command that makes a registration which opens some paths, or widens it.
pub fn setup_command(needed: &[&Access]) -> String {
    let with = |more: &[Use]| {
        let all = permissions(&[&Use::DEFAULT[..], more].concat());
        needed.iter().all(|access| opens(access, &all))
    };
    let more = match () {
        () if with(&[]) => "",
        () if with(&[Use::Rings]) => " --for plan,apply,people,rings",
        () if with(&[Use::Administrators]) => " --for plan,apply,people,administrators",
        () => " --for plan,apply,people,administrators,rings",
    };
    format!("sspr login --setup{more}")
}

fn opens(access: &Access, permissions: &[Permission]) -> bool {
    access.is_opened_by(|name| permissions.iter().any(|it| it.name == name))
}
