//! Asking a person before writing.

use std::io;

use super::console::Console;
use crate::engine::Refusal;

/// Asks a question that only `yes` answers with yes.
///
/// # Errors
/// There is no terminal to ask on, or the answer is anything else.
pub(super) fn confirm(console: &mut Console, question: &str) -> Result<(), Refusal> {
    if !console.is_interactive() {
        return Err(Refusal::NoTerminal);
    }
    console.tell(&format!("{question} Only `yes` is taken for yes: "));
    let mut answer = String::new();
    match io::stdin().read_line(&mut answer) {
        Ok(_) if answer.trim().eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(Refusal::NotConfirmed),
    }
}
