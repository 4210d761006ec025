//! Asking a person before writing.

use std::io;

use super::console::Console;
use crate::client::Stop;
use crate::engine::Refusal;

/// Asks a question that only `yes` answers with yes.
///
/// # Errors
/// There is no terminal to ask on, the run is to stop, or the answer is anything else.
pub(super) async fn confirm(console: &mut Console, stop: &Stop, question: &str) -> Result<(), Refusal> {
    if !console.is_interactive() {
        return Err(Refusal::NoTerminal);
    }
    console.tell(&format!("{question} Only `yes` is taken for yes: "));
    let answered = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = tokio::select! {
        answer = answered => answer,
        _ = stop.asked() => {
            console.tell("\n");
            return Err(Refusal::NotConfirmed);
        }
    };
    match answer {
        Ok(Ok(answer)) if answer.trim().eq_ignore_ascii_case("yes") => Ok(()),
        _ => Err(Refusal::NotConfirmed),
    }
}
