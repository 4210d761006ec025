//! From flags and environment to an open connection: the only module that reads the environment.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use etcetera::BaseStrategy;

use super::Global;
use super::login;
use super::sign_in::AuthName;
use super::signals::unless_stopped;
use super::story::has_terminal;
use crate::app::Session;
use crate::client::{
    self, Asks, Auth, ClientConfig, Cloud, Credentials, EndpointError, Endpoints, Environment, KeptSignIns,
    PortalSupport, SignIn, SignInError,
};
use crate::error::{Exit, Failure};
use crate::sandbox::Sandbox;
use crate::spec_file::{self, Spec};
use crate::store::{SharedLocks, StateDir};

/// What the environment says about where the output goes.
#[derive(Clone, Debug, Default)]
pub(super) struct OutputEnv {
    /// The root of the repository, where GitHub runs a step.
    pub(super) workspace: Option<PathBuf>,
    /// Nobody watches, even where there seems to be a terminal.
    pub(super) is_ci: bool,
    /// The terminal cannot move its cursor.
    pub(super) is_dumb: bool,
    /// The locale has no letters but those of ASCII.
    pub(super) is_ascii: bool,
    /// Whether a terminal here follows links (OSC 8).
    pub(super) follows_links: bool,
}

impl OutputEnv {
    /// Looks around. What is not text is as good as not set: nothing but looks depends on it.
    pub(super) fn detect() -> Self {
        let set = |name| variable(name).ok().flatten();
        // Windows has terminals without a name.
        let is_dumb = set("TERM").map_or(!cfg!(windows), |term| term == "dumb");
        // As the C library picks it. Where nothing is set, as on Windows, nothing is said.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let locale = locale.map(|locale| locale.to_ascii_lowercase());
        let is_plain = is_dumb || set("NO_COLOR").is_some();
        Self {
            workspace: set("GITHUB_WORKSPACE").map(PathBuf::from),
            is_ci: set("CI").is_some_and(|is_ci| is_ci != "false"),
            is_dumb,
            is_ascii: locale.is_some_and(|locale| !locale.contains("utf-8") && !locale.contains("utf8")),
            follows_links: !is_plain && supports_hyperlinks::supports_hyperlinks(),
        }
    }
}

/// An open tenant, and what it is served by.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) tenant: Session,
    /// Kept alive for as long as it is talked to.
    pub(super) _sandbox: Option<Sandbox>,
}

/// Opens the tenant the flags and the environment mean. Sends nothing yet.
/// `tenant` is the one a spec names: of several sign-ins that are kept, its own is used.
pub(super) async fn open(global: &Global, tenant: Option<&str>) -> Result<Opened, Failure> {
    if global.sandbox {
        let state = sandbox_dir()?;
        let sandbox =
            Sandbox::open(SocketAddr::from(([127, 0, 0, 1], 0)), state.join("tenant.json"), false).await;
        let sandbox = sandbox.context("the sandbox could not be started")?;
        let endpoints = Endpoints::new(Cloud::Public, Some(&sandbox.root()), Some(&sandbox.root()))
            .map_err(not_an_endpoint)?;
        let credentials = Credentials::ready(sandbox.graph_token().into(), sandbox.portal_token().into());
        let credentials = credentials.map_err(anyhow::Error::from)?;
        return connect(global, &endpoints, credentials, state, Some(sandbox));
    }
    let (graph, portal) = (variable("SSPR_GRAPH_URL")?, variable("SSPR_PORTAL_URL")?);
    let cloud = global.cloud.cloud();
    let endpoints = Endpoints::new(cloud, graph.as_deref(), portal.as_deref()).map_err(not_an_endpoint)?;
    if cloud.portal_support() != PortalSupport::Seen {
        tracing::warn!("portal: no published tool uses this API in the cloud `{}`", cloud.as_str());
    }
    check_roots()?;
    let credentials = Credentials::choose(sign_in(global, tenant)?).map_err(not_a_token)?;
    connect(global, &endpoints, credentials, state_dir()?, None)
}

