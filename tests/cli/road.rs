//! plan, apply, cleanup and validate as a user meets them, on the sandbox.

use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

#[test]
fn apply_shows_writes_proves_and_says_what_is_next() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: SSPR-Pilot in Contoso (contoso.onmicrosoft.com)     sandbox
  8 changes (5 settings, 3 methods), 1 of them reaches beyond the pilot
  8 people in the group; ready to reset: 0 today, 2 after, 1 unknown
  5 warnings, 7 notes, 0 accepted; 3 settings already match, 5 are not managed

Password reset > Properties                                               portal
  ~ Self service password reset enabled        None → Selected
  ~ Select group                               none → SSPR-Pilot

Password reset > Authentication methods                                   portal
  ~ Number of methods required to reset        2 → 1

Authentication methods policy                                              graph
  ~ SMS                                        off → on for SSPR-Pilot, sign-in too
  ~ Third-party software OATH tokens           off → on for SSPR-Pilot, sign-in too
  ~ Voice call                                 off → on for SSPR-Pilot, sign-in too
      Office phones                            No → Yes  ! everyone who has Voice call

Password reset > Registration                                             portal
  ~ Require users to register when signing in  No → Yes

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

Warnings
  admin-in-group       1 administrator in the group: Microsoft's own policy applies to them, not this spec
                       dana@contoso.onmicrosoft.com
  enables-sign-in      3 methods become usable for sign-in too, for SSPR-Pilot
  sms-voice-retire     On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
  tenant-wide-switch   "Office phones" is one switch for everyone who has Voice call: SSPR-Pilot
  unlicensed-in-group  2 members without a licence for password reset
                       emil_fabrikam.com#EXT#@contoso.onmicrosoft.com, grace@contoso.onmicrosoft.com

7 notes: --explain shows them, and what to do about each warning

  ✓ SMS                               on for SSPR-Pilot
  ✓ Voice call                        on for SSPR-Pilot, Office phones
  ✓ Third-party software OATH tokens  on for SSPR-Pilot
  ✓ Password reset policy             Selected for SSPR-Pilot, 3 more

Record:   @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
Way back: sspr rollback @@RUN@@ --sandbox, or sspr cleanup --sandbox to turn password reset off

