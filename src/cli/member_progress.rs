//! Progress over many members: how many are read, and how long the rest takes.

use std::time::{Duration, Instant};

use super::Console;
use crate::app::Progress;

/// Shows a reading's progress no more often than a person can read it.
pub(super) struct MemberProgress {
    /// When what is going on now began.
    started: Instant,
    phase: Option<std::mem::Discriminant<Progress>>,
    last: Instant,
}

impl MemberProgress {
    pub(super) fn new() -> Self {
        Self { started: Instant::now(), phase: None, last: Instant::now() }
    }

    /// Shows how far the reading is: on a terminal soon, elsewhere a line now and then.
    pub(super) fn show(&mut self, progress: Progress, console: &mut Console) {
        let pause = match console.story.shows_progress() {
            true => Duration::from_millis(200),
            false => Duration::from_secs(15),
        };
        let phase = std::mem::discriminant(&progress);
        if self.phase.replace(phase) != Some(phase) {
            self.started = Instant::now();
        }
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let reached = match progress {
            Progress::Members { read, of } => Some((read, of)),
            Progress::Report { .. } => None,
        };
        console.story.show_progress(&described(progress, self.started.elapsed()), reached);
    }
}

fn described(progress: Progress, elapsed: Duration) -> String {
    match progress {
        Progress::Report { rows } => {
            format!(
                "registration report: {rows} rows; Microsoft allows about 500 rows a second and gives no total"
            )
        }
        Progress::Members { read, of } => {
            let left = of.saturating_sub(read);
            let rest = match read {
                0 => String::new(),
                _ => format!(", about {} s left", elapsed.as_secs() * left / read),
            };
            format!("members: {read} of {of}{rest}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_made_from_what_was_read_and_none_from_nothing() {
        let described = |read| described(Progress::Members { read, of: 100 }, Duration::from_secs(10));
        assert_eq!(described(50), "members: 50 of 100, about 10 s left");
        assert_eq!(described(0), "members: 0 of 100");
    }
}
