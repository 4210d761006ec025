//! Files that are damaged, or made to do damage.

use proptest::prelude::*;
use serde_json::{Value, json};
use sspr::error::Exit;
use sspr::sandbox::Seed;

use super::{FIREFOX, examined, read, visit};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_ends_early_shows_what_was_read_until_there() {
    let file = visit(Seed::Fresh, &[], FIREFOX).await;
    let text = format!("{file:#}");
    let whole = examined(&file);
    let mut last = 0;
    for end in (0..text.trim_end().len()).step_by(1009) {
        let (recorded, failure) = read(&text.as_bytes()[..end]);
        let failure = failure.unwrap();
        assert_eq!(failure.exit, Exit::Failed, "{end}");
        assert_eq!(failure.causes(), ["the file ends in the middle of its JSON"], "{end}");
        assert!(failure.to_string().starts_with("portal.har was read in part, up to "), "{failure}");
        assert!((last..=whole.recording.entries).contains(&recorded.recording.entries));
        last = recorded.recording.entries;
    }
    assert!(last > 10, "{last}");
}

#[test]
fn what_is_no_har_is_said_to_be_none() {
    let nested = format!("{{\"log\": {{\"entries\": [{}", "[".repeat(100_000));
    for (bytes, cause) in [
        (b"".as_slice(), "the file ends in the middle of its JSON"),
        (b"\0\0\0\0", "the file is not JSON at line 1, column 1"),
        (b"<html>", "the file is not JSON at line 1, column 1"),
        (b"{\"log\": {\"entries\": [\n{,}", "the file is not JSON at line 2, column 2"),
        (b"{}", "the file is JSON without `log.entries`, so it is no HAR file"),
        (b"[]", "the file is JSON without `log.entries`, so it is no HAR file"),
        (b"7", "the file is JSON without `log.entries`, so it is no HAR file"),
        (
            b"{\"log\": {\"entries\": {\"a\": 1}}}",
            "the file is JSON without `log.entries`, so it is no HAR file",
        ),
        (b"PK\x03\x04rest", "the file is compressed"),
        (b"\x1f\x8brest", "the file is compressed"),
        (b"\xff\xfe{\0}\0", "the file is UTF-16 text"),
        (nested.as_bytes(), "the file is nested more than 4096 deep"),
    ] {
        let (recorded, failure) = read(bytes);
        let failure = failure.unwrap();
        assert_eq!(failure.causes(), [cause]);
        assert_eq!((failure.exit, recorded.problem.as_deref()), (Exit::Failed, Some(cause)));
        assert_eq!(failure.hints.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_are_passed_over_and_the_rest_is_read() {
    let file = visit(Seed::Fresh, &[], FIREFOX).await;
    let as_it_is = examined(&file);
    let mut odd = file.clone();
    let entries = odd["log"]["entries"].as_array_mut().unwrap();
    let host = "https://main.iam.ad.ext.azure.com/api/PasswordReset/PasswordResetPolicies";
    for entry in [
        json!(null),
        json!(7),
        json!("x"),
        json!([[[]]]),
        json!({}),
        json!({"request": null, "response": 7}),
        json!({"request": {"url": 7, "method": []}}),
        json!({"request": {"url": "https://"}}),
        json!({"request": {"url": host}}),
        json!({"request": {"url": host, "method": "HEAD"}}),
        json!({"request": {"url": host, "method": "GET", "headers": "x"}, "response": {"status": "none"}}),
        json!({"request": {"url": host, "method": "GET"}, "response": {"status": 1e300}, "time": "x", "startedDateTime": NOW}),
    ] {
        entries.push(entry);
    }
    odd["log"]["pages"] = json!("none");
    let recorded = examined(&odd);
    assert_eq!(recorded.recording.entries, as_it_is.recording.entries + 12);
    assert_eq!(recorded.evidence, as_it_is.evidence);
    // The same name twice: the last one counts, as in a browser.
    let twice = file.to_string().replace("\"method\":\"PUT\"", "\"method\":\"GET\",\"method\":\"PUT\"");
    let (recorded, _) = read(twice.as_bytes());
    assert_eq!(recorded, as_it_is);
    // What is not UTF-8, and what no text of JSON may hold.
    let text = file.to_string().replace("Mozilla/5.0", "Moz\u{1}illa");
    let bytes = text.replace("Moz\u{1}illa", "\0~~").into_bytes();
    let bytes: Vec<u8> = bytes.into_iter().map(|byte| if byte == b'~' { 0xff } else { byte }).collect();
    let (recorded, failure) = read(&bytes);
    assert!(failure.is_none(), "{failure:?}");
    assert_eq!(recorded, as_it_is);
}

const NOW: &str = "2026-11-26T09:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn huge_texts_and_many_entries_are_not_held() {
    let mut file = visit(Seed::Fresh, &[], FIREFOX).await;
    let entries = file["log"]["entries"].as_array_mut().unwrap();
    let policy = entries
        .iter()
        .find(|entry| {
            entry["request"]["method"] == "PUT"
                && entry["request"]["url"].as_str().unwrap().contains("PasswordResetPolicies")
        })
        .unwrap()
        .clone();
    let mut huge = policy.clone();
    huge["response"]["content"]["text"] = format!("\"{}\"", "a".repeat(6 << 20)).into();
    entries.push(huge);
    entries
        .extend((0..3000).map(|_| json!({"request": {"url": "https://example.com/x.png", "method": "GET"}})));
    let recorded = examined(&file);
    assert_eq!(recorded.recording.cut, 1, "{:?}", recorded.recording);
    assert!(recorded.recording.entries > 3000);
    // More of what is looked at than there is room for is counted, and left out.
    let filler = "b".repeat(3 << 20);
    let mut text = "{\"log\":{\"entries\":[".to_owned();
    let mut large = policy;
    large["response"]["content"]["text"] = filler.into();
    let large = large.to_string();
    text += &vec![large; 30].join(",");
    text += "]}}";
    let recorded = read(text.as_bytes()).0;
    assert!(recorded.recording.left_out > 0, "{:?}", recorded.recording);
    assert_eq!(recorded.recording.entries, 30);
}

#[test]
fn a_mutated_file_is_read_or_refused_and_never_more() {
    let file = runtime().block_on(visit(Seed::Configured, &[], FIREFOX)).to_string().into_bytes();
    let edits = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..12);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() });
    runner
        .run(&edits, |edits| {
            let mut bytes = file.clone();
            for (at, byte, kind) in edits {
                let at = at.index(bytes.len());
                match kind {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len() - 1))),
                }
            }
            let (recorded, failure) = read(&bytes);
            prop_assert_eq!(failure.is_some(), recorded.problem.is_some());
            let _: Value = sspr::render::evidence::json(&recorded);
            Ok(())
        })
        .unwrap();
}
