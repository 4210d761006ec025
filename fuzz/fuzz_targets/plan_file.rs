//! Any bytes as a saved plan: read whole and untouched, or refused; nothing in it can panic the checks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sspr::plan::{Reviewed, digest, is_saved_plan};

fuzz_target!(|bytes: &[u8]| {
    let _ = is_saved_plan(bytes);
    let _ = Reviewed::parse(bytes);
    // A forged digest gets past the first check, so that the others are reached.
    let Ok(Value::Object(mut document)) = serde_json::from_slice::<Value>(bytes) else { return };
    document.insert("format".to_owned(), json!("sspr.plan/1"));
    document.entry("made").or_insert(json!("1970-01-01T00:00:00Z"));
    let mut document = Value::Object(document);
    document["digest"] = json!(digest(&document));
    if let Ok(reviewed) = Reviewed::parse(document.to_string().as_bytes()) {
        let _ = reviewed.spec_path();
        let _ = reviewed.check_age(jiff::Timestamp::UNIX_EPOCH, 7);
        let _ = reviewed.check_spec(bytes);
    }
});
