//! What is said on the sandbox, and the lines by which other programs reach it.

use std::fs;

use serde_json::Value;

use crate::common::Scene;

const SAID: &str = "Sandbox: a pretend tenant; nothing real is read or written.";

/// Commands that have a tenant, in an order in which each has something to say.
const COMMANDS: [&[&str]; 9] = [
    &["plan"],
    &["apply", "--yes"],
    &["history"],
    &["verify"],
    &["people"],
    &["report"],
    &["doctor"],
    &["cleanup", "--yes"],
    &["rollback", "--yes"],
];

#[test]
fn every_result_on_the_sandbox_says_once_that_it_is_one() {
    for format in ["text", "markdown", "json", "github"] {
        let scene = Scene::new().example("pilot.yaml");
        for command in COMMANDS {
            if command == ["report"] && format == "markdown" {
                continue;
            }
            let shown = scene.run(&[command, &["--sandbox", "--format", format]].concat());
            assert!([0, 5].contains(&shown.code), "{command:?}\n{shown}");
            let result = &shown.stdout;
            match format {
                "json" => {
                    let document: Value = serde_json::from_str(result).unwrap();
                    assert_eq!(document["sandbox"], true, "{command:?}\n{shown}");
                }
                "markdown" => {
                    assert_eq!(result.lines().nth(1).unwrap(), format!("> {SAID}"), "{command:?}\n{shown}")
                }
                _ => assert!(result.starts_with(&format!("{SAID}\n\n")), "{command:?}\n{shown}"),
            }
            assert!(result.matches(SAID).count() <= 1, "{command:?}\n{shown}");
        }
    }
}

#[test]
fn a_plan_that_was_saved_on_the_sandbox_says_so_and_is_applied_there() {
    let scene = Scene::new().example("pilot.yaml");
    let _ = scene.run(&["plan", "--sandbox", "--out", "plan.json"]).code(0);
    let saved: Value = serde_json::from_slice(&fs::read(scene.path().join("plan.json")).unwrap()).unwrap();
    assert_eq!(saved["sandbox"], true);
    let _ = scene.run(&["apply", "plan.json", "--sandbox", "--yes"]).code(0);
}

#[test]
fn a_failure_on_the_sandbox_says_so_to_machines_and_what_has_no_tenant_does_not() {
    let scene = Scene::new().file("pilot.yaml", "version: 1\ngroup: Nobody\n");
    let shown = scene.run(&["plan", "--sandbox", "--format", "json"]).code(3);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((&document["format"], &document["sandbox"]), (&"sspr.error/1".into(), &true.into()));
    for command in [&["validate"][..], &["schema"], &["completions", "bash"]] {
        let shown = scene.run(&[command, &["--sandbox"]].concat()).code(0);
        assert!(!shown.stdout.contains(SAID), "{shown}");
    }
}

/// The lines are pasted into a shell of Unix, which then runs the program.
#[cfg(unix)]
#[test]
fn what_a_served_sandbox_prints_can_be_pasted_into_a_shell() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let served = Scene::new();
    for shell in ["sh", "bash", "zsh"] {
        if Command::new(shell).arg("-c").arg(":").status().is_err() {
            continue;
        }
        let name = if shell == "bash" { "bash" } else { "sh" };
        let mut command = served.process(&["sandbox", "serve", "--shell", name]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().take(4);
        let lines: Vec<String> = lines.map(Result::unwrap).collect();
        let scene = Scene::new().example("pilot.yaml");
        let prepared = scene.command(&["plan"]);
        let words = [prepared.get_program()].into_iter().chain(prepared.get_args());
        let words: Vec<&str> = words.map(|word| word.to_str().unwrap()).collect();
        let pasted = format!("{}\n'{}'\n", lines.join("\n"), words.join("' '"));
        let output = Command::new(shell).arg("-c").arg(&pasted).current_dir(scene.path()).output();
        let _ = process.kill();
        let _ = process.wait();
        let shown = scene.shown(&output.unwrap()).code(0);
        assert!(shown.stdout.contains("contoso.onmicrosoft.com"), "{pasted}\n{shown}");
    }
}

