//! What commands found or did: data that every form of the result is made of.

mod apply_error;
pub mod applied;
pub mod verification;
pub mod doctor;
pub mod fleet;
pub mod fleet_merge;
pub mod fleet_plans;
pub mod pilot_report;
pub mod redaction;
mod recorded;
mod ring_board;
pub mod status;
mod survey;
mod tester;
mod refusal;
pub mod login_setup;
pub mod run_name;
mod question;
mod typed;

pub use applied::{Applied, Outcome, Proof, Proofs, ProvingEvent, Write};
pub use apply_error::{ApplyError, Stands};
pub use question::Question;
pub use recorded::Recorded;
pub use refusal::{FixedScopes, Lack, Refusal};
pub use ring_board::{Besides, BoardRing, NextRing, RingBoard};
pub use survey::Survey;
pub use tester::{NoSuchUser, Obstacle, Tester};
pub use typed::Typed;

use serde::Serialize;

/// One run, as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct ListedRun {
    /// Names the run to `rollback`.
    pub id: String,
    /// As much of the name as means this run alone among those of its tenant.
    #[serde(skip)]
    pub short: String,
    /// Tenant id.
    pub tenant: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// The spec it came from.
    pub spec: String,
    /// What of the spec was left out; only where something was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// How many changes it was to make.
    pub changes: usize,
    /// How many of them its record shows made; `null` where the record cannot be used.
    pub changes_done: Option<usize>,
    /// How many of them are in a write that was sent, or may have been, and not seen to land; `null` as above.
    pub changes_unknown: Option<usize>,
    /// Who made them: a person's principal name or an application, as far as the sign-in says.
    pub by: Vec<String>,
    /// `done`, `part-way`, `nothing written`, `in progress`, `cut off` or `unreadable`.
    pub outcome: &'static str,
    /// What is left of it: `stands`, `may stand`, `nothing written`, `taken back`, `way back` or `unknown`.
    pub standing: &'static str,
    /// Why its record cannot be used; `null` where it can.
    pub problem: Option<String>,
    /// Ids of the audit log's records of the writes; empty where `--prove` was not asked for.
    pub proof: Vec<String>,
    /// Where its baseline and journal are.
    pub directory: String,
}
