//! Plans and outcomes for people. Styled with ANSI codes; the stream strips them where nobody looks.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::address::{self, linked};
use super::{Outcome, Proof, methods};
use crate::diff::Change;
use crate::plan::{Finding, Plan, Severity};
use crate::tenant::{Blade, Method, SETTINGS, Setting, Shape};
use crate::text::{counted, excerpt, visible};

const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Returns the plan for review: changes by portal blade, then people, then findings. No last line:
/// what became of the plan is the caller's to tell.
pub fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{BOLD}{}{BOLD:#} → {BOLD}{}{BOLD:#} ({}, {})",
        visible(&plan.spec_path),
        visible(&plan.tenant_name),
        visible(&plan.tenant_domain),
        plan.tenant_id
    );
    let mut blade: Option<Blade> = None;
    for setting in &SETTINGS {
        for change in plan.changes.iter().filter(|change| change.key == setting.key) {
            if blade.replace(setting.blade) != Some(setting.blade) {
                let page = linked(setting.blade.title(), &setting.blade.url());
                let _ = writeln!(text, "\n{BOLD}{page}{BOLD:#}");
            }
            line(&mut text, plan, setting, change);
        }
    }
    other_fields(&mut text, plan);
    if let Some(members) = plan.people.members {
        let _ = writeln!(
            text,
            "\n{BOLD}People{BOLD:#}\n  {} in the group, nested groups included",
            counted_people(members)
        );
    }
    if !plan.findings.is_empty() {
        let _ = writeln!(text, "\n{BOLD}Findings{BOLD:#}");
        for finding in &plan.findings {
            finding_lines(&mut text, plan, finding);
        }
    }
    text.push('\n');
    text
}

/// Fields the spec has no key for; only a way back changes those.
fn other_fields(text: &mut String, plan: &Plan) {
    let is_other = |change: &&Change| SETTINGS.iter().all(|setting| setting.key != change.key);
    for (at, change) in plan.changes.iter().filter(is_other).enumerate() {
        if at == 0 {
            let _ = writeln!(text, "\n{BOLD}Other fields{BOLD:#}");
        }
        let (key, surface) = (visible(&change.key), change.surface);
        let value = |value: &Value| excerpt(&value.to_string(), 60);
        let _ = writeln!(
            text,
            "  {YELLOW}~{YELLOW:#} {key}: {} → {BOLD}{}{BOLD:#}  {DIM}[{surface}: {key}]{DIM:#}",
            value(&change.from),
            value(&change.to)
        );
    }
}

/// Returns the last line of `plan`.
pub fn plan_summary(plan: &Plan) -> String {
    if plan.is_refused() {
        let errors = counted(plan.count(Severity::Error), "error");
        return format!(
            "{RED}{} and {errors}{RED:#}: apply would refuse this. Nothing was written.\n",
            counted(plan.changes.len(), "change")
        );
    }
    if plan.changes.is_empty() {
        return format!("{GREEN}No changes{GREEN:#}: the tenant matches {}.\n", visible(&plan.spec_path));
    }
    format!("{BOLD}{}{BOLD:#}. Nothing was written.\n", counted(plan.changes.len(), "change"))
}

/// Returns what was done, and what comes next.
///
/// `claim` is what reading back proved ("the tenant matches pilot.yaml"); it stands in the last line.
/// `is_pretend` says that the tenant was the sandbox.
pub fn outcome(outcome: &Outcome, claim: &str, next: &str, is_pretend: bool) -> String {
    let Outcome { applied, also_changed, verified: _, journal, baseline, writes: _, proofs } = outcome;
    if applied.is_empty() {
        return format!("{GREEN}No changes{GREEN:#}: {claim}. Nothing was written.\n");
    }
    let mut text = String::new();
    if !also_changed.is_empty() {
        let fields = also_changed.iter().map(|field| visible(field)).collect::<Vec<_>>().join(", ");
        let _ =
            writeln!(text, "Note:     the service itself also changed {fields}, which sspr does not know");
    }
    if let Some(baseline) = baseline {
        let _ = writeln!(text, "Baseline: {}", visible(baseline));
    }
    if let Some(journal) = journal {
        let _ = writeln!(text, "Journal:  {}", visible(journal));
    }
    for proof in proofs.iter().flat_map(|proofs| &proofs.proofs) {
        proof_line(&mut text, proof);
    }
    let _ = writeln!(text, "Next:     {next}");
    if is_pretend {
        text.push_str(
            "          (all of this happened in the sandbox; `sspr sandbox reset` starts it over)\n",
        );
    }
    let _ = write!(text, "\n{GREEN}Applied {}{GREEN:#}; {claim}", counted(applied.len(), "change"));
    let _ = match proofs.as_ref().map(|proofs| proofs.why.as_deref()) {
        None => writeln!(text, "."),
        Some(None) => writeln!(text, ", and the audit log shows it."),
        Some(Some(why)) => writeln!(text, ". {YELLOW}Not proved{YELLOW:#}: {}.", visible(why)),
    };
    text
}

