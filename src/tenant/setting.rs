//! The settings of a pilot: one row each, from spec key to wire field.
//!
//! Every room reads this table: the spec loader for keys, types and ranges; resolve and diff for the
//! fields; the report for blade and label. A new portal setting is a new row here.

use serde_json::{Value, json};

use super::{Method, Object, Resource};

/// A page of the portal's "Password reset" menu, in the portal's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blade {
    /// Who may reset.
    Properties,
    /// With what.
    AuthenticationMethods,
    /// Who is asked to register, and how often.
    Registration,
    /// Who is told.
    Notifications,
    /// Where the helpdesk link leads.
    Customization,
    /// Whether passwords reach the on-premises directory.
    OnPremisesIntegration,
    /// Whether administrators may reset.
    Administrators,
}

impl Blade {
    /// Returns the portal's title of the page.
    pub fn title(self) -> &'static str {
        match self {
            Self::Properties => "Properties",
            Self::AuthenticationMethods => "Authentication methods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::Customization => "Customization",
            Self::OnPremisesIntegration => "On-premises integration",
            Self::Administrators => "Administrators",
        }
    }
}

impl Blade {
    /// Returns the page in the Entra admin center. Nobody documents the address; public tools that check tenants
    /// link to it.
    pub fn url(self) -> String {
        let page = match self {
            // The address of Customization is not known; it is in the menu beside.
            Self::Properties | Self::Customization => "Properties",
            Self::AuthenticationMethods => "AuthenticationMethods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::OnPremisesIntegration => "OnPremisesIntegration",
            Self::Administrators => "AdminPasswordResetPolicy",
        };
        format!("https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/{page}")
    }
}

/// Who may reset their own password: the portal's None / Selected / All.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nobody.
    None,
    /// The members of one group.
    Selected,
    /// Everyone in the tenant.
    All,
}

impl Scope {
    /// Every scope, in wire order: `enablementType` 0, 1, 2 (facts 2.2).
    pub const ALL: [Self; 3] = [Self::None, Self::Selected, Self::All];

    /// Returns the word the spec uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Selected => "selected",
            Self::All => "all",
        }
    }

    /// Returns what the word means: the portal's label, and who may reset.
    pub fn about(self) -> &'static str {
        match self {
            Self::None => "None: nobody can reset.",
            Self::Selected => "Selected: the members of one group can.",
            Self::All => "All: everyone in the tenant can. Applying it wants --allow-all-users.",
        }
    }

    /// Returns the scope the spec calls `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    fn wire(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Selected => 1,
            Self::All => 2,
        }
    }
}

/// How a setting sits in its object and which values it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// None / Selected / All in `enablementType`.
    Scope,
    /// The group's id, alone in `passwordResetEnabledGroupIds`.
    Group,
    /// Six switches, one per [`Method`].
    Methods,
    /// `customizeHelpdeskLink` with `customHelpdeskEmailOrUrl`.
    Helpdesk,
    /// A Yes / No field.
    Switch {
        /// Wire name.
        field: &'static str,
    },
    /// A whole number within a range.
    Number {
        /// Wire name.
        field: &'static str,
        /// Smallest value the portal takes.
        min: u64,
        /// Largest value the portal takes.
        max: u64,
        /// A value to start from: the one of Microsoft's tutorial.
        start: u64,
    },
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Dotted spec key: the same word in files, plans, errors and documents.
    pub key: &'static str,
    /// Where the portal shows it.
    pub blade: Blade,
    /// What the portal calls it.
    pub label: &'static str,
    /// What a person who writes it should know, in a sentence or three.
    pub about: &'static str,
    /// The object it lives on.
    pub object: Resource,
    /// How it is read and written.
    pub shape: Shape,
}

