//! The lines of a journal, each one event. Later versions may add fields, and kinds of events: those are read past.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::outcome::ProvingEvent;
use crate::plan::WriteRecord;

/// What is recorded of a write that the service refused because someone else had made it: nothing of it is this run's.
pub(crate) const ALREADY_SO: &str = "already so";

pub(in crate::store) const FORMAT: &str = "sspr.journal/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// The run is about to write; the baseline is saved.
    Started(Started),
    Writing(Writing),
    /// A write was sent.
    Written {
        #[serde(default)]
        resource: String,
        /// What was answered: `accepted`, `unconfirmed`, [`ALREADY_SO`], `refused` or `lost`; `shown late` where a later look
        /// settled it.
        #[serde(default)]
        answer: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    Verified(Verified),
    /// The write was never sent, or reading back showed nothing of it.
    #[serde(rename = "not landed")]
    NotLanded {
        #[serde(default)]
        resource: String,
    },
    Finished,
    /// The run ended before that.
    Stopped {
        #[serde(default)]
        reason: String,
        /// Whether a write was sent, and not seen not to have landed.
        #[serde(default)]
        sent: bool,
        /// The objects of the steps that were not begun.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        not_reached: Vec<String>,
    },
    /// The audit log shows a write; added after the end.
    Proved {
        #[serde(default)]
        resource: String,
        #[serde(default)]
        audit: ProvingEvent,
    },
    /// The audit log does not say of a write yet; added after the end.
    Unproved {
        #[serde(default)]
        resource: String,
    },
    /// A line that was cut off, on disk or by it: what it recorded is lost.
    #[serde(skip)]
    CutOff,
    /// A kind this version does not know.
    #[serde(other)]
    Other,
}

/// What a run is, before its first write.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Started {
    pub(crate) format: String,
    /// What the run is for, as [`crate::plan::Purpose::as_str`] says it.
    pub(crate) purpose: String,
    /// The run before which it brings the tenant back to.
    pub(crate) back_to: Option<String>,
    /// Who makes the writes, as far as the sign-in says.
    pub(crate) by: Vec<String>,
    pub(crate) spec: Origin,
    /// The digest of the baseline; early versions kept none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<String>,
    pub(crate) changes: Vec<Value>,
    /// When the plan was made, by the clock it went by, RFC 3339; early versions kept none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) made: String,
    /// The guards that were lifted for it: codes of findings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lifted: Vec<String>,
}

/// The spec a run comes from; the command, where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Origin {
    pub(crate) path: String,
    pub(crate) sha256: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) except: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Writing {
    pub(crate) resource: String,
    /// What is written; `None` where the line does not say.
    #[serde(flatten)]
    pub(crate) record: Option<WriteRecord>,
    /// Fields that differ from one read of the object to the next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) volatile: Vec<String>,
}

/// A write that read back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Verified {
    pub(crate) resource: String,
    /// Fields this tool does not know that changed along, with what they read.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(crate) also: Map<String, Value>,
    /// Fields the write kept that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dropped: Vec<String>,
}

impl Event {
    /// Returns whether it is the end of a run; what follows is the audit log's.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self, Self::Finished | Self::Stopped { .. })
    }

    /// Returns whether it records what the audit log shows, which is no part of the run itself.
    pub(crate) fn is_proof(&self) -> bool {
        matches!(self, Self::Proved { .. } | Self::Unproved { .. })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written_digits_and_all() {
        let to =
            r#"{"event":"writing","resource":"x","to":{"a":1.10,"b":[{"c":9007199254740993.000}],"d":null}}"#;
        for line in [
            to,
            r#"{"event":"verified","resource":"x","also":{"a":1.10}}"#,
            r#"{"event":"not landed","resource":"x"}"#,
            r#"{"event":"finished"}"#,
            r#"{"event":"stopped","reason":"because","sent":true,"not_reached":["x"]}"#,
            r#"{"event":"unproved","resource":"x"}"#,
        ] {
            let line: Value = serde_json::from_str(line).unwrap();
            let event: Event = serde_json::from_value(line.clone()).unwrap();
            assert_eq!(json!(event), line);
        }
    }

    #[test]
    fn what_a_later_version_adds_is_read_past() {
        let read = |line: Value| serde_json::from_value::<Event>(line).unwrap();
        assert_eq!(read(json!({"event": "waited", "for": 3})), Event::Other);
        assert_eq!(read(json!({"event": "finished", "for": 3.5, "at": "now"})), Event::Finished);
        let Event::Writing(writing) = read(json!({"event": "writing", "resource": "x", "for": {"a": 1}}))
        else {
            panic!()
        };
        assert_eq!((writing.resource.as_str(), writing.record), ("x", None));
    }
}