fn proof_line(text: &mut String, proof: &Proof) {
    let resource = visible(&proof.resource);
    let _ = match &proof.event {
        None => writeln!(text, "Audit:    nothing yet of {resource}"),
        Some(event) => {
            let by = event.by.as_deref().map(|by| format!(" by {}", excerpt(by, 100))).unwrap_or_default();
            let (activity, at) = (excerpt(&event.activity, 100), visible(&event.at));
            let _ = writeln!(text, "Audit:    {activity} of {resource}{by} at {at}");
            writeln!(text, "          (id {}; found by {})", visible(&event.id), event.matched)
        }
    };
}

fn line(text: &mut String, plan: &Plan, setting: &Setting, change: &Change) {
    let (from, to) = (value(plan, setting, &change.from), value(plan, setting, &change.to));
    let label = methods::label(change);
    let _ = write!(text, "  {YELLOW}~{YELLOW:#} {}: ", label.as_deref().unwrap_or(setting.label));
    match setting.shape {
        _ if label.is_some() => methods::describe(text, plan, change),
        Shape::Methods if change.from.is_array() => {
            let _ = write!(text, "{to}");
            for (sign, style, only, than) in
                [('+', GREEN, &change.to, &change.from), ('-', RED, &change.from, &change.to)]
            {
                for method in methods(only).filter(|method| !methods(than).any(|other| other == *method)) {
                    let _ = write!(text, "\n      {style}{sign} {}{style:#}", method.label());
                }
            }
        }
        _ => {
            let _ = write!(text, "{from} → {BOLD}{to}{BOLD:#}");
        }
    }
    let _ = writeln!(text, "  {DIM}[{}: {}]{DIM:#}", change.surface, change.key);
}

pub(super) fn value(plan: &Plan, setting: &Setting, value: &Value) -> String {
    if value.is_null() {
        return "unknown".to_owned();
    }
    match setting.shape {
        Shape::Scope => match value.as_str() {
            Some("none") => "None".to_owned(),
            Some("selected") => "Selected".to_owned(),
            Some("all") => "All".to_owned(),
            _ => visible(&value.to_string()),
        },
        Shape::Group => match value.as_array().map(Vec::as_slice) {
            Some([]) | None => "no group".to_owned(),
            Some(ids) => ids.iter().map(|id| group(plan, id)).collect::<Vec<_>>().join(", "),
        },
        Shape::Methods => match methods(value).count() {
            0 => "none".to_owned(),
            count => counted(count, "method"),
        },
        Shape::Switch { .. } => if value == true { "Yes" } else { "No" }.to_owned(),
        Shape::Helpdesk if value == "none" => "No".to_owned(),
        Shape::Helpdesk | Shape::Number { .. } => {
            visible(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        }
    }
}

pub(super) fn group(plan: &Plan, id: &Value) -> String {
    let id = id.as_str().unwrap_or_default();
    match plan.group_names.get(id) {
        Some(name) => format!("{} ({})", visible(name), visible(id)),
        None => visible(id),
    }
}

pub(super) fn methods(value: &Value) -> impl Iterator<Item = Method> {
    value.as_array().into_iter().flatten().filter_map(|word| word.as_str().and_then(Method::from_word))
}

fn finding_lines(text: &mut String, plan: &Plan, finding: &Finding) {
    let (style, word) = match finding.severity {
        Severity::Error => (RED, "error"),
        Severity::Warning => (YELLOW, "warning"),
        Severity::Info => (CYAN, "info"),
    };
    let page = address::finding(finding.code);
    let name = page.map_or_else(|| finding.code.to_owned(), |page| linked(finding.code, &page));
    let _ = writeln!(
        text,
        "  {style}{word}{style:#} {} {DIM}[{}]{DIM:#}: {}.\n      {}",
        name, finding.key, finding.message, finding.help
    );
    if let Some(names) = plan.names.get(finding.code) {
        let names: Vec<String> = names.iter().map(|name| excerpt(name, 100)).collect();
        let _ = writeln!(text, "      {DIM}{}{DIM:#}", names.join(", "));
    }
}

pub(super) fn counted_people(members: u64) -> String {
    if members == 1 { "1 person".to_owned() } else { format!("{members} people") }
}
