//! Documents that are run or compared, so that they stay true.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sspr::plan::SERVICE_CHANGES;
use sspr::sandbox::{Sandbox, Seed, TenantState};
use sspr::tenant::{Method, SETTINGS};

use crate::common::{Scene, repository};

#[test]
fn every_example_loads_and_plans_on_every_seed() {
    let mut names: Vec<String> = fs::read_dir(repository("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") && name != "fleet.yaml")
        .collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    for seed in Seed::ALL {
        for name in &names {
            let scene = Scene::new().example(name);
            let _ = scene.run(&["sandbox", "reset", "--seed", seed.as_str()]).code(0);
            let shown = scene.run(&[
                "plan",
                "--format",
                "json",
                "--sandbox",
                "--allow-all-users",
                "--allow-raising-required",
                "--allow-lockout",
            ]);
            assert_eq!(shown.code, 0, "{name} on {}\n{shown}", seed.as_str());
            let plan: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
            findings_are_sentences(&plan["findings"]);
        }
    }
}

/// What is the case is shown with a full stop of the report's; what to do is sentences, or ends with an address.
fn findings_are_sentences(findings: &serde_json::Value) {
    for finding in findings.as_array().unwrap() {
        let word = |name: &str| finding[name].as_str().unwrap().to_owned();
        let (message, help) = (word("message"), word("help"));
        assert!(!message.ends_with('.') && !message.starts_with(char::is_lowercase), "{finding}");
        let last = help.split(' ').next_back().unwrap();
        assert!(help.ends_with('.') || last.starts_with("https://"), "{finding}");
    }
}

#[test]
fn the_reference_example_has_every_key_and_every_method() {
    let reference = fs::read_to_string(repository("examples/reference.yaml")).unwrap();
    let spec = sspr::spec_file::load("reference.yaml", reference.as_bytes()).unwrap();
    for setting in SETTINGS.iter().filter(|setting| setting.key != "scope") {
        assert!(spec.value(setting.key).is_some(), "{} is missing", setting.key);
        assert!(
            reference.contains(setting.label),
            "the portal's label of {} is missing: {}",
            setting.key,
            setting.label
        );
    }
    let rollout = spec.rollout().expect("rollout is missing");
    assert!(
        rollout.rings.iter().any(|ring| {
            [ring.after.ready, ring.after.days, ring.after.resets].iter().all(Option::is_some)
        })
    );
    assert!(!spec.accepted().is_empty(), "accept is missing");
    for method in Method::ALL {
        assert!(reference.contains(method.as_str()), "{} is not mentioned", method.as_str());
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
    assert!(shown.stdout.contains("Contoso matches examples/pilot.yaml"), "{shown}");
    assert!(shown.stdout.contains("Record: "), "{shown}");
}

/// What the README types on a real tenant works with the scopes that `az login` gives.
#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_lines_for_a_tenant_work_with_what_the_azure_cli_has() {
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let section = readme.split("\n## On your tenant\n").nth(1).unwrap();
    let lines: Vec<&str> = section.split("```").nth(1).unwrap().lines().collect();
    assert!(lines.contains(&"az login --tenant contoso.onmicrosoft.com"), "{lines:?}");
    // `sspr init` asks its questions on a terminal: another test answers them.
    let plan = lines.iter().find_map(|line| line.strip_prefix("sspr plan ")).unwrap();
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Migrated)).await.unwrap();
    let scene =
        Scene::against(&sandbox).example("pilot.yaml").env("SSPR_GRAPH_TOKEN", sandbox.azure_cli_token());
    let args: Vec<&str> = ["plan"].into_iter().chain(plan.split(' ')).collect();
    let shown = scene.run(&args).code(0);
    assert!(shown.stdout.contains("Nothing was written."), "{shown}");
}

