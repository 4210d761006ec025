//! Each of Microsoft's clouds: what is told, what goes on without the admin centre, and what does not.

use serde_json::Value;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::Scene;

/// A cloud, what is wrong with its admin centre, and what is said about that.
struct Case {
    cloud: &'static str,
    faults: &'static [&'static str],
    has_portal_token: bool,
    said: &'static str,
    /// The same for whoever asks for no details.
    brief: &'static str,
    /// What `doctor` ends with.
    doctor: i32,
}

const CASES: [Case; 4] = [
    // Whoever is no administrator, or an application, in the cloud that everyone uses.
    Case {
        cloud: "public",
        faults: &["GET /api status=403"],
        has_portal_token: true,
        said: "was refused with 403",
        brief: "was refused with 403",
        doctor: 5,
    },
    Case {
        cloud: "usgov",
        faults: &["GET /api status=401"],
        has_portal_token: true,
        said: "was refused with 401",
        brief: "was refused with 401",
        doctor: 5,
    },
    Case {
        cloud: "usgov-dod",
        faults: &[],
        has_portal_token: false,
        said: "no sign-in method is available",
        brief: "not signed in to the admin centre\n",
        doctor: 5,
    },
    // No audience for the admin centre, and no methods policy on Graph (facts 2.6, 5).
    Case {
        cloud: "china",
        faults: &["GET /v1.0/policies/authenticationMethodsPolicy status=404"],
        has_portal_token: false,
        said: "the admin centre's audience in the cloud `china` is not documented",
        brief: "the admin centre's audience in the cloud `china` is not documented",
        doctor: 0,
    },
];

async fn met(case: &Case) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    for fault in case.faults {
        sandbox.fail(fault.parse().unwrap());
    }
    let scene = Scene::against(&sandbox).example("pilot.yaml").env("PATH", "");
    let scene = if case.has_portal_token { scene } else { scene.env("SSPR_PORTAL_TOKEN", "") };
    (sandbox, scene)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_goes_on_with_what_is_left_and_says_so() {
    for case in &CASES {
        let (sandbox, scene) = met(case).await;
        let run = |args: &[&str], code: i32| {
            let shown = scene.run(&[args, &["--cloud", case.cloud]].concat());
            assert_eq!(shown.code, code, "{} {args:?}\n{shown}", case.cloud);
            shown
        };
        let people = run(&["people"], 0);
        assert!(people.stdout.contains(": 8 people, 2 ready of 4 who can be (50 %), "), "{people}");
        let report = run(&["report"], 0);
        assert!(report.stdout.contains("the admin centre's settings (portal: "), "{report}");
        assert!(report.stdout.contains(case.said), "{report}");
        let page = std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
        assert!(
            page.contains("the admin centre&#39;s settings") || page.contains("the admin centre's settings")
        );
        let doctor = run(&["doctor"], case.doctor);
        assert!(doctor.stdout.contains(case.brief), "{doctor}");
        let _ = run(&["apply", "--graph-only", "--yes"], 0);
        // Half of what was asked about is behind a closed door: neither "matches" nor "differs".
        let verify = run(&["verify"], 77);
        assert!(verify.stdout.contains("Graph's half of Contoso matches"), "{verify}");
        assert!(
            verify.stdout.contains(
                "settings of the portal  the portal half was not read: not readable with this sign-in"
            ),
            "{verify}"
        );
        assert!(verify.stderr.contains(case.brief) && verify.stderr.contains("--graph-only"), "{verify}");
        let verify = run(&["verify", "--graph-only"], 5);
        assert!(verify.stderr.contains("--allow-unread"), "{verify}");
        let verify = run(&["verify", "--graph-only", "--allow-unread", "--format", "json"], 0);
        let document: Value = serde_json::from_str(&verify.stdout).unwrap();
        let checks = document["checks"].as_array().unwrap();
        assert!(checks.iter().any(|check| check["name"] == "portal-settings" && check["ok"].is_null()));
        if case.cloud == "china" {
            assert!(checks.iter().any(|check| check["name"] == "migration-state-unknown"), "{verify}");
        }
        let writes = sandbox.take_requests().into_iter().filter(|request| request.method != "GET");
        assert!(writes.into_iter().all(|request| request.target.starts_with("/v1.0/")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_plans_or_writes_needs_the_flag_and_the_hint_names_it() {
    for case in &CASES {
        let (sandbox, scene) = met(case).await;
        for (args, hint) in [
            (&["plan"][..], "pass --graph-only to plan Graph's half and list the rest as portal steps"),
            (&["apply", "--yes"], "pass --graph-only to plan Graph's half and list the rest as portal steps"),
            (&["cleanup", "--yes"], "by hand, set Password reset > Properties to None"),
        ] {
            let shown = scene.run(&[args, &["--cloud", case.cloud]].concat());
            assert_eq!(shown.code, 77, "{} {args:?}\n{shown}", case.cloud);
            assert!(shown.stderr.contains(case.brief) && shown.stderr.contains(hint), "{shown}");
        }
        let shown = scene.run(&["cleanup", "--graph-only"]).code(64);
        assert!(shown.stderr.contains("--graph-only"), "{shown}");
        assert!(sandbox.take_requests().iter().all(|request| request.method == "GET"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_to_click_is_in_the_documents_too() {
    let (_sandbox, scene) = met(&CASES[3]).await;
    let run = |args: &[&str]| {
        let shown =
            scene.run(&[args, &["--graph-only", "--format", "json", "--cloud", "china"]].concat()).code(0);
        serde_json::from_str::<Value>(&shown.stdout).unwrap()
    };
    let plan = run(&["plan", "--out", "plan.json"]);
    let steps = plan["portal_steps"].as_array().unwrap();
    assert_eq!(
        steps[0],
        serde_json::json!({
            "page": "Properties", "label": "Self service password reset enabled", "value": "Selected", "key": "scope",
        })
    );
    assert!(steps.iter().any(|step| step["key"] == "methods.required" && step["value"] == "1"), "{plan}");
    let outcome = run(&["apply", "plan.json", "--yes"]);
    assert_eq!(outcome["portal_steps"], plan["portal_steps"]);
    // Where the admin centre was read, nothing is left.
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["plan", "--format", "json"]).code(0);
    assert!(!shown.stdout.contains("portal_steps"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_spec_leaves_to_a_closed_admin_centre_is_unknown_for_people() {
    let spec = "version: 1\ngroup: SSPR-Pilot\n";
    let (_sandbox, scene) = met(&CASES[0]).await;
    let scene = scene.file("pilot.yaml", spec);
    let shown = scene.run(&["people"]).code(0);
    assert!(shown.stdout.contains("the password reset policy (portal: GET"), "{shown}");
    assert!(shown.stdout.contains("0 ready"), "{shown}");
    let shown = scene.run(&["people", "--graph-only"]).code(0);
    assert!(shown.stdout.contains("the password reset policy (left out by --graph-only)"), "{shown}");
    // Trouble is no closed door.
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail("GET /api status=500".parse().unwrap());
    let shown = Scene::against(&sandbox).file("pilot.yaml", spec).run(&["people", "--pace", "1"]).code(1);
    assert!(shown.stderr.contains("portal: GET"), "{shown}");
}
