//! Opens a session for each tenant of a fleet: the ways to sign in are looked at once, and each tenant signs in by itself.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use super::Global;
use super::environment::{sandbox_dir, variable};
use super::session::{Base, not_a_token, tokens_of, ways};
use crate::app::Session;
use crate::app::fleet::OpenTenant;
use crate::client::{AzureConfig, Credentials, KeptSignIn, KeptSignIns, SignIn};
use crate::error::{Exit, Failure};
use crate::sandbox::Sandbox;
use crate::spec_file::fleet::FleetTenant;
use crate::stop::Stop;

/// What the sessions of a fleet are opened from. They share connections; who is signed in, how fast requests go and what
/// stops them is each session's own.
#[derive(Debug)]
pub(super) struct TenantSessions {
    base: Base,
    accounts: Accounts,
}

#[derive(Debug)]
enum Accounts {
    /// The pretend tenants of this process.
    Sandbox(Sandbox),
    /// Whoever the flags and the environment name, in each tenant.
    SignIn {
        sign_in: Box<SignIn>,
        kept: Vec<KeptSignIn>,
        /// Holds a folder of the Azure CLI for each tenant.
        azure_config_root: Option<PathBuf>,
    },
}

impl TenantSessions {
    /// Looks at the flags and the environment, for all the tenants that a run is about: each a domain or an id, as the
    /// fleet file names them. `azure_config_root` is the folder with one folder of the Azure CLI for each tenant
    /// (`--azure-config-root`). With `is_graph_only` the admin centre's sign-in is asked nothing. Sends nothing.
    ///
    /// On the sandbox each of them is a pretend tenant of its own, kept in the state directory.
    ///
    /// # Errors
    /// A ready token, which is one tenant's, for more than one; anything else that is no tenant's own failure.
    pub(super) async fn of(
        global: &Global,
        tenants: &[String],
        azure_config_root: Option<&Path>,
        is_graph_only: bool,
    ) -> Result<Self, Failure> {
        if global.sandbox {
            let address = SocketAddr::from(([127, 0, 0, 1], 0));
            let sandbox = Sandbox::open_many(address, sandbox_dir()?, tenants, false).await;
            let sandbox = sandbox.context("the sandbox could not be started")?;
            return Ok(Self {
                base: Base::on_sandbox(global, &sandbox)?,
                accounts: Accounts::Sandbox(sandbox),
            });
        }
        refuse_one_token(tenants.len())?;
        let base = Base::new(global)?;
        let mut sign_in = ways(global)?;
        sign_in.is_graph_only = is_graph_only;
        // The Azure CLI is started in another folder than this.
        let absolute = |root: &Path| {
            std::path::absolute(root).with_context(|| format!("{} could not be read", root.display()))
        };
        let azure_config_root = azure_config_root.map(absolute).transpose()?;
        let kept = base.kept().all();
        sign_in.kept = Some(base.kept().clone());
        Ok(Self { base, accounts: Accounts::SignIn { sign_in: Box::new(sign_in), kept, azure_config_root } })
    }
}

/// Returns a tenant's folder of the Azure CLI: it goes by the tenant's name in the fleet file.
fn azure_config(root: &Path, tenant: &str) -> AzureConfig {
    let folder = root.join(tenant);
    AzureConfig { is_there: folder.is_dir(), folder }
}

/// Refuses a ready token for more than one tenant.
fn refuse_one_token(tenants: usize) -> Result<(), Failure> {
    for name in ["SSPR_GRAPH_TOKEN", "SSPR_PORTAL_TOKEN"] {
        if tenants > 1 && variable(name)?.is_some() {
            let error = anyhow!("{name} is one tenant's token, and this fleet has {tenants} tenants");
            let hint = "unset it; each tenant signs in by itself: an application in each (AZURE_CLIENT_ID), one folder \
                        of the Azure CLI for each (--azure-config-root), or `sspr login` in each";
            return Err(Failure::new(Exit::Usage, error, hint));
        }
    }
    Ok(())
}

impl OpenTenant for TenantSessions {
    /// Opens the session of one of the tenants. Sends nothing yet: a sign-in that does not come is told where the tenant is
    /// first asked for something, with what to type for it, as [`Exit::NotSignedIn`].
    ///
    /// That the token is for this tenant is [`crate::app::observe`]'s to check, by the tenant that the spec names; so the
    /// spec must name it.
    ///
    /// # Errors
    /// A pretend tenant's file cannot be read.
    async fn open(&self, tenant: &FleetTenant, stop: Stop) -> Result<Session, Failure> {
        let (tenant, stop) = (tenant.tenant.as_str(), &stop);
        match &self.accounts {
            Accounts::Sandbox(sandbox) => {
                let own = sandbox.of(tenant).context("the sandbox's tenant could not be opened")?;
                let own = own.ok_or_else(|| anyhow!("the sandbox has no tenant `{tenant}`"))?;
                let mut session = self.base.session(tokens_of(&own)?, stop)?;
                session.clock.ahead = own.ahead();
                Ok(session)
            }
            Accounts::SignIn { sign_in, kept, azure_config_root } => {
                let config = azure_config_root.as_deref().map(|root| azure_config(root, tenant));
                let mut own = SignIn::clone(sign_in);
                let found = KeptSignIns::pick_of(kept, Some(tenant), &own.authority());
                own.environment = own.environment.with_kept(found).of_fleet(tenant, config);
                self.base.session(Credentials::choose(own).map_err(not_a_token)?, stop)
            }
        }
    }
}