Applied 8 changes; Contoso matches pilot.yaml.
Next: ask one ordinary user, not an administrator, to register at https://aka.ms/ssprsetup, then
      sspr verify pilot.yaml --user NAME --watch --sandbox
      (all of this happened in the sandbox; `sspr sandbox reset` resets it)
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["plan", "--sandbox", "--detailed-exitcode"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: SSPR-Pilot in Contoso (contoso.onmicrosoft.com)     sandbox
  No changes
  8 people in the group; ready to reset: 2 today, 2 after, 1 unknown
  3 warnings, 5 notes, 0 accepted; 9 settings already match, 5 are not managed

Warnings
  admin-in-group       1 administrator in the group: Microsoft's own policy applies to them, not this spec
                       dana@contoso.onmicrosoft.com
  sms-voice-retire     On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
  unlicensed-in-group  2 members without a licence for password reset
                       emil_fabrikam.com#EXT#@contoso.onmicrosoft.com, grace@contoso.onmicrosoft.com

5 notes: --explain shows them, and what to do about each warning

No changes: Contoso matches pilot.yaml.
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: SSPR-Pilot in Contoso (contoso.onmicrosoft.com)     sandbox
  No changes
  8 people in the group; ready to reset: 2 today, 2 after, 1 unknown
  3 warnings, 5 notes, 0 accepted; 9 settings already match, 5 are not managed

Warnings
  admin-in-group       1 administrator in the group: Microsoft's own policy applies to them, not this spec
                       dana@contoso.onmicrosoft.com
  sms-voice-retire     On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud
  unlicensed-in-group  2 members without a licence for password reset
                       emil_fabrikam.com#EXT#@contoso.onmicrosoft.com, grace@contoso.onmicrosoft.com

5 notes: --explain shows them, and what to do about each warning

No changes: Contoso matches pilot.yaml. Nothing was written.
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["cleanup", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for cleanup: Contoso (contoso.onmicrosoft.com)                      sandbox
  1 change
  0 warnings, 1 note

Password reset > Properties                                               portal
  ~ Self service password reset enabled  Selected → None

1 note: --explain shows it

  ✓ Password reset policy  Self service password reset enabled: None

Record:   @@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@
Way back: sspr rollback @@RUN@@ --sandbox

Applied 1 change; password reset is None for Contoso.
Next: registered methods are kept, and so are the other applied settings (`sspr cleanup --restore --sandbox` undoes them); `sspr apply pilot.yaml --sandbox` starts the pilot again
      (all of this happened in the sandbox; `sspr sandbox reset` resets it)
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["cleanup", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for cleanup: Contoso (contoso.onmicrosoft.com)                      sandbox
  No changes

No changes: password reset is None for Contoso. Nothing was written.
[exit status: 0]

"#]]
    );
}

#[test]
fn plan_says_what_would_change_and_writes_nothing() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
    assert_shown!(
        scene.run(&["plan", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)                   sandbox
  1 change
  0 warnings, 2 notes, 0 accepted; 0 settings already match, 13 are not managed

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

2 notes: --explain shows them

1 change. Nothing was written.
Next: sspr apply pilot.yaml --sandbox
[exit status: 0]

"#]]
    );
    assert_eq!(scene.run(&["plan", "--sandbox", "--detailed-exitcode"]).code, 2);
    assert!(!scene.state_dir().exists(), "planning left something behind");
}

#[test]
fn plan_in_json_is_one_document_and_the_same_bytes_twice() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n");
    let shown = scene.run(&["plan", "--sandbox", "--format", "json", "--out", "plan.json"]);
    assert_shown!(
        shown,
        str![[r#"
{
  "format": "sspr.plan/1",
  "made": "2026-11-22T00:00:00Z",
  "tenant": {
    "id": "204a15ea-fa2c-550c-86c1-f84caa53d849",
    "name": "Contoso"
  },
  "spec": {
    "path": "pilot.yaml",
    "sha256": "20d9bc918558500397fa1c6e17973ac3746b7a59c8cf3a4eea7969f5b3fd2f1c"
  },
  "sandbox": true,
  "baseline": "sha256:3fa71e46b0c992d0381611d4cca8f2c5321d9482da4669c526bb2eeed7352cec",
  "changes": [
    {
      "key": "group",
      "surface": "portal",
      "resource": "PasswordResetPolicies",
      "from": [],
      "to": [
        "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73"
      ]
    },
    {
      "key": "methods.required",
      "surface": "portal",
      "resource": "PasswordResetPolicies",
      "from": 2,
      "to": 1
    },
    {
      "key": "scope",
      "surface": "portal",
      "resource": "PasswordResetPolicies",
      "from": "none",
      "to": "selected"
    }
  ],
  "findings": [
    {
      "code": "admin-in-group",
      "severity": "warning",
      "key": "group",
      "message": "1 administrator in the group: Microsoft's own policy applies to them, not this spec",
      "help": "Never test with an administrator. Remove them from the group, or expect them to need two methods always."
    },
    {
      "code": "registration-not-required",
      "severity": "warning",
      "key": "registration.required",
      "message": "1 member without enough methods, and no one is asked to register: it is not required at sign-in",
      "help": "Set `registration.required: true`, or reach them yourself: `sspr people --only nudge` lists them."
    },
    {
      "code": "unlicensed-in-group",
      "severity": "warning",
      "key": "group",
      "message": "2 members without a licence for password reset",
      "help": "Assign Entra ID P1 or P2, or Microsoft 365 Business Standard for cloud accounts. Reset may work without a licence, but Microsoft requires one for each user who benefits."
    },
    {
      "code": "disabled-in-group",
      "severity": "info",
      "key": "group",
      "message": "1 disabled account in the group: they cannot reset, and the registration report omits them",
      "help": "Enable them, or remove them from the group so that the pilot's numbers are right."
    },
    {
      "code": "explicit-registration",
      "severity": "info",
      "key": "registration.required",
      "message": "Announced for 2026-11-09: only registered methods count for a reset, none from the directory alone",
      "help": "Have the pilot's people register at https://aka.ms/ssprsetup, or register methods for them. Numbers and addresses that are only in the directory would not count; Microsoft's Learn page gives other dates. https://mc.merill.net/message/MC1325414"
    },
    {
      "code": "guest-in-group",
      "severity": "info",
      "key": "group",
      "message": "1 guest in the group: guests reset their password in their home tenant",
      "help": "Leave guests out of the pilot; the spec has no effect on them."
    },
    {
      "code": "no-helpdesk",
      "severity": "info",
      "key": "customization.helpdesk",
      "message": "No helpdesk link is set, so \"Contact your administrator\" mails the tenant's administrators",
      "help": "Set `customization.helpdesk` to an e-mail address or a URL, as Microsoft recommends."
    },
    {
      "code": "reach",
      "severity": "info",
      "key": "group",
      "message": "Ready to reset: 0 people today, 2 after this plan; unknown of 1 member",
      "help": "The registration report can be 36 hours old and omits disabled accounts. `sspr people` lists who is ready, and why others are not."
    }
  ],
  "people": {
    "members": 8,
    "admins": 1,
    "unlicensed": 2,
    "guests": 1,
    "disabled": 1,
    "locked_out": 0,
    "stranded": 0,
    "ready_before": 0,
    "ready_after": 2,
    "ready_unknown": 1
  },
  "summary": {
    "accepted": 0,
    "beyond": 0,
    "changes": 3,
    "errors": 0,
    "matching": 0,
    "notes": 5,
    "unmanaged": 11,
    "warnings": 3
  },
  "digest": "sha256:ce60ceeddd4ff086da3c563d40403d77ce67358fcde5f05310e8190bc33df432"
}
[exit status: 0]

"#]]
    );
    let again = scene.run(&["plan", "--sandbox", "--format", "json", "--json-into", "beside.json"]);
    assert_eq!(again.stdout, shown.stdout);
    for file in ["plan.json", "beside.json"] {
        assert_eq!(std::fs::read_to_string(scene.path().join(file)).unwrap(), shown.stdout, "{file}");
    }
}

#[test]
fn apply_in_json_is_one_document() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.outcome/1",
  "sandbox": true,
  "applied": [
    {
      "key": "notifications.admins",
      "surface": "portal",
      "resource": "PasswordResetPolicies",
      "from": false,
      "to": true
    }
  ],
  "also_changed": [],
  "verified": true,
  "journal": "@@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/journal.jsonl",
  "baseline": "@@STATE@@/sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849/@@RUN@@/baseline.json",
  "scope": "none",
  "standing": [
    "@@RUN@@"
  ]
}
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.outcome/1",
  "sandbox": true,
  "applied": [],
  "also_changed": [],
  "verified": true,
  "journal": null,
  "baseline": null,
  "scope": "none",
  "standing": [
    "@@RUN@@"
  ]
}
[exit status: 0]

