//! The record of what `sspr login --setup` made in a tenant: one file for each tenant, only ever added to.
//! It is what `--remove` goes by.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StateDir;
use super::json_lines::JsonLines;
use super::read_run::read_own;
use crate::files::{claim_private_folder_below, private_file, sync_folder};
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::tenant::app_registration::{Made, Part};

const FORMAT: &str = "sspr.setup-record/1";

/// A line of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum SetupEvent {
    /// A run began. Its first line tells the version.
    Began {
        /// Of the record.
        format: String,
    },
    /// An application that was there is the one to use.
    Chosen {
        /// Its object id.
        application: Uuid,
    },
    /// A write is about to be sent.
    Writing {
        /// Of this part.
        part: Part,
        /// Whether it makes something that was not there.
        creates: bool,
        /// What that is known by.
        mark: Option<String>,
    },
    /// It was seen to have landed.
    Made {
        /// What it made.
        made: Made,
    },
    /// It was seen not to have landed, or refused.
    NotMade {
        /// The part.
        part: Part,
        /// Why.
        error: String,
    },
    /// The application that was chosen is not any more.
    Unchosen,
    /// Something that was made is gone again.
    TakenBack {
        /// What.
        made: Made,
    },
}

/// The record of a tenant, and what it tells.
#[derive(Debug)]
pub struct SetupRecord {
    path: PathBuf,
    made: Vec<Made>,
    chosen: Option<Uuid>,
    interrupted: Option<(Part, Option<String>)>,
}

impl StateDir {
    /// Opens the record of a tenant; nothing is made until something is added.
    ///
    /// # Errors
    /// It cannot be read, is damaged, or is not this user's own.
    pub fn setup_record(&self, tenant: TenantId) -> Result<SetupRecord> {
        let path = self.root().join("setup").join(format!("{tenant}.jsonl"));
        let refused =
            |why: String| anyhow::Error::from(Refusal::Record { path: path.display().to_string(), why });
        let mut record =
            SetupRecord { path: path.clone(), made: Vec::new(), chosen: None, interrupted: None };
        let bytes = match read_own(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(record),
            read => {
                read.with_context(|| format!("{} could not be read", path.display()))?.map_err(&refused)?
            }
        };
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            match serde_json::from_slice::<SetupEvent>(line) {
                Ok(event) => record.take(&event).map_err(&refused)?,
                // It was not yet on disk when the process ended.
                Err(error) if error.is_eof() => {}
                Err(_) => return Err(refused(format!("line {} of it is damaged", at + 1))),
            }
        }
        Ok(record)
    }
}

impl SetupRecord {
    fn take(&mut self, event: &SetupEvent) -> Result<(), String> {
        match event {
            SetupEvent::Began { format } if format != FORMAT => {
                return Err("it is of another version".to_owned());
            }
            SetupEvent::Began { .. } => {}
            SetupEvent::Chosen { application } => self.chosen = Some(*application),
            SetupEvent::Writing { part, creates, mark } => {
                self.interrupted = creates.then(|| (*part, mark.clone()));
            }
            SetupEvent::Made { made } => {
                self.interrupted = None;
                self.made.push(made.clone());
            }
            SetupEvent::NotMade { .. } => self.interrupted = None,
            SetupEvent::Unchosen => self.chosen = None,
            SetupEvent::TakenBack { made } => {
                self.made.retain(|known| known != made);
                self.chosen = self.chosen.filter(|_| !self.made.is_empty());
            }
        }
        Ok(())
    }

    /// Returns what was made and not taken back, in the order in which it was made.
    pub fn made(&self) -> &[Made] {
        &self.made
    }

    /// Returns the object ids of the applications that were made, completed or chosen from here.
    pub fn applications(&self) -> Vec<Uuid> {
        let made = self.made.iter().filter_map(|made| match made {
            Made::Application { id, .. } | Made::ApplicationFields { id, .. } => Some(*id),
            _ => None,
        });
        let mut all: Vec<Uuid> = made.chain(self.chosen).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Returns the part that was being made when a run was cut off, and what it is known by: it may be there.
    pub fn interrupted(&self) -> Option<(Part, Option<&str>)> {
        self.interrupted.as_ref().map(|(part, mark)| (*part, mark.as_deref()))
    }

    /// Returns whether an application was chosen that is still the one.
    pub fn has_choice(&self) -> bool {
        self.chosen.is_some()
    }

    /// Returns where the record is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a line that says that a run begins.
    ///
    /// # Errors
    /// As [`SetupRecord::add`].
    pub fn begin(&mut self) -> Result<()> {
        self.add(SetupEvent::Began { format: FORMAT.to_owned() })
    }

    /// Adds a line, and waits until it is on disk.
    ///
    /// # Errors
    /// It cannot be written. Nothing must be sent then.
    pub fn add(&mut self, event: SetupEvent) -> Result<()> {
        self.take(&event).map_err(anyhow::Error::msg)?;
        self.append(&event).with_context(|| format!("{} could not be written", self.path.display()))
    }

    fn append(&self, event: &SetupEvent) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        claim_private_folder_below(folder)?;
        JsonLines::of(private_file().read(true).append(true).open(&self.path)?)?.add(event)?;
        sync_folder(folder)
    }
}
