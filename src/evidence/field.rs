//! The fields this tool knows of, and what kind of value each has.

use serde_json::Value;

/// An object whose fields are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// The admin centre's password reset policy.
    Policy,
    /// The admin centre's password writeback.
    Writeback,
    /// Graph's authorization policy.
    Authorization,
    /// Graph's Authentication methods policy.
    Methods,
    /// One method of it.
    Method,
    /// A group.
    Group,
    /// What is synchronised from on-premises.
    Synchronization,
}

/// A field of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// The object.
    pub thing: Thing,
    /// Wire name.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
}

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// `true`, `false` or null.
    SwitchOrNull,
    /// A whole number, from and up to.
    Number(u64, u64),
    /// Text.
    Text,
    /// Text or null.
    TextOrNull,
    /// One of these words, or null where the last is true.
    Word(&'static [&'static str], bool),
    /// A list of GUIDs.
    Ids,
    /// A list of security questions.
    Questions,
    /// A list of targets, each with an id.
    Targets,
    /// A list.
    List,
    /// An object.
    Object,
}

const fn policy(name: &'static str, kind: Kind) -> Field {
    Field { thing: Thing::Policy, name, kind }
}

const fn writeback(name: &'static str, kind: Kind) -> Field {
    Field { thing: Thing::Writeback, name, kind }
}

const fn method(name: &'static str, kind: Kind) -> Field {
    Field { thing: Thing::Method, name, kind }
}

/// Every field something is believed of (facts 2.2, 2.5, 1.2, 1.3, 1.5, 4; 2026-11 F; ranges: facts 3.5).
pub static FIELDS: [Field; 52] = [
    policy("objectId", Kind::Word(&["default"], false)),
    policy("enablementType", Kind::Number(0, 2)),
    policy("numberOfAuthenticationMethodsRequired", Kind::Number(1, 2)),
    policy("emailOptionEnabled", Kind::Switch),
    policy("mobilePhoneOptionEnabled", Kind::Switch),
    policy("officePhoneOptionEnabled", Kind::Switch),
    policy("securityQuestionsOptionEnabled", Kind::Switch),
    policy("mobileAppNotificationEnabled", Kind::Switch),
    policy("mobileAppCodeEnabled", Kind::Switch),
    policy("numberOfQuestionsToRegister", Kind::Number(3, 5)),
    policy("numberOfQuestionsToReset", Kind::Number(3, 5)),
    policy("registrationRequiredOnSignIn", Kind::Switch),
    policy("registrationReconfirmIntevalInDays", Kind::Number(0, 730)),
    policy("skipRegistrationAllowed", Kind::Switch),
    policy("skipRegistrationMaxAllowedDays", Kind::Number(1, 9999)),
    policy("customizeHelpdeskLink", Kind::Switch),
    policy("customHelpdeskEmailOrUrl", Kind::Text),
    policy("notifyUsersOnPasswordReset", Kind::Switch),
    policy("notifyOnAdminPasswordReset", Kind::Switch),
    policy("passwordResetEnabledGroupIds", Kind::Ids),
    policy("passwordResetEnabledGroupName", Kind::Text),
    policy("securityQuestions", Kind::Questions),
    policy("registrationConditionalAccessPolicies", Kind::List),
    policy("emailOptionAllowed", Kind::Switch),
    policy("mobilePhoneOptionAllowed", Kind::Switch),
    policy("officePhoneOptionAllowed", Kind::Switch),
    policy("securityQuestionsOptionAllowed", Kind::Switch),
    policy("mobileAppNotificationOptionAllowed", Kind::Switch),
    policy("mobileAppCodeOptionAllowed", Kind::Switch),
    writeback("objectId", Kind::TextOrNull),
    writeback("passwordWritebackSupported", Kind::Switch),
    writeback("accountUnlockSupported", Kind::Switch),
    writeback("accountUnlockEnabled", Kind::Switch),
    writeback("enablementForTenant", Kind::Switch),
    writeback("cloudProvisioningEnablementForTenant", Kind::Switch),
    Field { thing: Thing::Authorization, name: "allowedToUseSSPR", kind: Kind::Switch },
    Field {
        thing: Thing::Methods,
        name: "policyMigrationState",
        kind: Kind::Word(&["preMigration", "migrationInProgress", "migrationComplete", ""], true),
    },
    Field { thing: Thing::Methods, name: "authenticationMethodConfigurations", kind: Kind::List },
    Field { thing: Thing::Methods, name: "registrationEnforcement", kind: Kind::Object },
    method("id", Kind::Text),
    method("state", Kind::Word(&["enabled", "disabled"], false)),
    method("includeTargets", Kind::Targets),
    method("excludeTargets", Kind::Targets),
    // Null is off.
    method("isOfficePhoneAllowed", Kind::SwitchOrNull),
    method("isSoftwareOathEnabled", Kind::SwitchOrNull),
    Field { thing: Thing::Group, name: "id", kind: Kind::Text },
    Field { thing: Thing::Group, name: "displayName", kind: Kind::TextOrNull },
    Field { thing: Thing::Group, name: "securityEnabled", kind: Kind::SwitchOrNull },
    Field { thing: Thing::Group, name: "mailEnabled", kind: Kind::SwitchOrNull },
    Field { thing: Thing::Group, name: "groupTypes", kind: Kind::List },
    Field { thing: Thing::Group, name: "onPremisesSyncEnabled", kind: Kind::SwitchOrNull },
    Field { thing: Thing::Synchronization, name: "features", kind: Kind::Object },
];

