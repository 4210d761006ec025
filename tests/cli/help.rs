//! What every command says of itself, on any terminal.

use std::collections::BTreeMap;

use crate::common::{Scene, repository};

/// Returns every command's help by its words; the program's own under none.
fn all(columns: u16) -> BTreeMap<Vec<String>, String> {
    let scene = Scene::new().env("COLUMNS", &columns.to_string());
    let mut helps = BTreeMap::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        let output = scene.program(&args).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{words:?}");
        let help = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
        if columns >= 80 {
            open.extend(subcommands(&help).into_iter().map(|name| [words.clone(), vec![name]].concat()));
        }
        helps.insert(words, help);
    }
    helps
}

/// Returns the commands a help lists, above its options.
pub(super) fn subcommands(help: &str) -> Vec<String> {
    let list = help.split_once("\nOptions:").map_or(help, |(list, _)| list);
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split_once("  "));
    let names =
        names.map(|(name, _)| name.trim()).filter(|name| name.chars().all(|c| c.is_ascii_lowercase()));
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

/// `SNAPSHOTS=overwrite cargo test every_commands_help` writes the page anew; read what changed.
#[test]
fn every_commands_help_is_on_one_page() {
    let mut page =
        "# Commands\n\nWhat `--help` says, command by command. The options of `sspr` itself are those of \
                    every command, and said once.\n"
            .to_owned();
    let helps = all(100);
    let shared = |help: &str| {
        let from = help.find("\nRun:\n").unwrap() + 1;
        let upto = help.find("\nExamples:\n").unwrap() + 1;
        (help[..from].to_owned(), help[from..upto].to_owned(), help[upto..].to_owned())
    };
    let of_all = shared(&helps[&Vec::new()]).1;
    for (words, help) in helps {
        let (own, options, examples) = shared(&help);
        assert_eq!(options, of_all, "{words:?}");
        let help = if words.is_empty() { help } else { own + &examples };
        let name = [vec!["sspr".to_owned()], words].concat().join(" ");
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    }
    let path = repository("docs/commands.md");
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&path, None));
}

#[test]
fn every_command_shows_how_it_is_used() {
    let helps = all(100);
    assert!(helps.len() > 12, "{:?}", helps.keys());
    for (words, help) in helps {
        assert!(help.contains("\nExamples:\n"), "{words:?} has no example\n{help}");
        assert!(
            !help.contains('→') && help.is_ascii(),
            "{words:?}: help is ASCII, for any code page\n{help}"
        );
    }
}

#[test]
fn help_fits_terminals_from_40_to_200_columns() {
    let names: Vec<Vec<String>> = all(100).into_keys().collect();
    for columns in [40, 80, 200] {
        let scene = Scene::new().env("COLUMNS", &columns.to_string());
        for words in &names {
            for flag in ["--help", "-h"] {
                let args: Vec<&str> = words.iter().map(String::as_str).chain([flag]).collect();
                let help = String::from_utf8(scene.program(&args).output().unwrap().stdout).unwrap();
                for line in help.lines() {
                    // A word that is longer than the line cannot be broken, and clap keeps the usage in one line.
                    let is_whole = line.trim().split(' ').count() == 1 || line.starts_with("Usage: ");
                    assert!(line.chars().count() <= columns || is_whole, "{words:?} at {columns}: {line}");
                }
            }
        }
    }
}
