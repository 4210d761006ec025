//! `sspr fleet` as a person runs it, on pretend tenants of this process.

use std::fs;

use serde_json::Value;
use snapbox::str;

use crate::common::{Scene, Shown, assert_shown};

const FLEET: &str = "\
version: 1
waves: [canary, rest]
spec:
  group: SSPR-Pilot
  methods: {required: 1}
  registration: {required: true}
tenants:
  - {tenant: contoso.example, wave: canary}
  - {tenant: fabrikam.example, spec: {registration: null}}
  - {tenant: tailspin.example, spec: {group: SSPR-Pilots}}
";

fn scene() -> Scene {
    Scene::new().file("fleet.yaml", FLEET)
}

fn run(scene: &Scene, line: &str) -> Shown {
    scene.run(&[line.split(' ').collect::<Vec<_>>().as_slice(), &["--sandbox"]].concat())
}

#[test]
fn a_fleet_is_planned_asked_about_written_and_taken_up_again() {
    let scene = scene();
    let planned = run(&scene, "fleet plan --parallel 1");
    assert_shown!(
        planned.code(3),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet plan of fleet.yaml: 3 tenants                                      sandbox
  TENANT            WAVE    RESULT   CHANGES  PEOPLE  READY AFTER  NOTE
  contoso.example   canary  changes  4        8       2
  fabrikam.example  rest    changes  3        8       2
  tailspin.example  rest    refused  –        –       –

Why
  tailspin.example  there is no group `SSPR-Pilots` in this tenant
                    check the spelling: `group:` takes the whole display name or the object id

2 to change, 1 refused. Nothing was written.
Next: sspr fleet apply fleet.yaml --sandbox
      sspr fleet plan fleet.yaml --only-failed --sandbox
------- stderr -------
contoso.example (canary) 4 changes
fabrikam.example (rest) 3 changes
tailspin.example (rest) refused: there is no group `SSPR-Pilots` in this tenant
[exit status: 3]

"#]]
    );
    // No one is there to be asked.
    let refused = run(&scene, "fleet apply -q");
    assert_shown!(
        refused.code(3),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet apply of fleet.yaml: 3 tenants                                     sandbox
  TENANT            WAVE    RESULT     CHANGES  PEOPLE  NOTE
  contoso.example   canary  not tried  4        8
  fabrikam.example  rest    not tried  3        8
  tailspin.example  rest    refused    –        –

Why
  tailspin.example  there is no group `SSPR-Pilots` in this tenant
                    check the spelling: `group:` takes the whole display name or the object id

1 refused, 2 not tried. Nothing was written. Not every tenant was tried: cannot ask for confirmation: there is no terminal; pass --yes to go on without confirmation.
Next: sspr fleet apply fleet.yaml --only-failed --sandbox
[exit status: 3]

"#]]
    );
    let applied = run(&scene, "fleet apply --yes --parallel 1");
    assert_shown!(
        applied.code(3),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet apply of fleet.yaml: 3 tenants                                     sandbox
  TENANT            WAVE    RESULT   CHANGES  PEOPLE  NOTE
  contoso.example   canary  done     4        8
  fabrikam.example  rest    done     3        8
  tailspin.example  rest    refused  –        –

Why
  tailspin.example  there is no group `SSPR-Pilots` in this tenant
                    check the spelling: `group:` takes the whole display name or the object id

2 written, 1 refused.
Next: sspr fleet apply fleet.yaml --only-failed --sandbox
------- stderr -------
contoso.example (canary) planned, 4 changes
fabrikam.example (rest) planned, 3 changes
tailspin.example (rest) refused: there is no group `SSPR-Pilots` in this tenant
writing the wave canary: 1 tenant
contoso.example (canary) done, 4 changes
writing the wave rest: 1 tenant
fabrikam.example (rest) done, 3 changes
[exit status: 3]

"#]]
    );
    let verified = run(&scene, "fleet verify -q --tenant contoso.example --tenant fabrikam.example");
    assert_shown!(
        verified.code(0),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet verify of fleet.yaml: 2 of 3 tenants                               sandbox
  TENANT            WAVE    RESULT   DIFFERENCES  NOTE
  contoso.example   canary  matches  0
  fabrikam.example  rest    matches  0

2 match.
[exit status: 0]

"#]]
    );
    // The one that is left, and no other; now its group is there.
    let mended = FLEET.replace("SSPR-Pilots", "SSPR-Pilot");
    fs::write(scene.path().join("fleet.yaml"), mended).unwrap();
    let again = run(&scene, "fleet apply --only-failed --yes");
    assert_shown!(
        again.code(0),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet apply of fleet.yaml: 1 of 3 tenants                                sandbox
  TENANT            WAVE  RESULT  CHANGES  PEOPLE  NOTE
  tailspin.example  rest  done    4        8

1 written.
Next: sspr fleet status fleet.yaml --sandbox
------- stderr -------
Taking up 1 of 3 tenants: 1 refused.
tailspin.example (rest) planned, 4 changes
writing the wave rest: 1 tenant
tailspin.example (rest) done, 4 changes
[exit status: 0]

"#]]
    );
    let nothing = run(&scene, "fleet apply --only-failed --yes");
    assert_shown!(
        nothing.code(0),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

No tenant. Nothing was written.
------- stderr -------
Nothing is left to take up of 3 tenants.
[exit status: 0]

"#]]
    );
    let status = run(&scene, "fleet status -q");
    assert_shown!(
        status.code(0),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet status of fleet.yaml: 3 tenants                                    sandbox
  TENANT            WAVE    RESULT   PASSWORD RESET  PEOPLE  READY          RESETS  NOTE
  contoso.example   canary  matches  on for a group  8       2 of 4 (50 %)  0
  fabrikam.example  rest    matches  on for a group  8       2 of 4 (50 %)  0
  tailspin.example  rest    matches  on for a group  8       2 of 4 (50 %)  0

3 match.
[exit status: 0]

"#]]
    );
    let ended = run(&scene, "fleet cleanup --yes -q --wave rest");
    assert_shown!(
        ended.code(0),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet cleanup of fleet.yaml: 2 of 3 tenants                              sandbox
  TENANT            WAVE  RESULT  CHANGES  NOTE
  fabrikam.example  rest  done    1
  tailspin.example  rest  done    1

2 written.
[exit status: 0]

"#]]
    );
}

