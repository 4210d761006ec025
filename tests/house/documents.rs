//! Documents that are run or compared, so that they stay true.

use std::collections::BTreeSet;
use std::fs;

use sspr::plan::SERVICE_CHANGES;
use sspr::sandbox::Seed;
use sspr::tenant::{Method, SETTINGS};

use crate::common::{Scene, repository};

#[test]
fn every_example_loads_and_plans_on_every_seed() {
    let mut names: Vec<String> = fs::read_dir(repository("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for seed in Seed::ALL {
        for name in &names {
            let scene = Scene::new().example(name);
            let _ = scene.run(&["sandbox", "reset", "--seed", seed.word()]).code(0);
            let shown = scene.run(&[
                "plan",
                "--sandbox",
                "--allow-all-users",
                "--allow-raising-required",
                "--allow-stranding",
            ]);
            assert_eq!(shown.code, 0, "{name} on {}\n{shown}", seed.word());
        }
    }
}

#[test]
fn the_reference_example_has_every_key_and_every_method() {
    let reference = fs::read_to_string(repository("examples/reference.yaml")).unwrap();
    let spec = sspr::spec::load("reference.yaml", reference.as_bytes()).unwrap();
    for setting in SETTINGS.iter().filter(|setting| setting.key != "scope") {
        assert!(spec.value(setting.key).is_some(), "{} is missing", setting.key);
        assert!(
            reference.contains(setting.label),
            "the portal's label of {} is missing: {}",
            setting.key,
            setting.label
        );
    }
    for method in Method::ALL {
        assert!(reference.contains(method.word()), "{} is not mentioned", method.word());
    }
}

/// The README's first command, on a fresh machine, is `cargo run -- ARGS`; the same ARGS run here.
#[test]
fn the_readmes_two_commands_are_what_is_tested() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let command = "cargo run -- apply examples/pilot.yaml --sandbox --yes";
    assert!(readme.contains(&format!("\n{command}\n")), "the README no longer says `{command}`");
    assert!(readme.contains("\ncargo test\n"));
    let scene = Scene::new();
    fs::create_dir(scene.path().join("examples")).unwrap();
    fs::copy(repository("examples/pilot.yaml"), scene.path().join("examples/pilot.yaml")).unwrap();
    let args: Vec<&str> = command.split_whitespace().skip(3).collect();
    let shown = scene.run(&args).code(0);
    assert!(shown.stdout.contains("the tenant matches examples/pilot.yaml"), "{shown}");
    assert!(shown.stdout.contains("Baseline: "), "{shown}");
}

/// The `console` blocks of the documents are run, and their output compared.
#[test]
fn console_blocks_show_what_happens() {
    let scene = Scene::new();
    trycmd::TestCases::new()
        .env("SSPR_STATE_DIR", scene.state_dir().display().to_string())
        .env("NO_COLOR", "1")
        .case(repository("README.md"))
        .case(repository("docs/*.md"));
}

#[test]
fn every_finding_has_a_section() {
    let page = fs::read_to_string(repository("docs/findings.md")).unwrap();
    let sections: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    let mut codes: BTreeSet<String> = SERVICE_CHANGES.iter().map(|change| change.code.to_owned()).collect();
    for file in fs::read_dir(repository("src/plan")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let starts =
            text.split("code: \"").skip(1).chain(text.split("finding(").skip(1).filter_map(|rest| {
                // A call; its first argument is the code.
                rest.trim_start().strip_prefix('"')
            }));
        codes.extend(starts.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    let codes: BTreeSet<&str> = codes.iter().map(String::as_str).collect();
    assert_eq!(sections, codes, "docs/findings.md and the code disagree");
}

#[test]
fn the_exit_codes_are_documented_as_they_are() {
    let page = fs::read_to_string(repository("docs/exit-codes.md")).unwrap();
    let source = fs::read_to_string(repository("src/error.rs")).unwrap();
    let codes = source
        .lines()
        .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse::<u8>().ok());
    let documented: Vec<u8> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()?.parse().ok()).collect();
    assert_eq!(documented, codes.collect::<Vec<_>>());
}

#[test]
fn every_key_is_in_the_spec_reference() {
    let page = fs::read_to_string(repository("docs/spec.md")).unwrap();
    for key in SETTINGS.iter().map(|setting| setting.key).chain(["version", "tenant"]) {
        assert!(page.contains(&format!("## `{key}`")), "{key} has no section in docs/spec.md");
    }
}

#[test]
fn every_test_the_threat_model_names_exists() {
    let page = fs::read_to_string(repository("docs/threat-model.md")).unwrap();
    let mut code = String::new();
    for folder in ["src", "tests"] {
        for file in super::tidy::rust_files(&repository(folder)) {
            code += &fs::read_to_string(file).unwrap();
        }
    }
    let named: Vec<&str> =
        page.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() >= 3).collect();
    assert!(named.len() > 15, "{named:?}");
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "docs/threat-model.md names {name}, which is no test");
    }
}
