//! The checks that only read: network, sign-in, permissions, tenant and state directory.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, Unit};

use super::permissions::{Need, PERMISSIONS, Permission, WRITING_ROLES};
use crate::app::observe::refuse_other_tenants;
use crate::client::{Claims, ClientError, Cloud, TenantReader};
use crate::files::is_nothing_there;
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::outcome::examination::{Check, Examination, Verdict};
use crate::plan::SERVICE_CHANGES;
use crate::spec_file::Spec;
use crate::store::StateDir;
use crate::tenant::{Migration, Surface};
use crate::text::{counted, visible};

pub(super) const SURFACES: [Surface; 2] = [Surface::Graph, Surface::Portal];
/// Tokens are refused from five minutes of difference on.
const TOLERABLE_SKEW: i64 = 300;

/// What an examination is made under.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The cloud that was asked for.
    pub cloud: Cloud,
    /// Where baselines and journals are kept.
    pub state: &'a StateDir,
    /// The folder that is this user's alone on Windows.
    pub profile: Option<&'a Path>,
    /// The day dated changes are seen from.
    pub today: Date,
    /// The spec at hand: which tenant is meant, and whether it sets whether administrators may reset.
    pub spec: Option<&'a Spec>,
}

/// Looks at everything a command depends on. Sends no write; what cannot be read becomes a check that fails,
/// not an error.
pub async fn examine(reader: &TenantReader, occasion: Occasion<'_>) -> Examination {
    let mut seen = Examination::default();
    seen.add(Check::new("version", Verdict::Told, format!("sspr {}", env!("CARGO_PKG_VERSION"))));
    seen.add(Check::new("cloud", Verdict::Told, occasion.cloud.as_str().to_owned()));
    let (graph, portal) =
        tokio::join!(examine_surface(reader, Surface::Graph), examine_surface(reader, Surface::Portal));
    let claims: Vec<Option<Claims>> = [graph, portal]
        .into_iter()
        .map(|(checks, claims)| {
            checks.into_iter().for_each(|check| seen.add(check));
            claims
        })
        .collect();
    let manages_administrators =
        occasion.spec.is_some_and(|spec| spec.value("administrators.allow_sspr").is_some());
    if let Some(Some(graph)) = claims.first() {
        permissions(graph, manages_administrators).into_iter().for_each(|check| seen.add(check));
    }
    if let Some(Some(portal)) = claims.get(1) {
        seen.add(writing_role(portal));
    }
    match wrong_tenant(reader, occasion.spec, &claims).await {
        Some(check) => {
            // A report without names leaves out those of the spec's tenant too.
            seen.names.extend(occasion.spec.and_then(Spec::tenant).map(str::to_owned));
            seen.add(check);
        }
        None => tenant(reader, &claims, &mut seen).await,
    }
    seen.add(state_directory(occasion.state, occasion.profile));
    records(occasion.state).into_iter().for_each(|check| seen.add(check));
    for change in &SERVICE_CHANGES {
        let message = format!("{}. {}", change.message_on(occasion.today), change.source);
        seen.add(Check::new(change.code, Verdict::Told, message));
    }
    seen
}

async fn examine_surface(reader: &TenantReader, surface: Surface) -> (Vec<Check>, Option<Claims>) {
    let (host, claims) = tokio::join!(reader.fetch_host(surface), reader.fetch_claims(surface));
    let mut checks = Vec::new();
    let name = reader.host(surface);
    match host {
        Ok(seen) => {
            let message = format!("{surface}: {name} answers ({})", seen.status);
            checks.push(Check::new("reachable", Verdict::Holds, message));
            checks.push(clock(surface, seen.date));
        }
        Err(error) => checks.push(failed("reachable", &error)),
    }
    match claims {
        Ok(claims) => {
            checks.push(sign_in(surface, &reader.way(surface), &claims));
            (checks, Some(claims))
        }
        // Nothing is wrong with a tenant in a cloud whose admin centre nobody knows the way to (facts 2.6).
        Err(error) if error.is_without_audience() => {
            let check = Check::new("sign-in", Verdict::Unknown, error.with_causes());
            checks.push(
                check.with_help("plan, apply, verify, people and report do Graph's half: --graph-only"),
            );
            (checks, None)
        }
        Err(error) => {
            checks.push(failed("sign-in", &error));
            (checks, None)
        }
    }
}

