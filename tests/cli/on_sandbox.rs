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