fn connect(
    global: &Global,
    endpoints: &Endpoints,
    credentials: Credentials,
    state: PathBuf,
    sandbox: Option<Sandbox>,
) -> Result<Opened, Failure> {
    let mut config = ClientConfig { stop: global.stop.clone(), ..ClientConfig::default() };
    if let Some(pace) = global.pace {
        config.retry.first = Duration::from_millis(pace);
        config.reports.per = Duration::from_millis(pace);
    }
    let (reader, writer) = client::connect(endpoints, credentials, &config)?;
    let pause_between_looks = global.pace.map_or(Duration::from_secs(10), Duration::from_millis);
    let (mut state, stop) = (looked_at(state), config.stop);
    // The sandbox of this process lives in the state directory, whose own lock is all there is to it.
    if sandbox.is_none()
        && let Some(folder) = lock_dir()
    {
        let portal = endpoints.portal.host_str().unwrap_or_default();
        let port = endpoints.portal.port_or_known_default().unwrap_or_default();
        state = state.with_shared_locks(SharedLocks::new(folder, portal, port));
    }
    let (clock, is_sandbox) = (global.clock(), sandbox.is_some());
    let tenant = Session { reader, writer, state, stop, clock, pause_between_looks, is_sandbox };
    Ok(Opened { tenant, _sandbox: sandbox })
}

/// Looks at the files that certificate roots are read from, before something reads them that cannot be stopped.
fn check_roots() -> Result<(), Failure> {
    let refuse = |name: &str, path: &Path| {
        let error = anyhow::anyhow!("{name} names {}, which is not a regular file", path.display());
        Err(Failure::new(
            Exit::Failed,
            error,
            "name a file of certificates in PEM, or a folder of such files",
        ))
    };
    let is_odd = |path: &Path| path.metadata().is_ok_and(|it| !it.is_file() && !it.is_dir());
    if let Some(file) = variable("SSL_CERT_FILE")?.map(PathBuf::from).filter(|file| is_odd(file)) {
        return refuse("SSL_CERT_FILE", &file);
    }
    for folder in std::env::split_paths(&variable("SSL_CERT_DIR")?.unwrap_or_default()) {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        if let Some(odd) = std::iter::once(folder).chain(entries).find(|path| is_odd(path)) {
            return refuse("SSL_CERT_DIR", &odd);
        }
    }
    Ok(())
}

/// Returns the folders that tell whose machine this is, and what stands for them.
pub(super) fn personal_folders() -> Vec<(String, String)> {
    const FOLDERS: [(&str, &str); 4] = [
        ("LOCALAPPDATA", "%LOCALAPPDATA%"),
        ("APPDATA", "%APPDATA%"),
        ("USERPROFILE", "%USERPROFILE%"),
        ("HOME", "~"),
    ];
    let folder = |(name, shown): (&str, &str)| Some((variable(name).ok()??, shown.to_owned()));
    FOLDERS.into_iter().filter_map(folder).collect()
}

/// Returns an error where this process may open too few files: the runtime and others below us panic then.
pub(super) fn check_open_files() -> Result<(), Failure> {
    // What a run with the sandbox in it opens at once, measured, and a few more.
    const NEEDED: usize = 24;
    if cfg!(unix) {
        let opened: std::io::Result<Vec<_>> =
            std::iter::repeat_with(|| std::fs::File::open("/dev/null")).take(NEEDED).collect();
        // Whatever else is wrong with /dev/null is no matter.
        const TOO_MANY: [i32; 2] = [23, 24];
        if opened.is_err_and(|error| error.raw_os_error().is_some_and(|code| TOO_MANY.contains(&code))) {
            let error = anyhow::anyhow!("this process may not open {NEEDED} files at once, as a run needs");
            return Err(Failure::new(Exit::Failed, error, "raise the limit, such as with `ulimit -n 256`"));
        }
    }
    Ok(())
}

