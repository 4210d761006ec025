//! Chooses the sign-in method: the one asked for, or the first that the environment has everything for.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

use super::kept_sign_ins::KeptSignIn;
use crate::tenant::Surface;
use crate::text::{shell_word, visible};

/// Why no client of a tenant's own signs in to the admin centre.
const NOT_THE_PORTALS: &str = "the admin centre takes the sign-in of Microsoft's own clients alone";
/// What a job of GitHub Actions lacks that may not have a token of its own.
pub(super) const NO_ID_TOKEN: &str = "the job lacks `permissions: id-token: write`";

/// A way to get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// A ready token in `SSPR_GRAPH_TOKEN` or `SSPR_PORTAL_TOKEN`.
    Token,
    /// An application and its secret.
    ClientSecret,
    /// An application and its certificate.
    ClientCertificate,
    /// An application trusted by way of another issuer: Kubernetes, or GitHub Actions.
    WorkloadIdentity,
    /// An application trusted by way of an Azure Pipelines service connection.
    AzurePipelines,
    /// The identity of the Azure machine this runs on.
    ManagedIdentity,
    /// The person who signed in with `sspr login`, or who signs in in a browser now.
    Browser,
    /// The person who signed in with `sspr login`, or who types a code elsewhere now.
    DeviceCode,
    /// The account signed in to the Azure CLI.
    AzureCli,
    /// The account signed in to the Azure Developer CLI.
    AzureDeveloperCli,
}

impl Auth {
    /// Every way, in the order in which they are tried.
    pub const ALL: [Self; 10] = [
        Self::Token,
        Self::ClientSecret,
        Self::ClientCertificate,
        Self::WorkloadIdentity,
        Self::AzurePipelines,
        Self::ManagedIdentity,
        Self::Browser,
        Self::DeviceCode,
        Self::AzureCli,
        Self::AzureDeveloperCli,
    ];

    /// Returns the name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::ClientSecret => "client-secret",
            Self::ClientCertificate => "client-certificate",
            Self::WorkloadIdentity => "workload-identity",
            Self::AzurePipelines => "azure-pipelines",
            Self::ManagedIdentity => "managed-identity",
            Self::Browser => "browser",
            Self::DeviceCode => "device-code",
            Self::AzureCli => "azure-cli",
            Self::AzureDeveloperCli => "azure-developer-cli",
        }
    }

    /// Returns the program that signs in, where one does.
    pub(super) fn program(self) -> Option<&'static str> {
        match self {
            Self::AzureCli => Some("az"),
            Self::AzureDeveloperCli => Some("azd"),
            _ => None,
        }
    }

    /// Returns whether it signs in an application and never a person.
    pub fn is_application(self) -> bool {
        !matches!(self, Self::Token | Self::AzureCli | Self::AzureDeveloperCli) && !self.is_own_client()
    }

    /// Returns whether it signs a person in with a client of the tenant's own, for Graph alone.
    pub fn is_own_client(self) -> bool {
        matches!(self, Self::Browser | Self::DeviceCode)
    }

    /// Returns what it needs and the environment lacks.
    pub(super) fn lacks(self, surface: Surface, environment: &Environment) -> Option<String> {
        let lacks_all = |names: &[&str]| {
            let missing: Vec<&str> =
                names.iter().copied().filter(|name| environment.get(name).is_none()).collect();
            (!missing.is_empty()).then(|| format!("no {}", missing.join(", ")))
        };
        let lacks_program =
            |name: &str| (!environment.has_program(name)).then(|| format!("no `{name}` on PATH"));
        match self {
            Self::Token => lacks_all(&[token_variable(surface)]),
            Self::ClientSecret => lacks_all(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]),
            Self::ClientCertificate => {
                lacks_all(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_CERTIFICATE_PATH"])
            }
            Self::WorkloadIdentity => {
                let application = lacks_all(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]);
                match environment.is_github() {
                    true => application,
                    false if environment.is_job_without_id_token() => Some(
                        application.map_or(NO_ID_TOKEN.to_owned(), |lack| format!("{lack}; {NO_ID_TOKEN}")),
                    ),
                    false => application.or_else(|| lacks_all(&["AZURE_FEDERATED_TOKEN_FILE"])),
                }
            }
            Self::AzurePipelines => lacks_all(&[
                "AZURESUBSCRIPTION_TENANT_ID",
                "AZURESUBSCRIPTION_CLIENT_ID",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
                "SYSTEM_ACCESSTOKEN",
                "SYSTEM_OIDCREQUESTURI",
            ]),
            Self::ManagedIdentity => {
                // A virtual machine does not announce it; asking its address elsewhere takes seconds to fail.
                lacks_all(&["IDENTITY_ENDPOINT"])
                    .map(|lack| format!("{lack} (on a virtual machine, name it explicitly)"))
            }
            Self::Browser | Self::DeviceCode => environment.kept().err(),
            Self::AzureCli | Self::AzureDeveloperCli => {
                self.program().and_then(lacks_program).or_else(|| environment.lacks_account(self))
            }
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns the variable that holds a ready token for a surface.
pub(in crate::client) fn token_variable(surface: Surface) -> &'static str {
    match surface {
        Surface::Graph => "SSPR_GRAPH_TOKEN",
        Surface::Portal => "SSPR_PORTAL_TOKEN",
    }
}

