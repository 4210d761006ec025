//! `doctor --har`: what a browser saved while someone used the portal. No sign-in, and nothing is sent.

use std::io::Read;

use anyhow::anyhow;

use crate::error::{Exit, Failure};
use crate::evidence::{Verdict, judge};
use crate::har::{self, HarError};
use crate::outcome::Recorded;
use crate::stop::Stop;

/// Reads a recording, and holds it against the list of beliefs. A file that is damaged shows what was read until there,
/// and the failure beside it.
pub fn examine_recording(file: impl Read, name: &str, stop: &Stop) -> (Recorded, Option<Failure>) {
    let reading = har::read(file, stop);
    let evidence = judge(&reading.exchanges);
    let problem = reading.problem.as_ref().map(ToString::to_string);
    let failure = reading.problem.map(|problem| failure(problem, name, reading.recording.entries, stop));
    (Recorded { recording: reading.recording, evidence, problem }, failure)
}

/// Returns the code a whole recording ends with.
pub fn recording_exit(recorded: &Recorded) -> Exit {
    match recorded.evidence.count(Verdict::Otherwise) {
        0 => Exit::Done,
        _ => Exit::ConditionUnmet,
    }
}

fn failure(problem: HarError, name: &str, entries: usize, stop: &Stop) -> Failure {
    if let (HarError::Stopped, Some(reason)) = (&problem, stop.reason()) {
        return Failure::stopped(reason);
    }
    let hint = match &problem {
        HarError::Truncated => "save it from the browser again, and copy it whole",
        HarError::NotJson { .. } | HarError::TooDeep | HarError::NoEntries => {
            "save it from the browser's Network tab as HAR, and do not edit it"
        }
        HarError::Packed => "unpack it first",
        HarError::Wide => "save it as UTF-8, as browsers do",
        HarError::Stopped | HarError::Io(_) => "copy it to this machine, and try again",
    };
    let read = crate::text::counted(entries, "request");
    let error = anyhow::Error::from(problem).context(anyhow!("{name} was read in part, up to {read}"));
    Failure::new(Exit::Failed, error, hint)
}
