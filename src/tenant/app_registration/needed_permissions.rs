//! The permissions that commands need of the app registration.

use super::SIGN_IN_SCOPES;
use crate::tenant::UnknownWord;
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

    /// Returns its word, as `--for` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::People => "people",
            Self::Administrators => "administrators",
            Self::Rings => "rings",
            Self::Preregister => "preregister",
        }
    }

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

/// By the word that `--for` takes.
impl std::str::FromStr for Use {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.as_str() == word).ok_or(UnknownWord)
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

/// Returns what a sign-in asks for, or a consent names: what every sign-in takes, and permissions with `prefix`, which
/// is `https://graph.microsoft.com/` where they are not of the API alone.
pub fn scopes(prefix: &str, permissions: &[Permission]) -> String {
    let permissions = permissions.iter().map(|it| format!("{prefix}{}", it.name));
    SIGN_IN_SCOPES.map(str::to_owned).into_iter().chain(permissions).collect::<Vec<_>>().join(" ")
}

/// Returns the command that makes a registration which opens some paths, or widens it.
pub fn setup_command(needed: &[&Access]) -> String {
    const ADDITIONS: [&[Use]; 3] = [&[], &[Use::Rings], &[Use::Administrators]];
    let with = |more: &[Use]| [&Use::DEFAULT[..], more].concat();
    let is_enough = |more: &&&[Use]| {
        let all = permissions(&with(more));
        needed.iter().all(|access| opens(access, &all))
    };
    let more = ADDITIONS.iter().find(is_enough).copied().unwrap_or(&[Use::Administrators, Use::Rings]);
    let words = with(more).into_iter().map(Use::as_str).collect::<Vec<_>>().join(",");
    let uses = if more.is_empty() { String::new() } else { format!(" --for {words}") };
    format!("sspr login --setup{uses}")
}

fn opens(access: &Access, permissions: &[Permission]) -> bool {
    access.is_opened_by(|name| permissions.iter().any(|it| it.name == name))
}
