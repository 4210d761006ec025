//! Reads a snapshot's file, and refuses one that is not what was saved.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Closed, Reading, SNAPSHOT_FORMAT, Snapshot, SnapshotSignIn, counts};
use crate::digest::of_document;
use crate::ids::{GroupId, TenantId};
use crate::tenant::{Organization, Surface};
use crate::text::{decoded, excerpt, visible};

/// Why a snapshot is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The file ends early.
    #[error("the snapshot is cut short: {0}")]
    CutShort(String),
    /// It is no snapshot, or has something in it that no snapshot has.
    #[error("the file is no snapshot that sspr can read: {0}")]
    Unreadable(String),
    /// Made by a later version of this tool.
    #[error("the snapshot has the format {0}, but sspr reads {SNAPSHOT_FORMAT}")]
    OtherFormat(String),
    /// Changed after it was saved.
    #[error("the snapshot was edited after it was taken")]
    Edited,
    /// It is of another tenant than is asked about.
    #[error("the snapshot is of {}, but {} {}", visible(.found), .asked_by, visible(.wanted))]
    OtherTenant {
        /// The tenant it is of.
        found: String,
        /// Who asks about another: "the spec is for", "Graph is signed in to".
        asked_by: &'static str,
        /// The tenant asked about.
        wanted: String,
    },
    /// Taken too long ago.
    #[error("the snapshot was taken on {taken}, more than {max_age} ago")]
    TooOld {
        /// When it was taken.
        taken: Timestamp,
        /// The age allowed, in words.
        max_age: String,
    },
    /// Taken later than now, by more than clocks differ.
    #[error("the snapshot was taken on {taken}, which is in the future: it is now {now}")]
    FromFuture {
        /// When it was taken, by the clock there.
        taken: Timestamp,
        /// When it is, by the clock here.
        now: Timestamp,
    },
    /// Whoever took it could not read what is needed.
    #[error("the sign-in that took the snapshot could not {0}")]
    Lacks(String),
    /// It is about people, who are not in it.
    #[error("the snapshot was taken without people, and {0} is about each of them")]
    WithoutPeople(&'static str),
}

#[derive(Deserialize)]
struct FileV1 {
    taken: Timestamp,
    tenant: TenantV1,
    #[serde(default)]
    sandbox: bool,
    people: bool,
    #[serde(default)]
    sign_in: SnapshotSignIn,
    #[serde(default)]
    counts: BTreeMap<GroupId, Value>,
    #[serde(default)]
    portal: SurfaceV1,
    #[serde(default)]
    graph: SurfaceV1,
}

#[derive(Deserialize)]
struct TenantV1 {
    id: TenantId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    domains: Vec<String>,
}

#[derive(Default, Deserialize)]
struct SurfaceV1 {
    #[serde(default)]
    answers: Map<String, Value>,
    #[serde(default)]
    closed: BTreeMap<String, Closed>,
}

impl SurfaceV1 {
    fn readings(self) -> BTreeMap<String, Reading> {
        let answers = self.answers.into_iter().map(|(path, answer)| (path, Reading::Answer(answer)));
        let closed = self.closed.into_iter().map(|(path, why)| (path, Reading::Closed(why)));
        answers.chain(closed).collect()
    }
}

impl Snapshot {
    /// Reads the file of a snapshot.
    ///
    /// # Errors
    /// Cut short, edited, of another format, or no snapshot at all.
    pub fn parse(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let unreadable =
            |problem: &dyn ToString| SnapshotError::Unreadable(excerpt(&problem.to_string(), 160));
        let text = decoded(bytes).map_err(|error| unreadable(&format!("the file {error}")))?;
        let document: Value = serde_json::from_str(&text).map_err(|error| match error.is_eof() {
            true => SnapshotError::CutShort(excerpt(&error.to_string(), 120)),
            false => unreadable(&error),
        })?;
        match document["format"].as_str() {
            Some(SNAPSHOT_FORMAT) => {}
            Some(other) if other.starts_with("sspr.snapshot/") => {
                return Err(SnapshotError::OtherFormat(excerpt(other, 40)));
            }
            Some(other) => return Err(unreadable(&format!("it has the format {other}"))),
            None => return Err(unreadable(&"it does not say its format")),
        }
        if document["digest"] != of_document(&document).as_str() {
            return Err(SnapshotError::Edited);
        }
        let file = FileV1::deserialize(document).map_err(|error| unreadable(&error))?;
        let counted =
            file.counts.into_iter().map(|(group, counted)| Ok((group, counts::from_json(counted)?)));
        let counts: Result<_, serde_json::Error> = counted.collect();
        let TenantV1 { id, name, domains } = file.tenant;
        Ok(Self {
            taken: file.taken,
            organization: Organization { id, display_name: name, verified_domains: domains },
            is_sandbox: file.sandbox,
            has_people: file.people,
            sign_in: file.sign_in,
            readings: BTreeMap::from([
                (Surface::Portal, file.portal.readings()),
                (Surface::Graph, file.graph.readings()),
            ])
            .into_iter()
            .filter(|(_, readings)| !readings.is_empty())
            .collect(),
            counts: counts.map_err(|error| unreadable(&error))?,
        })
    }
}

