//! The events of a running use case, and the trait that receives them.

use std::time::Duration;

use anyhow::Result;

use crate::client::Prompt;
use crate::outcome::login_setup::SetupReport;
use crate::outcome::verification::{SeenEvent, Verification};
use crate::people::Row;
use crate::plan::{Operation, Plan};
use crate::tenant::{Group, Organization};

/// Something that happened on the way.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Work of this kind is under way from here on: "reading the tenant".
    Began(&'static str),
    /// How far a long reading is.
    Progress(Progress),
    /// The tenant was planned for. `is_asked` is whether a question about the plan follows.
    Planned {
        /// The plan.
        plan: &'a Plan,
        /// Whether a person is asked before it is carried out.
        is_asked: bool,
    },
    /// The tenant is about to be written: an observer that cannot take the result says so now, and nothing is written.
    Writing,
    /// A write was sent, and is read back from here on.
    Sent(&'a Operation),
    /// A write was read back. Nothing that gets lost undoes it.
    Landed {
        /// What it is a part of.
        plan: &'a Plan,
        /// The write, as it was made.
        operation: &'a Operation,
        /// How long it took.
        elapsed: Duration,
    },
    /// The tenant was written: from here on nothing that gets lost undoes it.
    Written,
    /// Something a person should know, as a sentence; part of the result's notices too.
    Notice(&'a str),
    /// What is lacking of the registration, or what would be taken back.
    Setup(&'a SetupReport),
    /// A person has to sign in, and is waited for.
    SignIn(&'a Prompt),
    /// The group whose members follow, one by one.
    Members {
        /// The group.
        group: &'a Group,
        /// Its tenant.
        organization: &'a Organization,
    },
    /// A member.
    Row(&'a Row),
    /// The settings were compared with the spec; the tester may be looked up next.
    Compared(&'a Verification),
    /// The tester, where there is one, was checked too; the audit log may be watched next.
    Checked(&'a Verification),
    /// The audit log shows a reset.
    Seen(&'a SeenEvent),
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The registration report comes in pages of 999, five in ten seconds; their number is not known.
    Report {
        /// Rows so far.
        rows: u64,
    },
    /// Members are read.
    Members {
        /// So far.
        read: u64,
        /// As Graph counted at the start.
        of: u64,
    },
}

/// Receives the events of a use case while it runs.
pub trait Observer {
    /// Takes an event.
    ///
    /// # Errors
    /// It cannot be taken, so that going on would be for nothing: the use case ends. After [`Event::Written`] nothing
    /// ends for that.
    fn on(&self, event: Event<'_>) -> Result<()>;
}

/// Takes no notice.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}
