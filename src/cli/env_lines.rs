//! Prints lines that set environment variables, quoted for a shell.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// bash, zsh, fish and other shells of Unix: `export NAME=value`
    #[value(alias = "bash")]
    Sh,
    /// PowerShell: `$env:NAME = 'value'`
    #[value(name = "powershell")]
    Pwsh,
    /// The Command Prompt of Windows: `set "NAME=value"`
    Cmd,
    /// No shell, but a file of variables, such as for `docker run --env-file`: `NAME=value`
    Dotenv,
}

impl Default for Shell {
    /// What most people have on this system.
    fn default() -> Self {
        if cfg!(windows) { Self::Pwsh } else { Self::Sh }
    }
}

impl Shell {
    /// Returns the line that sets a variable for the programs started from here.
    pub(super) fn sets(self, name: &str, value: &str) -> String {
        match self {
            Self::Sh => format!("export {name}={}", sh_quoted(value)),
            // Its single quotes may be typographic ones, too.
            Self::Pwsh => {
                let quotes = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];
                let doubled = value.chars().flat_map(|c| [Some(c), quotes.contains(&c).then_some(c)]);
                format!("$env:{name} = '{}'", doubled.flatten().collect::<String>())
            }
            Self::Cmd => format!("set \"{name}={value}\""),
            Self::Dotenv => format!("{name}={value}"),
        }
    }
}

fn sh_quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/:._-+@".contains(c);
    match value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_set_in_each_shells_own_words() {
        let odd = r"C:\Users\O'Neil\my state\ca.pem";
        for (shell, plain, quoted) in [
            (Shell::Sh, "export A=http://127.0.0.1:1", r"export A='C:\Users\O'\''Neil\my state\ca.pem'"),
            (Shell::Pwsh, "$env:A = 'http://127.0.0.1:1'", r"$env:A = 'C:\Users\O''Neil\my state\ca.pem'"),
            (Shell::Cmd, r#"set "A=http://127.0.0.1:1""#, r#"set "A=C:\Users\O'Neil\my state\ca.pem""#),
            (Shell::Dotenv, "A=http://127.0.0.1:1", r"A=C:\Users\O'Neil\my state\ca.pem"),
        ] {
            assert_eq!(shell.sets("A", "http://127.0.0.1:1"), plain);
            assert_eq!(shell.sets("A", odd), quoted);
        }
        assert_eq!(Shell::Pwsh.sets("A", "O\u{2019}Neil"), "$env:A = 'O\u{2019}\u{2019}Neil'");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_started_from_the_shell_sees_what_was_set() {
        let odd = "/home/o'neil/my $state/`ca`\\.pem";
        let script = format!("{}\nprintenv A", Shell::Sh.sets("A", odd));
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), format!("{odd}\n"));
    }
}
