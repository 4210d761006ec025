//! A command as somebody typed it, to be typed again, or with the next one in its place.

use crate::spec_file::Key;
use crate::text::shell_word;

/// What somebody typed, as far as the next command has to say it too.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The command.
    pub command: &'static str,
    /// The file it was given; `None` where it takes none.
    pub file: Option<String>,
    /// The keys it leaves out.
    pub except: Vec<Key>,
    /// Whether it keeps to Graph's half.
    pub is_graph_only: bool,
    /// What else it takes to mean the same: an id, flags that lift guards; as typed.
    pub rest: Vec<String>,
    /// The flags that say which tenant, and who signs in, as typed.
    pub session: Vec<String>,
}

impl Typed {
    /// Returns the same command.
    pub fn again(&self) -> String {
        self.with_rest(self.command, self.file.as_deref())
    }

    /// Returns the command that carries a plan out: of its file, or of the one it was `saved` to.
    pub fn apply(&self, saved: Option<&str>) -> String {
        match saved {
            // What is left out is in it.
            Some(saved) => Self { except: Vec::new(), ..self.clone() }.with_rest("apply", Some(saved)),
            None => self.with_rest("apply", self.file.as_deref()),
        }
    }

    /// Returns another command about a file and the same tenant, with more behind it.
    pub fn then(&self, command: &str, file: Option<&str>, more: &str) -> String {
        let half = self.is_graph_only.then(|| "--graph-only".to_owned());
        let except = self.except.iter().map(|key| format!("--except {key}"));
        let of_file: Vec<String> =
            if file.is_some() { half.into_iter().chain(except).collect() } else { Vec::new() };
        let file = file.map(shell_word);
        let more = Some(more.to_owned()).filter(|more| !more.is_empty());
        let words = file.into_iter().chain(more).chain(self.session.iter().cloned()).chain(of_file);
        words.fold(format!("sspr {command}"), |typed, word| format!("{typed} {word}"))
    }

    fn with_rest(&self, command: &str, file: Option<&str>) -> String {
        self.then(command, file, &self.rest.join(" "))
    }
}
