//! Prints progress, notices, questions and errors on stderr. The result is [`super::result_output`]'s.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::MultiProgress;
use terminal_size::{Height, Width, terminal_size_of};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::blocking_io::while_taken;
use super::progress::Progress;
use super::signals::unless_stopped;
use super::{OutputEnv, OutputFlags};
use crate::stop::Stop;
use crate::text::ascii;

#[derive(Debug)]
pub(super) struct Story {
    stderr: Stderr,
    is_quiet: bool,
    /// Whether the locale has no letters but those of ASCII.
    is_ascii: bool,
    /// The line that says what is going on, where someone sees it move.
    progress: Option<Progress>,
    /// Whether a line now and then says so instead.
    tells_progress: bool,
}

impl Story {
    pub(super) fn new(flags: &OutputFlags, output_env: &OutputEnv, stop: Stop) -> Self {
        let is_quiet = flags.quiet;
        let is_wanted = !flags.no_progress && !is_quiet;
        let is_watched = io::stderr().is_terminal() && !output_env.is_ci && !output_env.is_dumb;
        let progress = (is_wanted && is_watched).then(Progress::new);
        let screen = progress.as_ref().map(Progress::screen);
        let stderr = Stderr { screen, stop, is_given_up: Arc::default() };
        log_to_stderr(flags.verbose, is_quiet, stderr.clone());
        let (is_ascii, tells_progress) = (output_env.is_ascii, is_wanted && progress.is_none());
        Self { stderr, is_quiet, is_ascii, progress, tells_progress }
    }

    /// Returns what everything else that goes to the terminal has to be written under.
    pub(super) fn screen(&self) -> Option<MultiProgress> {
        self.progress.as_ref().map(Progress::screen)
    }

    /// Puts a part of the story on stderr, unless only errors are wanted.
    pub(super) fn eprint(&mut self, text: &str) {
        if !self.is_quiet {
            self.eprint_always(text);
        }
    }

    /// Puts on stderr what has to be seen: a question, what it is about, an error.
    pub(super) fn eprint_always(&mut self, text: &str) {
        let text = if self.is_ascii { ascii(text) } else { text.to_owned() };
        // No one is left to read that stderr is gone.
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// Says what is going on from here on. On a terminal it is shown once that takes long.
    pub(super) fn begin(&mut self, message: &str) {
        if let Some(progress) = &mut self.progress {
            progress.show(message, None);
        }
    }

    pub(super) fn shows_progress(&self) -> bool {
        self.progress.is_some()
    }

    /// Says how far it is: in the line on the terminal, or elsewhere, where someone may read it later, in a line of
    /// its own.
    pub(super) fn show_progress(&mut self, message: &str, reached: Option<(u64, u64)>) {
        match &mut self.progress {
            Some(progress) => progress.show(message, reached),
            None if self.tells_progress => self.eprint(&format!("{message}\n")),
            None => {}
        }
    }

    /// Says that nothing is going on: before a question, and at the end.
    pub(super) fn end_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.end();
        }
    }

    /// Returns whether a person can be asked: they see stderr and type on stdin.
    pub(super) fn is_interactive(&self) -> bool {
        has_terminal()
    }

    /// Asks on the terminal and returns the line typed; `None` at the end of input (Ctrl-D, Ctrl-Z), and where the run
    /// is to end.
    pub(super) fn ask(&mut self, question: &str, stop: &Stop) -> Option<String> {
        self.eprint_always(question);
        let typed = unless_stopped(stop, || {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        typed.ok()?.ok()?.ok().filter(|line| !line.is_empty())
    }
}

/// Returns how large the terminal behind stderr is.
pub(super) fn stderr_size() -> Option<(Width, Height)> {
    terminal_size_of(io::stderr())
}

/// Returns whether a person sees stderr and can type on stdin.
pub(super) fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// stderr, with the moving line out of the way.
#[derive(Clone, Debug)]
struct Stderr {
    screen: Option<MultiProgress>,
    stop: Stop,
    /// Set once no one read a message: the thread that writes it keeps stderr for good.
    is_given_up: Arc<AtomicBool>,
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_given_up.load(Ordering::Relaxed) {
            return Ok(bytes.len());
        }
        let (text, screen) = (bytes.to_owned(), self.screen.clone());
        let write = move || anstream::stderr().lock().write_all(&text);
        let message = while_taken(&self.stop, move || match screen {
            Some(screen) => screen.suspend(write),
            None => write(),
        });
        let is_stuck = message.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut);
        self.is_given_up.fetch_or(is_stuck, Ordering::Relaxed);
        message.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends this crate's log, and no other crate's, to stderr: others might log a header.
fn log_to_stderr(verbosity: u8, is_quiet: bool, stderr: Stderr) {
    let level = match verbosity {
        _ if is_quiet => tracing::Level::ERROR,
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let layer = tracing_subscriber::fmt::layer()
        .without_time()
        .with_target(false)
        // Taken out again where there is no terminal, or no wish for it; and a Windows console is set to obey it.
        .with_ansi(true)
        .with_writer(move || stderr.clone());
    let only_ours = tracing_subscriber::filter::Targets::new().with_target("sspr", level);
    // A second call in one process keeps the first subscriber, which is as good.
    let _ = tracing_subscriber::registry().with(layer).with(only_ours).try_init();
}
