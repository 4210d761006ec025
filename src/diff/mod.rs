//! Resolves the state a spec wants, and compares it with the tenant. Pure and total.

mod coverage;
mod methods;
mod rings;

pub use coverage::{Coverage, coverage};
pub use methods::{Audience, Blocker, ResolvedMethods, audience, is_given, pilot};

use serde::Serialize;
use serde_json::{Value, json};

use crate::spec_file::Spec;
use crate::tenant::{
    Method, Object, Resource, SETTINGS, Scope, Setting, Surface, Tenant, ValueKind, is_member,
};

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
    /// The whole password reset policy as it should be, where it was read.
    pub policy: Option<Object>,
    /// Password writeback as it should be, where it was read.
    pub writeback: Option<Object>,
    /// The authorization policy as it should be, where it was read.
    pub authorization: Option<Object>,
    /// The methods, on whichever policy they live.
    pub methods: ResolvedMethods,
    /// Whether each ring is in the pilot group, as it should be; none where the spec has no roll-out.
    pub rings: Vec<Object>,
    /// Keys the spec manages whose actual value the tenant did not say: left as they are.
    pub unreadable: Vec<&'static str>,
}

impl Desired {
    /// Returns every object as it should be, in the order they are to be written: what people need first,
    /// then the policy that lets them in. Rings come in before it opens, and go out after it closes.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let Self { policy, writeback, authorization, methods, rings, unreadable: _ } = self;
        let rings = |wanted: bool| rings.iter().filter(move |ring| is_member(ring) == Some(wanted));
        authorization
            .iter()
            .chain(writeback)
            .chain(&methods.desired)
            .chain(rings(true))
            .chain(policy)
            .chain(rings(false))
    }

    fn object_mut(&mut self, resource: &Resource) -> Option<&mut Object> {
        match resource {
            Resource::PasswordReset => self.policy.as_mut(),
            Resource::Writeback => self.writeback.as_mut(),
            Resource::Authorization => self.authorization.as_mut(),
            Resource::Method(_) | Resource::Membership { .. } => None,
        }
    }
}

/// Lays what the spec manages over what the tenant has.
pub fn resolve(spec: &Spec, tenant: &Tenant) -> Desired {
    let mut desired = Desired {
        policy: tenant.policy.clone(),
        writeback: tenant.writeback.clone(),
        authorization: tenant.authorization.clone(),
        methods: methods::resolve(spec, tenant),
        rings: rings::resolve(spec, tenant),
        unreadable: Vec::new(),
    };
    for setting in &SETTINGS {
        let Some(value) = desired_value(setting, spec, tenant) else { continue };
        if setting.kind == ValueKind::Methods {
            resolve_toggles(&value, &mut desired);
            continue;
        }
        // Not read this time: unknown, and not written.
        let Some(object) = tenant.object(&setting.object) else { continue };
        match setting.read(object) {
            None => desired.unreadable.push(setting.key),
            // Equal in meaning: the service's own spelling (letter case of an id) stays.
            Some(actual) if actual == value => {}
            Some(_) => {
                if let Some(object) = desired.object_mut(&setting.object) {
                    setting.overlay(&value, object);
                }
                if setting.key == "group" {
                    name_the_group(tenant, desired.policy.as_mut());
                }
            }
        }
    }
    desired
}

/// Lays the methods over those toggles that count in this tenant.
fn resolve_toggles(allowed: &Value, desired: &mut Desired) {
    let toggles = desired.methods.toggles.clone();
    let Some(policy) = &mut desired.policy else { return };
    match Method::read_toggles(&toggles, policy) {
        None => desired.unreadable.push("methods.allowed"),
        Some(_) => Method::overlay_toggles(&toggles, allowed, policy),
    }
}

/// Returns the differences between the desired and the actual state, sorted by key, then by object.
pub fn diff(desired: &Desired, tenant: &Tenant) -> Vec<Change> {
    let mut changes = Vec::new();
    for object in desired.objects() {
        if let Some(actual) = tenant.object(object.resource()) {
            changes.extend(changes_between(actual, object, &desired.methods.toggles));
        }
    }
    sort(&mut changes);
    changes
}

/// Returns the differences between two states of one object; `toggles` are the methods whose toggle on the
/// password reset policy is told.
pub fn changes_between(actual: &Object, desired: &Object, toggles: &[Method]) -> Vec<Change> {
    if let Resource::Method(_) = desired.resource() {
        let is_changed = !desired.differing_fields(actual).is_empty();
        return is_changed.then(|| methods::change(actual, desired)).into_iter().collect();
    }
    if let Resource::Membership { .. } = desired.resource() {
        return rings::change(actual, desired).into_iter().collect();
    }
    let rows = SETTINGS.iter().filter(|setting| setting.object == *desired.resource());
    rows.filter_map(|setting| {
        let read = |object| match setting.kind {
            ValueKind::Methods => Method::read_toggles(toggles, object),
            _ => setting.read(object),
        };
        let (from, to) = (read(actual), read(desired)?);
        (from.as_ref() != Some(&to)).then(|| Change {
            key: setting.key.to_owned(),
            surface: setting.object.surface(),
            resource: setting.object.to_string(),
            from: from.unwrap_or(Value::Null),
            to,
        })
    })
    .collect()
}

/// Puts changes in the order plans have them.
pub fn sort(changes: &mut [Change]) {
    changes.sort_by(|a, b| (&a.key, a.surface, &a.resource).cmp(&(&b.key, b.surface, &b.resource)));
}

/// Returns the value the spec wants for a setting in this tenant; `None` means unmanaged.
fn desired_value(setting: &Setting, spec: &Spec, tenant: &Tenant) -> Option<Value> {
    match setting.key {
        "scope" => spec.scope().map(|scope| json!(scope.as_str())),
        // Beside None the group only names the pilot; the service has no use for it.
        "group" if spec.scope() == Some(Scope::Selected) || spec.leaves_out("scope") => {
            tenant.group.as_ref().map(|group| json!([group.id]))
        }
        "group" => None,
        key => spec.value(key).cloned(),
    }
}

/// Keeps the object's display-only twin of the group id in step; writers send it along (facts 2.2).
fn name_the_group(tenant: &Tenant, policy: Option<&mut Object>) {
    const NAME: &str = "passwordResetEnabledGroupName";
    if let (Some(group), Some(policy)) = (&tenant.group, policy.filter(|policy| policy.field(NAME).is_some()))
    {
        policy.overlay(NAME, json!(group.display_name));
    }
}
