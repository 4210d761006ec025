//! `sspr doctor --har`: what a browser saved while someone used the portal.

use std::fs::File;
use std::io;
use std::path::Path;

use super::doctor::{DoctorArgs, save_report};
use super::signals::unless_stopped;
use super::spec_arguments::{is_stdin, unreadable};
use super::{CommandOutput, CommandResult, Console, Global};
use crate::app;
use crate::error::{Exit, Failure};
use crate::outcome::Recorded;
use crate::render::text::Layout;
use crate::render::{evidence, markdown, text};
use crate::tenant::Snapshot;
use crate::text::visible;

pub(super) fn run(path: &Path, args: &DoctorArgs, global: &Global, console: &mut Console) -> CommandResult {
    let (recorded, read) = read(path, args.snapshot_out.is_some(), global)?;
    console.show(evidence::document(&recorded))?;
    let json = format!("{:#}\n", evidence::json(&recorded));
    if let Some(path) = args.report_path() {
        save_report(&path, &page(&path, &recorded, &json), console)?;
    }
    if let (Some(path), Ok(Some(snapshot))) = (&args.snapshot_out, &read)
        && console.save(path, &snapshot.text())?
    {
        let shown = visible(&path.display().to_string());
        let said = format!(
            "{shown} has the tenant's settings, with names in them. Next: sspr plan --portal-against {shown}\n"
        );
        console.story.eprint(&said);
    }
    let exit = match &read {
        // What was read of a damaged file is shown, and is not all.
        Err(failure) => {
            console.eprint_failure(failure);
            failure.exit
        }
        Ok(_) => app::recording_exit(&recorded),
    };
    Ok(CommandOutput { exit, json })
}

type Read = (Recorded, Result<Option<Snapshot>, Failure>);

fn read(path: &Path, keeps: bool, global: &Global) -> Result<Read, Failure> {
    let shown =
        if is_stdin(path) { "standard input".to_owned() } else { visible(&path.display().to_string()) };
    let (named, name, stop) = (path.to_owned(), shown.clone(), global.stop.clone());
    let examine = move |file: &mut dyn io::Read| match keeps {
        true => {
            let (recorded, snapshot) = app::snapshot_recording(file, &name, &stop);
            (recorded, snapshot.map(Some))
        }
        false => {
            let (recorded, failure) = app::examine_recording(file, &name, &stop);
            (recorded, failure.map_or(Ok(None), Err))
        }
    };
    let read = unless_stopped(&global.stop, move || match is_stdin(&named) {
        true => Ok(examine(&mut io::stdin().lock())),
        false => open(&named).map(|mut file| examine(&mut file)),
    });
    let read = read.map_err(anyhow::Error::from)?.map_err(Failure::stopped)?;
    read.map_err(|error| {
        let hint = "name the file that the browser's Network tab saved";
        Failure::new(Exit::Failed, unreadable(error, path, &shown), hint)
    })
}

/// Opens a file. Unix opens a folder too, and only reading it fails.
fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

/// Returns the report in the form that the name of its file asks for.
fn page(path: &Path, recorded: &Recorded, json: &str) -> String {
    let ends = |end: &str| path.extension().is_some_and(|known| known.eq_ignore_ascii_case(end));
    let document = || evidence::document(recorded);
    if ends("md") {
        markdown::render(&document())
    } else if ends("txt") {
        text::render(&document(), &Layout::default())
    } else {
        json.to_owned()
    }
}
