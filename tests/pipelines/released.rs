//! What `cargo install` and a release get: nothing missing, nothing extra.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::common::repository;

/// Every file of the package, as cargo would pack it.
fn packed() -> BTreeSet<String> {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--locked", "--offline"])
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect()
}

#[test]
fn the_package_has_the_source_the_examples_and_the_papers() {
    let packed = packed();
    let (source, rest): (BTreeSet<_>, BTreeSet<_>) =
        packed.into_iter().partition(|path| path.starts_with("src/"));
    let here = repository("src");
    let mut wanted = BTreeSet::new();
    let mut folders = vec![here.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(&here).unwrap().to_str().unwrap().replace('\\', "/");
                wanted.insert(format!("src/{below}"));
            }
        }
    }
    assert_eq!(source, wanted);
    let (examples, rest): (BTreeSet<_>, BTreeSet<_>) =
        rest.into_iter().partition(|path| path.starts_with("examples/"));
    assert!(examples.contains("examples/pilot.yaml"));
    let is_read = |path: &String| path.ends_with(".yaml") || path == "examples/pilot.schema.json";
    assert!(examples.iter().all(is_read), "{examples:?}");
    let rest: Vec<&str> =
        rest.iter().map(String::as_str).filter(|path| !path.starts_with(".cargo_vcs")).collect();
    assert_eq!(rest, ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "LICENSE", "README.md"]);
}

#[test]
fn the_changelog_has_this_version() {
    let changelog = fs::read_to_string(repository("CHANGELOG.md")).unwrap();
    let heading = format!("\n## [{}] - ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.contains(&heading), "CHANGELOG.md has no section for {}", env!("CARGO_PKG_VERSION"));
    assert!(changelog.contains("\n## [Unreleased]\n"));
}

#[cfg(unix)]
#[test]
fn a_release_says_what_its_section_says_and_fails_without_one() {
    let notes = |version: &str| {
        Command::new("bash").arg(repository(".ci/release-notes")).arg(version).output().unwrap()
    };
    let said = notes(env!("CARGO_PKG_VERSION"));
    assert!(said.status.success());
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("### Added") && !said.contains("## ["), "{said}");
    assert!(!notes("99.0.0").status.success());
}