fn clock(surface: Surface, date: Option<Timestamp>) -> Check {
    let Some(date) = date else {
        return Check::new("clock", Verdict::Unknown, format!("{surface}: the host did not tell its time"));
    };
    let skew = date.duration_since(Timestamp::now()).as_secs().abs();
    let message = format!("{surface}: this machine's clock is within {TOLERABLE_SKEW} s of the host's");
    match skew <= TOLERABLE_SKEW {
        true => Check::new("clock", Verdict::Holds, message),
        false => {
            Check::new("clock", Verdict::Fails, format!("{surface}: this machine's clock is {skew} s off"))
                .with_help("set the clock: tokens are refused, or taken for expired, by the difference")
        }
    }
}

fn sign_in(surface: Surface, way: &str, claims: &Claims) -> Check {
    let unknown = "not told";
    let expires = claims.expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let message = format!(
        "{surface}: {claims} by {way}; audience {}, permissions {}",
        claims.audience.as_deref().map_or(unknown.into(), visible),
        match claims.permissions.as_slice() {
            [] => unknown.to_owned(),
            permissions => visible(&permissions.join(" ")),
        },
    );
    let moment = format!("expires {}", expires.map_or(unknown.to_owned(), |at| at.to_string()));
    let is_over = expires.is_some_and(|at| at < Timestamp::now());
    match (is_over, surface == Surface::Portal && claims.is_application) {
        (true, _) => {
            Check::new("sign-in", Verdict::Fails, message).with_help("the token has expired: get a new one")
        }
        (_, true) => Check::new("sign-in", Verdict::Fails, message)
            .with_help("the admin centre takes a person's sign-in, never an application's: run `az login`"),
        _ => Check::new("sign-in", Verdict::Holds, message),
    }
    .with_moment(moment)
}

fn permissions(claims: &Claims, manages_administrators: bool) -> Vec<Check> {
    let check = |permission: &Permission| {
        let message = format!("graph: {} ({})", permission.name(), permission.used_for);
        match permission.is_held(claims) {
            Some(true) => Check::new("permission", Verdict::Holds, message),
            Some(false) if permission.need == Need::ToKnow => {
                Check::new("permission", Verdict::Unknown, format!("{message}: unknown without it"))
            }
            Some(false) => Check::new("permission", Verdict::Fails, message).with_help(
                "have an administrator grant it to the program you sign in with; the Azure CLI's own set is fixed, \
                 so this may take an app registration of yours",
            ),
            None => Check::new("permission", Verdict::Unknown, message),
        }
    };
    let is_asked =
        |permission: &&Permission| permission.need != Need::WithAdministrators || manages_administrators;
    PERMISSIONS.iter().filter(is_asked).map(check).collect()
}

fn writing_role(claims: &Claims) -> Check {
    let held = WRITING_ROLES.iter().find(|(id, _)| claims.roles.iter().any(|role| role == id));
    let needed = WRITING_ROLES[0].1;
    match (held, claims.roles.is_empty()) {
        (Some((_, name)), _) => Check::new("role", Verdict::Holds, format!("portal: {name}")),
        (None, true) => {
            Check::new("role", Verdict::Unknown, "portal: the token tells no directory roles".to_owned())
        }
        (None, false) => Check::new("role", Verdict::Fails, format!("portal: no active role {needed}"))
            .with_help("activate the role (Privileged Identity Management), then sign in again"),
    }
}

