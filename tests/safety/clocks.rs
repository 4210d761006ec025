//! Plans, reports and dated findings count time in UTC: where a machine stands decides nothing.

use std::fs;

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\n";
/// At every moment but three hours of the day it is another date in the one than in the other.
const ZONES: [&str; 2] = ["Pacific/Auckland", "America/Los_Angeles"];

/// Runs the program somewhere in the world, by its own clock where `now` is empty.
fn run_in(scene: &Scene, zone: &str, now: &str, args: &[&str]) -> Shown {
    let mut command = scene.program(args);
    command.env("TZ", zone);
    if !now.is_empty() {
        command.args(["--today", now]);
    }
    scene.shown(&command.output().unwrap())
}

async fn met() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", SPEC);
    (sandbox, scene)
}

fn document(scene: &Scene, name: &str) -> serde_json::Value {
    serde_json::from_slice(&fs::read(scene.path().join(name)).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_made_anywhere_is_applied_anywhere() {
    for (there, here) in [(ZONES[0], ZONES[1]), (ZONES[1], ZONES[0])] {
        let (_sandbox, scene) = met().await;
        let before = jiff::Timestamp::now();
        let _ = run_in(&scene, there, "", &["plan", "--out", "plan.json"]).code(0);
        let made = document(&scene, "plan.json")["made"].as_str().unwrap().to_owned();
        let instant: jiff::Timestamp = made.parse().unwrap();
        assert!(instant.as_second() >= before.as_second() && instant <= jiff::Timestamp::now(), "{made}");
        assert!(made.ends_with('Z') && !made.contains('.'), "{made}");
        let shown = run_in(&scene, here, "", &["apply", "plan.json", "--yes", "--max-age", "0"]);
        assert_eq!(shown.code, 0, "made in {there}, applied in {here}\n{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_skew_is_no_error_and_more_is_reported_in_words_of_its_own() {
    let (sandbox, scene) = met().await;
    let _ = run_in(&scene, "", "2030-11-25T23:30:00Z", &["plan", "--out", "plan.json"]).code(0);
    assert_eq!(document(&scene, "plan.json")["made"], "2030-11-25T23:30:00Z");
    let apply = |now: &str| run_in(&scene, "", now, &["apply", "plan.json", "--yes"]);
    let shown = apply("2030-11-24T23:29:59Z").code(3);
    for said in [
        "the saved plan was made on 2030-11-25T23:30:00Z, which is in the future: it is now 2030-11-24T23:29:59Z",
        "the clock of this machine, or of the one that made the plan, is wrong",
    ] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    let shown = apply("2030-12-03T23:30:00Z").code(3);
    assert!(shown.stderr.contains("made on 2030-11-25T23:30:00Z, more than 7 days ago"), "{shown}");
    assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    let _ = apply("2030-11-24T23:30:00Z").code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_says_the_day_alone_is_still_read() {
    let (_sandbox, scene) = met().await;
    let _ = run_in(&scene, "", "2030-11-25", &["plan", "--out", "plan.json"]).code(0);
    let mut plan = document(&scene, "plan.json");
    plan["made"] = "2030-11-25".into();
    plan["digest"] = sspr::plan::digest(&plan).into();
    let scene = scene.file("plan.json", plan.to_string());
    let _ = run_in(&scene, "", "2030-12-03", &["apply", "plan.json", "--yes"]).code(3);
    let _ = run_in(&scene, "", "2030-11-24T12:00:00Z", &["apply", "plan.json", "--yes"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_of_the_same_day_everywhere() {
    let (_sandbox, scene) = met().await;
    let day = |zone: &str| {
        let shown = run_in(&scene, zone, "", &["report", "--format", "json"]).code(0);
        let report: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let last = report["days"].as_array().and_then(|days| days.last()).unwrap()["date"].clone();
        assert_eq!(report["made_on"], last, "{shown}");
        report["made_on"].as_str().unwrap().to_owned()
    };
    let today = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    for zone in ZONES {
        let (before, told, after) = (today(), day(zone), today());
        assert!(told == before || told == after, "{zone}: {told}, and it is {before}");
    }
}
