//! The checks that only read: network, sign-in, permissions, tenant and state directory.

use std::path::Path;

use jiff::{Timestamp, Unit};

use super::DoctorRequest;
use super::permissions::permissions;
use super::roles::role;
use crate::app::Session;
use crate::app::observe::refuse_other_tenants;
use crate::client::{Claims, ClientError, TenantReader};
use crate::files::is_nothing_there;
use crate::outcome::Refusal;
use crate::outcome::doctor::Verdict::{Fails, Holds, Told, Unknown};
use crate::outcome::doctor::{Check, Examination};
use crate::plan::SERVICE_CHANGES;
use crate::spec_file::Spec;
use crate::store::StateDir;
use crate::tenant::graph_permissions;
use crate::tenant::{Migration, Surface};
use crate::text::{counted, shell_word, visible};

/// Tokens are refused from five minutes of difference on.
const TOLERABLE_SKEW: i64 = 300;

/// Looks at everything a command depends on. Sends no write; what cannot be read becomes a check that fails,
/// not an error.
pub(super) async fn examine(session: &Session, request: &DoctorRequest<'_>) -> Examination {
    let (reader, spec, today) = (&session.reader, request.spec, session.clock.today());
    let mut seen = Examination::default();
    seen.add("version", Told, format!("sspr {}", env!("CARGO_PKG_VERSION")));
    seen.add("cloud", Told, request.cloud.as_str().to_owned());
    let ((graph_checks, graph), (portal_checks, portal)) =
        tokio::join!(examine_surface(session, Surface::Graph), examine_surface(session, Surface::Portal));
    seen.checks.extend(graph_checks.into_iter().chain(portal_checks));
    if let Some(graph) = &graph {
        seen.checks.extend(permissions(session, graph, spec));
    }
    // Without a sign-in nothing is read anyway, and another check says so.
    let wrong_tenant = match &graph {
        Some(_) => wrong_tenant(reader, spec).await,
        None => None,
    };
    match wrong_tenant {
        Some(check) => {
            seen.checks.extend(portal.as_ref().map(|portal| role(None, portal)));
            // A report without names leaves out those of the spec's tenant too.
            seen.names.extend(spec.and_then(Spec::tenant).map(str::to_owned));
            seen.checks.push(check);
        }
        None => {
            if let Some(portal) = &portal {
                seen.checks.push(role(Some(reader.portal.fetch_role_template_ids().await), portal));
            }
            tenant(reader, graph.as_ref(), portal.as_ref(), &mut seen).await;
        }
    }
    seen.checks.push(state_directory(session.state.root(), request.profile));
    seen.checks.extend(records(&session.state));
    for change in &SERVICE_CHANGES {
        seen.add(change.code, Told, format!("{}. {}", change.message_on(today), change.source));
    }
    seen
}

async fn examine_surface(session: &Session, surface: Surface) -> (Vec<Check>, Option<Claims>) {
    let reader = &session.reader;
    let (host, claims) = tokio::join!(reader.fetch_host(surface), reader.fetch_claims(surface));
    let mut checks = Vec::new();
    let name = reader.host(surface);
    match host {
        Ok(seen) => {
            let message = format!("{surface}: {name} answers ({})", seen.status);
            checks.push(Check::new("reachable", Holds, message));
            checks.push(clock(surface, seen.date, Timestamp::now() + session.clock.ahead));
        }
        Err(error) => checks.push(failed("reachable", &error)),
    }
    match claims {
        Ok(claims) => {
            checks.push(sign_in(surface, &reader.method(surface), &claims));
            (checks, Some(claims))
        }
        // Nothing is wrong with a tenant in a cloud whose admin centre has no known address (facts 2.6).
        Err(error) if error.is_without_audience() => {
            let help = "plan, apply, verify, people and report work with Graph's half: pass --graph-only";
            checks.push(Check::new("sign-in", Unknown, error.with_causes()).with_help(help));
            (checks, None)
        }
        Err(error) => {
            checks.push(failed("sign-in", &error));
            (checks, None)
        }
    }
}

fn clock(surface: Surface, date: Option<Timestamp>, now: Timestamp) -> Check {
    let Some(date) = date else {
        return Check::new("clock", Unknown, format!("{surface}: the host's answer has no time"));
    };
    let skew = date.duration_since(now).as_secs().abs();
    if skew <= TOLERABLE_SKEW {
        let message = format!("{surface}: this machine's clock is within {TOLERABLE_SKEW} s of the host's");
        return Check::new("clock", Holds, message);
    }
    Check::new("clock", Fails, format!("{surface}: this machine's clock is {skew} s off"))
        .with_help("set the clock: a wrong clock makes tokens invalid or expired")
}

