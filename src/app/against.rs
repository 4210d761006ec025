//! Reads a snapshot in place of a tenant: whether it is whole, of the right tenant, and young enough.

use std::sync::Arc;

use super::{Clock, Session};
use crate::outcome::Refusal;
use crate::spec_file::Spec;
use crate::tenant::{Snapshot, SnapshotError, SnapshotMark};

/// A snapshot's file, and how old it may be.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotFile<'a> {
    /// Its name, for people.
    pub path: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
    /// The days it may be old; `None` is any number, and more than a week is warned of.
    pub max_age: Option<u32>,
    /// Whether the admin centre's half alone is read from it.
    pub is_portal_only: bool,
}

/// Refuses what is about each person where a snapshot is read without them; `what` asks.
///
/// # Errors
/// [`SnapshotError::WithoutPeople`].
pub(super) fn refuse_without_people(session: &Session, what: &'static str) -> Result<(), Refusal> {
    match has_no_people(session) {
        true => Err(SnapshotError::WithoutPeople(what).into()),
        false => Ok(()),
    }
}

/// Returns whether a snapshot is read that has no people in it.
pub(super) fn has_no_people(session: &Session) -> bool {
    session.snapshot.as_ref().is_some_and(|mark| !mark.is_portal_only && !mark.has_people)
}

/// Reads a snapshot, and what results say of it.
///
/// # Errors
/// Not whole, edited, of another tenant than the spec's, or older than it may be.
pub fn open_snapshot(
    file: SnapshotFile<'_>,
    spec: Option<&Spec>,
    clock: impl FnOnce(&Snapshot) -> Clock,
) -> Result<(Arc<Snapshot>, SnapshotMark), Refusal> {
    let snapshot = Snapshot::parse(file.bytes)?;
    if let Some(wanted) = spec.and_then(Spec::tenant) {
        snapshot.check_tenant(wanted, "the spec is for")?;
    }
    let mark = SnapshotMark::new(&snapshot, file.path, clock(&snapshot).now());
    let mark = SnapshotMark { is_portal_only: file.is_portal_only, ..mark };
    mark.check_age(file.max_age)?;
    Ok((Arc::new(snapshot), mark))
}