/// The variables and programs that sign-in methods need. Its `Debug` shows no value.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, SecretString>,
    programs: Vec<String>,
    /// The sign-in that `sspr login` kept, or why there is none to use.
    kept: Option<Result<KeptSignIn, String>>,
    /// The tenant that a spec names.
    named: Option<String>,
    /// Whether the tenant is one of a fleet, in which no word of the environment is the tenant's.
    is_of_fleet: bool,
    /// Where the Azure CLI keeps this tenant's account; `None` is its own place.
    pub(super) azure_config: Option<AzureConfig>,
}

/// A folder that the Azure CLI keeps accounts in (`AZURE_CONFIG_DIR`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureConfig {
    /// The folder.
    pub folder: PathBuf,
    /// Whether it is there.
    pub is_there: bool,
}

impl Environment {
    /// Names of the variables that are asked about.
    pub const VARIABLES: [&'static str; 20] = [
        "SSPR_GRAPH_TOKEN",
        "SSPR_PORTAL_TOKEN",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_AUTHORITY_HOST",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "AZURESUBSCRIPTION_TENANT_ID",
        "AZURESUBSCRIPTION_CLIENT_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        "SYSTEM_ACCESSTOKEN",
        "SYSTEM_OIDCREQUESTURI",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "GITHUB_ACTIONS",
        "TF_BUILD",
    ];
    /// Names of the programs that are asked about.
    pub const PROGRAMS: [&'static str; 2] = ["az", "azd"];

    /// Takes what was found.
    pub fn new(variables: BTreeMap<String, SecretString>, programs: Vec<String>) -> Self {
        Self { variables, programs, ..Self::default() }
    }

    /// Returns what one tenant of a fleet signs in with: the same application in each, and an account of the Azure CLI of
    /// its own where it has a folder.
    #[must_use]
    pub fn of_fleet(mut self, tenant: &str, azure_config: Option<AzureConfig>) -> Self {
        self = self.with_variable("AZURE_TENANT_ID", tenant);
        // Azure Pipelines has one of its own, by which its sign-in is known.
        let of_pipeline = "AZURESUBSCRIPTION_TENANT_ID";
        if self.get(of_pipeline).is_some() {
            self = self.with_variable(of_pipeline, tenant);
        }
        Self { named: Some(tenant.to_owned()), is_of_fleet: true, azure_config, ..self }
    }

    /// Returns the tenant that the environment itself names.
    pub(super) fn own_tenant(&self) -> Option<&str> {
        self.get("AZURE_TENANT_ID").filter(|_| !self.is_of_fleet)
    }

    /// Returns whether the tenant is one of a fleet.
    pub(super) fn is_of_fleet(&self) -> bool {
        self.is_of_fleet
    }

    /// Returns what to type to sign the Azure CLI in: to the tenant that is named, and into its folder where it has one.
    /// `more` is put behind.
    pub(super) fn az_login(&self, tenant: Option<&str>, more: &str) -> String {
        let folder = self.azure_config.as_ref().map(|config| config.folder.display().to_string());
        let folder = folder.map(|folder| match cfg!(windows) {
            true => format!("$env:AZURE_CONFIG_DIR = '{}'; ", folder.replace('\'', "''")),
            false => format!("AZURE_CONFIG_DIR={} ", shell_word(&folder)),
        });
        let tenant = tenant.map(|tenant| format!(" --tenant {}", shell_word(tenant)));
        format!("{}az login{}{more}", folder.unwrap_or_default(), tenant.unwrap_or_default())
    }

    /// Returns why the Azure CLI has no account of this tenant, where that shows without asking it.
    fn lacks_account(&self, auth: Auth) -> Option<String> {
        let config = self.azure_config.as_ref()?;
        match auth {
            Auth::AzureCli if !config.is_there => {
                Some(format!("no folder {}", visible(&config.folder.display().to_string())))
            }
            Auth::AzureDeveloperCli => {
                Some("it has one account for all tenants, and each has a folder of its own".to_owned())
            }
            _ => None,
        }
    }

    /// Takes the sign-in that is kept, or why there is none to use.
    #[must_use]
    pub fn with_kept(self, kept: Result<KeptSignIn, String>) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// Takes the tenant that a spec names.
    #[must_use]
    pub fn with_named(self, named: Option<String>) -> Self {
        Self { named, ..self }
    }

    /// Returns the tenant to sign in to, where one is named: by a spec, or else by the environment.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.named.as_deref().or(self.get("AZURE_TENANT_ID"))
    }

