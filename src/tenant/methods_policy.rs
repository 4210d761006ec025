//! Graph's Authentication methods policy: the raw JSON, and what this tool understands of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::object::is_too_deep;
use super::{GraphMethod, Object, PolicyError, Resource};

/// The target that means every user of the tenant.
pub const ALL_USERS: &str = "all_users";

/// Which of the two policies a tenant honours for password reset (facts 3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Migration {
    /// The legacy toggles count; Graph's policy is for sign-in only.
    PreMigration,
    /// Both count: a method allowed in either can be used.
    InProgress,
    /// Only Graph's policy counts. A state that is null or absent means this too.
    Complete,
    /// A state this version does not know.
    Unknown(String),
}

/// The whole policy as the tenant gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodsPolicy {
    methods: Vec<(GraphMethod, Object)>,
    // What is left, methods this tool has no name for included.
    rest: Map<String, Value>,
}

const METHODS: &str = "authenticationMethodConfigurations";

/// One method's configuration, understood.
#[derive(Clone, Debug)]
pub struct MethodView<'a> {
    object: &'a Object,
    /// Whether the method is on.
    pub is_enabled: bool,
    /// Who it is on for, as given.
    pub targets: &'a [Value],
    /// Ids of groups that do not get it, in lower case.
    pub excluded: Vec<Cow<'a, str>>,
}

impl MethodsPolicy {
    /// Takes the service's answer.
    ///
    /// # Errors
    /// The answer is no JSON object, or is nested too deep.
    pub fn from_json(answer: Value) -> Result<Self, PolicyError> {
        match answer {
            Value::Object(rest) if is_too_deep(rest.values()) => {
                Err(PolicyError::TooDeep { resource: "authenticationMethodsPolicy".to_owned() })
            }
            Value::Object(mut rest) => {
                let methods = match rest.get_mut(METHODS) {
                    Some(Value::Array(all)) => take_known(all),
                    _ => Vec::new(),
                };
                Ok(Self { methods, rest })
            }
            _ => Err(PolicyError::NotAnObject {
                resource: "authenticationMethodsPolicy".to_owned(),
                found: "something else",
            }),
        }
    }

    /// Returns which policy the tenant honours. Null, empty and absent are what tenants born after the
    /// migration say (facts 1.3).
    pub fn migration(&self) -> Migration {
        match self.rest.get("policyMigrationState") {
            None | Some(Value::Null) => Migration::Complete,
            Some(Value::String(state)) => match state.as_str() {
                "preMigration" => Migration::PreMigration,
                "migrationInProgress" => Migration::InProgress,
                "migrationComplete" | "" => Migration::Complete,
                other => Migration::Unknown(other.to_owned()),
            },
            Some(other) => Migration::Unknown(other.to_string()),
        }
    }

    /// Returns a method's configuration under the id the tenant gave it.
    pub fn method(&self, method: GraphMethod) -> Option<&Object> {
        self.methods.iter().find(|(known, _)| *known == method).map(|(_, object)| object)
    }

    /// Returns the methods this tool knows, in the order they are written.
    pub fn methods(&self) -> impl Iterator<Item = &Object> {
        self.methods.iter().map(|(_, object)| object)
    }

    /// Returns how many bytes the policy takes as compact JSON, with some methods replaced. Microsoft counts
    /// in its own way, so this is an estimate (facts 1.4).
    pub fn size_with(&self, replaced: &[Object]) -> usize {
        let others = self.rest.get(METHODS).and_then(Value::as_array).map_or(0, Vec::len);
        let commas = (others + self.methods.len()).saturating_sub(1) - others.saturating_sub(1);
        let sizes = self.methods().map(|method| {
            let replacement = replaced.iter().find(|object| object.resource() == method.resource());
            replacement.unwrap_or(method).size()
        });
        Value::Object(self.rest.clone()).to_string().len() + commas + sizes.sum::<usize>()
    }
}

/// Takes the methods this tool knows out of all.
fn take_known(all: &mut Vec<Value>) -> Vec<(GraphMethod, Object)> {
    let known = GraphMethod::ALL.into_iter().filter_map(|method| {
        let is_it = |raw: &Value| id(raw).is_some_and(|id| id.eq_ignore_ascii_case(method.id()));
        let raw = all.remove(all.iter().position(is_it)?);
        let id = id(&raw)?.to_owned();
        Some((method, Object::from_json(Resource::Method(id), raw).ok()?))
    });
    known.collect()
}

