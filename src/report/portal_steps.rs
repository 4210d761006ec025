//! What is left for a person to click, where the tool keeps to Graph.

use std::fmt::Write as _;

use serde_json::Value;

use crate::spec::Spec;
use crate::tenant::{Blade, Method, Migration, SETTINGS, Setting, Shape, Surface, Tenant};
use crate::text::visible;

/// Returns the portal's pages, labels and values for everything of the spec that Graph cannot hold. What is
/// there today is unknown.
pub fn portal_steps(spec: &Spec, tenant: &Tenant) -> String {
    let mut steps = String::new();
    let mut blade: Option<Blade> = None;
    for setting in SETTINGS.iter().filter(|setting| setting.object.surface() == Surface::Portal) {
        let Some(value) = wanted(setting, spec, tenant) else { continue };
        if blade.replace(setting.blade) != Some(setting.blade) {
            let _ = writeln!(steps, "  {}", setting.blade.title());
        }
        let _ = writeln!(steps, "    {}: {value}  [portal: {}]", setting.label, setting.key);
    }
    if steps.is_empty() {
        return "The portal half was not read, and the spec manages nothing of it.\n".to_owned();
    }
    format!(
        "The portal half was neither read nor written; what it holds is unknown. Set there by hand, in the Entra \
         admin center\nunder Password reset:\n{steps}"
    )
}

fn wanted(setting: &Setting, spec: &Spec, tenant: &Tenant) -> Option<String> {
    match setting.key {
        "scope" => spec.scope().map(|scope| capitalised(scope.word())),
        "group" => {
            tenant.group.as_ref().map(|group| format!("{} ({})", visible(&group.display_name), group.id))
        }
        "methods.allowed" => {
            let allowed = spec.allowed()?;
            // Migrated, the portal's page lists the one method that never moved (facts 3.6).
            let is_migrated =
                tenant.methods.as_ref().is_some_and(|policy| policy.migration() == Migration::Complete);
            let stays = |method: &&Method| !is_migrated || **method == Method::SecurityQuestions;
            let labels: Vec<&str> = allowed.iter().filter(stays).map(|method| method.label()).collect();
            (!labels.is_empty()).then(|| labels.join(", "))
        }
        key => spec.value(key).map(|value| match (&setting.shape, value) {
            (Shape::Helpdesk, Value::String(link)) if link == "none" => "No".to_owned(),
            (Shape::Helpdesk, Value::String(link)) => format!("Yes, {}", visible(link)),
            (_, Value::Bool(on)) => if *on { "Yes" } else { "No" }.to_owned(),
            (_, Value::String(text)) => visible(text),
            (_, other) => other.to_string(),
        }),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