    /// Returns the environment with a variable set.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn kept(&self) -> Result<&KeptSignIn, String> {
        match &self.kept {
            Some(Ok(known)) => Ok(known),
            Some(Err(lacks)) => Err(lacks.clone()),
            None => Err("no sign-in is kept; `sspr login` keeps one".to_owned()),
        }
    }

    /// Returns the value of a variable that holds a secret.
    pub(super) fn secret(&self, name: &str) -> Option<&SecretString> {
        self.variables.get(name).filter(|value| !value.expose_secret().trim().is_empty())
    }

    /// Returns the value of a variable that holds no secret.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(SecretString::expose_secret)
    }

    /// Returns whether this is a job of GitHub Actions that GitHub gives no token of its own.
    fn is_job_without_id_token(&self) -> bool {
        self.get("GITHUB_ACTIONS").is_some()
            && !self.is_github()
            && self.get("AZURE_FEDERATED_TOKEN_FILE").is_none()
    }

    /// Returns whether the job's own token is all that is lacking to sign in with it.
    pub(super) fn lacks_id_token(&self) -> bool {
        let is_named = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"].iter().all(|name| self.get(name).is_some());
        is_named && self.is_job_without_id_token()
    }

    fn has_program(&self, name: &str) -> bool {
        self.programs.iter().any(|program| program == name)
    }

    /// Returns whether GitHub Actions hands out tokens here: the job has `id-token: write`.
    pub(super) fn is_github(&self) -> bool {
        ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
            .iter()
            .all(|name| self.get(name).is_some())
    }
}

/// A way that was settled on, and why the ones before it were not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub auth: Auth,
    /// The ways before it, each with what speaks against it.
    pub skipped: Vec<(Auth, String)>,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.auth.as_str())?;
        if self.skipped.is_empty() {
            return Ok(());
        }
        write!(f, " (skipped {})", list(&self.skipped))
    }
}

pub(super) fn list(skipped: &[(Auth, String)]) -> String {
    let skipped: Vec<String> = skipped.iter().map(|(auth, why)| format!("{auth}: {why}")).collect();
    skipped.join("; ")
}

