//! The row of a tenant, from what the use case on it found, did or failed at.

use std::path::Path;

use crate::app::{VerifyReport, plan_exit};
use crate::error::{Exit, Failure};
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::outcome::fleet::{TenantResult, TenantRow};
use crate::outcome::pilot_report::LogState;
use crate::outcome::status::{ScopeNow, Status};
use crate::outcome::{Applied, ApplyError};
use crate::plan::{Plan, Severity};
use crate::text::{counted, excerpt};

/// How long a reason is, in characters: a row is a line.
const LONGEST: usize = 300;
/// How many differences are named.
const NAMED: usize = 3;

/// Fills in what a plan says of a tenant.
pub(super) fn plan_counts(row: &mut TenantRow, plan: &Plan) {
    row.id = Some(plan.tenant_id);
    row.name = Some(plan.tenant_name.clone());
    row.scope = plan.scope.map(|scope| scope.as_str().to_owned());
    row.changes = Some(plan.changes.len() as u64);
    row.errors = Some(plan.count(Severity::Error) as u64);
    row.warnings = Some(plan.count(Severity::Warning) as u64);
    row.people = plan.people.members;
    row.ready = plan.people.ready_before;
    row.ready_after = plan.people.ready_after;
}

/// Says what a plan means for its tenant. `is_detailed` is whether pending changes have a code of their own.
pub(super) fn planned(row: &mut TenantRow, plan: &Plan, is_detailed: bool) {
    plan_counts(row, plan);
    row.exit = plan_exit(plan, is_detailed) as u8;
    row.result = match (plan.is_refused(), plan.changes.is_empty()) {
        (true, _) => TenantResult::Refused,
        (false, true) => TenantResult::NoChanges,
        (false, false) => TenantResult::Changes,
    };
    let mut errors = plan.findings.iter().filter(|finding| finding.severity == Severity::Error);
    row.why = errors.next().map(|finding| match errors.count() {
        0 => excerpt(&finding.message, LONGEST),
        more => excerpt(&format!("{}; {}", finding.message, counted(more, "more error")), LONGEST),
    });
}

/// Says what was written, and read back.
pub(super) fn applied(row: &mut TenantRow, applied: &Applied) {
    plan_counts(row, &applied.plan);
    let is_any = !applied.outcome.writes.is_empty();
    row.result = if is_any { TenantResult::Done } else { TenantResult::NoChanges };
    row.changes = Some(applied.outcome.applied.len() as u64);
    row.exit = Exit::Done as u8;
    row.run = applied.outcome.run().map(str::to_owned);
    row.journal = applied.outcome.record().map(|folder| folder.display().to_string());
    if let Some(why) = applied.outcome.proofs.as_ref().and_then(|proofs| proofs.why.as_ref()) {
        row.exit = Exit::ConditionUnmet as u8;
        row.why = Some(excerpt(&format!("written and read back; not proved: {why}"), LONGEST));
    }
}

/// Says how a tenant compares with its spec.
pub(super) fn verified(row: &mut TenantRow, report: &VerifyReport) {
    if let Some(plan) = &report.found.plan {
        plan_counts(row, plan);
    }
    row.exit = report.exit as u8;
    let differing: Vec<&str> = report
        .found
        .checks
        .iter()
        .filter(|check| check.ok == Some(false) && check.name != "settings")
        .map(|check| check.name.as_str())
        .collect();
    match (&report.closed, report.exit) {
        (_, Exit::Done) => row.result = TenantResult::Matches,
        (_, Exit::ConditionUnmet) if !differing.is_empty() => {
            row.result = TenantResult::Drift;
            let more = differing.len().saturating_sub(NAMED);
            let named = differing.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            row.why = Some(if more == 0 { named } else { format!("{named} and {more} more") });
        }
        (Some(closed), _) => failed(row, closed),
        (None, _) => {
            row.result = TenantResult::Refused;
            row.why = report.notices.first().map(|notice| excerpt(notice, LONGEST));
        }
    }
}

