//! The use cases, one function each: a [`Session`] and a request in, what it found or did out.
//! Each tells an [`Observer`] what it is doing. None prints, reads the environment or knows the command line.

mod apply;
mod clock;
mod confirm;
mod confirm_and_apply;
mod doctor;
mod fetch_tenant;
mod history;
mod import;
mod init;
mod login;
pub mod observe;
mod observer;
mod people;
mod permission_check;
mod plan;
mod read_pilot;
mod report;
mod rings;
mod roll_out;
mod rollback;
mod session;
mod status;
mod login_setup;
mod verify;
pub mod write;

pub use apply::{ApplyFile, ApplyRequest, CleanupRequest, apply, cleanup};
pub use clock::Clock;
pub use confirm::{Always, Confirm, Never};
pub use confirm_and_apply::Writing;
pub use doctor::{DoctorRequest, doctor, examine_recording, recording_exit};
pub use history::history;
pub use import::{Imported, import};
pub use init::init;
pub use login::{LoggedIn, LoggedOut, LoginRequest, login, logout};
pub use login_setup::{SetUp, SetupRequest, remove_setup, setup};
pub use observer::{Event, Observer, Progress, Silent};
pub use people::{PeopleReport, PeopleRequest, people};
pub use plan::{PlanRequest, plan, plan_exit};
pub use report::{ReportRequest, report};
pub use rings::{RingsRequest, rings, rings_exit};
pub use rollback::{RollbackRequest, rollback};
pub use session::Session;
pub use status::{StatusRequest, status};
pub use verify::{VerifyReport, VerifyRequest, verify};
