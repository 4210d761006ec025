//! Finds the registration of `login --setup`: by this machine's record, or by the person's own choice.

use uuid::Uuid;

use crate::app::session::Session;
use crate::client::ApplicationKey;
use crate::error::{Exit, Failure};
use crate::store::SetupRecord;
use crate::tenant::app_registration::{Application, Part, Registration, Wanted};
use crate::text::{commands, counted};

/// Returns what there is of the registration to complete: its application is one that the record has, or that is chosen
/// by its client id. Anyone who may register an application can give theirs the name.
///
/// # Errors
/// Several are it; there is none of the id; one that is not chosen is somebody else's, or could be used by someone else.
pub(super) async fn find_to_complete(
    session: &Session,
    wanted: &Wanted,
    record: &SetupRecord,
    chosen: Option<Uuid>,
) -> Result<Registration, Failure> {
    let graph = &session.reader.graph;
    let mut own = find_own(session, record).await?;
    if let Some(client) = chosen {
        let found = graph.fetch_applications(ApplicationKey::Client(client)).await?.pop();
        let found = found.ok_or_else(|| {
            let error = anyhow::anyhow!("there is no application {client} in this tenant");
            Failure::new(Exit::Refused, error, "leave --client-id out: sspr makes one")
        })?;
        // One that was chosen before and that nothing came of gives way.
        let is_begun = !record.made().is_empty() || record.interrupted().is_some();
        match own.iter().find(|own| own.id != found.id).filter(|_| is_begun) {
            Some(own) => return Err(another_is_recorded(own)),
            None => own = vec![found],
        }
    } else if own.is_empty() {
        let named = graph.fetch_applications(ApplicationKey::Name(&wanted.name)).await?;
        if !named.is_empty() {
            return Err(not_ours(&named));
        }
    }
    let application = only(own)?;
    if let Some(application) = application.as_ref().filter(|it| chosen.is_none() && it.has_other_uses()) {
        return Err(changed(application));
    }
    with_its_parts(session, wanted, application).await
}

/// Returns what there is of the registration that the record has.
///
/// # Errors
/// Several are it.
pub(super) async fn find_to_remove(
    session: &Session,
    wanted: &Wanted,
    record: &SetupRecord,
) -> Result<Registration, Failure> {
    let application = only(find_own(session, record).await?)?;
    with_its_parts(session, wanted, application).await
}

/// Returns the applications that the record has, or that a run made which was cut off before it could say so.
async fn find_own(session: &Session, record: &SetupRecord) -> Result<Vec<Application>, Failure> {
    let graph = &session.reader.graph;
    let mut own = Vec::new();
    for id in record.applications() {
        own.extend(graph.fetch_application(id).await?);
    }
    if let (Some((Part::Application, Some(tag))), true) = (record.interrupted(), own.is_empty()) {
        own = graph.fetch_applications(ApplicationKey::Tag(tag)).await?;
    }
    Ok(own)
}

fn only(mut own: Vec<Application>) -> Result<Option<Application>, Failure> {
    if own.len() > 1 {
        let ids: Vec<String> = own.iter().map(|application| application.app_id.to_string()).collect();
        let what = counted(own.len(), "application");
        let error = anyhow::anyhow!("{what} are sspr's registration here: {}", ids.join(", "));
        let hint = "delete all but one in the Entra admin centre, under App registrations; or sign in with the one you mean: \
                    sspr login --client-id ID";
        return Err(Failure::new(Exit::Refused, error, hint));
    }
    Ok(own.pop())
}

async fn with_its_parts(
    session: &Session,
    wanted: &Wanted,
    application: Option<Application>,
) -> Result<Registration, Failure> {
    let graph = &session.reader.graph;
    let Some(application) = application else { return Ok(Registration::default()) };
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
    let error = anyhow::anyhow!(
        "there is an application of this name, and sspr did not make it from this machine: {}",
        all.join("; ")
    );
    let uses = |it: &Application| {
        let id = it.app_id;
        [
            (format!("sspr login --client-id {id}"), "uses it as it is"),
            (format!("sspr login --setup --client-id {id}"), "adds what it lacks"),
        ]
    };
    let another = ("sspr login --setup --name NAME".to_owned(), "makes another");
    let hints = commands(&foreign.iter().flat_map(uses).chain([another]).collect::<Vec<_>>());
    Failure { exit: Exit::Refused, error, hints }
}

fn changed(own: &Application) -> Failure {
    let error = anyhow::anyhow!(
        "the registration has what sspr did not give it, so that someone else could use the consent: {}",
        own.describe()
    );
    let id = own.app_id;
    let hints = commands(&[
        (format!("sspr login --setup --client-id {id}"), "takes it all the same"),
        ("sspr login --setup --remove".to_owned(), "removes what sspr made"),
    ]);
    Failure { exit: Exit::Refused, error, hints }
}

fn another_is_recorded(own: &Application) -> Failure {
    let error = anyhow::anyhow!("sspr set up another application from this machine: {}", own.describe());
    let hints = commands(&[(
        "sspr login --setup --remove".to_owned(),
        "removes what it made, after which this can be set up",
    )]);
    Failure { exit: Exit::Refused, error, hints }
}
