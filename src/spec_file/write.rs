//! Writes a spec as YAML that reads as the same spec.

use std::fmt::Write as _;

use serde_json::Value;

use super::{RingSpec, Rollout, Spec, VERSION};
use crate::tenant::{SETTINGS, ValueKind};
use crate::text::visible;

impl Spec {
    /// Returns the spec as a file of its own: what is managed, in the portal's order, without the comments of the file it
    /// was read from.
    pub fn to_yaml(&self) -> String {
        let mut text = format!("version: {VERSION}\n");
        if let Some(tenant) = &self.tenant {
            let _ = writeln!(text, "tenant: {}", quoted(tenant));
        }
        let mut open: Vec<&str> = Vec::new();
        for setting in &SETTINGS {
            let Some(value) = self.value(setting.key) else { continue };
            let mut sections: Vec<&str> = setting.key.split('.').collect();
            let key = sections.pop().unwrap_or_default();
            let shared = open.iter().zip(&sections).take_while(|(a, b)| a == b).count();
            for (depth, section) in sections.iter().enumerate().skip(shared) {
                let _ = writeln!(text, "{}{section}:", "  ".repeat(depth));
            }
            let indent = "  ".repeat(sections.len());
            let _ = writeln!(text, "{indent}{key}: {}", yaml_value(setting.kind, value));
            open = sections;
        }
        if let Some(rollout) = &self.rollout {
            write_rollout(&mut text, rollout);
        }
        if !self.accepted.is_empty() {
            let _ = writeln!(text, "accept: [{}]", self.accepted.join(", "));
        }
        text
    }
}

fn write_rollout(text: &mut String, rollout: &Rollout) {
    let _ = writeln!(text, "rollout:\n  open: {}\n  rings:", rollout.open);
    for RingSpec { group, after, .. } in &rollout.rings {
        let _ = writeln!(text, "    - group: {}", quoted(&group.to_string()));
        let waits = [
            after.ready.map(|share| format!("ready: {share}%")),
            after.days.map(|days| format!("days: {days}")),
            after.resets.map(|resets| format!("resets: {resets}")),
        ];
        let waits: Vec<String> = waits.into_iter().flatten().collect();
        if !waits.is_empty() {
            let _ = writeln!(text, "      after: {{{}}}", waits.join(", "));
        }
    }
}

/// Returns a value as YAML. Only words of the spec's own go without quotes: anything else could be a number, a
/// date, a comment or a tag to some reader.
pub fn yaml_value(kind: ValueKind, value: &Value) -> String {
    match (kind, value) {
        (ValueKind::Scope, Value::String(word)) => visible(word),
        (ValueKind::Helpdesk, Value::String(word)) if word == "none" => word.clone(),
        (_, Value::String(text)) => quoted(text),
        (_, Value::Array(words)) => {
            let words: Vec<String> = words.iter().filter_map(Value::as_str).map(visible).collect();
            format!("[{}]", words.join(", "))
        }
        (_, other) => other.to_string(),
    }
}

/// Returns text in double quotes, for which JSON's escapes are YAML's too. What a terminal could obey, or nobody can see, is
/// an escape.
pub fn quoted(text: &str) -> String {
    let mut shown = String::new();
    for c in Value::from(text).to_string().chars() {
        match c {
            '#' if shown.ends_with('#') => shown.push_str("\\x23"),
            c if visible(c.encode_utf8(&mut [0; 4])).starts_with(c) => shown.push(c),
            c => {
                let _ = write!(shown, "\\U{:08x}", u32::from(c));
            }
        }
    }
    shown
}
