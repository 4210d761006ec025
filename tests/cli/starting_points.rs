//! `import`, `init`, `schema`, `completions`, `man`: what people start from.

use std::fs;
use std::process::Command;

use snapbox::str;
use sspr::sandbox::{Sandbox, Seed, TenantState};

#[cfg(unix)]
use crate::common::{On, Terminal};
use crate::common::{Scene, assert_shown};

#[test]
fn import_shows_what_a_fresh_tenant_has() {
    let scene = Scene::new();
    assert_shown!(
        scene.run(&["import", "--sandbox"]),
        str![[r##"
# What Contoso (contoso.onmicrosoft.com) has, written by `sspr import`: `sspr plan` on it changes
# nothing.
# It is the sandbox, a pretend tenant.
# A key that is left out is unmanaged: sspr never writes it.
version: 1

# sspr refuses this file in any other tenant.
tenant: "contoso.onmicrosoft.com"

# Properties · "Self service password reset enabled"
scope: none

methods:
  # Authentication methods · "Number of methods required to reset"
  required: 2
  # Authentication methods · "Methods available to users"
  allowed: [email, mobile_app_notification]
  security_questions:
    # Authentication methods · "Number of questions required to register"
    register: 5
    # Authentication methods · "Number of questions required to reset"
    reset: 3

registration:
  # Registration · "Require users to register when signing in"
  required: false
  # Registration · "Number of days before users are asked to re-confirm their authentication information"
  # Left out: the portal only takes this when registration is required.
  # reconfirm_days: 180

notifications:
  # Notifications · "Notify users on password resets"
  users: true
  # Notifications · "Notify all admins when other admins reset their password"
  admins: false

customization:
  # Customization · "Customize helpdesk link"
  helpdesk: none

# writeback:
  # On-premises integration · "Write back passwords to the on-premises directory"
  # Left out: it is off.
  # enabled: false
  # On-premises integration · "Allow users to unlock accounts without resetting their password"
  # Left out: it is off.
  # unlock: false

administrators:
  # Administrators · "Administrators may reset their own password"
  allow_sspr: true

# Also in the tenant's policy, not available in a spec, and kept by every write:
# registrationConditionalAccessPolicies, securityQuestions, skipRegistrationAllowed,
# skipRegistrationMaxAllowedDays.
[exit status: 0]

"##]]
    );
}

#[test]
fn import_writes_what_others_set_up_and_plan_is_empty() {
    let scene = Scene::new();
    let _ = scene.run(&["sandbox", "reset", "--seed", "configured"]).code(0);
    assert_shown!(
        scene.run(&["import", "--sandbox", "pilot.yaml"]),
        str![[r#"
Sandbox: a pretend tenant; nothing real is read or written.

Wrote pilot.yaml: 11 settings, 3 left out with the reason in a comment.
Next: `sspr plan pilot.yaml --sandbox` has no changes.
[exit status: 0]

"#]]
    );
    let written = fs::read_to_string(scene.path().join("pilot.yaml")).unwrap();
    snapbox::assert_data_eq!(
        written,
        snapbox::IntoData::raw(str![[r##"
# yaml-language-server: $schema=pilot.schema.json
# What Contoso (contoso.onmicrosoft.com) has, written by `sspr import`: `sspr plan` on it changes
# nothing.
# It is the sandbox, a pretend tenant.
# A key that is left out is unmanaged: sspr never writes it.
version: 1

# sspr refuses this file in any other tenant.
tenant: "contoso.onmicrosoft.com"

# Properties · "Self service password reset enabled"
# Left out: a group without a scope means selected.
# scope: selected

# Properties · "Select group"
# 9bcfe32a-79dc-56ec-8a85-c50b1398fc1c
group: "SSPR-Pilot-Branch"

methods:
  # Authentication methods · "Number of methods required to reset"
  required: 1
  # Authentication methods · "Methods available to users"
  allowed: [email, mobile_phone, security_questions]
  security_questions:
    # Authentication methods · "Number of questions required to register"
    register: 5
    # Authentication methods · "Number of questions required to reset"
    reset: 3

registration:
  # Registration · "Require users to register when signing in"
  required: true
  # Registration · "Number of days before users are asked to re-confirm their authentication information"
  reconfirm_days: 90

notifications:
  # Notifications · "Notify users on password resets"
  users: true
  # Notifications · "Notify all admins when other admins reset their password"
  admins: true

customization:
  # Customization · "Customize helpdesk link"
  helpdesk: "https://help.contoso.com/passwörd"

# writeback:
  # On-premises integration · "Write back passwords to the on-premises directory"
  # Left out: it is off.
  # enabled: false
  # On-premises integration · "Allow users to unlock accounts without resetting their password"
  # Left out: it is off.
  # unlock: false

administrators:
  # Administrators · "Administrators may reset their own password"
  allow_sspr: true

# Also in the tenant's policy, not available in a spec, and kept by every write:
# registrationConditionalAccessPolicies, securityQuestions, skipRegistrationAllowed,
# skipRegistrationMaxAllowedDays.
# Unknown to sspr, and kept by every write: futureNested, futurePolicyRevision.

"##]])
    );
    let shown = scene.run(&["plan", "--sandbox", "--detailed-exitcode"]).code(0);
    assert!(shown.stdout.contains("No changes: Contoso matches pilot.yaml."), "{shown}");
    let _ = scene.run(&["verify", "--sandbox"]).code(0);
}

#[test]
fn no_file_is_overwritten_without_force() {
    let scene = Scene::new().file("pilot.yaml", "mine\n");
    for command in [&["import", "--sandbox", "pilot.yaml"][..], &["init"]] {
        let shown = scene.run(command).code(3);
        assert!(shown.stderr.contains("pilot.yaml already exists"), "{shown}");
        assert!(shown.stderr.contains("Nothing was changed."), "{shown}");
        assert_eq!(fs::read_to_string(scene.path().join("pilot.yaml")).unwrap(), "mine\n");
    }
    let _ = scene.run(&["import", "--sandbox", "--force", "pilot.yaml"]).code(0);
    assert!(fs::read_to_string(scene.path().join("pilot.yaml")).unwrap().contains("version: 1"));
    let names = fs::read_dir(scene.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let known = ["pilot.yaml", "pilot.schema.json", "state"];
    let left: Vec<_> = names.filter(|name| !known.iter().any(|known| name == known)).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The first line of a spec names a schema, which is there: the program's own, or what somebody else has in its place.
#[test]
fn the_schema_that_a_spec_names_is_beside_it() {
    let import = ["import", "--sandbox", "--force", "pilot.yaml"];
    let scene = Scene::new();
    let schema = scene.path().join("pilot.schema.json");
    let printed = scene.run(&["schema"]).code(0).stdout;
    for _ in 0..2 {
        let shown = scene.run(&import).code(0);
        assert!(shown.stderr.is_empty(), "{shown}");
        assert_eq!(fs::read_to_string(&schema).unwrap(), printed);
    }
    fs::write(&schema, "{}\n").unwrap();
    let shown = scene.run(&import).code(0);
    let said =
        "pilot.schema.json, which editors read, was not written: it is there already, and is another one";
    assert!(shown.stderr.contains(said), "{shown}");
    assert_eq!(fs::read_to_string(&schema).unwrap(), "{}\n");
    // On stdout nothing is named that is nowhere.
    assert!(!scene.run(&["import", "--sandbox"]).code(0).stdout.contains("$schema"));
}

#[test]
fn an_empty_folder_is_told_how_to_begin() {
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
    for command in [&["plan"][..], &["apply"], &["verify"], &["people"], &["report"], &["validate"]] {
        let shown = scene.run(command).code(1);
        assert!(shown.stderr.contains("hint: `sspr init` asks six questions and writes it\n"), "{shown}");
    }
    // Whoever names another file has one in mind.
    let shown = scene.run(&["plan", "mine.yaml"]).code(1);
    assert!(!shown.stderr.contains("sspr init"), "{shown}");
}

#[test]
fn a_sandbox_that_starts_over_has_no_history() {
    let scene = Scene::new().example("pilot.yaml");
    let reset = |seed| scene.run(&["sandbox", "reset", "--seed", seed]).code(0).stdout;
    assert_eq!(reset("fresh"), "The pretend tenant starts over: fresh.\n");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
    // The page keeps its numbers for the next one's trend.
    let _ = scene.run(&["report", "--sandbox"]).code(0);
    let kept = || -> Vec<String> {
        let tenant = scene.state_dir().join("sandbox/204a15ea-fa2c-550c-86c1-f84caa53d849");
        let names =
            fs::read_dir(tenant).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    };
    assert_eq!(kept().len(), 3, "{:?}", kept());
    let history = || scene.run(&["history", "--sandbox"]).code(0).stdout;
    assert!(history().contains("8 changes from pilot.yaml"), "{}", history());
    assert_eq!(reset("migrated"), "The pretend tenant starts over: migrated. Its history is deleted.\n");
    assert!(history().contains("Nothing was applied from this machine yet."), "{}", history());
    assert_eq!(kept(), ["lock"]);
    let shown = scene.run(&["rollback", "--sandbox", "--yes"]).code(3);
    assert!(!shown.stderr.contains("baseline"), "{shown}");
    let _ = scene.run(&["apply", "--sandbox", "--yes"]).code(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_comment() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    sandbox.fail("GET /api/PasswordReset/OnPremisesPasswordResetPolicies status=403".parse().unwrap());
    let scene = Scene::against(&sandbox);
    let shown = scene.run(&["import", "-"]).code(0);
    assert!(shown.stdout.contains("# writeback:\n"), "{shown}");
    let flat = shown.stdout.replace("\n  # ", " ");
    assert!(flat.contains("Left out: it could not be read: portal: GET"), "{shown}");
    sandbox.fail("GET /v1.0/policies/authenticationMethodsPolicy status=500".parse().unwrap());
    let _ = scene.run(&["import", "--pace", "1"]).code(1);
}

#[test]
fn import_keeps_to_graph_on_request() {
    let scene = Scene::new();
    let shown = scene.run(&["import", "--sandbox", "--graph-only", "pilot.yaml"]).code(0);
    assert!(shown.stdout.contains("Wrote pilot.yaml: 1 setting,"), "{shown}");
    let written = fs::read_to_string(scene.path().join("pilot.yaml")).unwrap();
    assert!(written.contains("administrators:\n") && written.contains("# methods:\n"), "{written}");
    let _ = scene.run(&["plan", "--sandbox", "--graph-only", "--detailed-exitcode"]).code(0);
}

#[test]
fn import_shows_machines_what_was_left_out() {
    let scene = Scene::new();
    let _ = scene.run(&["sandbox", "reset", "--seed", "mid-migration"]).code(0);
    let shown = scene.run(&["import", "--sandbox", "--format", "json"]).code(0);
    let document: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["format"], "sspr.import/1");
    assert_eq!(document["stated"]["scope"], "none");
    assert!(document["spec"].as_str().unwrap().contains("version: 1\n"));
    assert!(!document["left"].as_array().unwrap().is_empty());
}

#[test]
fn init_wants_a_terminal() {
    let scene = Scene::new();
    assert_shown!(
        scene.run(&["init"]),
        str![[r#"
------- stderr -------
error: there is no terminal to ask questions on
Nothing was changed.
hint: `sspr import pilot.yaml` writes what a tenant has; examples/pilot.yaml is a file to copy
[exit status: 3]

"#]]
    );
    assert!(!scene.path().join("pilot.yaml").exists());
}

#[cfg(unix)]
#[test]
fn init_asks_on_a_terminal() {
    let scene = Scene::new();
    let asked = |typed: &[&str]| {
        let mut terminal = Terminal::run(&scene, &["init", "--quiet"], On::ALL, 100);
        for (number, keys) in typed.iter().enumerate() {
            if number == 0 {
                terminal.wait_for("1. Which tenant is it for, by a domain of it?");
            }
            terminal.keys(keys);
        }
        terminal.end()
    };
    // Ctrl-D, then Ctrl-C, at the third question.
    let ends = if Terminal::ignores_interrupts() { &["\u{4}"][..] } else { &["\u{4}", "\u{3}"] };
    for &end in ends {
        let mut terminal = Terminal::run(&scene, &["init"], On::ALL, 100);
        terminal.wait_for("[none] ");
        terminal.keys("\n");
        terminal.wait_for("[SSPR-Pilot] ");
        terminal.keys("\n");
        terminal.wait_for("[1, 2, 3, 4, 5] ");
        if end == "\u{3}" {
            terminal.interrupt()
        } else {
            terminal.keys(end)
        }
        let (shown, code) = terminal.end();
        assert_ne!(code, 0, "{shown}");
        assert!(!scene.path().join("pilot.yaml").exists(), "{shown}");
    }
    let (shown, code) = asked(&["\n", "\n", "\n", "3\n", "2\n", "\n", "help@contoso.com\n"]);
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("3 is out of range")
            && shown.contains("Wrote pilot.yaml, and pilot.schema.json for editors."),
        "{shown}"
    );
    let written = fs::read_to_string(scene.path().join("pilot.yaml")).unwrap();
    snapbox::assert_data_eq!(
        written,
        snapbox::IntoData::raw(str![[r##"
# yaml-language-server: $schema=pilot.schema.json
# A self-service password reset pilot, written by `sspr init`.
# A key that is left out is unmanaged: sspr never writes it. examples/reference.yaml has every key.
# Add `tenant:` with one of your domains, so that sspr refuses every other tenant.
version: 1

# Properties · "Select group"
# The pilot's security group: its whole display name or its object id. Nested groups count. sspr
# refuses a display name that several groups share, and lists their ids.
group: "SSPR-Pilot"

methods:
  # Authentication methods · "Number of methods required to reset"
  # How many methods a reset requires. Raising it locks out people who registered only one, and
  # needs --allow-raising-required.
  required: 2
  # Authentication methods · "Methods available to users"
  # The methods people can reset with; others are not available. List at least as many as are
  # required, and not the authenticator app alone.
  allowed: [email, mobile_phone, office_phone, mobile_app_notification, mobile_app_code]

registration:
  # Registration · "Require users to register when signing in"
  # Whether people are asked to register their methods when they sign in.
  required: true
  # Registration · "Number of days before users are asked to re-confirm their authentication information"
  # After how many days people are asked to confirm what they registered; 0 is never. Only where
  # registration is required.
  reconfirm_days: 180

notifications:
  # Notifications · "Notify users on password resets"
  # Whether people get an e-mail when their own password is reset.
  users: true
  # Notifications · "Notify all admins when other admins reset their password"
  # Whether administrators get an e-mail when another administrator resets their own password.
  admins: true

customization:
  # Customization · "Customize helpdesk link"
  # Where "Contact your administrator" links to: an e-mail address or an http(s) URL. `none` turns
  # the custom link off and keeps the stored address.
  helpdesk: "help@contoso.com"

"##]])
    );
    let _ = scene.run(&["validate"]).code(0);
    let _ = scene.run(&["plan", "--sandbox", "--allow-raising-required", "--allow-lockout"]).code(0);
}

/// Whoever is signed in to the Azure CLI has their tenant on offer.
#[cfg(unix)]
#[test]
fn init_offers_the_tenant_that_the_azure_cli_is_signed_in_to() {
    let account = r#"{"tenantId": "204a15ea-fa2c-550c-86c1-f84caa53d849", "tenantDefaultDomain": "contoso.com", "user": {"name": "ada@contoso.com"}}"#;
    for (answer, flags, offered) in [
        (account, &[][..], "contoso.com"),
        (
            r#"{"tenantId": "204a15ea-fa2c-550c-86c1-f84caa53d849"}"#,
            &[],
            "204a15ea-fa2c-550c-86c1-f84caa53d849",
        ),
        ("", &[], "none"),
        (account, &["--sandbox"], "contoso.onmicrosoft.com"),
    ] {
        let scene = Scene::new();
        let az = scene.path().join("az");
        let script = format!(
            "#!/bin/sh\n[ \"$*\" = 'account show --output json' ] || exit 2\ncat <<'EOF'\n{answer}\nEOF\n"
        );
        crate::common::executable(&az, script);
        let scene = scene.env("PATH", &format!("{}:/usr/bin:/bin", az.parent().unwrap().display()));
        let mut terminal = Terminal::run(&scene, &[&["init"], flags].concat(), On::ALL, 100);
        terminal.wait_for(&format!("[{offered}] "));
        (0..6).for_each(|_| terminal.keys("\n"));
        let (shown, code) = terminal.end();
        assert_eq!(code, 0, "{shown}");
        let spec = fs::read(scene.path().join("pilot.yaml")).unwrap();
        let spec = sspr::spec_file::load("pilot.yaml", &spec).unwrap();
        assert_eq!(spec.tenant().unwrap_or("none"), offered);
        let _ = scene.run(&["plan", "--sandbox"]).code(0);
    }
}

/// The commands as `--help` lists them.
fn commands(scene: &Scene) -> Vec<String> {
    let listed = super::help::subcommands(&scene.run(&["--help"]).code(0).stdout);
    assert!(listed.len() > 12, "{listed:?}");
    listed
}

/// Lets a shell read a script without running it; `None` where the shell is not here.
fn parses(shell: &str, args: &[&str], file: &std::path::Path) -> Option<bool> {
    let output = Command::new(shell).args(args).arg(file).output().ok()?;
    Some(output.status.success() && output.stderr.is_empty())
}

#[test]
fn completions_name_every_command_and_parse() {
    let scene = Scene::new();
    let commands = commands(&scene);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = scene.run(&["completions", shell]).code(0).stdout;
        for command in &commands {
            assert!(script.contains(command.as_str()), "{shell} does not complete {command}");
        }
        let file = scene.path().join(shell);
        fs::write(&file, &script).unwrap();
        let is_fine = match shell {
            // Windows' bash may be one of another system, which does not know this path.
            "bash" | "zsh" if cfg!(unix) => parses(shell, &["-n"], &file),
            "fish" if cfg!(unix) => parses("fish", &["--no-execute"], &file),
            _ => None,
        };
        assert_ne!(is_fine, Some(false), "{shell} cannot read its completions");
    }
    let _ = scene.run(&["completions", "tcsh"]).code(64);
}

#[test]
fn the_manual_has_a_page_per_command() {
    let scene = Scene::new();
    let first = scene.run(&["man"]).code(0).stdout;
    assert!(first.contains(".TH sspr 1"), "{first}");
    let _ = scene.run(&["man", "--dir", "pages/man1"]).code(0);
    for command in commands(&scene) {
        assert!(first.contains(&format!("sspr\\-{command}(1)")), "sspr(1) does not name {command}");
        let page =
            fs::read_to_string(scene.path().join("pages/man1").join(format!("sspr-{command}.1"))).unwrap();
        assert!(
            page.contains(".SH SYNOPSIS") && page.contains(&format!("sspr {command}").replace('-', "\\-")),
            "{page}"
        );
    }
    assert!(scene.path().join("pages/man1/sspr.1").exists());
}
