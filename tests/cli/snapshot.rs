//! A snapshot on the command line: taken, read in every form, refused.

use std::fs;

use serde_json::{Value, json};
use sspr::digest::of_document;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

/// Takes a snapshot of the sandbox and returns its text.
fn taken(args: &[&str]) -> String {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&[&["snapshot", "--sandbox", "--out", "s.json"], args].concat()).code(0);
    fs::read_to_string(scene.path().join("s.json")).unwrap()
}

/// Returns a scene without a tenant that has a snapshot of today.
fn with(snapshot: &str) -> Scene {
    Scene::new().example("pilot.yaml").file("s.json", snapshot)
}

/// Changes a snapshot by hand, digest included.
fn changed(snapshot: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut document: Value = serde_json::from_str(snapshot).unwrap();
    change(&mut document);
    document["digest"] = json!(of_document(&document));
    document.to_string()
}

#[test]
fn taking_one_says_what_is_in_it_and_is_the_same_again() {
    let scene = Scene::new().example("pilot.yaml");
    let shown = scene.run(&["snapshot", "--sandbox", "--out", "s.json"]);
    assert_shown!(
        shown,
        "\
Sandbox: a pretend tenant; nothing real is read or written.

Snapshot of Contoso (contoso.onmicrosoft.com) in s.json
  No name of anyone is in it: people are counted.
  portal: 2 answers
  graph: 11 answers

Wrote s.json.
Next: sspr plan --against s.json --sandbox
[exit status: 0]
"
    );
    let first = fs::read(scene.path().join("s.json")).unwrap();
    let shown = scene.run(&["snapshot", "--sandbox", "--out", "s.json", "--format", "json"]).code(0);
    assert_eq!(fs::read(scene.path().join("s.json")).unwrap(), first);
    let written: Value = serde_json::from_str(&shown.stdout).unwrap();
    let file: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(written["format"], "sspr.snapshot-written/1");
    assert_eq!(
        (&written["digest"], &written["taken"], &written["people"], &file["format"]),
        (&file["digest"], &file["taken"], &json!(false), &json!("sspr.snapshot/1"))
    );
}

#[test]
fn a_plan_from_one_needs_no_tenant_and_leaves_no_record() {
    let scene = with(&taken(&[]));
    let shown = scene.run(&["plan", "--against", "s.json", "--out", "plan.json"]).code(0);
    let head: Vec<&str> = shown.stdout.lines().take(6).collect();
    assert_eq!(
        head,
        [
            "Sandbox: a pretend tenant; nothing real is read or written.",
            "",
            "As of 2026-11-22 00:00 UTC (less than a minute old), from s.json; nothing was read from the tenant.",
            "",
            "Plan for pilot.yaml: SSPR-Pilot in Contoso (contoso.onmicrosoft.com)     sandbox",
            "  8 changes (5 settings, 3 methods), 1 of them reaches beyond the pilot",
        ]
    );
    assert_eq!(shown.stderr, "");
    assert!(shown.stdout.ends_with("Next: sspr apply plan.json --sandbox\n"), "{shown}");
    let shown = scene.run(&["plan", "--against", "s.json"]).code(0);
    assert!(shown.stdout.ends_with("Next: sspr apply pilot.yaml --sandbox\n"), "{shown}");
    assert!(!scene.state_dir().exists(), "nothing is kept of a run that read a file");
    // As any plan that was saved, it is planned again.
    let _ = scene.run(&["apply", "plan.json", "--sandbox", "--yes"]).code(0);
    let shown = scene.run(&["plan", "--against", "s.json", "--allow-early", "--max-people", "1"]).code(3);
    assert!(
        shown.stdout.contains("sspr plan pilot.yaml --against s.json --allow-early --max-people 1"),
        "{shown}"
    );
}