/// Every setting this tool manages, in the portal's order (labels and ranges: facts 3.5; wire names:
/// facts 2.2, 2.5, 1.2).
pub static SETTINGS: [Setting; 14] = [
    Setting {
        key: "scope",
        blade: Blade::Properties,
        label: "Self service password reset enabled",
        about: "Who may reset their own password. Left out beside `group`, it means `selected`. `scope: none` beside a group switches password reset off and keeps the group in the file.",
        object: Resource::PasswordReset,
        shape: Shape::Scope,
    },
    Setting {
        key: "group",
        blade: Blade::Properties,
        label: "Select group",
        about: "The pilot's security group: its whole display name, or its object id. Groups nested in it count. A display name that several groups share is refused, with their ids.",
        object: Resource::PasswordReset,
        shape: Shape::Group,
    },
    Setting {
        key: "methods.required",
        blade: Blade::AuthenticationMethods,
        label: "Number of methods required to reset",
        about: "How many methods a person must give to reset. Raising it stops those who registered one only, and wants --allow-raising-required.",
        object: Resource::PasswordReset,
        shape: Shape::Number { field: "numberOfAuthenticationMethodsRequired", min: 1, max: 2, start: 1 },
    },
    Setting {
        key: "methods.allowed",
        blade: Blade::AuthenticationMethods,
        label: "Methods available to users",
        about: "The methods people may reset with; what is not listed is not available. At least as many as are required, and not the authenticator app alone.",
        object: Resource::PasswordReset,
        shape: Shape::Methods,
    },
    Setting {
        key: "methods.security_questions.register",
        blade: Blade::AuthenticationMethods,
        label: "Number of questions required to register",
        about: "How many security questions a person must answer when registering, where that method is allowed. The questions themselves are never touched.",
        object: Resource::PasswordReset,
        shape: Shape::Number { field: "numberOfQuestionsToRegister", min: 3, max: 5, start: 5 },
    },
    Setting {
        key: "methods.security_questions.reset",
        blade: Blade::AuthenticationMethods,
        label: "Number of questions required to reset",
        about: "How many of the registered security questions a person must answer to reset; at most as many as are registered.",
        object: Resource::PasswordReset,
        shape: Shape::Number { field: "numberOfQuestionsToReset", min: 3, max: 5, start: 3 },
    },
    Setting {
        key: "registration.required",
        blade: Blade::Registration,
        label: "Require users to register when signing in",
        about: "Whether people are asked to register their methods when they sign in.",
        object: Resource::PasswordReset,
        shape: Shape::Switch { field: "registrationRequiredOnSignIn" },
    },
    Setting {
        key: "registration.reconfirm_days",
        blade: Blade::Registration,
        label: "Number of days before users are asked to re-confirm their authentication information",
        about: "After how many days people are asked to confirm what they registered; 0 is never. Only where registration is required.",
        object: Resource::PasswordReset,
        // sic: "Inteval" is the service's own spelling.
        shape: Shape::Number { field: "registrationReconfirmIntevalInDays", min: 0, max: 730, start: 180 },
    },
    Setting {
        key: "notifications.users",
        blade: Blade::Notifications,
        label: "Notify users on password resets",
        about: "Whether people get an e-mail when their own password is reset.",
        object: Resource::PasswordReset,
        shape: Shape::Switch { field: "notifyUsersOnPasswordReset" },
    },
    Setting {
        key: "notifications.admins",
        blade: Blade::Notifications,
        label: "Notify all admins when other admins reset their password",
        about: "Whether administrators get an e-mail when another administrator resets their own password.",
        object: Resource::PasswordReset,
        shape: Shape::Switch { field: "notifyOnAdminPasswordReset" },
    },
    Setting {
        key: "customization.helpdesk",
        blade: Blade::Customization,
        label: "Customize helpdesk link",
        about: "Where \"Contact your administrator\" leads: an e-mail address or an http(s) URL. `none` turns the custom link off and leaves the stored address for the day it is turned on again.",
        object: Resource::PasswordReset,
        shape: Shape::Helpdesk,
    },
    Setting {
        key: "writeback.enabled",
        blade: Blade::OnPremisesIntegration,
        label: "Write back passwords to the on-premises directory",
        about: "Whether a new password reaches the on-premises directory; synchronised people cannot reset without. Needs Global Administrator.",
        object: Resource::Writeback,
        shape: Shape::Switch { field: "enablementForTenant" },
    },
    Setting {
        key: "writeback.unlock",
        blade: Blade::OnPremisesIntegration,
        label: "Allow users to unlock accounts without resetting their password",
        about: "Whether people may unlock their on-premises account and keep their password. Written by itself, after `writeback.enabled`: the service ignores it otherwise.",
        object: Resource::Writeback,
        shape: Shape::Switch { field: "accountUnlockEnabled" },
    },
    Setting {
        key: "administrators.allow_sspr",
        blade: Blade::Administrators,
        label: "Administrators may reset their own password",
        about: "Whether administrators may reset their own password. About administrators only, never about the pilot; takes up to 60 minutes to take effect.",
        object: Resource::Authorization,
        // Graph's own description of the field is misleading: it is about administrators (facts 1.2).
        shape: Shape::Switch { field: "allowedToUseSSPR" },
    },
];

