//! What `apply`, `cleanup` and `rollback` did.

use super::document::{Block, Document, Line, Tone, code, foreign, line, listed, moment, moment_of, words};
use super::end_state::{claim, next};
use super::{plan, values};
use crate::outcome::applied::Ending;
use crate::outcome::{Applied, Outcome, Proof};
use crate::tenant::Scope;
use crate::text::{counted, excerpt};

/// Returns what was done, and what comes next.
pub fn document(done: &Applied) -> Document {
    let Applied { plan, outcome, after, ending, notices: _ } = done;
    let Outcome { applied, also_changed, volatile, journal: _, baseline: _, writes, proofs } = outcome;
    let claim = claim(ending, after, !plan.steps.is_empty());
    if applied.is_empty() && writes.is_empty() {
        return Document {
            title: line!["No changes: ", claim.clone()],
            note: line!["Nothing was written."],
            closing: line![words(Tone::Good, "No changes"), ": ", claim, ". Nothing was written."],
            ..Document::default()
        };
    }
    let mut fields = Vec::new();
    if !also_changed.is_empty() {
        let names = listed(also_changed.iter().map(code));
        let note = line!["the service itself also changed ", names, ", which sspr does not know"];
        fields.push(("Note", vec![note]));
    }
    for (resource, names) in volatile {
        let (names, resource) = (listed(names.iter().map(code)), code(resource.to_string()));
        let rest = " to the next; sspr does not treat that as an edit";
        fields.push(("Note", vec![line![names, " differs from one read of ", resource, rest]]));
    }
    let record = outcome.record().map(|record| line![code(record.display().to_string())].private());
    fields.extend(record.map(|record| ("Record", vec![record])));
    fields.extend(rollback_command(done).map(|way| ("Way back", vec![way.private()])));
    fields.extend(proofs.iter().flat_map(|proofs| &proofs.proofs).map(|proof| {
        let object = values::object(&plan.group_names, &proof.resource);
        ("Audit", proof_lines(proof, &object))
    }));
    let pretend = "(all of this happened in the sandbox; `sspr sandbox reset` resets it)";
    let pretend = plan.is_sandbox.then(|| line![pretend]);
    let applied = format!("Applied {}", counted(applied.len(), "change"));
    let why = proofs.as_ref().map(|proofs| proofs.why.as_deref());
    let not_proved = why.flatten().map(|why| line![words(Tone::Warn, "Not proved"), ": ", why, "."]);
    let read_back = writes.last().map(|write| line![" (read back ", moment(write.ended), ")"].fleeting());
    let end = match (&not_proved, why) {
        (Some(not_proved), _) => line![". ", not_proved.clone()],
        (None, Some(_)) => line![", and the audit log shows it."],
        (None, None) => line!["."],
    };
    Document {
        title: line![&applied, "; ", claim.clone()],
        note: not_proved.unwrap_or_default(),
        blocks: vec![Block::Fields(fields)],
        closing: line![words(Tone::Good, applied), "; ", claim, read_back.unwrap_or_default(), end],
        next: next(done).into_iter().chain(pretend).collect(),
    }
}

/// Returns how what was done is undone.
fn rollback_command(done: &Applied) -> Option<Line> {
    let cleanup = match (&done.ending, done.after.scope) {
        (Ending::TakenBack { .. }, _) => return None,
        (Ending::Applied { .. }, Some(Scope::Selected | Scope::All)) => {
            line![", or ", code("sspr cleanup"), " to turn password reset off"]
        }
        _ => Line::default(),
    };
    Some(line![code(format!("sspr rollback {}", done.outcome.run()?)), cleanup])
}

/// Returns the page of a plan that was carried out: what became of it, then the plan.
pub fn page(applied: &Applied) -> Document {
    let done = document(applied);
    let blocks = done.blocks.into_iter().chain(plan::blocks(&applied.plan)).collect();
    Document { blocks, ..done }
}

fn proof_lines(Proof { resource: _, event }: &Proof, object: &Line) -> Vec<Line> {
    let Some(event) = event else { return vec![line!["nothing yet of ", object.clone()]] };
    let by = event.by.as_deref().map(|by| line![" by ", foreign(excerpt(by, 100))].private());
    let activity = foreign(excerpt(&event.activity, 100));
    vec![
        line![activity, " of ", object.clone(), by.unwrap_or_default(), " at ", moment_of(&event.at)],
        line!["(id ", code(&event.id), format!("; found by {})", event.matched)],
    ]
}
