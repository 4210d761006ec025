//! Gathers what `sspr login` and `sspr login --setup` need: flags, the spec's tenant, and the environment.

use super::Global;
use super::environment::{Interactivity, check_roots, place_of_state, variable};
use super::login;
use super::session::{not_an_endpoint, sign_in};
use super::sign_in_flags::AuthName;
use super::spec_arguments::load_guard;
use crate::client::{ClientConfig, Endpoints, Environment, KeptSignIns, SignIn};
use crate::error::{Exit, Failure};
use crate::spec_file::Spec;

/// What `sspr login` works with.
#[derive(Debug)]
pub(super) struct LoginSetting {
    pub(super) sign_in: SignIn,
    pub(super) endpoints: Endpoints,
    pub(super) config: ClientConfig,
    pub(super) kept: KeptSignIns,
    /// The tenant that is named: by a flag, by the spec here, or by the environment.
    pub(super) tenant: Option<String>,
    /// Why no browser can be opened; `None` where one can.
    pub(super) no_browser: Option<&'static str>,
}

/// Gathers what `sspr login` works with. Sends nothing yet.
pub(super) fn open_login(global: &Global, tenant: Option<&str>) -> Result<LoginSetting, Failure> {
    let tenant = named_tenant(global, tenant)?;
    let graph = variable("SSPR_GRAPH_URL")?;
    let endpoints = Endpoints::new(global.cloud.cloud(), graph.as_deref(), None).map_err(not_an_endpoint)?;
    check_roots()?;
    Ok(LoginSetting {
        sign_in: sign_in(global, tenant.as_deref())?,
        endpoints,
        config: ClientConfig { stop: global.stop.clone(), ..ClientConfig::default() },
        kept: kept_sign_ins()?,
        tenant,
        no_browser: Interactivity::detect().no_browser,
    })
}

/// What `sspr login --setup` works with.
pub(super) struct SetupSetting {
    /// Who signs in; `None` on the sandbox.
    pub(super) sign_in: Option<SignIn>,
    /// The tenant that is named: by a flag, by the spec here, or by the environment.
    pub(super) tenant: Option<String>,
    /// The root of the authority.
    pub(super) authority: String,
}

/// Gathers what `sspr login --setup` works with. The sign-in that `sspr login` kept may not register anything, so that
/// without another word it is the Azure CLI's that does.
pub(super) fn open_setup(global: &Global, tenant: Option<&str>) -> Result<SetupSetting, Failure> {
    let tenant = named_tenant(global, tenant)?;
    if global.sandbox {
        let authority = SignIn::new(global.cloud.cloud(), (None, None), Environment::default()).authority();
        return Ok(SetupSetting { sign_in: None, tenant, authority });
    }
    let mut own = global.clone();
    if global.graph_auth.is_none() && global.auth == AuthName::Auto && variable("SSPR_GRAPH_TOKEN")?.is_none()
    {
        own.graph_auth = Some(AuthName::AzureCli);
    }
    let mut sign_in = sign_in(&own, tenant.as_deref())?;
    if let Some(tenant) = &tenant {
        sign_in = sign_in.to_tenant(tenant);
    }
    let authority = sign_in.authority();
    Ok(SetupSetting { sign_in: Some(sign_in), tenant, authority })
}

/// Returns the tenant that is named: by a flag, by the spec here, or by the environment.
fn named_tenant(global: &Global, tenant: Option<&str>) -> Result<Option<String>, Failure> {
    if let Some(tenant) = tenant {
        return Ok(Some(tenant.to_owned()));
    }
    let spec = load_guard(None, global)?;
    match spec.as_ref().and_then(Spec::tenant) {
        Some(tenant) => Ok(Some(tenant.to_owned())),
        None if global.sandbox => Ok(None),
        None => variable("AZURE_TENANT_ID"),
    }
}

/// Returns the sign-ins that are kept, with the client that the environment names.
pub(super) fn kept_sign_ins() -> Result<KeptSignIns, Failure> {
    Ok(KeptSignIns::below(&place_of_state()?.0, client_id()?))
}

/// Returns the client to sign in with that the environment names.
///
/// # Errors
/// It is none.
pub(super) fn client_id() -> Result<Option<String>, Failure> {
    let read = |text: String| {
        login::client_id(&text).map_err(|why| {
            let error = anyhow::anyhow!("SSPR_CLIENT_ID: {why}");
            Failure::new(Exit::Usage, error, "set it to a registration's id, or unset it")
        })
    };
    variable("SSPR_CLIENT_ID")?.map(read).transpose()
}
