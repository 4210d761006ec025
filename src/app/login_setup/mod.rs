//! `login --setup`: makes the registration that `login` signs in with, reads each step back, and removes only its own.

mod find;
mod run;

use std::time::Duration;

use anyhow::Context as _;
use uuid::Uuid;

use self::find::{find_to_complete, find_to_remove};
use self::run::{Run, recovered};
use super::confirm::Confirm;
use super::observer::{Event, Observer};
use super::session::Session;
use crate::client::{KeptSignIn, Me};
use crate::error::{Exit, Failure};
use crate::outcome::Question;
use crate::outcome::login_setup::{SetupReport, SetupRow, SetupStatus};
use crate::store::{SetupEvent, SetupRecord};
use crate::tenant::Organization;
use crate::tenant::app_registration::{ConsentFor, Made, Part, Registration, Wanted, consent_link, scopes};
use crate::tenant::graph_permissions::{MAY_CONSENT, Permission};
use crate::text::{counted, shell_word, visible};

/// What to set up or remove.
#[derive(Debug)]
pub struct SetupRequest<'a> {
    /// The tenant, by id or domain; `None` is the sign-in's.
    pub tenant: Option<&'a str>,
    /// The id of an application to complete that is there; `None` takes the one this machine's record has, or makes one.
    pub client: Option<Uuid>,
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
        // No one can know it beforehand.
        let tag = format!("sspr-login-{}", Uuid::new_v4());
        Wanted { name, tag, permissions, consent: self.consent, person, graph }
    }

    /// Returns where someone who may gives the consent.
    fn consent_link(&self, tenant: &Organization, client: Uuid) -> String {
        let scopes = scopes(&format!("{}/", self.graph), &self.permissions);
        consent_link(&self.authority, tenant.id, &client.to_string(), &scopes)
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
/// Nothing was written: it cannot be read, several applications match, or one that was not chosen is not this machine's
/// or could be used by someone else (3), no one confirmed (3).
pub async fn setup(
    session: &Session,
    request: SetupRequest<'_>,
    observer: &impl Observer,
    confirm: &impl Confirm,
) -> Result<SetUp, Failure> {
    let Context { organization, me, mut wanted } = Context::read(session, &request, observer).await?;
    let record = session.state.setup_record(organization.id)?;
    let seen = find_to_complete(session, &wanted, &record, request.client).await?;
    if let Some(application) = &seen.application {
        wanted.name.clone_from(&application.name);
    }
    let mut report = report(session, &organization, me.user_principal_name, &record);
    report.rows = Part::ALL.map(|part| row(part, &wanted, &seen)).into();
    report.client = seen.application.as_ref().map(|application| application.app_id);
    if let Some(application) = seen.application.as_ref().filter(|_| request.client.is_some()) {
        report.notices.push(format!("Chosen with --client-id: {}.", application.describe()));
    }
    if let Some(more) = wanted.consented_beside(&seen) {
        report.notices.push(format!("Consented to before, and staying: {more}."));
    }
    observer.on(Event::Setup(&report))?;
    if !report.is_pending() {
        remember(&mut report, session, &request.authority, &organization);
        return Ok(SetUp { report, failure: None });
    }
    let steps = report.rows.iter().filter(|row| row.status == SetupStatus::Planned).count();
    let what = format!("Set up \"{}\" in", visible(&wanted.name));
    ask(confirm, &what, &organization, &counted(steps, "step")).await?;
    let _lock = session.state.lock(organization.id)?;
    // The answer may have taken a while, or another run was first.
    let record = session.state.setup_record(organization.id)?;
    let seen = find_to_complete(session, &wanted, &record, request.client).await?;
    observer.on(Event::Writing)?;
    observer.on(Event::Began("writing, and reading back until the tenant shows it"))?;
    let mut run = Run::begin(session, &wanted, request.wait, (seen, record))?;
    let failure = run.make_all(&mut report).await;
    report.client = run.seen.application.as_ref().map(|application| application.app_id);
    if report.has_written() {
        // It is written: a notice that cannot be shown any more ends nothing.
        let _ = observer.on(Event::Written);
    }
    let is_consented = wanted.write(Part::Consent, &run.seen).is_none();
    report.consent_link =
        report.client.filter(|_| !is_consented).map(|client| request.consent_link(&organization, client));
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
    let Context { organization, me, wanted } = Context::read(session, &request, observer).await?;
    let record = session.state.setup_record(organization.id)?;
    let seen = find_to_remove(session, &wanted, &record).await?;
    let mut report = report(session, &organization, me.user_principal_name, &record);
    report.is_removal = true;
    report.client = seen.application.as_ref().map(|application| application.app_id);
    report.rows = rows_to_remove(&to_remove(&record, &seen));
    observer.on(Event::Setup(&report))?;
    if report.rows.is_empty() {
        unchoose(session, &organization, &seen)?;
        return Ok(SetUp { report, failure: None });
    }
    let parts = counted(report.rows.len(), "part");
    ask(confirm, "Remove the registration in", &organization, &parts).await?;
    let _lock = session.state.lock(organization.id)?;
    // The answer may have taken a while, or another run was first.
    let record = session.state.setup_record(organization.id)?;
    let seen = find_to_remove(session, &wanted, &record).await?;
    let made = to_remove(&record, &seen);
    report.rows = rows_to_remove(&made);
    observer.on(Event::Writing)?;
    observer.on(Event::Began("removing, and reading until it is gone"))?;
    let mut run = Run::begin(session, &wanted, request.wait, (seen, record))?;
    let failure = run.take_all_back(&made, &mut report).await;
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

/// Forgets which application was chosen, where nothing came of it.
fn unchoose(session: &Session, organization: &Organization, seen: &Registration) -> anyhow::Result<()> {
    if !session.state.setup_record(organization.id)?.has_choice() {
        return Ok(());
    }
    let _lock = session.state.lock(organization.id)?;
    let mut record = session.state.setup_record(organization.id)?;
    if record.has_choice() && to_remove(&record, seen).is_empty() {
        record.add(SetupEvent::Unchosen)?;
    }
    Ok(())
}

/// Where it is set up, and by whom.
struct Context {
    organization: Organization,
    me: Me,
    wanted: Wanted,
}

impl Context {
    async fn read(
        session: &Session,
        request: &SetupRequest<'_>,
        observer: &impl Observer,
    ) -> Result<Self, Failure> {
        observer.on(Event::Began("reading the registration"))?;
        let graph = &session.reader.graph;
        let organization = graph.fetch_organization().await?;
        if let Some(meant) = request.tenant.filter(|name| !organization.is_called(name)) {
            let found = format!("{} ({})", visible(&organization.domain()), organization.id);
            let error = anyhow::anyhow!("you are signed in to {found}, and {} is asked for", visible(meant));
            let hint =
                format!("run `az login --tenant {}`, or name another tenant (--tenant)", shell_word(meant));
            return Err(Failure::new(Exit::Refused, error, &hint));
        }
        let (me, graphs) = tokio::try_join!(graph.fetch_me(), graph.fetch_graphs_principal())?;
        let wanted = request.wanted(me.id, graphs);
        Ok(Self { organization, me, wanted })
    }
}

fn row(part: Part, wanted: &Wanted, seen: &Registration) -> SetupRow {
    let is_lacking = wanted.write(part, seen).is_some();
    let status = if is_lacking { SetupStatus::Planned } else { SetupStatus::AlreadySo };
    SetupRow { name: part.as_str().to_owned(), text: wanted.describe(part), status }
}

/// Returns what was made from here, the last part first.
fn to_remove(record: &SetupRecord, seen: &Registration) -> Vec<Made> {
    record.made().iter().cloned().chain(recovered(record, seen)).rev().collect()
}

fn rows_to_remove(made: &[Made]) -> Vec<SetupRow> {
    let row =
        |made: &Made| SetupRow { name: made.describe(), text: String::new(), status: SetupStatus::Planned };
    made.iter().map(row).collect()
}

async fn ask(
    confirm: &impl Confirm,
    what: &str,
    tenant: &Organization,
    how_much: &str,
) -> Result<(), Failure> {
    let (name, domain) = (visible(&tenant.display_name), visible(&tenant.domain()));
    let text = format!("{what} {name} ({domain}), {how_much}?");
    Ok(confirm.confirm(Question::Other(&text)).await.map_err(anyhow::Error::from)?)
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
        login: "sspr login".to_owned(),
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
                report.notices.push(format!("The client could not be remembered: {error}."));
                report.login = format!("sspr login --client-id {client}");
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
