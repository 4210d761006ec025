//! JSON of plan, outcome, error, validate and report, frozen by `format`; other commands have their own.
//!
//! These structs are apart from the ones the tool computes with, so that those may change. The fields of a `Value` stand in
//! the order of the alphabet.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::failure::FailureText;
use crate::diff::Change;
use crate::digest::bare;
use crate::outcome::applied::After;
use crate::outcome::{Outcome, Proof, Proofs, Stands};
use crate::plan::{self, Plan, PortalStep, Severity};
use crate::spec_file::{Key, ProblemV1};
use crate::tenant::{Scope, SnapshotMark, Surface};
use crate::text::visible_json;

#[derive(Serialize)]
struct PlanV1<'a> {
    format: &'static str,
    made: String,
    tenant: Value,
    spec: Value,
    /// Only where something of the spec was left out.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    except: &'a [Key],
    /// Only where it is of the sandbox.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sandbox: bool,
    /// Only where something was read from a snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<Value>,
    baseline: &'a str,
    changes: Vec<ChangeV1<'a>>,
    findings: &'a [plan::Finding],
    /// The codes of findings that the spec accepts and that would be there; only where there are any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<&'static str>,
    people: plan::People,
    summary: Value,
    /// Only where the admin centre was left out.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_looked_at: &'static [Surface],
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_steps: Option<&'a [PortalStep]>,
    digest: String,
}

/// A change, and where its object was read: only where not all of them were read alike.
#[derive(Serialize)]
struct ChangeV1<'a> {
    #[serde(flatten)]
    change: &'a Change,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<Value>,
}

impl<'a> ChangeV1<'a> {
    fn new(plan: &Plan, change: &'a Change) -> Self {
        let mark = plan.snapshot.as_ref().filter(|mark| mark.is_portal_only);
        let read = mark.map(|mark| match change.surface {
            Surface::Portal => json!({"from": mark.path, "at": mark.taken.to_string()}),
            Surface::Graph => json!({"from": "tenant", "at": plan.made.to_string()}),
        });
        Self { change, read }
    }
}

#[derive(Serialize)]
struct OutcomeV1<'a> {
    format: &'static str,
    applied: &'a [Change],
    also_changed: &'a [String],
    /// Fields that differ from one read to the next, by object; only where there are any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    volatile: BTreeMap<String, &'a BTreeSet<String>>,
    verified: bool,
    /// Only where something of the spec was left out.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    except: &'a [Key],
    journal: Option<&'a str>,
    baseline: Option<&'a str>,
    /// Who may reset now; `null` where the policy was not read.
    scope: Option<&'static str>,
    /// The runs that were not taken back, oldest first, as `rollback` takes them.
    standing: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<AuditV1<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_looked_at: &'static [Surface],
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_steps: Option<&'a [PortalStep]>,
}

/// What the audit log showed; only where it was asked.
#[derive(Serialize)]
struct AuditV1<'a> {
    proved: bool,
    why: Option<&'a str>,
    writes: &'a [Proof],
}

#[derive(Serialize)]
struct ErrorV1<'a> {
    format: &'static str,
    error: &'a str,
    causes: &'a [String],
    hints: &'a [String],
    exit: u8,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'a [ProblemV1<'a>],
    /// What became of each write; only where the run stopped part-way.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands: Option<&'a Stands>,
}

#[derive(Serialize)]
struct ValidV1<'a> {
    format: &'static str,
    spec: Value,
    valid: bool,
    findings: &'a [plan::Finding],
}

