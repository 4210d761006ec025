//! `-f FILE`: what many programs call the file that ours takes by its place.

use std::ffi::OsString;

use clap::Command;

/// Returns a command line with its file in its place, where it was named with `-f FILE` or `--file FILE` and the command
/// takes one.
pub(super) fn in_place(program: &Command, args: Vec<OsString>) -> Vec<OsString> {
    let takes_file = |name: &OsString| {
        let command = name.to_str().and_then(|name| program.find_subcommand(name));
        command.map(|command| command.get_positionals().any(|place| place.get_id() == "file"))
    };
    let command = args.iter().skip(1).enumerate().find_map(|(at, name)| Some((at + 1, takes_file(name)?)));
    let Some((command, true)) = command else { return args };
    let mut placed = args[..=command].to_vec();
    let mut rest = args[command + 1..].iter().peekable();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            placed.push(arg.clone());
            placed.extend(rest.by_ref().cloned());
            break;
        }
        let text = arg.to_str().unwrap_or_default();
        let is_value = |next: &&OsString| !next.to_string_lossy().starts_with('-') || *next == "-";
        if matches!(text, "-f" | "--file") && rest.peek().is_some_and(is_value) {
            continue;
        }
        let joined = text.strip_prefix("--file=").or(text.strip_prefix("-f"));
        placed.push(joined.filter(|file| !file.is_empty()).map_or_else(|| arg.clone(), OsString::from));
    }
    placed
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_named_file_takes_its_place() {
        for (typed, meant) in [
            ("sspr plan -f it.yaml", "sspr plan it.yaml"),
            ("sspr plan --file it.yaml --sandbox", "sspr plan it.yaml --sandbox"),
            ("sspr --sandbox apply -fit.yaml -y", "sspr --sandbox apply it.yaml -y"),
            ("sspr validate --file=it.yaml", "sspr validate it.yaml"),
            ("sspr people -f -", "sspr people -"),
            ("sspr plan -- -f it.yaml", "sspr plan -- -f it.yaml"),
            // Clap says what is wrong with these.
            ("sspr plan -f", "sspr plan -f"),
            ("sspr plan -f --sandbox", "sspr plan -f --sandbox"),
            ("sspr history -f it.yaml", "sspr history -f it.yaml"),
            ("sspr -f it.yaml", "sspr -f it.yaml"),
        ] {
            let args = typed.split(' ').map(OsString::from).collect();
            let placed: Vec<_> =
                in_place(&Cli::command(), args).into_iter().map(|arg| arg.into_string().unwrap()).collect();
            assert_eq!(placed.join(" "), meant);
        }
    }

    #[test]
    fn no_command_has_a_flag_of_this_name() {
        for command in Cli::command().get_subcommands() {
            let is_it = |arg: &clap::Arg| arg.get_short() == Some('f') || arg.get_long() == Some("file");
            assert!(!command.get_arguments().any(is_it), "{}", command.get_name());
        }
    }
}
