//! The state of a pretend tenant, and the seeds it can start from.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::crowd::{Crowd, CrowdRange, union};
use super::methods_seed;
use super::people::{AuditEvent, Licence, RoleGrant};

/// Everything the pretend tenant holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// Tenant id.
    pub tenant_id: Uuid,
    /// Tenant display name.
    pub tenant_name: String,
    /// Verified domains; the first is the default.
    pub domains: Vec<String>,
    /// The `PasswordResetPolicies` object, whole and raw.
    pub policy: Value,
    /// The `OnPremisesPasswordResetPolicies` object, whole and raw.
    pub writeback: Value,
    /// The `authorizationPolicy` object, whole and raw.
    pub authorization: Value,
    /// The `authenticationMethodsPolicy` object, whole and raw.
    pub methods: Value,
    /// Groups.
    pub groups: Vec<Group>,
    /// Users.
    pub users: Vec<User>,
    /// Generated users beside those.
    #[serde(default)]
    pub crowd: Crowd,
    /// What the audit log holds, oldest first.
    #[serde(default)]
    pub audits: Vec<AuditEvent>,
    /// Whether accounts are synchronised from on-premises.
    #[serde(default)]
    pub is_hybrid: bool,
}

/// A group of the pretend tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Object id.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Whether it is a security group.
    pub is_security: bool,
    /// Ids of its direct members, users and groups alike.
    pub members: Vec<Uuid>,
    /// Generated people that are direct members.
    #[serde(default)]
    pub crowd: Vec<CrowdRange>,
    /// Roles its members hold through it; a group with any is role-assignable.
    #[serde(default)]
    pub roles: Vec<RoleGrant>,
}

/// A user of the pretend tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Object id.
    pub id: Uuid,
    /// The part of the user principal name before the `@`.
    pub alias: String,
    /// Display name.
    pub name: String,
    /// Whether the account is enabled.
    pub is_enabled: bool,
    /// Whether it is a guest.
    pub is_guest: bool,
    /// Whether the account is synchronised from on-premises.
    pub is_synced: bool,
    /// The licence assigned.
    pub licence: Licence,
    /// Directory roles assigned directly.
    pub roles: Vec<RoleGrant>,
    /// Methods registered, in the report's words.
    pub methods: Vec<String>,
    /// Whether the registration report has a row for the user yet.
    pub is_reported: bool,
}

/// What a pretend tenant starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// Nothing set up, and a pilot group waiting.
    #[default]
    Fresh,
    /// Someone's settings already there: questions, a helpdesk link, another group, unknown fields; not
    /// migrated to the Authentication methods policy.
    Configured,
    /// Methods others care about, before the migration: the legacy toggles count.
    PreMigration,
    /// The same methods, while both policies count.
    MidMigration,
    /// The same methods, when only the Authentication methods policy counts.
    Migrated,
    /// As migrated, in a tenant that tells no migration state.
    NullState,
}

impl Seed {
    /// Every seed.
    pub const ALL: [Self; 6] = [
        Self::Fresh,
        Self::Configured,
        Self::PreMigration,
        Self::MidMigration,
        Self::Migrated,
        Self::NullState,
    ];

    /// Returns the seed's name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Configured => "configured",
            Self::PreMigration => "pre-migration",
            Self::MidMigration => "mid-migration",
            Self::Migrated => "migrated",
            Self::NullState => "null-state",
        }
    }
}

/// Returns the id that something of this name has in every sandbox.
pub fn id(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("https://sspr.invalid/{name}").as_bytes())
}

impl World {
    /// Makes a tenant from a seed. The same seed makes the same tenant.
    pub fn seeded(seed: Seed) -> Self {
        let (users, groups) = pilot_people();
        let mut world = Self {
            tenant_id: id("tenant"),
            tenant_name: "Contoso".to_owned(),
            domains: vec!["contoso.onmicrosoft.com".to_owned(), "contoso.com".to_owned()],
            policy: fresh_policy(),
            writeback: fresh_writeback(),
            authorization: fresh_authorization(),
            methods: methods_seed::methods(seed),
            groups,
            users,
            crowd: Crowd::default(),
            audits: Vec::new(),
            is_hybrid: false,
        };
        if seed == Seed::Configured {
            world.policy = configured_policy();
        }
        world
    }

    /// Returns the group with this id.
    pub fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Returns the groups a group sits in through all nesting, each once, in the order of [`World::groups`].
    pub fn groups_around(&self, group: Uuid) -> Vec<&Group> {
        let mut seen = vec![group];
        let mut next = 0;
        while let Some(&id) = seen.get(next) {
            next += 1;
            for holder in self.groups.iter().filter(|holder| holder.members.contains(&id)) {
                if !seen.contains(&holder.id) {
                    seen.push(holder.id);
                }
            }
        }
        self.groups.iter().filter(|holder| seen[1..].contains(&holder.id)).collect()
    }