/// Documented fields of Graph's objects, the beta's included, of which nothing is believed (facts 1.2, 1.3, 1.5).
const DOCUMENTED: [(Thing, &[&str]); 3] = [
    (
        Thing::Authorization,
        &[
            "id",
            "displayName",
            "description",
            "deletedDateTime",
            "allowInvitesFrom",
            "allowedToSignUpEmailBasedSubscriptions",
            "allowEmailVerifiedUsersToJoinOrganization",
            "allowUserConsentForRiskyApps",
            "blockMsolPowerShell",
            "guestUserRoleId",
            "defaultUserRolePermissions",
            "enabledPreviewFeatures",
            "permissionGrantPolicyIdsAssignedToDefaultUserRole",
        ],
    ),
    (
        Thing::Methods,
        &[
            "id",
            "displayName",
            "description",
            "lastModifiedDateTime",
            "policyVersion",
            "reconfirmationInDays",
            "systemCredentialPreferences",
            "reportSuspiciousActivitySettings",
            "microsoftAuthenticatorPlatformSettings",
            "optOutSettings",
        ],
    ),
    (
        Thing::Method,
        &[
            "allowExternalIdToUseEmailOtp",
            "callerIdNumber",
            "featureSettings",
            "isAttestationEnforced",
            "isSelfServiceRegistrationAllowed",
            "keyRestrictions",
            "defaultPasskeyProfile",
            "passkeyProfiles",
            "defaultLength",
            "defaultLifetimeInMinutes",
            "minimumLifetimeInMinutes",
            "maximumLifetimeInMinutes",
            "isUsableOnce",
            "authenticationModeConfiguration",
            "certificateUserBindings",
            "crlValidationConfiguration",
            "issuerHintsConfiguration",
            "certificateAuthorityScopes",
            "pinLength",
            "standardQRCodeLifetimeInDays",
            "appId",
            "displayName",
            "openIdConnectSetting",
        ],
    ),
];

impl Thing {
    /// Returns what its fields begin with in the codes of beliefs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Writeback => "writeback",
            Self::Authorization => "authorization",
            Self::Methods => "methods",
            Self::Method => "method",
            Self::Group => "group",
            Self::Synchronization => "sync",
        }
    }

    /// Returns what people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Policy => "the password reset policy",
            Self::Writeback => "password writeback",
            Self::Authorization => "the authorization policy",
            Self::Methods => "the Authentication methods policy",
            Self::Method => "a method",
            Self::Group => "a group",
            Self::Synchronization => "directory synchronization",
        }
    }

    /// Returns where what is believed of its fields comes from.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Policy => "O365Essentials, AzRanger, mondoohq/mql#5767, CIPP, Alya; nodoc 24afc23",
            Self::Writeback => "AzRanger; nodoc 24afc23",
            Self::Authorization | Self::Methods | Self::Method | Self::Group | Self::Synchronization => {
                "microsoftgraph/msgraph-metadata v1.0"
            }
        }
    }

    /// Returns the fields something is believed of.
    pub(super) fn fields(self) -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().filter(move |field| field.thing == self)
    }

    /// Returns whether a field is in no list of this tool's. Of groups, and of what only Graph's own pages are about,
    /// no list is whole.
    pub(super) fn is_new(self, name: &str) -> bool {
        let is_listed = !matches!(self, Self::Group | Self::Synchronization);
        let documented = DOCUMENTED.iter().filter(|(thing, _)| *thing == self);
        is_listed
            && !name.contains('@')
            && !self.fields().any(|field| field.name == name)
            && !documented.flat_map(|(_, names)| *names).any(|known| *known == name)
    }
}

