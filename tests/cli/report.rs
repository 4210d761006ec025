//! The report for those who decide: what it counts, what it calls things, what it keeps, and what it opens.

use jiff::civil::{Date, date};
use serde_json::{Value, json};
use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

async fn met(seed: Seed) -> (Sandbox, Scene) {
    let sandbox = Sandbox::start(TenantState::seeded(seed)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    (sandbox, scene)
}

fn json_of(scene: &Scene) -> Value {
    serde_json::from_str(&scene.run(&["report", "--format", "json"]).code(0).stdout).unwrap()
}

/// Runs a report on a day and returns its page.
fn page_on(scene: &Scene, day: Date) -> String {
    let _ = scene.shown(&scene.command_on(day, &["report"]).output().unwrap()).code(0);
    std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap()
}

#[test]
fn the_report_in_markdown_says_all_of_it_and_names_no_one() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    assert_shown!(
        scene.run(&["report", "--sandbox", "--format", "markdown"]),
        str![[r#"
<!-- sspr:report:pilot.yaml -->
> Sandbox: a pretend tenant; nothing real is read or written.

### sspr report: 2 of 4 who can be are ready (50 %)

`SSPR-Pilot` in `Contoso`. Password reset is on for `SSPR-Pilot`. A reset takes 1 of: Email, Mobile phone, Office phone, Mobile app notification, Mobile app code.

**Who is ready**

| Of those who can be | People | Share | Meaning |
| --- | --- | --- | --- |
| Ready | 2 | 50 % | registered enough of what `pilot.yaml` allows |
| Not ready | 1 | 25 % | registered too little: needs a nudge |
| Unknown | 1 | 25 % | no row in the report yet (1) |

4 of the 8 members are left out of the share:

| Left out | People | Why |
| --- | --- | --- |
| Disabled accounts | 1 | a disabled account cannot reset |
| Guests | 1 | they reset where their account is at home |
| Without a licence | 1 | nothing they have covers password reset |
| Administrators | 1 | Microsoft's own two-gate policy applies to them |

**Since earlier reports**

This is the first report about this group on this machine; the next one shows how it goes on.

**Resets**

No one in the tenant tried to reset in the last 30 days.

**What comes next**

| When | What | Who |
| --- | --- | --- |
| 1 February 2027 | SMS and voice calls sent by Microsoft end in the public cloud. | No one who is ready relies on phones alone. |
| 21 May 2027 | People are asked to re-confirm what they registered, every 180 days. | Those who register today; others sooner. |

**What people registered**

| Method | People | For a reset |
| --- | --- | --- |
| Mobile phone | 3 | counts |
| Email | 1 | counts |
| Mobile app notification | 1 | counts |
| Mobile app code | 1 | counts |

**Who still needs a nudge**

| Why | People |
| --- | --- |
| too few methods | 1 |
| no row in the report yet | 1 |

**Worth knowing**

| Severity | Finding |
| --- | --- |
| warning | 1 administrator in the group: Microsoft's own policy applies to them, not this spec (`admin-in-group`) |
| warning | On 2027-02-01, SMS and voice calls sent by Microsoft end in the public cloud (`sms-voice-retire`) |
| warning | 2 members without a licence for password reset (`unlicensed-in-group`) |
| note | 1 disabled account in the group: they cannot reset, and the registration report omits them (`disabled-in-group`) |
| note | Announced for 2026-11-09: only registered methods count for a reset, none from the directory alone (`explicit-registration`) |
| note | 1 guest in the group: guests reset their password in their home tenant (`guest-in-group`) |
| note | The legacy method toggles are not written, because this tenant no longer uses them (`legacy-toggles-ignored`) |
| note | No helpdesk link is set, so "Contact your administrator" mails the tenant's administrators (`no-helpdesk`) |

**Settings in the tenant**

| Setting | Value |
| --- | --- |
| Self service password reset enabled | `Selected` |
| Select group | `SSPR-Pilot` |
| Number of methods required to reset | `1` |
| Methods available to users | Email, Mobile phone, Office phone, Mobile app notification, Mobile app code (for `SSPR-Pilot`, by the Authentication methods policy; the legacy toggles do not count) |
| Number of questions required to register | `5` |
| Number of questions required to reset | `3` |
| Require users to register when signing in | `Yes` |
| Number of days before users are asked to re-confirm their authentication information | `180` |
| Notify users on password resets | `Yes` |
| Notify all admins when other admins reset their password | `Yes` |
| Customize helpdesk link | `No` |

**Age of the data**

Registration as of 21 November 2026, 1 day before this report; it can be 36 hours late, and has no row of disabled users.
Settings, members and roles as of 22 November 2026\.
[exit status: 0]

"#]]
    );
    assert!(!scene.path().join("pilot-report.html").exists(), "stdout carries it");
    let both =
        ["report", "--sandbox", "--format", "json", "--out", "page.html", "--markdown-into", "page.md"];
    let _ = scene.run(&both).code(0);
    assert!(scene.path().join("page.html").exists() && scene.path().join("page.md").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn those_whom_no_method_makes_ready_are_counted_apart_and_not_nudged() {
    let (sandbox, scene) = met(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.register("ada", &["mobilePhone"]).unwrap();
    let shown = scene.run(&["report"]).code(0);
    assert_eq!(
        shown.stdout,
        "pilot-report.html: 2 of 4 who can be are ready (50 %).\nNames are in it: share it with care.\n"
    );
    let report = json_of(&scene);
    let adoption = json!({
        "can_be": 4, "ready": 2, "not_ready": 1, "unknown": 1,
        "unknown_reasons": {"no-report-row": 1},
        "left_out": {"administrator": 1, "disabled": 1, "guest": 1, "unlicensed": 1},
        "to_nudge": {"no-report-row": 1, "too-few-methods": 1},
        "on_phones_alone": 1,
    });
    assert_eq!((&report["adoption"], &report["nudges_in_all"]), (&adoption, &json!(2)));
    let nudges = [
        ["chen@contoso.onmicrosoft.com", "too few methods"],
        ["hana@contoso.onmicrosoft.com", "no row in the report yet"],
    ];
    assert_eq!(report["nudges"], json!(nudges));
    let page = std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
    for said in [
        "<b>50 %</b> <span>2 of 4 who can be are ready.</span>",
        "4 of the 8 members are left out of the share:",
        "<b>Administrators 1</b> <span class=\"dim\">Microsoft&#39;s own two-gate policy applies to them</span>",
        "<bdi>Chen Wei</bdi>",
    ] {
        assert!(page.contains(&said.replace("&#39;", "'")), "{said}\n{page}");
    }
    for name in ["dana@", "emil_", "farid@", "grace@"] {
        assert!(!page.contains(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_methods_are_those_that_count_in_the_tenant_and_the_group_has_its_name() {
    let methods = |scene: &Scene| {
        let report = json_of(scene);
        let row =
            report["settings"].as_array().unwrap().iter().find(|row| row[0] == "Methods available to users");
        let joined = report["reset"]["methods"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        assert_eq!(row.unwrap()[1], joined.collect::<Vec<_>>().join(", "));
        (row.unwrap()[1].as_str().unwrap().to_owned(), report["reset"]["policy"].clone())
    };
    for (seed, expected, policy, said) in [
        (
            Seed::Fresh,
            "email, mobile_app_notification, mobile_app_code",
            "authentication-methods",
            "Email, Mobile app notification, Mobile app code",
        ),
        (Seed::PreMigration, "email, mobile_phone", "legacy", "by the legacy toggles"),
        (
            Seed::MidMigration,
            "email, mobile_phone, mobile_app_notification",
            "both",
            "by both method policies",
        ),
    ] {
        let (_sandbox, scene) = met(seed).await;
        let (found, by) = methods(&scene);
        assert_eq!((found.as_str(), by), (expected, json!(policy)), "{seed:?}");
        let markdown = scene.run(&["report", "--format", "markdown"]).code(0).stdout;
        let page = page_on(&scene, date(2026, 11, 22));
        let all = page + &markdown;
        assert!(all.contains(said), "{said}\n{all}");
    }
    let (_sandbox, scene) = met(Seed::Fresh).await;
    let _ = scene.run(&["apply", "--yes"]).code(0);
    assert_eq!(
        methods(&scene).0,
        "email, mobile_phone, office_phone, mobile_app_notification, mobile_app_code"
    );
    let page = page_on(&scene, date(2026, 11, 22));
    assert!(page.contains("<td><bdi>SSPR-Pilot</bdi></td>"), "{page}");
    assert!(page.contains("the legacy toggles do not count"), "{page}");
    assert_eq!(json_of(&scene)["group_id"], "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ahead_has_its_date_and_those_it_concerns() {
    let (sandbox, scene) = met(Seed::Fresh).await;
    let ahead = |scene: &Scene| -> Vec<Value> {
        let next = json_of(scene)["next"].as_array().unwrap().clone();
        next.iter().map(|next| json!([next["date"], next["code"], next["people"]])).collect()
    };
    // Re-confirming is asked only where registering is.
    assert_eq!(ahead(&scene), [json!(["2027-02-01", "sms-voice-retire", 0])]);
    let _ = scene.run(&["apply", "--yes"]).code(0);
    sandbox.register("chen", &["mobilePhone", "officePhone"]).unwrap();
    let expected = [json!(["2027-02-01", "sms-voice-retire", 1]), json!(["2027-05-21", "reconfirm", null])];
    assert_eq!(ahead(&scene), expected);
    let page = page_on(&scene, date(2026, 11, 22));
    assert!(page.contains("<b>1 February 2027</b>"), "{page}");
    assert!(page.contains("1 of the 3 who are ready (33 %) rely on phones alone."), "{page}");
    assert!(page.contains("<b>21 May 2027</b>"), "{page}");
    // Phones that the tenant gives beyond the spec end too.
    let spec =
        "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, security_questions]\n";
    let scene = scene.file("pilot.yaml", spec);
    let codes: Vec<Value> = ahead(&scene).iter().map(|next| next[1].clone()).collect();
    assert_eq!(codes, ["sms-voice-retire", "security-questions-retire", "reconfirm"]);
    let page = page_on(&scene, date(2026, 11, 22));
    assert!(page.contains("<b>March 2027</b>"), "{page}");
    // Before its day the change of 9 November is ahead too.
    assert!(page_on(&scene, date(2026, 11, 8)).contains("<b>9 November 2026</b>"));
    assert!(!page.contains("<b>9 November 2026</b>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_seen_beside_those_before_it() {
    let (sandbox, scene) = met(Seed::Fresh).await;
    let day = |day: i8| date(2026, 11, day);
    assert!(page_on(&scene, day(3)).contains("This is the first report about this group on this machine"));
    assert!(page_on(&scene, day(3)).contains("This is the first report"), "again on the same day");
    sandbox.register("chen", &["email"]).unwrap();
    let page = page_on(&scene, day(10));
    assert!(page.contains("Ready: 1 more than on 3 November 2026."), "{page}");
    assert!(page.contains("aria-label=\"Ready: 50 % on 3 Nov 2026, 75 % on 10 Nov 2026\""), "{page}");
    assert!(page.contains("<polyline") && page.contains("points=\"0,100 1000,50\""), "{page}");
    // An unknown count is none.
    sandbox.fail("GET /userRegistrationDetails status=403".parse().unwrap());
    let page = page_on(&scene, day(12));
    assert!(page.contains("Who is ready is unknown.") && !page.contains("12 Nov 2026</th>"), "{page}");
    sandbox.heal();
    let page = page_on(&scene, day(20));
    assert!(
        page.contains(
            "Ready: as many as on 10 November 2026; 1 more than on 3 November 2026, in the first report."
        ),
        "{page}"
    );
    let report = json_of(&scene);
    let earlier = report["trend"]["earlier"].as_array().unwrap();
    let told: Vec<Value> =
        earlier.iter().map(|count| json!([count["day"], count["ready"], count["can_be"]])).collect();
    assert_eq!(told, [json!(["2026-11-03", 2, 4]), json!(["2026-11-10", 3, 4]), json!(["2026-11-20", 3, 4])]);
    // The pretend tenant's are not a real one's, nor one group's another's.
    assert!(scene.run(&["report", "--sandbox", "--format", "markdown"]).stdout.contains("the first report"));
    let scene = scene.file("pilot.yaml", "version: 1\ngroup: Sales\n");
    assert!(scene.run(&["report", "--format", "markdown"]).stdout.contains("the first report"));
    let folder = scene.state_dir().join(report["tenant_id"].as_str().unwrap());
    let kept: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert!(kept.iter().any(|text| text.contains("2026-11-03")), "{kept:?}");
    assert!(!kept.iter().any(|text| text.contains("ada")), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_record_of_earlier_reports_is_unknown_and_the_report_is_made() {
    let (_sandbox, scene) = met(Seed::Fresh).await;
    page_on(&scene, date(2026, 11, 3));
    let tenant = json_of(&scene)["tenant_id"].as_str().unwrap().to_owned();
    let group = "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73";
    let path = scene.state_dir().join(tenant).join(format!("reports-{group}.json"));
    let kept = std::fs::read_to_string(&path).unwrap();
    for name in ["ada", "chen", "Lindqvist", "SSPR-Pilot"] {
        assert!(!kept.contains(name), "{kept}");
    }
    std::fs::write(&path, &kept[..40]).unwrap();
    let shown = scene.run(&["report"]).code(0);
    assert!(shown.stderr.contains("What earlier reports counted is unknown: @@STATE@@/"), "{shown}");
    let page = std::fs::read_to_string(scene.path().join("pilot-report.html")).unwrap();
    let said = "What earlier reports counted is unknown: the record of them cannot be used.";
    assert!(page.contains(said) && !page.contains("reports-"), "{page}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept[..40], "nothing is written over it");
}

#[cfg(unix)]
mod opening {

    use super::*;

    /// A scene with a browser that is waited for, as those for a terminal are, and says what it was given.
    async fn scene() -> (Sandbox, Scene) {
        let (sandbox, scene) = met(Seed::Fresh).await;
        let browser = scene.path().join("lynx");
        crate::common::executable(&browser, "#!/bin/sh\nprintf %s \"$1\" > opened\n");
        let browser = browser.display().to_string();
        (sandbox, scene.env("BROWSER", &browser))
    }

    fn opened(scene: &Scene) -> Option<String> {
        std::fs::read_to_string(scene.path().join("opened")).ok()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_written_page_is_opened_whatever_it_is_called() {
        let (_sandbox, scene) = scene().await;
        let folder = scene.path().canonicalize().unwrap();
        for (args, file) in [
            (&["report", "--open"][..], "pilot-report.html"),
            (&["report", "--open", "--out", "a b%.html"], "a b%.html"),
            (&["report", "--open", "--format", "json", "--out", "c.html"], "c.html"),
        ] {
            let _ = scene.run(args).code(0);
            assert!(folder.join(file).exists());
            let address: url::Url = opened(&scene).unwrap().parse().unwrap();
            assert_eq!(address.to_file_path().unwrap().canonicalize().unwrap(), folder.join(file));
        }
        // Without the word for it nothing is opened.
        std::fs::remove_file(scene.path().join("opened")).unwrap();
        let _ = scene.run(&["report"]).code(0);
        assert_eq!(opened(&scene), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_opened_is_refused_before_anything_is_read() {
        let (sandbox, scene) = scene().await;
        for (args, said) in [
            (&["report", "--open", "--format", "json"][..], "--open: no page is written"),
            (&["report", "--open", "--format", "markdown"], "--open: no page is written"),
            (&["report", "--open", "--out", "/dev/stdout"], "--open: /dev/stdout is no file"),
        ] {
            let shown = scene.run(args).code(64);
            assert!(format!("{shown}").contains(said), "{said}\n{shown}");
        }
        let scene = scene.env("BROWSER", "");
        for (name, said) in
            [("NONE", "there is no display"), ("SSH_CONNECTION", "this is a session over SSH")]
        {
            let shown = scene_with(&scene, name).code(64);
            assert!(shown.stderr.contains(&format!("error: --open: {said}")), "{shown}");
            assert!(shown.stderr.contains("hint: leave --open out"), "{shown}");
        }
        assert!(sandbox.take_requests().is_empty());
        assert!(!scene.path().join("pilot-report.html").exists());
    }

    fn scene_with(scene: &Scene, variable: &str) -> crate::common::Shown {
        scene.shown(
            &scene.command(&["report", "--open"]).env(variable, "10.0.0.1 1 10.0.0.2 22").output().unwrap(),
        )
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_that_could_not_be_written_is_not_opened() {
        let (_sandbox, scene) = scene().await;
        std::fs::write(scene.path().join("pilot-report.html"), "an earlier page").unwrap();
        let prepared = scene.process(&["report", "--open"]);
        // No file may be longer than a thousand bytes or so: the disk is full.
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""]).arg(prepared.get_program());
        command.args(prepared.get_args()).current_dir(scene.path()).env_clear();
        command.envs(prepared.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let shown = scene.shown(&command.output().unwrap()).code(1);
        assert!(shown.stderr.contains("the result could not be written to pilot-report.html"), "{shown}");
        assert_eq!(opened(&scene), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_browser_that_does_not_start_is_told_and_the_page_is_there() {
        let (_sandbox, scene) = scene().await;
        let scene = scene.env("BROWSER", "/no/such/browser").env("PATH", "/no/such/folder");
        let shown = scene.run(&["report", "--open"]).code(0);
        assert!(
            shown.stderr.contains("No browser could be opened")
                && shown.stderr.contains("the page is written"),
            "{shown}"
        );
        assert!(scene.path().join("pilot-report.html").exists());
    }
}
