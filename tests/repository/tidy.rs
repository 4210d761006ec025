//! Directions: which module may name what. A wrong import fails here before it becomes a habit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::repository;

/// Modules that know no HTTP, clock, file, environment or terminal.
const PURE: [&str; 12] = [
    "text",
    "digest",
    "ids",
    "finding_docs",
    "tenant",
    "evidence",
    "people",
    "spec_file",
    "diff",
    "plan",
    "outcome",
    "render",
];

/// What a pure module must not name.
const EDGES: [&str; 14] = [
    "reqwest",
    "tokio",
    "axum",
    "azure_",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::io",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "anstream",
    "tracing",
];

/// Our modules a pure module must not name.
const IMPURE_MODULES: [&str; 5] =
    ["crate::client", "crate::store", "crate::app", "crate::cli", "crate::sandbox"];

pub(super) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The files of a module: `src/NAME.rs`, or all below `src/NAME/`.
fn module(name: &str) -> Vec<PathBuf> {
    let file = repository("src").join(format!("{name}.rs"));
    if file.exists() { vec![file] } else { rust_files(&repository("src").join(name)) }
}

/// The code of a file without its comments and its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn assert_names_none(files: &[PathBuf], banned: &[&str], why: &str) {
    assert!(!files.is_empty(), "no files to look at: {why}");
    for path in files {
        let code = code(path);
        for word in banned {
            let line = code.lines().find(|line| line.contains(word));
            assert!(
                line.is_none(),
                "{} names {word}: {why}\n  {}",
                path.display(),
                line.unwrap_or_default().trim()
            );
        }
    }
}

#[test]
fn pure_modules_name_no_edge() {
    for name in PURE {
        assert_names_none(&module(name), &EDGES, "this module is pure");
        assert_names_none(&module(name), &IMPURE_MODULES, "this module is pure");
    }
}

/// The modules as `lib.rs` lists them.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string(repository("src/lib.rs")).unwrap();
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The words between backticks of a text.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_map_shows_what_each_module_knows() {
    let page = fs::read_to_string(repository("docs/architecture.md")).unwrap();
    let mut drawn = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').collect();
        drawn.extend(quoted(cells[1]).into_iter().map(|module| (module, quoted(cells[3]))));
    }
    let modules = modules();
    let mut built: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for own in &modules {
        let code: String = module(own).iter().map(|path| code(path)).collect();
        let names = |other: &str, end: &str| code.contains(&format!("crate::{other}{end}"));
        let knows = |other: &&String| *other != own && (names(other, "::") || names(other, ";"));
        built.insert(own.clone(), modules.iter().filter(knows).cloned().collect());
    }
    assert_eq!(drawn, built, "docs/architecture.md and the imports disagree");
    for (at, module) in modules.iter().enumerate() {
        let later = built[module].iter().find(|known| !modules[..at].contains(known));
        assert_eq!(later, None, "{module} comes before it in lib.rs, and must not know it");
    }
}

#[test]
fn the_sandbox_imports_nothing_of_ours() {
    // How a file is saved is no word of either side.
    let ours = modules().into_iter().filter(|module| module != "sandbox" && module != "files");
    let modules: Vec<String> = ours.map(|module| format!("crate::{module}")).collect();
    let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
    assert!(modules.contains(&"crate::client"));
    assert_names_none(&module("sandbox"), &modules, "a wrong field on our side must not cancel itself out");
}

#[test]
fn the_layers_of_the_sandbox_point_one_way() {
    let server = ["super::server", "sandbox::server", "::act::", "::Sandbox", "{Sandbox"];
    let shared_and_up = [&["axum", "tokio", "::http"], server.as_slice()].concat();
    let tenant_and_up = [&["std::fs", "std::net", "::shared"], shared_and_up.as_slice()].concat();
    assert_names_none(&module("sandbox/tenant"), &tenant_and_up, "the pretend tenant knows no HTTP");
    assert_names_none(&module("sandbox/shared"), &shared_and_up, "the shared state knows no routes");
    assert_names_none(&module("sandbox/http"), &server, "the HTTP face does not know who serves it");
}

