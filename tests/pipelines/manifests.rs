//! What package managers install a release by: every address, name and checksum is that of an archive.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use sspr::digest::sha256;
use tempfile::TempDir;

use crate::common::repository;

const ADDRESS: &str = "https://github.com/contoso/sspr";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

/// Archives as the release workflow makes them, each with other bytes in it, and their checksums.
struct Release {
    folder: TempDir,
    /// By the address each is published at.
    archives: BTreeMap<String, String>,
}

impl Release {
    fn new() -> Self {
        let (folder, mut archives, mut sums) = (tempfile::tempdir().unwrap(), BTreeMap::new(), String::new());
        for target in targets() {
            let name = format!("sspr-1.2.3-{target}.{}", if target == WINDOWS { "zip" } else { "tar.gz" });
            let sum = sha256(target.as_bytes()).trim_start_matches("sha256:").to_owned();
            sums += &format!("{sum}  {name}\n");
            archives.insert(format!("{ADDRESS}/releases/download/v1.2.3/{name}"), sum);
        }
        fs::write(folder.path().join("SHA256SUMS"), sums).unwrap();
        Self { folder, archives }
    }

    fn write(&self) -> Output {
        let mut script = Command::new("bash");
        script.arg(repository(".ci/package-manifests")).args([ADDRESS, "1.2.3"]).arg(self.folder.path());
        script.arg(self.path("into")).output().unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("into").join(name)).unwrap()
    }
}