/// Returns what the flags and the environment say about who signs in.
pub(super) fn sign_in(global: &Global, tenant: Option<&str>) -> Result<SignIn, Failure> {
    let mut variables = BTreeMap::new();
    for name in Environment::VARIABLES {
        if let Some(value) = variable(name)? {
            variables.insert(name.to_owned(), value.into());
        }
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &str| {
        // On Windows both are scripts or programs with an ending.
        let files = ["", ".cmd", ".exe", ".bat"].map(|ending| format!("{name}{ending}"));
        std::env::split_paths(&path).any(|folder| files.iter().any(|file| folder.join(file).is_file()))
    };
    let programs = Environment::PROGRAMS.into_iter().filter(|name| is_there(name));
    let programs = programs.map(str::to_owned).collect();
    let graph = global.graph_auth.unwrap_or(global.auth).auth();
    // A client of the tenant's own opens Graph alone; the other half takes what it would take anyway.
    let both = global.auth.auth().filter(|auth| !auth.is_own_client());
    let portal = global.portal_auth.map_or(both, AuthName::auth);
    let mut sign_in =
        SignIn::new(global.cloud.cloud(), (graph, portal), Environment::new(variables, programs));
    sign_in.patience = global.sign_in_limit.map(Duration::from_millis);
    if let Some(pace) = global.pace {
        sign_in.second = Duration::from_millis(pace);
    }
    let kept = KeptSignIns::new(sign_ins_dir()?);
    let named = variable("AZURE_TENANT_ID")?.or(tenant.map(str::to_owned));
    let found = kept.pick(named.as_deref(), &sign_in.authority());
    let surroundings = Surroundings::look();
    let is_asking = match graph {
        Some(Auth::DeviceCode) => true,
        Some(Auth::Browser) => surroundings.has_terminal,
        _ => false,
    };
    if is_asking {
        let known = named.as_deref().and_then(|name| kept.find(name)).map(|known| known.client);
        let client = client_id()?.or(known);
        let opens_browser = surroundings.no_browser.is_none();
        sign_in.asks = Some(Asks { tenant: named, client, opens_browser });
    }
    sign_in.environment = sign_in.environment.with_kept(found);
    sign_in.kept = Some(kept);
    Ok(sign_in)
}

/// What `sspr login` works with.
#[derive(Debug)]
pub(super) struct LoginSetting {
    pub(super) sign_in: SignIn,
    pub(super) endpoints: Endpoints,
    pub(super) config: ClientConfig,
    pub(super) kept: KeptSignIns,
    /// The tenant that is named: by a flag, by the spec here, or by the environment.
    pub(super) tenant: Option<String>,
    /// The client that the environment names.
    pub(super) client: Option<String>,
    /// Why no browser can be opened; `None` where one can.
    pub(super) no_browser: Option<&'static str>,
}

/// Gathers what `sspr login` works with. Sends nothing yet.
pub(super) fn open_login(global: &Global, tenant: Option<&str>) -> Result<LoginSetting, Failure> {
    let spec = if tenant.is_none() { load_guard(None, global)? } else { None };
    let of_spec = spec.as_ref().and_then(Spec::tenant);
    let tenant = tenant
        .or(of_spec)
        .map(str::to_owned)
        .map_or_else(|| variable("AZURE_TENANT_ID"), |name| Ok(Some(name)))?;
    let graph = variable("SSPR_GRAPH_URL")?;
    let endpoints = Endpoints::new(global.cloud.cloud(), graph.as_deref(), None).map_err(not_an_endpoint)?;
    check_roots()?;
    Ok(LoginSetting {
        sign_in: sign_in(global, tenant.as_deref())?,
        endpoints,
        config: ClientConfig { stop: global.stop.clone(), ..ClientConfig::default() },
        kept: KeptSignIns::new(sign_ins_dir()?),
        tenant,
        client: client_id()?,
        no_browser: Surroundings::look().no_browser,
    })
}

/// What `sspr login --setup` works with.
pub(super) struct SetupSetting {
    /// The flags, with Graph's sign-in as setup takes it.
    pub(super) global: Global,
    /// The tenant that is named: by a flag, by the spec here, or by the environment.
    pub(super) tenant: Option<String>,
    /// The root of the authority.
    pub(super) authority: String,
    pub(super) kept: KeptSignIns,
}

/// Gathers what `sspr login --setup` works with. The sign-in that `sspr login` kept may not register anything, so that
/// without another word it is the Azure CLI's that does.
pub(super) fn open_setup(global: &Global, tenant: Option<&str>) -> Result<SetupSetting, Failure> {
    let spec = if tenant.is_none() { load_guard(None, global)? } else { None };
    let of_spec = spec.as_ref().and_then(Spec::tenant);
    let mut tenant = tenant.or(of_spec).map(str::to_owned);
    let mut own = global.clone();
    let authority = SignIn::new(global.cloud.cloud(), (None, None), Environment::default()).authority();
    if global.sandbox {
        let kept = KeptSignIns::new(sandbox_dir()?.join("sign-in"));
        return Ok(SetupSetting { global: own, tenant, authority, kept });
    }
    if tenant.is_none() {
        tenant = variable("AZURE_TENANT_ID")?;
    }
    if global.graph_auth.is_none() && global.auth == AuthName::Auto && variable("SSPR_GRAPH_TOKEN")?.is_none()
    {
        own.graph_auth = Some(AuthName::AzureCli);
    }
    let authority = sign_in(global, tenant.as_deref())?.authority();
    Ok(SetupSetting { global: own, tenant, authority, kept: KeptSignIns::new(sign_ins_dir()?) })
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

/// Returns where sign-ins are kept.
pub(super) fn sign_ins_dir() -> Result<PathBuf, Failure> {
    Ok(place_of_state()?.0.join("sign-in"))
}

/// What there is to sign in with, where the program runs.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// Somebody sees stderr and can type.
    pub(super) has_terminal: bool,
    /// Why no browser can be opened; `None` where one can.
    pub(super) no_browser: Option<&'static str>,
}

impl Surroundings {
    /// Looks around.
    pub(super) fn look() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let no_browser = if is_set("BROWSER") {
            None
        } else if ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].into_iter().any(is_set) {
            Some("this is a session over SSH")
        } else if cfg!(any(windows, target_os = "macos")) {
            None
        } else {
            let has_display = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(is_set);
            (!has_display).then_some("there is no display")
        };
        Self { has_terminal: has_terminal(), no_browser }
    }
}

