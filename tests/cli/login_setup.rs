//! `sspr login --setup`: made, made again, taken back; with every request counted, and with what Graph can refuse.

use serde_json::{Value, json};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, assert_shown};

async fn sandbox() -> Sandbox {
    Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap()
}

/// Returns what was asked since the last time, ids left out.
fn asked(sandbox: &Sandbox) -> Vec<String> {
    let word = |segment: &str| {
        let is_id = uuid::Uuid::try_parse(segment).is_ok() || segment.len() == 43;
        if is_id { "ID".to_owned() } else { segment.to_owned() }
    };
    let line = |request: sspr::sandbox::ReceivedRequest| {
        assert!(request.is_known, "{request:?}");
        let path =
            request.target.split('?').next().unwrap_or_default().trim_start_matches("/v1.0/").to_owned();
        let path: Vec<String> = path.split('/').map(word).collect();
        format!("{} {}", request.method, path.join("/"))
    };
    sandbox.take_requests().into_iter().map(line).collect()
}

fn writes(asked: &[String]) -> Vec<&str> {
    asked.iter().map(String::as_str).filter(|line| !line.starts_with("GET ")).collect()
}

const MAKING: [&str; 4] = [
    "POST applications",
    "POST servicePrincipals",
    "POST servicePrincipals/ID/appRoleAssignedTo",
    "POST oauth2PermissionGrants",
];