impl Field {
    /// Returns whether an object must have it. What only one method has, and what a beta may leave out, it need not.
    pub(super) fn is_always_there(&self) -> bool {
        match self.thing {
            Thing::Policy | Thing::Writeback | Thing::Authorization => true,
            Thing::Methods => self.name == "authenticationMethodConfigurations",
            Thing::Method => ["id", "state", "includeTargets"].contains(&self.name),
            Thing::Group => self.name == "id",
            Thing::Synchronization => true,
        }
    }

    /// Returns what stands in the place of a value of the right kind; `None` where it is of that kind.
    pub(super) fn misfit(&self, value: &Value) -> Option<String> {
        let is_fit = match self.kind {
            Kind::Switch => value.is_boolean(),
            Kind::SwitchOrNull => value.is_boolean() || value.is_null(),
            Kind::Number(from, to) => value.as_u64().is_some_and(|number| (from..=to).contains(&number)),
            Kind::Text => value.is_string(),
            Kind::TextOrNull => value.is_string() || value.is_null(),
            Kind::Word(words, or_null) => match value {
                Value::String(word) => words.contains(&word.as_str()),
                Value::Null => or_null,
                _ => false,
            },
            Kind::Ids => is_list(value, |item| item.as_str().is_some_and(is_id)),
            Kind::Questions => is_list(value, is_question),
            Kind::Targets => is_list(value, |item| item.get("id").is_some_and(Value::is_string)),
            Kind::List => value.is_array(),
            Kind::Object => value.is_object(),
        };
        let words = matches!(self.kind, Kind::Word(..)) && value.is_string();
        (!is_fit).then(|| if words { "another word".to_owned() } else { described(value) })
    }
}

impl Kind {
    /// Returns the kind for people.
    pub fn about(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::SwitchOrNull => "true, false or null".to_owned(),
            Self::Number(from, to) => format!("a whole number from {from} to {to}"),
            Self::Text => "text".to_owned(),
            Self::TextOrNull => "text or null".to_owned(),
            Self::Word(words, or_null) => {
                let words = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                if or_null { format!("{words} or null") } else { words }
            }
            Self::Ids => "a list of GUIDs".to_owned(),
            Self::Questions => {
                "a list of `objectId` (32 hex digits or null), `questionText`, `isCustomQuestion`".to_owned()
            }
            Self::Targets => "a list of objects with an `id`".to_owned(),
            Self::List => "a list".to_owned(),
            Self::Object => "an object".to_owned(),
        }
    }
}

/// Returns what a value is, and which one where it can be nothing but a setting: never text, and no number that is as long
/// as one of a telephone.
pub(super) fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => match number.to_string() {
            short if short.len() <= 4 => short,
            long => format!("a number of {} characters", long.len()),
        },
        Value::String(text) if text.is_empty() => "empty text".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("an object with {}", crate::text::counted(fields.len(), "field")),
    }
}

/// Returns the kind of a value, without the value.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn is_list(value: &Value, is_item: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(is_item))
}

pub(super) fn is_id(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok()
}

fn is_question(value: &Value) -> bool {
    let is_hex = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    // A new one has none yet.
    (value["objectId"].is_null() || value["objectId"].as_str().is_some_and(is_hex))
        && value["questionText"].is_string()
        && value["isCustomQuestion"].is_boolean()
}
