//! Any bytes as what a browser saved: as the whole file, as an entry of one, and as a body in it. It is read or refused,
//! and no text of it is in what is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sspr::app::examine_recording;
use sspr::render::evidence;
use sspr::stop::Stop;

const POLICY: &str = "https://main.iam.ad.ext.azure.com/api/PasswordReset/PasswordResetPolicies";
/// What is nowhere in our own words.
const CANARY: &str = "zqzqzqzqzq";

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let exchange = |body: &str| {
        json!({
            "request": {"method": if kind % 2 == 0 { "GET" } else { "PUT" }, "url": POLICY, "postData": {"text": body}},
            "response": {"status": 200, "content": {"text": body}},
        })
    };
    let file = match kind % 8 {
        0..=2 => bytes.to_vec(),
        3 | 4 => {
            let entry: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            json!({"log": {"entries": [entry, exchange("{}")]}}).to_string().into_bytes()
        }
        5 => json!({"log": {"entries": [exchange(&text), exchange("true"), exchange(&text)]}}).to_string().into_bytes(),
        6 => {
            let batch = json!({
                "request": {"method": "POST", "url": "https://graph.microsoft.com/v1.0/$batch", "postData": {"text": text}},
                "response": {"status": 200, "content": {"text": text}},
            });
            json!({"log": {"entries": [batch]}}).to_string().into_bytes()
        }
        _ => json!({"log": {"entries": [exchange(&format!("{{\"a\": \"{CANARY}\", \"b\": {text}}}"))]}})
            .to_string()
            .into_bytes(),
    };
    let (recorded, failure) = examine_recording(file.as_slice(), "the file", &Stop::default());
    assert_eq!(recorded.problem.is_some(), failure.is_some());
    let shown = evidence::json(&recorded).to_string();
    assert!(!shown.contains(CANARY), "{shown}");
    let again = examine_recording(file.as_slice(), "the file", &Stop::default()).0;
    assert_eq!(again, recorded);
});
