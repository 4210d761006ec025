//! The `console` blocks of the documents are run, each document on a tenant of its own, and show what they show. A `yaml`
//! block that begins with a file's name is that file, and a `diff` block changes `pilot.yaml`.
//!
//! `SNAPSHOTS=overwrite cargo test console` writes into the documents what is no longer so; read what changed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;

use snapbox::Data;
use snapbox::data::DataFormat;
use snapbox::filter::NormalizeToExpected;

use super::documents::pages;
use crate::common::{Scene, TODAY, repository};

/// Where records are on Linux, where nothing else is said.
const STATE: &str = "~/.local/state/sspr";

#[test]
fn console_blocks_show_what_happens() {
    let mut count = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let (scene, mut runs) = (Scene::new(), Vec::new());
        fs::create_dir(scene.path().join("examples")).unwrap();
        for name in ["pilot.yaml", "everyone.yaml"] {
            fs::copy(repository("examples").join(name), scene.path().join("examples").join(name)).unwrap();
        }
        let mut today = TODAY;
        let write = |language: &str, block: &str| edit(&scene, language, block);
        let replayed = replay(&page, write, |command| {
            count += 1;
            let shown = shown(&scene, command, today);
            if let Some(days) = command.strip_prefix("sspr sandbox act wait --days ") {
                today = today.saturating_add(jiff::Span::new().days(days.parse::<i64>().unwrap()));
            }
            readable(&shown, &scene, &mut runs)
        });
        snapbox::assert_data_eq!(replayed, Data::read_from(&path, Some(DataFormat::Text)).raw());
    }
    assert!(count > 12, "{count}");
}

/// What the documents tell someone to type in a shell of a real tenant is nothing that is unknown: run with `--help`
/// behind it, it is read and not done.
#[test]
fn lines_to_type_are_commands_and_flags_that_there_are() {
    let mut lines = BTreeSet::new();
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for block in page.split("\n```").skip(1).step_by(2) {
            let Some((language, text)) = block.split_once('\n') else { continue };
            let is_shell = ["sh", "powershell", "console"].contains(&language.trim());
            lines.extend(
                text.lines()
                    .map(|line| line.trim().trim_start_matches("$ "))
                    .filter(|line| is_shell && line.starts_with("sspr "))
                    // Without a comment, and without what the shell does with the output.
                    .map(|line| line.split(['#', '>', '|']).next().unwrap_or_default().trim().to_owned()),
            );
        }
    }
    assert!(lines.len() > 30, "{lines:?}");
    let scene = Scene::new();
    for line in lines {
        let args = words(&line);
        let args: Vec<&str> = args.iter().map(String::as_str).skip(1).chain(["--help"]).collect();
        let output = scene.program(&args).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Returns a page with what its commands show now. Where that is what the page says, but for what it leaves out
/// (`...`, `[..]`), it is as it was.
fn replay(page: &str, write: impl Fn(&str, &str), mut run: impl FnMut(&str) -> String) -> String {
    let mut replayed = String::new();
    let (mut language, mut block) = ("", String::new());
    let mut lines = page.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        replayed += line;
        match line.trim().strip_prefix("```") {
            Some(next) => {
                write(language, &block);
                (language, block) = (next, String::new());
            }
            None => block += line,
        }
        let is_console = language == "console";
        let indent = &line[..line.len() - line.trim_start().len()];
        let begins = |line: &str, with: &str| line.trim_start().starts_with(with);
        let Some(command) = line.trim_start().strip_prefix("$ ").filter(|_| is_console) else { continue };
        let mut written = String::new();
        while let Some(line) = lines.next_if(|line| !begins(line, "$ ") && !begins(line, "```")) {
            written += line.strip_prefix(indent).unwrap_or(line);
        }
        let shown = Data::text(run(command.trim()).trim_end());
        let written = Data::text(written.trim_end());
        for line in NormalizeToExpected::new().redact().normalize(shown, &written).to_string().lines() {
            replayed += format!("{indent}{line}").trim_end();
            replayed += "\n";
        }
        if lines.peek().is_some_and(|line| begins(line, "$ ")) {
            replayed += "\n";
        }
    }
    replayed
}

/// Does to the files what a block shows: a `yaml` block that begins with a name, and a `diff` of `pilot.yaml`.
fn edit(scene: &Scene, language: &str, block: &str) {
    let name = block.lines().next().and_then(|line| line.strip_prefix("# ")?.strip_suffix(".yaml"));
    if let ("yaml", Some(name)) = (language, name.filter(|name| !name.contains([' ', '/']))) {
        fs::write(scene.path().join(format!("{name}.yaml")), block).unwrap();
    }
    if language == "diff" {
        let part = |sign: char| -> String {
            block.lines().filter_map(|line| line.strip_prefix(sign)).map(|line| format!("{line}\n")).collect()
        };
        let (path, from) = (scene.path().join("pilot.yaml"), part('-'));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.matches(&from).count() == 1, "{from} is not once in\n{text}");
        fs::write(path, text.replace(&from, &part('+'))).unwrap();
    }
}

/// Returns the words of a line, those between single quotes as one.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for letter in line.trim().chars() {
        match (letter, words.last_mut()) {
            ('\'', _) => is_quoted = !is_quoted,
            (' ', _) if !is_quoted => words.push(String::new()),
            (letter, Some(word)) => word.push(letter),
            (_, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns what someone at a shell sees of a command: both streams, and the exit code where it is not 0.
fn shown(scene: &Scene, command: &str, today: jiff::civil::Date) -> String {
    let args = words(command.strip_prefix("sspr ").unwrap_or_else(|| panic!("{command}")));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (mut both, stdout) = std::io::pipe().unwrap();
    let stderr = stdout.try_clone().unwrap();
    let today = today.to_string();
    let mut program = scene.program(&args);
    let mut process = program.args(["--today", &today]).stdout(stdout).stderr(stderr).spawn().unwrap();
    // Its own ends of the pipe.
    drop(program);
    let mut shown = String::new();
    both.read_to_string(&mut shown).unwrap();
    let code = process.wait().unwrap().code();
    match code {
        Some(0) => shown,
        code => format!("{shown}? {}\n", code.unwrap_or(-1)),
    }
}

/// Puts a reader's own folder, and a day of November, in place of what is another in each run of the tests.
fn readable(shown: &str, scene: &Scene, runs: &mut Vec<String>) -> String {
    let state = scene.state_dir().display().to_string();
    let mut readable = String::new();
    for word in shown.split_inclusive(char::is_whitespace) {
        let word = match word.split_once(&state) {
            Some((before, path)) => format!("{before}{STATE}{}", path.replace('\\', "/")),
            None => word.to_owned(),
        };
        let mut parts = word.split_inclusive(|c: char| c.is_whitespace() || "/,.`".contains(c));
        readable.extend(parts.by_ref().map(|part| name_run(part, runs)));
    }
    readable
}

/// Replaces the name of a run (`20261122T225641Z-000000`): the first of a page began at 20:14, the next a minute later.
fn name_run(part: &str, runs: &mut Vec<String>) -> String {
    let name = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.len() != 23 || name.as_bytes()[8] != b'T' || name.as_bytes()[15] != b'Z' {
        return part.to_owned();
    }
    let at = runs.iter().position(|run| run == name).unwrap_or_else(|| {
        runs.push(name.to_owned());
        runs.len() - 1
    });
    part.replace(name, &format!("20261125T20{}02Z-000000", 14 + at))
}
