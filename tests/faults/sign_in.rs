//! Who is signed in, and what happens when that is not enough.

use sspr::sandbox::{Sandbox, Seed, TenantState};

use crate::common::{Scene, Shown};

async fn sandbox() -> Sandbox {
    Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_the_other_surface_is_exit_77_and_names_the_surface() {
    let sandbox = sandbox().await;
    for (variable, token, surface) in [
        ("SSPR_PORTAL_TOKEN", sandbox.graph_token(), "portal: "),
        ("SSPR_GRAPH_TOKEN", sandbox.portal_token(), "graph: "),
    ] {
        let scene = Scene::against(&sandbox).example("pilot.yaml").env(variable, token);
        let shown: Shown = scene.run(&["plan"]).code(77);
        assert!(shown.stderr.contains(surface), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_its_scheme_or_quotes_is_refused_before_it_is_sent() {
    let sandbox = sandbox().await;
    let token = sandbox.graph_token();
    for given in [format!("Bearer {token}"), format!("\"{token}\""), format!("'{token}'")] {
        let scene = Scene::against(&sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", &given);
        let shown: Shown = scene.run(&["plan"]).code(77);
        assert!(shown.stderr.contains("to the bare token, without quotes"), "{shown}");
        assert!(sandbox.take_requests().is_empty(), "{shown}");
    }
}

/// What a shell of yesterday has in its environment.
#[tokio::test(flavor = "multi_thread")]
async fn a_ready_token_that_expired_is_a_line_that_names_its_variable_and_what_to_type() {
    let sandbox = sandbox().await;
    // {"alg":"none"}.{"exp":1700000000}
    let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDAwMDAwMDB9.x";
    let typed = |variable: &str| match cfg!(windows) {
        true => format!("Remove-Item Env:{variable}"),
        false => format!("unset {variable}"),
    };
    for (variable, service) in
        [("SSPR_GRAPH_TOKEN", "Microsoft Graph"), ("SSPR_PORTAL_TOKEN", "the admin centre")]
    {
        let scene = Scene::against(&sandbox).example("pilot.yaml").env(variable, token);
        let shown = scene.run(&["plan"]).code(77);
        let said = format!(
            "error: the token in {variable} expired at 2023-11-14 22:13 UTC, and {service} no longer takes it\n"
        );
        assert!(shown.stderr.starts_with(&said), "{shown}");
        let hint = format!(
            "hint: `{}`, and sspr signs in without it; or set it to a new token for {service}\n",
            typed(variable)
        );
        assert!(shown.stderr.contains(&hint), "{shown}");
        // Who asks for more is told which request, and what the service said.
        let shown = scene.run(&["plan", "-v"]).code(77);
        assert!(shown.stderr.contains("was refused with 40") && !shown.stderr.contains(token), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn continuous_access_evaluation_says_what_it_is() {
    let sandbox = sandbox().await;
    let claims = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==";
    sandbox.fail(format!("GET /v1.0/organization claims-challenge={claims}").parse().unwrap());
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["plan"]).code(77);
    let said = "hint: continuous access evaluation (CAE): a password, a role, the network";
    assert!(shown.stderr.contains(said), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applications_token_opens_graph_and_is_kept_from_the_admin_centre() {
    let sandbox = sandbox().await;
    let scene =
        Scene::against(&sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", sandbox.application_token());
    let _ = scene.run(&["plan"]).code(0);
    sandbox.take_requests();
    let scene = scene.env("SSPR_PORTAL_TOKEN", sandbox.application_token());
    let shown = scene.run(&["plan"]).code(77);
    assert!(shown.stderr.contains("not signed in to the admin centre: the admin centre needs"), "{shown}");
    assert!(shown.stderr.contains("needs a person's sign-in"), "{shown}");
    assert!(sandbox.take_requests().iter().all(|request| !request.target.starts_with("/api")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sign_ins_for_two_tenants_are_refused() {
    let (one, mut other) = (TenantState::seeded(Seed::Fresh), TenantState::seeded(Seed::Fresh));
    other.tenant_id = uuid::Uuid::new_v4();
    let (one, other) = (Sandbox::start(one).await.unwrap(), Sandbox::start(other).await.unwrap());
    let scene = Scene::against(&one)
        .example("pilot.yaml")
        .env("SSPR_PORTAL_URL", &other.root())
        .env("SSPR_PORTAL_TOKEN", other.portal_token());
    for command in [&["plan"][..], &["apply", "--yes"], &["cleanup", "--yes"]] {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains("graph is signed in to the tenant"), "{shown}");
    }
    // The spec leaves what a reset takes to the policy, so the admin centre is asked.
    let scene = scene.file("open.yaml", "version: 1\ngroup: SSPR-Pilot\n");
    for command in [&["people", "open.yaml"][..], &["verify"], &["report"]] {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains("graph is signed in to the tenant"), "{shown}");
    }
    assert!(other.take_requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_lacks_something_says_what() {
    let sandbox = sandbox().await;
    let scene = Scene::new()
        .example("pilot.yaml")
        .env("PATH", "")
        .env("SSPR_GRAPH_URL", &sandbox.root())
        .env("SSPR_PORTAL_URL", &sandbox.root())
        .env("AZURE_TENANT_ID", "contoso.com");
    let shown = scene.run(&["plan"]).code(77);
    let login = "run `az login --tenant contoso.com` (other ways: `sspr doctor -v`)";
    let install = "install the Azure CLI (https://aka.ms/azure-cli), then";
    let said = format!("error: not signed in to Microsoft Graph\nhint: {install} {login}\n");
    assert_eq!(shown.stderr, said);
    let ways = scene.run(&["doctor", "-v"]);
    assert!(ways.stderr.contains(" INFO graph: azure-cli: no `az` on PATH\n"), "{ways}");
    // Whether the hosts are there it asks without a sign-in.
    sandbox.take_requests();
    let shown = scene.run(&["plan", "-v"]).code(77);
    for said in [
        "no sign-in method is available",
        "client-secret: no AZURE_CLIENT_ID, AZURE_CLIENT_SECRET",
        "azure-cli: no `az` on PATH",
    ] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    let shown = scene.run(&["plan", "--auth", "client-certificate"]).code(77);
    assert!(
        shown.stderr.contains("client-certificate: no AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH"),
        "{shown}"
    );
    assert!(sandbox.take_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_where_the_admin_centre_is_unproven_says_so_and_it_is_tried() {
    let sandbox = sandbox().await;
    let scene = Scene::against(&sandbox).example("pilot.yaml");
    let shown = scene.run(&["plan", "--cloud", "usgov"]).code(0);
    assert!(shown.stderr.contains("no published tool uses this API in the cloud `usgov`"), "{shown}");
}

/// Returns a scene that has nothing but a stand-in for the Azure CLI to sign in with; from its second call for an
/// audience on it hands out the renewed token.
#[cfg(unix)]
pub(super) fn azure_cli_scene(sandbox: &Sandbox) -> Scene {
    azure_cli::scene(sandbox, "")
}

/// The Azure CLI is a program on PATH; the stand-in is a shell script. Its twin for Windows is below.
#[cfg(unix)]
mod azure_cli {

    use super::*;

    /// Answers as `az account get-access-token` does; keeps a record, and hands out the renewed token from the
    /// second call for an audience on.
    const STAND_IN: &str = r#"#!/bin/sh
case "$*" in
  "account get-access-token -o json --scope 74658136-14ec-4630-ad9b-26e160ff0fc6/.default"*) audience=portal ;;
  "account get-access-token -o json --scope https://graph.microsoft.com/.default"*) audience=graph ;;
  *) echo "ERROR: unexpected: $*" >&2; exit 2 ;;
esac
echo "$audience" >> "$STAND_IN/calls"
. "$STAND_IN/mood"
turn=$(grep -c "$audience" "$STAND_IN/calls")
if [ "$turn" -gt 1 ]; then turn=2; fi
token=$(cat "$STAND_IN/$audience.$turn")
echo "{\"accessToken\": \"$token\", \"expiresOn\": \"2090-01-02 03:04:05.000000\", \"expires_on\": 3786912245, \"subscription\": \"s\", \"tenant\": \"t\", \"tokenType\": \"Bearer\"}"
"#;

    /// Returns a scene that has nothing but the stand-in to sign in with.
    pub(super) fn scene(sandbox: &Sandbox, mood: &str) -> Scene {
        let scene = Scene::new().example("pilot.yaml");
        let folder = scene.path().join("bin");
        std::fs::create_dir(&folder).unwrap();
        let (graph, portal) = sandbox.renewed_tokens();
        for (name, content) in [
            ("mood", mood),
            ("graph.1", sandbox.graph_token()),
            ("graph.2", graph),
            ("portal.1", sandbox.portal_token()),
            ("portal.2", portal),
        ] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        crate::common::executable(folder.join("az"), STAND_IN);
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let folder = folder.display().to_string();
        scene
            .env("PATH", &path)
            .env("STAND_IN", &folder)
            .env("SSPR_GRAPH_URL", &sandbox.root())
            .env("SSPR_PORTAL_URL", &sandbox.root())
    }

    fn calls(scene: &Scene) -> Vec<String> {
        let calls = std::fs::read_to_string(scene.path().join("bin/calls")).unwrap_or_default();
        let mut calls: Vec<String> = calls.lines().map(str::to_owned).collect();
        calls.sort();
        calls
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_token_per_audience_serves_a_whole_run() {
        for mood in ["", "echo 'WARNING: A new version is available.' >&2", "sleep 1"] {
            let sandbox = sandbox().await;
            let scene = scene(&sandbox, mood);
            let shown = scene.run(&["apply", "--yes", "-v"]).code(0);
            assert_eq!(calls(&scene), ["graph", "portal"], "{mood}");
            assert!(
                shown.stderr.contains("portal: signing in by azure-cli (skipped token: no SSPR_PORTAL_TOKEN"),
                "{shown}"
            );
            assert!(
                shown.stderr.contains("graph: signed in as sandbox.admin@contoso.onmicrosoft.com (person)"),
                "{shown}"
            );
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_that_expires_mid_run_is_fetched_anew_once() {
        for rule in [
            "GET /v1.0/organization expired-token 1",
            "PUT /api/PasswordReset expired-token 1",
            "GET /api/PasswordReset expired-token 2",
        ] {
            let sandbox = sandbox().await;
            sandbox.fail(rule.parse().unwrap());
            let scene = scene(&sandbox, "");
            let shown = scene.run(&["apply", "--yes"]).code(0);
            assert!(
                shown.stderr.contains("the service no longer accepts the token; signing in again"),
                "{shown}"
            );
            let written = sandbox.take_requests().into_iter().filter(|request| request.status == 204);
            let mut targets: Vec<String> = written.map(|request| request.target).collect();
            let count = targets.len();
            targets.sort();
            targets.dedup();
            assert_eq!(targets.len(), count, "{rule}: {targets:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refusal_is_explained_with_the_next_command() {
        for (mood, said, next) in [
            (
                "echo \"ERROR: AADSTS65001: The user has not consented.\nTrace ID: t\" >&2; exit 1",
                "no one has consented in this tenant",
                "run `az login --tenant fabrikam.example --scope",
            ),
            (
                "echo \"ERROR: AADSTS90002: Tenant 'x' not found.\" >&2; exit 1",
                "there is no such tenant in this cloud",
                "hint: AZURE_TENANT_ID is `fabrikam.example`, so that is where it was looked for",
            ),
            (
                "echo \"ERROR: AADSTS65002: Consent must be configured via preauthorization.\" >&2; exit 1",
                "no consent changes that",
                "hint: run `sspr login --setup`",
            ),
            (
                "echo \"Please run 'az login' to setup account.\" >&2; exit 1",
                "not signed in to the admin centre\n",
                "hint: run `az login --tenant fabrikam.example` (other ways: `sspr doctor -v`)",
            ),
            ("exit 127", "az not found on PATH", "install the Azure CLI"),
            ("echo '{}'; exit 0", "azure-cli", "install the Azure CLI"),
        ] {
            let sandbox = sandbox().await;
            // Graph has a token, so that the portal's own refusal is the one that is told.
            let mood = format!("[ $audience = graph ] || {{ {mood}; }}");
            let scene = scene(&sandbox, &mood).env("AZURE_TENANT_ID", "fabrikam.example");
            let shown = scene.run(&["plan"]).code(77);
            assert!(shown.stderr.contains("not signed in to the admin centre"), "{shown}");
            assert!(shown.stderr.contains(said) && shown.stderr.contains(next), "{said}\n{shown}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_is_signed_out_gets_one_thing_to_type() {
        let sandbox = sandbox().await;
        let scene = scene(&sandbox, "echo \"Please run 'az login' to setup account.\" >&2; exit 1");
        let spec = "version: 1\ntenant: contoso.onmicrosoft.com\ngroup: SSPR-Pilot\n";
        let scene = scene.file("pilot.yaml", spec);
        let login = "`az login --tenant contoso.onmicrosoft.com` (other ways: `sspr doctor -v`)";
        let said = format!("error: not signed in to Microsoft Graph\nhint: run {login}\n");
        assert_eq!(scene.run(&["plan"]).code(77).stderr, said);
        let shown = scene.run(&["plan", "-v"]).code(77);
        assert!(shown.stderr.contains("caused by: azure-cli: no one is signed in: "), "{shown}");
        let shown = scene.run(&["plan", "--format", "json"]).code(77);
        assert!(shown.stdout.contains("azure-cli: no one is signed in: "), "{shown}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_program_says_of_a_token_is_not_repeated() {
        for mood in [
            "echo \"ERROR: something token=$(cat $STAND_IN/$audience.1)\" >&2; exit 1",
            "echo \"ERROR: something token=$(cut -c1-300 $STAND_IN/$audience.1)\" >&2; exit 1",
            "cat $STAND_IN/$audience.1; echo 'ERROR: something token=' >&2; exit 1",
            "fold -w 50 $STAND_IN/$audience.1 >&2; echo 'ERROR: something token=' >&2; exit 1",
        ] {
            let sandbox = sandbox().await;
            let shown = scene(&sandbox, mood).run(&["plan", "-vvv"]).code(77);
            // The word next to a token that is not shown may go with it.
            assert!(shown.stderr.contains(": something token="), "{shown}");
            for token in [sandbox.graph_token(), sandbox.portal_token()] {
                let parts = (0..token.len() - 16).map(|at| &token[at..at + 16]);
                for part in parts {
                    assert!(!shown.to_string().contains(part), "{mood}\n{shown}");
                }
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_empty_token_and_a_program_that_may_not_run_have_their_own_errors() {
        let sandbox = sandbox().await;
        let shown = scene(&sandbox, "echo '{\"accessToken\": \"\", \"expires_on\": 3786912245, \"subscription\": \"s\", \"tenant\": \"t\", \"tokenType\": \"Bearer\", \"expiresOn\": \"2090-01-02 03:04:05.000000\"}'; exit 0")
            .run(&["plan"])
            .code(77);
        assert!(shown.stderr.contains("the token it gave is empty"), "{shown}");
        assert!(sandbox.take_requests().iter().all(|request| request.method != "GET"));
        let shown = scene(&sandbox, "exit 126").run(&["plan"]).code(77);
        assert!(shown.stderr.contains("`az` is on PATH, and this user cannot run it"), "{shown}");
    }

    /// Every command that signs in, and what it needs beside.
    const COMMANDS: [&[&str]; 8] = [
        &["plan"],
        &["apply", "--yes"],
        &["cleanup", "--yes"],
        &["people"],
        &["report"],
        &["verify", "--user", "ada@contoso.onmicrosoft.com"],
        &["import", "new.yaml"],
        &["doctor"],
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_fails_is_run_once_for_each_audience() {
        for command in COMMANDS {
            let sandbox = sandbox().await;
            let scene = scene(&sandbox, "echo \"Please run 'az login' to setup account.\" >&2; exit 1");
            let shown = scene.run(command);
            assert!(shown.code == 77 || command == ["doctor"], "{command:?}\n{shown}");
            let mut calls = calls(&scene);
            let count = calls.len();
            calls.dedup();
            assert_eq!(calls.len(), count, "{command:?}\n{shown}");
            assert!(!calls.is_empty() && sandbox.take_requests().iter().all(|request| request.status != 200));
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn colours_and_warnings_around_a_token_are_no_trouble() {
        let answer = r#"printf 'WARNING: {new} \033[33mversion\033[0m\n\033[1m{\033[94m"accessToken"\033[39m: "%s", "expires_on": 3786912245, "tokenType": "Bearer"}\033[0m\nBye\n' "$(cat "$STAND_IN/$audience.1")"; exit 0"#;
        let sandbox = sandbox().await;
        let scene = scene(&sandbox, answer);
        let _ = scene.run(&["plan"]).code(0);
        assert_eq!(calls(&scene), ["graph", "portal"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_prints_without_end_is_ended() {
        let sandbox = sandbox().await;
        let shown = scene(&sandbox, "exec yes").run(&["plan"]).code(77);
        assert!(shown.stderr.contains("`az` printed more than 1 MiB"), "{shown}");
        let shown = scene(&sandbox, "exec yes >&2").run(&["plan"]).code(77);
        assert!(shown.stderr.contains("`az` printed more than 1 MiB"), "{shown}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_that_never_answers_is_ended_with_what_it_started() {
        let sandbox = sandbox().await;
        let scene = scene(&sandbox, "sleep 1000 & echo $! >> \"$STAND_IN/children\"; wait");
        let shown = scene.run(&["plan", "--sign-in-limit", "1500"]).code(77);
        assert!(shown.stderr.contains("azure-cli: `az` gave no token within 1.5 s"), "{shown}");
        assert!(shown.stderr.contains("run `az account get-access-token` by hand"), "{shown}");
        let children = std::fs::read_to_string(scene.path().join("bin/children")).unwrap();
        for child in children.lines() {
            while is_running(child) {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
    }

    /// Whether a process is there and no mere entry that no one collected; where there is no telling, it is not.
    fn is_running(id: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['R', 'S', 'D']))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_job_of_github_without_an_id_token_names_what_it_lacks() {
        let sandbox = sandbox().await;
        let scene = scene(&sandbox, "echo \"Please run 'az login' to setup account.\" >&2; exit 1");
        let scene = scene.env("AZURE_TENANT_ID", "contoso.com").env("AZURE_CLIENT_ID", "client");
        let scene = scene.env("GITHUB_ACTIONS", "true");
        for args in [&["plan", "--graph-only"][..], &["plan", "--graph-only", "--auth", "workload-identity"]]
        {
            let shown = scene.run(args).code(77);
            assert!(shown.stderr.contains("hint: add `permissions: id-token: write` to the job"), "{shown}");
        }
    }
}

/// On Windows the Azure CLI is `az.cmd`, which only `cmd` runs.
#[cfg(windows)]
mod azure_cli_on_windows {
    use super::*;

    const STAND_IN: &str = "@echo off\r\n\
        set audience=\r\n\
        echo %* | findstr /C:\"74658136-14ec-4630-ad9b-26e160ff0fc6\" >nul && set audience=portal\r\n\
        echo %* | findstr /C:\"https://graph.microsoft.com\" >nul && set audience=graph\r\n\
        if not defined audience exit /b 2\r\n\
        echo %audience%>> \"%STAND_IN%\\calls\"\r\n\
        echo WARNING: A new version is available. 1>&2\r\n\
        type \"%STAND_IN%\\%audience%.json\"\r\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn one_token_per_audience_serves_a_whole_run() {
        let sandbox = sandbox().await;
        let scene = Scene::new().example("pilot.yaml");
        let folder = scene.path().join("bin");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("az.cmd"), STAND_IN).unwrap();
        for (name, token) in [("graph", sandbox.graph_token()), ("portal", sandbox.portal_token())] {
            let answer = serde_json::json!({
                "accessToken": token, "expiresOn": "2090-01-02 03:04:05.000000", "expires_on": 3_786_912_245_u64,
                "subscription": "s", "tenant": "t", "tokenType": "Bearer",
            });
            std::fs::write(folder.join(format!("{name}.json")), answer.to_string()).unwrap();
        }
        let system = std::env::var("SystemRoot").unwrap();
        let folder = folder.display().to_string();
        let scene = scene
            .env("PATH", &format!("{folder};{system}\\System32"))
            .env("STAND_IN", &folder)
            .env("SSPR_GRAPH_URL", &sandbox.root())
            .env("SSPR_PORTAL_URL", &sandbox.root());
        let shown = scene.run(&["apply", "--yes", "-v"]).code(0);
        let calls = std::fs::read_to_string(scene.path().join("bin/calls")).unwrap();
        let mut calls: Vec<&str> = calls.split_whitespace().collect();
        calls.sort_unstable();
        assert_eq!(calls, ["graph", "portal"], "{shown}");
    }
}
