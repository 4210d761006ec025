//! The same results for other readers: Markdown for a comment, annotations for a log of GitHub Actions.

use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{HOSTILE, Scene, assert_gives_no_command, assert_harmless, assert_shown};

const PILOT: &str = "version: 1\ngroup: SSPR-Pilot\nnotifications:\n  admins: true\n";

#[test]
fn a_plan_as_markdown_is_summary_changes_findings_and_detail() {
    let scene = Scene::new().file("pilot.yaml", PILOT);
    assert_shown!(
        scene.run(&["plan", "--sandbox", "--format", "markdown"]),
        str![[r#"
<!-- sspr:plan:pilot.yaml -->
> Sandbox: a pretend tenant; nothing real is read or written.

### sspr plan: 3 changes

Nothing was written.

**Plan for `pilot.yaml`: `SSPR-Pilot` in `Contoso` (`contoso.onmicrosoft.com`)** (sandbox)

- **3 changes**
- 8 people in the group; ready to reset: **0** today, **0** after, 1 unknown
- 3 warnings, 5 notes, 0 accepted; 0 settings already match, 11 are not managed

| setting | change | surface | key |
| --- | --- | --- | --- |
| [Password reset \> Properties](https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/Properties): Self service password reset enabled | `None` → `Selected` | portal | `scope` |
| [Password reset \> Properties](https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/Properties): Select group | `none` → `SSPR-Pilot` | portal | `group` |
| [Password reset \> Notifications](https://entra.microsoft.com/#view/Microsoft_AAD_IAM/PasswordResetMenuBlade/~/Notifications): Notify all admins when other admins reset their password | `No` → `Yes` | portal | `notifications.admins` |

**Warnings**

| finding | result | key |
| --- | --- | --- |
| `admin-in-group` | 1 administrator in the group: Microsoft's own policy applies to them, not this spec | `group` |
| `registration-not-required` | 3 members without enough methods, and no one is asked to register: it is not required at sign-in | `registration.required` |
| `unlicensed-in-group` | 2 members without a licence for password reset | `group` |

<details>
<summary>What to do about them</summary>

- `admin-in-group`: Never test with an administrator. Remove them from the group, or expect them to need two methods always.
- `registration-not-required`: Set `registration.required: true`, or reach them yourself: `sspr people --only nudge --sandbox` lists them.
- `unlicensed-in-group`: Assign Entra ID P1 or P2, or Microsoft 365 Business Standard for cloud accounts. Reset may work without a licence, but Microsoft requires one for each user who benefits.

</details>

<details>
<summary>5 notes</summary>

| finding | result | key |
| --- | --- | --- |
| `disabled-in-group` | 1 disabled account in the group: they cannot reset, and the registration report omits them | `group` |
| `explicit-registration` | Announced for 2026-11-09: only registered methods count for a reset, none from the directory alone | `registration.required` |
| `guest-in-group` | 1 guest in the group: guests reset their password in their home tenant | `group` |
| `no-helpdesk` | No helpdesk link is set, so "Contact your administrator" mails the tenant's administrators | `customization.helpdesk` |
| `reach` | Ready to reset: 0 people today, 0 after this plan; unknown of 1 member | `group` |

<details>
<summary>What to do about them</summary>

- `disabled-in-group`: Enable them, or remove them from the group so that the pilot's numbers are right.
- `explicit-registration`: Have the pilot's people register at <https://aka.ms/ssprsetup>, or register methods for them. Numbers and addresses that are only in the directory would not count; Microsoft's Learn page gives other dates. <https://mc.merill.net/message/MC1325414>
- `guest-in-group`: Leave guests out of the pilot; the spec has no effect on them.
- `no-helpdesk`: Set `customization.helpdesk` to an e-mail address or a URL, as Microsoft recommends.
- `reach`: The registration report can be 36 hours old and omits disabled accounts. `sspr people --sandbox` lists who is ready, and why others are not.

</details>

</details>

<details>
<summary>Ids</summary>

| name | id |
| --- | --- |
| `Contoso` | `204a15ea-fa2c-550c-86c1-f84caa53d849` |
| `SSPR-Pilot` | `b4cc8a36-de1e-5d5b-9644-4edc3fc96a73` |
| `Everyone at Contoso` | `d9f7817b-aa09-50aa-9e2a-57603b7fb4f7` |

</details>

Next: `sspr apply pilot.yaml --sandbox`
[exit status: 0]

"#]]
    );
}

#[test]
fn every_result_has_a_page_that_does_not_churn() {
    let scene = Scene::new().file("pilot.yaml", PILOT);
    let run = |args: &[&str]| {
        let shown = scene.run(&[args, &["--sandbox", "--format", "markdown"]].concat());
        let command = args[0];
        let first = shown.stdout.lines().next().unwrap_or_default();
        assert!(first.starts_with(&format!("<!-- sspr:{command}")) && first.ends_with(" -->"), "{shown}");
        let mut lines = shown.stdout.lines().skip(1);
        let heading = lines.find(|line| !line.is_empty() && !line.starts_with("> Sandbox: "));
        assert!(heading.unwrap().starts_with("### "), "{shown}");
        // Which run it goes back to before is the story, and no part of the page.
        let is_told =
            command == "rollback" && shown.stderr.starts_with("Rolling back 1 run, to before the apply of ");
        assert!(shown.stderr.is_empty() || is_told, "{shown}");
        shown
    };
    let twice = |args: &[&str], code: i32| {
        let (once, again) = (run(args).code(code), run(args).code(code));
        // The sandbox listens on another port each time; a tenant does not move.
        let steady = |text: &str| {
            text.lines().filter(|line| !line.contains("127.0.0.1")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(steady(&once.stdout), steady(&again.stdout), "{args:?}");
    };
    twice(&["plan"], 0);
    twice(&["verify"], 5);
    twice(&["validate"], 0);
    let applied = run(&["apply", "--yes"]).code(0);
    assert!(
        applied.stdout.contains("\n### Applied 3 changes; `Contoso` matches `pilot.yaml`\n"),
        "{applied}"
    );
    assert!(!applied.stdout.contains("@@"), "a run's name or a path on this machine:\n{applied}");
    twice(&["apply", "--yes"], 0);
    twice(&["verify"], 0);
    twice(&["verify", "--user", "ada@contoso.onmicrosoft.com"], 0);
    twice(&["people"], 0);
    twice(&["people", "--only", "not-ready"], 0);
    twice(&["doctor"], 0);
    twice(&["history"], 0);
    let _ = run(&["rollback", "--yes"]).code(0);
    twice(&["cleanup", "--yes"], 0);
}

#[test]
fn many_people_are_one_page_in_whatever_order_they_come() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["sandbox", "reset", "--people", "3000"]).code(0);
    let people =
        || scene.run(&["people", "--sandbox", "--no-registration", "--format", "markdown"]).code(0).stdout;
    let page = people();
    assert_eq!(page, people());
    // GitHub takes no more in a comment.
    assert!(page.len() < 65_536, "{}", page.len());
    assert!(page.contains("<summary>100 of 3,008 people, those not ready first;"), "{page}");
}

#[test]
fn a_failure_has_a_page_where_its_result_would_have_been() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ngroop: SSPR|Pilot\nmethods:\n  required: 7\n");
    assert_shown!(
        scene.run(&["plan", "--sandbox", "--format", "markdown"]),
        str![[r#"
<!-- sspr:plan:pilot.yaml -->
> Sandbox: a pretend tenant; nothing real is read or written.

### Failed: 2 problems in pilot.yaml; nothing was sent

| where | problem | what to do |
| --- | --- | --- |
| `pilot.yaml:2:1` | unknown key `groop` | did you mean `group`? |
| `pilot.yaml:4:13` | 7 is out of range | write a whole number from 1 to 2 |
------- stderr -------
error: unknown key `groop`
 --> pilot.yaml:2:1
  |
2 | groop: SSPR|Pilot
  | ^^^^^
  |
help: did you mean `group`?

error: 7 is out of range
 --> pilot.yaml:4:13
  |
4 |   required: 7
  |             ^
  |
help: write a whole number from 1 to 2

error: 2 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    assert_shown!(
        scene.run(&["plan", "--sandbox", "--format", "github"]),
        str![[r#"
::error file=pilot.yaml,line=2,col=1,title=groop::unknown key `groop`%0Adid you mean `group`?
::error file=pilot.yaml,line=4,col=13,title=methods.required::7 is out of range%0Awrite a whole number from 1 to 2
------- stderr -------
error: unknown key `groop`
 --> pilot.yaml:2:1
  |
2 | groop: SSPR|Pilot
  | ^^^^^
  |
help: did you mean `group`?

error: 7 is out of range
 --> pilot.yaml:4:13
  |
4 |   required: 7
  |             ^
  |
help: write a whole number from 1 to 2

error: 2 problems in pilot.yaml; nothing was sent
[exit status: 65]

"#]]
    );
    let refused = Scene::new().file("pilot.yaml", "version: 1\nscope: all\n");
    let shown = refused.run(&["apply", "--yes", "--sandbox", "--format", "markdown"]).code(3);
    let lines: Vec<&str> = shown.stdout.lines().collect();
    assert!(lines[3].starts_with("### Failed: ") && lines[5] == "Nothing was changed.", "{shown}");
    assert!(shown.stdout.contains("\n### sspr plan: 1 change, refused\n"), "{shown}");
    assert_eq!(scene.run(&["schema", "--format", "markdown"]).code, 64);
}

#[test]
fn a_page_goes_into_a_file_beside_any_other_form() {
    let scene = Scene::new().file("pilot.yaml", PILOT);
    let page = scene.run(&["plan", "--sandbox", "--format", "markdown"]).code(0).stdout;
    for format in ["text", "json", "github"] {
        let into = ["--markdown-into", "plan.md", "--json-into", "plan.json"];
        let shown = scene.run(&[&["plan", "--sandbox", "--format", format][..], &into].concat()).code(0);
        assert!(!shown.stdout.contains("### "), "{shown}");
        assert_eq!(std::fs::read_to_string(scene.path().join("plan.md")).unwrap(), page);
        let json = std::fs::read(scene.path().join("plan.json")).unwrap();
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&json).unwrap()["format"], "sspr.plan/1");
    }
    let _ = scene.run(&["plan", "nowhere.yaml", "--markdown-into", "plan.md"]).code(1);
    let page = std::fs::read_to_string(scene.path().join("plan.md")).unwrap();
    assert!(page.starts_with("<!-- sspr:plan:nowhere.yaml -->\n### Failed: "), "{page}");
}

#[test]
fn annotations_stand_at_the_lines_of_the_spec_as_the_repository_names_it() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path().join("pilots")).unwrap();
    let root = scene.path().display().to_string();
    let scene = scene.file("pilots/it.yaml", PILOT).env("GITHUB_WORKSPACE", &root);
    let shown = scene.run(&["plan", "pilots/it.yaml", "--sandbox", "--format", "github"]).code(0);
    let commands: Vec<&str> = shown.stdout.lines().filter(|line| line.starts_with("::")).collect();
    let at_the_group = "::warning file=pilots/it.yaml,line=2,col=8,title=admin-in-group::";
    assert!(commands[0].starts_with(at_the_group), "{shown}");
    // A key the spec does not manage has no line.
    assert!(
        commands.iter().any(|line| line.starts_with("::notice file=pilots/it.yaml,title=no-helpdesk::")),
        "{shown}"
    );
    assert!(shown.stdout.contains("~ Self service password reset enabled  None → Selected"), "{shown}");
    assert!(!shown.stdout.contains("dana@"), "the log of a public repository is public\n{shown}");
    let drift = scene.run(&["verify", "pilots/it.yaml", "--sandbox", "--format", "github"]).code(5);
    let at_the_switch = "::error file=pilots/it.yaml,line=4,col=11,title=notifications.admins::Notify all admins when \
                         other admins reset their password: Yes wanted, No there\n";
    assert!(drift.stdout.contains(at_the_switch), "{drift}");
    let cleanup = scene.run(&["cleanup", "--yes", "--sandbox", "--format", "github"]).code(0);
    assert!(!cleanup.stdout.contains("file="), "there is no file to point at\n{cleanup}");
}

/// Whatever separator or drive it was typed with, so that a plan made on Windows is applied on a Linux runner.
#[test]
fn a_spec_in_a_folder_with_spaces_is_found_and_named_alike_on_every_system() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path().join("my pilots")).unwrap();
    let root = scene.path().display().to_string();
    let scene = scene.file("my pilots/it.yaml", PILOT).env("GITHUB_WORKSPACE", &root);
    let typed = std::path::Path::new("my pilots").join("it.yaml");
    let whole = scene.path().join(&typed);
    for path in [whole.to_str().unwrap(), typed.to_str().unwrap()] {
        let shown =
            scene.run(&["plan", path, "--sandbox", "--format", "github", "--out", "plan.json"]).code(0);
        assert!(shown.stdout.contains("\n::warning file=my pilots/it.yaml,line=2,"), "{shown}");
        let _ = scene.run(&["apply", "plan.json", "--sandbox", "--yes"]).code(0);
        let _ = scene.run(&["cleanup", path, "--sandbox", "--yes"]).code(0);
    }
    let plan = std::fs::read(scene.path().join("plan.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
    assert_eq!(plan["spec"]["path"], "my pilots/it.yaml");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_text_in_every_form() {
    for name in HOSTILE {
        let mut tenant = TenantState::seeded(Seed::Fresh);
        tenant.tenant_name = name.to_owned();
        tenant.groups[0].name = name.to_owned();
        let id = tenant.groups[0].id;
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", format!("version: 1\ngroup: {id}\n"));
        let verify = ["verify", "--user", "ada@contoso.onmicrosoft.com"];
        for args in [&["plan"][..], &["apply", "--yes"], &verify, &["people"], &["doctor"]] {
            let page = scene.run(&[args, &["--format", "markdown"]].concat());
            assert_harmless(&page.stdout);
            assert_gives_no_command(&page.stdout, 0);
        }
        for (args, format) in
            [("plan", "text"), ("plan", "json"), ("plan", "github"), ("people", "text"), ("people", "json")]
        {
            let shown = scene.run(&[args, "-v", "--format", format]);
            assert_gives_no_command(&shown.stdout, if format == "github" { usize::MAX } else { 0 });
            assert_gives_no_command(&shown.stderr, 0);
        }
        let absent = Scene::against(&sandbox)
            .file("pilot.yaml", format!("version: 1\ngroup: {}\n", serde_json::json!(format!("no {name}"))));
        assert_harmless(&absent.run(&["plan", "--format", "markdown"]).code(3).stdout);
        let failed = absent.run(&["plan", "--format", "github"]).code(3);
        assert_gives_no_command(&failed.stdout, 1);
        assert_gives_no_command(&failed.stderr, 0);
    }
}
