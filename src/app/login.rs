//! `login` and `logout`: a person signs in to Microsoft Graph with a client of the tenant's own.

use secrecy::SecretString;

use super::observer::{Event, Observer};
use crate::client::{
    Arrival, Auth, Claims, ClientConfig, Credentials, Deleted, Endpoints, KeepError, KeptSignIn, KeptSignIns,
    PersonSignIn, Prompt, SignIn, SignInError, StoreKind, connect, cost_of, find_tenant,
};
use crate::error::{Exit, Failure};
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::stop::Stop;
use crate::tenant::Surface;
use crate::text::{commands, shell_word, visible};

/// Who is to sign in, to what, and what becomes of it.
#[derive(Debug)]
pub struct LoginRequest<'a> {
    /// How the authority is reached, and the admin centre's sign-in.
    pub sign_in: SignIn,
    /// Where Graph is, which is asked for the tenant's names.
    pub endpoints: &'a Endpoints,
    /// How it is asked.
    pub config: &'a ClientConfig,
    /// Where sign-ins are kept.
    pub kept: &'a KeptSignIns,
    /// The tenant, by id or domain; `None` takes the admin centre's sign-in's.
    pub tenant: Option<&'a str>,
    /// The client's id; `None` takes the one that is known.
    pub client: Option<&'a str>,
    /// [`Auth::Browser`] or [`Auth::DeviceCode`].
    pub method: Auth,
    /// Where the refresh token is kept; `None` keeps none.
    pub store: Option<StoreKind>,
    /// Whether that was said; else a sign-in that is kept already stays where it is.
    pub is_store_named: bool,
    /// Asked when the run should end early.
    pub stop: &'a Stop,
}

/// Who signed in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The tenant's id.
    pub tenant: String,
    /// What the tenant is called: the name that was typed or a domain, else its id.
    pub name: String,
    /// The client's id.
    pub client: String,
    /// Who signed in, by name; the object id if there is none.
    pub account: String,
    /// The permissions that Graph's token has.
    pub permissions: Vec<String>,
    /// Where the refresh token is kept; `None` where it is not.
    pub store: Option<StoreKind>,
    /// Whether the admin centre's sign-in is there, and the same account.
    pub is_portals_account: bool,
    /// What the environment has for Graph that is taken before this sign-in.
    pub comes_first: Option<Auth>,
}

/// Signs a person in, and keeps the sign-in once it is known to be the right one.
///
/// # Errors
/// No tenant or client is named (64); the sign-in failed (77); it belongs to another tenant or account than the admin
/// centre's (3); it cannot be kept (3 before the sign-in, 1 after it). Nothing is kept then.
pub async fn login(request: LoginRequest<'_>, observer: &impl Observer) -> Result<LoggedIn, Failure> {
    let mut arrived = tokio::select! {
        biased;
        reason = request.stop.asked() => return Err(stopped(reason)),
        arrived = arrive(&request, observer) => arrived?,
    };
    // From here on nothing is broken off: what is said at the end is what was done.
    let taken = take(&request, &arrived).await;
    arrived.arrival.close(taken.is_ok()).await;
    taken
}

/// Someone who signed in, of whom nothing is kept yet.
struct Arrived {
    arrival: Arrival,
    portal: Option<Claims>,
    /// What the tenant was called.
    name: String,
    client: String,
    /// Where the refresh token goes.
    store: Option<StoreKind>,
}

async fn arrive(request: &LoginRequest<'_>, observer: &impl Observer) -> Result<Arrived, Failure> {
    let LoginRequest { sign_in, kept, tenant, client, method, .. } = request;
    let portal = portal_account(sign_in, *tenant, observer).await?;
    let portal_tenant = portal.as_ref().and_then(|portal| portal.tenant);
    let name = tenant.map(str::to_owned).or(portal_tenant.map(|id| id.to_string())).ok_or_else(no_tenant)?;
    let tenant = find_tenant(sign_in, *method, &name).await.map_err(refused)?;
    refuse_another_tenant(portal.as_ref(), tenant)?;
    let before = kept.find(&tenant.to_string());
    let known = || kept.client_of(&tenant.to_string());
    let client = client.map(str::to_owned).or_else(known).ok_or_else(|| no_client(request.tenant))?;
    let store = match before.as_ref().and_then(|before| before.store) {
        Some(kind) if !request.is_store_named => Some(kind),
        _ => request.store,
    };
    if let Some(kind) = store {
        kept.probe(kind).await.map_err(|error| not_keepable(kind, error, request))?;
    }
    if let Some(cost) = cost_of(&client) {
        observer.on(Event::Notice(cost))?;
    }
    let claims_challenge = before.as_ref().and_then(|before| before.claims_challenge.as_ref());
    let hint = portal.as_ref().and_then(|portal| portal.principal.as_deref());
    let person = PersonSignIn::new(sign_in, *method, tenant, &client).map_err(refused)?;
    let mut lost = None;
    let show = |prompt: &Prompt| lost = observer.on(Event::SignIn(prompt)).err();
    let arrival = person.sign_in(hint, claims_challenge, show).await.map_err(refused)?;
    match lost {
        // No one was shown where to sign in.
        Some(error) => Err(error.into()),
        None => Ok(Arrived { arrival, portal, name, client, store }),
    }
}

