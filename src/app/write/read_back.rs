//! Reads an object back after a write until it shows what was written, whatever the answer was.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::Instant;

use crate::app::Observer;
use crate::app::write::recheck::LOOKS;
use crate::app::write::run::Applying;
use crate::client::ClientError;
use crate::plan::{Differences, Operation, Shown};
use crate::store::ALREADY_SO;
use crate::tenant::{Object, Resource};

/// What was answered to a write, as far as it says whether the write landed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    /// A success that does not say that it was made: not believed, and not asked for again.
    Unconfirmed,
    /// A no because it is so already: someone else did it. It may yet show, and is not asked for again.
    AlreadySo,
    /// A no: it should not have landed, and one reading shows it.
    Refused,
    /// None, or the service's own trouble: it may have landed, and may yet show.
    Lost,
    /// It never left this machine.
    NeverSent,
}

/// A write that reads back.
pub(super) struct Landed {
    pub(super) read: Object,
    /// Fields this tool does not know that moved along.
    pub(super) changed: Vec<String>,
    /// Fields the write kept that are gone.
    pub(super) dropped: Vec<String>,
    /// Whether the first reading showed it.
    pub(super) is_at_once: bool,
}

/// What reading back showed in the end.
pub(super) enum Seen {
    Landed(Landed),
    /// Nothing of the write; others may have moved something else.
    NotLanded {
        now: Object,
        differing: Vec<String>,
    },
    /// Neither: someone else writes too, or the service made something of its own of it. `is_part` is where a part of it
    /// shows and it was not accepted: it lands whole or not at all, so that someone else wrote.
    Otherwise {
        differing: Vec<String>,
        is_part: bool,
    },
}

impl Answer {
    pub(super) fn of(sent: &Result<(), ClientError>) -> Self {
        match sent {
            Ok(()) => Self::Accepted,
            Err(error) if error.is_certainly_unwritten() => Self::NeverSent,
            Err(error) if error.is_unconfirmed() => Self::Unconfirmed,
            Err(error) if error.is_already_so() => Self::AlreadySo,
            Err(error) if error.is_rejection() || error.asks_to_wait() => Self::Refused,
            Err(_) => Self::Lost,
        }
    }

    /// Returns the word journals use.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Unconfirmed => "unconfirmed",
            Self::AlreadySo => ALREADY_SO,
            Self::Refused => "refused",
            Self::Lost | Self::NeverSent => "lost",
        }
    }
}

impl<O: Observer> Applying<'_, O> {
    /// Reads until the object is the desired one in every field this tool knows, managed or not: a write that
    /// moved anything else is not what was reviewed. A refused one is read back once.
    pub(super) async fn read_back(&self, step: &Operation, answer: Answer) -> Result<Seen> {
        let started = Instant::now();
        let mut wait = self.patience.first;
        let mut fields = step.fields();
        fields.retain(|field| !self.need_not_come_back(step.resource(), field));
        // Where nothing was to change, no reading distinguishes a write that was applied from one that was not.
        let is_telling = answer == Answer::Accepted || !fields.is_empty();
        // A field this tool does not know may come back as the service likes; where there are only such, one has to
        // have moved.
        let has_known = fields.iter().any(|field| step.resource().is_documented(field));
        loop {
            let read = self.reader.fetch_object(step.resource()).await;
            let read = read.context("the write could not be read back")?;
            let (differences, shown) = (self.differences(step, &read), step.shown(&read));
            let is_unmoved = !fields.is_empty() && !has_known && shown == Shown::Nothing;
            if differences.known.is_empty() && is_telling && !is_unmoved {
                return Ok(Seen::Landed(Landed::of(differences, read, wait == self.patience.first)));
            }
            let differing = if is_unmoved { fields.clone() } else { differences.known };
            let is_over = started.elapsed() + wait > self.patience.total;
            if answer == Answer::Refused || !is_telling || is_over {
                if shown == Shown::Nothing {
                    return Ok(Seen::NotLanded { now: read, differing });
                }
                // What was accepted the service may have made something of its own of.
                let is_part = shown == Shown::Part && answer != Answer::Accepted;
                return Ok(Seen::Otherwise { differing, is_part });
            }
            let (resource, fields) = (step.resource(), differing.join(", "));
            tracing::info!("{resource} does not show the write yet ({fields}); checking again");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }

    /// Returns what a look after a wait, which has all that was to change, makes of a write: it counts where no other
    /// field whose meaning is known was edited meanwhile.
    pub(super) fn seen_late(&self, step: &Operation, read: Object) -> Seen {
        let differences = self.differences(step, &read);
        if differences.known.is_empty() {
            return Seen::Landed(Landed::of(differences, read, false));
        }
        Seen::Otherwise { differing: differences.known, is_part: false }
    }

    /// Looks again where fields are gone: one that comes back only differs from one read to the next.
    pub(super) async fn confirm_dropped(&mut self, landed: Landed) -> Result<Landed> {
        let Landed { mut read, changed, mut dropped, is_at_once } = landed;
        for _ in 0..LOOKS {
            if dropped.is_empty() {
                break;
            }
            tokio::time::sleep(self.patience.first).await;
            let again = self.reader.fetch_object(read.resource()).await;
            let again = again.context("the write could not be read back")?;
            self.note_volatile(&read, &again);
            dropped.retain(|field| again.field(field).is_none());
            read = again;
        }
        Ok(Landed { read, changed, dropped, is_at_once })
    }

    /// Whether a field is one that the service dropped before.
    pub(super) fn need_not_come_back(&self, resource: &Resource, field: &str) -> bool {
        self.not_kept.get(resource).is_some_and(|fields| fields.contains(field))
    }

    fn differences(&self, step: &Operation, read: &Object) -> Differences {
        let resource = step.resource();
        let is_volatile = |field: &str| self.is_volatile(resource, field);
        step.differences(read, is_volatile, |field| self.need_not_come_back(resource, field))
    }
}

impl Landed {
    fn of(differences: Differences, read: Object, is_at_once: bool) -> Self {
        let Differences { changed, dropped, .. } = differences;
        Self { read, changed, dropped, is_at_once }
    }
}

impl Seen {
    /// Returns what is not proven, and after how much patience, where more than one look was taken.
    pub(super) fn into_error(self, step: &Operation, waited: Option<Duration>) -> anyhow::Error {
        let resource = step.resource();
        let reads = waited.map_or_else(
            || "the tenant reads".to_owned(),
            |waited| format!("after {} s the tenant still reads", waited.as_secs()),
        );
        let (fields, how, is_part) = match self {
            Self::Landed(landed) => (landed.changed, "differently", false),
            Self::NotLanded { differing, .. } => (differing, "as before the write", false),
            Self::Otherwise { differing, is_part } => (differing, "differently", is_part),
        };
        let theirs =
            "; a write is applied completely or not at all, so someone else edited it at the same time";
        let theirs = if is_part { theirs } else { "" };
        anyhow::anyhow!("{reads} back {how} in {} of {resource}{theirs}", fields.join(", "))
    }
}
