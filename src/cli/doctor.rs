//! `sspr doctor`: is everything in place, and what does this tenant teach about the service.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Global;
use super::confirm::confirm;
use super::console::{CommandOutput, Console};
use super::session::{Session, load_guard, personal_folders, profile_dir};
use crate::app::doctor::{Occasion, examine, probe, probe_write};
use crate::app::observe::{SurfaceSelection, observe, refuse_other_tenants};
use crate::app::write::Patience;
use crate::error::{Exit, Failure};
use crate::outcome::Refusal;
use crate::outcome::examination::Observation;
use crate::plan::{Overrides, PlanOptions, plan};
use crate::render::{doctor, markdown, text};
use crate::spec_file;
use crate::text::visible;

/// Where the report of a probe goes unless it is said.
const DEFAULT_REPORT: &str = "sspr-doctor.json";

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr doctor                       who is signed in, what is missing for which command
  sspr doctor --probe               also what is not documented about this tenant's service
  sspr doctor --report doctor.json  a report without names, to attach to an issue")]
pub(super) struct DoctorArgs {
    /// A spec, for what it alone needs [default: pilot.yaml, where there is one]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also answer what no document says about the admin-centre API, as far as reading can
    #[arg(long)]
    probe: bool,
    /// Also write the password reset policy back unchanged, after asking, and read it again
    #[arg(long)]
    probe_write: bool,
    /// Save a report in which names, addresses and ids are replaced [default with a probe: sspr-doctor.json]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write without asking
    #[arg(long, short, requires = "probe_write")]
    yes: bool,
}

impl DoctorArgs {
    /// Returns where the report goes; `None` where none is made.
    pub(super) fn report_path(&self) -> Option<PathBuf> {
        let is_probe = self.probe || self.probe_write;
        self.report.clone().or_else(|| is_probe.then(|| PathBuf::from(DEFAULT_REPORT)))
    }
}

pub(super) async fn run(
    args: &DoctorArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let spec = load_guard(args.file.as_deref(), global)?;
    let session = Session::open(global).await?;
    let profile = profile_dir();
    let occasion = Occasion {
        cloud: global.cloud.cloud(),
        state: &session.state,
        profile: profile.as_deref(),
        today: global.today(),
        spec: spec.as_ref(),
    };
    console.begin("looking around");
    let mut seen = examine(&session.reader, occasion).await;
    if args.probe || args.probe_write {
        if spec.is_some() {
            refuse_other_tenants(&session.reader, spec.as_ref(), true).await?;
        }
        seen.observe(probe(&session.reader).await);
    }
    // What was not waited for is no finding.
    if let Some(reason) = global.stop.reason() {
        return Err(Failure::stopped(reason));
    }
    if args.probe_write {
        seen.observe(write_back(args, global, &session, console).await?);
    }
    seen.folders = personal_folders().into_iter().map(|(folder, shown)| (folder, shown.to_owned())).collect();
    // Elsewhere its path may name somebody all the same.
    let state = session.state.root().display().to_string();
    if !seen.folders.iter().any(|(folder, _)| state.starts_with(folder)) {
        seen.folders.push((state, "the state directory".to_owned()));
    }
    let document = doctor::document(&seen);
    console.set_page(|| markdown::render(&document));
    console.say(&text::render(&document, None))?;
    if let Some(path) = args.report_path()
        && console.save(&path, &format!("{:#}\n", doctor::redacted(&seen)))?
    {
        let shown = visible(&path.display().to_string());
        console.eprint(&format!("A report without names is in {shown}. Read it before you pass it on.\n"));
    }
    let exit = if seen.failures() == 0 { Exit::Done } else { Exit::ConditionUnmet };
    Ok(CommandOutput { exit, json: format!("{:#}\n", doctor::json(&seen)) })
}

async fn write_back(
    args: &DoctorArgs,
    global: &Global,
    session: &Session,
    console: &mut Console,
) -> Result<Vec<Observation>, Failure> {
    if !args.yes {
        let question = "Write the password reset policy back as it is?";
        let yes = "yes";
        confirm(console, &session.stop, question, yes)
            .await
            .map_err(|refusal: Refusal| anyhow::Error::from(refusal))?;
    }
    console.begin_result()?;
    // A spec that manages nothing: what is written is what was read.
    let nothing = spec_file::load("doctor --probe-write", b"version: 1\n")?;
    let tenant = observe(&session.reader, &nothing, SurfaceSelection::Both).await?.tenant;
    let options = PlanOptions { now: global.now(), overrides: Overrides::default() };
    let plan = plan(&nothing, &tenant, options);
    let patience = Patience { first: Duration::from_millis(100), total: Duration::from_secs(30) };
    let observations = probe_write(&plan, &session.reader, &session.writer, &session.state, patience).await?;
    console.note_written();
    Ok(observations)
}
