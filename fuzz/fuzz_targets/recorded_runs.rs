//! Any bytes as the journal and the baseline of an earlier run: read for a way back or refused; a baseline that is read is
//! the one its digest tells.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sspr::store::recorded_writes;

const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

fuzz_target!(|files: (&[u8], &[u8])| {
    let (journal, baseline) = files;
    let Ok((writes, is_checked)) = recorded_writes(journal, baseline, TENANT.parse().unwrap()) else { return };
    if writes.is_empty() {
        return;
    }
    let baseline: Value = serde_json::from_slice(baseline).unwrap();
    assert!(baseline["tenant"]["id"].as_str().unwrap().eq_ignore_ascii_case(TENANT));
    let told = baseline["digest"].as_str();
    assert!(told.is_none_or(|told| is_checked && told == sspr::plan::digest(&baseline)));
    for (at, write) in writes.iter().enumerate() {
        // A second write of an object starts from what the first left.
        if writes[..at].iter().any(|earlier| earlier.resource() == write.resource()) {
            continue;
        }
        assert_eq!(baseline["objects"][write.resource().to_string()], write.prior().to_json());
    }
});
