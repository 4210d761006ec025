//! Checks the files that a run writes beside stdout, before anything is asked, read or sent.
//! Each can be written, and none is what the run reads, another of them, or among the records of runs.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::environment::{files_of_sign_in, state_dir};
use super::sandbox::SandboxCommand;
use super::spec_arguments::{default_spec, is_stdin};
use super::{Command, Format, Global};
use crate::error::{Exit, Failure};
use crate::files::{Target, is_same_stream, open_stream, try_out};
use crate::text::visible;

#[derive(Debug, Default)]
pub(super) struct Outputs {
    files: Vec<Output>,
    /// Pipes and devices, open until the end: opening and closing a pipe ends it.
    streams: Vec<File>,
}

/// A file that is written, and the argument that names it.
#[derive(Debug)]
struct Output {
    argument: &'static str,
    path: PathBuf,
    /// Whether it is a spec: no other result may take the place of a YAML file.
    is_spec: bool,
}

impl Outputs {
    /// Checks what a command line says is to be written.
    ///
    /// # Errors
    /// Usage, where a result would take the place of what the run reads, of another result, of a spec, of a record, or
    /// of a link; else where a file cannot be written.
    pub(super) fn check(command: &Command, global: &Global) -> Result<Self, Failure> {
        let format = global.output.format;
        let mut files = Vec::new();
        let mut add = |argument, path: Option<&PathBuf>, is_spec| {
            files.extend(path.map(|path| Output { argument, path: path.clone(), is_spec }));
        };
        add("--json-into", global.output.json_into.as_ref(), false);
        add("--markdown-into", global.output.markdown_into.as_ref(), false);
        match command {
            Command::Plan(args) => add("--out", args.out.as_ref(), false),
            Command::Snapshot(args) => add("--out", Some(&args.out), false),
            Command::Report(args) => {
                add("--out", args.page(format).as_ref(), false);
                add("--csv", args.csv.as_ref(), false);
            }
            Command::Doctor(args) => {
                add("--report", args.report_path().as_ref(), false);
                add("--snapshot-out", args.snapshot_out.as_ref(), false);
            }
            Command::Import(args) => add("FILE", args.file.as_ref().filter(|file| !is_stdin(file)), true),
            Command::Init(args) => add("FILE", Some(&args.file), true),
            Command::Schema(args) => add("--out", args.out.as_ref(), false),
            Command::Fleet(command) => add("--out", command.page(), false),
            Command::Sandbox(SandboxCommand::Serve(args)) => add("--log", args.log.as_ref(), false),
            Command::Sandbox(SandboxCommand::Har(args)) => add("--out", Some(&args.out), false),
            _ => {}
        }
        let mut outputs = Self { files, streams: Vec::new() };
        if outputs.files.is_empty() {
            return Ok(outputs);
        }
        let state = state_dir()?;
        for input in inputs(command) {
            outputs.refuse_input(&input)?;
        }
        // stdout carries a document, beside which there is room for no other.
        let is_stdout_whole = matches!(format, Format::Json | Format::Markdown | Format::Csv);
        for (at, output) in outputs.files.iter().enumerate() {
            if let Some(other) = outputs.files[..at].iter().find(|other| is_same(&other.path, &output.path)) {
                let (one, two) = (other.argument, output.argument);
                return Err(misused(anyhow!("{one} and {two} name the same file, {}", output.shown())));
            }
            if is_below(&output.path, &state) {
                let (argument, shown) = (output.argument, output.shown());
                return Err(misused(anyhow!(
                    "{argument} {shown} is in the state directory, among the records of runs"
                )));
            }
            outputs.streams.extend(output.check(is_stdout_whole)?);
        }
        Ok(outputs)
    }

    /// Refuses where a file that the run reads would be written.
    pub(super) fn refuse_input(&self, input: &Path) -> Result<(), Failure> {
        match self.files.iter().find(|output| is_same(&output.path, input)) {
            None => Ok(()),
            Some(output) => {
                let (argument, shown) = (output.argument, output.shown());
                Err(misused(anyhow!("{argument} would write over {shown}, which this run reads")))
            }
        }
    }
}

impl Output {
    fn shown(&self) -> String {
        visible(&self.path.display().to_string())
    }