fn sign_in(surface: Surface, method: &str, claims: &Claims) -> Check {
    let unknown = "unknown";
    let expires = claims.expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let message = format!(
        "{surface}: {claims} by {method}; audience {}, permissions {}",
        claims.audience.as_deref().map_or(unknown.into(), visible),
        match claims.permissions.as_slice() {
            [] => unknown.to_owned(),
            permissions => visible(&permissions.join(" ")),
        },
    );
    let moment = format!("expires {}", expires.map_or(unknown.to_owned(), |at| at.to_string()));
    let is_over = expires.is_some_and(|at| at < Timestamp::now());
    let help = match is_over {
        true => Some("the token has expired: get a new one"),
        false => (surface == Surface::Portal && claims.is_application)
            .then_some("the admin centre needs a person's sign-in, not an application's: run `az login`"),
    };
    let verdict = if help.is_some() { Fails } else { Holds };
    Check { help: help.map(str::to_owned), moment: Some(moment), ..Check::new("sign-in", verdict, message) }
}

/// Returns the check that fails where the spec is for another tenant, or where it is unknown which one this is:
/// nothing more of it is read then.
async fn wrong_tenant(reader: &TenantReader, spec: Option<&Spec>) -> Option<Check> {
    spec?.tenant()?;
    let error = refuse_other_tenants(reader, spec, false).await.err()?;
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return Some(failed("tenant", error));
    }
    let help = error.downcast_ref::<Refusal>().and_then(|refusal| refusal.hints().into_iter().next());
    Some(Check { help, ..Check::new("tenant", Fails, format!("graph: {error}")) })
}

async fn tenant(
    reader: &TenantReader,
    graph: Option<&Claims>,
    portal: Option<&Claims>,
    seen: &mut Examination,
) {
    if graph.is_some() {
        let methods = reader
            .graph
            .read_if_open(&graph_permissions::METHODS_POLICY, reader.graph.fetch_methods_policy());
        let (organization, methods) = tokio::join!(reader.graph.fetch_organization(), methods);
        match organization {
            Ok(organization) => {
                let (name, domain) = (visible(&organization.display_name), visible(&organization.domain()));
                seen.add("tenant", Holds, format!("{name} ({domain}, {})", organization.id));
                seen.names.push(organization.display_name);
                seen.names.extend(organization.verified_domains);
            }
            Err(error) => seen.checks.push(failed("tenant", &error)),
        }
        seen.checks.extend(side_readings(reader).await);
        seen.checks.push(match methods.map(|policy| policy.migration()) {
            Ok(Migration::Unknown(state)) => {
                let message = format!("graph: sspr does not know the migration state `{}`", visible(&state));
                Check::new("migration-state", Unknown, message)
            }
            Ok(state) => Check::new("migration-state", Told, format!("graph: {state:?}")),
            // Not every cloud's Graph has the policy (facts 1.1).
            Err(error) if error.is_not_found() => {
                let message = "graph: this tenant has no Authentication methods policy".to_owned();
                Check::new("migration-state", Unknown, message)
                    .with_help("set methods in the portal by hand; sspr does not write them here")
            }
            // Another check says what it takes.
            Err(ClientError::Unpermitted { access }) => {
                let message = format!("graph: not asked for, without {}", access.permission.name);
                Check::new("migration-state", Unknown, message)
            }
            Err(error) => failed("migration-state", &error),
        });
    }
    if portal.is_some() {
        match reader.portal.fetch_policy().await {
            Ok(_) => seen.add("policy", Holds, "portal: the password reset policy can be read".to_owned()),
            Err(error) => seen.checks.push(failed("policy", &error)),
        }
    }
    seen.names.extend([graph, portal].into_iter().flatten().filter_map(|claims| claims.principal.clone()));
    let tenants = graph.and_then(|claims| claims.tenant).zip(portal.and_then(|claims| claims.tenant));
    if let Some((graph, portal)) = tenants {
        let verdict = if graph == portal { Holds } else { Fails };
        seen.add("one-tenant", verdict, "graph and portal are signed in to the same tenant".to_owned());
    }
}