/// The targets that the release workflow builds.
fn targets() -> Vec<String> {
    let workflow = fs::read_to_string(repository(".github/workflows/release.yml")).unwrap();
    let targets = workflow.split("{ target: ").skip(1).map(|rest| rest.split(',').next().unwrap().to_owned());
    let targets: Vec<String> = targets.collect();
    assert!(targets.len() > 4, "{targets:?}");
    targets
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_address_and_checksum_is_that_of_an_archive() {
    let release = Release::new();
    let output = release.write();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let into = release.path("into");
    let winget = ["contoso.sspr.installer.yaml", "contoso.sspr.locale.en-US.yaml", "contoso.sspr.yaml"];
    assert_eq!(names(&into), [&winget[..], &["sspr.json", "sspr.rb"]].concat());
    let mut found = BTreeMap::new();
    let mut is_of_an_archive = |address: &str, sum: &str| {
        assert_eq!(release.archives.get(address), Some(&sum.to_lowercase()), "{address}");
        *found.entry(address.to_owned()).or_insert(0) += 1;
    };

    let [installer, locale, version] = winget.map(|name| {
        let manifest: Value = serde_yaml::from_str(&release.read(name)).unwrap();
        assert_eq!(
            (&manifest["PackageIdentifier"], &manifest["PackageVersion"]),
            (&"contoso.sspr".into(), &"1.2.3".into())
        );
        assert_eq!(manifest["ManifestVersion"], "1.6.0");
        manifest
    });
    assert_eq!(
        (&version["ManifestType"], &version["DefaultLocale"]),
        (&"version".into(), &locale["PackageLocale"])
    );
    assert_eq!(locale["ManifestType"], "defaultLocale");
    for (key, longest) in
        [("Publisher", 256), ("PackageName", 256), ("License", 512), ("ShortDescription", 256)]
    {
        let length = locale[key].as_str().unwrap().len();
        assert!((3..=longest).contains(&length), "{key}: {length}");
    }
    assert_eq!(
        (&installer["ManifestType"], &installer["InstallerType"]),
        (&"installer".into(), &"zip".into())
    );
    assert_eq!(installer["NestedInstallerType"], "portable");
    let inside = &installer["NestedInstallerFiles"][0];
    assert_eq!(inside["RelativeFilePath"], format!(r"sspr-1.2.3-{WINDOWS}\sspr.exe"));
    assert_eq!(inside["PortableCommandAlias"], "sspr");
    let installers = installer["Installers"].as_array().unwrap();
    assert_eq!((installers.len(), &installers[0]["Architecture"]), (1, &"x64".into()));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    is_of_an_archive(&text(&installers[0]["InstallerUrl"]), &text(&installers[0]["InstallerSha256"]));

    let scoop: Value = serde_json::from_str(&release.read("sspr.json")).unwrap();
    assert_eq!(
        (&scoop["version"], &scoop["bin"], &scoop["license"]),
        (&"1.2.3".into(), &"sspr.exe".into(), &"MIT".into())
    );
    let x64 = &scoop["architecture"]["64bit"];
    is_of_an_archive(&text(&x64["url"]), &text(&x64["hash"]));
    assert_eq!(x64["extract_dir"], format!("sspr-1.2.3-{WINDOWS}"));
    // What it makes of a later version, with this version in it.
    let later = &scoop["autoupdate"]["architecture"]["64bit"];
    assert_eq!(text(&later["url"]).replace("$version", "1.2.3"), text(&x64["url"]));
    assert_eq!(text(&later["extract_dir"]).replace("$version", "1.2.3"), text(&x64["extract_dir"]));

    let formula = release.read("sspr.rb");
    let said = |word: &str| -> Vec<String> {
        let lines =
            formula.lines().filter_map(|line| line.trim().strip_prefix(word)?.trim().strip_prefix('"'));
        lines.map(|rest| rest.trim_end_matches('"').to_owned()).collect()
    };
    assert_eq!((said("version"), said("homepage")), (vec!["1.2.3".to_owned()], vec![ADDRESS.to_owned()]));
    assert!(said("desc")[0].len() < 80 && formula.starts_with("class Sspr < Formula\n"), "{formula}");
    let (addresses, sums) = (said("url"), said("sha256"));
    assert_eq!((addresses.len(), sums.len()), (4, 4));
    addresses.iter().zip(&sums).for_each(|(address, sum)| is_of_an_archive(address, sum));
    let order: Vec<&str> = formula.lines().map(str::trim).filter(|line| line.starts_with("on_")).collect();
    assert_eq!(order, ["on_macos do", "on_arm do", "on_intel do", "on_linux do", "on_arm do", "on_intel do"]);
    let order = ["aarch64-apple", "x86_64-apple", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"];
    assert!(addresses.iter().zip(order).all(|(address, target)| address.contains(target)), "{addresses:?}");

    // The one for glibc is for whoever takes it by hand; Windows has two managers.
    let unused = format!("{ADDRESS}/releases/download/v1.2.3/sspr-1.2.3-x86_64-unknown-linux-gnu.tar.gz");
    assert!(
        release.archives.keys().all(|address| found.contains_key(address) != (*address == unused)),
        "{found:?}"
    );
}

#[test]
fn nothing_is_written_where_an_archive_has_no_checksum() {
    for target in targets().iter().filter(|target| *target != "x86_64-unknown-linux-gnu") {
        let release = Release::new();
        let sums = fs::read_to_string(release.path("SHA256SUMS")).unwrap();
        let without: Vec<&str> = sums.lines().filter(|line| !line.contains(target.as_str())).collect();
        fs::write(release.path("SHA256SUMS"), without.join("\n")).unwrap();
        let output = release.write();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(target.as_str()), "{told}");
        assert!(!release.path("into").exists(), "{target}");
    }
}

/// `cargo binstall` looks where the release workflow puts the archives.
#[test]
fn the_packages_own_words_lead_to_the_archives() {
    let manifest = fs::read_to_string(repository("Cargo.toml")).unwrap();
    let section = |name: &str| {
        let rest = manifest.split(&format!("\n[package.metadata.binstall{name}]\n")).nth(1).unwrap();
        let lines = rest.lines().take_while(|line| !line.starts_with('[') && !line.is_empty());
        let said = lines.filter_map(|line| line.split_once(" = "));
        said.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    let release = Release::new();
    for target in targets() {
        let mut said = section("");
        if target == WINDOWS {
            said.extend(section(&format!(".overrides.{WINDOWS}")));
        }
        let filled = |key: &str| {
            let words = [
                ("repo", ADDRESS),
                ("version", "1.2.3"),
                ("target", &target),
                ("binary-ext", if target == WINDOWS { ".exe" } else { "" }),
            ];
            words
                .iter()
                .fold(said[key].clone(), |text, (word, value)| text.replace(&format!("{{ {word} }}"), value))
        };
        let address = filled("pkg-url");
        assert!(release.archives.contains_key(&address), "{address}");
        let end = if said["pkg-fmt"] == "tgz" { ".tar.gz" } else { ".zip" };
        assert!(address.ends_with(end), "{address}");
        let program = if target == WINDOWS { "sspr.exe" } else { "sspr" };
        assert_eq!(filled("bin-dir"), format!("sspr-1.2.3-{target}/{program}"));
    }
}