impl SnapshotError {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::CutShort(_) | Self::Edited => {
                "take a new one: sspr snapshot --out FILE; a snapshot is never edited"
            }
            Self::Unreadable(_) => "name a file that `sspr snapshot --out FILE` wrote",
            Self::OtherFormat(_) => "use the version of sspr that took it, or take a new one with this one",
            Self::OtherTenant { .. } => "take a snapshot of that tenant: sspr snapshot --out FILE",
            Self::TooOld { .. } => "take a new one: sspr snapshot --out FILE; or allow a higher --max-age",
            Self::FromFuture { .. } => {
                "the clock of this machine, or of the one that took it, is wrong: set it and take a new one"
            }
            Self::Lacks(_) => {
                "take a new one with a sign-in that can: sspr snapshot --out FILE; or leave the key out: --except KEY"
            }
            Self::WithoutPeople(_) => "take one with them: sspr snapshot --with-people --out FILE",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::example;
    use super::*;

    fn with(change: impl FnOnce(&mut Value)) -> Result<Snapshot, SnapshotError> {
        let mut document: Value = serde_json::from_str(&example().text()).unwrap();
        change(&mut document);
        document["digest"] = json!(of_document(&document));
        Snapshot::parse(document.to_string().as_bytes())
    }

    #[test]
    fn a_file_that_is_not_as_it_was_saved_is_refused() {
        let text = example().text();
        let edited = text.replace("Contoso", "Fabrikam");
        assert_eq!(Snapshot::parse(edited.as_bytes()), Err(SnapshotError::Edited));
        for end in [1, 2, text.len() / 2, text.len() - 3] {
            let read = Snapshot::parse(&text.as_bytes()[..end]);
            assert!(matches!(read, Err(SnapshotError::CutShort(_))), "{end}: {read:?}");
        }
        let newer = with(|document| document["format"] = json!("sspr.snapshot/2"));
        assert_eq!(newer, Err(SnapshotError::OtherFormat("sspr.snapshot/2".to_owned())));
        for other in ["", "version: 1", "[]", "{}", r#"{"format": "sspr.plan/1"}"#, "\u{feff}null"] {
            let read = Snapshot::parse(other.as_bytes());
            assert!(
                matches!(read, Err(SnapshotError::Unreadable(_) | SnapshotError::CutShort(_))),
                "{other}: {read:?}"
            );
        }
    }

    #[test]
    fn fields_that_a_later_version_adds_are_left_alone() {
        let more = with(|document| {
            document["new"] = json!({"a": 1});
            document["tenant"]["new"] = json!(1);
        });
        assert_eq!(more, Ok(example()));
    }

    #[test]
    fn what_no_snapshot_has_is_refused_with_its_digest_right() {
        for (path, value) in [
            ("/taken", json!("yesterday")),
            ("/tenant/id", json!("contoso")),
            ("/people", json!("no")),
            ("/graph/answers", json!([])),
            ("/graph/closed", json!({"/x": 1})),
            ("/counts", json!({"204a15ea-fa2c-550c-86c1-f84caa53d849": {"members": -1}})),
            ("/counts", json!({"x": {}})),
        ] {
            let read = with(|document| *document.pointer_mut(path).unwrap() = value.clone());
            assert!(matches!(read, Err(SnapshotError::Unreadable(_))), "{path} {value}: {read:?}");
        }
    }
}
