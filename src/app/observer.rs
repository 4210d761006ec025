//! Who hears of people as they are read.

use anyhow::Result;

use crate::people::Row;

/// Who hears of the members as they are read.
pub trait Observer {
    /// Takes a row.
    ///
    /// # Errors
    /// Where the row cannot be taken, the reading ends.
    fn take(&mut self, row: &Row) -> Result<()>;
    /// Hears how far the reading is.
    fn on_progress(&mut self, progress: Progress);
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The registration report comes in pages of 999, five in ten seconds; nobody says how many there are.
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
