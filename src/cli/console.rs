//! stdout is the result, stderr is the story. The only module that prints.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::Format;
use crate::error::{Exit, Failure};
use crate::report::json;
use crate::spec::SpecError;
use crate::text::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// A command's result for machines, and its code.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) exit: Exit,
    pub(super) json: String,
}

/// Where a command's words go.
#[derive(Debug)]
pub(super) struct Console {
    format: Format,
    json_into: Option<PathBuf>,
    is_reader_gone: bool,
    /// The file behind `json_into`, once a document is put there piece by piece.
    pieces: Option<std::fs::File>,
    is_in_pieces: bool,
}

impl Console {
    pub(super) fn new(format: Format, json_into: Option<PathBuf>) -> Self {
        Self { format, json_into, is_reader_gone: false, pieces: None, is_in_pieces: false }
    }

    /// Puts a part of the result, for people, on stdout; nothing where stdout carries JSON.
    pub(super) fn say(&mut self, text: &str) -> Result<(), Failure> {
        if self.format == Format::Text { self.print(text) } else { Ok(()) }
    }

    /// Puts a part of the story on stderr.
    pub(super) fn tell(&mut self, text: &str) {
        // Nobody is left to hear that stderr is gone.
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
    }

    /// Shows a person what they are asked about: on stdout with the rest, or on stderr beside JSON.
    pub(super) fn say_or_tell(&mut self, text: &str) -> Result<(), Failure> {
        match self.format {
            Format::Text => self.print(text),
            Format::Json | Format::Csv => {
                self.tell(text);
                Ok(())
            }
        }
    }

    /// Puts a part of the result on stdout where it carries this format.
    pub(super) fn print_as(&mut self, format: Format, text: &str) -> Result<(), Failure> {
        if self.format == format { self.print(text) } else { Ok(()) }
    }

    /// Returns whether anyone reads the result as JSON.
    pub(super) fn wants_json(&self) -> bool {
        self.format == Format::Json || self.json_into.is_some()
    }

    /// Puts a piece of a document too large to be held where JSON goes. Whoever puts the first must put the
    /// last, also on failure: the document stands for the whole result.
    pub(super) fn piece(&mut self, json: &str) -> Result<(), Failure> {
        self.is_in_pieces = true;
        self.print_as(Format::Json, json)?;
        let Some(path) = &self.json_into else { return Ok(()) };
        let mut file = match self.pieces.take() {
            Some(file) => Ok(file),
            None => std::fs::File::create(path),
        };
        let written = file.as_mut().map_err(|error| std::io::Error::new(error.kind(), error.to_string()));
        let written = written.and_then(|file| file.write_all(json.as_bytes()));
        let lost = || format!("the result could not be written to {}", path.display());
        written.map_err(|error| Failure::from(anyhow::Error::from(error).context(lost())))?;
        self.pieces = file.ok();
        Ok(())
    }

    /// Returns whether someone watches stderr.
    pub(super) fn is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Returns whether a person can be asked: they see stderr and type on stdin.
    pub(super) fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints what is left to print and returns the code.
    pub(super) fn finish(&mut self, done: Result<Done, Failure>) -> Exit {
        let (mut exit, document) = match done {
            Ok(Done { exit, json }) => (exit, json),
            Err(failure) => {
                self.tell_failure(&failure);
                (failure.exit, error_document(&failure))
            }
        };
        if self.is_in_pieces {
            return exit;
        }
        if self.format == Format::Json
            && let Err(failure) = self.print(&document)
        {
            self.tell_failure(&failure);
            exit = failure.exit;
        }
        if let Some(path) = self.json_into.take()
            && let Err(error) = std::fs::write(&path, &document)
        {
            let error = anyhow::Error::from(error)
                .context(format!("the result could not be written to {}", path.display()));
            self.tell_failure(&error.into());
            // What was done stays done; a script that wanted the file must still notice.
            exit = if exit == Exit::Done { Exit::Failed } else { exit };
        }
        exit
    }

    fn print(&mut self, text: &str) -> Result<(), Failure> {
        if self.is_reader_gone {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            // `sspr plan | head` has seen enough; that is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_reader_gone = true;
                Ok(())
            }
            Err(error) => Err(anyhow::Error::from(error).context("stdout could not be written").into()),
        }
    }

    fn tell_failure(&mut self, failure: &Failure) {
        if let Some(spec) = spec_error(failure) {
            self.tell(&format!("{}\n\n", spec.render(true)));
        }
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", visible(&failure.error.to_string()));
        for cause in failure.causes() {
            text.push_str(&format!("  caused by: {}\n", visible(&cause)));
        }
        if failure.exit == Exit::Refused {
            text.push_str("Nothing was changed.\n");
        }
        for hint in &failure.hints {
            text.push_str(&format!("{HINT}hint{HINT:#}: {}\n", visible(hint)));
        }
        self.tell(&text);
    }
}

fn spec_error(failure: &Failure) -> Option<&SpecError> {
    failure.error.chain().find_map(|cause| cause.downcast_ref::<SpecError>())
}

fn error_document(failure: &Failure) -> String {
    let problems = spec_error(failure).map(SpecError::problems).unwrap_or_default();
    json::error(&failure.error.to_string(), &failure.causes(), &failure.hints, failure.exit as u8, &problems)
}

/// Sends this crate's log, and no other crate's, to stderr: others might log a header.
pub(super) fn log_to_stderr(verbosity: u8) {
    let level = match verbosity {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let layer = tracing_subscriber::fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    let only_ours = tracing_subscriber::filter::Targets::new().with_target("sspr", level);
    // A second call in one process keeps the first subscriber, which is as good.
    let _ = tracing_subscriber::registry().with(layer).with(only_ours).try_init();
}
