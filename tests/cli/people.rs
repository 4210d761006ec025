//! people and verify as a user meets them.

use serde_json::Value;
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

#[test]
fn people_say_who_is_ready_and_why_not() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["people", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

SSPR-Pilot in Contoso: 8 people, 2 ready of 4 who can be (50 %), registration as of 2026-11-21 (1 day old)

  READY  NAME                    USER                                            METHODS                                   WHY NOT
  yes    Ada Lindqvist           ada@contoso.onmicrosoft.com                     Email, Mobile phone
  yes    Bola Okafor             bola@contoso.onmicrosoft.com                    Mobile app notification, Mobile app code
  no     Chen Wei                chen@contoso.onmicrosoft.com                    none                                      too few methods
  –      Dana Novák              dana@contoso.onmicrosoft.com                    Mobile phone                              administrator: own policy (Helpdesk Administrator)
  –      Emil Brandt (Fabrikam)  emil_fabrikam.com#EXT#@contoso.onmicrosoft.com  none                                      guest: resets at home
  –      Farid Haddad            farid@contoso.onmicrosoft.com                   ?                                         account is disabled
  no     Grace O'Neil            grace@contoso.onmicrosoft.com                   Mobile phone                              no licence
  ?      Hana Sato               hana@contoso.onmicrosoft.com                    ?                                         no row in the report yet

1 not ready, 1 unknown; left out: 1 disabled, 1 guest, 1 without a licence, 1 administrator; 2 unlicensed in all; 1 registered by the report
2 can be nudged (--only nudge)
[exit status: 0]

"#]]
    );
}

#[test]
fn people_in_json_are_one_document() {
    let scene = Scene::new().example("pilot.yaml");
    let shown = scene.run(&["people", "--sandbox", "--format", "json", "--json-into", "people.json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(std::fs::read_to_string(scene.path().join("people.json")).unwrap(), shown.stdout);
    assert_eq!(document["format"], "sspr.people/1");
    assert_eq!(document["people"].as_array().unwrap().len(), 8);
    assert_eq!(document["summary"]["members"], 8);
    assert_eq!(document["complete"], true);
    assert_eq!(document["people"][7]["registered"], serde_json::Value::Null);
}

#[test]
fn people_in_csv_are_for_a_spreadsheet() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["people", "--sandbox", "--format", "csv", "--only", "left-out"]),
        str![[r#"
﻿Name,User,Email,Ready,Methods,Why not,Id,Enabled,Guest,Synced,Licensed,Licence,Administrator,Roles,Registered,Capable,Directory only,Reasons
Dana Novák,dana@contoso.onmicrosoft.com,dana@contoso.onmicrosoft.com,unknown,Mobile phone,administrator: own policy,31050921-a2e4-52c2-b8cc-2cf05c2b2b57,yes,no,no,yes,Entra ID P1,yes,Helpdesk Administrator,no,no,no,administrator
Emil Brandt (Fabrikam),emil_fabrikam.com#EXT#@contoso.onmicrosoft.com,emil@fabrikam.com,no,none,guest: resets at home,7457f485-1e08-5c78-a8dd-2de616032690,yes,yes,no,no,,no,,no,no,no,"guest; unlicensed; too-few-methods"
Farid Haddad,farid@contoso.onmicrosoft.com,farid@contoso.onmicrosoft.com,no,unknown,account is disabled,5002a3c3-1d56-53be-94ba-3fe92bd79003,no,no,no,yes,Entra ID P1,no,,unknown,unknown,no,"disabled; no-report-row"
Grace O'Neil,grace@contoso.onmicrosoft.com,,no,Mobile phone,no licence,7f16700a-d147-59ba-88ef-1451aeacafc7,yes,no,no,no,,no,,no,no,no,unlicensed
[exit status: 0]

"#]]
    );
    let _ = scene.run(&["plan", "--sandbox", "--format", "csv"]).code(64);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed_to_those_who_are_asked_for() {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    for user in tenant.users.iter_mut().filter(|user| ["chen", "dana"].contains(&&*user.alias)) {
        user.other_mails = vec!["someone@example.com".to_owned()];
    }
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    for (only, names) in [
        ("ready", &["ada", "bola"][..]),
        ("not-ready", &["chen"]),
        ("left-out", &["dana", "emil_fabrikam.com#EXT#", "farid", "grace"]),
        ("unknown", &["hana"]),
        ("nudge", &["chen", "hana"]),
        ("directory-only", &["chen"]),
    ] {
        let json = scene.run(&["people", "--only", only, "--format", "json"]).code(0).stdout;
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        let people = document["people"].as_array().unwrap().iter();
        let found: Vec<_> =
            people.filter_map(|person| person["userPrincipalName"].as_str()?.split('@').next()).collect();
        assert_eq!(found, names, "{only}");
        let summary = &document["summary"];
        assert_eq!(
            (&summary["members"], &summary["directory_only"], &summary["nudge"]),
            (&8.into(), &1.into(), &2.into())
        );
        let text = scene.run(&["people", "--only", only]).code(0).stdout;
        let rows = text.lines().filter(|line| line.contains('@')).count();
        assert_eq!(rows, names.len(), "{text}");
        let reach = "\n2 can be nudged (--only nudge), 1 relies on directory attributes alone (--only directory-only)\n";
        assert!(
            text.starts_with("SSPR-Pilot in Contoso: 8 people, 2 ready of 4 who can be (50 %), ")
                && text.ends_with(reach),
            "{text}"
        );
    }
    let chen = scene.run(&["people", "--only", "directory-only", "--format", "csv"]).code(0).stdout;
    let cells = "Chen Wei,chen@contoso.onmicrosoft.com,chen@contoso.onmicrosoft.com,no,none,contacts in the directory only,";
    assert!(chen.contains(cells) && chen.ends_with(",yes,\"directory-only; too-few-methods\"\r\n"), "{chen}");
}

#[test]
fn a_group_that_is_too_long_to_be_counted_first_is_counted_last() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["sandbox", "reset", "--people", "2000"]).code(0);
    let shown = scene.run(&["people", "--sandbox", "--no-registration"]).code(0).stdout;
    assert!(shown.contains("\nSSPR-Pilot in Contoso\n\n  READY  NAME "), "{shown}");
    assert_eq!(shown.matches("READY").count(), 1);
    assert_eq!(shown.lines().filter(|line| line.contains('@')).count(), 2008);
    let end = "\nSSPR-Pilot in Contoso: 2,008 people, 0 ready of 1,842 who can be (0 %), registration unknown: the report was not read\n\n";
    assert!(shown.contains(end), "{}", &shown[shown.len() - 800..]);
}