#[tokio::test(flavor = "multi_thread")]
async fn it_is_made_once_and_taken_back_whole() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let before = sandbox.tenant();

    let shown = scene.run(&["login", "--setup", "--yes"]).code(0);
    let first = asked(&sandbox);
    assert_eq!(writes(&first), MAKING);
    assert_eq!(first.len(), 5 + 2 * MAKING.len(), "it is looked for again under the lock: {first:?}");
    for said in [
        "Registration in Contoso (contoso.onmicrosoft.com), as sandbox.admin@contoso.onmicrosoft.com",
        "  to do        application        \"sspr\": this tenant only, public client, redirect http://localhost",
        "  done         consent            for you only: Organization.Read.All GroupMember.Read.All User.Read.All \
         RoleManagement.Read.Directory AuditLog.Read.All Policy.ReadWrite.AuthenticationMethod",
        "Set up, and read back.\nNext: sspr login\n",
    ] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    let tenant = sandbox.tenant();
    let application = &tenant.applications[0];
    assert_eq!(application["signInAudience"], "AzureADMyOrg");
    assert_eq!(application["isFallbackPublicClient"], true);
    assert_eq!(application["publicClient"], json!({"redirectUris": ["http://localhost"]}));
    assert_eq!(application["requiredResourceAccess"][0]["resourceAccess"].as_array().unwrap().len(), 6);
    assert_eq!(tenant.service_principals[0]["appRoleAssignmentRequired"], true);
    assert_eq!(tenant.app_assignments[0]["principalId"], json!(id("sandbox.admin")));
    let grant = &tenant.grants[0];
    assert_eq!(
        (&grant["consentType"], &grant["principalId"]),
        (&json!("Principal"), &json!(id("sandbox.admin")))
    );
    assert_eq!(
        grant["scope"],
        "openid profile offline_access Organization.Read.All GroupMember.Read.All User.Read.All \
         RoleManagement.Read.Directory AuditLog.Read.All Policy.ReadWrite.AuthenticationMethod"
    );
    // `sspr login` takes it from here on.
    let known = scene.state_dir().join("sign-in").join(format!("{}.json", tenant.tenant_id));
    let known: Value = serde_json::from_str(&std::fs::read_to_string(known).unwrap()).unwrap();
    assert_eq!((&known["client"], &known["store"]), (&application["appId"], &Value::Null));

    let shown = scene.run(&["login", "--setup"]).code(0);
    let again = asked(&sandbox);
    assert_eq!((writes(&again).len(), again.len()), (0, 7), "{again:?}");
    assert!(shown.stdout.contains("  already so   consent"), "{shown}");
    assert!(shown.stdout.contains("Everything was set up already.\nNext: sspr login\n"), "{shown}");
    assert_eq!(sandbox.tenant(), tenant);

    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    let removed = asked(&sandbox);
    let taking_back = [
        "DELETE oauth2PermissionGrants/ID",
        "DELETE servicePrincipals/ID/appRoleAssignedTo/ID",
        "DELETE servicePrincipals/ID",
        "DELETE applications/ID",
    ];
    assert_eq!(writes(&removed), taking_back);
    assert_eq!(removed.len(), 7 + 4 + 2 * taking_back.len(), "{removed:?}");
    assert!(shown.stdout.contains("  taken back   application"), "{shown}");
    assert_eq!(sandbox.tenant(), before);

    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert_eq!(writes(&asked(&sandbox)).len(), 0);
    assert!(shown.stdout.contains("There was nothing to remove."), "{shown}");
    let shown = scene.run(&["login", "--store", "none"]).code(64);
    assert!(shown.stderr.contains("no client is known"), "{shown}");
    assert!(shown.stderr.contains("sspr login --setup"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_without_a_yes() {
    let sandbox = sandbox().await;
    let shown = Scene::against(&sandbox).run(&["login", "--setup"]).code(3);
    assert!(shown.stderr.contains("cannot ask for confirmation: there is no terminal"), "{shown}");
    assert_eq!(writes(&asked(&sandbox)).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_may_not_consent_gets_the_link_for_someone_who_may() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    sandbox
        .fail("POST /v1.0/oauth2PermissionGrants error=403,Authorization_RequestDenied 1".parse().unwrap());
    let shown = scene.run(&["login", "--setup", "--yes"]).code(4);
    for said in ["  done         application", "  failed       consent", "Consent is missing."] {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    let (authority, tenant) = ("https://login.microsoftonline.com", sandbox.tenant().tenant_id);
    assert!(shown.stderr.contains("consent could not be made"), "{shown}");
    assert!(shown.stderr.contains(&format!("{authority}/{tenant}/v2.0/adminconsent?client_id=")), "{shown}");
    assert!(shown.stderr.contains("&redirect_uri=http%3A%2F%2Flocalhost"), "{shown}");
    let scope =
        "&scope=openid+profile+offline_access+https%3A%2F%2Fgraph.microsoft.com%2FOrganization.Read.All+";
    assert!(shown.stderr.contains(scope), "{shown}");
    assert!(
        shown.stderr.contains("https%3A%2F%2Fgraph.microsoft.com%2FPolicy.ReadWrite.AuthenticationMethod"),
        "{shown}"
    );

    // Someone who may did, for everyone.
    asked(&sandbox);
    sandbox.edit(|tenant| {
        let scope = "openid profile offline_access Organization.Read.All GroupMember.Read.All User.Read.All \
                     RoleManagement.Read.Directory AuditLog.Read.All Policy.ReadWrite.AuthenticationMethod";
        tenant.grants.push(json!({
            "id": "theirs", "clientId": tenant.service_principals[0]["id"], "consentType": "AllPrincipals",
            "principalId": null, "resourceId": id("Microsoft Graph"), "scope": scope,
        }));
    });
    let shown = scene.run(&["login", "--setup"]).code(0);
    assert!(shown.stdout.contains("Everything was set up already."), "{shown}");

    // What is theirs keeps what hangs on it.
    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    for said in
        ["  taken back   assignment", "  kept         service principal", "  kept         application"]
    {
        assert!(shown.stdout.contains(said), "{said}\n{shown}");
    }
    assert_eq!(writes(&asked(&sandbox)), ["DELETE servicePrincipals/ID/appRoleAssignedTo/ID"]);
    assert_eq!(sandbox.tenant().grants.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_may_not_register_is_told_which_role_it_needs() {
    let sandbox = sandbox().await;
    sandbox.fail("POST /v1.0/applications error=403,Authorization_RequestDenied".parse().unwrap());
    let shown = Scene::against(&sandbox).run(&["login", "--setup", "--yes"]).code(77);
    assert!(shown.stderr.contains("Cloud Application Administrator"), "{shown}");
    assert!(
        shown.stdout.contains("  failed       application")
            && shown.stdout.contains("  not reached  consent"),
        "{shown}"
    );
    assert_eq!(writes(&asked(&sandbox)), ["POST applications"]);
}

/// Whatever is answered, what is there decides; and a later run takes up what a run that was cut off had made.
#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_are_settled_by_reading() {
    for path in ["applications", "servicePrincipals", "appRoleAssignedTo", "oauth2PermissionGrants"] {
        for fault in ["landed-then-status=500", "landed-then-reset", "landed-then-body=null"] {
            let sandbox = sandbox().await;
            let scene = Scene::against(&sandbox);
            let before = sandbox.tenant();
            sandbox.fail(format!("POST /v1.0/{path} {fault} 1").parse().unwrap());
            let shown = scene.run(&["login", "--setup", "--yes", "--pace", "1"]);
            assert_eq!(shown.code, 0, "{path} {fault}\n{shown}");
            let made = writes(&asked(&sandbox)).len();
            assert_eq!(made, MAKING.len(), "{path} {fault}");
            let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
            assert_eq!(sandbox.tenant(), before, "{path} {fault}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_back_is_unknown_and_taken_up_by_the_next_run() {
    for (faults, code) in [
        (&["POST /v1.0/servicePrincipals lying-success 1"][..], 4),
        (
            &[
                "POST /v1.0/servicePrincipals landed-then-status=500 1",
                "GET /v1.0/servicePrincipals status=403 3-",
            ],
            4,
        ),
        (&["POST /v1.0/applications landed-then-status=500 1", "GET /v1.0/applications status=403 3-"], 4),
        (&["POST /v1.0/applications status=409 1"], 1),
    ] {
        let sandbox = sandbox().await;
        let scene = Scene::against(&sandbox);
        let before = sandbox.tenant();
        faults.iter().for_each(|rule| sandbox.fail(rule.parse().unwrap()));
        let shown = scene.run(&["login", "--setup", "--yes", "--wait", "0", "--pace", "1"]);
        assert_eq!(shown.code, code, "{faults:?}\n{shown}");
        assert_eq!(shown.stdout.contains("  unknown  "), code == 4, "{faults:?}\n{shown}");
        sandbox.heal();
        let _ = scene.run(&["login", "--setup", "--yes"]).code(0);
        let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
        assert_eq!(sandbox.tenant(), before, "{faults:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_made_is_known_to_the_next() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let before = sandbox.tenant();
    let _ = scene.run(&["login", "--setup", "--yes"]).code(0);
    let record = scene.state_dir().join("setup").join(format!("{}.jsonl", before.tenant_id));
    let text = std::fs::read_to_string(&record).unwrap();
    // As a process leaves it that is killed right behind the first write, and in the middle of the next line.
    let end = text.find("\n{\"at\"").map(|at| text[at + 1..].find('\n').unwrap() + at + 2).unwrap();
    std::fs::write(&record, format!("{}{{\"at\":\"2026", &text[..end])).unwrap();
    sandbox.edit(|tenant| {
        tenant.service_principals.clear();
        tenant.app_assignments.clear();
        tenant.grants.clear();
    });
    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert!(shown.stdout.contains("  taken back   application"), "{shown}");
    assert_eq!(sandbox.tenant(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_application_of_the_name_is_shown_and_used_by_an_explicit_choice_alone() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let app = id("their app").to_string();
    let theirs = json!({
        "id": id("theirs"), "appId": app, "displayName": "SSPR", "tags": [], "createdDateTime": "2025-01-02T03:04:05Z",
        "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": null,
        "publicClient": {"redirectUris": ["http://localhost", "https://evil.example"]},
        "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [
            {"id": "a154be20-db9c-4678-8ab7-66f6cc099a59", "type": "Scope"},
            {"id": "11111111-2222-4333-8444-555555555555", "type": "Role"},
        ]}],
    });
    sandbox.edit(|tenant| tenant.applications = vec![theirs]);
    let before = sandbox.tenant();
    let shown = scene.run(&["login", "--setup", "--yes"]).code(3);
    for said in [
        &format!(
            "sspr did not make it from this machine: \"SSPR\" ({app}), created 2025-01-02T03:04:05Z, redirects: \
             http://localhost https://evil.example, secrets and certificates: 0, permissions: User.Read.All "
        )[..],
        &format!("hint: sspr login --client-id {app}   "),
        &format!("hint: sspr login --setup --client-id {app}   adds what it lacks\n"),
        "hint: sspr login --setup --name NAME ",
    ] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert!(shown.stdout.contains("There was nothing to remove."), "{shown}");
    assert_eq!(sandbox.tenant(), before);
    assert_eq!(writes(&asked(&sandbox)).len(), 0);

    let before = sandbox.tenant();
    let _ = scene.run(&["login", "--setup", "--yes", "--name", "SSPR of Ada's"]).code(0);
    assert_eq!(sandbox.tenant().applications[1]["displayName"], "SSPR of Ada's");
    let shown = scene.run(&["login", "--setup"]).code(0);
    assert!(
        shown.stdout.contains("application        \"SSPR of Ada's\": "),
        "it is found by the record: {shown}"
    );
    let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert_eq!(sandbox.tenant(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_made_from_another_machine_is_used_by_choice_alone_and_not_taken_back() {
    let sandbox = sandbox().await;
    let _ = Scene::against(&sandbox).run(&["login", "--setup", "--yes", "--for", "plan"]).code(0);
    let before = sandbox.tenant();
    let app = before.applications[0]["appId"].as_str().unwrap();
    let scene = Scene::against(&sandbox);
    let shown = scene.run(&["login", "--setup", "--yes"]).code(3);
    assert!(shown.stderr.contains("hint: sspr login --setup --client-id "), "{shown}");
    let shown = scene.run(&["login", "--setup", "--client-id", app, "--for", "plan"]).code(0);
    assert!(shown.stdout.contains("Chosen with --client-id: \"sspr\" ("), "{shown}");
    let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert_eq!(sandbox.tenant(), before);

    // What is added to it from here is found again, and removed, without the id.
    sandbox.edit(|tenant| (tenant.app_assignments, tenant.grants) = Default::default());
    let bare = sandbox.tenant();
    let _ = scene.run(&["login", "--setup", "--client-id", app, "--for", "plan", "--yes"]).code(0);
    assert_eq!((sandbox.tenant().app_assignments.len(), sandbox.tenant().grants.len()), (1, 1));
    let shown = scene.run(&["login", "--setup", "--for", "plan"]).code(0);
    assert!(shown.stdout.contains("Everything was set up already."), "{shown}");
    let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert_eq!(sandbox.tenant(), bare);
    let unknown = id("unknown app").to_string();
    let shown = scene.run(&["login", "--setup", "--client-id", &unknown, "--yes"]).code(3);
    assert!(shown.stderr.contains("there is no application"), "{shown}");
}

/// Someone who may change the registration adds a way to catch what is consented to.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_others_could_use_gets_no_consent_unless_it_is_chosen() {
    for (field, value, said) in [
        ("web", json!({"redirectUris": ["https://evil.example/in"]}), "https://evil.example/in"),
        ("spa", json!({"redirectUris": ["https://evil.example/spa"]}), "https://evil.example/spa"),
        ("passwordCredentials", json!([{"hint": "abc"}]), "secrets and certificates: 1"),
        ("keyCredentials", json!([{"type": "AsymmetricX509Cert"}]), "secrets and certificates: 1"),
        ("publicClient", json!({"redirectUris": ["http://localhost", "app://evil"]}), "app://evil"),
    ] {
        let sandbox = sandbox().await;
        let scene = Scene::against(&sandbox);
        let _ = scene.run(&["login", "--setup", "--yes", "--for", "plan"]).code(0);
        sandbox.edit(|tenant| tenant.applications[0][field] = value);
        asked(&sandbox);
        let shown = scene.run(&["login", "--setup", "--yes"]).code(3);
        for said in ["has what sspr did not give it", said, "sspr login --setup --client-id "] {
            assert!(shown.stderr.contains(said), "{said}\n{shown}");
        }
        assert_eq!(writes(&asked(&sandbox)).len(), 0, "{field}");
        let app = sandbox.tenant().applications[0]["appId"].as_str().unwrap().to_owned();
        let _ = scene.run(&["login", "--setup", "--yes", "--client-id", &app]).code(0);
        assert_eq!(writes(&asked(&sandbox)), ["PATCH applications/ID", "PATCH oauth2PermissionGrants/ID"]);
        // What sspr made goes, whatever was added to it.
        let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
        assert!(sandbox.tenant().applications.is_empty(), "{field}");
    }
}

/// The choice of one that nothing came of locks nobody in.
#[tokio::test(flavor = "multi_thread")]
async fn another_can_be_chosen_after_one_whose_first_write_failed() {
    let sandbox = sandbox().await;
    let plain = |name: &str| {
        json!({
            "id": id(name), "appId": id(&format!("app of {name}")), "displayName": name, "tags": [],
            "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": true,
            "publicClient": {"redirectUris": ["http://localhost"]}, "requiredResourceAccess": [],
        })
    };
    sandbox.edit(|tenant| tenant.applications = vec![plain("A"), plain("B")]);
    let [a, b] = ["A", "B"].map(|name| id(&format!("app of {name}")).to_string());
    let choose = |scene: &Scene, app: &str, code| {
        scene
            .run(&["login", "--setup", "--client-id", app, "--for", "plan", "--yes", "--wait", "0"])
            .code(code)
    };
    for is_removed in [false, true] {
        let scene = Scene::against(&sandbox);
        sandbox.fail("PATCH /v1.0/applications error=403,Authorization_RequestDenied".parse().unwrap());
        let _ = choose(&scene, &a, 77);
        sandbox.heal();
        if is_removed {
            let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
            assert!(shown.stdout.contains("There was nothing to remove."), "{shown}");
            let shown = scene.run(&["login", "--setup", "--for", "plan"]).code(3);
            assert!(!shown.stdout.contains(&a), "none is chosen any more\n{shown}");
        }
        let before = sandbox.tenant();
        let _ = choose(&scene, &b, 0);
        let shown = choose(&scene, &a, 3);
        assert!(shown.stderr.contains("sspr set up another application from this machine"), "{shown}");
        let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
        assert_eq!(sandbox.tenant(), before);
    }
}

/// Someone sees that an application was not made, and puts theirs in its place.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_in_the_place_of_one_that_was_not_made_is_not_taken_for_it() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    sandbox.fail("POST /v1.0/applications lying-success 1".parse().unwrap());
    let _ = scene.run(&["login", "--setup", "--yes", "--wait", "0"]).code(4);
    sandbox.heal();
    let theirs = json!({
        "id": id("theirs"), "appId": id("their app"), "displayName": "sspr", "tags": ["sspr-login"],
        "signInAudience": "AzureADMyOrg", "isFallbackPublicClient": true,
        "publicClient": {"redirectUris": ["http://localhost"]}, "requiredResourceAccess": [],
    });
    sandbox.edit(|tenant| tenant.applications.push(theirs));
    let before = sandbox.tenant();
    let _ = scene.run(&["login", "--setup", "--yes"]).code(3);
    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert!(shown.stdout.contains("There was nothing to remove."), "{shown}");
    assert_eq!(sandbox.tenant(), before);
}

/// A consent whose end is not known, and then somebody else's, which is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_consent_is_not_taken_for_one_whose_answer_was_lost() {
    let theirs = |tenant: &mut TenantState, principal: Value| {
        let is_one = !principal.is_null();
        tenant.grants.push(json!({
            "id": "theirs", "clientId": tenant.service_principals[0]["id"], "principalId": principal,
            "consentType": if is_one { "Principal" } else { "AllPrincipals" }, "resourceId": id("Microsoft Graph"),
            "scope": "openid profile offline_access Organization.Read.All GroupMember.Read.All User.Read.All \
                      RoleManagement.Read.Directory AuditLog.Read.All Policy.ReadWrite.AuthenticationMethod",
        }));
    };
    for (consent, principal) in [
        ("person", Value::Null),
        ("person", json!(id("someone else"))),
        // Ours or theirs: no one can say, so it stays.
        ("tenant", Value::Null),
    ] {
        let sandbox = sandbox().await;
        let scene = Scene::against(&sandbox);
        sandbox.fail("POST /v1.0/oauth2PermissionGrants lying-success 1".parse().unwrap());
        let shown = scene.run(&["login", "--setup", "--yes", "--wait", "0", "--consent", consent]).code(4);
        assert!(shown.stdout.contains("  unknown      consent"), "{shown}");
        sandbox.edit(|tenant| theirs(tenant, principal.clone()));
        if principal.is_null() {
            let _ = scene.run(&["login", "--setup"]).code(0);
        }
        let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
        assert_eq!(sandbox.tenant().grants.len(), 1, "{consent} {principal}");
    }
    // One's own is known by whose it is.
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let before = sandbox.tenant();
    sandbox.fail("POST /v1.0/oauth2PermissionGrants landed-then-status=500 1".parse().unwrap());
    sandbox.fail("GET /v1.0/oauth2PermissionGrants status=403 1-".parse().unwrap());
    let _ = scene.run(&["login", "--setup", "--yes", "--wait", "0", "--pace", "1"]).code(4);
    sandbox.heal();
    let _ = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert_eq!(sandbox.tenant(), before);
}

/// Both say yes to the same; the second one finds what the first one made.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_setups_at_once_one_makes_it() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let run = || {
        let mut command = scene.process(&["login", "--setup", "--yes"]);
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let runs: Vec<_> = (0..3).map(|_| run()).collect();
    let codes: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap().status.code()).collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(codes.iter().all(|code| [Some(0), Some(3)].contains(code)), "{codes:?}");
    let tenant = sandbox.tenant();
    assert_eq!((tenant.applications.len(), tenant.grants.len()), (1, 1), "{codes:?}");
}

/// What was seen before the question is looked at again under the lock, also where no one is asked.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_another_run_made_or_removed_meanwhile_is_seen() {
    use crate::common::{On, Terminal};
    let sandbox = sandbox().await;
    let (scene, other) = (Scene::against(&sandbox), Scene::against(&sandbox));
    let before = sandbox.tenant();
    let mut terminal = Terminal::run(&scene, &["login", "--setup"], On::ALL, 200);
    terminal.wait_for("4 steps?");
    let _ = other.run(&["login", "--setup", "--yes"]).code(0);
    terminal.keys("yes\r");
    let (seen, code) = terminal.end();
    assert!(code == 3 && seen.contains("sspr did not make it from this machine"), "{seen}");
    let mut terminal = Terminal::run(&other, &["login", "--setup", "--remove"], On::ALL, 200);
    terminal.wait_for("4 parts?");
    let _ = other.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    terminal.keys("yes\r");
    let (seen, code) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("There was nothing to remove"), "{seen}");
    assert_eq!(sandbox.tenant(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_commands_widen_it_and_are_taken_back_with_it() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let before = sandbox.tenant();
    let _ = scene.run(&["login", "--setup", "--yes", "--for", "plan"]).code(0);
    assert!(
        sandbox.tenant().grants[0]["scope"].as_str().unwrap().ends_with(" Policy.Read.AuthenticationMethod")
    );
    asked(&sandbox);
    let _ = scene.run(&["login", "--setup", "--yes", "--for", "apply,rings"]).code(0);
    assert_eq!(writes(&asked(&sandbox)), ["PATCH applications/ID", "PATCH oauth2PermissionGrants/ID"]);
    let scope = sandbox.tenant().grants[0]["scope"].as_str().unwrap().to_owned();
    assert!(
        scope.contains("Policy.Read.AuthenticationMethod")
            && scope.ends_with("Policy.ReadWrite.AuthenticationMethod GroupMember.ReadWrite.All"),
        "what was consented to before stays: {scope}"
    );
    // What is not asked for again is not taken away, and that is said.
    let shown = scene.run(&["login", "--setup", "--yes", "--for", "plan"]).code(0);
    let said =
        "Consented to before, and staying: GroupMember.ReadWrite.All Policy.ReadWrite.AuthenticationMethod.";
    assert!(shown.stdout.contains(said), "{shown}");
    let shown = scene.run(&["login", "--setup", "--remove", "--yes"]).code(0);
    assert!(
        shown.stdout.contains("  taken back   consent to Policy.ReadWrite.AuthenticationMethod"),
        "{shown}"
    );
    assert_eq!(sandbox.tenant(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_than_the_named_one_is_refused() {
    let sandbox = sandbox().await;
    let shown =
        Scene::against(&sandbox).run(&["login", "--setup", "--yes", "--tenant", "fabrikam.com"]).code(3);
    let said = "and fabrikam.com is asked for\n";
    assert!(shown.stderr.contains(said) && !shown.stderr.contains("spec"), "{shown}");
    assert!(shown.stderr.contains("`az login --tenant fabrikam.com`"), "{shown}");
    assert_eq!(writes(&asked(&sandbox)).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_cannot_be_remembered_is_in_the_next_command() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox);
    let _ = scene.run(&["login", "--setup", "--yes"]).code(0);
    let folder = scene.state_dir().join("sign-in");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    let shown = scene.run(&["login", "--setup"]).code(0);
    assert!(shown.stdout.contains("The client could not be remembered: "), "{shown}");
    assert!(shown.stdout.contains("\nNext: sspr login --client-id "), "{shown}");
}

#[test]
fn the_sandbox_shows_it_from_beginning_to_end() {
    let scene = Scene::new();
    let shown = scene.run(&["login", "--setup", "--sandbox", "--yes"]).code(0);
    assert!(
        shown.stdout.contains("Registration in Contoso (contoso.onmicrosoft.com), the sandbox"),
        "{shown}"
    );
    let shown = scene.run(&["login", "--setup", "--sandbox", "--format", "json"]).code(0);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["format"], "sspr.setup/1");
    assert_eq!(document["parts"][3]["result"], "already so");
    let _ = scene.run(&["login", "--setup", "--remove", "--sandbox", "--yes"]).code(0);
    let shown = scene.run(&["login", "--setup", "--remove", "--sandbox", "--yes"]).code(0);
    assert!(shown.stdout.contains("There was nothing to remove."), "{shown}");
}

#[test]
fn the_commands_that_do_it_by_hand_are_printed_for_both_shells() {
    assert_shown!(
        Scene::new().run(&["login", "--setup", "--print", "sh", "--for", "rings,preregister"]),
        snapbox::str![[r#"
# Whoever runs this is assigned, and consents for themselves alone.
APP=$(az ad app create --display-name sspr --sign-in-audience AzureADMyOrg \
  --public-client-redirect-uris http://localhost --is-fallback-public-client true --query appId -o tsv)
az ad app permission add --id $APP --api 00000003-0000-0000-c000-000000000000 \
  --api-permissions 4908d5b9-3fb2-4b1e-9336-1888b7937185=Scope a154be20-db9c-4678-8ab7-66f6cc099a59=Scope 741c54c3-0c1e-44a1-818b-3f97ab4e8c83=Scope e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20=Scope f81125ac-d3b7-4573-a3b2-7099cc39df9e=Scope 074f680f-c89e-45be-880e-5d0642860a1c=Scope 48c99302-9a24-4f27-a8a7-acef4debba14=Scope
SP=$(az ad sp create --id $APP --query id -o tsv)
az ad sp update --id $APP --set appRoleAssignmentRequired=true
ME=$(az ad signed-in-user show --query id -o tsv)
az rest --method POST --headers Content-Type=application/json \
  --url https://graph.microsoft.com/v1.0/servicePrincipals/$SP/appRoleAssignedTo \
  --body "{\"principalId\":\"$ME\",\"resourceId\":\"$SP\",\"appRoleId\":\"00000000-0000-0000-0000-000000000000\"}"
az ad app permission grant --id $APP --api 00000003-0000-0000-c000-000000000000 \
  --scope openid profile offline_access Organization.Read.All User.Read.All RoleManagement.Read.Directory AuditLog.Read.All GroupMember.ReadWrite.All UserAuthMethod-Email.ReadWrite.All UserAuthMethod-Phone.ReadWrite.All \
  --consent-type Principal --principal-id $ME
sspr login --client-id "$APP"
[exit status: 0]

"#]]
    );
    assert_shown!(
        Scene::new().run(&["login", "--setup", "--print", "powershell", "--consent", "tenant"]),
        snapbox::str![[r#"
# Whoever runs this is assigned, and consents for everyone who is assigned.
$APP = az ad app create --display-name sspr --sign-in-audience AzureADMyOrg `
  --public-client-redirect-uris http://localhost --is-fallback-public-client true --query appId -o tsv
az ad app permission add --id $APP --api 00000003-0000-0000-c000-000000000000 `
  --api-permissions 4908d5b9-3fb2-4b1e-9336-1888b7937185=Scope bc024368-1153-4739-b217-4326f2e966d0=Scope a154be20-db9c-4678-8ab7-66f6cc099a59=Scope 741c54c3-0c1e-44a1-818b-3f97ab4e8c83=Scope e4c9e354-4dc5-45b8-9e7c-e1393b0b1a20=Scope 7e823077-d88e-468f-a337-e18f1f0e6c7c=Scope
$SP = az ad sp create --id $APP --query id -o tsv
az ad sp update --id $APP --set appRoleAssignmentRequired=true
$ME = az ad signed-in-user show --query id -o tsv
@{principalId=$ME; resourceId=$SP; appRoleId='00000000-0000-0000-0000-000000000000'} | ConvertTo-Json | Set-Content sspr-assignment.json
az rest --method POST --headers Content-Type=application/json `
  --url https://graph.microsoft.com/v1.0/servicePrincipals/$SP/appRoleAssignedTo `
  --body '@sspr-assignment.json'
Remove-Item sspr-assignment.json
az ad app permission grant --id $APP --api 00000003-0000-0000-c000-000000000000 `
  --scope openid profile offline_access Organization.Read.All GroupMember.Read.All User.Read.All RoleManagement.Read.Directory AuditLog.Read.All Policy.ReadWrite.AuthenticationMethod
sspr login --client-id $APP
[exit status: 0]

"#]]
    );
}

/// What a shell makes of it, down to the words that reach the programs.
#[cfg(unix)]
#[test]
fn the_commands_for_a_shell_run_in_one() {
    let scene = Scene::new();
    let script = scene.run(&["login", "--setup", "--print", "sh", "--name", "Ada's"]).code(0).stdout;
    let bin = scene.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for name in ["az", "sspr"] {
        let stand_in = "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" >> \"$WORDS\"\n[ \"$2\" = signed-in-user ] && echo me || echo made\n";
        crate::common::executable(bin.join(name), stand_in);
    }
    let words = scene.path().join("words");
    let ran = std::process::Command::new("/bin/sh")
        .args(["-eu", "-c", &script])
        .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
        .env("WORDS", &words)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let words = std::fs::read_to_string(words).unwrap();
    for said in [
        "--display-name\nAda's\n",
        "--body\n{\"principalId\":\"me\",\"resourceId\":\"made\",\"appRoleId\":\"00000000-0000-0000-0000-000000000000\"}\n",
        "\nopenid\nprofile\noffline_access\nOrganization.Read.All\n",
        "--principal-id\nme\n",
        "login\n--client-id\nmade\n",
    ] {
        assert!(words.contains(said), "{said}\n{words}");
    }
}