/// Keeps the sign-in, where it is the right one.
async fn take(request: &LoginRequest<'_>, arrived: &Arrived) -> Result<LoggedIn, Failure> {
    let LoginRequest { sign_in, endpoints, config, kept, .. } = request;
    let Arrived { arrival, portal, name, client, store } = arrived;
    let (account, is_portals_account) = whose(arrival, portal.as_ref())?;
    let names = names(arrival, (endpoints, config), name).await;
    let tenant = arrival.identity.tenant;
    let mut known = KeptSignIn::new(tenant, names, &sign_in.authority(), client);
    known.account = Some(account.clone());
    keep(arrival, (kept, *store), &known).await?;
    Ok(LoggedIn {
        tenant: tenant.to_string(),
        name: known.name().to_owned(),
        client: client.clone(),
        account,
        permissions: arrival.scopes.clone(),
        store: *store,
        is_portals_account,
        comes_first: sign_in.before_a_kept_one(),
    })
}

/// Returns whose sign-in it is, and whether it is known to be the same account as the admin centre's.
fn whose(arrival: &Arrival, portal: Option<&Claims>) -> Result<(String, bool), Failure> {
    let object_id = arrival.identity.object_id.to_string();
    let account = arrival.identity.account.clone().unwrap_or(object_id.clone());
    let portals = portal.and_then(|portal| portal.object_id.as_deref());
    if let (Some(portal), Some(id)) = (portal, portals)
        && !id.eq_ignore_ascii_case(&object_id)
    {
        let portal = portal.principal.clone().unwrap_or(id.to_owned());
        return Err(anyhow::Error::from(Refusal::TwoAccounts { graph: account, portal }).into());
    }
    Ok((account, portals.is_some()))
}

/// Returns what the tenant is called: a name that was typed first, then its domains.
async fn names(
    arrival: &Arrival,
    (endpoints, config): (&Endpoints, &ClientConfig),
    name: &str,
) -> Vec<String> {
    let domains = async {
        let (reader, _) = connect(endpoints, arrival.credentials().ok()?, config).ok()?;
        let organization = reader.graph.fetch_organization().await.ok()?;
        (organization.id == arrival.identity.tenant).then_some(organization.verified_domains)
    };
    let mut names: Vec<String> = domains.await.unwrap_or_default();
    names.retain(|known| !known.eq_ignore_ascii_case(name));
    let is_id = name.parse::<TenantId>().is_ok();
    // A domain says more than an id.
    names.insert(if is_id { names.len() } else { 0 }, name.to_ascii_lowercase());
    names
}

/// Keeps a sign-in that is the right one.
async fn keep(
    arrival: &Arrival,
    (kept, store): (&KeptSignIns, Option<StoreKind>),
    known: &KeptSignIn,
) -> Result<(), Failure> {
    if let Some(kind) = store {
        let token: &SecretString = arrival.refresh_token().ok_or_else(no_refresh_token)?;
        let failed = |error: KeepError| {
            let error = anyhow::Error::from(error).context("the sign-in could not be kept");
            Failure::new(Exit::Failed, error, FOLDER)
        };
        kept.keep(known.clone(), kind, token).await.map_err(failed)?;
    }
    Ok(())
}

/// Returns what the admin centre's sign-in says of itself: the account that has to be the same, where there is one.
async fn portal_account(
    sign_in: &SignIn,
    tenant: Option<&str>,
    observer: &impl Observer,
) -> Result<Option<Claims>, Failure> {
    let mut sign_in = sign_in.clone();
    if let Some(tenant) = tenant {
        sign_in = sign_in.to_tenant(tenant);
    }
    observer.on(Event::Began("asking the Azure CLI who is signed in"))?;
    let account = match Credentials::choose(sign_in) {
        Ok(credentials) => credentials.portal_account().await,
        Err(error) => Err(error),
    };
    match account {
        // It opens nothing at the admin centre and has no person.
        Ok(Some(account)) if account.is_application => Ok(None),
        Ok(account) => Ok(account),
        Err(error) => {
            let notice = format!(
                "The admin centre's sign-in gives no token, so that this account cannot be compared with it: {error}"
            );
            observer.on(Event::Notice(&notice))?;
            Ok(None)
        }
    }
}

/// Refuses before someone signs in for nothing.
fn refuse_another_tenant(portal: Option<&Claims>, tenant: TenantId) -> Result<(), Failure> {
    match portal.and_then(|portal| portal.tenant) {
        Some(portal) if portal != tenant => {
            Err(anyhow::Error::from(Refusal::TwoTenants { graph: tenant, portal }).into())
        }
        _ => Ok(()),
    }
}

