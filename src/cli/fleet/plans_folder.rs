//! A folder of saved plans: written by `fleet plan --out`, read by `fleet apply`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;

use crate::cli::Global;
use crate::cli::spec_arguments::load_bytes;
use crate::digest::{bare, sha256};
use crate::error::{Exit, Failure};
use crate::files::{Existing, Readers, create_private_folder, save};
use crate::outcome::Refusal;
use crate::outcome::fleet::{FleetRun, TenantRow};
use crate::outcome::fleet_plans::{FORMAT, FleetPlans, INDEX, SavedPlan, plan_name};
use crate::plan::{ReviewError, Reviewed};
use crate::render::fleet;
use crate::text::visible;

const PLAN_AGAIN: &str = "make and review new plans: `sspr fleet plan --out FOLDER`";

/// A folder that plans are saved to.
#[derive(Debug)]
pub(super) struct PlansFolder {
    path: PathBuf,
}

/// A folder of plans that was read.
pub(super) struct ReadPlans {
    pub(super) index: FleetPlans,
    /// By tenant: its plan, or why it cannot be used. Where it has none, it is missing.
    pub(super) plans: BTreeMap<String, Result<Reviewed, Failure>>,
}

impl PlansFolder {
    /// Takes a folder for plans: a new one, an empty one, or one of plans, which go.
    ///
    /// # Errors
    /// It holds something else, or cannot be written. Nothing was read or sent.
    pub(super) fn take(path: &Path) -> Result<Self, Failure> {
        let shown = visible(&path.display().to_string());
        let index = path.join(INDEX);
        let old = match fs::read(&index) {
            Ok(bytes) => FleetPlans::parse(&bytes).ok(),
            Err(_) => None,
        };
        let is_empty = match fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unwritten(&shown, error)),
        };
        match old {
            None if !is_empty => {
                let error = anyhow!("--out {shown} holds other files, and no plans of a fleet");
                return Err(Failure::new(Exit::Usage, error, "name a new folder; nothing was read or sent"));
            }
            None => create_private_folder(path).map_err(|error| unwritten(&shown, error))?,
            Some(old) => {
                // First of all, so that what is left of a run that is cut off is no set of plans.
                fs::remove_file(&index).map_err(|error| unwritten(&shown, error))?;
                for file in old.plans.into_iter().filter_map(|plan| plan.file) {
                    let _ = fs::remove_file(path.join(file));
                }
            }
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Saves a tenant's plan.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn save(&self, tenant: &TenantRow, plan: &str) -> Result<()> {
        let path = self.path.join(plan_name(tenant.place, &tenant.tenant));
        save(&path, plan.as_bytes(), Readers::Owner, Existing::Replace)
            .with_context(|| format!("{} could not be written", path.display()))
    }

    /// Saves the index, when every plan is saved, and names each row's plan.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn finish(&self, run: &mut FleetRun) -> Result<()> {
        for row in &mut run.rows {
            let name = plan_name(row.place, &row.tenant);
            row.plan = Some(name).filter(|name| self.path.join(name).is_file());
        }
        let plan = |row: &TenantRow| SavedPlan { tenant: row.tenant.clone(), file: row.plan.clone() };
        let index = FleetPlans {
            format: FORMAT.to_owned(),
            made: run.made,
            fleet: run.fleet.clone(),
            shard: run.shard.clone(),
            plans: run.rows.iter().map(plan).collect(),
        };
        let path = self.path.join(INDEX);
        save(&path, fleet::index(&index).as_bytes(), Readers::Owner, Existing::Replace)
            .with_context(|| format!("{} could not be written", path.display()))
    }
}

fn unwritten(shown: &str, error: io::Error) -> Failure {
    let error = anyhow::Error::from(error).context(format!("--out {shown} cannot be written"));
    Failure::new(Exit::Failed, error, "nothing was sent; name a folder where you can write")
}

/// Reads a folder of plans. A plan that cannot be used is its tenant's failure.
///
/// # Errors
/// The index cannot be used.
pub(super) fn read_plans(
    folder: &Path,
    global: &Global,
    (now, max_age): (Timestamp, u32),
) -> Result<ReadPlans, Failure> {
    let bytes = load_bytes(&folder.join(INDEX), global)?;
    let index =
        FleetPlans::parse(&bytes).map_err(|error| Failure::new(Exit::Refused, error.into(), PLAN_AGAIN))?;
    let read = |file: &str| -> Result<Reviewed, Failure> {
        let reviewed = Reviewed::parse(&load_bytes(&folder.join(file), global)?).map_err(Refusal::Review)?;
        reviewed.check_age(now, max_age).map_err(Refusal::Review)?;
        Ok(reviewed)
    };
    let plans =
        index.plans.iter().filter_map(|plan| Some((plan.tenant.clone(), read(plan.file.as_deref()?))));
    Ok(ReadPlans { plans: plans.collect(), index })
}

impl ReadPlans {
    /// Checks that the fleet file is the one that the plans were made from. It is parsed after that alone: an index must
    /// not make sspr show another file's content.
    ///
    /// # Errors
    /// [`ReviewError::OtherSpec`].
    pub(super) fn check_fleet(&self, bytes: &[u8]) -> Result<(), Failure> {
        match bare(&sha256(bytes)) == self.index.fleet.sha256 {
            true => Ok(()),
            false => {
                let error = Refusal::Review(ReviewError::OtherSpec(self.index.fleet.path.clone()));
                Err(Failure::new(Exit::Refused, error.into(), PLAN_AGAIN))
            }
        }
    }
}
