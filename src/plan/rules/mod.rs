//! The rules that produce findings, one file per subject.

mod advice;
mod guards;
mod method_changes;
mod methods;
mod people;
mod reach;
mod rings;
mod context;
mod sign_in;
mod spec_file;

pub(super) use context::{RuleContext, written};
pub(super) use people::names;
pub(super) use reach::reached;
pub use sign_in::{apply_lacks_permission, left_out_lacks_permission};
pub use spec_file::{FleetFinding, fleet_findings, spec_findings};

use super::Finding;

/// Findings that stand for a guard: errors until a flag lifts them.
pub(super) const GUARDED: [&str; 7] = [
    "scope-all",
    "required-raised",
    "too-many-people",
    "count-unknown",
    "people-stranded",
    "lockout-unknown",
    "ring-too-early",
];

/// Runs every rule. Gravest first, then by code.
pub(super) fn find(context: &RuleContext<'_>) -> Vec<Finding> {
    let (advice, people) = match context.is_switched_off() {
        true => (&[][..], &[][..]),
        false => (&advice::RULES[..], &people::RULES[..]),
    };
    let rules = guards::RULES
        .iter()
        .chain(&methods::RULES)
        .chain(&method_changes::RULES)
        .chain(advice)
        .chain(people)
        .chain(&reach::RULES);
    let mut findings: Vec<Finding> = rules.filter_map(|rule| rule(context)).collect();
    findings.extend(rings::findings(context));
    findings.extend(spec_findings(context.spec));
    sort(&mut findings);
    findings
}

/// Puts findings in the order plans have them.
pub(super) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (a.severity, a.code, a.key).cmp(&(b.severity, b.code, b.key)));
}
