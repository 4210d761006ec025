//! Asking a person before writing.

use std::io;

use super::console::Console;
use crate::outcome::Refusal;
use crate::stop::Stop;

/// Asks a question that only `expected` (a word such as `yes`, or a domain) answers with yes.
///
/// # Errors
/// There is no terminal to ask on, the run is to stop, or the answer is anything else.
pub(super) async fn confirm(
    console: &mut Console,
    stop: &Stop,
    question: &str,
    expected: &str,
) -> Result<(), Refusal> {
    if !console.is_interactive() {
        return Err(Refusal::NoTerminal);
    }
    console.end_progress();
    console.eprint_always(&format!("{question} Type `{expected}` to go on [default: stop]: "));
    let answered = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = tokio::select! {
        answer = answered => answer,
        reason = stop.asked() => {
            console.eprint_always("\n");
            return Err(Refusal::Stopped { reason });
        }
    };
    if matches!(answer, Ok(Ok(ref answer)) if !answer.ends_with('\n')) {
        // Ctrl-D leaves the cursor behind the question.
        console.eprint_always("\n");
    }
    match answer {
        Ok(Ok(answer)) if answer.trim().eq_ignore_ascii_case(expected) => Ok(()),
        _ => Err(Refusal::NotConfirmed),
    }
}
