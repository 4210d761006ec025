//! `sspr.fleet/1`, which [`FleetRun::parse`] reads back.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::outcome::fleet::{FORMAT, FleetFile, FleetRun, FleetVerb, TenantRow};
use crate::outcome::fleet_plans::FleetPlans;

#[derive(Serialize)]
struct FleetV1<'a> {
    format: &'static str,
    /// Only where it is of the sandbox.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sandbox: bool,
    verb: FleetVerb,
    made: String,
    fleet: &'a FleetFile,
    shard: Option<&'a str>,
    waves: &'a [String],
    exit: u8,
    stopped: Option<&'a str>,
    /// How many tenants there are, and how many came to each result that any came to.
    summary: BTreeMap<&'static str, usize>,
    tenants: &'a [TenantRow],
}

/// Returns the result as `sspr.fleet/1`.
pub fn json(run: &FleetRun) -> String {
    let counts = run.counts();
    let counts = counts.iter().map(|(result, count)| (result.as_str(), *count));
    crate::render::json::document(&FleetV1 {
        format: FORMAT,
        sandbox: run.is_sandbox,
        verb: run.verb,
        made: run.made.to_string(),
        fleet: &run.fleet,
        shard: run.shard.as_deref(),
        waves: &run.waves,
        exit: run.exit,
        stopped: run.stopped.as_deref(),
        summary: counts.chain([("tenants", run.rows.len())]).collect(),
        tenants: &run.rows,
    })
}

/// Returns the index of a folder of plans as `sspr.fleet-plans/1`, which [`FleetPlans::parse`] reads back.
pub fn index(plans: &FleetPlans) -> String {
    crate::render::json::document(plans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fleet::{NotAFleetRun, TenantResult};
    use serde_json::{Value, json};

    /// A run in which one tenant came to each result, with and without what may be missing.
    fn run(verb: FleetVerb) -> FleetRun {
        let row = |(at, result): (usize, TenantResult)| {
            let mut row = TenantRow::not_tried(&format!("t{at}.example"), at + 1, "rest");
            row.result = result;
            if at % 2 == 0 {
                row.exit = 77;
                row.why = Some("Graph said \"no\"\u{1b}[31m".to_owned());
                row.id = Some(uuid::Uuid::from_u128(at as u128).into());
                (row.changes, row.people, row.ready_after) = (Some(u64::MAX), Some(0), Some(7));
                row.run = Some("20261126T070000Z-000000".to_owned());
            }
            row
        };
        FleetRun {
            verb,
            made: "2026-11-26T07:00:00Z".parse().unwrap(),
            fleet: FleetFile { path: "fleet.yaml".to_owned(), sha256: "00".to_owned(), tenants: 12 },
            shard: Some("1/4".to_owned()),
            waves: vec!["canary".to_owned(), "rest".to_owned()],
            stopped: None,
            exit: 4,
            is_sandbox: true,
            rows: TenantResult::ALL.into_iter().enumerate().map(row).collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_the_same() {
        for verb in [FleetVerb::Plan, FleetVerb::Apply, FleetVerb::Cleanup] {
            let run = run(verb);
            assert_eq!(FleetRun::parse(json(&run).as_bytes()), Ok(run));
        }
    }

    #[test]
    fn the_words_of_the_document_are_those_that_are_told() {
        let document: Value = serde_json::from_str(&json(&run(FleetVerb::Apply))).unwrap();
        let words: Vec<&str> = document["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["result"].as_str().unwrap())
            .collect();
        assert_eq!(words, TenantResult::ALL.map(TenantResult::as_str));
        assert_eq!((&document["verb"], &document["summary"]["tenants"]), (&json!("apply"), &json!(12)));
        assert!(TenantResult::ALL.iter().all(|result| document["summary"][result.as_str()] == 1));
    }

    #[test]
    fn only_a_whole_document_of_this_version_is_read() {
        let whole = json(&run(FleetVerb::Plan));
        let other = whole.replace(FORMAT, "sspr.fleet/2");
        assert_eq!(
            FleetRun::parse(other.as_bytes()),
            Err(NotAFleetRun::OtherFormat("sspr.fleet/2".to_owned()))
        );
        for broken in [&whole[..whole.len() / 2], "", "[]x", &whole.replace("\"exit\": 4", "\"exit\": 999")] {
            assert!(
                matches!(FleetRun::parse(broken.as_bytes()), Err(NotAFleetRun::Unreadable(_))),
                "{broken}"
            );
        }
        assert!(matches!(FleetRun::parse(b"{}"), Err(NotAFleetRun::OtherFormat(_))));
        // A newer version adds fields, and an older one lacks some.
        let newer = whole.replacen("\"verb\"", "\"weather\": 1, \"verb\"", 1);
        assert!(FleetRun::parse(newer.as_bytes()).is_ok());
        let bare = r#"{"format": "sspr.fleet/1", "verb": "plan", "made": "2026-11-26T07:00:00Z", "exit": 0,
            "fleet": {"path": "f", "sha256": "s", "tenants": 1},
            "tenants": [{"tenant": "a.example", "place": 1, "wave": "rest", "result": "not-tried", "exit": 0}]}"#;
        let read = FleetRun::parse(bare.as_bytes()).unwrap();
        assert_eq!(read.rows, [TenantRow::not_tried("a.example", 1, "rest")]);
    }
}