/// Each shell's lines in its own words; the sandbox's tokens have nothing that any of them would obey.
#[cfg(unix)]
#[test]
fn the_lines_are_those_of_the_shell_that_is_asked_for() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    for (shell, begins, ends) in [
        ("powershell", "$env:SSPR_GRAPH_URL = 'http://127.0.0.1:", "'"),
        ("cmd", "set \"SSPR_GRAPH_URL=http://127.0.0.1:", "\""),
        ("dotenv", "SSPR_GRAPH_URL=http://127.0.0.1:", ""),
    ] {
        let scene = Scene::new();
        let mut command = scene.process(&["sandbox", "serve", "--shell", shell]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().take(4);
        let lines: Vec<String> = lines.map(Result::unwrap).collect();
        let _ = process.kill();
        let _ = process.wait();
        assert!(lines[0].starts_with(begins), "{lines:?}");
        for line in &lines {
            let value =
                line.strip_suffix(ends).unwrap().split_once('=').unwrap().1.trim_start_matches([' ', '\'']);
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "/:._-+".contains(c);
            assert!(!value.is_empty() && value.chars().all(is_plain), "{line}");
        }
    }
}

#[test]
fn who_would_sign_in_elsewhere_does_not_matter_to_the_sandbox() {
    let scene = Scene::new().example("pilot.yaml").env("SSPR_CLIENT_ID", "no id");
    let _ = scene.run(&["plan", "--sandbox"]).code(0);
    let shown = scene.run(&["plan"]).code(64);
    assert!(shown.stderr.contains("SSPR_CLIENT_ID"), "{shown}");
}

/// Returns the commands that a text sets off.
fn named(text: &str) -> Vec<String> {
    let set_off = text.split('`').skip(1).step_by(2).filter(|part| part.starts_with("sspr "));
    set_off.map(str::to_owned).collect()
}

#[test]
fn every_command_that_is_named_on_the_sandbox_is_of_the_sandbox_and_runs() {
    let spec = "my pilot.yaml";
    let scene = || {
        let pilot = fs::read_to_string(crate::common::repository("examples/pilot.yaml")).unwrap();
        let rings = "version: 1\ngroup: SSPR-Pilot\nrollout: {open: 1, rings: [{group: SSPR-Ring-IT}]}\n";
        let scene = Scene::new().file(spec, pilot).file("rings.yaml", rings);
        let _ = scene.run(&["sandbox", "reset", "--seed", "rings"]).code(0);
        scene
    };
    let scene_of_names = scene();
    let mut seen = std::collections::BTreeSet::new();
    for command in [
        &["plan", spec][..],
        &["plan", spec, "--out", "plan.json"],
        &["verify", spec, "--user", "ada"],
        &["rings", "rings.yaml"],
        &["apply", "plan.json", "--yes"],
        &["verify", spec, "--user", "ada"],
        &["people", spec],
        &["report", spec],
        &["history"],
        &["cleanup", "--yes"],
        &["rollback", "--yes"],
        &["import", "new.yaml"],
        &["doctor"],
        // What they need is not there.
        &["plan"],
        &["rollback", "1", "--yes"],
        &["apply", "plan.json", "--except", "group", "--yes"],
    ] {
        let page: &[&str] = if command[0] == "import" { &[] } else { &["--markdown-into", "page.md"] };
        let shown = scene_of_names.run(&[command, &["--sandbox"], page].concat());
        let page = fs::read_to_string(scene_of_names.path().join("page.md")).unwrap_or_default();
        assert!(shown.code != 64, "{shown}");
        for named in [&page, &shown.stdout, &shown.stderr].into_iter().flat_map(|text| named(text)) {
            let name = named.split(' ').nth(1).unwrap();
            let has_tenant = !["sandbox", "explain", "login"].contains(&name);
            assert_eq!(named.contains("--sandbox"), has_tenant, "{command:?} names {named}");
            let takes_spec = ["people", "verify", "plan"].contains(&name) && command.contains(&spec);
            assert!(!takes_spec || named.contains(spec), "{command:?} names {named}");
            seen.insert(named);
        }
    }
    assert!(seen.len() > 12, "{seen:?}");
    let is_whole =
        |named: &&String| !["NAME", "FILE", "--watch", "sspr login"].iter().any(|word| named.contains(word));
    for named in seen.iter().filter(is_whole) {
        let scene = scene();
        let args = named.replace('\'', "").replace(spec, "\u{0}");
        let args: Vec<&str> =
            args.split(' ').skip(1).map(|word| if word == "\u{0}" { spec } else { word }).collect();
        let shown = scene.run(&args);
        assert!(shown.code != 64 && !shown.stderr.contains("there is no file my"), "{named}\n{shown}");
    }
}