/// Asks for what commands can do without. What the tenant has no licence for stays unknown, whatever permissions there
/// are.
async fn side_readings(reader: &TenantReader) -> Vec<Check> {
    let graph = &reader.graph;
    let (eligible, report) = tokio::join!(
        graph.read_if_open(&graph_permissions::ELIGIBLE_ROLES, graph.fetch_eligible_roles()),
        graph.read_if_open(&graph_permissions::REGISTRATIONS, graph.fetch_is_report_open()),
    );
    let failed = [
        ("who can become an administrator", eligible.err()),
        ("who has registered, and the audit log", report.err()),
    ];
    let check = |(what, error): (&str, Option<ClientError>)| {
        // Of what was not asked for another check says what it takes.
        let error = error.filter(|error| !matches!(error, ClientError::Unpermitted { .. }))?;
        Some(match error.lacking_licence() {
            Some(licence) => Check::new("licence", Unknown, format!("graph: {what}: {licence}")).with_help(
                "no permission helps; plan, people, verify and report still run, and say what is unknown",
            ),
            None => {
                let message = format!("graph: {what} could not be read: {}", error.with_causes());
                Check::new("reading", Unknown, message)
            }
        })
    };
    failed.into_iter().filter_map(check).collect()
}

/// Says which records of runs cannot be used, while there is still time to see to it.
fn records(state: &StateDir) -> Option<Check> {
    // Another check says that the directory cannot be read.
    let runs = state.load_history().ok()?;
    let bad: Vec<_> = runs.iter().filter_map(|run| Some((run, run.problem.as_deref()?))).collect();
    let (run, problem) = bad.first()?;
    let message = format!(
        "rollback cannot use {}; the first is of {}: {}",
        counted(bad.len(), "record"),
        visible(&run.id),
        visible(problem)
    );
    let help = "`sspr history` lists the folders; restore the settings by hand, then move the folders away";
    Some(Check::new("records", Fails, message).with_help(help))
}

fn state_directory(root: &Path, profile: Option<&Path>) -> Check {
    let shown = visible(&root.display().to_string());
    let elsewhere = || Some("set SSPR_STATE_DIR to a directory you can write".to_owned());
    let (verdict, message, help) = match std::fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            match (tempfile::tempfile_in(root), is_open_to_others(&metadata, root, profile)) {
                (Err(error), _) => (Fails, format!("{shown} is not writable: {error}"), elsewhere()),
                (Ok(_), Some(true)) => (
                    Fails,
                    format!("other users of this machine can read {shown}"),
                    Some(format!("it contains the tenant's data: run `chmod 700 {}`", shell_word(&shown))),
                ),
                (Ok(_), None) => (
                    Unknown,
                    format!("{shown} is writable; sspr did not check who else can read it"),
                    Some("keep it in your profile, or check its access list with icacls".to_owned()),
                ),
                (Ok(_), Some(false)) => (Holds, format!("{shown} is writable"), None),
            }
        }
        Ok(_) => (Fails, format!("{shown} is not a directory"), elsewhere()),
        Err(error) if is_nothing_there(root, &error) => {
            let above = root.ancestors().skip(1).find(|above| above.is_dir()).unwrap_or(Path::new("."));
            match tempfile::tempfile_in(above) {
                Ok(_) => (Holds, format!("the first apply creates {shown}"), None),
                Err(error) => {
                    let above = visible(&above.display().to_string());
                    (
                        Fails,
                        format!("{shown} cannot be created: {above} is not writable: {error}"),
                        elsewhere(),
                    )
                }
            }
        }
        Err(error) => (Fails, format!("sspr cannot check {shown}: {error}"), elsewhere()),
    };
    Check { help, ..Check::new("state-directory", verdict, message) }
}

/// Returns whether others on this machine can get at what is in a directory; `None` where that was not looked at.
#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata, _: &Path, _: Option<&Path>) -> Option<bool> {
    Some(std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0)
}

/// A directory in the profile inherits the profile's access list, and of others nothing is known.
#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata, root: &Path, profile: Option<&Path>) -> Option<bool> {
    // A folder has several names: a short one, and what leads to it by way of links.
    let (root, profile) = (root.canonicalize().ok()?, profile?.canonicalize().ok()?);
    root.starts_with(profile).then_some(false)
}

fn failed(code: &'static str, error: &ClientError) -> Check {
    let help = error.hints().into_iter().next();
    Check { brief: error.brief(), help, ..Check::new(code, Fails, error.with_causes()) }
}

/// Returns a time that is the same in two runs on one day.
pub(super) fn day(at: Timestamp) -> String {
    at.round(Unit::Hour).unwrap_or(at).strftime("%Y-%m-%d").to_string()
}
