//! `login --setup`: makes the registration that `login` signs in with, reads each step back, and removes only its own.

use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::confirm::{Confirm, Question};
use super::observer::{Event, Observer};
use super::session::Session;
use crate::client::{ApplicationKey, ClientError, KeptSignIn};
use crate::error::{Exit, Failure};
use crate::outcome::Refusal;
use crate::outcome::login_setup::{SetupReport, SetupRow, SetupStatus};
use crate::store::{SetupEvent, SetupRecord};
use crate::tenant::Organization;
use crate::tenant::app_registration::{
    Application, ConsentFor, Made, Part, Registration, RegistrationWrite, TAG, TakingBack, Wanted,
    consent_link,
};
use crate::tenant::graph_permissions::{MAY_CONSENT, Permission};
use crate::text::{commands, counted, visible};

/// The first wait before something is looked at again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// A part takes two writes at most: one makes it, one corrects what came of that.
const MOST_WRITES: usize = 3;

/// What to set up or remove.
#[derive(Debug)]
pub struct SetupRequest<'a> {
    /// The tenant, by id or domain; `None` is the sign-in's.
    pub tenant: Option<&'a str>,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// What the application is called, where it is made.
    pub name: &'a str,
    /// Who consent is given for.
    pub consent: ConsentFor,
    /// How long a step may take to show.
    pub wait: Duration,
    /// The root of the authority that people sign in at.
    pub authority: String,
    /// The root of Graph, as permissions are asked for.
    pub graph: &'a str,
}

impl SetupRequest<'_> {
    fn wanted(&self, person: Uuid, graph: Uuid) -> Wanted {
        let (name, permissions) = (self.name.to_owned(), self.permissions.clone());
        Wanted { name, permissions, consent: self.consent, person, graph }
    }
}

/// What came of it, and what it failed at.
#[derive(Debug)]
pub struct SetUp {
    /// What was done.
    pub report: SetupReport,
    /// Why it stopped; what was done until then stays.
    pub failure: Option<Failure>,
}

