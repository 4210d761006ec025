//! The status of a write: planned, sent, done, failed, undone or kept.

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteStatus {
    /// It is to be sent.
    Planned,
    /// What it writes was there before: it is never taken back.
    AlreadySo,
    /// It was sent, or may have been. Whether it landed is unknown until the object is read.
    Sent,
    /// It was seen to land.
    Done,
    /// It did not happen: it was refused, never left this machine, or was seen not to land.
    Failed,
    /// It is taken back.
    Undone,
    /// It is not taken back.
    Kept(Kept),
}

/// Why a write is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nothing of it is left.
    NothingLeft,
    /// Others have come to use what it set up.
    UsedByOthers,
}

impl WriteStatus {
    /// Returns whether the tenant may hold the write.
    pub fn may_have_landed(self) -> bool {
        matches!(self, Self::Sent | Self::Done)
    }
}