/// Returns the check that fails where the spec is for another tenant, or where it is unknown which one this is:
/// nothing more of it is read then.
async fn wrong_tenant(
    reader: &TenantReader,
    spec: Option<&Spec>,
    claims: &[Option<Claims>],
) -> Option<Check> {
    spec?.tenant()?;
    // Without a sign-in nothing is read anyway, and another check says so.
    claims.first()?.as_ref()?;
    let error = refuse_other_tenants(reader, spec, false).await.err()?;
    if let Some(error) = error.downcast_ref::<ClientError>() {
        return Some(failed("tenant", error));
    }
    let check = Check::new("tenant", Verdict::Fails, format!("graph: {error}"));
    Some(match error.downcast_ref::<Refusal>().and_then(|refusal| refusal.hints().into_iter().next()) {
        Some(hint) => check.with_help(&hint),
        None => check,
    })
}

async fn tenant(reader: &TenantReader, claims: &[Option<Claims>], seen: &mut Examination) {
    let is_signed_in = |at: usize| claims.get(at).is_some_and(Option::is_some);
    if is_signed_in(0) {
        let (organization, methods) =
            tokio::join!(reader.graph.fetch_organization(), reader.graph.fetch_methods_policy());
        match organization {
            Ok(organization) => {
                seen.names.push(organization.display_name.clone());
                seen.names.extend(organization.verified_domains.iter().cloned());
                let (name, domain) = (visible(&organization.display_name), visible(&organization.domain()));
                seen.add(Check::new(
                    "tenant",
                    Verdict::Holds,
                    format!("{name} ({domain}, {})", organization.id),
                ));
            }
            Err(error) => seen.add(failed("tenant", &error)),
        }
        side_readings(reader).await.into_iter().for_each(|check| seen.add(check));
        match methods.map(|policy| policy.migration()) {
            Ok(Migration::Unknown(state)) => {
                let message = format!("graph: the migration state `{}` is not known here", visible(&state));
                seen.add(Check::new("migration-state", Verdict::Unknown, message));
            }
            // Not every cloud's Graph has the policy (facts 1.1).
            Err(error) if error.is_not_found() => {
                let message = "graph: there is no Authentication methods policy here".to_owned();
                let check = Check::new("migration-state", Verdict::Unknown, message);
                seen.add(check.with_help("set methods in the portal by hand; sspr writes none here"));
            }
            Ok(state) => seen.add(Check::new("migration-state", Verdict::Told, format!("graph: {state:?}"))),
            Err(error) => seen.add(failed("migration-state", &error)),
        }
    }
    if is_signed_in(1) {
        seen.add(match reader.portal.fetch_policy().await {
            Ok(_) => Check::new(
                "policy",
                Verdict::Holds,
                "portal: the password reset policy can be read".to_owned(),
            ),
            Err(error) => failed("policy", &error),
        });
    }
    let tenants: Vec<TenantId> = claims.iter().flatten().filter_map(|claims| claims.tenant).collect();
    seen.names.extend(claims.iter().flatten().filter_map(|claims| claims.principal.clone()));
    if let [graph, portal] = tenants.as_slice() {
        let verdict = if graph == portal { Verdict::Holds } else { Verdict::Fails };
        let message = "graph and portal are signed in to the same tenant".to_owned();
        seen.add(Check::new("one-tenant", verdict, message));
    }
}

/// Asks for what commands can do without. What the tenant has no licence for stays unknown, whatever permissions there
/// are.
async fn side_readings(reader: &TenantReader) -> Vec<Check> {
    let (eligible, report) =
        tokio::join!(reader.graph.fetch_eligible_roles(), reader.graph.fetch_is_report_open());
    let failed = [
        ("who can become an administrator", eligible.err()),
        ("who has registered, and the audit log", report.err()),
    ];
    let failed = failed.into_iter().filter_map(|(what, error)| error.map(|error| (what, error)));
    let check = |(what, error): (&str, ClientError)| match error.lacking_licence() {
        Some(licence) => Check::new("licence", Verdict::Unknown, format!("graph: {what}: {licence}"))
            .with_help("no permission helps: plan, people, verify and report go on, and say what is unknown"),
        None => {
            let message = format!("graph: {what} could not be read: {}", error.with_causes());
            Check::new("reading", Verdict::Unknown, message)
        }
    };
    failed.map(check).collect()
}

