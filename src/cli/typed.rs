//! The command line as it was typed: what a command that a text names needs to mean the same tenant, file and sign-in.

use clap::{Arg, ArgAction, ArgMatches, Command, parser::ValueSource};

use super::global::OUTPUT;
use super::spec_arguments::SPEC;
use crate::error::Failure;
use crate::outcome::Typed;
use crate::spec_file::Spec;
use crate::text::{commands, shell_word};

/// What says which tenant is meant, and who signs in.
const SESSION: [&str; 5] = [SANDBOX, "auth", "graph_auth", "portal_auth", "cloud"];
/// What else goes on to the next command, where that takes it: which part of a spec or a fleet is meant, what is read in the
/// tenant's place, and the guards that are lifted.
const PART: [&str; 13] = [
    EXCEPT,
    "against",
    "portal_against",
    "tenants",
    "waves",
    "shard",
    "max_failures",
    "graph_only",
    "allow_all_users",
    "allow_raising_required",
    "allow_lockout",
    "allow_early",
    "max_people",
];
const SANDBOX: &str = "sandbox";
const EXCEPT: &str = "keys";
const FILE: &str = "file";
/// Commands whose file is what they write.
const WRITERS: [&str; 2] = ["import", "init"];
/// What a command is given again that had its file from standard input, which was read to its end.
const FROM_STDIN: &str = "FILE";

/// A command line as it was typed.
#[derive(Debug, Default)]
pub(super) struct CommandLine {
    program: Command,
    /// The command, to be typed again.
    pub(super) typed: Typed,
    /// What goes on to other commands: what the program calls it, and how it was typed.
    carried: Vec<(String, String)>,
}

impl CommandLine {
    /// Returns what was understood of a command line.
    pub(super) fn new(program: &Command, matches: &ArgMatches) -> Self {
        let (mut command, mut of, mut names) = (program, matches, Vec::new());
        while let Some((name, inner)) = of.subcommand()
            && let Some(found) = command.find_subcommand(name)
        {
            (command, of) = (found, inner);
            names.push(found.get_name());
        }
        if names.is_empty() {
            return Self::default();
        }
        let mut all: Vec<&Arg> = command.get_arguments().collect();
        all.extend(program.get_arguments().filter(|arg| command.get_arguments().all(|own| own != *arg)));
        let words = |arg: &&Arg| {
            let is_typed = of.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
            let is_shown = arg.get_help_heading() == Some(OUTPUT) || arg.is_hide_set();
            let is_left_out = !is_typed || is_shown || arg.get_id() == FILE;
            (!is_left_out).then(|| (arg.get_id().to_string(), words(arg, of)))
        };
        let typed: Vec<(String, Vec<String>)> = all.iter().filter_map(words).collect();
        let is_carried = |id: &str| SESSION.contains(&id) || PART.contains(&id);
        let carried = typed.iter().filter(|(id, _)| is_carried(id));
        Self {
            carried: carried.map(|(id, words)| (id.clone(), words.join(" "))).collect(),
            typed: Typed {
                command: names.join(" "),
                spec: file_of(of, "spec"),
                file: file_of(of, FILE),
                rest: typed.into_iter().flat_map(|(_, words)| words).collect(),
                takes_except: takes(command, EXCEPT),
            },
            program: program.clone(),
        }
    }

    /// Takes the spec of a saved plan for what other commands are about, with what was left out of the plan.
    pub(super) fn is_about(&mut self, spec: &Spec) {
        self.typed.spec = Some(named_again(spec.path()).to_owned());
        let except: Vec<String> = spec.except().iter().map(|key| format!("--except {key}")).collect();
        self.carried.retain(|(id, _)| id != EXCEPT);
        self.carried.extend((!except.is_empty()).then(|| (EXCEPT.to_owned(), except.join(" "))));
    }