#[test]
fn reviewed_plans_are_applied_from_their_folder_and_from_no_other_fleet_file() {
    let scene = scene();
    let saved = run(&scene, "fleet plan -q --out plans").code(3);
    assert!(
        saved.stdout.ends_with(
            "\
Next: sspr fleet apply plans --sandbox
      sspr fleet plan fleet.yaml --only-failed --sandbox\n"
        ),
        "{saved}"
    );
    let mut files: Vec<String> = fs::read_dir(scene.path().join("plans"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["0001-contoso.example.json", "0002-fabrikam.example.json", "fleet-plans.json"]);
    let index = fs::read_to_string(scene.path().join("plans/fleet-plans.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["plans"][2]["file"], Value::Null);

    // The file that was reviewed, and no other.
    fs::write(scene.path().join("fleet.yaml"), FLEET.replace("required: 1", "required: 2")).unwrap();
    let refused = run(&scene, "fleet apply plans --yes -q");
    assert_shown!(
        refused.code(3),
        str![[r#"
------- stderr -------
error: fleet.yaml changed since the plan was made
Nothing was changed.
hint: make and review new plans: `sspr fleet plan fleet.yaml --out FOLDER --sandbox`
[exit status: 3]

"#]]
    );
    fs::write(scene.path().join("fleet.yaml"), FLEET).unwrap();
    let applied = run(&scene, "fleet apply plans --yes -q");
    assert_shown!(
        applied.code(3),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet apply of fleet.yaml: 3 tenants                                     sandbox
  TENANT            WAVE    RESULT   CHANGES  PEOPLE  NOTE
  contoso.example   canary  done     4        8
  fabrikam.example  rest    done     3        8
  tailspin.example  rest    refused  –        –

Why
  tailspin.example  the folder of plans has none for tailspin.example
                    plan it too: `sspr fleet plan fleet.yaml --out FOLDER --sandbox`, and review what it saves

2 written, 1 refused.
Next: sspr fleet apply plans --only-failed --sandbox
[exit status: 3]

"#]]
    );
    // Saved again, the folder holds what is planned now; another folder stays as it is.
    assert_eq!(run(&scene, "fleet plan -q --out plans --tenant contoso.example").code(0).code, 0);
    assert!(!scene.path().join("plans/0002-fabrikam.example.json").exists());
    fs::create_dir(scene.path().join("mine")).unwrap();
    fs::write(scene.path().join("mine/notes.txt"), "").unwrap();
    let misused = run(&scene, "fleet plan -q --out mine").code(64);
    assert!(misused.stderr.contains("--out mine holds other files, and no plans of a fleet"), "{misused}");
}

#[test]
fn every_form_tells_of_every_tenant() {
    let scene = scene();
    let shown = run(&scene, "fleet plan -q --format json").code(3);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["format"], "sspr.fleet/1");
    assert_eq!((&document["sandbox"], &document["exit"]), (&Value::Bool(true), &3.into()));
    let results: Vec<&str> =
        document["tenants"].as_array().unwrap().iter().map(|row| row["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["changes", "changes", "refused"]);
    // The file goes by the same digest in every document.
    let valid: Value = serde_json::from_str(&run(&scene, "fleet validate --format json").stdout).unwrap();
    assert_eq!(document["fleet"]["sha256"], valid["fleet"]["sha256"]);
    let page = run(&scene, "fleet plan -q --format markdown").code(3);
    assert_shown!(
        page,
        str![[r#"
<!-- sspr:fleet plan:fleet.yaml -->
> Sandbox: a pretend tenant; nothing real is read or written.

### sspr fleet plan: 2 to change, 1 refused

3 tenants of `fleet.yaml`. Nothing was written.

| tenant | wave | result | changes | people | ready after | note |
| --- | --- | --- | --- | --- | --- | --- |
| `tailspin.example` | rest | **refused** | – | – | – | there is no group `SSPR-Pilots` in this tenant |

<details>
<summary>2 tenants ended well</summary>

| wave | result | tenants |
| --- | --- | --- |
| canary | changes | 1 |
| rest | changes | 1 |

</details>

Next: `sspr fleet apply fleet.yaml --sandbox` `sspr fleet plan fleet.yaml --only-failed --sandbox`
[exit status: 3]

"#]]
    );
    let written = run(&scene, "fleet report -q --out page.html").code(3);
    assert_shown!(
        written,
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Fleet report of fleet.yaml: 3 tenants                                    sandbox
  TENANT            WAVE    RESULT   PASSWORD RESET  PEOPLE  READY          RESETS  NOTE
  contoso.example   canary  drift    off             8       2 of 4 (50 %)  0
  fabrikam.example  rest    drift    off             8       2 of 4 (50 %)  0
  tailspin.example  rest    refused  –               –       –              –

Why
  tailspin.example  there is no group `SSPR-Pilots` in this tenant
                    check the spelling: `group:` takes the whole display name or the object id

2 differ, 1 refused.
Next: sspr fleet plan fleet.yaml --sandbox
      sspr fleet report fleet.yaml --only-failed --sandbox
[exit status: 3]

"#]]
    );
    let page = fs::read_to_string(scene.path().join("page.html")).unwrap();
    for words in
        ["contoso.example", "fabrikam.example", "tailspin.example", "Sandbox: pretend tenants", "refused"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<script") && !page.contains("http:"), "{page}");
}

#[test]
fn what_the_fleet_does_not_have_is_told_before_anything_is_read() {
    let scene = scene();
    for (line, code, words) in [
        (
            "fleet plan --tenant contosso.example",
            64,
            "fleet.yaml has no tenant `contosso.example`; did you mean `contoso.example`?",
        ),
        ("fleet apply --wave cannary --yes", 64, "did you mean `canary`?"),
        ("fleet verify --only-failed", 3, "there is no record of `sspr fleet verify` with fleet.yaml in"),
        ("fleet apply nowhere.yaml --yes", 1, "there is no file nowhere.yaml"),
        (
            "fleet plan --max-failures 200%",
            64,
            "neither a number of tenants, such as 3, nor a share of them, such as 10%",
        ),
        ("fleet plan --shard 5/4", 64, "5/4"),
        ("fleet report --out fleet.yaml", 64, "would write over"),
    ] {
        let shown = run(&scene, line);
        assert!(shown.code == code && shown.stderr.contains(words), "{line}: {shown}");
    }
}
