//! `doctor`: checks whether everything is in place, and what this tenant shows about the service.

mod examine;
mod permissions;
mod probe;
mod recorded_snapshot;
mod recording;
mod roles;

use examine::examine;
use probe::{probe, probe_write};
pub use recording::{examine_recording, recording_exit, snapshot_recording};

use std::path::Path;

use super::observe::{SurfaceSelection, observe, refuse_other_tenants};
use super::{Confirm, Event, Observer, Session};
use crate::client::Cloud;
use crate::error::Failure;
use crate::outcome::Question;
use crate::outcome::doctor::{Examination, Observation};
use crate::plan::{Overrides, PlanOptions, plan};
use crate::spec_file::{self, Spec};

/// What to look at.
#[derive(Clone, Debug)]
pub struct DoctorRequest<'a> {
    /// The cloud that was asked for.
    pub cloud: Cloud,
    /// A spec, for what it alone needs.
    pub spec: Option<&'a Spec>,
    /// The folder that is this user's alone on Windows.
    pub profile: Option<&'a Path>,
    /// The user's own folders, and their placeholders in a report without names.
    pub folders: Vec<(String, String)>,
    /// Whether questions are answered that no document answers, as far as reading can.
    pub probes: bool,
    /// Whether the password reset policy is also written back unchanged.
    pub probes_write: bool,
}

/// Looks at everything a command depends on. What cannot be read becomes a check that fails, not an error.
///
/// # Errors
/// The run is to end; another tenant than the spec's; with a write: it was not confirmed, or it failed.
pub async fn doctor(
    session: &Session,
    request: DoctorRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Examination, Failure> {
    observer.on(Event::Began("looking around"))?;
    let mut seen = examine(session, &request).await;
    if request.probes || request.probes_write {
        if request.spec.is_some() {
            refuse_other_tenants(&session.reader, request.spec, true).await?;
        }
        let (observations, beliefs) = probe(&session.reader, request.cloud).await;
        seen.observations.extend(observations);
        seen.beliefs = beliefs;
    }
    // What was not waited for is no finding.
    if let Some(reason) = session.stop.reason() {
        return Err(Failure::stopped(reason));
    }
    if request.probes_write {
        seen.observations.extend(write_back(session, observer, confirm).await?);
    }
    seen.folders = request.folders;
    // Elsewhere its path may name someone all the same.
    let state = session.state.root().display().to_string();
    if !seen.folders.iter().any(|(folder, _)| state.starts_with(folder)) {
        seen.folders.push((state, "the state directory".to_owned()));
    }
    Ok(seen)
}

async fn write_back(
    session: &Session,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<Vec<Observation>, Failure> {
    confirm.confirm(Question::Other("Write the password reset policy back as it is?")).await?;
    observer.on(Event::Writing)?;
    // A spec that manages nothing: what is written is what was read.
    let nothing = spec_file::load("doctor --probe-write", b"version: 1\n")?;
    let tenant = observe(&session.reader, &nothing, SurfaceSelection::Both).await?.tenant;
    let options = PlanOptions { now: session.clock.now(), overrides: Overrides::default() };
    let observations = probe_write(session, plan(&nothing, &tenant, options)).await?;
    // It is written: a notice that cannot be shown any more ends nothing.
    let _ = observer.on(Event::Written);
    Ok(observations)
}
