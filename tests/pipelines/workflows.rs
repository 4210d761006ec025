//! The workflows and example pipelines: every command in them is one this program takes, and what they build on is
//! pinned.

use std::fs;
use std::path::PathBuf;

use crate::common::{Scene, repository};

fn files(folder: &str, suffix: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(repository(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(suffix))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "nothing in {folder}");
    files
}

/// The arguments of each `sspr …` line, up to where the shell takes over.
fn commands(text: &str) -> Vec<Vec<String>> {
    let starts = ["sspr ", "run: sspr ", "- run: sspr ", "inlineScript: sspr ", "\"$binary\" "];
    let arguments = |line: &str| {
        let line = line.trim();
        let rest = starts.iter().find_map(|start| line.strip_prefix(start))?;
        let words = rest.split_whitespace().take_while(|word| !["|", "||", ">", ">>", "2>"].contains(word));
        let known = |word: &str| {
            let word = word.trim_matches('"');
            // What the shell puts in is a file, a shell's name or a part of a fleet here.
            match word {
                "$shell" => "bash".to_owned(),
                "$SHARD" => "1/8".to_owned(),
                word => word.replace('$', "x"),
            }
        };
        // An array of arguments is looked at where it is made.
        Some(words.filter(|word| !word.starts_with("\"${")).map(known).collect())
    };
    text.lines().filter_map(arguments).collect()
}

#[test]
fn every_command_in_them_is_understood() {
    let mut seen = 0;
    let scene = Scene::new();
    for file in [
        files("examples/github", ".yml"),
        files("examples/azure-pipelines", ".yml"),
        vec![repository(".ci/bundle")],
    ]
    .concat()
    {
        for mut arguments in commands(&fs::read_to_string(&file).unwrap()) {
            // Everything before it has been understood when help is given.
            arguments.push("--help".to_owned());
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let shown = scene.run(&arguments);
            assert_eq!(shown.code, 0, "{}: {arguments:?}\n{shown}", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 7, "only {seen} commands were found");
}

#[test]
fn what_they_use_is_pinned_to_a_commit() {
    let workflows = [
        files(".github/workflows", ".yml"),
        files("examples/github", ".yml"),
        files(".github/actions/sspr", ".yml"),
    ];
    for file in workflows.concat() {
        let text = fs::read_to_string(&file).unwrap();
        for used in
            text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
        {
            let (action, comment) = used.split_once(" # ").unwrap_or((used, ""));
            let commit = action.split_once('@').map_or("", |(_, commit)| commit);
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && !comment.is_empty(), "{}: {used}", file.display());
        }
    }
}
