//! `sspr --help`: the commands, grouped by task.

use clap::Command;

/// The commands in the order of a pilot.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Write the file", &["init", "import", "validate", "schema"]),
    ("Run the pilot", &["plan", "explain", "apply", "status", "verify", "cleanup", "snapshot"]),
    ("Know the people", &["people", "rings", "report"]),
    ("Many tenants", &["fleet"]),
    ("History and rollback", &["history", "rollback"]),
    ("Get going", &["login", "logout", "doctor", "sandbox", "completions", "man"]),
];

const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// Returns the program as it explains itself: its commands in groups instead of one list.
pub(super) fn grouped(program: Command) -> Command {
    let heading = program.get_styles().get_header().to_owned();
    let name = program.get_styles().get_literal().to_owned();
    let mut list = String::new();
    for (title, names) in GROUPS {
        list.push_str(&format!("{heading}{title}:{heading:#}\n"));
        for command in names.iter().filter_map(|name| program.find_subcommand(name)) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            list.push_str(&format!("  {name}{:<11}{name:#} {about}\n", command.get_name()));
        }
        list.push('\n');
    }
    program
        .mut_subcommands(|command| command.hide(true))
        .override_usage("sspr [OPTIONS] <COMMAND>")
        .before_help(list.trim_end().to_owned())
        .help_template(TEMPLATE)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_command_is_in_one_group() {
        let program = Cli::command();
        let mut names: Vec<&str> = program
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(Command::get_name)
            .collect();
        let mut listed: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .filter(|name| program.find_subcommand(name).is_some())
            .collect();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed, "give the command a group in src/cli/help.rs");
        grouped(program).debug_assert();
    }
}