impl<'a> MethodView<'a> {
    /// Understands a method's configuration; `None` where its state or targets are not in a form this tool
    /// knows: then they are unknown, and never written.
    pub fn of(object: &'a Object) -> Option<Self> {
        let is_enabled = match object.field("state")?.as_str()? {
            "enabled" => true,
            "disabled" => false,
            _ => return None,
        };
        let targets = object.field("includeTargets")?.as_array()?;
        targets.iter().all(|target| id(target).is_some()).then_some(())?;
        let excluded = object.field("excludeTargets")?.as_array()?;
        let excluded = excluded.iter().map(target_id).collect::<Option<_>>()?;
        Some(Self { object, is_enabled, targets, excluded })
    }

    /// Returns the ids of the targets, in lower case, in order.
    pub fn target_ids(&self) -> Vec<Cow<'a, str>> {
        self.targets.iter().filter_map(target_id).collect()
    }

    /// Returns whether a switch is on; null is off. `None` where the service did not say.
    pub fn switch(&self, name: &str) -> Option<bool> {
        match self.object.field(name)? {
            Value::Bool(on) => Some(*on),
            Value::Null => Some(false),
            _ => None,
        }
    }
}

/// Returns the id a target names, in lower case.
pub fn target_id(target: &Value) -> Option<Cow<'_, str>> {
    let id = id(target)?;
    let is_lower = !id.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_lower { Cow::Borrowed(id) } else { Cow::Owned(id.to_ascii_lowercase()) })
}

fn id(raw: &Value) -> Option<&str> {
    raw.get("id")?.as_str()
}

/// Returns whether a Microsoft Authenticator target allows push notifications, which password reset needs;
/// without a mode it is any.
pub fn allows_push(target: &Value) -> bool {
    target.get("authenticationMode").is_none_or(|mode| mode != "deviceBasedPush")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_migration_state_is_read_as_entra_means_it() {
        let migration = |state: Value| {
            MethodsPolicy::from_json(json!({"policyMigrationState": state})).unwrap().migration()
        };
        assert_eq!(migration(json!("preMigration")), Migration::PreMigration);
        assert_eq!(migration(json!("migrationInProgress")), Migration::InProgress);
        assert_eq!(migration(json!("migrationComplete")), Migration::Complete);
        assert_eq!(migration(json!(null)), Migration::Complete);
        assert_eq!(migration(json!("")), Migration::Complete);
        assert_eq!(MethodsPolicy::from_json(json!({})).unwrap().migration(), Migration::Complete);
        assert_eq!(migration(json!("unknownFutureValue")), Migration::Unknown("unknownFutureValue".into()));
        assert_eq!(migration(json!(3)), Migration::Unknown("3".into()));
    }

    #[test]
    fn a_method_is_found_under_the_tenants_own_spelling() {
        let policy = MethodsPolicy::from_json(json!({"authenticationMethodConfigurations": [
            {"id": "SMS", "future": 1.10}, {"id": "softwareOath"}, {"no": "id"}, 7,
        ]}))
        .unwrap();
        let sms = policy.method(GraphMethod::Sms).unwrap();
        assert_eq!(sms.resource(), &Resource::Method("SMS".into()));
        assert!(policy.method(GraphMethod::SoftwareOath).is_some());
        assert!(policy.method(GraphMethod::Voice).is_none());
    }

    #[test]
    fn the_size_is_that_of_the_whole_policy() {
        let sms = json!({"id": "Sms", "state": "enabled", "é\"": 1.10});
        for methods in
            [json!([]), json!([sms]), json!([{"id": "Fido2"}, sms, 7]), json!([{"id": "X"}]), json!(null)]
        {
            let whole = json!({"a": 1, "authenticationMethodConfigurations": methods});
            let policy = MethodsPolicy::from_json(whole.clone()).unwrap();
            assert_eq!(policy.size_with(&[]), whole.to_string().len(), "{whole}");
            if let Some(sms) = policy.method(GraphMethod::Sms) {
                let mut longer = sms.clone();
                longer.overlay("state", json!("enabled, and long"));
                assert_eq!(policy.size_with(&[longer]), whole.to_string().len() + ", and long".len());
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        let whole =
            json!({"state": "enabled", "includeTargets": [{"id": "all_users"}], "excludeTargets": []});
        let object = |json: Value| Object::from_json(Resource::Method("Sms".into()), json).unwrap();
        assert!(MethodView::of(&object(whole.clone())).is_some());
        for (field, odd) in [
            ("state", json!("default")),
            ("state", json!(null)),
            ("includeTargets", json!(null)),
            ("includeTargets", json!([{"targetType": "group"}])),
            ("includeTargets", json!(["all_users"])),
            ("excludeTargets", json!({})),
            ("excludeTargets", json!([{"id": 1}])),
        ] {
            let mut json = whole.clone();
            json[field] = odd.clone();
            assert!(MethodView::of(&object(json)).is_none(), "{field}: {odd}");
        }
    }
}