#[test]
fn every_form_of_every_command_says_as_of_when() {
    let scene = with(&taken(&["--with-people"]));
    const TEXT: &str =
        "As of 2026-11-22 00:00 UTC (3 days old), from s.json; nothing was read from the tenant.";
    let run = |args: &[&str]| {
        let mut command =
            scene.command_on(jiff::civil::date(2026, 11, 25), &[args, &["--against", "s.json"]].concat());
        scene.shown(&command.output().unwrap())
    };
    let commands: [&[&str]; 5] =
        [&["plan"], &["verify"], &["status"], &["people"], &["report", "--out", "r.html"]];
    for command in commands {
        for format in ["text", "markdown", "github", "json"] {
            let shown = run(&[command, &["--format", format]].concat());
            assert!([0, 5].contains(&shown.code), "{command:?} {format}\n{shown}");
            match format {
                "json" => {
                    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
                    let mark = &document["snapshot"];
                    assert_eq!(
                        (&mark["age_days"], &mark["taken"], &mark["path"]),
                        (&json!(3), &json!("2026-11-22T00:00:00Z"), &json!("s.json")),
                        "{command:?}\n{shown}"
                    );
                }
                "markdown" => {
                    let line = "> As of `2026-11-22 00:00 UTC` (3 days old), from `s.json`; nothing was read from the tenant.";
                    assert!(shown.stdout.lines().any(|said| said == line), "{command:?}\n{shown}");
                }
                _ => assert_eq!(
                    shown.stdout.matches(TEXT).count(),
                    1 + usize::from(is_annotated(command, format)),
                    "{command:?} {format}\n{shown}"
                ),
            }
        }
    }
    let page = fs::read_to_string(scene.path().join("r.html")).unwrap();
    assert!(page.contains("As of 2026-11-22 00:00 UTC (3 days old), from s.json;"));
    let rows = run(&["people", "--format", "csv"]).code(0).stdout;
    let mut lines = rows.lines();
    assert!(lines.next().unwrap().ends_with(",Reasons,As of"), "{rows}");
    assert!(lines.count() == 8 && rows.matches(",2026-11-22T00:00:00Z\r\n").count() == 8, "{rows}");
    let spec = run(&["import"]).code(0).stdout;
    assert!(spec.contains("# As of 2026-11-22T00:00:00Z, when a snapshot was taken of it.\n"), "{spec}");
    assert!(!scene.state_dir().exists());
}

/// Only these two have annotations, and one of them says it too.
fn is_annotated(command: &[&str], format: &str) -> bool {
    format == "github" && ["plan", "verify"].contains(&command[0])
}

#[test]
fn an_old_one_is_warned_of_and_refused_where_an_age_is_asked_for() {
    let scene = with(&taken(&[]));
    let on = |day, args: &[&str]| {
        let args = [&["plan", "--against", "s.json", "-q"], args].concat();
        scene.shown(&scene.command_on(jiff::civil::date(2026, 11, day), &args).output().unwrap())
    };
    assert_eq!(on(29, &[]).code, 0);
    let warned = scene.shown(
        &scene
            .command_on(jiff::civil::date(2026, 11, 30), &["plan", "--against", "s.json"])
            .output()
            .unwrap(),
    );
    assert_eq!(
        (warned.code, warned.stderr.as_str()),
        (
            0,
            "The snapshot is 8 days old: the tenant may have changed since. `sspr snapshot --out s.json --sandbox` takes a new one.\n"
        )
    );
    assert_eq!(on(23, &["--max-age", "1"]).code, 0);
    let refused = on(24, &["--max-age", "1"]);
    assert_eq!(
        (refused.code, refused.stdout.as_str(), refused.stderr.as_str()),
        (
            3,
            "",
            "error: the snapshot was taken on 2026-11-22T00:00:00Z, more than 1 day ago\nNothing was changed.\n\
             hint: take a new one: sspr snapshot --out FILE; or allow a higher --max-age\n"
        )
    );
    assert_eq!(on(20, &[]).code, 3, "from the future");
}

#[test]
fn one_that_is_not_as_it_was_saved_or_of_another_tenant_is_refused() {
    let snapshot = taken(&[]);
    let other = changed(&snapshot, |document| {
        document["tenant"]["id"] = json!("11111111-fa2c-550c-86c1-f84caa53d849");
        document["tenant"]["domains"] = json!(["fabrikam.com"]);
    });
    for (content, said) in [
        (snapshot.replace("Contoso", "Fabrikam"), "the snapshot was edited after it was taken"),
        (snapshot[..snapshot.len() / 2].to_owned(), "the snapshot is cut short: "),
        (
            snapshot.replace("sspr.snapshot/1", "sspr.snapshot/2"),
            "the snapshot has the format sspr.snapshot/2, but sspr reads sspr.snapshot/1",
        ),
        ("version: 1\n".to_owned(), "the file is no snapshot that sspr can read: "),
        (String::new(), "the snapshot is cut short: "),
        (
            other,
            "the snapshot is of fabrikam.com (11111111-fa2c-550c-86c1-f84caa53d849), but the spec is for contoso.onmicrosoft.com",
        ),
    ] {
        let spec = "version: 1\ntenant: contoso.onmicrosoft.com\ngroup: SSPR-Pilot\n";
        let scene = Scene::new().file("pilot.yaml", spec).file("s.json", content);
        for command in ["plan", "verify", "report", "people"] {
            let shown = scene.run(&[command, "--against", "s.json"]).code(3);
            assert!(shown.stderr.starts_with(&format!("error: {said}")), "{command}\n{shown}");
            assert_eq!(shown.stdout, "", "{command}");
        }
    }
}