/// Returns the setting with this dotted key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

impl Setting {
    /// Returns the setting's value in spec terms, or `None` where the service did not tell it in a
    /// form this tool understands: then it is unknown, and never written.
    pub fn read(&self, object: &Object) -> Option<Value> {
        match self.shape {
            Shape::Scope => {
                let wire = object.field("enablementType")?.as_u64()?;
                Scope::ALL.into_iter().find(|scope| scope.wire() == wire).map(|scope| json!(scope.word()))
            }
            Shape::Group => {
                let ids = object.field("passwordResetEnabledGroupIds")?.as_array()?;
                let ids = ids.iter().map(|id| id.as_str().map(str::to_ascii_lowercase));
                ids.collect::<Option<Vec<_>>>().map(|ids| json!(ids))
            }
            Shape::Methods => Method::read_toggles(&Method::ALL, object),
            Shape::Helpdesk => match object.field("customizeHelpdeskLink")?.as_bool()? {
                // A stored address of literally "none" would read as switched off.
                true => object
                    .field("customHelpdeskEmailOrUrl")?
                    .as_str()
                    .filter(|link| *link != "none")
                    .map(|link| json!(link)),
                false => Some(json!("none")),
            },
            Shape::Switch { field } => object.field(field)?.as_bool().map(|on| json!(on)),
            Shape::Number { field, .. } => object.field(field)?.as_u64().map(|number| json!(number)),
        }
    }

