//! `fleet merge`: the results of several machines as one.

use serde_json::{Value, json};
use snapbox::str;

use crate::common::{Scene, assert_shown};

const TENANTS: usize = 40;

fn name(at: usize) -> String {
    format!("t{at}.onmicrosoft.com")
}

/// Returns the row of a tenant: one in seven failed, one in eleven was not tried.
fn row(at: usize) -> Value {
    let (result, exit) = match () {
        () if at % 7 == 3 => ("failed", 1),
        () if at % 11 == 5 => ("not-tried", 0),
        () => ("done", 0),
    };
    let why = (exit != 0).then_some("Graph answered with 503");
    let wave = if at == 0 { "canary" } else { "rest" };
    json!({"tenant": name(at), "place": at + 1, "wave": wave, "result": result, "exit": exit, "why": why,
           "changes": (exit == 0).then_some(2), "next": null})
}

/// Returns the document of a run over some of the tenants.
fn result(shard: Option<&str>, rows: Vec<Value>, more: Value) -> String {
    let gravest = rows.iter().map(|row| row["exit"].as_u64().unwrap()).max().unwrap_or(0);
    let mut document = json!({"format": "sspr.fleet/1", "verb": "apply", "made": "2026-11-26T07:00:00Z",
        "fleet": {"path": "fleet.yaml", "sha256": "00", "tenants": TENANTS}, "shard": shard,
        "waves": ["canary", "rest"], "exit": gravest, "stopped": null, "tenants": rows});
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document.to_string()
}

/// Returns a folder of the results of four shards, as the program would share the tenants.
fn sharded() -> Scene {
    let shards = sspr::spec_file::fleet::Shard::all(4);
    shards.fold(Scene::new(), |scene, shard| {
        let rows = (0..TENANTS).filter(|at| shard.has(&name(*at))).map(row).collect();
        let made = json!({"made": format!("2026-11-26T07:0{}:00Z", shard.number())});
        let text = result(Some(&shard.to_string()), rows, made);
        scene.file(&format!("shard-{}.json", shard.number()), text)
    })
}

fn document(shown: &crate::common::Shown) -> Value {
    serde_json::from_str(&shown.stdout).unwrap()
}

