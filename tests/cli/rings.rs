//! A roll-out of four rings as its administrator sees it: the file, the board, the gate, every ring there and back.

use serde_json::Value;
use snapbox::str;
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown, assert_shown};

fn file(open: usize) -> String {
    format!(
        "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\nrollout:\n  open: {open}\n  rings:\n    \
         - group: SSPR-Ring-IT\n    - group: SSPR-Ring-Office\n      after: {{ready: 80%, days: 7}}\n    - group: SSPR-Ring-Plants\n      \
         after: {{ready: 80%, resets: 1}}\n    - group: SSPR-Ring-All\n"
    )
}

async fn scene() -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Rings)).await.unwrap();
    let scene = Scene::against(&sandbox).file("pilot.yaml", file(1));
    (sandbox, scene)
}

fn nested(sandbox: &Sandbox) -> usize {
    sandbox.tenant().group(id("SSPR-Pilot")).unwrap().members.len() - 1
}

fn later(scene: &Scene, days: i64, args: &[&str]) -> Shown {
    let day = crate::common::TODAY.checked_add(jiff::Span::new().days(days)).unwrap();
    scene.shown(&scene.command_on(day, args).output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_how_far_each_ring_is_and_the_one_line_to_change() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["rings", "--gate"]),
        str![[r#"
Roll-out of SSPR-Pilot in Contoso: 1 of 4 rings open, 7 people, 6 ready (100 %)

RING              OPEN SINCE  PEOPLE  READY      RESETS  GATE
SSPR-Ring-IT      2026-11-22  7       6 (100 %)  0
SSPR-Ring-Office  –           11      7 (70 %)   –       0 of 7 days
SSPR-Ring-Plants  –           12      2 (20 %)   –       after SSPR-Ring-Office
SSPR-Ring-All     –           30      0 (0 %)    –       after SSPR-Ring-Plants

Not registered, and no sign-in in 30 days, so that no prompt reaches them: 1 in SSPR-Ring-Office, 2 in SSPR-Ring-Plants.
SSPR-Pilot also holds 1 person directly; sspr leaves them there.

Not yet: 0 of 7 days. When the gate holds, set rollout.open: 2 in pilot.yaml.
[exit status: 5]

"#]]
    );
    sandbox.register_some("SSPR-Ring-Office", 2, &["email"]).unwrap();
    assert_shown!(
        later(&scene, 7, &["rings", "--gate"]),
        str![[r#"
Roll-out of SSPR-Pilot in Contoso: 1 of 4 rings open, 7 people, 6 ready (100 %)

RING              OPEN SINCE  PEOPLE  READY      RESETS  GATE
SSPR-Ring-IT      2026-11-22  7       6 (100 %)  0
SSPR-Ring-Office  –           11      9 (90 %)   –       holds
SSPR-Ring-Plants  –           12      2 (20 %)   –       after SSPR-Ring-Office
SSPR-Ring-All     –           30      0 (0 %)    –       after SSPR-Ring-Plants

Not registered, and no sign-in in 30 days, so that no prompt reaches them: 1 in SSPR-Ring-Office, 2 in SSPR-Ring-Plants.
SSPR-Pilot also holds 1 person directly; sspr leaves them there.

It is time for SSPR-Ring-Office: set rollout.open: 2 in pilot.yaml.
[exit status: 0]

"#]]
    );
    // What is merged and not applied yet asks for no other pull request.
    let scene = scene.file("pilot.yaml", file(2));
    let waiting = later(&scene, 7, &["rings", "--gate"]).code(5);
    assert!(
        waiting.stdout.contains("SSPR-Ring-Office is not open yet, and is to be by pilot.yaml"),
        "{waiting}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_has_a_json_and_a_markdown_form() {
    let (_sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let shown = scene.run(&["rings", "--format", "json"]).code(0);
    let board: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(board["format"], "sspr.rings/1");
    assert_eq!((&board["open"], &board["people"], &board["is_time"]), (&1.into(), &7.into(), &false.into()));
    assert_eq!(board["rings"][0]["opened"]["by"], "journal");
    assert_eq!(board["rings"][0]["people"]["admins"], 1);
    assert_eq!(board["next"]["set"], serde_json::json!({"key": "rollout.open", "value": 2}));
    let page = scene.run(&["rings", "--format", "markdown"]).code(0);
    assert!(page.stdout.contains("| `SSPR-Ring-IT` | 2026-11-22 | 7 | 6 (100 %) | 0 |"), "{page}");
}

/// Each ring is planned, gated, opened unattended in Graph's half alone, proven, and rolled back by itself; a person takes the
/// steps that are the admin centre's.
#[tokio::test(flavor = "multi_thread")]
async fn a_roll_out_of_four_rings_goes_from_pilot_to_all_and_back_by_file_changes_alone() {
    let (sandbox, person) = scene().await;
    let person = person.file("pilot.yaml", file(0));
    let _ = person.run(&["apply", "--yes"]).code(0);
    let pilot = sandbox.tenant();
    let rings = ["SSPR-Ring-IT", "SSPR-Ring-Office", "SSPR-Ring-Plants", "SSPR-Ring-All"];
    let app = rings.into_iter().zip(1..).fold(in_a_pipeline(&sandbox), |app, (ring, open)| {
        let app = app.file("pilot.yaml", file(open));
        // The first waits for nothing.
        let day = if open == 1 { 0 } else { 7 };
        hold_back(&sandbox, &app, ring, open);
        open_and_roll_back(&sandbox, &app, (ring, open), day);
        let _ = unattended(&app, day).code(0);
        app
    });
    let done = later(&app, 7, &["rings", "--graph-only", "--gate"]).code(5);
    assert!(done.stdout.contains("Every ring is open."), "{done}");

    let every_ring = sandbox.tenant();
    let all = "version: 1\nscope: all\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\n";
    let person = person.file("pilot.yaml", all);
    let to_all = ["apply", "--yes", "--allow-all-users"];
    let _ = person.run(&to_all).code(0);
    assert_eq!(sandbox.tenant().policy["enablementType"], 2);
    let _ = person.run(&["rollback", "--yes"]).code(0);
    assert!(sandbox.tenant() == every_ring, "the step to All is not rolled back exactly");
    let _ = person.run(&to_all).code(0);

    let for_everyone = sandbox.tenant().methods;
    let person = person.file("pilot.yaml", file(4));
    let _ = later(&person, 7, &["apply", "--yes"]).code(0);
    assert!(sandbox.tenant().policy == every_ring.policy, "the file with the rings is not Selected again");
    for open in (0..4).rev() {
        // A pipeline keeps no records between its jobs.
        let app = in_a_pipeline(&sandbox).file("pilot.yaml", file(open));
        let closed = unattended(&app, 7).code(0);
        let proof = format!("Remove member from group of {} in SSPR-Pilot by ", rings[open]);
        assert!(closed.stdout.contains(&proof), "{closed}");
        assert_eq!(nested(&sandbox), open);
    }
    let back = sandbox.tenant();
    assert!((&back.policy, &back.groups) == (&pilot.policy, &pilot.groups));
    // A file takes no one's methods away: those that All gave to everyone stay until that run is rolled back, as above.
    assert!(back.methods == for_everyone && for_everyone != pilot.methods);
}

fn unattended(app: &Scene, day: i64) -> Shown {
    later(app, day, &["apply", "--yes", "--graph-only", "--prove", "--pace", "1"])
}

/// Lets a ring be refused by its gate, and then what it waits for happen: days and registrations, or a reset.
fn hold_back(sandbox: &Sandbox, app: &Scene, ring: &str, open: usize) {
    let before = sandbox.tenant();
    let is_refused = |day: i64, why: &str| {
        let early = later(app, day, &["apply", "--yes", "--graph-only"]).code(3);
        assert!(early.stdout.contains(&format!("Too early for {ring}: {why}")), "{early}");
        assert!(sandbox.tenant() == before, "refused, and something was written");
    };
    if open == 2 {
        is_refused(0, "0 of 7 days");
        sandbox.register_some(ring, 3, &["email"]).unwrap();
    }
    if open == 3 {
        is_refused(7, "0 of 1 reset");
        sandbox.pass(jiff::SignedDuration::from_hours(30 * 24)).unwrap();
        sandbox.reset_password("office.01").unwrap();
    }
}

/// Opens one ring, by a plan that says it and a proof, and takes exactly that one out again.
fn open_and_roll_back(sandbox: &Sandbox, app: &Scene, (ring, open): (&str, usize), day: i64) {
    let before = sandbox.tenant();
    let planned = later(app, day, &["plan", "--graph-only"]).code(0);
    let planned = planned.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let opens = format!("{ring} not in SSPR-Pilot → in it");
    assert!(planned.contains(&opens) && planned.matches("→ in it").count() == 1, "{planned}");
    let applied = unattended(app, day).code(0);
    let proof = format!("Add member to group of {ring} in SSPR-Pilot by ");
    assert!(applied.stdout.contains(&proof), "{applied}");
    assert_eq!(nested(sandbox), open);
    let _ = app.run(&["rollback", "--yes"]).code(0);
    assert!(sandbox.tenant() == before, "{ring} is not rolled back exactly");
}

/// Returns another folder, where an application signs in.
fn in_a_pipeline(sandbox: &Sandbox) -> Scene {
    Scene::against(sandbox)
        .env("SSPR_GRAPH_TOKEN", sandbox.application_token())
        .env("SSPR_PORTAL_TOKEN", "no")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_without_records_knows_from_the_audit_log_since_when_a_ring_is_open() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let elsewhere = Scene::against(&sandbox).file("pilot.yaml", file(1));
    let now = jiff::Timestamp::now().to_string();
    let args = ["rings", "--format", "json", "--today", &now];
    let output = elsewhere.program(&args).output().unwrap();
    let board: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(board["rings"][0]["opened"]["by"], "audit-log", "{board:#}");
    sandbox.fail("GET /v1.0/auditLogs error=403,AadPremiumLicenseRequired".parse().unwrap());
    let output = elsewhere.program(&args).output().unwrap();
    let board: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(board["rings"][0]["opened"], Value::Null);
    assert_eq!(board["rings"][1]["gate"]["holds"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_without_the_permission_is_told_before_the_first_write() {
    let (sandbox, scene) = scene().await;
    let permissions = "AuditLog.Read.All GroupMember.Read.All Organization.Read.All Policy.Read.All \
                       Policy.ReadWrite.AuthenticationMethod RoleManagement.Read.Directory User.Read.All";
    let scene = scene.env("SSPR_GRAPH_TOKEN", &sandbox.graph_token_with(permissions));
    let refused = scene.run(&["apply", "--yes"]).code(77);
    assert!(refused.stderr.contains("GroupMember.ReadWrite.All"), "{refused}");
    assert!(refused.stderr.contains("sspr login --setup --for plan,apply,people,rings"), "{refused}");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Rings), "something was written");
    let without = scene.run(&["apply", "--yes", "--except", "rollout"]).code(0);
    assert!(without.stdout.contains("all of pilot.yaml but rollout"), "{without}");
    assert_eq!(nested(&sandbox), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_leaves_the_rings_and_restore_takes_them_out() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let _ = scene.run(&["cleanup", "--yes"]).code(0);
    assert_eq!(nested(&sandbox), 1);
    let restored = scene.run(&["cleanup", "--restore", "--yes"]).code(0);
    assert!(restored.stdout.contains("in SSPR-Pilot → not in it"), "{restored}");
    assert!(sandbox.tenant() == TenantState::seeded(Seed::Rings));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_as_it_was_reviewed_and_proven() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["plan", "--out", "plan.json"]).code(0);
    let applied = scene.run(&["apply", "plan.json", "--yes", "--prove", "--pace", "1"]).code(0);
    assert!(applied.stdout.contains("Add member to group of SSPR-Ring-IT in SSPR-Pilot by "), "{applied}");
    let scene = scene.file("pilot.yaml", file(2));
    let early = scene.run(&["plan", "--allow-early", "--out", "plan.json"]).code(0);
    assert!(early.stdout.contains("Next: sspr apply plan.json --allow-early"), "{early}");
    let refused = scene.run(&["apply", "plan.json", "--yes"]).code(3);
    assert!(refused.stdout.contains("ring-too-early"), "{refused}");
    let _ = scene.run(&["apply", "plan.json", "--yes", "--allow-early"]).code(0);
    assert_eq!(nested(&sandbox), 2);
}

#[test]
fn every_mistake_in_a_roll_out_is_told_at_once() {
    let text = "version: 1\ngroup: SSPR-Pilot\nrollout:\n  open: 9\n  rings:\n    - group: SSPR-Ring-IT\n      after: {days: 1}\n    \
                - after: {ready: 101%, days: -1, hours: 3}\n    - group: sspr-pilot\n    - group: SSPR-Ring-IT\n";
    assert_shown!(
        Scene::new().file("pilot.yaml", text).run(&["validate"]),
        str![[r#"
------- stderr -------
error: 9 rings are open, but only 4 are listed
 --> pilot.yaml:4:9
  |
4 |   open: 9
  |         ^
  |
help: write at most as many as there are

error: the first ring waits for nothing: there is no ring before it
 --> pilot.yaml:7:7
  |
7 |       after: {days: 1}
  |       ^^^^^
  |
help: remove `after`

error: ring 2 has no group
 --> pilot.yaml:8:7
  |
8 |     - after: {ready: 101%, days: -1, hours: 3}
  |       ^
  |
help: add `group:` with the group's display name or object id

error: `101%` is no share from 0% to 100%
 --> pilot.yaml:8:22
  |
8 |     - after: {ready: 101%, days: -1, hours: 3}
  |                      ^^^^
  |
help: write a whole number from 0% to 100%, with its sign, such as `80%`

error: -1 is out of range
 --> pilot.yaml:8:34
  |
8 |     - after: {ready: 101%, days: -1, hours: 3}
  |                                  ^^
  |
help: write a whole number from 0 to 365

error: unknown key `rollout.rings[2].after.hours`
 --> pilot.yaml:8:38
  |
8 |     - after: {ready: 101%, days: -1, hours: 3}
  |                                      ^^^^^
  |
help: the keys here are `ready`, `days` and `resets`

error: `sspr-pilot` is the pilot group, which cannot be nested into itself
 --> pilot.yaml:9:14
  |
9 |     - group: sspr-pilot
  |              ^^^^^^^^^^
  |
help: remove this ring

error: `SSPR-Ring-IT` is listed twice
  --> pilot.yaml:10:14
   |
10 |     - group: SSPR-Ring-IT
   |              ^^^^^^^^^^^^
   |
help: keep one

error: 8 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    let text = "version: 1\ngroup: SSPR-Pilot\nrollout:\n  open: 4\n  rings:\n    - group: SSPR-Ring-IT\n    - group: sspr-pilot\n    \
                - group: SSPR-Ring-IT\n";
    assert_shown!(
        Scene::new().file("pilot.yaml", text).run(&["validate"]),
        str![[r#"
------- stderr -------
error: 4 rings are open, but only 3 are listed
 --> pilot.yaml:4:9
  |
4 |   open: 4
  |         ^
  |
help: write at most as many as there are

error: `sspr-pilot` is the pilot group, which cannot be nested into itself
 --> pilot.yaml:7:14
  |
7 |     - group: sspr-pilot
  |              ^^^^^^^^^^
  |
help: remove this ring

error: `SSPR-Ring-IT` is listed twice
 --> pilot.yaml:8:14
  |
8 |     - group: SSPR-Ring-IT
  |              ^^^^^^^^^^^^
  |
help: keep one

error: 3 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_tells_of_a_ring_by_its_name() {
    let (sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    for (open, said, row) in [
        (
            0,
            "SSPR-Ring-IT is in SSPR-Pilot and should not be",
            "✗ SSPR-Ring-IT            not in SSPR-Pilot wanted, in it\n",
        ),
        (
            2,
            "SSPR-Ring-Office is not in SSPR-Pilot and should be",
            "✗ SSPR-Ring-Office        in SSPR-Pilot wanted, not in it\n",
        ),
    ] {
        let scene = Scene::against(&sandbox).file("pilot.yaml", file(open));
        let shown = scene.run(&["verify", "--format", "json"]).code(5);
        assert!(shown.stdout.contains(said) && !shown.stdout.contains("/members/"), "{shown}");
        let shown = scene.run(&["verify"]).code(5);
        assert!(shown.stdout.contains(row), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_without_a_roll_out_has_no_board() {
    let (_sandbox, scene) = scene().await;
    let scene = scene.file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot\n");
    let refused = scene.run(&["rings"]).code(3);
    assert!(refused.stderr.contains("the spec has no `rollout`"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_knows_the_people_of_the_ring_that_its_spec_opens() {
    let (_sandbox, scene) = scene().await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    let scene = scene.file("pilot.yaml", file(2));
    let report: serde_json::Value =
        serde_json::from_str(&scene.run(&["report", "--format", "json"]).code(0).stdout).unwrap();
    let opens = report["findings"].as_array().unwrap().iter().find(|finding| finding[1] == "ring-opens");
    let said = opens.unwrap()[2].as_str().unwrap();
    assert!(said.contains("people") && !said.contains("could not"), "{said}");
}