    /// Adds a generated crowd to SSPR-Pilot: three levels of nesting that overlap and run in a circle.
    #[must_use]
    pub fn with_crowd(mut self, size: u64) -> Self {
        self.crowd = Crowd { size };
        let part = |name: &str, start: u64, end: u64, nested: &str| Group {
            id: id(name),
            name: name.to_owned(),
            is_security: true,
            members: vec![id(nested)],
            crowd: vec![CrowdRange { start, end }],
            roles: Vec::new(),
        };
        self.groups.push(part("SSPR-Crowd", 0, size / 2, "SSPR-Crowd-East"));
        self.groups.push(part("SSPR-Crowd-East", size / 4, size / 4 * 3, "SSPR-Crowd-Far"));
        self.groups.push(part("SSPR-Crowd-Far", size / 3 * 2, size, "SSPR-Crowd"));
        if let Some(pilot) = self.groups.iter_mut().find(|group| group.name == "SSPR-Pilot") {
            pilot.members.push(id("SSPR-Crowd"));
        }
        self
    }

    /// Returns the ids in a group through all nesting, itself among them, each once.
    pub(super) fn reach(&self, group: Uuid) -> Vec<Uuid> {
        let mut seen = vec![group];
        let mut next = 0;
        while let Some(&id) = seen.get(next) {
            next += 1;
            for member in self.group(id).into_iter().flat_map(|group| &group.members) {
                if !seen.contains(member) {
                    seen.push(*member);
                }
            }
        }
        seen
    }

    /// Returns the users in a group through all nesting, each once, in the order of [`World::users`];
    /// generated people apart.
    pub fn members_through_nesting(&self, group: Uuid) -> Vec<&User> {
        let seen = self.reach(group);
        self.users.iter().filter(|user| seen.contains(&user.id)).collect()
    }

    /// Returns the generated people in a group through all nesting.
    pub(super) fn crowd_through_nesting(&self, group: Uuid) -> Vec<CrowdRange> {
        let seen = self.reach(group);
        union(seen.iter().filter_map(|id| self.group(*id)).flat_map(|group| group.crowd.clone()).collect())
    }

    /// Returns a user's principal name.
    pub fn user_principal_name(&self, user: &User) -> String {
        format!("{}@{}", user.alias, self.domains.first().map_or("contoso.onmicrosoft.com", String::as_str))
    }
}

/// Eight people in SSPR-Pilot: six directly, two through a nested group that also holds one of the six.
fn pilot_people() -> (Vec<User>, Vec<Group>) {
    let user = |alias: &str, name: &str| User {
        id: id(alias),
        alias: alias.to_owned(),
        name: name.to_owned(),
        is_enabled: true,
        is_guest: false,
        is_synced: false,
        licence: Licence::P1,
        roles: Vec::new(),
        methods: Vec::new(),
        is_reported: true,
    };
    let with = |methods: &[&str], user: User| User {
        methods: methods.iter().map(|&method| method.to_owned()).collect(),
        ..user
    };
    let users = vec![
        with(&["email", "mobilePhone"], user("ada", "Ada Lindqvist")),
        with(&["microsoftAuthenticatorPush", "softwareOneTimePasscode"], user("bola", "Bola Okafor")),
        user("chen", "Chen Wei"),
        User {
            roles: vec![RoleGrant::active(HELPDESK_ADMINISTRATOR)],
            ..with(&["mobilePhone"], user("dana", "Dana Novák"))
        },
        User {
            is_guest: true,
            licence: Licence::None,
            ..user("emil_fabrikam.com#EXT#", "Emil Brandt (Fabrikam)")
        },
        User { is_enabled: false, ..user("farid", "Farid Haddad") },
        User { licence: Licence::None, ..with(&["mobilePhone"], user("grace", "Grace O'Neil")) },
        User { is_reported: false, ..user("hana", "Hana Sato") },
        user("ivo", "Ivo outside the pilot"),
    ];
    let direct = ["ada", "bola", "chen", "dana", "emil_fabrikam.com#EXT#", "farid"];
    let group = |name: &str, members: Vec<Uuid>| Group {
        id: id(name),
        name: name.to_owned(),
        is_security: true,
        members,
        crowd: Vec::new(),
        roles: Vec::new(),
    };
    let groups = vec![
        group("SSPR-Pilot", direct.iter().map(|alias| id(alias)).chain([id("SSPR-Pilot-Branch")]).collect()),
        group("SSPR-Pilot-Branch", vec![id("grace"), id("hana"), id("ada")]),
        group("Everyone at Contoso", vec![id("ivo"), id("SSPR-Pilot")]),
        Group { is_security: false, ..group("Newsletter", vec![id("ivo")]) },
        group("Sales", vec![id("ivo")]),
        group("Contractors", vec![]),
    ];
    (users, groups)
}