    /// Returns the wire fields the setting sits in.
    pub fn fields(&self) -> Vec<&'static str> {
        match self.shape {
            Shape::Scope => vec!["enablementType"],
            Shape::Group => vec!["passwordResetEnabledGroupIds"],
            Shape::Methods => Method::ALL.map(Method::field).to_vec(),
            Shape::Helpdesk => vec!["customizeHelpdeskLink", "customHelpdeskEmailOrUrl"],
            Shape::Switch { field } | Shape::Number { field, .. } => vec![field],
        }
    }

    /// Lays a value, in spec terms, over its object. Only this setting's fields change.
    pub fn overlay(&self, value: &Value, object: &mut Object) {
        match self.shape {
            Shape::Scope => {
                if let Some(scope) = value.as_str().and_then(Scope::from_word) {
                    object.overlay("enablementType", json!(scope.wire()));
                }
            }
            Shape::Group => object.overlay("passwordResetEnabledGroupIds", value.clone()),
            Shape::Methods => Method::overlay_toggles(&Method::ALL, value, object),
            Shape::Helpdesk => {
                let is_custom = value != "none";
                object.overlay("customizeHelpdeskLink", json!(is_custom));
                // "none" turns the switch off and leaves the stored address for the day it is turned on again.
                if is_custom {
                    object.overlay("customHelpdeskEmailOrUrl", value.clone());
                }
            }
            Shape::Switch { field } | Shape::Number { field, .. } => object.overlay(field, value.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Object {
        Object::from_json(Resource::PasswordReset, json!({
            "objectId": "default", "enablementType": 1, "numberOfAuthenticationMethodsRequired": 2,
            "emailOptionEnabled": true, "mobilePhoneOptionEnabled": false, "officePhoneOptionEnabled": false,
            "securityQuestionsOptionEnabled": true, "numberOfQuestionsToRegister": 5,
            "numberOfQuestionsToReset": 3, "mobileAppNotificationEnabled": false, "mobileAppCodeEnabled": true,
            "registrationRequiredOnSignIn": true, "registrationReconfirmIntevalInDays": 90,
            "customizeHelpdeskLink": false, "customHelpdeskEmailOrUrl": "help@contoso.com",
            "notifyUsersOnPasswordReset": true, "notifyOnAdminPasswordReset": false,
            "passwordResetEnabledGroupIds": ["11111111-AAAA-1111-1111-111111111111"],
        }))
        .unwrap()
    }

    /// Returns the object a setting lives on.
    fn object(setting: &Setting) -> Object {
        let json = match setting.object {
            Resource::Writeback => json!({"enablementForTenant": true, "accountUnlockEnabled": false}),
            Resource::Authorization => json!({"allowedToUseSSPR": true}),
            _ => return policy(),
        };
        Object::from_json(setting.object.clone(), json).unwrap()
    }

    /// For each setting what the objects below say, and something else to lay over it.
    fn samples() -> [(&'static str, Value, Value); SETTINGS.len()] {
        let group = "22222222-2222-2222-2222-222222222222";
        [
            ("scope", json!("selected"), json!("none")),
            ("group", json!(["11111111-aaaa-1111-1111-111111111111"]), json!([group])),
            ("methods.required", json!(2), json!(1)),
            (
                "methods.allowed",
                json!(["email", "mobile_app_code", "security_questions"]),
                json!(["mobile_phone"]),
            ),
            ("methods.security_questions.register", json!(5), json!(4)),
            ("methods.security_questions.reset", json!(3), json!(4)),
            ("registration.required", json!(true), json!(false)),
            ("registration.reconfirm_days", json!(90), json!(0)),
            ("notifications.users", json!(true), json!(false)),
            ("notifications.admins", json!(false), json!(true)),
            ("customization.helpdesk", json!("none"), json!("https://help.contoso.com")),
            ("writeback.enabled", json!(true), json!(false)),
            ("writeback.unlock", json!(false), json!(true)),
            ("administrators.allow_sspr", json!(true), json!(false)),
        ]
    }

    #[test]
    fn every_setting_reads_its_field_in_spec_terms() {
        for (setting, (key, read, _)) in SETTINGS.iter().zip(samples()) {
            assert_eq!((setting.key, setting.read(&object(setting))), (key, Some(read)));
        }
    }

    #[test]
    fn what_the_service_did_not_tell_is_unknown() {
        let silent = Object::from_json(Resource::PasswordReset, json!({"objectId": "default"})).unwrap();
        let odd = Object::from_json(Resource::PasswordReset, json!({
            "objectId": "default", "enablementType": 7, "emailOptionEnabled": "yes",
            "passwordResetEnabledGroupIds": [1], "customizeHelpdeskLink": true, "customHelpdeskEmailOrUrl": null,
            "registrationRequiredOnSignIn": 1, "numberOfAuthenticationMethodsRequired": -1,
        }))
        .unwrap();
        for setting in &SETTINGS {
            assert_eq!(setting.read(&silent), None, "{}", setting.key);
            assert_eq!(setting.read(&odd), None, "{}", setting.key);
        }
    }

    #[test]
    fn a_value_laid_over_is_read_back_and_nothing_else_moves() {
        for (key, _, value) in samples() {
            let setting = setting(key).unwrap();
            let mut changed = object(setting);
            setting.overlay(&value, &mut changed);
            assert_eq!(setting.read(&changed), Some(value), "{key}");
            let same_object = SETTINGS.iter().filter(|other| other.object == setting.object);
            for other in same_object.filter(|other| other.key != key) {
                assert_eq!(other.read(&changed), other.read(&object(other)), "{key} moved {}", other.key);
            }
        }
    }

    #[test]
    fn helpdesk_none_leaves_the_stored_address() {
        let mut changed = policy();
        changed.overlay("customizeHelpdeskLink", json!(true));
        setting("customization.helpdesk").unwrap().overlay(&json!("none"), &mut changed);
        assert_eq!(changed, policy());
    }
}