/// What to do about a folder that sign-ins cannot be kept in.
const FOLDER: &str =
    "see that the folder is yours alone and can be written (chmod 700), or set SSPR_STATE_DIR to another";

/// What was forgotten.
#[derive(Clone, Debug)]
pub struct LoggedOut {
    /// The sign-in that was kept.
    pub known: Option<KeptSignIn>,
    /// What could not be used any more.
    pub deleted: Deleted,
}

/// Forgets what is kept of a sign-in to a tenant; `None` is the only one there is. The client stays known. What no run could
/// use any more goes too: it may hold a token.
///
/// # Errors
/// It is not clear which (64), or the store does not forget it (1).
pub async fn logout(kept: &KeptSignIns, tenant: Option<&str>) -> Result<LoggedOut, Failure> {
    let failed = |error: KeepError| {
        let error = anyhow::Error::from(error).context("the sign-in could not be forgotten");
        Failure::new(Exit::Failed, error, FOLDER)
    };
    let mut all = kept.all();
    match tenant {
        Some(name) => all.retain(|known| known.is_called(name)),
        None => all.retain(|known| known.store.is_some()),
    }
    if all.len() > 1 {
        let names: Vec<String> = all.iter().map(|known| visible(known.name())).collect();
        let error = anyhow::anyhow!("sign-ins to several tenants are kept: {}", names.join(", "));
        return Err(Failure::new(Exit::Usage, error, "say which with --tenant"));
    }
    let known = all.pop();
    if let Some(known) = &known {
        kept.forget(known).await.map_err(failed)?;
    }
    let meant = known.as_ref().map(|known| known.tenant.as_str());
    let deleted = kept.delete_unusable(meant).await.map_err(failed)?;
    Ok(LoggedOut { known: known.filter(|known| known.store.is_some()), deleted })
}

fn stopped(reason: crate::stop::StopReason) -> Failure {
    let error = anyhow::anyhow!("{reason}; no one was signed in, and nothing was kept");
    Failure { exit: Exit::Failed, error, hints: Vec::new() }
}

fn refused(error: SignInError) -> Failure {
    match error {
        SignInError::OtherTenant { wanted, found } => {
            anyhow::Error::from(Refusal::SignedInElsewhere { wanted, found }).into()
        }
        SignInError::NoSingleTenant { .. } => {
            Failure::new(Exit::Usage, error.into(), "such as --tenant contoso.onmicrosoft.com")
        }
        error => {
            let hints = error.hints(Surface::Graph);
            let error = anyhow::Error::from(error).context("not signed in; nothing was kept");
            Failure { exit: Exit::NotSignedIn, error, hints }
        }
    }
}

fn no_tenant() -> Failure {
    let error = anyhow::anyhow!("no tenant is named, and the Azure CLI is signed in to none");
    Failure::new(Exit::Usage, error, "name it: `sspr login --tenant contoso.onmicrosoft.com`")
}

/// Returns a flag that was typed, to be typed again.
fn flag(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!("{name}{}", shell_word(value))).unwrap_or_default()
}

fn no_client(tenant: Option<&str>) -> Failure {
    let error = anyhow::anyhow!("no client is known for this tenant");
    let tenant = flag(" --tenant ", tenant);
    let hints = commands(&[
        (format!("sspr login --setup{tenant}"), "once in this tenant: makes a registration of your own"),
        (format!("sspr login --client-id ID{tenant}"), "takes one that is there already"),
    ]);
    Failure { exit: Exit::Usage, error, hints }
}

fn no_refresh_token() -> Failure {
    let error = anyhow::anyhow!("the authority gave nothing that could be kept (no refresh token)");
    Failure::new(Exit::NotSignedIn, error, "have `offline_access` consented to, or use --store none")
}

/// Returns the refusal to keep a token without a safe place.
fn not_keepable(kind: StoreKind, error: KeepError, request: &LoginRequest<'_>) -> Failure {
    let typed = flag(" --tenant ", request.tenant) + &flag(" --client-id ", request.client);
    let is_folder = matches!(error, KeepError::File { .. });
    let error =
        anyhow::Error::from(error).context("sspr could not keep a sign-in here, so it does not ask for one");
    let hints = match (kind, is_folder) {
        (_, true) => vec![FOLDER.to_owned()],
        (StoreKind::Keyring, false) => commands(&[
            (
                format!("sspr login --store file{typed}"),
                "keeps it in a file that only you can read, beside sspr's records",
            ),
            (format!("sspr login --store none{typed}"), "keeps nothing, and shows who would be signed in"),
        ]),
        (StoreKind::File, false) => vec!["use --store keyring".to_owned()],
    };
    Failure { exit: Exit::Refused, error, hints }
}
