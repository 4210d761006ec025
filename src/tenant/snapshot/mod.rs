//! A snapshot: what was read of a tenant, kept as the services answered it, under their own paths.
//!
//! The file is `sspr.snapshot/1`. A list is whole, without links to pages, and sorted; what would not be read stays closed,
//! with the reason. Without people there is no name, id or row of anyone in it: their counts alone.

mod counts;
mod mark;
mod parse;

pub use mark::SnapshotMark;
pub use parse::SnapshotError;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{MemberCounts, Organization, Surface};
use crate::digest::of_document;
use crate::ids::GroupId;

/// The format of the snapshots that this version saves and reads.
pub const SNAPSHOT_FORMAT: &str = "sspr.snapshot/1";

/// Where the group's people are not, and why.
pub const WITHOUT_PEOPLE: &str = "the snapshot was taken without people";

/// What was read of a tenant at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When it was begun, in whole seconds.
    pub taken: Timestamp,
    /// Which tenant it is of.
    pub organization: Organization,
    /// Whether that is the built-in pretend one.
    pub is_sandbox: bool,
    /// Whether rows of people are in it, with their names.
    pub has_people: bool,
    /// What the sign-in to Graph could do.
    pub sign_in: SnapshotSignIn,
    readings: BTreeMap<Surface, BTreeMap<String, Reading>>,
    counts: BTreeMap<GroupId, MemberCounts>,
}

/// What the sign-in that read could do, without who it was: what it may not read is closed to whoever reads the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotSignIn {
    /// Whether it was an application's own.
    #[serde(default)]
    pub is_application: bool,
    /// The id of the application that signed in; `None` where the token did not say.
    #[serde(default)]
    pub application: Option<String>,
    /// What the token was for, as it said.
    #[serde(default)]
    pub audience: Option<String>,
    /// Permissions on Graph; none where the token did not list them.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// What came of asking for one path.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// The answer: an object, a whole list, or a bare number.
    Answer(Value),
    /// There was none.
    Closed(Closed),
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Closed {
    /// The service refused, or has no such thing.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The service's word for it.
        code: Option<String>,
    },
    /// What came was no answer to the question.
    Odd {
        /// How, in words.
        odd: String,
    },
    /// It was not asked for.
    LeftOut {
        /// Why, as a clause.
        left_out: String,
    },
}

