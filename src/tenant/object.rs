//! An object of the tenant, kept as the raw JSON the service gave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Resource, target_id};
use crate::digest::sha256;

/// Why an answer cannot be taken for the object that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The service answered something that is not a JSON object.
    #[error("{resource} is not a JSON object but {found}")]
    NotAnObject {
        /// What was asked for.
        resource: String,
        /// What came instead.
        found: &'static str,
    },
    /// Another password reset policy than the tenant's one; writing it could hit something unknown.
    #[error("the password reset policy has objectId {0}, not \"default\"")]
    NotDefault(String),
    /// A field nested deeper than a record of it could be read again.
    #[error("{resource} has a field nested more than {MOST_NESTED} deep, which a rollback could not restore")]
    TooDeep {
        /// What was asked for.
        resource: String,
    },
}

/// How deep fields of an object may be nested. A parser of JSON goes down 128 times, and a record of an object puts a few
/// levels around it.
pub(crate) const MOST_NESTED: usize = 64;

/// Returns whether something is nested deeper than may be.
pub(super) fn is_too_deep<'a>(fields: impl IntoIterator<Item = &'a Value>) -> bool {
    fn is_deeper(value: &Value, most: usize) -> bool {
        match value {
            Value::Array(items) => most == 0 || items.iter().any(|item| is_deeper(item, most - 1)),
            Value::Object(fields) => most == 0 || fields.values().any(|field| is_deeper(field, most - 1)),
            _ => false,
        }
    }
    fields.into_iter().any(|field| is_deeper(field, MOST_NESTED))
}

/// One object as it is, or as it should be.
///
/// Unknown fields, nested arrays and large numbers ride along untouched: a write of the password reset
/// policy sends the whole object back, and no public source says what the service does with a field left
/// out (facts 2.7).
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    resource: Resource,
    // Shared between clones until one is changed: the desired state of what stays costs nothing.
    raw: Arc<Map<String, Value>>,
}

impl Object {
    /// Takes the service's answer for an object.
    ///
    /// # Errors
    /// The answer is no JSON object, is nested too deep, or is not the tenant's `default` password reset policy.
    pub fn from_json(resource: Resource, answer: Value) -> Result<Self, PolicyError> {
        let not_an_object = |found| PolicyError::NotAnObject { resource: resource.to_string(), found };
        let raw = match answer {
            Value::Object(raw) => raw,
            Value::Array(_) => return Err(not_an_object("an array")),
            Value::Null => return Err(not_an_object("null")),
            _ => return Err(not_an_object("a single value")),
        };
        if is_too_deep(raw.values()) {
            return Err(PolicyError::TooDeep { resource: resource.to_string() });
        }
        if resource != Resource::PasswordReset {
            return Ok(Self { resource, raw: Arc::new(raw) });
        }
        match raw.get("objectId") {
            Some(Value::String(id)) if id == "default" => Ok(Self { resource, raw: Arc::new(raw) }),
            Some(other) => Err(PolicyError::NotDefault(crate::text::excerpt(&other.to_string(), 80))),
            None => Err(PolicyError::NotDefault("missing".to_owned())),
        }
    }

    /// Makes an object out of what is known of it, which is no answer of a service.
    pub(super) fn of(resource: Resource, fields: Value) -> Self {
        let raw = if let Value::Object(raw) = fields { raw } else { Map::new() };
        Self { resource, raw: Arc::new(raw) }
    }

    /// Returns which object this is.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Returns the whole object as JSON.
    pub fn to_json(&self) -> Value {
        Value::Object((*self.raw).clone())
    }

