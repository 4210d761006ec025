//! Prints a run's result on stdout and in files. Everything else goes through [`super::stderr`].

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use terminal_size::{Height, Width, terminal_size_of};

use super::blocking_io::{is_closed, while_taken};
use super::outputs::Outputs;
use super::provenance::Provenance;
use super::spec_arguments::is_stdin;
use super::stderr::{Story, stderr_size};
use super::typed::CommandLine;
use super::{CommandResult, Format, OutputEnv, OutputFlags, failure};
use crate::error::{Exit, Failure};
use crate::files::{Existing, PendingFile, Readers};
use crate::render::document::{Block, Document};
use crate::render::links::unlinked;
use crate::render::named_commands::with_commands;
use crate::render::text::Layout;
use crate::render::{self, github, json, markdown, text};
use crate::stop::Stop;
use crate::tenant::SnapshotMark;
use crate::text::{ascii, visible};

/// A command's result for machines, and its code.
#[derive(Debug)]
pub(super) struct CommandOutput {
    pub(super) exit: Exit,
    pub(super) json: String,
}

#[derive(Debug)]
pub(super) struct Console {
    pub(super) flags: OutputFlags,
    /// Begins the page, so that a tool that edits a comment finds it again.
    pub(super) marker: String,
    /// What the result is about, where that is no tenant as it is now.
    pub(super) provenance: Provenance,
    /// What was typed, which commands that a text names keep to.
    pub(super) command_line: CommandLine,
    output_env: OutputEnv,
    /// How stdout is laid out, and stderr.
    layouts: [Layout; 2],
    pub(super) story: Story,
    /// Once it is asked, no one is waited for who takes nothing.
    pub(super) stop: Stop,
    /// The result as Markdown up to now.
    page: String,
    /// All files the run writes, checked.
    pub(super) outputs: Outputs,
    is_reader_gone: bool,
    /// The document that is put out piece by piece, where one is.
    pieces: Pieces,
    /// What of the document went to stdout ahead of the rest.
    begun: String,
    /// Whether the tenant was written: from then on a result that is lost changes nothing about that.
    pub(super) has_written: bool,
    /// The first part of the result that got lost after the tenant was written.
    undelivered: Option<Failure>,
}

#[derive(Debug)]
enum Pieces {
    None,
    /// The file behind `json_into` is put in its place at the end.
    Open(Option<PendingFile>),
    Closed,
}

impl Console {
    pub(super) fn new(flags: OutputFlags, output_env: OutputEnv, stop: Stop) -> Self {
        Self {
            story: Story::new(&flags, &output_env, stop.clone()),
            flags,
            layouts: [terminal_size_of(io::stdout()), stderr_size()].map(layout),
            marker: String::new(),
            provenance: Provenance::default(),
            command_line: CommandLine::default(),
            output_env,
            stop,
            page: String::new(),
            outputs: Outputs::default(),
            is_reader_gone: false,
            pieces: Pieces::None,
            begun: String::new(),
            has_written: false,
            undelivered: None,
        }
    }

    /// Says from here on that the result is about the sandbox, as the commands that it names then are, too.
    pub(super) fn set_sandbox(&mut self) {
        self.provenance.is_sandbox = true;
        self.command_line.is_about_sandbox();
    }

    /// Says from here on that the result is made from a snapshot; warns of an old one.
    pub(super) fn set_snapshot(&mut self, mark: &SnapshotMark) {
        if let Some(warning) = mark.warning() {
            self.story.eprint(&format!("{}\n", self.command_line.sentence(&warning)));
        }
        self.provenance.snapshot = Some(mark.clone());
    }

    /// Returns when what is read was read, where that is from a snapshot whole.
    pub(super) fn as_of(&self) -> Option<String> {
        self.provenance.snapshot.as_ref().map(|mark| mark.taken.to_string())
    }

    /// Writes a file of the result before anything else is told of it.
    pub(super) fn save_for(&self, path: &Path, text: &str, readers: Readers) -> Result<(), Failure> {
        self.save_as(path, text, readers, Existing::Replace).map_err(|error| unwritten(path, error).into())
    }

    /// Refuses where a file that the run reads would be written, as [`Outputs::refuse_input`] does; then none is.
    pub(super) fn refuse_input(&mut self, input: &Path) -> Result<(), Failure> {
        self.outputs.refuse_input(input).inspect_err(|_| self.forget_files())
    }

    /// Writes no file at the end: one of them is unfit.
    pub(super) fn forget_files(&mut self) {
        (self.flags.json_into, self.flags.markdown_into) = (None, None);
    }