/// Says how a pilot stands. Where the admin centre's half could not be read, that is what there is to tell.
pub(super) fn stands(row: &mut TenantRow, status: &Status, is_graph_only: bool) {
    let Status { scope, report, no_people, not_looked_at, .. } = status;
    row.id = report.tenant_id.parse().ok();
    row.name = Some(report.tenant.clone());
    row.scope = match scope {
        ScopeNow::Off => Some("none".to_owned()),
        ScopeNow::Groups(_) => Some("selected".to_owned()),
        ScopeNow::Everyone => Some("all".to_owned()),
        ScopeNow::Unknown { .. } => None,
    };
    row.changes = Some(report.pending as u64);
    if no_people.is_none() {
        row.people = Some(report.summary.members);
        (row.ready, row.can_be_ready) = (Some(report.adoption.ready), Some(report.adoption.can_be()));
    }
    let resets = report.days.iter().map(|day| day.resets).sum();
    row.resets = (report.log == LogState::Whole).then_some(resets);
    row.exit = Exit::Done as u8;
    row.result = if report.pending == 0 { TenantResult::Matches } else { TenantResult::Drift };
    row.why = no_people.as_ref().map(|why| excerpt(&format!("its people are unknown: {why}"), LONGEST));
    match scope {
        ScopeNow::Unknown { why } if !not_looked_at.is_empty() && !is_graph_only => {
            (row.result, row.exit) = (TenantResult::NotSignedIn, Exit::NotSignedIn as u8);
            row.why = Some(excerpt(why, LONGEST));
        }
        _ if !not_looked_at.is_empty() => row.why = Some(NOT_LOOKED_AT.to_owned()),
        _ => {}
    }
}

/// Says why a tenant's part failed, and what to do next.
pub(super) fn failed(row: &mut TenantRow, failure: &Failure) {
    row.exit = failure.exit as u8;
    row.result = match failure.exit {
        Exit::PartWay => TenantResult::PartWay,
        Exit::Refused => TenantResult::Refused,
        Exit::SpecInvalid => TenantResult::Invalid,
        Exit::NotSignedIn => TenantResult::NotSignedIn,
        _ => TenantResult::Failed,
    };
    let whole = || failure.error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let why = failure.brief().unwrap_or_else(whole);
    row.why = Some(excerpt(&why, LONGEST));
    // What a command on this tenant alone would take next is not what the fleet takes.
    let is_of_one =
        |hint: &&String| ["`sspr plan", "`sspr apply", "`sspr rollback"].iter().any(|one| hint.contains(one));
    row.next = failure.hints.first().filter(|hint| !is_of_one(hint)).cloned();
    let stopped = failure.error.chain().find_map(|cause| match cause.downcast_ref()? {
        ApplyError::PartWay { journal, stands, .. } => Some((journal, stands)),
        ApplyError::NothingWritten { .. } => None,
    });
    if let Some((journal, stands)) = stopped {
        let folder = Path::new(journal).parent();
        row.journal = folder.map(|folder| folder.display().to_string());
        row.run = folder.and_then(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
        row.changes = None;
        let parts = [
            ("written", &stands.written),
            ("unknown", &stands.unknown),
            ("not written", &stands.not_written),
        ];
        let parts = parts.iter().filter(|(_, objects)| !objects.is_empty());
        let parts: Vec<String> =
            parts.map(|(what, objects)| format!("{what}: {}", objects.join(", "))).collect();
        let source = failure.error.chain().last().map(ToString::to_string).unwrap_or_default();
        row.why = Some(excerpt(&format!("{source}; {}", parts.join("; ")), LONGEST));
    }
}

/// Says that a tenant's part ended as no part should: by a panic, or not at all. `is_writing` is whether it had begun to
/// write.
pub(super) fn lost(row: &mut TenantRow, why: String, is_writing: bool) {
    (row.result, row.exit) = match is_writing {
        true => (TenantResult::Unknown, Exit::PartWay as u8),
        false => (TenantResult::Failed, Exit::Failed as u8),
    };
    if is_writing {
        row.changes = None;
    }
    let claim = if is_writing { "its journal says what was sent" } else { "nothing was changed" };
    row.why = Some(excerpt(&format!("{why}; {claim}"), LONGEST));
}

/// Says that nothing more was begun for a tenant, and what with.
pub(super) fn not_tried(row: &mut TenantRow, why: &str, exit: Exit) {
    row.result = TenantResult::NotTried;
    row.exit = exit as u8;
    row.why = Some(why.to_owned());
}
