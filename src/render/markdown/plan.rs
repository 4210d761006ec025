//! Plans and what became of them, as Markdown.

use serde_json::Value;

use super::escape::{code, details, head, prose, row};
use crate::diff::Change;
use crate::outcome::closing::NOT_LOOKED_AT;
use crate::outcome::{Outcome, Proof};
use crate::plan::{Finding, People, Plan, Severity};
use crate::render::address;
use crate::render::methods::{Described, TargetLine, described, label};
use crate::render::values::{counted_people, methods, value};
use crate::tenant::{SETTINGS, Setting, ValueKind};
use crate::text::{counted, excerpt};

/// Returns the plan for review.
pub fn plan(plan: &Plan) -> String {
    let changes = counted(plan.changes.len(), "change");
    let result = match (plan.is_refused(), plan.changes.is_empty()) {
        (true, _) => format!("{changes}, refused"),
        (false, true) => "no changes".to_owned(),
        (false, false) => changes,
    };
    let half = match plan.not_looked_at() {
        [] => String::new(),
        _ => format!(" in Graph's half; {NOT_LOOKED_AT}"),
    };
    let note = if plan.is_refused() { "`sspr apply` would refuse this. " } else { "" };
    format!("### sspr plan: {result}{half}\n\n{}\n{note}Nothing was written.\n{}", about(plan), body(plan))
}

/// Returns what was done; `claim` is what reading back proved, and `next` what comes next.
pub fn outcome(plan: &Plan, outcome: &Outcome, claim: &str, next: &str, is_pretend: bool) -> String {
    let Outcome { applied, also_changed, volatile, verified: _, journal: _, baseline: _, writes, proofs } =
        outcome;
    if applied.is_empty() && writes.is_empty() {
        return format!(
            "### No changes: {}\n\n{}\nNothing was written.\n{}",
            prose(claim),
            about(plan),
            body(plan)
        );
    }
    let mut text =
        format!("### Applied {}; {}\n\n{}\n", counted(applied.len(), "change"), prose(claim), about(plan));
    if is_pretend {
        text.push_str("\nAll of this happened in the sandbox.\n");
    }
    if !also_changed.is_empty() {
        let fields: Vec<String> = also_changed.iter().map(|field| code(field)).collect();
        text.push_str(&format!(
            "\nThe service itself also changed {}, which sspr does not know.\n",
            fields.join(", ")
        ));
    }
    for (resource, fields) in volatile {
        let fields: Vec<String> = fields.iter().map(|field| code(field)).collect();
        text.push_str(&format!(
            "\n{} differs from one read of {} to the next, and counts as nobody's edit.\n",
            fields.join(", "),
            code(&resource.to_string())
        ));
    }
    for Proof { resource, event } in proofs.iter().flat_map(|proofs| &proofs.proofs) {
        let described = match event {
            Some(event) => format!("{} at {} ({})", code(&event.activity), code(&event.at), code(&event.id)),
            None => "nothing yet".to_owned(),
        };
        text.push_str(&format!("\nAudit log, {}: {described}.\n", code(resource)));
    }
    if let Some(why) = proofs.as_ref().and_then(|proofs| proofs.why.as_deref()) {
        text.push_str(&format!("\nNot proved: {}.\n", prose(why)));
    }
    text.push_str(&format!("\nNext: {}.\n{}", prose(next), body(plan)));
    text
}

fn about(plan: &Plan) -> String {
    let count = |severity, noun| match plan.count(severity) {
        0 => None,
        count => Some(counted(count, noun)),
    };
    let counts =
        [count(Severity::Error, "error"), count(Severity::Warning, "warning"), count(Severity::Info, "note")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let counts = if counts.is_empty() { String::new() } else { format!("\n{}.", counts.join(", ")) };
    format!(
        "{} → {} ({}, {}).{counts}",
        code(&plan.spec_path),
        code(&plan.tenant_name),
        code(&plan.tenant_domain),
        code(&plan.tenant_id)
    )
}

fn body(plan: &Plan) -> String {
    let mut text = String::new();
    if !plan.changes.is_empty() {
        text.push('\n');
        text.push_str(&head(&["setting", "change", "surface", "key"]));
        for setting in &SETTINGS {
            for change in plan.changes.iter().filter(|change| change.key == setting.key) {
                text.push_str(&setting_row(plan, setting, change));
            }
        }
        let is_other = |change: &&Change| SETTINGS.iter().all(|setting| setting.key != change.key);
        for change in plan.changes.iter().filter(is_other) {
            let value = |value: &Value| code(&excerpt(&value.to_string(), 60));
            let change_cell = format!("{} → {}", value(&change.from), value(&change.to));
            text.push_str(&row(&[
                "Other fields".to_owned(),
                change_cell,
                change.surface.to_string(),
                code(&change.key),
            ]));
        }
    }
    text.push_str(&people(&plan.people));
    text.push_str(&findings(&plan.findings));
    text
}

fn setting_row(plan: &Plan, setting: &Setting, change: &Change) -> String {
    let method = label(change);
    let name = method.as_deref().unwrap_or(setting.label);
    let name = format!("[{}]({}): {}", setting.page.title(), setting.page.url(), prose(name));
    let described = match setting.kind {
        _ if method.is_some() => {
            let Described { head, lines } = described(plan, change);
            let lines = lines.iter().map(|TargetLine { sign, name, is_off }| {
                let note = if *is_off { ", listed while it is off" } else { "" };
                format!("{sign} {}{note}", code(name))
            });
            [prose(&head)].into_iter().chain(lines).collect::<Vec<_>>().join("<br>")
        }
        ValueKind::Methods if change.from.is_array() => {
            let mut lines = vec![prose(&value(plan, setting, &change.to))];
            for (sign, only, than) in [('+', &change.to, &change.from), ('-', &change.from, &change.to)] {
                let only = methods(only).filter(|method| !methods(than).any(|other| other == *method));
                lines.extend(only.map(|method| format!("{sign} {}", method.label())));
            }
            lines.join("<br>")
        }
        _ => {
            let shown = |side| code(&value(plan, setting, side));
            format!("{} → {}", shown(&change.from), shown(&change.to))
        }
    };
    row(&[name, described, change.surface.to_string(), code(&change.key)])
}

fn people(people: &People) -> String {
    let People { members, admins, unlicensed, guests, disabled, stranded } = *people;
    let Some(members) = members else { return String::new() };
    let some = |count: Option<u64>, word: &str| {
        count.filter(|count| *count > 0).map(|count| format!("{count} {word}"))
    };
    let parts: Vec<String> = [
        some(admins, "with an administrator role"),
        some(guests, if guests == Some(1) { "guest" } else { "guests" }),
        some(disabled, "disabled"),
        some(unlicensed, "unlicensed"),
        some(stranded, "who could no longer reset"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("\n{} in the group, nested groups included{parts}.\n", counted_people(members))
}

pub(super) fn findings(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", head(&["", "finding", "key", "what is the case"]));
    let mut help = String::new();
    for Finding { code: name, severity, key, message, help: what } in findings {
        let linked = match address::finding(name) {
            Some(url) => format!("[{}]({url})", code(name)),
            None => code(name),
        };
        let word = match severity {
            Severity::Error => "**error**",
            Severity::Warning => "**warning**",
            Severity::Info => "note",
        };
        text.push_str(&row(&[word.to_owned(), linked, code(key), format!("{}.", prose(message))]));
        help.push_str(&format!("- {}: {}\n", code(name), prose(what)));
    }
    text.push_str(&details("What to do about them", &help));
    text
}