impl Snapshot {
    /// Returns a snapshot with nothing in it yet.
    pub fn new(taken: Timestamp, organization: Organization) -> Self {
        Self {
            taken,
            organization,
            is_sandbox: false,
            has_people: false,
            sign_in: SnapshotSignIn::default(),
            readings: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Keeps an answer under its path, such as `/v1.0/organization`: a list sorted, and without what a service says of
    /// where an answer came from, so that the same tenant gives the same bytes.
    pub fn keep(&mut self, surface: Surface, path: &str, mut answer: Value) {
        if surface == Surface::Graph {
            forget_context(&mut answer);
        }
        if let Value::Array(rows) = &mut answer {
            rows.sort_by_cached_key(|row| (row["id"].as_str().map(str::to_owned), row.to_string()));
        }
        self.insert(surface, path, Reading::Answer(answer));
    }

    /// Keeps why there is no answer under a path.
    pub fn keep_closed(&mut self, surface: Surface, path: &str, why: Closed) {
        self.insert(surface, path, Reading::Closed(why));
    }

    fn insert(&mut self, surface: Surface, path: &str, reading: Reading) {
        self.readings.entry(surface).or_default().insert(path.to_owned(), reading);
    }

    /// Keeps the counts of a group's people: their names only where the snapshot has people.
    pub fn keep_counts(&mut self, group: GroupId, counts: MemberCounts) {
        let counts = if self.has_people { counts } else { counts.without_names() };
        self.counts.insert(group, counts);
    }

    /// Checks that it is of the tenant with this id or verified domain; `asked_by` is who asks: "the spec is for".
    ///
    /// # Errors
    /// Another tenant.
    pub fn check_tenant(&self, wanted: &str, asked_by: &'static str) -> Result<(), SnapshotError> {
        let found = &self.organization;
        if found.is_called(wanted) {
            return Ok(());
        }
        let found = match found.verified_domains.first() {
            Some(domain) => format!("{domain} ({})", found.id),
            None => format!("the tenant {}", found.id),
        };
        Err(SnapshotError::OtherTenant { found, asked_by, wanted: wanted.to_owned() })
    }

    /// Returns what came of asking for a path; `None` where it was not asked for.
    pub fn reading(&self, surface: Surface, path: &str) -> Option<&Reading> {
        self.readings.get(&surface)?.get(path)
    }

    /// Returns the answers of a surface, by their paths.
    pub fn answers(&self, surface: Surface) -> impl Iterator<Item = (&str, &Value)> {
        self.readings.get(&surface).into_iter().flatten().filter_map(|(path, reading)| match reading {
            Reading::Answer(answer) => Some((path.as_str(), answer)),
            Reading::Closed(_) => None,
        })
    }

    /// Returns what was closed of a surface, by its paths.
    pub fn closed(&self, surface: Surface) -> impl Iterator<Item = (&str, &Closed)> {
        self.readings.get(&surface).into_iter().flatten().filter_map(|(path, reading)| match reading {
            Reading::Closed(why) => Some((path.as_str(), why)),
            Reading::Answer(_) => None,
        })
    }

    /// Returns the counts of a group's people; `None` where they were not counted.
    pub fn counts(&self, group: GroupId) -> Option<&MemberCounts> {
        self.counts.get(&group)
    }

    /// Returns the file: the same snapshot gives the same bytes.
    pub fn text(&self) -> String {
        let mut document = self.document();
        document["digest"] = json!(of_document(&document));
        // A tree of JSON can always be written.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// Returns the digest that the file carries.
    pub fn digest(&self) -> String {
        of_document(&self.document())
    }

    fn document(&self) -> Value {
        let Organization { id, display_name, verified_domains } = &self.organization;
        let counts: Map<String, Value> =
            self.counts.iter().map(|(group, counts)| (group.to_string(), counts::to_json(counts))).collect();
        let mut document = json!({
            "format": SNAPSHOT_FORMAT,
            "taken": self.taken.to_string(),
            "tenant": {"id": id, "name": display_name, "domains": verified_domains},
            "people": self.has_people,
            "sign_in": self.sign_in,
            "counts": counts,
        });
        if self.is_sandbox {
            document["sandbox"] = json!(true);
        }
        for surface in [Surface::Portal, Surface::Graph] {
            let answers: Map<String, Value> =
                self.answers(surface).map(|(path, answer)| (path.to_owned(), answer.clone())).collect();
            let closed: Map<String, Value> =
                self.closed(surface).map(|(path, why)| (path.to_owned(), json!(why))).collect();
            document[surface.to_string()] = json!({"answers": answers, "closed": closed});
        }
        document
    }
}

/// Takes out where Graph says that an answer, or a part of it, was made: it names the host and the query.
fn forget_context(answer: &mut Value) {
    match answer {
        Value::Array(rows) => rows.iter_mut().for_each(forget_context),
        Value::Object(fields) => {
            fields.retain(|name, _| !name.ends_with("@odata.context"));
            fields.values_mut().for_each(forget_context);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn organization() -> Organization {
        Organization {
            id: "204a15ea-fa2c-550c-86c1-f84caa53d849".parse().unwrap(),
            display_name: "Contoso".to_owned(),
            verified_domains: vec!["contoso.com".to_owned()],
        }
    }

    pub(super) fn example() -> Snapshot {
        let mut snapshot = Snapshot::new("2026-11-26T07:00:00Z".parse().unwrap(), organization());
        snapshot.keep(
            Surface::Portal,
            "/api/x",
            json!({"objectId": "default", "b": [3, 1], "@odata.context": "kept"}),
        );
        snapshot.keep(
            Surface::Graph,
            "/v1.0/groups",
            json!([{"id": "b", "x@odata.context": "host"}, {"id": "a"}, null]),
        );
        let closed = [
            (
                "/v1.0/policies/authorizationPolicy",
                Closed::Refused { status: 403, code: Some("no".to_owned()) },
            ),
            ("/v1.0/users/$count", Closed::Odd { odd: "not a count".to_owned() }),
            ("/v1.0/users", Closed::LeftOut { left_out: WITHOUT_PEOPLE.to_owned() }),
        ];
        for (path, why) in closed {
            snapshot.keep_closed(Surface::Graph, path, why);
        }
        snapshot
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written_and_written_as_it_was_read() {
        let snapshot = example();
        let text = snapshot.text();
        let read = Snapshot::parse(text.as_bytes()).unwrap();
        assert_eq!(read, snapshot);
        assert_eq!(read.text(), text);
        assert!(text.contains(&read.digest()));
    }

    #[test]
    fn a_list_is_sorted_and_the_context_of_graph_alone_is_left_out() {
        let snapshot = example();
        let answer = |surface, path| match snapshot.reading(surface, path) {
            Some(Reading::Answer(answer)) => answer.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(answer(Surface::Graph, "/v1.0/groups"), json!([null, {"id": "a"}, {"id": "b"}]));
        let policy = json!({"objectId": "default", "b": [3, 1], "@odata.context": "kept"});
        assert_eq!(answer(Surface::Portal, "/api/x"), policy);
    }
}
