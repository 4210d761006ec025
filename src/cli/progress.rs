//! The progress line on a terminal's stderr: shown after one second, cleared before anything else is printed.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

/// What is over sooner needs no line.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line moves.
const PERIOD: Duration = Duration::from_millis(120);

#[derive(Debug)]
pub(super) struct Progress {
    screen: MultiProgress,
    line: Option<ProgressBar>,
    opening: Option<JoinHandle<()>>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { screen, line: None, opening: None }
    }

    /// Returns what everything else that goes to the terminal has to be written under.
    pub(super) fn screen(&self) -> MultiProgress {
        self.screen.clone()
    }

    /// Says what is going on from here on. `reached` is how far of how much, where that is known.
    pub(super) fn show(&mut self, message: &str, reached: Option<(u64, u64)>) {
        if self.line.is_none() {
            self.open();
        }
        let Some(line) = &self.line else { return };
        match reached {
            Some((read, of)) => {
                line.set_style(bar());
                line.set_length(of);
                line.set_position(read.min(of));
            }
            None => line.set_style(spinner()),
        }
        line.set_message(message.to_owned());
    }

    pub(super) fn end(&mut self) {
        if let Some(opening) = self.opening.take() {
            opening.abort();
        }
        if let Some(line) = self.line.take() {
            line.finish_and_clear();
        }
    }

    fn open(&mut self) {
        // Without a runtime there is nothing that takes long.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let (screen, late) = (self.screen.clone(), line.clone());
        self.opening = Some(runtime.spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            screen.add(late).enable_steady_tick(PERIOD);
        }));
        self.line = Some(line);
    }
}

// Letters any terminal has, whatever its code page.
const SPINNER: &str = "{spinner} {wide_msg}";
const BAR: &str = "[{bar:16}] {wide_msg}";

fn spinner() -> ProgressStyle {
    style(SPINNER).tick_chars("|/-\\ ")
}

fn bar() -> ProgressStyle {
    style(BAR).progress_chars("=> ")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_understood() {
        for template in [SPINNER, BAR] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