#[test]
fn planning_is_handed_only_the_reader() {
    assert_names_none(&module("app/observe"), &["Writer", "writer"], "observing must not be able to write");
    for name in ["plan", "people", "report", "read_pilot", "status", "verify", "import", "rings", "roll_out"]
    {
        let file = repository(&format!("src/app/{name}.rs"));
        assert_names_none(&[file], &["writer", "super::write"], "this use case writes nothing");
    }
    assert_names_none(&module("plan"), &["Writer", "Reader"], "planning is done on what was observed");
}

#[test]
fn only_the_console_prints_and_only_one_module_reads_the_environment() {
    assert_names_none(
        &module("app"),
        &["std::env", "io::std", "anstream", "clap"],
        "use cases have no terminal",
    );
    for path in rust_files(&repository("src/cli")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name != "environment.rs" {
            assert_names_none(
                std::slice::from_ref(&path),
                &["std::env", "env::var"],
                "environment.rs reads the environment",
            );
        }
        if name != "result_output.rs" && name != "stderr.rs" {
            assert_names_none(
                &[path],
                &["io::stdout", "io::stderr", "anstream::stdout", "anstream::stderr"],
                "result_output.rs and stderr.rs print",
            );
        }
    }
}

#[test]
fn exit_codes_are_given_by_error_rs_alone() {
    for path in rust_files(&repository("src")) {
        if !path.ends_with("cli/mod.rs") && !path.ends_with("src/main.rs") {
            assert_names_none(
                std::slice::from_ref(&path),
                &["ExitCode", "process::exit"],
                "codes come from error.rs",
            );
        }
    }
}

#[test]
fn no_test_file_is_forgotten() {
    for path in rust_files(&repository("tests")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let parent = path.parent().unwrap();
        let (list, module) = match name {
            "main" => continue,
            "mod" => (parent.parent().unwrap(), parent.file_name().unwrap().to_str().unwrap()),
            _ => (parent, name),
        };
        let list = if list == repository("tests") { list.join("main.rs") } else { list.join("mod.rs") };
        let listed = fs::read_to_string(&list).unwrap();
        assert!(
            listed.contains(&format!("mod {module};")),
            "{} is not listed in {}",
            path.display(),
            list.display()
        );
    }
}

/// Names that say nothing, and words for the two states that have words already.
#[test]
fn one_vocabulary() {
    const BANNED: [&str; 9] = [
        "utils",
        "helper",
        "manager",
        "expected_state",
        "current_state",
        "live_state",
        "old_value",
        "new_value",
        "dry_run",
    ];
    for path in rust_files(&repository("src")) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            !["utils", "helpers", "manager", "common", "misc", "data", "info"].contains(&name.as_str()),
            "{name}"
        );
        let code = code(&path).to_lowercase();
        for word in BANNED {
            assert!(!code.contains(word), "{} says {word}", path.display());
        }
    }
}

#[test]
fn the_entrance_is_small() {
    let main = fs::read_to_string(repository("src/main.rs")).unwrap();
    assert!(main.lines().count() < 30);
}

/// One route of the admin centre sets someone's password, and one option of another is of unknown effect (facts
/// 2026-11 F). What no source names cannot be sent. (`tests/wire/portal_contract.rs` holds that the
/// sandbox has no such route either.)
#[test]
fn nothing_names_the_route_that_resets_a_password_or_the_undocumented_option() {
    for folder in ["src", "benches", "fuzz/fuzz_targets"] {
        for path in rust_files(&repository(folder)) {
            let text = fs::read_to_string(&path).unwrap().to_ascii_lowercase();
            for never in ["resetpasswordby", "bypassmethodcountcheck", "spotlight/enablesspr"] {
                assert!(!text.contains(never), "{} names {never}", path.display());
            }
        }
    }
}