fn not_a_token(error: SignInError) -> Failure {
    Failure::new(
        Exit::NotSignedIn,
        error.into(),
        "set SSPR_GRAPH_TOKEN and SSPR_PORTAL_TOKEN to the bare token, without quotes or `Bearer`, or unset them",
    )
}

/// Reads and checks a spec file.
pub(super) fn load_spec(path: &Path, global: &Global) -> Result<Spec, Failure> {
    Ok(spec_file::load(&name_of(path), &load_bytes(path, global)?)?)
}

/// Returns what a spec is called in a plan, which may be made on Windows and applied elsewhere: both take `/` in a path
/// from where one is.
pub(super) fn name_of(path: &Path) -> String {
    let shown = path.display().to_string();
    if cfg!(windows) && path.is_relative() { shown.replace('\\', "/") } else { shown }
}

/// Reads the spec of a command that needs none: the one it was given, or `pilot.yaml` where there is one.
pub(super) fn load_guard(given: Option<&Path>, global: &Global) -> Result<Option<Spec>, Failure> {
    let path = given.map(Path::to_owned).or_else(default_spec);
    path.as_deref().map(|path| load_spec(path, global)).transpose()
}

/// Returns the spec that a command takes which was given none and needs none.
pub(super) fn default_spec() -> Option<PathBuf> {
    Some(PathBuf::from("pilot.yaml")).filter(|path| path.exists())
}

/// Returns the files that the environment names for signing in.
pub(super) fn files_of_sign_in() -> impl Iterator<Item = PathBuf> {
    let variables = ["AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "SSL_CERT_FILE"];
    variables.into_iter().filter_map(|name| variable(name).ok().flatten()).map(PathBuf::from)
}

/// Reads a spec or a saved plan, as far as one may go.
pub(super) fn load_bytes(path: &Path, global: &Global) -> Result<Vec<u8>, Failure> {
    let named = path.to_owned();
    let shown = if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() };
    // A pipe nobody writes to is waited for, but not for ever.
    let read = unless_stopped(&global.stop, move || read_at_most(&named, spec_file::MAX_BYTES as u64 + 1));
    let read = read.map_err(anyhow::Error::from)?.map_err(Failure::stopped)?;
    read.map_err(|error| {
        let error = match error.kind() {
            std::io::ErrorKind::NotFound => anyhow::anyhow!("there is no file {shown}"),
            // Windows denies access to it, as if rights were missing.
            _ if path.is_dir() => anyhow::anyhow!("{shown} is a folder"),
            _ => anyhow::Error::from(error).context(format!("{shown} could not be read")),
        };
        Failure::new(Exit::Failed, error, "name the pilot's YAML file, or run the command in its folder")
    })
}

