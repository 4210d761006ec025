//! From (spec, tenant) to what differs: resolve the desired state, then compare. Pure and total.

use serde::Serialize;
use serde_json::{Value, json};

use crate::spec::Spec;
use crate::tenant::{Object, Resource, SETTINGS, Scope, Setting, Surface, Tenant};

/// One difference between the desired and the actual state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Dotted spec key.
    pub key: String,
    /// The API that is written.
    pub surface: Surface,
    /// The object that is written.
    pub resource: String,
    /// The actual value, in spec terms.
    pub from: Value,
    /// The desired value, in spec terms.
    pub to: Value,
}

/// The desired state, resolved against one tenant: what the spec does not mention is as it is there.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The whole password reset policy as it should be.
    pub policy: Object,
    /// Password writeback as it should be, where it was read.
    pub writeback: Option<Object>,
    /// The authorization policy as it should be, where it was read.
    pub authorization: Option<Object>,
    /// Keys the spec manages whose actual value the tenant did not tell: left as they are.
    pub unreadable: Vec<&'static str>,
}

impl Desired {
    /// Returns an object as it should be, where it was read.
    pub fn object(&self, resource: &Resource) -> Option<&Object> {
        match resource {
            Resource::PasswordReset => Some(&self.policy),
            Resource::Writeback => self.writeback.as_ref(),
            Resource::Authorization => self.authorization.as_ref(),
            Resource::Method(_) => None,
        }
    }

    fn object_mut(&mut self, resource: &Resource) -> Option<&mut Object> {
        match resource {
            Resource::PasswordReset => Some(&mut self.policy),
            Resource::Writeback => self.writeback.as_mut(),
            Resource::Authorization => self.authorization.as_mut(),
            Resource::Method(_) => None,
        }
    }
}

/// Lays what the spec manages over what the tenant has.
pub fn resolve(spec: &Spec, tenant: &Tenant) -> Desired {
    let mut desired = Desired {
        policy: tenant.policy.clone(),
        writeback: tenant.writeback.clone(),
        authorization: tenant.authorization.clone(),
        unreadable: Vec::new(),
    };
    for setting in &SETTINGS {
        let Some(value) = desired_value(setting, spec, tenant) else { continue };
        match tenant.object(&setting.object).and_then(|actual| setting.read(actual)) {
            None => desired.unreadable.push(setting.key),
            // Equal in meaning: the service's own spelling (letter case of an id) stays.
            Some(actual) if actual == value => {}
            Some(_) => {
                if let Some(object) = desired.object_mut(&setting.object) {
                    setting.overlay(&value, object);
                }
                if setting.key == "group" {
                    name_the_group(tenant, &mut desired.policy);
                }
            }
        }
    }
    desired
}

/// Returns the differences between the desired and the actual state, sorted by key.
pub fn diff(desired: &Desired, tenant: &Tenant) -> Vec<Change> {
    let mut changes: Vec<Change> = SETTINGS
        .iter()
        .filter_map(|setting| {
            let from = setting.read(tenant.object(&setting.object)?);
            let to = setting.read(desired.object(&setting.object)?)?;
            (from.as_ref() != Some(&to)).then(|| Change {
                key: setting.key.to_owned(),
                surface: setting.object.surface(),
                resource: setting.object.to_string(),
                from: from.unwrap_or(Value::Null),
                to,
            })
        })
        .collect();
    changes.sort_by(|a, b| (&a.key, &a.resource).cmp(&(&b.key, &b.resource)));
    changes
}

/// Returns the value the spec wants for a setting in this tenant; `None` means unmanaged.
fn desired_value(setting: &Setting, spec: &Spec, tenant: &Tenant) -> Option<Value> {
    match setting.key {
        "scope" => spec.scope().map(|scope| json!(scope.word())),
        // Beside None the group says whom the pilot is about; the service has no use for it.
        "group" if spec.scope() == Some(Scope::Selected) => {
            tenant.group.as_ref().map(|group| json!([group.id]))
        }
        "group" => None,
        key => spec.value(key).cloned(),
    }
}

/// Keeps the object's display-only twin of the group id in step; writers send it along (facts 2.2).
fn name_the_group(tenant: &Tenant, policy: &mut Object) {
    const NAME: &str = "passwordResetEnabledGroupName";
    if let (Some(group), Some(_)) = (&tenant.group, policy.field(NAME)) {
        policy.overlay(NAME, json!(group.display_name));
    }
}
