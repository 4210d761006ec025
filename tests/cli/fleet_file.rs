//! `fleet validate` and `fleet matrix`: what needs no tenant.

use std::fs;

use serde_json::{Value, json};
use snapbox::str;

use crate::common::{Scene, assert_shown};

const FLEET: &str = r##"version: 1
spec:
  group: SSPR-Pilot
  methods: {required: 1, allowed: [email, mobile_phone]}
  customization: {helpdesk: none}
tenants:
  - tenant: contoso.onmicrosoft.com
    wave: canary
  - tenant: fabrikam.onmicrosoft.com
    spec: {customization: {helpdesk: "https://help.fabrikam.com"}, methods: {required: null}}
  - tenant: tailspin.onmicrosoft.com
    spec:
      group: SG #1 Pilot
waves: [canary, early, rest]
"##;

fn scene(fleet: &str) -> Scene {
    Scene::new().file("fleet.yaml", fleet)
}

fn document(scene: &Scene, args: &[&str], code: i32) -> Value {
    serde_json::from_str(&scene.run(&[args, &["--format", "json"]].concat()).code(code).stdout).unwrap()
}

#[test]
fn a_fleet_file_is_checked_without_a_request() {
    let scene = scene(FLEET);
    assert_shown!(
        scene.run(&["fleet", "validate"]),
        str![[r#"
WAVE    TENANTS  WRITTEN
canary  1
early   0        no tenant is in it
rest    2        several tenants at a time

Tenants with settings of their own
  fabrikam.onmicrosoft.com  customization.helpdesk; unmanaged: methods.required
  tailspin.onmicrosoft.com  group

Findings
  comment-in-value  in tailspin.onmicrosoft.com, `group` is `SG`, because YAML reads `#1 Pilot` as a comment
                    If it is part of the value, quote the value: `group: 'SG #1 Pilot'`. If it is a comment, put a space after `#`.

fleet.yaml is a valid fleet file: 3 tenants. Nothing was sent.
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["fleet", "validate", "--format", "markdown"]),
        str![[r#"
<!-- sspr:fleet validate:fleet.yaml -->
### sspr fleet validate: `fleet.yaml` is a valid fleet file

Nothing was sent.

| wave | tenants | written |
| --- | --- | --- |
| canary | 1 |  |
| early | 0 | no tenant is in it |
| rest | 2 | several tenants at a time |

**Tenants with settings of their own**

| tenant | its own |
| --- | --- |
| `fabrikam.onmicrosoft.com` | customization.helpdesk; unmanaged: methods.required |
| `tailspin.onmicrosoft.com` | group |

**Findings**

| finding | result | key |
| --- | --- | --- |
| `comment-in-value` | in tailspin.onmicrosoft.com, `group` is `SG`, because YAML reads `#1 Pilot` as a comment<br>If it is part of the value, quote the value: `group: 'SG #1 Pilot'`. If it is a comment, put a space after `#`. | `group` |
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["fleet", "validate", "--format", "github", "-q"]),
        str![[r#"
::warning file=fleet.yaml,line=13,col=14,title=comment-in-value::in tailspin.onmicrosoft.com, `group` is `SG`, because YAML reads `#1 Pilot` as a comment.%0AIf it is part of the value, quote the value: `group: 'SG #1 Pilot'`. If it is a comment, put a space after `#`.
WAVE    TENANTS  WRITTEN
canary  1
early   0        no tenant is in it
rest    2        several tenants at a time

Tenants with settings of their own
  fabrikam.onmicrosoft.com  customization.helpdesk; unmanaged: methods.required
  tailspin.onmicrosoft.com  group

Findings
  comment-in-value  in tailspin.onmicrosoft.com, `group` is `SG`, because YAML reads `#1 Pilot` as a comment
                    If it is part of the value, quote the value: `group: 'SG #1 Pilot'`. If it is a comment, put a space after `#`.

fleet.yaml is a valid fleet file: 3 tenants. Nothing was sent.
[exit status: 0]

"#]]
    );
    let shown = document(&scene, &["fleet", "validate"], 0);
    assert_eq!(
        (&shown["format"], &shown["valid"], &shown["waves"][2]),
        (&json!("sspr.fleet-valid/1"), &json!(true), &json!({"wave": "rest", "tenants": 2}))
    );
    assert_eq!(shown["tenants"][1]["own"], json!(["methods.required", "customization.helpdesk"]));
    assert_eq!(shown["tenants"][1]["unmanaged"], json!(["methods.required"]));
    assert_eq!(
        (&shown["findings"][0]["code"], &shown["findings"][0]["line"]),
        (&json!("comment-in-value"), &json!(13))
    );
}

#[test]
fn a_fleet_file_with_mistakes_is_refused_in_every_form() {
    let scene = scene(
        &FLEET
            .replace("required: null", "required: 2, allowed: [email]")
            .replace("wave: canary", "wave: carnary"),
    );
    assert_shown!(
        scene.run(&["fleet", "validate"]),
        str![[r#"
------- stderr -------
error: there is no wave `carnary`
 --> fleet.yaml:8:11
  |
8 |     wave: carnary
  |           ^^^^^^^
  |
help: did you mean `canary`?

error: in fabrikam.onmicrosoft.com, 2 methods are required to reset, but only 1 is allowed
  --> fleet.yaml:10:100
   |
10 |     spec: {customization: {helpdesk: "https://help.fabrikam.com"}, methods: {required: 2, allowed: [email]}}
   |                                                                                                    ^
   |
help: allow another method, or set `methods.required: 1`

error: 2 problems in fleet.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    assert_shown!(
        scene.run(&["fleet", "validate", "--format", "github"]),
        str![[r#"
::error file=fleet.yaml,line=8,col=11,title=tenants[1].wave::there is no wave `carnary`%0Adid you mean `canary`?
::error file=fleet.yaml,line=10,col=100,title=tenants[2].spec.methods.allowed::in fabrikam.onmicrosoft.com, 2 methods are required to reset, but only 1 is allowed%0Aallow another method, or set `methods.required: 1`
------- stderr -------
error: there is no wave `carnary`
 --> fleet.yaml:8:11
  |
8 |     wave: carnary
  |           ^^^^^^^
  |
help: did you mean `canary`?

error: in fabrikam.onmicrosoft.com, 2 methods are required to reset, but only 1 is allowed
  --> fleet.yaml:10:100
   |
10 |     spec: {customization: {helpdesk: "https://help.fabrikam.com"}, methods: {required: 2, allowed: [email]}}
   |                                                                                                    ^
   |
help: allow another method, or set `methods.required: 1`

error: 2 problems in fleet.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    let shown = document(&scene, &["fleet", "matrix", "--shards", "2"], 65);
    assert_eq!(shown["problems"][1]["key"], "tenants[2].spec.methods.allowed");
    assert_shown!(
        scene.run(&["fleet", "validate", "none.yaml"]),
        str![[r#"
------- stderr -------
error: there is no file none.yaml
hint: name the YAML file, or run the command in its folder
[exit status: 1]

"#]]
    );
}

#[test]
fn what_a_tenant_gets_is_a_file_of_its_own() {
    let scene = scene(FLEET);
    let shown = scene.run(&["fleet", "validate", "--show", "FABRIKAM.onmicrosoft.com"]);
    assert_shown!(
        shown,
        str![[r#"
version: 1
tenant: "fabrikam.onmicrosoft.com"
group: "SSPR-Pilot"
methods:
  allowed: [email, mobile_phone]
customization:
  helpdesk: "https://help.fabrikam.com"
[exit status: 0]

"#]]
    );
    fs::write(scene.path().join("pilot.yaml"), &shown.stdout).unwrap();
    let alone = document(&scene, &["validate"], 0);
    let shown = document(&scene, &["fleet", "validate", "--show", "fabrikam.onmicrosoft.com"], 0);
    assert_eq!(shown["sha256"], alone["spec"]["sha256"]);
    assert_eq!(shown["spec"].as_str(), fs::read_to_string(scene.path().join("pilot.yaml")).ok().as_deref());
    assert_shown!(
        scene.run(&["fleet", "validate", "--show", "fabrikan.onmicrosoft.com"]),
        str![[r#"
------- stderr -------
error: fleet.yaml has no tenant `fabrikan.onmicrosoft.com`; did you mean `fabrikam.onmicrosoft.com`?
hint: `sspr fleet validate fleet.yaml --format json` lists the tenants of the file
[exit status: 64]

"#]]
    );
}

/// A whole pilot file may be put below `spec` as it is.
#[test]
fn the_pilot_file_of_one_tenant_becomes_the_spec_of_all() {
    let pilot = fs::read_to_string(crate::common::repository("examples/reference.yaml")).unwrap();
    let pilot: String =
        pilot.lines().filter(|line| !line.starts_with("tenant:")).map(|line| format!("  {line}\n")).collect();
    let scene = scene(&format!("version: 1\nspec:\n{pilot}tenants:\n  - tenant: contoso.onmicrosoft.com\n"));
    let _ = scene.run(&["fleet", "validate"]).code(0);
}

#[test]
fn a_matrix_is_one_line_for_either_pipeline() {
    let tenants: String = (0..40).map(|at| format!("  - tenant: t{at}.onmicrosoft.com\n")).collect();
    let scene = scene(&format!("version: 1\nspec: {{group: SSPR-Pilot}}\ntenants:\n{tenants}"));
    assert_shown!(
        scene.run(&["fleet", "matrix", "--shards", "3"]),
        str![[r#"
{"include":[{"shard":"1/3","tenants":20},{"shard":"2/3","tenants":11},{"shard":"3/3","tenants":9}]}
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["fleet", "matrix", "--shards", "3", "--for", "azure"]),
        str![[r#"
{"shard_1_of_3":{"shard":"1/3","tenants":"20"},"shard_2_of_3":{"shard":"2/3","tenants":"11"},"shard_3_of_3":{"shard":"3/3","tenants":"9"}}
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["fleet", "matrix", "--shards", "257"]),
        str![[r#"
------- stderr -------
error: invalid value '257' for '--shards <N>': a matrix has at most 256 jobs: GitHub runs no more in one run of a workflow

For more information, try '--help'.
[exit status: 64]

"#]]
    );
    let most = document(&scene, &["fleet", "matrix", "--shards", "256", "--for", "azure"], 0);
    let jobs = most.as_object().unwrap();
    // Microsoft's rules for the names of jobs.
    let is_name =
        |name: &String| name.len() <= 100 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    assert!(jobs.len() == 256 && jobs.keys().all(is_name));
    assert_eq!(jobs["shard_007_of_256"]["shard"], "7/256");
    let most = scene.run(&["fleet", "matrix", "--shards", "256"]).code(0);
    assert_eq!(most.stdout.lines().count(), 1);
    let most: Value = serde_json::from_str(&most.stdout).unwrap();
    let tenants: u64 =
        most["include"].as_array().unwrap().iter().map(|job| job["tenants"].as_u64().unwrap()).sum();
    assert_eq!(tenants, 40);
}

/// One who mistook the command is told which.
#[test]
fn a_fleet_file_is_no_spec_and_the_example_is_a_fleet_file() {
    let shown = scene(FLEET).run(&["plan", "fleet.yaml", "--sandbox"]).code(65);
    let told = "help: this is a key of a fleet file, which `sspr fleet` reads";
    assert_eq!(shown.stderr.matches(told).count(), 3, "{shown}");
    let example = fs::read_to_string(crate::common::repository("examples/fleet.yaml")).unwrap();
    let shown = document(&scene(&example), &["fleet", "validate"], 0);
    assert_eq!(
        (shown["findings"].as_array().unwrap().len(), &shown["waves"][2]["wave"]),
        (0, &json!("rest"))
    );
}