    /// Sends the first of what stdout carries, before anything is written to a tenant: what cannot be reported must not
    /// be done.
    pub(super) fn begin_result(&mut self) -> Result<(), Failure> {
        let first = match self.flags.format {
            Format::Json => "{".to_owned(),
            Format::Markdown => self.marker.clone(),
            // The plan was shown.
            Format::Text | Format::Github | Format::Csv => String::new(),
        };
        if self.begun.is_empty() {
            self.print(&first)?;
            self.begun = first;
        }
        let is_told_in_a_file = self.flags.json_into.is_some() || self.flags.markdown_into.is_some();
        if self.is_reader_gone || (is_closed(&io::stdout()) && !is_told_in_a_file) {
            let error =
                anyhow::anyhow!("stdout is closed, so sspr cannot report the result and writes nothing");
            let hint = "nothing was changed; keep stdout open until the end, or name a file with --json-into";
            return Err(Failure::new(Exit::Failed, error, hint));
        }
        Ok(())
    }

    /// Writes a file of the result, for its owner alone. Returns whether it is there: after the tenant was written, a
    /// file that is lost is reported at the end.
    pub(super) fn save(&mut self, path: &Path, text: &str) -> Result<bool, Failure> {
        match self.save_as(path, text, Readers::Owner, Existing::Replace) {
            Ok(()) => Ok(true),
            Err(error) => self.lose(unwritten(path, error)).map(|()| false),
        }
    }

    pub(super) fn save_as(
        &self,
        path: &Path,
        text: &str,
        readers: Readers,
        existing: Existing,
    ) -> io::Result<()> {
        let file = PendingFile::create(path, readers, existing)?;
        self.put(file, text.to_owned())?.finish()
    }

    /// Writes a piece of a file. A disk is waited for; a reader of a pipe, for as long as the run may go on.
    pub(super) fn put(&self, mut file: PendingFile, text: String) -> io::Result<PendingFile> {
        let is_stream = file.is_stream();
        let write = move || file.write_all(text.as_bytes()).map(|()| file);
        if is_stream { while_taken(&self.stop, write) } else { write() }
    }

    fn lose(&mut self, error: anyhow::Error) -> Result<(), Failure> {
        if !self.has_written {
            return Err(error.into());
        }
        let error =
            error.context("everything was written and read back, but the result could not be delivered");
        let hint = "the journal has it: `sspr history` lists the runs, `sspr verify` shows what holds";
        self.undelivered.get_or_insert_with(|| Failure::new(Exit::Undelivered, error, hint));
        Ok(())
    }