    /// Returns the stream that is written to, where it is one.
    fn check(&self, is_stdout_whole: bool) -> Result<Option<File>, Failure> {
        let (argument, shown) = (self.argument, self.shown());
        let failed = |error| {
            let error = anyhow::Error::from(error).context(format!("{argument} {shown} cannot be written"));
            Failure::new(Exit::Failed, error, "nothing was sent; name a file in a folder you can write to")
        };
        match Target::at(&self.path).map_err(failed)? {
            Target::Link => Err(misused(anyhow!("{argument} {shown} is a link to another place"))),
            Target::Folder => Err(misused(anyhow!("{argument} {shown} is a folder"))),
            Target::File if is_behind_stdout(&self.path) => {
                Err(misused(anyhow!("stdout and {argument} name the same file, {shown}")))
            }
            Target::File if !self.is_spec && is_yaml(&self.path) => {
                Err(misused(anyhow!("{argument} would write over {shown}, and {argument} is no YAML")))
            }
            Target::Free | Target::File => try_out(&self.path).map(|()| None).map_err(failed),
            Target::Stream if is_stdout_whole && is_same_stream(&self.path, Path::new("/dev/stdout")) => Err(
                misused(anyhow!("stdout and {argument} name the same file, {shown}, and each is a document")),
            ),
            Target::Stream => open_stream(&self.path).map(Some).map_err(failed),
        }
    }
}

fn misused(error: anyhow::Error) -> Failure {
    Failure::new(Exit::Usage, error, "name another file; nothing was read or written")
}

/// The files a command reads, as far as the command line and the environment name them.
fn inputs(command: &Command) -> Vec<PathBuf> {
    let spec = match command {
        Command::Plan(args) => Some(args.spec.file.clone()),
        Command::Apply(args) => Some(args.file.clone()),
        Command::Cleanup(args) => args.file.clone().or_else(default_spec),
        Command::Doctor(args) => args.har.clone().or(args.file.clone()).or_else(default_spec),
        Command::Rollback(args) => args.spec.clone(),
        Command::People(args) => Some(args.spec.file.clone()),
        Command::Rings(args) => Some(args.spec.file.clone()),
        Command::Report(args) => Some(args.spec.file.clone()),
        Command::Status(args) => Some(args.spec.file.clone()),
        Command::Verify(args) => Some(args.spec.file.clone()),
        Command::Fleet(command) => command.file().cloned(),
        Command::Validate(args) => Some(args.spec.file.clone()),
        Command::Snapshot(args) => args.file.clone().or_else(default_spec),
        _ => None,
    };
    let snapshot = match command {
        Command::Plan(args) => args.from.against.as_ref().or(args.portal_against.as_ref()),
        Command::People(args) => args.from.against.as_ref(),
        Command::Report(args) => args.from.against.as_ref(),
        Command::Verify(args) => args.from.against.as_ref(),
        Command::Status(args) => args.from.against.as_ref(),
        Command::Import(args) => args.from.against.as_ref(),
        _ => None,
    };
    spec.into_iter().chain(snapshot.cloned()).chain(files_of_sign_in()).collect()
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}

/// Returns whether two paths name one file: by links of either kind, by letter case where the system has none, or, of
/// a file that is not there yet, by its folder.
fn is_same(one: &Path, other: &Path) -> bool {
    let is_file = |path: &Path| path.metadata().is_ok_and(|found| found.is_file());
    // Opened to be compared, and a pipe must not be.
    if is_file(one) && is_file(other) && same_file::is_same_file(one, other).unwrap_or(false) {
        return true;
    }
    let is_stream = |path: &Path| matches!(Target::at(path), Ok(Target::Stream));
    if is_stream(one) && is_stream(other) {
        return is_same_stream(one, other);
    }
    let is_new = |path: &Path| matches!(Target::at(path), Ok(Target::Free));
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        let name = path.file_name()?.to_string_lossy().into_owned();
        let has_no_case = cfg!(any(windows, target_os = "macos"));
        Some((folder, if has_no_case { name.to_lowercase() } else { name }))
    };
    is_new(one) && is_new(other) && place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
}

/// Returns whether a path is in a folder or below it, by whatever names; either may not be there yet.
fn is_below(path: &Path, folder: &Path) -> bool {
    let real = |path: &Path| {
        let path = std::path::absolute(path).ok()?;
        path.ancestors().find_map(|there| {
            let rest = path.strip_prefix(there).ok()?;
            Some(there.canonicalize().ok()?.join(rest))
        })
    };
    // A link stands in the folder it is in, wherever it leads.
    let parent = std::path::absolute(path).ok().and_then(|path| path.parent().and_then(real));
    parent.zip(real(folder)).is_some_and(|(parent, folder)| parent.starts_with(folder))
}

fn is_behind_stdout(path: &Path) -> bool {
    let handles = (same_file::Handle::stdout(), same_file::Handle::from_path(path));
    matches!(handles, (Ok(stdout), Ok(file)) if stdout == file)
}
