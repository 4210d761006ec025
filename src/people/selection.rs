//! Which people a list is of.

use super::Row;

/// Whom a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Who is ready.
    Ready,
    /// Who can be ready and is not.
    NotReady,
    /// Who can be ready, and of whom it is unknown.
    Unknown,
    /// Whom no method could make ready: they are left out of the share.
    LeftOut,
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
            Self::NotReady => readiness.is_ready == Some(false) && readiness.left_out().is_none(),
            Self::Unknown => readiness.is_ready.is_none() && readiness.left_out().is_none(),
            Self::LeftOut => readiness.is_ready != Some(true) && readiness.left_out().is_some(),
            Self::Nudge => readiness.nudge().is_some(),
            Self::DirectoryOnly => readiness.is_directory_only == Some(true),
        }
    }
}