/// Shows what the registration lacks, asks, makes it, and reads each part back.
///
/// # Errors
/// Nothing was written: it cannot be read, several applications match, or someone else's has its name (3), no one
/// confirmed (3).
pub async fn setup(
    session: &Session,
    request: SetupRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<SetUp, Failure> {
    observer.on(Event::Began("reading the registration"))?;
    let graph = &session.reader.graph;
    let organization = organization(session, request.tenant).await?;
    let (me, graphs) = tokio::try_join!(graph.fetch_me(), graph.fetch_graphs_principal())?;
    let mut wanted = request.wanted(me.id, graphs);
    let record = session.state.setup_record(organization.id)?;
    let seen = find(session, &wanted, &record, true).await?;
    if let Some(application) = &seen.application {
        wanted.name.clone_from(&application.name);
    }
    let row = |part: Part| {
        let status =
            if wanted.write(part, &seen).is_some() { SetupStatus::Planned } else { SetupStatus::AlreadySo };
        SetupRow { name: part.as_str().to_owned(), text: wanted.describe(part), status }
    };
    let mut report = report(session, &organization, me.user_principal_name, &record);
    report.rows = Part::ALL.into_iter().map(row).collect();
    report.client = seen.application.as_ref().map(|application| application.app_id);
    if let Some(application) = seen.application.as_ref().filter(|it| !record.has_application(it.id)) {
        let what = application.describe();
        report.notices.push(format!("Found by sspr's tag, and not made from this machine: {what}."));
    }
    observer.on(Event::Setup(&report))?;
    if !report.is_pending() {
        remember(&mut report, session, &request.authority, &organization);
        return Ok(SetUp { report, failure: None });
    }
    let text = format!(
        "Set up \"{}\" in {} ({}), {}?",
        visible(&wanted.name),
        visible(&organization.display_name),
        visible(&organization.domain()),
        counted(report.rows.iter().filter(|row| row.status == SetupStatus::Planned).count(), "step"),
    );
    confirm.confirm(&Question { text, answer: "yes".to_owned() }).await.map_err(anyhow::Error::from)?;
    let _lock = session.state.lock(organization.id)?;
    // The answer may have taken a while.
    let record = session.state.setup_record(organization.id)?;
    let seen = match confirm.is_asking() {
        true => find(session, &wanted, &record, true).await?,
        false => seen,
    };
    observer.on(Event::Writing)?;
    observer.on(Event::Began("writing, and reading back until the tenant shows it"))?;
    let mut run =
        Run { session, wanted: &wanted, wait: request.wait, seen, record, created: None, is_unproven: false };
    run.record.begin()?;
    run.recover()?;
    let failure = run.all(&mut report).await;
    report.client = run.seen.application.as_ref().map(|application| application.app_id);
    if report.has_written() {
        // It is written: a notice that cannot be shown any more ends nothing.
        let _ = observer.on(Event::Written);
    }
    let is_consented = wanted.write(Part::Consent, &run.seen).is_none();
    if let (Some(client), false) = (report.client, is_consented) {
        let scopes: Vec<String> =
            wanted.permissions.iter().map(|it| format!("{}/{}", request.graph, it.name)).collect();
        let link = consent_link(&request.authority, organization.id, &client.to_string(), &scopes);
        report.consent_link = Some(link);
    }
    remember(&mut report, session, &request.authority, &organization);
    let failure = failure.map(|error| failed(&report, error));
    Ok(SetUp { report, failure })
}

/// Removes exactly what setup made from this machine.
///
/// # Errors
/// Nothing was written: it cannot be read, no one confirmed (3).
pub async fn remove_setup(
    session: &Session,
    request: SetupRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<SetUp, Failure> {
    observer.on(Event::Began("reading the registration"))?;
    let graph = &session.reader.graph;
    let organization = organization(session, request.tenant).await?;
    let (me, graphs) = tokio::try_join!(graph.fetch_me(), graph.fetch_graphs_principal())?;
    let wanted = request.wanted(me.id, graphs);
    let record = session.state.setup_record(organization.id)?;
    let seen = find(session, &wanted, &record, false).await?;
    let mut report = report(session, &organization, me.user_principal_name, &record);
    report.is_removal = true;
    report.client = seen.application.as_ref().map(|application| application.app_id);
    let mut run =
        Run { session, wanted: &wanted, wait: request.wait, seen, record, created: None, is_unproven: false };
    let recovered = run.recovered();
    let made: Vec<Made> = run.record.made().iter().cloned().chain(recovered).rev().collect();
    if made.is_empty() && run.seen.application.is_some() {
        report.notices.push(
            "An application is there, and no record on this machine says that sspr made it from here: it stays. Delete \
             it in the Entra admin centre under App registrations, or run this where it was set up."
                .to_owned(),
        );
    }
    let row =
        |made: &Made| SetupRow { name: made.describe(), text: String::new(), status: SetupStatus::Planned };
    report.rows = made.iter().map(row).collect();
    observer.on(Event::Setup(&report))?;
    if made.is_empty() {
        return Ok(SetUp { report, failure: None });
    }
    let text = format!(
        "Take {} of the registration back in {} ({})?",
        counted(made.len(), "part"),
        visible(&organization.display_name),
        visible(&organization.domain()),
    );
    confirm.confirm(&Question { text, answer: "yes".to_owned() }).await.map_err(anyhow::Error::from)?;
    let _lock = session.state.lock(organization.id)?;
    if confirm.is_asking() {
        run.seen = find(session, &wanted, &run.record, false).await?;
    }
    observer.on(Event::Writing)?;
    observer.on(Event::Began("taking back, and reading until it is gone"))?;
    run.record.begin()?;
    run.recover()?;
    let mut failure = None;
    for (at, made) in made.iter().enumerate() {
        if failure.is_some() {
            report.rows[at].status = SetupStatus::NotReached;
            continue;
        }
        match run.take_back(made).await {
            Ok((status, why)) => (report.rows[at].status, report.rows[at].text) = (status, why.to_owned()),
            Err(error) => {
                report.rows[at].status = run.fate_of_failure();
                report.rows[at].text = format!("{error:#}");
                failure = Some(error);
            }
        }
    }
    if report.has_written() {
        let _ = observer.on(Event::Written);
    }
    if let (Some(client), None) = (report.client, &run.seen.application) {
        session
            .kept
            .forget_client(organization.id, client)
            .await
            .context("the client could not be forgotten")?;
    }
    let failure = failure.map(|error| failed(&report, error));
    Ok(SetUp { report, failure })
}

/// A run: what is there, and its record.
struct Run<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    wait: Duration,
    seen: Registration,
    record: SetupRecord,
    /// The object id of an application that was just made: its list may not show it yet.
    created: Option<Uuid>,
    /// Whether a write was sent whose end is not known.
    is_unproven: bool,
}

impl Run<'_> {
    /// Returns what a run that was cut off made without having come to say so.
    fn recovered(&self) -> Option<Made> {
        use RegistrationWrite as Write;
        let principal = || self.seen.service_principal.as_ref().map_or(Uuid::nil(), |principal| principal.id);
        let write = match self.record.interrupted()? {
            Part::Application => Write::CreateApplication(serde_json::Value::Null),
            Part::ServicePrincipal => Write::CreateServicePrincipal(serde_json::Value::Null),
            Part::Assignment => {
                Write::Assign(principal(), serde_json::json!({"principalId": self.wanted.person}))
            }
            Part::Consent => Write::Consent(serde_json::Value::Null),
        };
        let made = write.made(&Registration::default(), &self.seen)?;
        (!self.record.made().contains(&made)).then_some(made)
    }

    fn recover(&mut self) -> anyhow::Result<()> {
        match self.recovered() {
            Some(made) => self.record.add(SetupEvent::Made { made }),
            None => Ok(()),
        }
    }

    fn fate_of_failure(&self) -> SetupStatus {
        if self.is_unproven { SetupStatus::Unknown } else { SetupStatus::Failed }
    }

    /// Makes every part in turn; the first that fails ends it.
    async fn all(&mut self, report: &mut SetupReport) -> Option<anyhow::Error> {
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
                self.record.add(SetupEvent::Writing { part, creates: write.creates() })?;
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
                (true, _) => {
                    (status, self.is_unproven) = (SetupStatus::Done, false);
                    if let Some(made) = write.made(&before, &self.seen) {
                        self.record.add(SetupEvent::Made { made })?;
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
                        let found = graph.fetch_applications(ApplicationKey::Tag(TAG)).await?;
                        found.into_iter().find(Application::is_as_made)
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

/// Returns the organisation, unless another one is meant.
async fn organization(session: &Session, meant: Option<&str>) -> Result<Organization, Failure> {
    let organization = session.reader.graph.fetch_organization().await?;
    let is_it = |name: &str| {
        organization.id.is(name)
            || organization.verified_domains.iter().any(|it| it.eq_ignore_ascii_case(name))
    };
    match meant.filter(|name| !is_it(name)) {
        None => Ok(organization),
        Some(wanted) => {
            let found = format!("{} ({})", organization.domain(), organization.id);
            Err(anyhow::Error::from(Refusal::WrongTenant { wanted: wanted.to_owned(), found }).into())
        }
    }
}

/// Returns what there is of the registration: its application is one that the record has, or that carries the tag and is
/// as setup makes it.
///
/// # Errors
/// Several are it; and, where that `refuses`, somebody else's has its name: it is used by an explicit choice alone.
async fn find(
    session: &Session,
    wanted: &Wanted,
    record: &SetupRecord,
    refuses: bool,
) -> Result<Registration, Failure> {
    let graph = &session.reader.graph;
    let mut own = graph.fetch_applications(ApplicationKey::Tag(TAG)).await?;
    let is_recorded = |it: &Application| record.has_application(it.id);
    match own.iter().any(is_recorded) {
        true => own.retain(is_recorded),
        false => own.retain(Application::is_as_made),
    }
    if own.is_empty() {
        let named = graph.fetch_applications(ApplicationKey::Name(&wanted.name)).await?;
        let foreign: Vec<Application>;
        (own, foreign) = named.into_iter().partition(is_recorded);
        if refuses && own.is_empty() && !foreign.is_empty() {
            return Err(not_ours(&foreign));
        }
    }
    if own.len() > 1 {
        let ids: Vec<String> = own.iter().map(|application| application.app_id.to_string()).collect();
        let what = counted(own.len(), "application");
        let error = anyhow::anyhow!("{what} are sspr's registration here: {}", ids.join(", "));
        let hint = "delete all but one in the Entra admin centre, under App registrations; or sign in with the one you mean: \
                    sspr login --client-id ID";
        return Err(Failure::new(Exit::Refused, error, hint));
    }
    let Some(application) = own.pop() else { return Ok(Registration::default()) };
    let service_principal = graph.fetch_service_principal(application.app_id).await?;
    let (assignments, grants) = match &service_principal {
        Some(principal) => tokio::try_join!(
            graph.fetch_assignments_to(principal.id),
            graph.fetch_grants(principal.id, wanted.graph)
        )?,
        None => Default::default(),
    };
    Ok(Registration { application: Some(application), service_principal, assignments, grants })
}

fn not_ours(foreign: &[Application]) -> Failure {
    let all: Vec<String> = foreign.iter().map(Application::describe).collect();
    let error =
        anyhow::anyhow!("there is an application of this name, and sspr did not make it: {}", all.join("; "));
    let uses = |it: &Application| (format!("sspr login --client-id {}", it.app_id), "uses it as it is");
    let another = ("sspr login --setup --name NAME".to_owned(), "makes another");
    let hints = commands(&foreign.iter().map(uses).chain([another]).collect::<Vec<_>>());
    Failure { exit: Exit::Refused, error, hints }
}

fn report(
    session: &Session,
    organization: &Organization,
    person: String,
    record: &SetupRecord,
) -> SetupReport {
    SetupReport {
        is_removal: false,
        tenant: organization.id,
        tenant_name: organization.display_name.clone(),
        tenant_domain: organization.domain(),
        person,
        client: None,
        rows: Vec::new(),
        consent_link: None,
        record: record.path().to_owned(),
        notices: Vec::new(),
        is_sandbox: session.is_sandbox,
    }
}

/// Remembers the client for `sspr login`, unless a sign-in with another one is kept.
fn remember(report: &mut SetupReport, session: &Session, authority: &str, organization: &Organization) {
    let Some(client) = report.client else { return };
    let client = client.to_string();
    let known = session.kept.find(&organization.id.to_string());
    match known {
        Some(known) if known.client == client => {}
        Some(known) if known.store.is_some() => report.notices.push(format!(
            "`sspr login` goes on with the client {}; `sspr login --client-id {client}` takes this one.",
            visible(&known.client)
        )),
        _ => {
            let names = std::iter::once(organization.domain()).chain(
                organization.verified_domains.iter().filter(|it| **it != organization.domain()).cloned(),
            );
            let known = KeptSignIn::new(organization.id, names.collect(), authority, &client);
            if let Err(error) = session.kept.remember(&known) {
                report.notices.push(format!(
                    "The client could not be remembered ({error}): use `sspr login --client-id {client}`."
                ));
            }
        }
    }
}

/// Returns how a run ends that did not come through.
fn failed(report: &SetupReport, error: anyhow::Error) -> Failure {
    let mut failure = Failure::from(error);
    if failure.exit == Exit::NotSignedIn {
        failure.hints = vec![format!(
            "setting it up takes the role {MAY_CONSENT}; `sspr login --setup --print` prints the commands for someone who \
                 has it"
        )];
    }
    if report.has_written() {
        failure.exit = Exit::PartWay;
    }
    if let Some(link) = &report.consent_link {
        // What the client says of a refused sign-in is not what this takes.
        failure.hints = vec![
            format!("have someone who may consent ({MAY_CONSENT}) open {link}"),
            "then `sspr login`; what was made until now stays, and `sspr login --setup --remove` removes it"
                .to_owned(),
        ];
    }
    failure
}
