//! Which people a list is of.

use super::Row;

/// Whom a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Who is ready.
    Ready,
    /// Who is not known to be ready: no, unknown, and those the spec is not for.
    NotReady,
    /// Of whom it is unknown.
    Unknown,
    /// Whom registering could make ready.
    Nudge,
    /// Who has nothing but numbers and addresses in the directory.
    DirectoryOnly,
}

impl Selection {
    /// Returns whether someone is on the list.
    pub fn includes(self, row: &Row) -> bool {
        let readiness = &row.readiness;
        match self {
            Self::Ready => readiness.is_ready == Some(true),
            Self::NotReady => readiness.is_ready != Some(true),
            Self::Unknown => readiness.is_ready.is_none() && readiness.left_out().is_none(),
            Self::Nudge => readiness.nudge().is_some(),
            Self::DirectoryOnly => readiness.is_directory_only == Some(true),
        }
    }
}
