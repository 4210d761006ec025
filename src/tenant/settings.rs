//! The settings of a pilot: one row each, from spec key to wire field.
//!
//! Every module reads this table: the spec loader for keys, types and ranges; resolve and diff for the
//! fields; the report for page and label. A new portal setting is a new row here, and one in `samples` below.

use super::{PortalPage, Resource, Setting, ValueKind};

/// Every setting this tool manages, in the portal's order (labels and ranges: facts 3.5; wire names:
/// facts 2.2, 2.5, 1.2).
pub static SETTINGS: [Setting; 14] = [
    Setting {
        key: "scope",
        page: PortalPage::Properties,
        label: "Self service password reset enabled",
        about: "Who can reset their own password. With `group` and without `scope`, it is `selected`. `scope: none` with a group turns password reset off and keeps the group in the file.",
        object: Resource::PasswordReset,
        kind: ValueKind::Scope,
    },
    Setting {
        key: "group",
        page: PortalPage::Properties,
        label: "Select group",
        about: "The pilot's security group: its whole display name or its object id. Nested groups count. sspr refuses a display name that several groups share, and lists their ids.",
        object: Resource::PasswordReset,
        kind: ValueKind::Group,
    },
    Setting {
        key: "methods.required",
        page: PortalPage::AuthenticationMethods,
        label: "Number of methods required to reset",
        about: "How many methods a reset requires. Raising it locks out people who registered only one, and needs --allow-raising-required.",
        object: Resource::PasswordReset,
        kind: ValueKind::Number { field: "numberOfAuthenticationMethodsRequired", min: 1, max: 2, start: 1 },
    },
    Setting {
        key: "methods.allowed",
        page: PortalPage::AuthenticationMethods,
        label: "Methods available to users",
        about: "The methods people can reset with; others are not available. List at least as many as are required, and not the authenticator app alone.",
        object: Resource::PasswordReset,
        kind: ValueKind::Methods,
    },
    Setting {
        key: "methods.security_questions.register",
        page: PortalPage::AuthenticationMethods,
        label: "Number of questions required to register",
        about: "How many security questions a person must answer when registering, where that method is allowed. The questions themselves are never touched.",
        object: Resource::PasswordReset,
        kind: ValueKind::Number { field: "numberOfQuestionsToRegister", min: 3, max: 5, start: 5 },
    },
    Setting {
        key: "methods.security_questions.reset",
        page: PortalPage::AuthenticationMethods,
        label: "Number of questions required to reset",
        about: "How many of the registered security questions a person must answer to reset; at most as many as are registered.",
        object: Resource::PasswordReset,
        kind: ValueKind::Number { field: "numberOfQuestionsToReset", min: 3, max: 5, start: 3 },
    },
    Setting {
        key: "registration.required",
        page: PortalPage::Registration,
        label: "Require users to register when signing in",
        about: "Whether people are asked to register their methods when they sign in.",
        object: Resource::PasswordReset,
        kind: ValueKind::Switch { field: "registrationRequiredOnSignIn" },
    },
    Setting {
        key: "registration.reconfirm_days",
        page: PortalPage::Registration,
        label: "Number of days before users are asked to re-confirm their authentication information",
        about: "After how many days people are asked to confirm what they registered; 0 is never. Only where registration is required.",
        object: Resource::PasswordReset,
        // sic: "Inteval" is the service's own spelling.
        kind: ValueKind::Number { field: "registrationReconfirmIntevalInDays", min: 0, max: 730, start: 180 },
    },
    Setting {
        key: "notifications.users",
        page: PortalPage::Notifications,
        label: "Notify users on password resets",
        about: "Whether people get an e-mail when their own password is reset.",
        object: Resource::PasswordReset,
        kind: ValueKind::Switch { field: "notifyUsersOnPasswordReset" },
    },
    Setting {
        key: "notifications.admins",
        page: PortalPage::Notifications,
        label: "Notify all admins when other admins reset their password",
        about: "Whether administrators get an e-mail when another administrator resets their own password.",
        object: Resource::PasswordReset,
        kind: ValueKind::Switch { field: "notifyOnAdminPasswordReset" },
    },
    Setting {
        key: "customization.helpdesk",
        page: PortalPage::Customization,
        label: "Customize helpdesk link",
        about: "Where \"Contact your administrator\" links to: an e-mail address or an http(s) URL. `none` turns the custom link off and keeps the stored address.",
        object: Resource::PasswordReset,
        kind: ValueKind::Helpdesk,
    },
    Setting {
        key: "writeback.enabled",
        page: PortalPage::OnPremisesIntegration,
        label: "Write back passwords to the on-premises directory",
        about: "Whether a new password reaches the on-premises directory; synchronised people cannot reset without it. Needs Global Administrator.",
        object: Resource::Writeback,
        kind: ValueKind::Switch { field: "enablementForTenant" },
    },
    Setting {
        key: "writeback.unlock",
        page: PortalPage::OnPremisesIntegration,
        label: "Allow users to unlock accounts without resetting their password",
        about: "Whether people may unlock their on-premises account and keep their password. Written by itself, after `writeback.enabled`: the service ignores it otherwise.",
        object: Resource::Writeback,
        kind: ValueKind::Switch { field: "accountUnlockEnabled" },
    },
    Setting {
        key: "administrators.allow_sspr",
        page: PortalPage::Administrators,
        label: "Administrators may reset their own password",
        about: "Whether administrators may reset their own password. Affects administrators only, not the pilot; can take up to 60 minutes.",
        object: Resource::Authorization,
        // Graph's own description of the field is misleading: it is about administrators (facts 1.2).
        kind: ValueKind::Switch { field: "allowedToUseSSPR" },
    },
];

/// Returns the setting with this dotted key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::tenant::Object;

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
