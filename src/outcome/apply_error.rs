//! An apply that failed, and how far it came.

use super::Refusal;

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
        /// The journal that says which writes landed.
        journal: String,
        /// The state before.
        baseline: String,
    },
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
            format!("the journal says what was sent: {journal}"),
            format!("the state before is in {baseline}"),
            "run `sspr plan` to see what is left, then `sspr apply` again".to_owned(),
            "or run `sspr rollback` to undo what was written".to_owned(),
        ]
    }
}