/// Returns the plan as `sspr.plan/1`. The same plan gives the same bytes.
pub fn plan(plan: &Plan) -> String {
    let mut plan = PlanV1 {
        format: plan::FORMAT,
        made: plan.made.to_string(),
        tenant: json!({"id": plan.tenant_id, "name": plan.tenant_name}),
        spec: spec(&plan.spec_path, &plan.spec_sha256),
        except: &plan.except,
        sandbox: plan.is_sandbox,
        snapshot: plan.snapshot.as_ref().map(super::snapshot::mark),
        baseline: &plan.baseline,
        changes: plan.changes.iter().map(|change| ChangeV1::new(plan, change)).collect(),
        findings: &plan.findings,
        accepted: plan.accepted.iter().map(|finding| finding.code).collect(),
        people: plan.people,
        summary: json!({
            "accepted": plan.accepted.len(),
            "beyond": plan.changes.iter().filter(|change| plan.beyond(change).is_some()).count(),
            "changes": plan.changes.len(),
            "errors": plan.count(Severity::Error),
            "matching": plan.coverage.map(|coverage| coverage.matching),
            "notes": plan.count(Severity::Info),
            "unmanaged": plan.coverage.map(|coverage| coverage.unmanaged),
            "warnings": plan.count(Severity::Warning),
        }),
        not_looked_at: plan.not_looked_at(),
        portal_steps: plan.portal_steps.as_deref(),
        digest: String::new(),
    };
    plan.digest = plan::digest(&json!(plan));
    document(&plan)
}

/// Returns the outcome of a plan as `sspr.outcome/1`.
pub fn outcome(outcome: &Outcome, plan: &Plan, after: &After) -> String {
    let Outcome { applied, also_changed, volatile, journal, baseline, writes: _, proofs } = outcome;
    document(&OutcomeV1 {
        format: "sspr.outcome/1",
        applied,
        also_changed,
        volatile: volatile.iter().map(|(object, fields)| (object.to_string(), fields)).collect(),
        // An apply that reading back does not prove is an error, and has no outcome.
        verified: true,
        except: &plan.except,
        journal: journal.as_deref(),
        baseline: baseline.as_deref(),
        scope: after.scope.map(Scope::as_str),
        standing: after.standing.iter().map(|run| &*run.id).collect(),
        audit: proofs.as_ref().map(|Proofs { proofs, why }| AuditV1 {
            proved: why.is_none(),
            why: why.as_deref(),
            writes: proofs,
        }),
        not_looked_at: plan.not_looked_at(),
        portal_steps: plan.portal_steps.as_deref(),
    })
}

/// Returns a failure as `sspr.error/1`; `exit` is the code the run ends with.
pub fn error(failure: &FailureText<'_>, exit: u8) -> String {
    let FailureText { error, causes, hints, problems, stands, .. } = failure;
    document(&ErrorV1 { format: "sspr.error/1", error, causes, hints, exit, problems, stands: *stands })
}

/// Returns the answer of `validate` as `sspr.valid/1`.
pub fn valid(path: &str, sha256: &str, findings: &[plan::Finding]) -> String {
    document(&ValidV1 { format: "sspr.valid/1", spec: spec(path, sha256), valid: true, findings })
}

/// Returns the same document with the word that it is about the sandbox, where it does not say so itself.
pub fn on_sandbox(document: &str) -> String {
    with_field(document, "sandbox", &json!(true))
}

fn with_field(document: &str, name: &str, value: &Value) -> String {
    // At the outermost level alone, with or without an indent.
    let starts = ["\n  \"format\": ", "\n\"format\": "];
    let place = starts.iter().find_map(|start| Some((document.find(start)?, start)));
    let Some((at, start)) = place.filter(|_| !document.contains(&format!("\n  \"{name}\": "))) else {
        return document.to_owned();
    };
    let field = start.replace("\"format\": ", &format!("\"{name}\": {value},"));
    let end = document[at + 1..].find('\n').map_or(document.len(), |length| at + 1 + length);
    // Behind the format, which may be the last field.
    let at = if document[..end].ends_with(',') { end } else { at };
    format!("{}{field}{}", &document[..at], &document[at..])
}

/// Returns the same document with the mark of the snapshot that it was made from, where it does not say so itself.
pub fn of_snapshot(document: &str, mark: &SnapshotMark) -> String {
    with_field(document, "snapshot", &super::snapshot::mark(mark))
}

/// Returns the same document in which no text is a command to the agent of a pipeline that reads the log
/// (see [`crate::text::visible`]), and none that a terminal would obey.
pub fn inert(document: &str) -> String {
    // Only text in quotes has the sign at all.
    visible_json(document).replace("##", r"#\u0023")
}

fn spec(path: &str, sha256: &str) -> Value {
    json!({"path": path, "sha256": bare(sha256)})
}

pub(super) fn document(document: &impl Serialize) -> String {
    // Strings, numbers and flags only: there is nothing in these structs that cannot be written.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
