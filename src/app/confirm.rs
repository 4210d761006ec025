//! Asks a person before a tenant is written.

use crate::outcome::{Question, Refusal};

/// Says whether a tenant may be written.
pub trait Confirm {
    /// Returns whether someone has to be asked; else nothing need be shown for it.
    fn is_asking(&self) -> bool {
        true
    }

    /// Returns once the answer is yes.
    ///
    /// # Errors
    /// It is no, nobody is there to answer, or the run is to end.
    fn confirm(&self, question: Question<'_>) -> impl Future<Output = Result<(), Refusal>>;
}

/// Says yes: the person did when they began the run (`--yes`).
#[derive(Clone, Copy, Debug)]
pub struct Always;

impl Confirm for Always {
    fn is_asking(&self) -> bool {
        false
    }

    async fn confirm(&self, _: Question<'_>) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Says that there is no one to ask.
#[derive(Clone, Copy, Debug)]
pub struct Never;

impl Confirm for Never {
    async fn confirm(&self, _: Question<'_>) -> Result<(), Refusal> {
        Err(Refusal::NoTerminal)
    }
}