"#]]
    );
}

#[test]
fn without_a_terminal_and_without_yes_apply_refuses() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\nnotifications:\n  admins: true\n");
    assert_shown!(
        scene.run(&["apply", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)                   sandbox
  1 change
  0 warnings, 2 notes, 0 accepted; 0 settings already match, 13 are not managed

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

2 notes: --explain shows them

------- stderr -------
error: cannot ask for confirmation: there is no terminal
Nothing was changed.
hint: pass --yes to go on without confirmation
[exit status: 3]

"#]]
    );
    assert_shown!(
        scene.run(&["cleanup", "--sandbox", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.outcome/1",
  "sandbox": true,
  "applied": [],
  "also_changed": [],
  "verified": true,
  "journal": null,
  "baseline": null,
  "scope": "none",
  "standing": []
}
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.error/1",
  "sandbox": true,
  "error": "cannot ask for confirmation: there is no terminal",
  "causes": [],
  "hints": [
    "pass --yes to go on without confirmation"
  ],
  "exit": 3
}
------- stderr -------
Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)                   sandbox
  1 change
  0 warnings, 2 notes, 0 accepted; 0 settings already match, 13 are not managed

Password reset > Notifications                                            portal
  ~ Notify all admins when other admins reset their password  No → Yes

2 notes: --explain shows them

error: cannot ask for confirmation: there is no terminal
Nothing was changed.
hint: pass --yes to go on without confirmation
[exit status: 3]

"#]]
    );
    assert!(!scene.state_dir().exists(), "a refused apply left something behind");
}

