//! A command as somebody typed it, to be typed again.

use super::Lack;
use crate::text::shell_word;

/// What somebody typed, without what only says how its result is shown.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The command; empty where none was understood.
    pub command: String,
    /// The file it was given, or takes where it is given none; `None` where there is none.
    pub file: Option<String>,
    /// The spec it is about, where that is another file: a saved plan's.
    pub spec: Option<String>,
    /// What else was typed, in words of a shell: ids, flags with their values.
    pub rest: Vec<String>,
    /// Whether it can leave keys of the spec out.
    pub takes_except: bool,
}

impl Typed {
    /// Returns the same command.
    pub fn again(&self) -> String {
        self.with(self.file.as_deref(), &[])
    }

    /// Returns the command as one that asks.
    #[must_use]
    pub(super) fn asking(&self) -> Self {
        let rest = self.rest.iter().filter(|word| *word != "--yes").cloned().collect();
        Self { rest, ..self.clone() }
    }

    /// Returns the command without the keys that a sign-in may not read or change, where that helps; of a saved plan,
    /// the one that makes another.
    pub(super) fn without(&self, lacks: &[Lack]) -> Option<String> {
        let keys: Option<Vec<_>> = lacks.iter().map(|lack| lack.key).collect();
        let mut except: Vec<_> = keys?.into_iter().map(|key| format!("--except {key}")).collect();
        except.dedup();
        except.retain(|key| !self.rest.contains(key));
        let planned_anew = self.spec.as_deref().filter(|spec| self.file.as_deref() != Some(*spec));
        self.takes_except.then(|| match planned_anew {
            // A saved plan is applied whole.
            Some(spec) => Self { command: "plan".to_owned(), rest: Vec::new(), ..self.clone() }
                .with(Some(spec), &except),
            None => self.with(self.file.as_deref(), &except),
        })
    }

    fn with(&self, file: Option<&str>, more: &[String]) -> String {
        let file = file.map(shell_word);
        let words = file.iter().chain(&self.rest).chain(more);
        words.fold(format!("sspr {}", self.command), |typed, word| format!("{typed} {word}"))
    }
}