#[test]
fn a_gate_that_is_not_reached_is_5() {
    let scene = Scene::new().example("pilot.yaml");
    let shown = scene.run(&["people", "--sandbox", "--gate", "80%"]).code(5);
    assert!(
        shown.stderr.contains("The gate of 80% is not reached: 2 of all 8 members are ready."),
        "{shown}"
    );
    let _ = scene.run(&["people", "--sandbox", "--gate", "20"]).code(0);
    let _ = scene.run(&["people", "--sandbox", "--gate", "much"]).code(64);
    let _ = scene.run(&["people", "--sandbox", "--no-registration", "--gate", "1%"]).code(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_stopped_midway_still_close_their_document() {
    // The first page is looked at to see how large the group is; of what is read then, only some comes.
    for (fault, code, args) in [
        ("GET /transitiveMembers status=403 3-", 77, &[][..]),
        ("GET /transitiveMembers hang 3-", 1, &["--timeout", "3"]),
    ] {
        let tenant = TenantState::seeded(Seed::Fresh).with_generated_users(5000);
        let sandbox = Sandbox::start(tenant).await.unwrap();
        sandbox.fail(fault.parse().unwrap());
        let scene = Scene::against(&sandbox).example("pilot.yaml");
        let people = [&["people", "--no-registration"], args].concat();
        let shown = scene.run(&[&people[..], &["--format", "json"]].concat());
        assert_eq!(shown.code, code, "{fault}\n{}", shown.stderr);
        let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
        let rows = document["people"].as_array().unwrap().len();
        assert_eq!((&document["complete"], &document["summary"]["members"]), (&false.into(), &rows.into()));
        assert!(rows < 5008, "{rows} rows");
        assert!(shown.stderr.contains("graph: GET"), "{}", shown.stderr);
        if args.is_empty() {
            sandbox.heal();
            sandbox.fail(fault.parse().unwrap());
            assert!(rows >= 999, "{rows} rows");
            let shown = scene.run(&people).code(code);
            assert!(shown.stdout.contains("Incomplete: these are the"), "{}", shown.stderr);
        }
    }
}

/// Names that draw, forge, run or hide, in the places people and groups have names.
fn hostile() -> TenantState {
    let mut tenant = TenantState::seeded(Seed::Fresh);
    tenant.tenant_name = "Con\u{202e}osot\r\n8 members: 8 ready".to_owned();
    let pilot = tenant.groups.iter_mut().find(|group| group.name == "SSPR-Pilot").unwrap();
    pilot.name = "Pilot\u{1b}]0;owned\u{7}<script>alert(1)</script>".to_owned();
    pilot.members.truncate(6);
    let (names, aliases) = (
        [
            "=cmd|' /C calc'!A0",
            "| a | `b` | **c**",
            "<script>alert(2)</script>",
            "@SUM(1)",
            "\u{9b}2J",
            "\t=1+1",
        ],
        ["red\u{1b}[31m", "rev\u{202e}moc", "two\nlines", "bell\u{7}", "+1-2", "<b>&\"'"],
    );
    let ids = pilot.members.clone();
    let users = tenant.users.iter_mut().filter(|user| ids.contains(&user.id));
    for (user, (name, alias)) in users.zip(names.into_iter().zip(aliases)) {
        (user.name, user.alias) = (name.to_owned(), alias.to_owned());
    }
    tenant
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_text_in_every_form() {
    let tenant = hostile();
    let id = tenant.groups.iter().find(|group| group.name.starts_with("Pilot")).unwrap().id;
    let sandbox = Sandbox::start(tenant).await.unwrap();
    let spec =
        format!("version: 1\ngroup: {id}\nmethods:\n  required: 1\n  allowed: [email, mobile_phone]\n");
    let scene = Scene::against(&sandbox).file("pilot.yaml", spec);
    assert_shown!(
        scene.run(&["people"]),
        str![[r#"
Pilot\u{1b}]0;owned\u{7}<script>alert(1)</script> in Con\u{202e}osot\u{d}\u{a}8 members: 8 ready: 6 people, 2 ready of 3 who can be (66 %), registration as of 2026-11-21 (1 day old)

  READY  NAME                       USER                                    METHODS                                   WHY NOT
  –      \u{9b}2J                   +1-2@contoso.onmicrosoft.com            none                                      guest: resets at home
  –      =1+1                       <b>&"'@contoso.onmicrosoft.com          ?                                         account is disabled
  –      @SUM(1)                    bell\u{7}@contoso.onmicrosoft.com       Mobile phone                              administrator: own policy (Helpdesk Administrator)
  yes    =cmd|' /C calc'!A0         red\u{1b}[31m@contoso.onmicrosoft.com   Mobile phone, Email
  yes    | a | `b` | **c**          rev\u{202e}moc@contoso.onmicrosoft.com  Mobile app notification, Mobile app code
  no     <script>alert(2)</script>  two\u{a}lines@contoso.onmicrosoft.com   none                                      too few methods

1 not ready, 0 unknown; left out: 1 disabled, 1 guest, 1 administrator; 1 unlicensed in all; 1 registered by the report
1 can be nudged (--only nudge)
[exit status: 0]

"#]]
    );
    assert_shown!(
        scene.run(&["people", "--format", "csv"]),
        str![[r#"
﻿Name,User,Email,Ready,Methods,Why not,Id,Enabled,Guest,Synced,Licensed,Licence,Administrator,Roles,Registered,Capable,Directory only,Reasons
\u{9b}2J,'+1-2@contoso.onmicrosoft.com,,no,none,guest: resets at home,7457f485-1e08-5c78-a8dd-2de616032690,yes,yes,no,no,,no,,no,no,no,"guest; unlicensed; too-few-methods"
\u{9}=1+1,"<b>&""'@contoso.onmicrosoft.com","<b>&""'@contoso.onmicrosoft.com",no,unknown,account is disabled,5002a3c3-1d56-53be-94ba-3fe92bd79003,no,no,no,yes,Entra ID P1,no,,unknown,unknown,no,"disabled; no-report-row"
'@SUM(1),bell\u{7}@contoso.onmicrosoft.com,bell\u{7}@contoso.onmicrosoft.com,unknown,Mobile phone,administrator: own policy,31050921-a2e4-52c2-b8cc-2cf05c2b2b57,yes,no,no,yes,Entra ID P1,yes,Helpdesk Administrator,no,no,no,administrator
'=cmd|' /C calc'!A0,red\u{1b}[31m@contoso.onmicrosoft.com,red\u{1b}[31m@contoso.onmicrosoft.com,yes,"Mobile phone; Email",,47e751ed-79c5-575b-8749-15ae28ce7674,yes,no,no,yes,Entra ID P1,no,,yes,yes,no,
'| a | `b` | **c**,rev\u{202e}moc@contoso.onmicrosoft.com,rev\u{202e}moc@contoso.onmicrosoft.com,yes,"Mobile app notification; Mobile app code",,a6bc7fba-e6dd-59a3-9582-8cda986fe5f8,yes,no,no,yes,Entra ID P1,no,,no,no,no,
<script>alert(2)</script>,two\u{a}lines@contoso.onmicrosoft.com,two\u{a}lines@contoso.onmicrosoft.com,no,none,too few methods,ad052469-a1a2-5e10-8ef2-947f04db82dd,yes,no,no,yes,Entra ID P1,no,,no,no,no,too-few-methods
[exit status: 0]

"#]]
    );
    let json = scene.run(&["people", "--format", "json"]).code(0);
    for raw in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\r', '\t'] {
        assert!(!json.stdout.contains(raw), "{raw:?}\n{json:?}");
    }
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    // For a program a name is what it is.
    let names: Vec<&str> = document["people"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|person| person["displayName"].as_str())
        .collect();
    assert!(names.contains(&"=cmd|' /C calc'!A0") && names.contains(&"\t=1+1"), "{names:?}");
    assert_eq!(document["group"]["name"], "Pilot\u{1b}]0;owned\u{7}<script>alert(1)</script>");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_could_not_be_read_are_said_to_be_unknown() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    for (status, reason) in [
        (403, "RoleEligibilitySchedule.Read.Directory; the service said SandboxFault"),
        (400, "the service answered 400 Bad Request: SandboxFault"),
    ] {
        sandbox.heal();
        sandbox.fail(format!("GET /roleEligibilityScheduleInstances status={status}").parse().unwrap());
        let scene = Scene::against(&sandbox).example("pilot.yaml");
        let shown = scene.run(&["people"]).code(0);
        for said in [
            ": 8 people, 2 ready of 4 who can be (50 %), ",
            "1 not ready, 1 unknown; left out: ",
            "1 administrator, who can become one unknown;",
            &format!("roles that can be activated ({reason})"),
        ] {
            assert!(shown.stdout.contains(said), "{said}\n{shown}");
        }
        let _ = scene.run(&["apply", "--yes"]).code(0);
        let shown = scene.run(&["verify", "--user", "ada@contoso.onmicrosoft.com"]).code(0);
        assert!(
            shown.stdout.contains(&format!(
                "? Administrator role  no active role; whether one can be activated is unknown ({reason})"
            )),
            "{shown}"
        );
        let shown = scene.run(&["report", "--format", "json"]).code(0);
        assert!(shown.stdout.contains("roles that can be activated"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_methods_policy_that_could_not_be_read_is_said_to_be_unknown() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail("GET /v1.0/policies/authenticationMethodsPolicy status=403".parse().unwrap());
    let scene = Scene::against(&sandbox).file("pilot.yaml", "version: 1\ngroup: SSPR-Pilot\n");
    let said = "the methods policy (Policy.Read.AuthenticationMethod; the service said SandboxFault)";
    let shown = scene.run(&["people"]).code(0);
    assert!(shown.stdout.contains(said) && shown.stdout.contains("0 ready"), "{shown}");
    let shown = scene.run(&["plan", "--explain"]).code(0);
    assert!(shown.stdout.contains(said), "{shown}");
}

#[test]
fn verify_exits_5_on_drift() {
    let scene = Scene::new().example("pilot.yaml");
    assert_shown!(
        scene.run(&["verify", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Contoso differs from pilot.yaml in 8 settings                            sandbox
  ✗ Self service password reset enabled        Selected wanted, None there
  ✗ Select group                               SSPR-Pilot wanted, none there
  ✗ Number of methods required to reset        1 wanted, 2 there
  ✗ SMS                                        on for SSPR-Pilot wanted, off there
  ✗ Third-party software OATH tokens           on for SSPR-Pilot wanted, off there
  ✗ Voice call                                 on for SSPR-Pilot wanted, off there
      Office phones                            Yes wanted, No there
  ✗ Require users to register when signing in  Yes wanted, No there
  ✗ Notify all admins when other admins reset their password  Yes wanted, No there
  ✓ 3 other settings match

Next: sspr plan pilot.yaml --sandbox
[exit status: 5]

"#]]
    );
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["verify", "--sandbox"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Contoso matches pilot.yaml                                               sandbox
  ✓ 9 settings match

Last change to password reset: @@TIME@@ UTC by sandbox.admin@contoso.onmicrosoft.com
[exit status: 0]

"#]]
    );
}

#[test]
fn verify_walks_a_user_through_the_test() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["verify", "--sandbox", "--user", "grace@contoso.onmicrosoft.com"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Contoso matches pilot.yaml                                               sandbox
  ✓ 9 settings match

Grace O'Neil (grace@contoso.onmicrosoft.com)
  ✓ Account             the account is enabled
  ✓ Group               in SSPR-Pilot through SSPR-Pilot-Branch
  ✓ Administrator role  no administrator role
  ✗ Licence             no assigned licence covers password reset
  ✓ Registered methods  Mobile phone

grace@contoso.onmicrosoft.com cannot test this pilot: they have no licence that covers password reset.

Last change to password reset: @@TIME@@ UTC by sandbox.admin@contoso.onmicrosoft.com

Next: assign them a licence, or choose someone else: sspr people pilot.yaml --only ready --sandbox
[exit status: 5]

"#]]
    );
    assert_shown!(
        scene.run(&["verify", "--sandbox", "--user", "dana@contoso.onmicrosoft.com"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Contoso matches pilot.yaml                                               sandbox
  ✓ 9 settings match

Dana Novák (dana@contoso.onmicrosoft.com)
  ✓ Account             the account is enabled
  ✓ Group               directly in SSPR-Pilot
  ✗ Administrator role  Microsoft's own policy applies to administrators, not the spec: Helpdesk Administrator
  ✓ Licence             Entra ID P1
  ✓ Registered methods  Mobile phone

dana@contoso.onmicrosoft.com cannot test this pilot: Microsoft's own policy applies to administrators, not the spec.

Last change to password reset: @@TIME@@ UTC by sandbox.admin@contoso.onmicrosoft.com

Next: choose someone else: sspr people pilot.yaml --only ready --sandbox
[exit status: 5]

"#]]
    );
}

#[test]
fn verify_watches_a_reset_that_another_process_makes() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    let args = [
        "verify",
        "--sandbox",
        "--user",
        "ada@contoso.onmicrosoft.com",
        "--watch",
        "--pace",
        "200",
        "--watch-for",
        "60",
    ];
    std::thread::scope(|threads| {
        let watching = threads.spawn(|| scene.run(&args));
        while !watching.is_finished() {
            let _ = scene.run(&["sandbox", "act", "reset", "--user", "ada"]).code(0);
        }
        let shown = watching.join().unwrap().code(0);
        assert!(shown.stdout.contains("the audit log shows a successful reset"), "{shown}");
    });
}

#[test]
fn the_report_adds_up_as_people_do() {
    let scene = Scene::new().example("pilot.yaml");
    let people = scene.run(&["people", "--sandbox", "--format", "json"]).code(0);
    let report = scene.run(&["report", "--sandbox", "--format", "json"]).code(0);
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (people, report) = (read(&people.stdout), read(&report.stdout));
    assert_eq!(report["format"], "sspr.report/1");
    assert_eq!(report["summary"], people["summary"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_draws_the_days_on_which_people_tried() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    for user in ["ada", "chen", "chen"] {
        sandbox.reset_password(user).unwrap();
    }
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let output = scene.command_on(today, &["report"]).output().unwrap();
    let _ = scene.shown(&output).code(0);
    let page = std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
    assert!(
        page.contains("1 successful reset, 2 failed or blocked, in 30 days")
            && page.contains("<rect class=\"bad\""),
        "{page}"
    );
    let day = today.strftime("%-d %b %Y");
    let tried = format!("<th scope=\"row\">{day}</th><td class=\"n\">1</td><td class=\"n\">2</td>");
    assert!(page.contains(&tried) && !page.contains("tried to reset in the last"), "{tried}\n{page}");
}

fn json(scene: &Scene, command: &str) -> Value {
    let output = scene.command(&[command, "--format", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The plan's numbers are those of `people`: its today is what `people` says now, and its after what `people` says once it
/// is applied, on whichever policy the tenant honours.
#[tokio::test(flavor = "multi_thread")]
async fn the_plan_and_people_agree_on_who_is_ready_before_and_after_on_every_seed() {
    let two = "version: 1\nscope: selected\ngroup: SSPR-Pilot\nmethods:\n  required: 2\n  allowed: [email, mobile_phone]\n";
    let lifted = ["--yes", "--allow-raising-required", "--allow-lockout"];
    let mut seen = std::collections::BTreeSet::new();
    for seed in [Seed::Fresh, Seed::Configured, Seed::PreMigration, Seed::MidMigration, Seed::Migrated] {
        let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
        let ready = |scene: &Scene| {
            let people = json(scene, "people");
            let unknown = people["people"].as_array().unwrap().iter().filter(|row| row["ready"].is_null());
            let left_out = |row: &&Value| row["why"].to_string().contains("administrator");
            (people["summary"]["ready"].clone(), unknown.filter(|row| !left_out(row)).count())
        };
        let scene = Scene::against(&sandbox).example("pilot.yaml");
        let first = json(&scene, "plan")["people"].take();
        let _ = scene.run(&[&["apply"][..], &lifted].concat()).code(0);
        let (now, unknown) = ready(&scene);
        assert_eq!((&first["ready_after"], &first["ready_unknown"]), (&now, &unknown.into()), "{seed:?}");
        let scene = scene.file("pilot.yaml", two);
        let second = json(&scene, "plan")["people"].take();
        assert_eq!(second["ready_before"], now, "{seed:?}");
        let _ = scene.run(&[&["apply"][..], &lifted].concat()).code(0);
        let (then, unknown) = ready(&scene);
        assert_eq!((&second["ready_after"], &second["ready_unknown"]), (&then, &unknown.into()), "{seed:?}");
        seen.extend([now.as_u64(), then.as_u64()]);
    }
    assert!(seen.len() > 1 && !seen.contains(&None), "{seen:?}");
}

/// Who can reset with a method that the tenant gives beyond the file is ready, whichever command says it: applying the file
/// takes no method away.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_the_tenant_gives_beyond_the_file_counts_in_the_plan_and_for_people_alike() {
    let only_email =
        "version: 1\nscope: selected\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email]\n";
    let ready = |is_given: bool| async move {
        let mut tenant = TenantState::seeded(Seed::Fresh);
        for method in tenant.methods["authenticationMethodConfigurations"].as_array_mut().unwrap() {
            if method["id"] == "MicrosoftAuthenticator" {
                let everyone = serde_json::json!({"targetType": "group", "id": "all_users", "authenticationMode": "any"});
                method["state"] = if is_given { "enabled" } else { "disabled" }.into();
                method["includeTargets"] = serde_json::json!([everyone]);
            }
        }
        let sandbox = Sandbox::start(tenant).await.unwrap();
        let scene = Scene::against(&sandbox).file("pilot.yaml", only_email);
        let json = |command: &str| json(&scene, command);
        let before = json("plan")["people"]["ready_after"].clone();
        let judged_before = json("people")["summary"]["ready"].clone();
        let _ = scene.run(&["apply", "--yes"]).code(0);
        let said = [
            before,
            judged_before,
            json("people")["summary"]["ready"].clone(),
            json("status")["people"]["adoption"]["ready"].clone(),
            json("report")["adoption"]["ready"].clone(),
            json("plan")["people"]["ready_before"].clone(),
            json("plan")["people"]["ready_after"].clone(),
        ];
        assert!(said.iter().all(|count| count == &said[0] && count.is_u64()), "{said:?}");
        said[0].as_u64()
    };
    // Bola has the app and nothing else.
    assert_eq!((ready(false).await, ready(true).await), (Some(1), Some(2)));
}
