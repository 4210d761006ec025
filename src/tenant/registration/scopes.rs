//! The delegated permissions on Graph that commands need of a registration, with their ids (facts sign-in.md 3).

use uuid::Uuid;

/// A delegated permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name.
    pub name: &'static str,
    /// Its id, in every tenant and cloud.
    pub id: Uuid,
}

const fn scope(name: &'static str, id: u128) -> Scope {
    Scope { name, id: Uuid::from_u128(id) }
}

const ORGANIZATION: Scope = scope("Organization.Read.All", 0x4908d5b9_3fb2_4b1e_9336_1888b7937185);
const GROUPS: Scope = scope("GroupMember.Read.All", 0xbc024368_1153_4739_b217_4326f2e966d0);
const CHANGE_GROUPS: Scope = scope("GroupMember.ReadWrite.All", 0xf81125ac_d3b7_4573_a3b2_7099cc39df9e);
const USERS: Scope = scope("User.Read.All", 0xa154be20_db9c_4678_8ab7_66f6cc099a59);
const ROLES: Scope = scope("RoleManagement.Read.Directory", 0x741c54c3_0c1e_44a1_818b_3f97ab4e8c83);
const AUDIT: Scope = scope("AuditLog.Read.All", 0xe4c9e354_4dc5_45b8_9e7c_e1393b0b1a20);
const METHODS: Scope = scope("Policy.Read.AuthenticationMethod", 0xa6ff13ac_1851_4993_8ca9_a671d70de2d5);
const CHANGE_METHODS: Scope =
    scope("Policy.ReadWrite.AuthenticationMethod", 0x7e823077_d88e_468f_a337_e18f1f0e6c7c);
const EMAILS: Scope = scope("UserAuthMethod-Email.ReadWrite.All", 0x074f680f_c89e_45be_880e_5d0642860a1c);
const PHONES: Scope = scope("UserAuthMethod-Phone.ReadWrite.All", 0x48c99302_9a24_4f27_a8a7_acef4debba14);

/// What every command reads: the tenant, the group, its people.
const BASE: [Scope; 5] = [ORGANIZATION, GROUPS, USERS, ROLES, AUDIT];

/// What the registration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `plan` and the other commands that read settings.
    Plan,
    /// `apply`, `rollback`, `cleanup`.
    Apply,
    /// `people`, `report`.
    People,
    /// Adding the groups of a roll-out to the pilot's.
    Rings,
    /// Registering contact methods for people.
    Preregister,
}

impl Use {
    fn scopes(self) -> Vec<Scope> {
        let more: &[Scope] = match self {
            Self::Plan => &[METHODS],
            Self::Apply => &[CHANGE_METHODS],
            Self::People => &[],
            Self::Rings => &[CHANGE_GROUPS],
            Self::Preregister => &[EMAILS, PHONES],
        };
        BASE.iter().chain(more).copied().collect()
    }
}

/// Returns the permissions for some uses, each once, and none that another one includes.
pub fn scopes(uses: &[Use]) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in uses.iter().flat_map(|it| it.scopes()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    for (less, more) in [(METHODS, CHANGE_METHODS), (GROUPS, CHANGE_GROUPS)] {
        if scopes.contains(&more) {
            scopes.retain(|scope| *scope != less);
        }
    }
    scopes
}
