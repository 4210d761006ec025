//! Any JSON as the password reset policy: what a setting lays over it is read back, and nothing else moves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sspr::tenant::{Object, Resource, SETTINGS, ValueKind};

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut answer) = serde_json::from_slice::<Value>(bytes) else { return };
    if let Value::Object(answer) = &mut answer {
        answer.insert("objectId".to_owned(), json!("default"));
    }
    let Ok(object) = Object::from_json(Resource::PasswordReset, answer.clone()) else { return };
    assert_eq!(object.to_json(), answer);
    for setting in SETTINGS.iter().filter(|setting| setting.object == Resource::PasswordReset) {
        let Some(actual) = setting.read(&object) else { continue };
        let mut same = object.clone();
        setting.overlay(&actual, &mut same);
        // An id may come back in lower case; everything else is as it was.
        if !matches!(setting.kind, ValueKind::Group) {
            assert_eq!(same.differing_fields(&object), Vec::<String>::new(), "{}", setting.key);
        }
        let other = match setting.kind {
            ValueKind::Switch { .. } => json!(actual != true),
            ValueKind::Number { min, .. } => json!(min),
            ValueKind::Scope => json!("none"),
            ValueKind::Group => json!(["x"]),
            ValueKind::Methods => json!(["email"]),
            ValueKind::Helpdesk => json!("help@contoso.com"),
        };
        let mut changed = object.clone();
        setting.overlay(&other, &mut changed);
        assert_eq!(setting.read(&changed), Some(other), "{}", setting.key);
    }
});