#[test]
fn scope_all_is_refused_until_it_is_said_in_words() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\nscope: all\n");
    assert_shown!(
        scene.run(&["plan", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)                   sandbox
  1 change, which reaches beyond the pilot
  8 people in the tenant, guests and disabled accounts aside
  1 error, 0 warnings, 2 notes, 0 accepted; 0 settings already match, 13 are not managed

Password reset > Properties                                               portal
  ~ Self service password reset enabled  None → All  ! every user of the tenant

Errors
  scope-all  Every user in the tenant could reset their password, and must register if that is required
             For a pilot, set `group:` instead. To include every user, pass --allow-all-users.

2 notes: --explain shows them

1 change and 1 error: apply would refuse this. Nothing was written.
Next: resolve each error above, then sspr plan pilot.yaml --sandbox
[exit status: 3]

"#]]
    );
    assert_shown!(
        scene.run(&["apply", "--sandbox", "--yes"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: Contoso (contoso.onmicrosoft.com)                   sandbox
  1 change, which reaches beyond the pilot
  8 people in the tenant, guests and disabled accounts aside
  1 error, 0 warnings, 2 notes, 0 accepted; 0 settings already match, 13 are not managed

Password reset > Properties                                               portal
  ~ Self service password reset enabled  None → All  ! every user of the tenant

Errors
  scope-all  Every user in the tenant could reset their password, and must register if that is required
             For a pilot, set `group:` instead. To include every user, pass --allow-all-users.

2 notes: --explain shows them

------- stderr -------
error: the plan has 1 error
Nothing was changed.
hint: the plan above says how to resolve each error
[exit status: 3]

"#]]
    );
    assert_eq!(scene.run(&["apply", "--sandbox", "--yes", "--allow-all-users"]).code, 0);
    assert_eq!(scene.run(&["plan", "--sandbox", "--detailed-exitcode"]).code, 0);
}

#[test]
fn a_spec_for_another_tenant_is_refused_by_every_command() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ntenant: fabrikam.com\ngroup: SSPR-Pilot\n");
    assert_shown!(
        scene.run(&["plan", "--sandbox"]),
        str![[r#"
------- stderr -------
error: you are signed in to contoso.onmicrosoft.com (204a15ea-fa2c-550c-86c1-f84caa53d849), but the spec is for fabrikam.com
Nothing was changed.
hint: sign in to fabrikam.com (`az login --tenant fabrikam.com`), or correct `tenant:` in the spec
[exit status: 3]

"#]]
    );
    for command in ["apply", "cleanup"] {
        assert_eq!(scene.run(&[command, "--sandbox", "--yes"]).code, 3, "{command}");
    }
    for own in ["contoso.com", "CONTOSO.onmicrosoft.com", "204A15EA-fa2c-550c-86c1-f84caa53d849"] {
        let scene =
            Scene::new().file("pilot.yaml", format!("version: 1\ntenant: {own}\ngroup: SSPR-Pilot\n"));
        assert_eq!(scene.run(&["plan", "--sandbox"]).code, 0, "{own}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_must_be_found_and_be_the_only_one() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    let mut twin = tenant.groups[0].clone();
    twin.id = uuid::Uuid::from_u128(1);
    twin.name = "sspr-pilot".to_owned();
    tenant.groups.push(twin);
    tenant.groups[1].name = "O'Neil & 50% ü?#/".to_owned();
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let plan = |group: &str| {
        let spec = format!("version: 1\ngroup: {}\n", serde_json::json!(group));
        Scene::against(&sandbox).file("pilot.yaml", spec).run(&["plan"])
    };
    assert_shown!(
        plan("SSPR-Pilot"),
        str![[r#"
------- stderr -------
error: 2 groups are called `SSPR-Pilot`
Nothing was changed.
hint: set `group:` to the id of one of them: 00000000-0000-0000-0000-000000000001, b4cc8a36-de1e-5d5b-9644-4edc3fc96a73
[exit status: 3]

"#]]
    );
    assert_shown!(
        plan("No such group"),
        str![[r#"
------- stderr -------
error: there is no group `No such group` in this tenant
Nothing was changed.
hint: check the spelling: `group:` takes the whole display name or the object id
[exit status: 3]

"#]]
    );
    assert_shown!(
        plan("00000000-0000-0000-0000-000000000009"),
        str![[r#"
------- stderr -------
error: there is no group `00000000-0000-0000-0000-000000000009` in this tenant
Nothing was changed.
hint: check the spelling: `group:` takes the whole display name or the object id
[exit status: 3]

"#]]
    );
    assert_eq!(plan("O'Neil & 50% ü?#/").code, 0);
    assert_eq!(plan("B4CC8A36-de1e-5d5b-9644-4edc3fc96a73").code, 0);
    assert_eq!(plan("' or startswith(displayName,'S").code, 3);
}

#[test]
fn findings_about_the_group_and_the_methods() {
    let scene = Scene::new().file(
        "pilot.yaml",
        "version: 1\ngroup: Newsletter\nmethods:\n  allowed: [email, security_questions]\nregistration:\n  reconfirm_days: 90\n",
    );
    assert_shown!(
        scene.run(&["plan", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Plan for pilot.yaml: Newsletter in Contoso (contoso.onmicrosoft.com)     sandbox
  4 changes
  1 person in the group; ready to reset: 0 today, 0 after
  1 error, 4 warnings, 4 notes, 0 accepted; 0 settings already match, 10 are not managed

Password reset > Properties                                               portal
  ~ Self service password reset enabled  None → Selected
  ~ Select group                         none → Newsletter

Password reset > Authentication methods                                   portal
  ~ Methods available to users           1 method
                                         + Security questions

Password reset > Registration                                             portal
  ~ Number of days before users are asked to re-confirm their authentication information  180 → 90

Errors
  group-not-security  Newsletter (e8cdacbf-e7dd-5386-ac85-a407b699c330) is not a security group
                      Password reset needs a security group. Create one, add these people to it, and set `group:` to it.

Warnings
  extra-methods              More reset methods than the spec allows, for Newsletter: Mobile app notification (Microsoft Authenticator from all users); Mobile app code (Microsoft Authenticator from all users)
  reconfirm-unused           `reconfirm_days` has no effect, because the tenant does not require registration
  registration-not-required  1 member without enough methods, and no one is asked to register: it is not required at sign-in
                             ivo@contoso.onmicrosoft.com
  security-questions-retire  In 2027-03, security questions will be retired from password reset

4 notes: --explain shows them, and what to do about each warning

4 changes and 1 error: apply would refuse this. Nothing was written.
Next: resolve each error above, then sspr plan pilot.yaml --sandbox
[exit status: 3]

"#]]
    );
}

#[test]
fn cleanup_needs_no_file_and_takes_the_guard_of_one() {
    let scene = Scene::new();
    assert_eq!(scene.run(&["cleanup", "--sandbox", "--yes"]).code, 0);
    let named = Scene::new().file("other.yaml", "version: 1\ntenant: fabrikam.com\n");
    assert_eq!(named.run(&["cleanup", "other.yaml", "--sandbox", "--yes"]).code, 3);
    assert_eq!(named.run(&["cleanup", "missing.yaml", "--sandbox", "--yes"]).code, 1);
}

#[test]
fn validate_sends_nothing_and_needs_no_sign_in() {
    let scene = Scene::new().example("pilot.yaml").env("SSPR_GRAPH_URL", "http://127.0.0.1:1");
    assert_shown!(
        scene.run(&["validate"]),
        str![[r#"
pilot.yaml is a valid spec. Nothing was sent.
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["validate", "--format", "json"]),
        str![[r#"
{
  "format": "sspr.valid/1",
  "spec": {
    "path": "pilot.yaml",
    "sha256": "1026a56fd2e6561b779b87dedeedb274174b8b91b749336924ffc81c3173b987"
  },
  "valid": true,
  "findings": []
}
[exit status: 0]

"#]]
    );
}

#[test]
fn a_newcomers_first_mistakes() {
    let scene = Scene::new();
    assert_shown!(
        scene.run(&["plan", "--sandbox"]),
        str![[r#"
------- stderr -------
error: there is no file pilot.yaml
hint: `sspr init --sandbox` asks six questions and writes it
hint: `sspr import pilot.yaml --sandbox` writes what the tenant has today
hint: name the YAML file, or run the command in its folder
[exit status: 1]

"#]]
    );
    assert_shown!(
        scene.run(&["plan", "--sandbox", "--fast"]),
        str![[r#"
------- stderr -------
error: unexpected argument '--fast' found

  tip: to pass '--fast' as a value, use '-- --fast'

Usage: sspr plan --sandbox [FILE]

For more information, try '--help'.
[exit status: 64]

"#]]
    );
    assert_shown!(
        scene.run(&["--format", "json", "plan", "--fast"]),
        str![[r#"
{
  "format": "sspr.error/1",
  "error": "unexpected argument '--fast' found",
  "causes": [],
  "hints": [
    "run `sspr --help`"
  ],
  "exit": 64
}
------- stderr -------
error: unexpected argument '--fast' found
hint: run `sspr --help`
[exit status: 64]

"#]]
    );
    let unreachable = Scene::new()
        .example("pilot.yaml")
        .env("SSPR_GRAPH_TOKEN", "graph-token")
        .env("SSPR_PORTAL_TOKEN", "portal-token");
    let elsewhere = unreachable.env("SSPR_GRAPH_URL", "http://graph.microsoft.com");
    assert_shown!(
        elsewhere.run(&["plan"]),
        str![[r#"
------- stderr -------
error: SSPR_GRAPH_URL is plain http to another machine; only https, or http to a loopback address, is allowed
hint: unset the variable to use Microsoft's public cloud
[exit status: 64]

"#]]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_token_does_not_open_the_portal() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let scene = scene.env("SSPR_PORTAL_TOKEN", sandbox.graph_token());
    assert_shown!(
        scene.run(&["apply", "--yes"]),
        str![[r#"
------- stderr -------
error: portal: GET @@HOST@@/api/PasswordReset/PasswordResetPolicies was refused with 401 Unauthorized: Unauthorized: S2S17001: SAL was able to validate the protocol, but validation failed as none of the inbound policies were satisfied. (x-ms-correlation-id @@ID@@) (client-request-id @@ID@@)
hint: the admin centre takes a person's token, made for it, and neither an application's nor Graph's: run `az login` as a person with the role Authentication Policy Administrator, or set SSPR_PORTAL_TOKEN
hint: pass --graph-only to plan Graph's half and list the rest as portal steps
[exit status: 77]

"#]]
    );
}

#[test]
fn version_and_help_touch_nothing() {
    let scene = Scene::new();
    assert_eq!(scene.run(&["--version"]).code(0).stdout, format!("sspr {}\n", env!("CARGO_PKG_VERSION")));
    assert!(scene.run(&["--help"]).code(0).stdout.contains("Examples:"));
    assert_eq!(scene.run(&["apply", "--help"]).code, 0);
    assert!(!scene.state_dir().exists());
}

#[test]
fn colour_only_where_someone_sees_it() {
    let scene = Scene::new().example("pilot.yaml");
    assert!(!scene.run(&["plan", "--sandbox"]).stdout.contains('\u{1b}'));
    let forced = scene.env("CLICOLOR_FORCE", "1");
    assert!(forced.run(&["plan", "--sandbox"]).stdout.contains("\u{1b}[1m"));
    let refused = forced.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "");
    assert!(!refused.run(&["plan", "--sandbox"]).stdout.contains('\u{1b}'));
}
