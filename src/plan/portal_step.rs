//! The steps that a plan for Graph alone leaves to do in the admin centre.

use serde::Serialize;
use serde_json::Value;

use crate::spec_file::Spec;
use crate::tenant::{Method, Migration, SETTINGS, Setting, Surface, Tenant, ValueKind};
use crate::text::capitalized;

/// One control of the admin centre and the value it is to have, in the words of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortalStep {
    /// The page below Password reset.
    pub page: &'static str,
    /// The control.
    pub label: &'static str,
    /// What it is to be set to; can hold foreign text.
    pub value: String,
    /// Dotted spec key.
    pub key: &'static str,
}

/// Returns the steps for everything of the spec that Graph cannot hold, in the order of the pages; `None` where
/// the admin centre was read. What is there today is unknown.
pub(super) fn portal_steps(spec: &Spec, tenant: &Tenant) -> Option<Vec<PortalStep>> {
    tenant.policy.is_none().then_some(())?;
    let settings = SETTINGS.iter().filter(|setting| setting.object.surface() == Surface::Portal);
    let step = |setting: &Setting| {
        let value = wanted(setting, spec, tenant)?;
        Some(PortalStep { page: setting.page.title(), label: setting.label, value, key: setting.key })
    };
    Some(settings.filter_map(step).collect())
}

fn wanted(setting: &Setting, spec: &Spec, tenant: &Tenant) -> Option<String> {
    match setting.key {
        "scope" => spec.scope().map(|scope| capitalized(scope.as_str())),
        "group" => tenant.group.as_ref().map(|group| format!("{} ({})", group.display_name, group.id)),
        "methods.allowed" => {
            let allowed = spec.allowed()?;
            // Migrated, the portal's page lists the one method that never moved (facts 3.6).
            let is_migrated =
                tenant.methods.as_ref().is_some_and(|policy| policy.migration() == Migration::Complete);
            let stays = |method: &&Method| !is_migrated || **method == Method::SecurityQuestions;
            let labels: Vec<&str> = allowed.iter().filter(stays).map(|method| method.label()).collect();
            (!labels.is_empty()).then(|| labels.join(", "))
        }
        key => spec.value(key).map(|value| match (&setting.kind, value) {
            (ValueKind::Helpdesk, Value::String(link)) if link == "none" => "No".to_owned(),
            (ValueKind::Helpdesk, Value::String(link)) => format!("Yes, {link}"),
            (_, Value::Bool(on)) => if *on { "Yes" } else { "No" }.to_owned(),
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        }),
    }
}