/// Says which records of runs cannot be used, while there is still time to see to it.
fn records(state: &StateDir) -> Option<Check> {
    // That the directory cannot be read is told beside this.
    let runs = state.load_history().ok()?;
    let bad: Vec<_> = runs.iter().filter_map(|run| Some((run, run.problem.as_deref()?))).collect();
    let (run, problem) = bad.first()?;
    let message = format!(
        "the way back lacks {}; that of {}: {}",
        counted(bad.len(), "record"),
        visible(&run.id),
        visible(problem)
    );
    let help = "`sspr history` names the folders; set by hand what should go back, then move them away";
    Some(Check::new("records", Verdict::Fails, message).with_help(help))
}

fn state_directory(state: &StateDir, profile: Option<&Path>) -> Check {
    let shown = visible(&state.root().display().to_string());
    let message = match std::fs::metadata(state.root()) {
        Ok(metadata) if metadata.is_dir() => {
            let is_open = is_open_to_others(&metadata, state.root(), profile);
            return match tempfile::tempfile_in(state.root()) {
                Ok(_) if is_open == Some(true) => Check::new(
                    "state-directory",
                    Verdict::Fails,
                    format!("others on this machine can look into {shown}"),
                )
                .with_help(&format!(
                    "what is recorded there is the tenant's: type `chmod 700 {}`",
                    quoted(&shown)
                )),
                Ok(_) if is_open.is_none() => Check::new(
                    "state-directory",
                    Verdict::Unknown,
                    format!("{shown} can be written; who else can look into it was not checked"),
                )
                .with_help("keep it in your profile, or look at its access list with icacls"),
                Ok(_) => Check::new("state-directory", Verdict::Holds, format!("{shown} can be written")),
                Err(error) => Check::new(
                    "state-directory",
                    Verdict::Fails,
                    format!("{shown} cannot be written: {error}"),
                )
                .with_help("set SSPR_STATE_DIR to a directory you can write"),
            };
        }
        Ok(_) => format!("{shown} is not a directory"),
        Err(error) if is_nothing_there(state.root(), &error) => {
            let message = format!("{shown} will be made by the first apply");
            return Check::new("state-directory", Verdict::Holds, message);
        }
        Err(error) => format!("{shown} cannot be looked at: {error}"),
    };
    Check::new("state-directory", Verdict::Fails, message)
        .with_help("set SSPR_STATE_DIR to a directory you can write")
}

/// Returns a path as a shell takes it for one word.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+@:".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// Returns whether others on this machine can get at what is in a directory; `None` where that was not looked at.
#[cfg(unix)]
fn is_open_to_others(metadata: &std::fs::Metadata, _: &Path, _: Option<&Path>) -> Option<bool> {
    Some(std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0)
}

/// Returns whether others on this machine can get at what is in a directory; `None` where that was not looked at: a
/// directory in the profile inherits the profile's access list, and of others nothing is known.
#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::Metadata, root: &Path, profile: Option<&Path>) -> Option<bool> {
    // A folder has several names: a short one, and what leads to it by way of links.
    let (root, profile) = (root.canonicalize().ok()?, profile?.canonicalize().ok()?);
    root.starts_with(profile).then_some(false)
}

fn failed(code: &'static str, error: &ClientError) -> Check {
    let check = Check::new(code, Verdict::Fails, error.with_causes());
    match error.hints().into_iter().next() {
        Some(hint) => check.with_help(&hint),
        None => check,
    }
}

/// Returns a time that is the same in two runs on one day.
pub(in crate::app) fn day(at: Timestamp) -> String {
    at.round(Unit::Hour).unwrap_or(at).strftime("%Y-%m-%d").to_string()
}