#[test]
fn what_cannot_go_together_is_usage_and_a_missing_file_is_a_failure() {
    let snapshot = taken(&[]);
    let real = changed(&snapshot, |document| document["sandbox"] = json!(false));
    let scene = with(&snapshot).file("real.json", real);
    for args in [
        &["plan", "--against", "s.json", "--portal-against", "s.json"][..],
        &["plan", "--portal-against", "s.json", "--graph-only"],
        &["plan", "--max-age", "3"],
        &["plan", "--against", "real.json", "--sandbox"],
        &["verify", "--against", "s.json", "--user", "ada", "--watch"],
        &["plan", "--against", "s.json", "--out", "s.json"],
        &["snapshot", "--sandbox"],
        &["snapshot", "--sandbox", "--out", "pilot.yaml"],
    ] {
        let _ = scene.run(args).code(64);
    }
    let shown = scene.run(&["plan", "--against", "none.json"]).code(1);
    assert_eq!(
        shown.stderr,
        "error: there is no file none.json\nhint: name a file that `sspr snapshot --out FILE` wrote\n"
    );
    let shown = scene.run(&["snapshot", "--sandbox", "--out", "no/s.json"]).code(1);
    assert!(shown.stderr.contains("nothing was sent"), "{shown}");
}

#[cfg(unix)]
#[test]
fn one_with_people_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["snapshot", "--sandbox", "--out", "with.json", "--with-people"]).code(0);
    let mode = fs::metadata(scene.path().join("with.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_portal_half_of_one_stands_beside_graphs_of_the_tenant_and_each_line_says_which() {
    let scene = with(&taken(&[]));
    let args = ["plan", "--portal-against", "s.json", "--sandbox"];
    let shown = scene.shown(&scene.command_on(jiff::civil::date(2026, 11, 24), &args).output().unwrap());
    assert_eq!(shown.code, 0, "{shown}");
    assert!(
        shown.stdout.contains(
            "Portal half as of 2026-11-22 00:00 UTC (2 days old), from s.json; Graph's half was read now.\n"
        ),
        "{shown}"
    );
    let heads: Vec<&str> =
        shown.stdout.lines().filter(|line| line.contains(" > ") || line.starts_with("Auth")).collect();
    assert_eq!(heads.len(), 5, "{shown}");
    for head in heads {
        let read =
            if head.starts_with("Auth") { "graph, read now" } else { "portal, as of 2026-11-22T00:00:00Z" };
        assert!(head.ends_with(read), "{head}");
    }
    let args = [&args[..], &["--format", "json"]].concat();
    let shown = scene.shown(&scene.command_on(jiff::civil::date(2026, 11, 24), &args).output().unwrap());
    let plan: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(plan["snapshot"]["surfaces"], json!(["portal"]));
    let changes = plan["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 8);
    for change in changes {
        let read = match change["surface"].as_str() {
            Some("portal") => json!({"from": "s.json", "at": "2026-11-22T00:00:00Z"}),
            _ => json!({"from": "tenant", "at": "2026-11-24T00:00:00Z"}),
        };
        assert_eq!(change["read"], read);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_half_of_another_tenant_is_refused() {
    let mut elsewhere = TenantState::seeded(Seed::Fresh);
    elsewhere.tenant_id = uuid::Uuid::from_u128(7);
    let sandbox = Sandbox::start(elsewhere).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml").file("s.json", taken(&[]));
    let shown = scene.run(&["plan", "--portal-against", "s.json"]).code(3);
    assert!(
        shown.stderr.starts_with(
            "error: the snapshot is of contoso.onmicrosoft.com (204a15ea-fa2c-550c-86c1-f84caa53d849), but Graph is signed in to 00000000-0000-0000-0000-000000000007"
        ),
        "{shown}"
    );
}
