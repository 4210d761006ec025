//! Plans and outcomes for people. Styled with ANSI codes; the stream strips them where nobody looks.

use std::fmt::Write as _;

use serde_json::Value;

use super::address::{self, linked};
use super::methods;
use super::style::{BOLD, CYAN, DIM, GREEN, RED, YELLOW};
use super::values::{counted_people, methods as listed, value};
use crate::diff::Change;
use crate::outcome::{Outcome, Proof};
use crate::plan::{Finding, Plan, Severity};
use crate::tenant::{PortalPage, SETTINGS, Setting, ValueKind};
use crate::text::{counted, excerpt, visible};

/// Returns the plan for review: changes by portal page, then people, then findings. No last line:
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
    let mut page: Option<PortalPage> = None;
    for setting in &SETTINGS {
        for change in plan.changes.iter().filter(|change| change.key == setting.key) {
            if page.replace(setting.page) != Some(setting.page) {
                let page = linked(setting.page.title(), &setting.page.url());
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
            finding_lines(&mut text, finding);
            names_line(&mut text, plan, finding);
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
    let (half, rest) = match plan.not_looked_at() {
        [] => ("", ""),
        _ => (" in Graph's half", " The portal half was not looked at."),
    };
    let changes = counted(plan.changes.len(), "change");
    if plan.is_refused() {
        let errors = counted(plan.count(Severity::Error), "error");
        return format!(
            "{RED}{changes}{half} and {errors}{RED:#}: apply would refuse this. Nothing was written.{rest}\n"
        );
    }
    if plan.changes.is_empty() {
        let whole = if half.is_empty() { "the tenant" } else { "it" };
        return format!(
            "{GREEN}No changes{half}{GREEN:#}: {whole} matches {}.{rest}\n",
            visible(&plan.spec_path)
        );
    }
    format!("{BOLD}{changes}{half}{BOLD:#}. Nothing was written.{rest}\n")
}

/// Returns what was done, and what comes next.
///
/// `claim` is what reading back proved ("the tenant matches pilot.yaml"); it stands in the last line.
/// `is_pretend` says that the tenant was the sandbox.
pub fn outcome(outcome: &Outcome, claim: &str, next: &str, is_pretend: bool) -> String {
    let Outcome { applied, also_changed, volatile, verified: _, journal, baseline, writes, proofs } = outcome;
    if applied.is_empty() && writes.is_empty() {
        return format!("{GREEN}No changes{GREEN:#}: {claim}. Nothing was written.\n");
    }
    let mut text = String::new();
    if !also_changed.is_empty() {
        let fields = also_changed.iter().map(|field| visible(field)).collect::<Vec<_>>().join(", ");
        let _ =
            writeln!(text, "Note:     the service itself also changed {fields}, which sspr does not know");
    }
    for (resource, fields) in volatile {
        let fields = fields.iter().map(|field| visible(field)).collect::<Vec<_>>().join(", ");
        let resource = resource.to_string();
        let _ = writeln!(
            text,
            "Note:     {fields} differs from one read of {} to the next, and counts as nobody's edit",
            visible(&resource)
        );
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
    match setting.kind {
        _ if label.is_some() => methods::describe(text, plan, change),
        ValueKind::Methods if change.from.is_array() => {
            let _ = write!(text, "{to}");
            for (sign, style, only, than) in
                [('+', GREEN, &change.to, &change.from), ('-', RED, &change.from, &change.to)]
            {
                for method in listed(only).filter(|method| !listed(than).any(|other| other == *method)) {
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

/// Returns the answer of `validate`, and what a reviewer should know of the file.
pub fn valid(path: &str, findings: &[Finding]) -> String {
    let mut text = format!("{} is a valid spec. Nothing was sent.\n", visible(path));
    findings.iter().for_each(|finding| finding_lines(&mut text, finding));
    text
}

fn finding_lines(text: &mut String, finding: &Finding) {
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
}

fn names_line(text: &mut String, plan: &Plan, finding: &Finding) {
    if let Some(names) = plan.names.get(finding.code) {
        let names: Vec<String> = names.iter().map(|name| excerpt(name, 100)).collect();
        let _ = writeln!(text, "      {DIM}{}{DIM:#}", names.join(", "));
    }
}
