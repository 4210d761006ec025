//! An apply that failed, and how far it came.

use serde::Serialize;

use super::{Refusal, Typed};
use crate::text::commands;

/// How far an apply came.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The tenant is as it was.
    #[error("nothing was changed")]
    NothingWritten {
        /// Why.
        source: anyhow::Error,
    },
    /// A write landed, or may have.
    #[error("stopped part-way: a write was sent, and the tenant is not proven to match")]
    PartWay {
        /// Why.
        source: anyhow::Error,
        /// What became of each write.
        stands: Box<Stands>,
        /// The journal that says which writes landed.
        journal: String,
        /// The state before.
        baseline: String,
    },
}

/// What stands of a plan that was carried out in part: what people call the objects, in the order of its writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stands {
    /// Those that were written, and read back.
    pub written: Vec<String>,
    /// Those that were sent and not seen to land.
    pub unknown: Vec<String>,
    /// Those that were not sent, or did not land.
    pub not_written: Vec<String>,
}

impl ApplyError {
    /// Returns the error without the name of the person who changed the tenant meanwhile.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        let (Self::NothingWritten { source } | Self::PartWay { source, .. }) = &mut self;
        if let Some(Refusal::Moved { touched, .. }) = source.downcast_mut() {
            *touched = None;
        }
        self
    }

    /// Returns what to do next.
    pub fn hints(&self) -> Vec<String> {
        let Self::PartWay { journal, baseline, .. } = self else { return Vec::new() };
        vec![
            "run `sspr plan` to see what is left, then `sspr apply` again".to_owned(),
            "or run `sspr rollback` to undo what was written".to_owned(),
            format!("the journal says what was sent: {journal}"),
            format!("the state before is in {baseline}"),
        ]
    }

    /// Returns what to do next, as it is typed after a command.
    pub fn hints_after(&self, typed: &Typed) -> Vec<String> {
        let Self::PartWay { journal, baseline, .. } = self else { return Vec::new() };
        // Whoever goes on after this sees the plan first, and is asked.
        let again = (typed.asking().again(), "goes on: looks first, and writes what is missing");
        let rollback = ("sspr rollback".to_owned(), "or undoes what was written");
        let is_rollback = typed.command == "rollback";
        let all = [again, rollback];
        let mut hints = commands(if is_rollback { &all[..1] } else { &all });
        hints.push(format!("the journal says what was sent: {journal}"));
        hints.push(format!("the state before is in {baseline}"));
        hints
    }
}
