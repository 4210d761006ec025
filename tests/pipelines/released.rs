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
    let is_read = |path: &String| path.ends_with(".yaml") || path.ends_with(".schema.json");
    assert!(examples.iter().all(is_read), "{examples:?}");
    let rest: Vec<&str> =
        rest.iter().map(String::as_str).filter(|path| !path.starts_with(".cargo_vcs")).collect();
    // What `sspr explain` prints is built in.
    let built_in = "docs/findings.md";
    let papers =
        ["CHANGELOG.md", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "LICENSE", "README.md", built_in];
    assert_eq!(rest, papers);
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

/// Whoever reads the documents in an archive finds there what they lead to.
#[cfg(unix)]
fn every_link_leads_to_something(inside: &BTreeSet<&str>) {
    let mut count = 0;
    for page in inside.iter().filter(|path| path.ends_with(".md")) {
        let text = fs::read_to_string(repository(page)).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = match link.strip_prefix("../") {
                Some(above) => above.to_owned(),
                None if folder.is_empty() => link.to_owned(),
                None => format!("{folder}/{link}"),
            };
            assert!(inside.contains(path.as_str()), "{page} leads to {link}, which is not in the archive");
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// The archive of a release, with a stand-in that is quickly packed for the program.
#[cfg(unix)]
#[test]
fn a_release_has_completions_documents_and_examples() {
    let (built, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = assert_cmd::cargo::cargo_bin!("sspr").display();
    let stand_in = built.path().join("sspr");
    crate::common::executable(&stand_in, format!("#!/bin/sh\nexec '{program}' \"$@\"\n"));
    let bundle = |target: &str| {
        let mut bundle = Command::new("bash");
        bundle.arg(repository(".ci/bundle")).arg(target).arg(built.path()).arg(into.path()).output().unwrap()
    };
    let packed = bundle("x86_64-unknown-linux-gnu");
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let archive = fs::read_dir(into.path()).unwrap().next().unwrap().unwrap().path();
    let listed = Command::new("tar").arg("-tzf").arg(archive).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let below = listed.lines().filter_map(|line| line.split_once("/completions/").map(|(_, file)| file));
    let files: BTreeSet<&str> = below.filter(|file| !file.is_empty()).collect();
    assert_eq!(files, BTreeSet::from(["_sspr", "sspr.bash", "sspr.elv", "sspr.fish", "sspr.ps1"]));
    let inside: BTreeSet<&str> =
        listed.lines().filter_map(|line| line.split_once('/').map(|(_, path)| path)).collect();
    assert!(
        inside.contains("sspr") && inside.contains("man/sspr.1") && inside.contains("LICENSE"),
        "{inside:?}"
    );
    every_link_leads_to_something(&inside);
    // A program that asks for a library which a fresh Windows has not.
    fs::write(built.path().join("sspr.exe"), b"MZ\0KERNEL32.dll\0VCRUNTIME140.dll\0").unwrap();
    let refused = bundle("x86_64-pc-windows-msvc");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("+crt-static"), "{said}");
}