/// Settles on a way for a surface: the one asked for, or else the first that has everything it needs.
///
/// # Errors
/// What each way lacks.
pub(super) fn choose(
    asked: Option<Auth>,
    surface: Surface,
    environment: &Environment,
) -> Result<Choice, Vec<(Auth, String)>> {
    if let Some(auth) = asked {
        // A machine's own identity, and programs, answer for themselves when they are asked.
        let answers = matches!(auth, Auth::ManagedIdentity | Auth::AzureCli | Auth::AzureDeveloperCli);
        let lack = match (surface, auth.is_own_client()) {
            (Surface::Portal, true) => Some(NOT_THE_PORTALS.to_owned()),
            // A person may sign in when it comes to it.
            (Surface::Graph, true) => None,
            _ if answers => environment.lacks_account(auth),
            _ => auth.lacks(surface, environment),
        };
        return match lack {
            None => Ok(Choice { auth, skipped: Vec::new() }),
            Some(lack) => Err(vec![(auth, lack)]),
        };
    }
    let mut skipped = Vec::new();
    // One that is kept serves both ways.
    for auth in Auth::ALL.into_iter().filter(|auth| *auth != Auth::DeviceCode) {
        let against = match surface {
            Surface::Portal if auth.is_application() => {
                Some("the admin centre needs a person's sign-in".to_owned())
            }
            Surface::Portal if auth.is_own_client() => Some(NOT_THE_PORTALS.to_owned()),
            _ => auth.lacks(surface, environment),
        };
        match against {
            None => return Ok(Choice { auth, skipped }),
            Some(why) => skipped.push((auth, why)),
        }
    }
    Err(skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[&str], programs: &[&str]) -> Environment {
        let variables = variables.iter().map(|name| ((*name).to_owned(), "x".into())).collect();
        Environment::new(variables, programs.iter().map(|name| (*name).to_owned()).collect())
    }

    fn picked(surface: Surface, variables: &[&str], programs: &[&str]) -> Option<Auth> {
        choose(None, surface, &environment(variables, programs)).ok().map(|choice| choice.auth)
    }

    const SECRET: [&str; 3] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

    #[test]
    fn auto_takes_the_first_way_that_has_everything() {
        let graph = |variables: &[&str], programs: &[&str]| picked(Surface::Graph, variables, programs);
        assert_eq!(graph(&[], &[]), None);
        assert_eq!(graph(&[], &["az", "azd"]), Some(Auth::AzureCli));
        assert_eq!(graph(&[], &["azd"]), Some(Auth::AzureDeveloperCli));
        assert_eq!(graph(&SECRET, &["az"]), Some(Auth::ClientSecret));
        assert_eq!(graph(&SECRET[..2], &["az"]), Some(Auth::AzureCli));
        let github = [
            "AZURE_TENANT_ID",
            "AZURE_CLIENT_ID",
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ];
        assert_eq!(graph(&github, &["az"]), Some(Auth::WorkloadIdentity));
        assert_eq!(graph(&["SSPR_GRAPH_TOKEN"], &["az"]), Some(Auth::Token));
        assert_eq!(graph(&["SSPR_PORTAL_TOKEN"], &["az"]), Some(Auth::AzureCli));
        assert_eq!(graph(&["IDENTITY_ENDPOINT"], &["az"]), Some(Auth::ManagedIdentity));
    }

    #[test]
    fn auto_never_takes_an_application_to_the_admin_centre() {
        assert_eq!(picked(Surface::Portal, &SECRET, &[]), None);
        let choice = choose(None, Surface::Portal, &environment(&SECRET, &["az"])).unwrap();
        assert_eq!(choice.auth, Auth::AzureCli);
        assert!(choice.to_string().contains("client-secret: the admin centre needs a person's"), "{choice}");
    }

    #[test]
    fn a_way_that_was_asked_for_is_taken_or_says_what_it_lacks() {
        let empty = environment(&[], &[]);
        let lacks = choose(Some(Auth::ClientSecret), Surface::Graph, &empty).unwrap_err();
        assert_eq!(list(&lacks), "client-secret: no AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET");
        assert!(choose(Some(Auth::ManagedIdentity), Surface::Graph, &empty).is_ok());
        let ready = environment(&SECRET, &["az"]);
        assert_eq!(choose(Some(Auth::AzureCli), Surface::Graph, &ready).unwrap().auth, Auth::AzureCli);
    }

    #[test]
    fn what_is_shown_of_the_environment_holds_no_value() {
        let shown = format!(
            "{:?}",
            Environment::new([("AZURE_CLIENT_SECRET".into(), "hunter2".into())].into(), vec![])
        );
        assert!(!shown.contains("hunter2") && shown.contains("AZURE_CLIENT_SECRET"), "{shown}");
    }
}