/// Helpdesk Administrator's template id (facts 3.4).
const HELPDESK_ADMINISTRATOR: Uuid = Uuid::from_u128(0x729827e3_9c14_49f7_bb1b_9608f156bbb8);

/// A policy nobody has touched. Field names and shapes: facts 2.2.
fn fresh_policy() -> Value {
    json!({
        "objectId": "default",
        "enablementType": 0,
        "numberOfAuthenticationMethodsRequired": 2,
        "emailOptionEnabled": true,
        "mobilePhoneOptionEnabled": true,
        "officePhoneOptionEnabled": false,
        "securityQuestionsOptionEnabled": false,
        "mobileAppNotificationEnabled": false,
        "mobileAppCodeEnabled": false,
        "numberOfQuestionsToRegister": 5,
        "numberOfQuestionsToReset": 3,
        "registrationRequiredOnSignIn": false,
        "registrationReconfirmIntevalInDays": 180,
        "skipRegistrationAllowed": true,
        "skipRegistrationMaxAllowedDays": 7,
        "customizeHelpdeskLink": false,
        "customHelpdeskEmailOrUrl": "",
        "notifyUsersOnPasswordReset": true,
        "notifyOnAdminPasswordReset": false,
        "passwordResetEnabledGroupIds": [],
        "passwordResetEnabledGroupName": "",
        "securityQuestions": [],
        "registrationConditionalAccessPolicies": [],
        "emailOptionAllowed": true,
        "mobilePhoneOptionAllowed": true,
        "officePhoneOptionAllowed": true,
        "securityQuestionsOptionAllowed": true,
        "mobileAppNotificationOptionAllowed": true,
        "mobileAppCodeOptionAllowed": true,
    })
}

/// A tenant without synchronisation. Shape: facts 2.5.
fn fresh_writeback() -> Value {
    json!({
        "objectId": null, "passwordWritebackSupported": false, "accountUnlockSupported": false,
        "accountUnlockEnabled": false, "enablementForTenant": false, "cloudProvisioningEnablementForTenant": false,
    })
}

/// What a new tenant has. Shape: Microsoft's v1.0 metadata (facts 1.2).
fn fresh_authorization() -> Value {
    json!({
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "deletedDateTime": null,
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": true,
        "allowedToUseSSPR": true,
        "allowEmailVerifiedUsersToJoinOrganization": false,
        "allowUserConsentForRiskyApps": null,
        "blockMsolPowerShell": false,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": true, "allowedToCreateSecurityGroups": true, "allowedToReadOtherUsers": true,
            "allowedToCreateTenants": true, "allowedToReadBitlockerKeysForOwnedDevice": true,
            "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
        },
    })
}

/// A policy someone cares about: what the scripts people copy would wipe, and fields nobody has seen.
fn configured_policy() -> Value {
    let mut policy = fresh_policy();
    let settings = json!({
        "enablementType": 1,
        "numberOfAuthenticationMethodsRequired": 1,
        "securityQuestionsOptionEnabled": true,
        "registrationRequiredOnSignIn": true,
        "registrationReconfirmIntevalInDays": 90,
        "customizeHelpdeskLink": true,
        "customHelpdeskEmailOrUrl": "https://help.contoso.com/passwörd",
        "notifyOnAdminPasswordReset": true,
        "passwordResetEnabledGroupIds": [id("SSPR-Pilot-Branch")],
        "securityQuestions": [
            {"questionText": "In welcher Straße bist du aufgewachsen?", "isPredefined": false},
            {"questionText": "初めて飼ったペットの名前は？ 🐕", "isPredefined": false},
            {"questionText": "What was your first car?", "isPredefined": true},
        ],
        "skipRegistrationMaxAllowedDays": 14,
        "futurePolicyRevision": 9_007_199_254_740_993_u64,
        "futureNested": {"list": [[1, 2], [], [null, true]], "ratio": 0.1, "note": "seen by nobody"},
    });
    if let (Value::Object(policy), Value::Object(settings)) = (&mut policy, settings) {
        policy.extend(settings);
    }
    policy
}

/// What the service would hold for fields a write left out. No source says; the worst is assumed, so that
/// a client that sends half an object is caught (facts 2.7).
pub(super) fn default_policy() -> Value {
    fresh_policy()
}
