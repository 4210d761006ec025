//! Files as browsers and those who clean them write them: all say the same.

use serde_json::{Value, json};
use sspr::evidence::{Evidence, Verdict};
use sspr::sandbox::Seed;

use super::{CHROMIUM, FIREFOX, edit, examined, read, verdict, visit};

const POLICY: &str = "/PasswordReset/PasswordResetPolicies";

/// Leaves out what a browser says of tokens.
fn without_tokens(mut evidence: Evidence) -> Evidence {
    evidence.judged.retain(|judged| judged.belief.kind != "token");
    evidence
}

#[tokio::test(flavor = "multi_thread")]
async fn both_browsers_files_show_the_same() {
    let chromium = examined(&visit(Seed::Configured, &[], CHROMIUM).await);
    let firefox = examined(&visit(Seed::Configured, &[], FIREFOX).await);
    assert_eq!((chromium.recording.program, firefox.recording.program), (Some("Chromium"), Some("Firefox")));
    assert_eq!(chromium.recording.looked_at, firefox.recording.looked_at);
    assert_eq!(without_tokens(chromium.evidence), without_tokens(firefox.evidence));
}

/// Every entry of a file, changed in a way that means nothing.
fn every_entry(file: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut file = file.clone();
    file["log"]["entries"].as_array_mut().unwrap().iter_mut().for_each(change);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn spelling_order_and_encoding_mean_nothing() {
    let file = visit(Seed::Configured, &[], FIREFOX).await;
    let as_it_is = examined(&file);
    let same = |name: &str, text: &[u8]| {
        let (recorded, failure) = read(text);
        assert!(failure.is_none(), "{name}: {failure:?}");
        assert_eq!(recorded, as_it_is, "{name}");
    };
    same("on one line", file.to_string().as_bytes());
    same("with a mark of Windows", format!("\u{feff}{file:#}").as_bytes());
    let crlf = format!("{file:#}").replace('\n', "\r\n");
    same("with line ends of Windows", crlf.as_bytes());
    let escaped: String = file
        .to_string()
        .chars()
        .flat_map(|c| {
            match c.is_ascii() {
                true => c.to_string(),
                false => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect();
    same("in ASCII", escaped.as_bytes());
    let base64 = every_entry(&file, |entry| {
        let content = &mut entry["response"]["content"];
        if let Some(text) = content["text"].as_str() {
            content["text"] = azure_core::base64::encode(text).into();
            content["encoding"] = "base64".into();
        }
    });
    same("in base64", base64.to_string().as_bytes());
    let pairs = every_entry(&file, |entry| {
        let headers = entry["request"]["headers"].as_array().unwrap();
        let pairs = headers
            .iter()
            .map(|header| (header["name"].as_str().unwrap().to_owned(), header["value"].clone()));
        entry["request"]["headers"] = Value::Object(pairs.collect());
    });
    same("with headers as an object", pairs.to_string().as_bytes());
    let mut backwards = file.clone();
    backwards["log"]["entries"].as_array_mut().unwrap().reverse();
    same("sorted otherwise", backwards.to_string().as_bytes());
    let with_comments = every_entry(&file, |entry| {
        entry["comment"] = "checked".into();
        entry["request"]["comment"] = json!({"by": ["someone"]});
        entry["_initiator"] =
            (0..300).fold(Value::Null, |inner, _| json!({ "parent": inner, "callFrames": [] }));
    });
    same("with comments and deep stacks", with_comments.to_string().as_bytes());
    // The answer before the request, as a program with another order writes it.
    let turned = file.to_string().replace("\"request\":", "\"zrequest\":");
    let turned: Value = serde_json::from_str(&turned).unwrap();
    same("the other way round", turned.to_string().replace("\"zrequest\":", "\"request\":").as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_are_known_in_other_spellings() {
    let file = visit(Seed::Fresh, &[], FIREFOX).await;
    let as_it_is = examined(&file);
    for (from, to) in [
        ("/api/PasswordReset/PasswordResetPolicies", "/api/passwordreset/passwordresetpolicies"),
        ("/authenticationMethodConfigurations/Email", "/authenticationMethodConfigurations('Email')"),
        ("/v1.0/$batch", "/beta/%24batch"),
        ("https://main.iam.ad.ext.azure.com/api", "https://MAIN.iam.ad.ext.azure.com:443/api/"),
        ("/beta/policies/authenticationMethodsPolicy", "/beta/authenticationMethodsPolicy"),
        ("\"httpVersion\":\"HTTP/2\"", "\"httpVersion\":\"h3\""),
    ] {
        let text = file.to_string();
        assert!(text.contains(from), "{from}");
        assert_eq!(examined(&serde_json::from_str(&text.replace(from, to)).unwrap()), as_it_is, "{to}");
    }
}

/// What a browser left out is not seen, and said to be; it is never taken for an answer that was empty.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_leaves_out_is_not_seen() {
    let file = visit(Seed::Fresh, &[], CHROMIUM).await;
    let without = |change: &dyn Fn(&mut Value)| examined(&every_entry(&file, change));
    let no_bodies = without(&|entry| {
        let content = entry["response"]["content"].as_object_mut().unwrap();
        if content.remove("text").is_some() {
            content.insert("comment".to_owned(), "Response bodies are not included.".into());
        }
    });
    assert!(no_bodies.recording.without_body > 5);
    for (code, seen) in [
        ("policy-read", Verdict::Expected),
        ("policy-read-status", Verdict::Expected),
        ("policy-write-whole", Verdict::Expected),
        ("policy-read-answer", Verdict::NotSeen),
        // The request has it, and the answer is not there.
        ("policy.enablementType", Verdict::Expected),
        ("writeback.enablementForTenant", Verdict::NotSeen),
        ("policy-write-kept", Verdict::NotSeen),
        ("policy-write-answer", Verdict::NotSeen),
        // Of a batch's parts only the answers say how they ended.
        ("organization-read", Verdict::NotSeen),
        ("sync-read-status", Verdict::NotSeen),
    ] {
        assert_eq!(verdict(&no_bodies, code), seen, "{code}");
    }
    let cut = without(&|entry| {
        let text =
            entry["response"]["content"]["text"].as_str().map(|text| text[..text.len() / 2].to_owned());
        if let Some(text) = text {
            entry["response"]["content"]["text"] = text.into();
        }
    });
    assert!(cut.recording.cut > 3, "{:?}", cut.recording);
    assert_eq!(verdict(&cut, "policy-read-answer"), Verdict::NotSeen);
    let no_headers = without(&|entry| entry["request"]["headers"] = json!([]));
    assert_eq!(verdict(&no_headers, "portal-request-id"), Verdict::NotSeen);
    let mut not_sent = file.clone();
    edit(&mut not_sent, "PUT", POLICY, |entry| {
        entry["request"]["postData"] =
            json!({"mimeType": "application/json", "comment": "Request bodies are not included."});
    });
    let not_sent = examined(&not_sent);
    assert_eq!(verdict(&not_sent, "policy-write-whole"), Verdict::NotSeen);
    assert_eq!(verdict(&not_sent, "policy-write"), Verdict::Expected);
}

/// A service may tell the old state for a while; a reading that was under way before the answer tells nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_reading_counts_that_was_asked_for_after_the_write() {
    let mut file =
        visit(Seed::Fresh, &["PUT /api/PasswordReset/PasswordResetPolicies body=true"], CHROMIUM).await;
    assert_eq!(verdict(&examined(&file), "policy-write-kept"), Verdict::Otherwise);
    edit(&mut file, "PUT", POLICY, |entry| entry["time"] = 1_000_000.into());
    assert_eq!(verdict(&examined(&file), "policy-write-kept"), Verdict::NotSeen);
}
