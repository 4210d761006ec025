//! What the admin centre takes as a password reset policy (facts 2.2; 2026-11 F): the type of every field whose meaning
//! is known. The policy itself is kept raw.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A policy that is sent. A field may be left out; none may be of another type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read for their types alone")]
struct PolicyBody {
    object_id: String,
    enablement_type: Option<u8>,
    number_of_authentication_methods_required: Option<u8>,
    email_option_enabled: Option<bool>,
    mobile_phone_option_enabled: Option<bool>,
    office_phone_option_enabled: Option<bool>,
    security_questions_option_enabled: Option<bool>,
    mobile_app_notification_enabled: Option<bool>,
    mobile_app_code_enabled: Option<bool>,
    number_of_questions_to_register: Option<u8>,
    number_of_questions_to_reset: Option<u8>,
    registration_required_on_sign_in: Option<bool>,
    registration_reconfirm_inteval_in_days: Option<u16>,
    skip_registration_allowed: Option<bool>,
    skip_registration_max_allowed_days: Option<u32>,
    customize_helpdesk_link: Option<bool>,
    custom_helpdesk_email_or_url: Option<String>,
    notify_users_on_password_reset: Option<bool>,
    notify_on_admin_password_reset: Option<bool>,
    password_reset_enabled_group_ids: Option<Vec<Uuid>>,
    password_reset_enabled_group_name: Option<String>,
    security_questions: Option<Vec<Question>>,
    registration_conditional_access_policies: Option<Vec<String>>,
    email_option_allowed: Option<bool>,
    mobile_phone_option_allowed: Option<bool>,
    office_phone_option_allowed: Option<bool>,
    security_questions_option_allowed: Option<bool>,
    mobile_app_notification_option_allowed: Option<bool>,
    mobile_app_code_option_allowed: Option<bool>,
}

/// A security question.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read for their types alone")]
struct Question {
    /// A GUID without dashes.
    object_id: Option<Uuid>,
    question_text: Option<String>,
    is_custom_question: Option<bool>,
}

/// Returns why a policy is not taken; `None` where it is. What the tenant holds already is taken, however odd.
pub(crate) fn problem(sent: &Map<String, Value>, held: &Value) -> Option<String> {
    let is_new = |(name, value): &(&String, &Value)| *name == "objectId" || held.get(*name) != Some(*value);
    let new = sent.iter().filter(is_new).map(|(name, value)| (name.clone(), value.clone()));
    let body: PolicyBody = match serde_json::from_value(Value::Object(new.collect())) {
        Ok(body) => body,
        Err(error) => return Some(format!("The request body is not a policy: {error}.")),
    };
    if body.object_id != "default" {
        return Some("objectId must be default.".to_owned());
    }
    let days = body.skip_registration_max_allowed_days;
    let ranges: [(&str, Option<u32>, RangeInclusive<u32>); 4] = [
        ("enablementType", body.enablement_type.map(u32::from), 0..=2),
        (
            "numberOfAuthenticationMethodsRequired",
            body.number_of_authentication_methods_required.map(u32::from),
            1..=2,
        ),
        (
            "registrationReconfirmIntevalInDays",
            body.registration_reconfirm_inteval_in_days.map(u32::from),
            0..=730,
        ),
        ("skipRegistrationMaxAllowedDays", days, 1..=u32::MAX),
    ];
    for (name, number, range) in ranges {
        if number.is_some_and(|number| !range.contains(&number)) {
            return Some(format!("{name} is out of range."));
        }
    }
    let is_selected = sent.get("enablementType").and_then(Value::as_u64) == Some(1);
    let groups = sent.get("passwordResetEnabledGroupIds").and_then(Value::as_array);
    (is_selected && groups.is_none_or(Vec::is_empty)).then(|| "A group must be selected.".to_owned())
}
