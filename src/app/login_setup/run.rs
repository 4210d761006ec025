//! A run of `login --setup`: makes or takes back each part, reads it back, and records it.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::app::session::Session;
use crate::client::{ApplicationKey, ClientError};
use crate::outcome::login_setup::{SetupReport, SetupStatus};
use crate::store::{SetupEvent, SetupRecord};
use crate::tenant::app_registration::{Made, Part, Registration, TakingBack, Wanted};

/// The first wait before something is looked at again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// A part takes two writes at most: one makes it, one corrects what came of that.
const MOST_WRITES: usize = 3;

/// What is there, and its record.
pub(super) struct Run<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    wait: Duration,
    pub(super) seen: Registration,
    record: SetupRecord,
    /// The object id of an application that was just made: its list may not show it yet.
    created: Option<Uuid>,
    /// Whether a write was sent whose end is not known.
    is_unproven: bool,
}

impl<'a> Run<'a> {
    /// Begins a run, and records what one that was cut off made without having come to say so.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(super) fn begin(
        session: &'a Session,
        wanted: &'a Wanted,
        wait: Duration,
        (seen, mut record): (Registration, SetupRecord),
    ) -> anyhow::Result<Self> {
        record.begin()?;
        if let Some(made) = recovered(&record, &seen) {
            record.add(SetupEvent::Made { made })?;
        }
        let application = seen.application.as_ref().map(|application| application.id);
        if let Some(application) = application.filter(|id| !record.applications().contains(id)) {
            record.add(SetupEvent::Chosen { application })?;
        }
        Ok(Self { session, wanted, wait, seen, record, created: None, is_unproven: false })
    }

    fn fate_of_failure(&self) -> SetupStatus {
        if self.is_unproven { SetupStatus::Unknown } else { SetupStatus::Failed }
    }

    /// Makes every part in turn; the first that fails ends it.
    pub(super) async fn make_all(&mut self, report: &mut SetupReport) -> Option<anyhow::Error> {
        let mut failure = None;
        for (row, part) in report.rows.iter_mut().zip(Part::ALL) {
            if failure.is_some() {
                row.status = SetupStatus::NotReached;
                continue;
            }
            match self.make(part).await {
                Ok(status) => row.status = status,
                Err(error) => {
                    row.status = self.fate_of_failure();
                    failure = Some(error.context(format!("{} could not be made", part.as_str())));
                }
            }
        }
        failure
    }

    /// Makes a part, unless it is so already: each write from what is there, read back before the next.
    async fn make(&mut self, part: Part) -> anyhow::Result<SetupStatus> {
        let (began, mut status, mut is_renewed) = (Instant::now(), SetupStatus::AlreadySo, false);
        for _ in 0..MOST_WRITES {
            let Some(write) = self.wanted.write(part, &self.seen) else { return Ok(status) };
            if let Some(reason) = self.session.stop.reason() {
                anyhow::bail!("{reason}");
            }
            let before = self.seen.clone();
            let error = loop {
                let mark = write.mark().map(str::to_owned);
                self.record.add(SetupEvent::Writing { part, creates: write.creates(), mark })?;
                self.is_unproven = true;
                let sent = self.session.writer.write_registration(&write).await;
                let error = match sent {
                    Ok(id) => {
                        self.created = id.filter(|_| part == Part::Application).or(self.created);
                        break None;
                    }
                    Err(error) => error,
                };
                let is_renewed_now = error.is_token_renewed() && !is_renewed;
                let may_come = error.is_missing_reference() && began.elapsed() < self.wait;
                if !is_renewed_now && !may_come {
                    break Some(error);
                }
                is_renewed |= is_renewed_now;
                self.not_made(part, &error)?;
                if may_come {
                    sleep(FIRST_WAIT * 5).await;
                }
            };
            let is_no =
                error.as_ref().is_some_and(|error| error.is_certainly_unwritten() || error.is_rejection());
            let wait = if is_no { Duration::ZERO } else { self.wait };
            // Whatever was answered, what is there decides.
            let is_shown =
                self.read_until(part, wait, |now| now.wanted.write(part, &now.seen).as_ref() != Some(&write));
            match (is_shown.await?, error) {
                (true, error) => {
                    self.is_unproven = false;
                    match error.filter(|_| is_no) {
                        // It is somebody else's.
                        Some(error) => self.not_made(part, &error)?,
                        None => {
                            status = SetupStatus::Done;
                            if let Some(made) = write.made(&before, &self.seen) {
                                self.record.add(SetupEvent::Made { made })?;
                            }
                        }
                    }
                }
                (false, Some(error)) => {
                    if is_no {
                        self.is_unproven = false;
                        self.not_made(part, &error)?;
                    }
                    return Err(error.into());
                }
                (false, None) => anyhow::bail!("the tenant does not show it after {} s", self.wait.as_secs()),
            }
        }
        anyhow::bail!("the tenant does not keep it as it was written")
    }

    fn not_made(&mut self, part: Part, error: &ClientError) -> anyhow::Result<()> {
        self.record.add(SetupEvent::NotMade { part, error: error.with_causes() })
    }

    /// Removes each part that was made, the last one first; the first that fails ends it.
    pub(super) async fn take_all_back(
        &mut self,
        made: &[Made],
        report: &mut SetupReport,
    ) -> Option<anyhow::Error> {
        let mut failure = None;
        for (row, made) in report.rows.iter_mut().zip(made) {
            if failure.is_some() {
                row.status = SetupStatus::NotReached;
                continue;
            }
            match self.take_back(made).await {
                Ok((status, why)) => (row.status, row.text) = (status, why.to_owned()),
                Err(error) => {
                    (row.status, row.text) = (self.fate_of_failure(), format!("{error:#}"));
                    failure = Some(error);
                }
            }
        }
        failure
    }

    /// Undoes something setup made, and says why if it stays.
    async fn take_back(&mut self, made: &Made) -> anyhow::Result<(SetupStatus, &'static str)> {
        let part = made.part();
        let write = match made.take_back(&self.seen) {
            TakingBack::Kept(why) => return Ok((SetupStatus::Kept, why)),
            TakingBack::NothingLeft => {
                self.record.add(SetupEvent::TakenBack { made: made.clone() })?;
                return Ok((SetupStatus::Gone, "nothing of it was left"));
            }
            TakingBack::Write(write) => write,
        };
        self.is_unproven = true;
        let sent = self.session.writer.write_registration(&write).await;
        let is_no = sent.as_ref().is_err_and(|error| error.is_certainly_unwritten() || error.is_rejection());
        let wait = if is_no { Duration::ZERO } else { self.wait };
        let is_gone = |now: &Self| made.take_back(&now.seen) == TakingBack::NothingLeft;
        match (self.read_until(part, wait, is_gone).await?, sent) {
            (true, _) => {
                self.is_unproven = false;
                self.record.add(SetupEvent::TakenBack { made: made.clone() })?;
                Ok((SetupStatus::TakenBack, ""))
            }
            (false, Err(error)) => {
                self.is_unproven = !is_no;
                Err(error.into())
            }
            (false, Ok(_)) => anyhow::bail!("the tenant still shows it after {} s", self.wait.as_secs()),
        }
    }

    /// Reads a part until something is so, or time is up.
    async fn read_until(
        &mut self,
        part: Part,
        patience: Duration,
        is_so: impl Fn(&Self) -> bool,
    ) -> anyhow::Result<bool> {
        let (began, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            self.refresh(part).await.context("it could not be read back")?;
            if is_so(self) {
                return Ok(true);
            }
            if began.elapsed() + wait > patience {
                return Ok(false);
            }
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn refresh(&mut self, part: Part) -> Result<(), ClientError> {
        let graph = &self.session.reader.graph;
        let principal = self.seen.service_principal.as_ref().map(|principal| principal.id);
        match (part, principal) {
            (Part::Application, _) => {
                let known = self.seen.application.as_ref().map(|application| application.id).or(self.created);
                self.seen.application = match known {
                    Some(id) => graph.fetch_application(id).await?,
                    None => {
                        let mut found =
                            graph.fetch_applications(ApplicationKey::Tag(&self.wanted.tag)).await?;
                        // A second one with the tag is a copy, and which one it is no one can say.
                        found.pop().filter(|_| found.is_empty())
                    }
                };
            }
            (Part::ServicePrincipal, _) => {
                let app_id =
                    self.seen.application.as_ref().map_or(Uuid::nil(), |application| application.app_id);
                self.seen.service_principal = graph.fetch_service_principal(app_id).await?;
            }
            (Part::Assignment, Some(id)) => self.seen.assignments = graph.fetch_assignments_to(id).await?,
            (Part::Consent, Some(id)) => self.seen.grants = graph.fetch_grants(id, self.wanted.graph).await?,
            (Part::Assignment | Part::Consent, None) => {}
        }
        Ok(())
    }
}

/// Returns what a run that was cut off made without having come to say so.
pub(super) fn recovered(record: &SetupRecord, seen: &Registration) -> Option<Made> {
    let (part, mark) = record.interrupted()?;
    Made::recovered(part, mark, seen).filter(|made| !record.made().contains(made))
}
