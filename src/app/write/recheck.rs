//! Reads an object again before its write, and refuses if it is no longer what was planned from.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::app::Observer;
use crate::app::write::audit_proof::last_touched;
use crate::app::write::run::Applying;
use crate::outcome::Refusal;
use crate::plan::Operation;
use crate::tenant::{Object, Resource};

/// How far back the audit log is asked who changed what the plan did not expect.
const LOOKING_BACK: SignedDuration = SignedDuration::from_hours(1);

/// How often an object is looked at again where fields differ that this tool does not know, or are gone.
pub(super) const LOOKS: usize = 3;

impl<O: Observer> Applying<'_, O> {
    /// Returns the step to make, where its object is still what it starts from.
    ///
    /// Fields this tool does not know may be the service's own clock: where they differ, a few quick readings show it. What
    /// differs between two of them is not an edit, and the write starts from the latest. What stays is an edit.
    ///
    /// # Errors
    /// [`Refusal::Moved`] where someone edited it.
    pub(super) async fn still_planned(&mut self, step: &Operation, mut now: Object) -> Result<Operation> {
        for _ in 0..LOOKS {
            let moved = self.moved(step, &now);
            if moved.is_empty() || moved.iter().any(|field| step.resource().is_documented(field)) {
                break;
            }
            tokio::time::sleep(self.patience.first).await;
            let again = self.reader.fetch_object(step.resource()).await?;
            self.note_volatile(&now, &again);
            now = again;
        }
        let fields = self.moved(step, &now);
        if !fields.is_empty() {
            return Err(self.refusal(step, fields).await.into());
        }
        Ok(self.with_latest(step, &now))
    }

    /// As [`Applying::still_planned`], of a step that was sent and did not land: where someone only changed whom a
    /// method is on for, the same step from their list.
    pub(super) async fn planned_again(&mut self, step: &Operation, now: Object) -> Result<Operation> {
        let step = self.with_latest(step, &now);
        match step.replan(&now) {
            Ok(again) if again == step => Ok(step),
            Ok(again) => {
                let fields = again.actual().differing_fields(step.actual()).join(", ");
                let resource = step.resource();
                tracing::warn!("someone else changed {fields} of {resource}; sspr planned its write again");
                self.planned_again.retain(|step| step.resource() != resource);
                self.planned_again.push(again.clone());
                Ok(again)
            }
            Err(_) => self.still_planned(&step, now).await,
        }
    }

    /// Remembers the fields this tool does not know that differ between two looks in a row.
    pub(super) fn note_volatile(&mut self, first: &Object, second: &Object) {
        let resource = first.resource();
        for field in second.differing_fields(first) {
            if !resource.is_documented(&field) {
                tracing::info!("{field} differs from one read of {resource} to the next");
                self.volatile.entry(resource.clone()).or_default().insert(field);
            }
        }
    }

    pub(super) fn is_volatile(&self, resource: &Resource, field: &str) -> bool {
        self.volatile.get(resource).is_some_and(|fields| fields.contains(field))
    }

    fn moved(&self, step: &Operation, now: &Object) -> Vec<String> {
        let mut fields = now.differing_fields(step.actual());
        fields.retain(|field| !self.is_volatile(step.resource(), field));
        fields
    }

    fn with_latest(&self, step: &Operation, now: &Object) -> Operation {
        let volatile = self.volatile.get(now.resource()).into_iter().flatten();
        volatile.fold(step.clone(), |step, field| step.taking_over(field, now))
    }

    async fn refusal(&self, step: &Operation, fields: Vec<String>) -> Refusal {
        let since = Timestamp::now() - LOOKING_BACK;
        let touched = last_touched(self.reader, step, since, &self.runs).await;
        Refusal::Moved { resource: step.resource().to_string(), fields, touched }
    }
}
