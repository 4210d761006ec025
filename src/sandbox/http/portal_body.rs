//! What the admin centre takes as a password reset policy (facts 2.2; 2026-11 F). The policy itself is kept raw.

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::odata::is_of_kind;
use crate::sandbox::tenant::fresh_policy;

/// The numbers, and how far each goes.
const RANGES: [(&str, RangeInclusive<u64>); 6] = [
    ("enablementType", 0..=2),
    ("numberOfAuthenticationMethodsRequired", 1..=2),
    ("numberOfQuestionsToRegister", 0..=u8::MAX as u64),
    ("numberOfQuestionsToReset", 0..=u8::MAX as u64),
    ("registrationReconfirmIntevalInDays", 0..=730),
    ("skipRegistrationMaxAllowedDays", 1..=u32::MAX as u64),
];

/// Returns why a policy is not taken; `None` where it is. What the tenant holds already is taken, however odd.
pub(crate) fn problem(sent: &Map<String, Value>, held: &Value) -> Option<String> {
    if sent.get("objectId").is_none_or(|id| id != "default") {
        return Some("objectId must be default.".to_owned());
    }
    let known = fresh_policy();
    for (name, value) in sent.iter().filter(|(name, value)| held.get(*name) != Some(*value)) {
        let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let is_taken = match name.as_str() {
            "passwordResetEnabledGroupIds" => elements.iter().all(is_guid),
            "registrationConditionalAccessPolicies" => elements.iter().all(Value::is_string),
            "securityQuestions" => elements.iter().all(is_question),
            _ => true,
        };
        if !is_taken || !is_of_kind(value, &known[name]) {
            return Some(format!("The request body is not a policy: {name} is of another type."));
        }
        let range = RANGES.iter().find(|(number, _)| number == name).filter(|_| !value.is_null());
        if range.is_some_and(|(_, range)| value.as_u64().is_none_or(|number| !range.contains(&number))) {
            return Some(format!("{name} is out of range."));
        }
    }
    let is_selected = sent.get("enablementType").and_then(Value::as_u64) == Some(1);
    let groups = sent.get("passwordResetEnabledGroupIds").and_then(Value::as_array);
    (is_selected && groups.is_none_or(Vec::is_empty)).then(|| "A group must be selected.".to_owned())
}

/// Its id is a GUID without dashes.
fn is_question(value: &Value) -> bool {
    let known = json!({"objectId": "", "questionText": "", "isCustomQuestion": false});
    value.is_object()
        && is_of_kind(value, &known)
        && (value["objectId"].is_null() || is_guid(&value["objectId"]))
}

fn is_guid(value: &Value) -> bool {
    value.as_str().is_some_and(|id| Uuid::try_parse(id).is_ok())
}
