//! Compares what reads back with what was written: which differences count, and which are the service's own.

use serde_json::Value;

use super::Operation;
use crate::tenant::Object;

/// The fields in which an object is not what a write leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Those whose meaning is known: the write is not what was reviewed.
    pub known: Vec<String>,
    /// Those that may be the service's own.
    pub changed: Vec<String>,
    /// Those that are gone, and were to stay.
    pub dropped: Vec<String>,
}

impl Operation {
    /// Returns in which fields an object that was read back is not what the write leaves. A field that `is_volatile`
    /// differs from one read to the next; one that `is_not_kept` the service dropped before, so that it need not come back.
    pub fn differences(
        &self,
        read: &Object,
        is_volatile: impl Fn(&str) -> bool,
        is_not_kept: impl Fn(&str) -> bool,
    ) -> Differences {
        let mut differences = Differences::default();
        let ours = self.fields();
        for field in self.desired().unmet_fields(read) {
            if is_volatile(&field) {
                continue;
            }
            let is_known = self.resource().is_documented(&field);
            let is_ours = ours.contains(&field);
            let (asked, came) = (self.desired().field(&field), read.field(&field));
            let may_go = is_not_kept(&field) || !(is_ours && is_known);
            if came.is_none() && !is_nothing(asked) && may_go {
                differences.dropped.push(field);
            } else if is_known && !(is_nothing(asked) && is_nothing(came) && !is_ours) {
                differences.known.push(field);
            } else {
                differences.changed.push(field);
            }
        }
        differences
    }
}

fn is_nothing(value: Option<&Value>) -> bool {
    value.is_none_or(Value::is_null)
}
