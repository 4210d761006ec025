//! Sends one write, decides by reading back, and sends it again only after another read.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::app::Observer;
use crate::app::write::read_back::{Answer, Landed, Seen};
use crate::app::write::run::Applying;
use crate::client::ClientError;
use crate::outcome::Write;
use crate::plan::{Operation, WriteStatus};
use crate::store::{Event, Verified, Writing};
use crate::tenant::Object;

/// An object, and since when it is known.
type Look = (Object, Instant);

/// What was tried for one write so far.
struct Tries {
    since: Instant,
    sent: u32,
    is_token_renewed: bool,
    is_lost: bool,
    /// Whether one of them was answered with anything but a no, so that what shows may be its work.
    may_have_landed: bool,
}

impl<O: Observer> Applying<'_, O> {
    /// Writes one object and proves it; returns it as it read back, and the object of the `next` step where that was
    /// looked at meanwhile.
    ///
    /// Whatever was answered, reading back decides whether it landed. One that did not is sent again where the
    /// service asked to wait, where the token had to be renewed, once each, and once where the answer was lost: each
    /// time from a new look, so that no edit made meanwhile is overwritten.
    pub(super) async fn write(
        &mut self,
        mut step: Operation,
        next: Option<&Operation>,
    ) -> Result<(Object, Option<Look>)> {
        let began = Timestamp::now();
        let mut tries = Tries {
            since: Instant::now(),
            sent: 0,
            is_token_renewed: false,
            is_lost: false,
            may_have_landed: false,
        };
        loop {
            self.record_intent(&step)?;
            let sent = self.writer.write_object(step.resource(), &step.body()).await;
            tries.sent += 1;
            let answer = match Answer::of(&sent) {
                Answer::AlreadySo if tries.may_have_landed => Answer::Unconfirmed,
                answer => answer,
            };
            let sent = match (answer, sent) {
                (Answer::NeverSent, Err(error)) => {
                    self.statuses[self.at] = WriteStatus::Failed;
                    self.journal.record(&Event::NotLanded { resource: name(&step) })?;
                    return Err(did_not_happen(error));
                }
                (_, sent) => sent,
            };
            self.statuses[self.at] = WriteStatus::Sent;
            self.record_answer(&step, answer.as_str(), sent.as_ref().err())?;
            self.sent(&step);
            let (seen, look) = match answer {
                Answer::Accepted => tokio::join!(self.read_back(&step, answer), self.read_current(next)),
                _ => (self.read_back(&step, answer).await, None),
            };
            let (now, error) = match (seen, sent) {
                (Err(unread), sent) => return Err(unproven(unread, sent)),
                (Ok(Seen::Landed(landed)), _) if answer == Answer::AlreadySo => {
                    return Ok((self.already_so(&step, landed.read), None));
                }
                (Ok(Seen::Landed(landed)), sent) => {
                    if let Err(error) = sent {
                        tracing::warn!("{error}; the tenant shows the write, so it succeeded");
                    }
                    return self.landed(&step, landed, look, began).await;
                }
                // A second answer lost is one too many to know what will come of it; one without a word of the write
                // may show later still.
                (Ok(Seen::NotLanded { now, .. }), Err(error))
                    if answer == Answer::Refused || (answer == Answer::Lost && !tries.is_lost) =>
                {
                    (now, error)
                }
                (Ok(seen), sent) => {
                    let waited = (answer != Answer::Refused).then_some(self.patience.total);
                    return Err(unproven(seen.into_error(&step, waited), sent));
                }
            };
            self.journal.record(&Event::NotLanded { resource: name(&step) })?;
            self.statuses[self.at] = WriteStatus::Failed;
            tries.may_have_landed |= !error.is_rejection();
            let now = self.before_another(&step, now, &mut tries, error).await?;
            if step.is_done_in(&now) {
                // What was to be is there: by someone else's hand where every answer was a no, else perhaps late.
                if tries.may_have_landed {
                    self.statuses[self.at] = WriteStatus::Sent;
                    self.record_intent(&step)?;
                    self.record_answer(&step, "shown late", None)?;
                }
                return match self.seen_late(&step, now) {
                    Seen::Landed(landed) if !tries.may_have_landed => {
                        Ok((self.already_so(&step, landed.read), None))
                    }
                    Seen::Landed(landed) => self.landed(&step, landed, None, began).await,
                    other => Err(other.into_error(&step, None)),
                };
            }
            step = self.planned_again(&step, now).await?;
        }
    }

    /// Waits where that is asked for, and returns the look that the next attempt starts from.
    ///
    /// # Errors
    /// The write is not to be sent again: the answer means no, or it was tried often enough.
    async fn before_another(
        &self,
        step: &Operation,
        now: Object,
        tries: &mut Tries,
        error: ClientError,
    ) -> Result<Object> {
        if error.asks_to_wait() {
            let (resource, elapsed) = (step.resource(), tries.since.elapsed());
            let waited = self.writer.wait_after(resource, &error, tries.sent, elapsed).await;
            if waited.context("the write is not sent again")? {
                return Ok(self.reader.fetch_object(resource).await?);
            }
            return Err(did_not_happen(error));
        }
        if error.is_token_renewed() && !tries.is_token_renewed {
            tries.is_token_renewed = true;
            return Ok(now);
        }
        if error.is_rejection() {
            return Err(did_not_happen(error));
        }
        tracing::warn!("{error}; the tenant does not show the write, so it is sent once more");
        tries.is_lost = true;
        Ok(now)
    }

    /// Keeps the record of a write that is there, and of what the service did along with it.
    async fn landed(
        &mut self,
        step: &Operation,
        landed: Landed,
        look: Option<Result<Look, ClientError>>,
        began: Timestamp,
    ) -> Result<(Object, Option<Look>)> {
        let Landed { read, changed, dropped, is_at_once } = self.confirm_dropped(landed).await?;
        let came = |field: &String| (field.clone(), read.field(field).cloned().unwrap_or_default());
        let (resource, also) = (name(step), changed.iter().map(came).collect());
        self.journal.record(&Event::Verified(Verified { resource, also, dropped: dropped.clone() }))?;
        self.statuses[self.at] = WriteStatus::Done;
        let ended = Timestamp::now();
        self.read(step, ended.duration_since(began).unsigned_abs());
        self.writes.push(Write { operation: step.clone(), began, ended });
        let resource = step.resource();
        let (again, dropped): (Vec<String>, Vec<String>) =
            dropped.into_iter().partition(|field| self.need_not_come_back(resource, field));
        self.by_service.extend(changed.into_iter().chain(again).map(|field| (resource.clone(), field)));
        if !dropped.is_empty() {
            anyhow::bail!("the service dropped {} of {resource} when it was written", dropped.join(", "));
        }
        // A look from before a long wait is not the last one.
        Ok((read, look.filter(|_| is_at_once).transpose()?))
    }

    /// Goes on from what someone else has done: their work is no write of this run, and is not taken back with it.
    fn already_so(&mut self, step: &Operation, read: Object) -> Object {
        let label = step.label();
        tracing::warn!("someone else made this change meanwhile, so a rollback leaves it: {label}");
        self.statuses[self.at] = WriteStatus::AlreadySo;
        read
    }

    async fn read_current(&self, step: Option<&Operation>) -> Option<Result<Look, ClientError>> {
        let looked_at = Instant::now();
        let look = self.reader.fetch_object(step?.resource()).await;
        Some(look.map(|object| (object, looked_at)))
    }

    fn record_answer(&mut self, step: &Operation, answer: &str, error: Option<&ClientError>) -> Result<()> {
        let (answer, error) = (answer.to_owned(), error.map(ClientError::with_causes));
        self.journal.record(&Event::Written { resource: name(step), answer, error })
    }

    fn record_intent(&mut self, step: &Operation) -> Result<()> {
        let volatile = self.volatile.get(step.resource()).into_iter().flatten().cloned().collect();
        let (resource, record) = (name(step), Some(step.record()));
        self.journal.record(&Event::Writing(Writing { resource, record, volatile }))
    }
}

/// Returns what journals call the object of a step.
fn name(step: &Operation) -> String {
    step.resource().to_string()
}

fn did_not_happen(error: ClientError) -> anyhow::Error {
    anyhow::Error::from(error).context("the write did not happen")
}

/// Puts the lost answer, where it was lost, around what is not known because of it.
fn unproven(error: anyhow::Error, sent: Result<(), ClientError>) -> anyhow::Error {
    match sent {
        Ok(()) => error,
        Err(lost) => error.context(lost),
    }
}
