//! What `sspr login --setup` would do, did, or removed.

use std::path::PathBuf;

use uuid::Uuid;

use crate::ids::TenantId;

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStatus {
    /// It is to be written.
    Planned,
    /// It was there before: it is never removed.
    AlreadySo,
    /// It was written, and seen.
    Done,
    /// It was refused, or seen not to land.
    Failed,
    /// It was sent, and whether it landed could not be read.
    Unknown,
    /// One before it ended the run.
    NotReached,
    /// It was undone.
    TakenBack,
    /// Nothing of it was left.
    Gone,
    /// It stays, and its text says why.
    Kept,
}

impl SetupStatus {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "to do",
            Self::AlreadySo => "already so",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotReached => "not reached",
            Self::TakenBack => "taken back",
            Self::Gone => "gone",
            Self::Kept => "kept",
        }
    }
}

/// One part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupRow {
    /// What it is called.
    pub name: String,
    /// What it comes to, or why it stays; may hold foreign text.
    pub text: String,
    /// What becomes of it.
    pub status: SetupStatus,
}

/// What `sspr login --setup` would do, did, or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupReport {
    /// Whether this is a removal.
    pub is_removal: bool,
    /// Tenant id.
    pub tenant: TenantId,
    /// Tenant display name; foreign text.
    pub tenant_name: String,
    /// Its default domain; foreign text.
    pub tenant_domain: String,
    /// Who is signed in, as they are called; foreign text.
    pub person: String,
    /// The client's id, where there is a client.
    pub client: Option<Uuid>,
    /// The command that signs in with it.
    pub login: String,
    /// The parts, in the order in which they are gone through.
    pub rows: Vec<SetupRow>,
    /// The admin consent page; `None` if consent is there.
    pub consent_link: Option<String>,
    /// Where the record is.
    pub record: PathBuf,
    /// What somebody should know beside it.
    pub notices: Vec<String>,
    /// Whether the tenant is the built-in pretend one.
    pub is_sandbox: bool,
}

impl SetupReport {
    /// Returns whether anything is to be written.
    pub fn is_pending(&self) -> bool {
        self.rows.iter().any(|row| row.status == SetupStatus::Planned)
    }

    /// Returns whether anything was written, or may have been.
    pub fn has_written(&self) -> bool {
        self.rows.iter().any(|row| {
            matches!(row.status, SetupStatus::Done | SetupStatus::TakenBack | SetupStatus::Unknown)
        })
    }
}