    /// Puts a part of the result, for people, on stdout; nothing where stdout carries another form.
    pub(super) fn say(&mut self, text: &str) -> Result<(), Failure> {
        if !self.carries_text() {
            return Ok(());
        }
        self.story.end_progress();
        let heading = self.provenance.heading(&self.layouts[0]);
        let text = if heading.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(heading + text) };
        let text = match self.output_env.follows_links && io::stdout().is_terminal() {
            true => text,
            false => Cow::Owned(unlinked(&text)),
        };
        let text = if self.output_env.is_ascii { Cow::Owned(ascii(&text)) } else { text };
        self.print(&text)
    }

    /// Puts the result for people where it is wanted: on stdout, and on the page in place of what was there.
    pub(super) fn show(&mut self, document: Document) -> Result<(), Failure> {
        let document = self.completed(document);
        if self.wants_markdown() {
            self.page = markdown::render(&document);
        }
        let text = text::render(&document, self.layout());
        self.say(&text)
    }

    /// Returns a document with the commands that it names as they have to be typed after this one.
    pub(super) fn completed(&self, document: Document) -> Document {
        with_commands(document, &|named| self.command_line.completed(named))
    }

    /// Puts parts of the result on stdout, for people.
    pub(super) fn show_blocks(&mut self, blocks: Vec<Block>) -> Result<(), Failure> {
        let document = self.completed(Document { blocks, ..Document::default() });
        let text = text::blocks(&document.blocks, self.layout());
        self.say(&text)
    }

    /// Shows everything from here on that is folded elsewhere.
    pub(super) fn unfold(&mut self, is_whole: bool) {
        self.layouts.iter_mut().for_each(|layout| layout.is_whole = is_whole);
    }

    /// Returns how stdout is laid out.
    pub(super) fn layout(&self) -> &Layout {
        &self.layouts[0]
    }

    /// Puts a file's text on stdout as it is: in its own letters, whatever the terminal has.
    pub(super) fn hand_over(&mut self, text: &str) -> Result<(), Failure> {
        if !self.carries_text() {
            return Ok(());
        }
        self.story.end_progress();
        self.print(text)
    }

    pub(super) fn carries_text(&self) -> bool {
        matches!(self.flags.format, Format::Text | Format::Github)
    }

    pub(super) fn wants_markdown(&self) -> bool {
        self.flags.format == Format::Markdown || self.flags.markdown_into.is_some()
    }

    /// Takes the result for a page, in place of what was taken before.
    pub(super) fn set_page(&mut self, page: impl FnOnce() -> Document) {
        if self.wants_markdown() {
            self.page = markdown::render(&self.completed(page()));
        }
    }

    /// Returns whether those who read stdout may see names of people: the log of a public repository is public.
    pub(super) fn shows_names(&self) -> bool {
        self.flags.format != Format::Github
    }

    /// Puts annotations on stdout, where GitHub reads it. `path` is the spec's, where there is a file to point at;
    /// it is handed on as seen from the root of the repository.
    pub(super) fn annotate(
        &mut self,
        path: Option<&str>,
        commands: impl FnOnce(Option<&str>) -> String,
    ) -> Result<(), Failure> {
        if self.flags.format != Format::Github {
            return Ok(());
        }
        let file = path.filter(|path| !is_stdin(Path::new(path))).map(|path| self.seen_from_the_root(path));
        if let Some(notice) = self.provenance.annotation(file.as_deref()) {
            self.print(&notice)?;
        }
        self.print(&commands(file.as_deref()))
    }

    /// GitHub names files from the root of the repository, wherever a step runs.
    fn seen_from_the_root(&self, path: &str) -> String {
        let whole = std::path::absolute(path).ok();
        let root = self.output_env.workspace.as_deref();
        let inner = whole.as_deref().zip(root).and_then(|(whole, root)| whole.strip_prefix(root).ok());
        inner.map_or_else(|| path.to_owned(), |inner| inner.display().to_string()).replace('\\', "/")
    }

    /// Shows a person what they are asked about: on stdout with the rest, or on stderr beside JSON.
    pub(super) fn print_for_person(&mut self, text: &str) -> Result<(), Failure> {
        if self.carries_text() {
            return self.say(text);
        }
        self.story.end_progress();
        self.story.eprint_always(&unlinked(text));
        Ok(())
    }

    /// Returns how stderr is laid out.
    pub(super) fn layout_of_stderr(&self) -> &Layout {
        &self.layouts[1]
    }

    /// Returns how what [`Console::print_for_person`] prints is laid out.
    pub(super) fn layout_for_person(&self) -> &Layout {
        &self.layouts[usize::from(!self.carries_text())]
    }

    /// Puts a part of the result on stdout where it carries this format.
    pub(super) fn print_as(&mut self, format: Format, text: &str) -> Result<(), Failure> {
        if self.flags.format == format { self.print(text) } else { Ok(()) }
    }

    pub(super) fn wants_json(&self) -> bool {
        self.flags.format == Format::Json || self.flags.json_into.is_some()
    }

    /// Puts a piece of a document too large to be held where JSON goes. A caller that puts the first must put the
    /// last, also on failure: the document is the whole result.
    pub(super) fn piece(&mut self, json: &str) -> Result<(), Failure> {
        let is_first = matches!(self.pieces, Pieces::None);
        let json = if is_first { self.provenance.marked(json.to_owned()) } else { json.to_owned() };
        if is_first {
            let create = |path: &Path| PendingFile::create(path, Readers::Owner, Existing::Replace);
            let begin = |path: &PathBuf| create(path).map_err(|error| unwritten(path, error));
            self.pieces = Pieces::Open(self.flags.json_into.as_ref().map(begin).transpose()?);
        }
        if let (Pieces::Open(file), Some(path)) = (&mut self.pieces, &self.flags.json_into)
            && let Some(file) = file.take()
        {
            let file = self.put(file, json.clone()).map_err(|error| unwritten(path, error))?;
            self.pieces = Pieces::Open(Some(file));
        }
        self.print_as(Format::Json, &json::inert(&json))
    }

    /// Puts the last piece, and the file in its place.
    pub(super) fn last_piece(&mut self, json: &str) -> Result<(), Failure> {
        self.piece(json)?;
        let Pieces::Open(file) = std::mem::replace(&mut self.pieces, Pieces::Closed) else { return Ok(()) };
        match (file.map(PendingFile::finish), &self.flags.json_into) {
            (Some(Err(error)), Some(path)) => Err(unwritten(path, error).into()),
            _ => Ok(()),
        }
    }

    /// Prints what is left to print and returns the code.
    pub(super) fn finish(&mut self, done: CommandResult) -> Exit {
        self.story.end_progress();
        let (exit, document, error) = match done {
            Ok(CommandOutput { exit, json }) => (exit, json, None),
            Err(failure) => {
                self.eprint_failure(&failure);
                let text = failure::described(&failure, &self.command_line);
                let path = text.problems.first().map(|problem| problem.path);
                if let Err(lost) = self.annotate(path, |file| github::failure(&text, file)) {
                    self.eprint_failure(&lost);
                }
                let page = markdown::render(&render::failure::document(&text));
                (failure.exit, json::error(&text, failure.exit as u8), Some(page))
            }
        };
        let document = self.provenance.marked(document);
        let page = if self.wants_markdown() { self.whole_page(error) } else { String::new() };
        // What is begun in pieces goes on in pieces; a file of which the last is missing is none, and says why.
        let (is_printed, is_saved) =
            (!matches!(self.pieces, Pieces::None), matches!(self.pieces, Pieces::Closed));
        self.pieces = Pieces::None;
        let printed = match self.flags.format {
            Format::Json if !is_printed => self.print_rest(&json::inert(&document)),
            Format::Markdown => self.print_rest(&page),
            _ => Ok(()),
        };
        let mut lost = printed.err();
        let json_into = self.flags.json_into.take().filter(|_| !is_saved);
        for (path, content) in [(json_into, &document), (self.flags.markdown_into.take(), &page)] {
            let Some(path) = path else { continue };
            lost = lost.or(self.save(&path, content).err());
        }
        match lost.or(self.undelivered.take()) {
            None => exit,
            Some(failure) => {
                self.eprint_failure(&failure);
                // What was done stays done, and what went wrong before is worse; a script that wanted the result
                // must still notice.
                let is_well = matches!(exit, Exit::Done | Exit::ChangesPending | Exit::ConditionUnmet);
                if is_well { failure.exit } else { exit }
            }
        }
    }

    fn print_rest(&mut self, whole: &str) -> Result<(), Failure> {
        let begun = std::mem::take(&mut self.begun);
        self.print(whole.strip_prefix(&begun).unwrap_or(whole))
    }

    /// Returns the page as it goes out: its mark, what failed, and what there was to show until then.
    fn whole_page(&mut self, error: Option<String>) -> String {
        let gap = if error.is_some() && !self.page.is_empty() { "\n" } else { "" };
        format!(
            "{}{}{}{gap}{}",
            self.marker,
            self.provenance.page_heading(),
            error.unwrap_or_default(),
            std::mem::take(&mut self.page)
        )
    }

    pub(super) fn print(&mut self, text: &str) -> Result<(), Failure> {
        if self.is_reader_gone {
            return Ok(());
        }
        let has_colour = !matches!(self.flags.format, Format::Json | Format::Csv);
        let (text, screen) = (text.to_owned(), self.story.screen());
        let print = move || match has_colour {
            true => write_whole(&mut anstream::stdout().lock(), &text),
            // Looking for colour where there is none would take longer than writing.
            false => write_whole(&mut io::stdout().lock(), &text),
        };
        let written = while_taken(&self.stop, move || match screen {
            Some(screen) => screen.suspend(print),
            None => print(),
        });
        match written {
            Ok(()) => Ok(()),
            // `sspr plan | head` has seen enough; that is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !self.has_written => {
                self.is_reader_gone = true;
                Ok(())
            }
            Err(error) => {
                self.is_reader_gone = true;
                self.lose(anyhow::Error::from(error).context("stdout could not be written"))
            }
        }
    }

    pub(super) fn eprint_failure(&mut self, failure: &Failure) {
        let has_details = self.flags.verbose > 0;
        let text = failure::text(failure, &self.command_line, has_details, self.layout_of_stderr());
        self.story.eprint_always(&text);
    }
}

/// Longer lines are hard to read, however wide the terminal is; a table is not read from end to end.
const WIDEST: usize = 100;
/// No sentence can be set in fewer columns; a terminal that says so is wrong about itself.
const NARROWEST: usize = 20;

fn layout(size: Option<(Width, Height)>) -> Layout {
    let columns = size.map(|(Width(columns), _)| usize::from(columns));
    let columns = columns.filter(|columns| *columns >= NARROWEST);
    let width = columns.map(|columns| columns.min(WIDEST));
    Layout { width, table: columns, zone: TimeZone::system(), ..Layout::default() }
}

fn unwritten(path: &Path, error: io::Error) -> anyhow::Error {
    let shown = visible(&path.display().to_string());
    anyhow::Error::from(error).context(format!("the result could not be written to {shown}"))
}

fn write_whole(stdout: &mut impl Write, text: &str) -> io::Result<()> {
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