/// Returns whether a path stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads one byte more than a spec may have, so that a huge file is refused without being read.
fn read_at_most(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    match is_stdin(path) {
        true => std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?,
        false => std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Opens the state directory the flags and the environment mean, without a tenant.
pub(super) fn open_state(global: &Global) -> Result<StateDir, Failure> {
    Ok(looked_at(if global.sandbox { sandbox_dir()? } else { state_dir()? }))
}

/// Says where others may take records out of a state directory: what they put in is refused, each on its own.
fn looked_at(path: PathBuf) -> StateDir {
    let state = StateDir::new(path);
    if let Some(why) = state.problem() {
        tracing::warn!("the state directory {}: {why}", state.root().display());
    }
    state
}

/// Returns the folder that is this user's.
pub(super) fn profile_dir() -> Option<PathBuf> {
    etcetera::home_dir().ok()
}

/// Returns where the sandbox keeps its tenant, and the baselines of applies to it.
pub(super) fn sandbox_dir() -> Result<PathBuf, Failure> {
    Ok(state_dir()?.join("sandbox"))
}

/// Returns where every run of this user on this machine looks for locks. By the user alone: a nightly job has another
/// environment than a shell, and no `XDG_RUNTIME_DIR`.
#[cfg(unix)]
fn lock_dir() -> Option<PathBuf> {
    Some(Path::new("/tmp").join(format!("sspr-{}", rustix::process::geteuid().as_raw())))
}

/// Returns where every run of this user on this machine looks for locks.
#[cfg(not(unix))]
fn lock_dir() -> Option<PathBuf> {
    let platform = etcetera::choose_base_strategy().ok()?;
    Some(platform.cache_dir().join("sspr").join("locks"))
}

pub(super) fn state_dir() -> Result<PathBuf, Failure> {
    let (place, roaming) = place_of_state()?;
    if let Some(roaming) = roaming.filter(|roaming| cfg!(windows) && roaming.is_dir()) {
        tracing::warn!(
            "records in {} are not read: move them to {}, which stays on this machine",
            roaming.display(),
            place.display()
        );
    }
    Ok(place)
}

/// Returns the state directory; and, where nothing is said, the roaming one it might be taken for.
fn place_of_state() -> Result<(PathBuf, Option<PathBuf>), Failure> {
    if let Some(directory) = variable("SSPR_STATE_DIR")? {
        return Ok((directory.into(), None));
    }
    let platform = etcetera::choose_base_strategy().map_err(|error| {
        let error = anyhow::Error::from(error).context("there is no home directory to keep baselines in");
        Failure::new(Exit::Failed, error, "set SSPR_STATE_DIR to a directory only you can read")
    })?;
    Ok((default_state_dir(&platform), Some(platform.data_dir().join("sspr"))))
}

/// Returns where state is kept if nothing else is said. On Windows that is `%LOCALAPPDATA%`: a roaming profile would
/// carry one machine's journals to another, late and whole.
fn default_state_dir(platform: &impl BaseStrategy) -> PathBuf {
    platform.state_dir().unwrap_or_else(|| platform.cache_dir()).join("sspr")
}

/// Returns a variable's value; an empty one counts as not set.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::new(Exit::Usage, anyhow::anyhow!("{name} is not text"), "set it again, or unset it"))
        }
    }
}

fn not_an_endpoint(error: EndpointError) -> Failure {
    Failure::new(Exit::Usage, error.into(), "unset the variable to use Microsoft's public cloud")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_windows_state_stays_on_the_machine() {
        let platform = etcetera::base_strategy::Windows::new().unwrap();
        let place = default_state_dir(&platform);
        assert_eq!(place, platform.cache_dir().join("sspr"));
        assert_ne!(place, platform.data_dir().join("sspr"));
    }
}
