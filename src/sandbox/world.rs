//! The state of a pretend tenant, and the seeds it can start from.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

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
    /// Groups.
    pub groups: Vec<Group>,
    /// Users.
    pub users: Vec<User>,
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
    /// Whether an Entra ID P1 plan is assigned.
    pub is_licensed: bool,
    /// Template ids of the directory roles assigned directly.
    pub roles: Vec<Uuid>,
}

/// What a pretend tenant starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// Nothing set up, and a pilot group waiting.
    #[default]
    Fresh,
    /// Someone's settings already there: questions, a helpdesk link, another group, unknown fields.
    Configured,
}

impl Seed {
    /// Every seed.
    pub const ALL: [Self; 2] = [Self::Fresh, Self::Configured];

    /// Returns the seed's name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Configured => "configured",
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
            groups,
            users,
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

    /// Returns the users in a group through all nesting, each once, in the order of [`World::users`].
    pub fn members_through_nesting(&self, group: Uuid) -> Vec<&User> {
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
        self.users.iter().filter(|user| seen.contains(&user.id)).collect()
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
        is_licensed: true,
        roles: Vec::new(),
    };
    let users = vec![
        user("ada", "Ada Lindqvist"),
        user("bola", "Bola Okafor"),
        user("chen", "Chen Wei"),
        User { roles: vec![HELPDESK_ADMINISTRATOR], ..user("dana", "Dana Novák") },
        User {
            is_guest: true,
            is_licensed: false,
            ..user("emil_fabrikam.com#EXT#", "Emil Brandt (Fabrikam)")
        },
        User { is_enabled: false, ..user("farid", "Farid Haddad") },
        User { is_licensed: false, ..user("grace", "Grace O'Neil") },
        user("hana", "Hana Sato"),
        user("ivo", "Ivo outside the pilot"),
    ];
    let direct = ["ada", "bola", "chen", "dana", "emil_fabrikam.com#EXT#", "farid"];
    let group = |name: &str, members: Vec<Uuid>| Group {
        id: id(name),
        name: name.to_owned(),
        is_security: true,
        members,
    };
    let groups = vec![
        group("SSPR-Pilot", direct.iter().map(|alias| id(alias)).chain([id("SSPR-Pilot-Branch")]).collect()),
        group("SSPR-Pilot-Branch", vec![id("grace"), id("hana"), id("ada")]),
        group("Everyone at Contoso", vec![id("ivo"), id("SSPR-Pilot")]),
        Group { is_security: false, ..group("Newsletter", vec![id("ivo")]) },
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
