//! What a browser saved of a visit to the portal: read from any file, held against the beliefs, and nothing else shown.

mod canaries;
mod damaged;
mod dialects;
mod judged;
mod program;
mod snapshot;

use serde_json::Value;
use sspr::app::examine_recording;
use sspr::evidence::{Judged, Verdict};
use sspr::outcome::Recorded;
use sspr::sandbox::{Browser, Sandbox, Seed, TenantState, Visit};
use sspr::stop::Stop;

use crate::common::NOW;

pub const CHROMIUM: Visit = Visit { browser: Browser::Chromium, is_sensitive: false, began: NOW };
pub const FIREFOX: Visit = Visit { browser: Browser::Firefox, is_sensitive: true, began: NOW };

/// Returns the file of a visit to a pretend tenant in which something goes wrong.
pub async fn visit(seed: Seed, faults: &[&str], visit: Visit) -> Value {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    for fault in faults {
        sandbox.fail(fault.parse().unwrap());
    }
    serde_json::from_str(&sandbox.record_visit(visit).await.unwrap()).unwrap()
}

/// Returns what a file shows; it must be whole.
pub fn examined(file: &Value) -> Recorded {
    let (recorded, failure) = read(file.to_string().as_bytes());
    assert!(failure.is_none(), "{failure:?}");
    recorded
}

pub fn read(bytes: &[u8]) -> (Recorded, Option<sspr::error::Failure>) {
    examine_recording(bytes, "portal.har", &Stop::default())
}

pub fn belief<'a>(recorded: &'a Recorded, code: &str) -> &'a Judged {
    let mut all = recorded.evidence.judged.iter();
    all.find(|judged| judged.belief.code == code).unwrap_or_else(|| panic!("no belief {code}"))
}

pub fn verdict(recorded: &Recorded, code: &str) -> Verdict {
    belief(recorded, code).verdict()
}

/// Returns the codes of what was seen otherwise.
pub fn otherwise(recorded: &Recorded) -> Vec<&str> {
    let is_it = |judged: &&Judged| judged.verdict() == Verdict::Otherwise;
    recorded.evidence.judged.iter().filter(is_it).map(|judged| judged.belief.code.as_ref()).collect()
}

/// Changes each request of a file whose method and URL are as told.
pub fn edit(file: &mut Value, method: &str, url: &str, change: impl Fn(&mut Value)) {
    let mut count = 0;
    for entry in file["log"]["entries"].as_array_mut().unwrap() {
        let request = &entry["request"];
        if request["method"] == method && request["url"].as_str().unwrap().contains(url) {
            change(entry);
            count += 1;
        }
    }
    assert!(count > 0, "no {method} {url}");
}