/// The table, its counts, and the code are those of one machine; only who writes the rest is named by tenant.
#[test]
fn the_shards_of_a_run_merged_are_the_run() {
    let scene = sharded();
    std::fs::create_dir(scene.path().join("one")).unwrap();
    let scene = scene.file(
        "one/all.json",
        result(None, (0..TENANTS).map(row).collect(), json!({"made": "2026-11-26T07:01:00Z"})),
    );
    for format in ["json", "text", "markdown", "github"] {
        let shards = scene.run(&[
            "fleet",
            "merge",
            "shard-3.json",
            "shard-1.json",
            "shard-4.json",
            "shard-2.json",
            "--format",
            format,
        ]);
        let one = scene.run(&["fleet", "merge", "one", "--format", format]);
        let text = |shown: &crate::common::Shown| shown.to_string();
        // More than ten are left: by shards where there are some.
        let rest = |text: String| {
            text.lines()
                .filter(|line| !line.contains("sspr fleet apply"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(rest(text(&shards)), rest(text(&one)), "{format}");
        assert_eq!(shards.code, 1);
    }
    let shown = scene.run(&["fleet", "merge", ".", "--format", "json"]);
    assert_eq!(document(&shown)["tenants"].as_array().unwrap().len(), TENANTS);
}

#[test]
fn a_missing_shard_is_named_and_counts_as_failed() {
    let scene = sharded();
    assert_shown!(
        scene.run(&["fleet", "merge", "shard-1.json", "shard-3.json"]),
        str![[r#"
No result of the shards 2/4 and 4/4 was given: what became of their tenants is unknown.

Fleet apply of fleet.yaml: 22 of 40 tenants
  TENANT               WAVE  RESULT     CHANGES  PEOPLE  NOTE
  t2.onmicrosoft.com   rest  done       2        –
  t3.onmicrosoft.com   rest  failed     –        –
  t5.onmicrosoft.com   rest  not tried  2        –
  t6.onmicrosoft.com   rest  done       2        –
  t8.onmicrosoft.com   rest  done       2        –
  t9.onmicrosoft.com   rest  done       2        –
  t11.onmicrosoft.com  rest  done       2        –
  t12.onmicrosoft.com  rest  done       2        –
  t13.onmicrosoft.com  rest  done       2        –
  t14.onmicrosoft.com  rest  done       2        –
  t16.onmicrosoft.com  rest  not tried  2        –
  t17.onmicrosoft.com  rest  failed     –        –
  t18.onmicrosoft.com  rest  done       2        –
  t19.onmicrosoft.com  rest  done       2        –
  t24.onmicrosoft.com  rest  failed     –        –
  t26.onmicrosoft.com  rest  done       2        –
  t28.onmicrosoft.com  rest  done       2        –
  t29.onmicrosoft.com  rest  done       2        –
  t30.onmicrosoft.com  rest  done       2        –
  t32.onmicrosoft.com  rest  done       2        –
  t33.onmicrosoft.com  rest  done       2        –
  t37.onmicrosoft.com  rest  done       2        –

Why
  t3.onmicrosoft.com   Graph answered with 503
  t17.onmicrosoft.com  Graph answered with 503
  t24.onmicrosoft.com  Graph answered with 503

17 written, 3 failed, 2 not tried.
Next: sspr fleet apply fleet.yaml --shard 2/4
      sspr fleet apply fleet.yaml --shard 4/4
      sspr fleet apply fleet.yaml --tenant t3.onmicrosoft.com --tenant t5.onmicrosoft.com --tenant t16.onmicrosoft.com --tenant t17.onmicrosoft.com --tenant t24.onmicrosoft.com
[exit status: 1]

"#]]
    );
    let shown =
        scene.run(&["fleet", "merge", "shard-1.json", "shard-2.json", "shard-4.json", "--format", "json"]);
    assert_eq!(document(&shown)["stopped"], "no result of shard 3/4 was given");
    let page = scene.run(&["fleet", "merge", "shard-1.json", "--format", "markdown"]);
    assert!(page.stdout.contains("No result of the shards 2/4, 3/4 and 4/4 was given"), "{page}");
    let fine = result(Some("1/2"), vec![row(0), row(1)], json!({}));
    let shown =
        Scene::new().file("a.json", fine).run(&["fleet", "merge", "a.json", "--format", "json"]).code(1);
    assert_eq!(document(&shown)["exit"], 1);
}

/// The first wave of one machine stands beside the shards of the rest; a shard without a tenant is one.
#[test]
fn waves_and_shards_are_merged_together() {
    let fleet = |tenants: usize| json!({"fleet": {"path": "fleet.yaml", "sha256": "00", "tenants": tenants}});
    let mut rest = row(1);
    rest["result"] = json!("no-changes");
    let scene = Scene::new()
        .file("canary.json", result(None, vec![row(0)], fleet(2)))
        .file("1.json", result(Some("1/2"), vec![rest], fleet(2)))
        .file("2.json", result(Some("2/2"), Vec::new(), fleet(2)));
    assert_shown!(
        scene.run(&["fleet", "merge", "canary.json", "1.json", "2.json"]),
        str![[r#"
Fleet apply of fleet.yaml: 2 tenants
  TENANT              WAVE    RESULT      CHANGES  PEOPLE  NOTE
  t0.onmicrosoft.com  canary  done        2        –
  t1.onmicrosoft.com  rest    no changes  2        –

1 written, 1 without changes.
[exit status: 0]

"#]]
    );
    let page = scene.path().join("page.html");
    let _ = scene.run(&["fleet", "merge", ".", "--out", "page.html", "-q"]).code(0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("t0.onmicrosoft.com") && page.contains("t1.onmicrosoft.com"), "{page}");
}

#[test]
fn what_is_not_one_run_is_refused() {
    let whole = |more: Value| result(None, vec![row(0)], more);
    let scene = Scene::new()
        .file("a.json", whole(json!({})))
        .file("again.json", whole(json!({})))
        .file(
            "later.json",
            whole(json!({"fleet": {"path": "fleet.yaml", "sha256": "01", "tenants": TENANTS}})),
        )
        .file("plan.json", whole(json!({"verb": "plan"})))
        .file("sandbox.json", whole(json!({"sandbox": true})))
        .file("of-4.json", result(Some("1/4"), vec![row(1)], json!({})))
        .file("of-8.json", result(Some("1/8"), vec![row(2)], json!({})))
        .file("error.json", r#"{"format": "sspr.error/1"}"#)
        .file("cut.json", &whole(json!({}))[..80]);
    let refused = |files: &[&str]| {
        let shown = scene.run(&[&["fleet", "merge"], files].concat()).code(3);
        assert_eq!(shown.stdout, "");
        shown.stderr.lines().next().unwrap().to_owned() + "\n"
    };
    let told = [
        refused(&["a.json", "again.json"]),
        refused(&["a.json", "later.json"]),
        refused(&["a.json", "plan.json"]),
        refused(&["a.json", "sandbox.json"]),
        refused(&["of-4.json", "of-8.json"]),
        refused(&["of-4.json", "a.json", "of-4.json"]),
        refused(&["error.json"]),
        refused(&["cut.json"]),
    ];
    assert_shown!(
        told.concat(),
        str![[r#"
error: t0.onmicrosoft.com is in a.json and in again.json: of each part, only one result can be merged
error: a.json and later.json are of different fleet files, or fleet.yaml was changed between them
error: a.json is of fleet apply, and plan.json of fleet plan
error: a.json is of fleet apply, and sandbox.json of fleet apply on the sandbox
error: of-4.json is of one of 4 shards, and of-8.json of one of 8 shards
error: t1.onmicrosoft.com is in of-4.json and in of-4.json: of each part, only one result can be merged
error: error.json is not merged
error: cut.json is not merged

"#]]
    );
    let missing = scene.run(&["fleet", "merge", "none.json"]).code(1);
    assert!(missing.stderr.starts_with("error: none.json could not be read\n"), "{missing}");
    std::fs::create_dir(scene.path().join("empty")).unwrap();
    assert_shown!(
        scene.run(&["fleet", "merge", "empty", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.error/1",
  "error": "there is no result to merge",
  "causes": [],
  "hints": [
    "name the results of one run: one for each of its parts"
  ],
  "exit": 3
}
------- stderr -------
error: there is no result to merge
Nothing was changed.
hint: name the results of one run: one for each of its parts
[exit status: 3]

"#]]
    );
    let _ = scene.run(&["fleet", "merge"]).code(64);
    // A result is never written over.
    let before = std::fs::read(scene.path().join("a.json")).unwrap();
    assert_ne!(scene.run(&["fleet", "merge", "a.json", "--json-into", "a.json"]).code, 0);
    assert_eq!(std::fs::read(scene.path().join("a.json")).unwrap(), before);
}
