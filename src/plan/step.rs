//! The writes of a plan: which object, from what, to what.

use serde_json::{Map, Value};

use crate::diff::Desired;
use crate::tenant::{Object, Resource, Tenant};

/// One write. Data: what is sent follows from the two states.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The object as observed; the write is refused if it has moved since.
    pub actual: Object,
    /// The same object as it should read back.
    pub desired: Object,
}

impl Step {
    /// Returns the object that is written.
    pub fn resource(&self) -> &Resource {
        self.desired.resource()
    }

    /// Returns the fields that change, wire names, sorted.
    pub fn fields(&self) -> Vec<String> {
        self.desired.differing_fields(&self.actual)
    }

    /// Returns the fields that change with what they change to; a field that goes changes to null.
    pub fn left(&self) -> Map<String, Value> {
        let value = |name: &str| self.desired.field(name).cloned().unwrap_or_default();
        self.fields().into_iter().map(|name| (name.clone(), value(&name))).collect()
    }

    /// Starts from what an object holds in a field that is the service's own.
    pub fn take_over(&mut self, name: &str, now: &Object) {
        self.actual.take_over(name, now);
        self.desired.take_over(name, now);
    }

    /// Returns what is sent: the whole password reset policy, because nobody knows what leaving a field out
    /// does (facts 2.7); of every other object only the fields that change (facts 2.5, 5).
    pub fn body(&self) -> Value {
        if *self.resource() == Resource::PasswordReset {
            return self.desired.to_json();
        }
        let fields = self.fields().into_iter();
        let mut body: Map<String, Value> =
            fields.filter_map(|name| Some((name.clone(), self.desired.field(&name)?.clone()))).collect();
        // Graph refuses a method without its type (facts 1.5).
        if let (Resource::Method(_), Some(kind)) = (self.resource(), self.desired.field("@odata.type")) {
            body.insert("@odata.type".to_owned(), kind.clone());
        }
        Value::Object(body)
    }
}

/// Returns the writes from the actual to the desired state, in order.
pub(super) fn steps(desired: &Desired, tenant: &Tenant) -> Vec<Step> {
    let pairs = desired.objects().filter_map(|object| Some((tenant.object(object.resource())?, object)));
    pairs.flat_map(|(actual, desired)| split(actual, desired)).collect()
}

/// Returns the writes of one object: none where it is as desired, one for all its fields, or one per field
/// where the service wants them apart.
pub(super) fn split(actual: &Object, desired: &Object) -> Vec<Step> {
    let fields = desired.differing_fields(actual);
    if fields.is_empty() {
        return Vec::new();
    }
    if *desired.resource() != Resource::Writeback {
        return vec![Step { actual: actual.clone(), desired: desired.clone() }];
    }
    // `accountUnlockEnabled` only takes effect in a write of its own (facts 2.5).
    let mut actual = actual.clone();
    let mut steps = Vec::new();
    // Backwards, so that writeback itself is on before unlocking is.
    for name in fields.iter().rev() {
        let mut next = actual.clone();
        next.overlay(name, desired.field(name).cloned().unwrap_or_default());
        steps.push(Step { actual: std::mem::replace(&mut actual, next.clone()), desired: next });
    }
    steps
}
