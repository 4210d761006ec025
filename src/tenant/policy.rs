//! The admin-centre policy object, kept as the raw JSON the service gave.

use serde_json::{Map, Value};

use crate::digest::sha256;

/// Fields the service fills in by itself: never a difference, never a reason to stop (facts 2.2).
const COMPUTED: [&str; 7] = [
    "passwordResetEnabledGroupName",
    "emailOptionAllowed",
    "mobilePhoneOptionAllowed",
    "officePhoneOptionAllowed",
    "securityQuestionsOptionAllowed",
    "mobileAppNotificationOptionAllowed",
    "mobileAppCodeOptionAllowed",
];

/// The fields every public tool that writes this object sends, the computed ones apart (facts 2.2).
const DOCUMENTED: [&str; 22] = [
    "objectId",
    "enablementType",
    "numberOfAuthenticationMethodsRequired",
    "emailOptionEnabled",
    "mobilePhoneOptionEnabled",
    "officePhoneOptionEnabled",
    "securityQuestionsOptionEnabled",
    "mobileAppNotificationEnabled",
    "mobileAppCodeEnabled",
    "numberOfQuestionsToRegister",
    "numberOfQuestionsToReset",
    "registrationRequiredOnSignIn",
    "registrationReconfirmIntevalInDays", // sic
    "skipRegistrationAllowed",
    "skipRegistrationMaxAllowedDays",
    "customizeHelpdeskLink",
    "customHelpdeskEmailOrUrl",
    "notifyUsersOnPasswordReset",
    "notifyOnAdminPasswordReset",
    "passwordResetEnabledGroupIds",
    "securityQuestions",
    "registrationConditionalAccessPolicies",
];

/// Why an answer cannot be taken for the password reset policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The service answered something that is not a JSON object.
    #[error("the password reset policy is not a JSON object but {0}")]
    NotAnObject(&'static str),
    /// Another policy object than the tenant's one; writing it could hit something unknown.
    #[error("the password reset policy has objectId {0}, not \"default\"")]
    NotDefault(String),
}

/// The tenant's `PasswordResetPolicies` object.
///
/// Unknown fields, nested arrays and large numbers ride along untouched, because a write sends the
/// whole object back and no public source says what the service does with a field left out (facts 2.7).
#[derive(Clone, Debug, PartialEq)]
pub struct PasswordResetPolicy {
    raw: Map<String, Value>,
}

impl PasswordResetPolicy {
    /// Takes the service's answer for the policy.
    ///
    /// # Errors
    /// The answer is no object, or its `objectId` is not `default`.
    pub fn from_json(answer: Value) -> Result<Self, PolicyError> {
        let raw = match answer {
            Value::Object(raw) => raw,
            Value::Array(_) => return Err(PolicyError::NotAnObject("an array")),
            Value::Null => return Err(PolicyError::NotAnObject("null")),
            _ => return Err(PolicyError::NotAnObject("a single value")),
        };
        match raw.get("objectId") {
            Some(Value::String(id)) if id == "default" => Ok(Self { raw }),
            Some(other) => Err(PolicyError::NotDefault(crate::text::excerpt(&other.to_string(), 80))),
            None => Err(PolicyError::NotDefault("missing".to_owned())),
        }
    }

    /// Returns the whole object, as it would be sent.
    pub fn to_json(&self) -> Value {
        Value::Object(self.raw.clone())
    }

    /// Returns a field, where the service told it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.raw.get(name)
    }

    /// Lays a new value over a field; every other field stays as it came.
    pub fn overlay(&mut self, name: &str, value: Value) {
        self.raw.insert(name.to_owned(), value);
    }

    /// Returns the names of the fields that differ between the two, sorted, computed ones left out.
    pub fn differing_fields(&self, other: &Self) -> Vec<String> {
        let names = self.raw.keys().chain(other.raw.keys());
        let mut differing: Vec<String> = names
            .filter(|name| !COMPUTED.contains(&name.as_str()))
            .filter(|name| self.raw.get(*name) != other.raw.get(*name))
            .cloned()
            .collect();
        differing.sort();
        differing.dedup();
        differing
    }

    /// Returns whether a field is one this tool knows the meaning of; an unknown one may be the service's own
    /// clock or counter.
    pub fn is_documented(field: &str) -> bool {
        DOCUMENTED.contains(&field)
    }

    /// Returns `sha256:…` over the object without its computed fields; equal states give equal text.
    pub fn fingerprint(&self) -> String {
        let stored: Map<String, Value> = self
            .raw
            .iter()
            .filter(|(name, _)| !COMPUTED.contains(&name.as_str()))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        // serde_json's map is sorted by key, so the text is canonical.
        sha256(Value::Object(stored).to_string().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(text: &str) -> PasswordResetPolicy {
        PasswordResetPolicy::from_json(serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn keeps_every_digit_and_letter_of_what_it_does_not_know() {
        let text = r#"{"big":123456789012345678901234567890,"exact":1.10,"objectId":"default","text":"Wie heißt dein Hund? 🐕"}"#;
        assert_eq!(policy(text).to_json().to_string(), text);
    }

    #[test]
    fn refuses_an_object_that_is_not_the_tenants_one() {
        for (answer, said) in [
            (json!([1]), "an array"),
            (json!(null), "null"),
            (json!("x"), "a single value"),
            (json!({"objectId": "other"}), "other"),
            (json!({"enablementType": 0}), "missing"),
        ] {
            let error = PasswordResetPolicy::from_json(answer).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn computed_fields_are_no_difference() {
        let before = policy(r#"{"objectId":"default","passwordResetEnabledGroupName":"","a":1}"#);
        let mut after = policy(r#"{"objectId":"default","passwordResetEnabledGroupName":"Pilot","a":1}"#);
        assert_eq!(before.fingerprint(), after.fingerprint());
        assert!(before.differing_fields(&after).is_empty());
        after.overlay("a", json!(2));
        after.overlay("b", json!(null));
        assert_eq!(before.differing_fields(&after), ["a", "b"]);
        assert_ne!(before.fingerprint(), after.fingerprint());
    }
}