    /// Returns a field, where the service returned it.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.raw.get(name)
    }

    /// Returns the names of the fields, sorted, computed ones left out.
    pub fn stored_fields(&self) -> Vec<String> {
        self.raw.keys().filter(|name| !self.resource.is_computed(name)).cloned().collect()
    }

    /// Lays a new value over a field; every other field stays as it came.
    pub fn overlay(&mut self, name: &str, value: Value) {
        if self.raw.get(name) == Some(&value) {
            return;
        }
        match Arc::get_mut(&mut self.raw) {
            Some(raw) => {
                raw.insert(name.to_owned(), value);
            }
            // Shared: every other field is copied, and what goes is not.
            None => {
                let others = self.raw.iter().filter(|(other, _)| *other != name);
                let others = others.map(|(other, value)| (other.clone(), value.clone()));
                self.raw = Arc::new(others.chain([(name.to_owned(), value)]).collect());
            }
        }
    }

    /// Takes a field over from another object: its value, or that there is none.
    pub fn take_over(&mut self, name: &str, other: &Self) {
        match other.field(name) {
            Some(value) => self.overlay(name, value.clone()),
            None if self.raw.contains_key(name) => {
                Arc::make_mut(&mut self.raw).remove(name);
            }
            None => {}
        }
    }

    /// Returns the names of the fields that differ between the two, sorted, computed ones left out.
    pub fn differing_fields(&self, other: &Self) -> Vec<String> {
        if Arc::ptr_eq(&self.raw, &other.raw) {
            return Vec::new();
        }
        let names = self.raw.keys().chain(other.raw.keys());
        let mut differing: Vec<String> = names
            .filter(|name| !self.resource.is_computed(name))
            .filter(|name| !self.is_same(name, other))
            .cloned()
            .collect();
        differing.sort();
        differing.dedup();
        differing
    }

    /// Returns the names of the fields in which `read` is not what this object asks for, sorted. As
    /// [`Object::differing_fields`], but the service may have filled in more of a target than was sent.
    pub fn unmet_fields(&self, read: &Self) -> Vec<String> {
        let mut unmet = self.differing_fields(read);
        unmet.retain(|name| !self.is_met(name, read));
        unmet
    }

    /// Returns whether `read` is what this object asks for in one field.
    pub fn is_met(&self, name: &str, read: &Self) -> bool {
        match (self.targets(name), read.targets(name)) {
            (Some(asked), Some(read)) => {
                asked.len() == read.len() && asked.iter().zip(read).all(|(asked, read)| holds(asked, read))
            }
            _ => self.is_same(name, read),
        }
    }

    /// Returns whether a field says the same in both.
    pub fn is_same(&self, name: &str, other: &Self) -> bool {
        let (own, others) = (self.raw.get(name), other.raw.get(name));
        if own == others {
            return true;
        }
        let count = |value: Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
        // Nothing says that Graph keeps the order of targets, and nothing depends on it.
        count(own) == count(others) && self.targets(name).is_some_and(|own| other.targets(name) == Some(own))
    }

    /// Returns a method's targets in the order of their ids; `None` for every other field.
    fn targets(&self, name: &str) -> Option<Vec<&Value>> {
        let is_targets = matches!(self.resource, Resource::Method(_)) && name.ends_with("Targets");
        let mut targets: Vec<&Value> =
            self.raw.get(name).filter(|_| is_targets)?.as_array()?.iter().collect();
        targets.sort_by(|a, b| target_id(a).cmp(&target_id(b)));
        Some(targets)
    }

    /// Returns the object without its computed fields, in one canonical spelling: equal states give equal
    /// text.
    pub fn stored(&self) -> String {
        self.text(|name| !self.resource.is_computed(name))
    }

    /// Returns how many bytes the object takes as compact JSON.
    pub(super) fn size(&self) -> usize {
        self.text(|_| true).len()
    }

    /// Returns some of the fields as compact JSON, without copying what they hold. Sorted by name, so the text is
    /// canonical.
    fn text(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let fields: BTreeMap<&String, &Value> = self.raw.iter().filter(|(name, _)| is_wanted(name)).collect();
        // JSON always has a text; only a writer, or a key that is none, could fail.
        serde_json::to_string(&fields).unwrap_or_default()
    }

    /// Returns `sha256:…` over [`Object::stored`].
    pub fn fingerprint(&self) -> String {
        sha256(self.stored().as_bytes())
    }
}

/// Returns whether a target has everything that was asked of it.
fn holds(asked: &Value, read: &Value) -> bool {
    let asked = asked.as_object().into_iter().flatten();
    asked.into_iter().all(|(name, value)| match name.as_str() {
        "id" => target_id(read).as_deref() == value.as_str().map(str::to_ascii_lowercase).as_deref(),
        name => read.get(name) == Some(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(text: &str) -> Object {
        Object::from_json(Resource::PasswordReset, serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn keeps_every_digit_and_letter_of_what_it_does_not_know() {
        let text = r#"{"big":123456789012345678901234567890,"exact":1.10,"objectId":"default","text":"Wie heißt dein Hund? 🐕"}"#;
        assert_eq!(policy(text).to_json().to_string(), text);
    }

    #[test]
    fn refuses_an_object_that_is_not_the_tenants_one() {
        for (answer, said) in [
            (json!([1]), "an array"),
            (json!(null), "null"),
            (json!("x"), "a single value"),
            (json!({"objectId": "other"}), "other"),
            (json!({"enablementType": 0}), "missing"),
        ] {
            let error = Object::from_json(Resource::PasswordReset, answer).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_could_not_be_put_back_from_a_record_is_refused() {
        let nested = |depth: usize| {
            let value = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
            let text = format!(r#"{{"objectId":"default","x":{value}}}"#);
            let json: Value = serde_json::from_str(&text).unwrap();
            Object::from_json(Resource::PasswordReset, json.clone())
                .and_then(|_| crate::tenant::MethodsPolicy::from_json(json).map(|_| ()))
        };
        assert!(nested(64).is_ok());
        assert!(matches!(nested(65), Err(PolicyError::TooDeep { .. })));
        assert!(matches!(nested(126), Err(PolicyError::TooDeep { .. })));
    }

    #[test]
    fn targets_are_compared_by_id_and_may_read_back_with_more() {
        let sms = |targets: Value| {
            Object::from_json(Resource::Method("Sms".into()), json!({"id": "Sms", "includeTargets": targets}))
                .unwrap()
        };
        let asked = sms(json!([{"id": "a", "x": 1}, {"id": "B"}]));
        assert!(asked.differing_fields(&sms(json!([{"id": "B"}, {"id": "a", "x": 1}]))).is_empty());
        let filled = sms(json!([{"id": "b", "isRegistrationRequired": false}, {"id": "a", "x": 1}]));
        assert_eq!(asked.differing_fields(&filled), ["includeTargets"]);
        assert!(asked.unmet_fields(&filled).is_empty());
        for unmet in [json!([{"id": "a", "x": 1}]), json!([{"id": "a", "x": 2}, {"id": "b"}]), json!(null)] {
            assert_eq!(asked.unmet_fields(&sms(unmet)), ["includeTargets"]);
        }
    }

    #[test]
    fn computed_fields_are_no_difference() {
        let before = policy(r#"{"objectId":"default","passwordResetEnabledGroupName":"","a":1}"#);
        let mut after = policy(r#"{"objectId":"default","passwordResetEnabledGroupName":"Pilot","a":1}"#);
        assert_eq!(before.fingerprint(), after.fingerprint());
        assert!(before.differing_fields(&after).is_empty());
        after.overlay("a", json!(2));
        after.overlay("b", json!(null));
        assert_eq!(before.differing_fields(&after), ["a", "b"]);
        assert_ne!(before.fingerprint(), after.fingerprint());
    }
}
