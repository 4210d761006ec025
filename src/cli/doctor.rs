//! `sspr doctor`: checks whether everything is in place, and what this tenant shows about the service.

use std::path::{Path, PathBuf};

use clap::Args;

use super::environment::{personal_folders, profile_dir};
use super::spec_arguments::load_guard;
use super::{CommandOutput, CommandResult, Console, Front, Global, doctor_har, open};
use crate::app::{self, DoctorRequest};
use crate::error::{Exit, Failure};
use crate::render::doctor;
use crate::spec_file::Spec;
use crate::text::visible;

const DEFAULT_REPORT: &str = "sspr-doctor.json";

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr doctor                       who is signed in, what is missing for which command
  sspr doctor --probe               also test undocumented behaviour of the service
  sspr doctor --report doctor.json  a report without names, to attach to an issue
  sspr doctor --har portal.har      what the portal's own traffic shows; no sign-in")]
pub(super) struct DoctorArgs {
    /// A spec whose needs are checked too [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also check what no document says about the admin-centre API, as far as reading shows it
    #[arg(long)]
    probe: bool,
    /// Also write the password reset policy back unchanged and read it again; asks first
    #[arg(long)]
    probe_write: bool,
    /// Save a report in which names, addresses and ids are replaced [default with a probe: sspr-doctor.json]. With --har
    /// the file's ending says what it is: .md Markdown, .txt text, else JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Check what a browser saved (HAR) while someone used the portal's Password reset pages, and nothing else: it needs no
    /// sign-in, sends nothing, and nothing else of the file is kept or shown
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "probe", "probe_write"])]
    pub(super) har: Option<PathBuf>,
    /// With --har: keep what the file shows of the tenant's settings as a snapshot, for `plan --portal-against`; it is for
    /// its owner alone, and no report
    #[arg(long, value_name = "FILE", requires = "har")]
    pub(super) snapshot_out: Option<PathBuf>,
    /// Write without asking
    #[arg(long, short, alias = "auto-approve", requires = "probe_write")]
    yes: bool,
}

impl DoctorArgs {
    /// Returns where the report goes; `None` where none is made.
    pub(super) fn report_path(&self) -> Option<PathBuf> {
        let is_probe = self.probe || self.probe_write;
        self.report.clone().or_else(|| is_probe.then(|| PathBuf::from(DEFAULT_REPORT)))
    }
}

pub(super) async fn run(args: &DoctorArgs, global: &Global, console: &mut Console) -> CommandResult {
    if let Some(recording) = &args.har {
        return doctor_har::run(recording, args, global, console);
    }
    let spec = load_guard(args.file.as_deref(), global)?;
    let session = open(global, spec.as_ref().and_then(Spec::tenant), false).await?;
    let profile = profile_dir();
    let request = DoctorRequest {
        cloud: global.cloud.cloud(),
        spec: spec.as_ref(),
        profile: profile.as_deref(),
        folders: personal_folders(),
        probes: args.probe,
        probes_write: args.probe_write,
    };
    let mut front = Front::new(console);
    front.is_confirmed = args.yes;
    let seen = app::doctor(&session.tenant, request, &front, &front).await?;
    let document = doctor::document(&seen);
    console.show(document)?;
    if let Some(path) = args.report_path() {
        save_report(&path, &format!("{:#}\n", doctor::redacted(&seen)), console)?;
    }
    let exit = if seen.failures() == 0 { Exit::Done } else { Exit::ConditionUnmet };
    Ok(CommandOutput { exit, json: format!("{:#}\n", doctor::json(&seen)) })
}

/// Writes a report without names, and says where it is.
pub(super) fn save_report(path: &Path, report: &str, console: &mut Console) -> Result<(), Failure> {
    if console.save(path, report)? {
        let shown = visible(&path.display().to_string());
        let said = format!("A report without names is in {shown}. Read it before you share it.\n");
        console.story.eprint(&said);
    }
    Ok(())
}