/// The README and the documents.
pub(super) fn pages() -> Vec<PathBuf> {
    let pages = fs::read_dir(repository("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.chain([repository("README.md")]).collect()
}

/// What the documents link to in the repository is there, down to the heading.
#[test]
fn every_link_leads_somewhere() {
    let anchor = |heading: &str| -> String {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    let mut count = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let ends = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in ends.filter(|link| !link.contains("://") && !link.contains(char::is_whitespace)) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            if !heading.is_empty() {
                let target = fs::read_to_string(&target).unwrap();
                let headings = target.lines().filter(|line| line.starts_with('#'));
                let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#').trim()));
                assert!(anchors.any(|anchor| anchor == heading), "{}: {link}", page.display());
            }
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
}

/// Most administrators have PowerShell: what sets a variable for a shell of Unix is followed by the same for theirs.
#[test]
fn every_export_has_a_twin_for_powershell() {
    let mut count = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let blocks: Vec<&str> = text.split("\n```").skip(1).step_by(2).collect();
        for (at, block) in blocks.iter().enumerate() {
            let exports = block.lines().filter_map(|line| line.strip_prefix("export "));
            let set = exports.flat_map(|line| line.split(' ').filter_map(|word| word.split_once('=')));
            for (name, value) in set {
                let twin =
                    blocks.get(at + 1).filter(|block| block.starts_with("powershell\n")).unwrap_or(&"");
                let line = format!("$env:{name} = '{value}'");
                assert!(twin.contains(&line), "{}: no {line} below the export", page.display());
                count += 1;
            }
        }
    }
    assert!(count >= 3, "{count}");
}

#[test]
fn every_variable_of_ours_is_explained() {
    let page = fs::read_to_string(repository("docs/environment.md")).unwrap();
    let mut names = BTreeSet::new();
    for file in super::tidy::rust_files(&repository("src")) {
        let text = fs::read_to_string(file).unwrap();
        let words = text.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        names.extend(words.filter(|word| word.len() > 5 && word.starts_with("SSPR_")).map(str::to_owned));
    }
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/environment.md does not explain {name}");
    }
}

#[test]
fn every_finding_has_a_section() {
    let page = fs::read_to_string(repository("docs/findings.md")).unwrap();
    let sections: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    let mut codes: BTreeSet<String> = SERVICE_CHANGES.iter().map(|change| change.code.to_owned()).collect();
    for file in super::tidy::rust_files(&repository("src/plan")) {
        let text = fs::read_to_string(file).unwrap();
        // A call; its first argument is the code.
        let calls = text.split("finding(").skip(1).chain(text.split("Finding::new(").skip(1));
        let starts = calls.filter_map(|rest| rest.trim_start().strip_prefix('"'));
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
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    // Named, because on Windows a crate below can make bytes of more than bytes.
    let documented: Vec<u8> = cells.filter_map(|cell| cell.parse::<u8>().ok()).collect();
    assert_eq!(documented, codes.collect::<Vec<_>>());
}

#[test]
fn every_key_is_in_the_spec_reference() {
    let page = fs::read_to_string(repository("docs/spec.md")).unwrap();
    for key in SETTINGS.iter().map(|setting| setting.key).chain(["version", "tenant", "accept"]) {
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

/// Every message an error can begin with has its words on the page: the longest part of it that is the same each time.
#[test]
fn every_error_has_an_entry() {
    let page = fs::read_to_string(repository("docs/troubleshooting.md")).unwrap().replace('`', "");
    let (mut looked_at, mut missing) = (0, BTreeSet::new());
    for file in super::tidy::rust_files(&repository("src")) {
        if file.strip_prefix(repository("src")).unwrap().starts_with("sandbox") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for message in messages(code) {
            reads_as_part_of_a_sentence(&file, &message);
            let Some(words) = steady_words(&message) else { continue };
            looked_at += 1;
            if !page.contains(&words) {
                missing.insert(format!("{}: {words}", file.display()));
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
    assert!(missing.is_empty(), "docs/troubleshooting.md says nothing of\n{missing:#?}");
}

/// Errors stand behind one another with a colon between: none begins or ends a sentence, and all use the same words.
fn reads_as_part_of_a_sentence(file: &std::path::Path, message: &str) {
    let place = file.display();
    let first = message.chars().find(|letter| letter.is_alphabetic()).unwrap_or('x');
    let is_name = ["HTTP", "Ctrl", "SSPR", "Graph"].iter().any(|name| message.starts_with(name));
    assert!(first.is_lowercase() || is_name, "{place}: begins like a sentence: {message}");
    assert!(!message.ends_with(['.', '!']), "{place}: ends like a sentence: {message}");
    for word in ["can't", "don't", "couldn't", "please", "Please", "admin center", "log in", "login", "oops"]
    {
        assert!(!message.contains(word), "{place}: says {word}: {message}");
    }
}

/// The texts that code makes errors of.
fn messages(code: &str) -> Vec<String> {
    let mut messages = Vec::new();
    for start in ["#[error(", "anyhow!(", ".context(", ".with_context(|| format!("] {
        for rest in code.split(start).skip(1) {
            let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
            let mut message = String::new();
            let mut letters = literal.chars();
            while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                match letter {
                    '\\' => message.extend(letters.next().filter(|letter| *letter != '\n')),
                    _ => message.push(letter),
                }
            }
            messages.push(message.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    messages
}

/// Returns the longest part of a message between its placeholders; `None` where there is hardly any.
fn steady_words(message: &str) -> Option<String> {
    let parts = message.split('{').map(|part| match part.split_once('}') {
        // What sticks to a placeholder is half a word.
        Some((_, rest)) => rest.trim_start_matches(char::is_alphanumeric),
        None => part,
    });
    let parts = parts.map(|part| part.replace('`', ""));
    let trimmed = parts.map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()).to_owned());
    trimmed.max_by_key(String::len).filter(|words| words.len() > 7)
}