    /// Takes the sandbox for what other commands are about, where a snapshot says so and not a flag: without it they would go
    /// to a real tenant.
    pub(super) fn is_about_sandbox(&mut self) {
        if self.carried.iter().all(|(id, _)| id != SANDBOX) {
            self.carried.push((SANDBOX.to_owned(), format!("--{SANDBOX}")));
        }
    }

    /// Returns a command that a text names with what it needs to mean the same as the one that was typed: its file, the
    /// part of it, the guards that are lifted, the tenant and the sign-in. What it says itself stays.
    pub(super) fn completed(&self, named: &str) -> String {
        let named = &*named.split(' ').map(named_again).collect::<Vec<_>>().join(" ");
        let mut words = named.split(' ').skip(1);
        let name = words.next().unwrap_or_default();
        let Some(mut command) = self.program.find_subcommand(name) else { return named.to_owned() };
        let mut head = format!("sspr {name}");
        if command.has_subcommands() {
            let Some(inner) = words.next().and_then(|inner| command.find_subcommand(inner)) else {
                return named.to_owned();
            };
            head = format!("{head} {}", inner.get_name());
            command = inner;
        }
        let tail = named.strip_prefix(&head).unwrap_or_default();
        let names_own = words.next().is_some_and(|word| !word.starts_with('-'));
        let file = self.typed.file.as_ref().filter(|_| !WRITERS.contains(&&*self.typed.command));
        let spec = self.typed.spec.as_ref().or(file).map(|spec| shell_word(spec));
        let file = spec.as_deref().filter(|spec| !names_own && takes(command, FILE) && *spec != SPEC);
        // In words of a shell, one of which may have spaces.
        let is_this = |spec: &String| {
            let rest = tail.trim_start().strip_prefix(spec.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let is_other = names_own && !spec.as_ref().is_some_and(is_this);
        let more = self.carried.iter().filter(|(id, typed)| {
            let is_said = named.split(' ').any(|word| typed.split(' ').next() == Some(word));
            let is_meant = match SESSION.contains(&id.as_str()) {
                true => takes_session(name, id),
                // Another file has its own: a saved plan what was left out of it.
                false => takes(command, id) && !(is_other && id == EXCEPT),
            };
            is_meant && !is_said
        });
        let file = file.map(|file| format!(" {file}")).unwrap_or_default();
        more.fold(format!("{head}{file}{tail}"), |typed, (_, more)| format!("{typed} {more}"))
    }

    /// Returns what to do after a failure.
    pub(super) fn hints(&self, failure: &Failure) -> Vec<String> {
        let hints = failure.hints_after(&self.typed);
        // Commands stand in a column of their own, what they are for behind it.
        let command = |hint: &str| {
            let (command, what) =
                hint.split_once("   ").filter(|(command, _)| command.starts_with("sspr "))?;
            Some((self.completed(command.trim_end()), what.trim_start().to_owned()))
        };
        let rows: Vec<Option<(String, String)>> = hints.iter().map(|hint| command(hint)).collect();
        let pairs: Vec<(String, &str)> =
            rows.iter().flatten().map(|(command, what)| (command.clone(), what.as_str())).collect();
        let mut lines = commands(&pairs).into_iter();
        let line = |(hint, row): (&String, &Option<_>)| {
            row.as_ref().and_then(|_| lines.next()).unwrap_or_else(|| self.sentence(hint))
        };
        hints.iter().zip(&rows).map(line).collect()
    }

    /// Completes the commands that a sentence sets off.
    pub(super) fn sentence(&self, text: &str) -> String {
        let part = |(at, part): (usize, &str)| match at % 2 {
            1 if part.starts_with("sspr ") => self.completed(part),
            _ => part.to_owned(),
        };
        text.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
    }
}

/// Returns whether a flag that says which tenant is meant, or who signs in, means anything to a command.
fn takes_session(name: &str, id: &str) -> bool {
    match name {
        "validate" | "explain" | "schema" | "completions" | "man" | "sandbox" => false,
        "login" | "logout" => id == "cloud",
        "history" => id == SANDBOX,
        _ => true,
    }
}

/// Returns a file as it can be named again.
fn named_again(file: &str) -> &str {
    if file == "-" { FROM_STDIN } else { file }
}

fn file_of(of: &ArgMatches, id: &str) -> Option<String> {
    values(of, id).pop().map(|file| named_again(&file).to_owned())
}

fn takes(command: &Command, id: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == id)
}

/// Returns the values of an argument; none where the command has no such argument.
fn values(of: &ArgMatches, id: &str) -> Vec<String> {
    let raw = of.try_get_raw(id).ok().flatten().into_iter().flatten();
    raw.map(|value| value.to_string_lossy().into_owned()).collect()
}

/// Returns how an argument was typed, in words of a shell.
fn words(arg: &Arg, of: &ArgMatches) -> Vec<String> {
    let id = arg.get_id().as_str();
    let values = values(of, id).into_iter().map(|value| shell_word(&value));
    let Some(flag) = arg.get_long() else { return values.collect() };
    match arg.get_action() {
        ArgAction::SetTrue => vec![format!("--{flag}")],
        _ if arg.is_require_equals_set() => values.map(|value| format!("--{flag}={value}")).collect(),
        _ => values.map(|value| format!("--{flag} {value}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::{Cli, help};

    fn typed(line: &str) -> CommandLine {
        in_words(&line.split(' ').collect::<Vec<_>>())
    }

    fn in_words(words: &[&str]) -> CommandLine {
        let program = help::grouped(Cli::command());
        let matches = program.clone().try_get_matches_from(words).unwrap();
        CommandLine::new(&program, &matches)
    }

    #[test]
    fn what_is_left_out_stays_so_of_a_file_whose_name_has_a_space() {
        let typed = in_words(&["sspr", "plan", "my pilot.yaml", "--except", "methods.allowed"]);
        for (named, completed) in [
            ("sspr apply", "sspr apply 'my pilot.yaml' --except methods.allowed"),
            ("sspr apply 'my pilot.yaml'", "sspr apply 'my pilot.yaml' --except methods.allowed"),
            ("sspr apply 'my pilot.yaml' --yes", "sspr apply 'my pilot.yaml' --yes --except methods.allowed"),
            ("sspr apply 'my plan.json'", "sspr apply 'my plan.json'"),
        ] {
            assert_eq!(typed.completed(named), completed);
        }
    }

    #[test]
    fn a_named_command_keeps_what_was_typed_as_far_as_it_takes_it() {
        let plan = "sspr plan it.yaml --out p.json --explain --except methods.allowed --graph-only --max-people any \
                    --auth token --cloud usgov --format json --json-into x.json -q";
        for (line, named, completed) in [
            ("sspr plan --sandbox", "sspr apply pilot.yaml", "sspr apply pilot.yaml --sandbox"),
            ("sspr plan --sandbox", "sspr people --only nudge", "sspr people --only nudge --sandbox"),
            ("sspr --sandbox plan it.yaml", "sspr people", "sspr people it.yaml --sandbox"),
            (
                plan,
                "sspr apply",
                "sspr apply it.yaml --except methods.allowed --graph-only --max-people any --auth token --cloud usgov",
            ),
            (
                plan,
                "sspr apply p.json",
                "sspr apply p.json --graph-only --max-people any --auth token --cloud usgov",
            ),
            (
                plan,
                "sspr verify",
                "sspr verify it.yaml --except methods.allowed --graph-only --auth token --cloud usgov",
            ),
            (plan, "sspr login --setup", "sspr login --setup --cloud usgov"),
            (plan, "sspr history", "sspr history"),
            (plan, "sspr explain no-group", "sspr explain no-group"),
            ("sspr plan --sandbox", "sspr history", "sspr history --sandbox"),
            ("sspr plan --sandbox", "sspr sandbox reset", "sspr sandbox reset"),
            ("sspr plan --sandbox", "sspr plan --sandbox", "sspr plan --sandbox"),
            ("sspr plan --sandbox", "sspr nonsense", "sspr nonsense"),
            (
                "sspr fleet apply f.yaml --yes --shard 1/4 --wave rest --sandbox",
                "sspr fleet apply f.yaml --only-failed",
                "sspr fleet apply f.yaml --only-failed --wave rest --shard 1/4 --sandbox",
            ),
            (
                "sspr fleet plan --max-people any",
                "sspr fleet verify fleet.yaml",
                "sspr fleet verify fleet.yaml",
            ),
            ("sspr rollback --spec it.yaml", "sspr plan", "sspr plan it.yaml"),
            ("sspr plan - --sandbox", "sspr apply -", "sspr apply FILE --sandbox"),
            (
                "sspr status - --sandbox",
                "sspr people - --only nudge",
                "sspr people FILE --only nudge --sandbox",
            ),
            ("sspr plan -", "sspr explain no-group", "sspr explain no-group"),
            ("sspr import x.yaml --sandbox", "sspr doctor -v", "sspr doctor -v --sandbox"),
            (
                "sspr status it.yaml --against cp.json",
                "sspr people it.yaml --only nudge",
                "sspr people it.yaml --only nudge --against cp.json",
            ),
            ("sspr plan it.yaml --against cp.json", "sspr apply it.yaml", "sspr apply it.yaml"),
            (
                "sspr status it.yaml --against cp.json --sandbox",
                "sspr snapshot --out cp.json",
                "sspr snapshot it.yaml --out cp.json --sandbox",
            ),
            (
                "sspr cleanup --restore --sandbox",
                "sspr apply examples/pilot.yaml",
                "sspr apply examples/pilot.yaml --sandbox",
            ),
            (
                "sspr report it.yaml --sandbox",
                "sspr people it.yaml --only nudge --format csv",
                "sspr people it.yaml --only nudge --format csv --sandbox",
            ),
        ] {
            assert_eq!(typed(line).completed(named), completed, "{line}");
        }
    }

    #[test]
    fn after_a_snapshot_of_the_sandbox_every_command_is_about_the_sandbox() {
        for line in ["sspr plan --against s.json", "sspr plan --against s.json --sandbox"] {
            let mut typed = typed(line);
            typed.is_about_sandbox();
            for (named, completed) in [
                ("sspr apply pilot.yaml", "sspr apply pilot.yaml --sandbox"),
                ("sspr apply pilot.yaml --sandbox", "sspr apply pilot.yaml --sandbox"),
                ("sspr history", "sspr history --sandbox"),
                ("sspr people", "sspr people --against s.json --sandbox"),
                ("sspr explain no-group", "sspr explain no-group"),
            ] {
                assert_eq!(typed.completed(named), completed, "{line}");
            }
        }
    }

    #[test]
    fn a_command_is_typed_again_without_what_says_how_it_is_shown() {
        for (line, again) in [
            (
                "sspr plan --out p.json --sandbox --format json --json-into x.json -q --today 2026-11-26",
                "sspr plan pilot.yaml --out p.json --sandbox",
            ),
            ("sspr apply a.yaml -y --prove", "sspr apply a.yaml --yes --prove=300"),
            ("sspr rollback 20261122 --spec it.yaml", "sspr rollback 20261122 --spec it.yaml"),
            (
                "sspr verify --user ada --watch --sandbox",
                "sspr verify pilot.yaml --user ada --watch --sandbox",
            ),
            ("sspr cleanup --restore", "sspr cleanup --restore"),
        ] {
            assert_eq!(typed(line).typed.again(), again);
        }
    }

    #[test]
    fn every_flag_that_goes_on_is_one_of_the_program() {
        let program = Cli::command();
        let inner = program.get_subcommands().flat_map(Command::get_subcommands);
        let all: Vec<&Command> = program.get_subcommands().chain(inner).chain([&program]).collect();
        let takes_it = |id: &str| all.iter().any(|command| takes(command, id));
        assert!(SESSION.into_iter().chain(PART).chain([FILE, "spec"]).all(takes_it));
    }
}
