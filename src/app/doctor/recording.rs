//! `doctor --har`: what a browser saved while someone used the portal. No sign-in, and nothing is sent.

use std::io::Read;

use anyhow::anyhow;

use super::recorded_snapshot::snapshot_of;
use crate::error::{Exit, Failure};
use crate::evidence::{Exchange, Verdict, judge};
use crate::har::{self, HarError};
use crate::outcome::Recorded;
use crate::stop::Stop;
use crate::tenant::Snapshot;

/// Reads a recording, and holds it against the list of beliefs. A file that is damaged shows what was read until there,
/// and the failure beside it.
pub fn examine_recording(file: impl Read, name: &str, stop: &Stop) -> (Recorded, Option<Failure>) {
    let (recorded, failure, _) = examine(file, name, stop);
    (recorded, failure)
}

/// As [`examine_recording`], and returns what the recording shows of the tenant as a snapshot.
///
/// # Errors
/// As [`examine_recording`]; or the recording does not show enough for one.
pub fn snapshot_recording(file: impl Read, name: &str, stop: &Stop) -> (Recorded, Result<Snapshot, Failure>) {
    let (recorded, failure, exchanges) = examine(file, name, stop);
    let is_sandbox = recorded.recording.is_sandbox;
    let snapshot = failure.map_or_else(|| snapshot_of(&exchanges, is_sandbox), Err);
    (recorded, snapshot)
}

fn examine(file: impl Read, name: &str, stop: &Stop) -> (Recorded, Option<Failure>, Vec<Exchange>) {
    let reading = har::read(file, stop);
    let evidence = judge(&reading.exchanges);
    let problem = reading.problem.as_ref().map(ToString::to_string);
    let failure = reading.problem.map(|problem| failure(problem, name, reading.recording.entries, stop));
    (Recorded { recording: reading.recording, evidence, problem }, failure, reading.exchanges)
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
