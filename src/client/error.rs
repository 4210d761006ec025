//! What can go wrong with a request, as cases that a caller can distinguish.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Method, StatusCode};

use super::Claims;
use super::cloud::Cloud;
use super::retry::FailureKind;
use super::sign_in::token_variable;
use super::token_permissions::access_to;
use crate::stop::StopReason;
use crate::tenant::graph_permissions::Access;
use crate::tenant::{Closed, Surface};

/// What to do where no certificate roots are to be had.
pub(super) const NO_ROOTS: &str = "install the operating system's CA certificates; if SSL_CERT_FILE is set, it must name a PEM file with them";

/// What to do where a host is not there.
pub(super) const NO_HOST: &str = "check the network and the proxy (HTTPS_PROXY, NO_PROXY)";

/// Returns what to do about a host's certificate, where that is what a connection failed at: rustls says so in words
/// of its own, `az` in OpenSSL's.
pub(super) fn certificate_hint(said: &str) -> Option<&'static str> {
    let is = |words: &str| said.contains(words);
    if is("UnknownIssuer") {
        return Some(
            "this machine does not trust the issuer of the host's certificate: if a proxy inspects TLS, add the proxy's CA to the operating system's certificates; on Linux, SSL_CERT_FILE can name a PEM file with it instead",
        );
    }
    if is("invalid peer certificate") {
        return Some("check this machine's clock, and whether a proxy answers instead of the host");
    }
    (is("CERTIFICATE_VERIFY_FAILED") || is("certificate verify failed")).then_some(
        "the program that signs in does not trust the issuer of the host's certificate: if a proxy inspects TLS, name a PEM file with the proxy's CA in REQUESTS_CA_BUNDLE",
    )
}

/// What Graph's services call it that a token lacks a permission.
const LACKS_PERMISSION: [&str; 5] = [
    "Authorization_RequestDenied",
    "accessDenied",
    "AccessDenied",
    "Authentication_MSGraphPermissionMissing",
    "PermissionScopeNotGranted",
];

/// Returns what to do where Graph refuses a path: what that path takes.
fn forbidden(access: Option<&Access>) -> String {
    let Some(access) = access else {
        return "`sspr doctor` says which permissions this sign-in lacks".to_owned();
    };
    let (verb, what, permission) = (access.verb(), access.what, access.permission.name);
    let takes = format!("to {verb} {what} takes {permission}, and of a person a role that may do it");
    match access.is_open_to_azure_cli() {
        true => format!("{takes}; `sspr doctor` says what this sign-in has"),
        false => format!(
            "{takes}; the Azure CLI's sign-in never has it, that of `sspr login` can (`sspr login --setup`, once in a tenant)"
        ),
    }
}

fn service(surface: Surface) -> &'static str {
    match surface {
        Surface::Graph => "Microsoft Graph",
        Surface::Portal => "the admin centre",
    }
}

/// Returns what to do where a ready token is not taken.
fn without_ready_token(surface: Surface) -> String {
    let variable = token_variable(surface);
    let unset = match cfg!(windows) {
        true => format!("Remove-Item Env:{variable}"),
        false => format!("unset {variable}"),
    };
    format!("`{unset}`, and sspr signs in without it; or set it to a new token for {}", service(surface))
}

/// What to do where this machine lets the program open no more files and connections.
const NO_FILES: &str = "sspr reached the limit on open files: raise it, for example with `ulimit -n 1024`";

/// Returns whether this machine, and not the network, is why a connection was not made: `EMFILE`, `ENFILE`, and what
/// Windows has for them.
fn is_out_of_files(error: &(dyn std::error::Error + 'static)) -> bool {
    const CODES: [i32; 2] = if cfg!(windows) { [10024, 4] } else { [24, 23] };
    std::iter::successors(Some(error), |error| error.source()).any(|error| {
        let code = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error);
        code.is_some_and(|code| CODES.contains(&code))
    })
}

/// Returns an error and its causes in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

/// Returns why a connection was not made, in a few words.
fn unreachable(source: &(dyn std::error::Error + 'static)) -> String {
    use std::io::ErrorKind;
    let causes = || std::iter::successors(Some(source), |cause| cause.source());
    if causes().any(|cause| cause.to_string() == "dns error") {
        return "its name cannot be resolved".to_owned();
    }
    match causes().find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => "it refuses the connection".to_owned(),
        Some(ErrorKind::TimedOut) => "it does not answer".to_owned(),
        Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable) => {
            "this machine has no way there".to_owned()
        }
        _ => causes().last().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Which request: enough for an administrator, and for Microsoft support, to find it again.
/// The query is left out: it can hold people's names.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) surface: Surface,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) client_request_id: String,
    /// How often it was sent, this time included.
    pub(super) attempts: u32,
}

impl Call {
    /// Returns the host that was asked, with its port where it has one.
    fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// Returns whether the host is one of Microsoft's own.
    fn is_microsofts(&self) -> bool {
        Cloud::ALL
            .iter()
            .any(|cloud| [cloud.graph(), cloud.portal()].iter().any(|root| self.url.starts_with(root)))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { surface, method, url, client_request_id: _, attempts } = self;
        write!(f, "{surface}: {method} {url}")?;
        if *attempts > 1 { write!(f, " (attempt {attempts})") } else { Ok(()) }
    }
}

#[cfg(test)]
impl Call {
    pub(super) fn example() -> Self {
        Self {
            surface: Surface::Graph,
            method: Method::GET,
            url: "https://graph.microsoft.com/v1.0/organization".to_owned(),
            client_request_id: "id".to_owned(),
            attempts: 1,
        }
    }
}

/// Why a surface did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No token for this surface. The user's to mend.
    #[error("{surface}: not signed in")]
    NotSignedIn {
        /// The surface without a token.
        surface: Surface,
        /// What the sign-in said.
        source: super::SignInError,
    },
    /// The token lacks a permission that a path needs, so Graph was not asked. The user's to mend.
    #[error("graph: {} was not asked for: this sign-in may not {} it ({})", .access.what, .access.verb(), .access.permission.name)]
    Unpermitted {
        /// The path.
        access: &'static Access,
    },
    /// The service refused the token (401, the admin centre 400) or its rights (403). The user's or the tenant's to mend.
    #[error("{call} was refused with {status}{detail} (client-request-id {})", call.client_request_id)]
    Denied {
        /// The request.
        call: Box<Call>,
        /// 401 or 403; 400 where the admin centre says so of a token.
        status: StatusCode,
        /// What the service said.
        detail: Box<ServiceDetail>,
        /// What becomes of the token.
        token: RefusedToken,
    },
    /// Any other answer that is not a success. The service's or ours.
    #[error("{call} was answered with {status}{detail} (client-request-id {})", call.client_request_id)]
    Status {
        /// The request.
        call: Box<Call>,
        /// The answer's status.
        status: StatusCode,
        /// What the service said.
        detail: Box<ServiceDetail>,
    },
    /// No answer came. The network's.
    #[error("{call} got no answer (client-request-id {})", call.client_request_id)]
    Unreachable {
        /// The request.
        call: Box<Call>,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// An answer began and did not end, or could not be unpacked. The network's.
    #[error("{call} was answered with {status}, but the answer broke off (client-request-id {})", call.client_request_id)]
    BrokenOff {
        /// The request.
        call: Box<Call>,
        /// The answer's status.
        status: StatusCode,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// The run was asked to end. The person's, or the clock's.
    #[error("{call} was cancelled: {reason}")]
    Stopped {
        /// The request that was about to be sent or was under way.
        call: Box<Call>,
        /// Who asked.
        reason: StopReason,
    },
    /// A write was under way, and the run was asked a second time to end. Whether it landed is not known.
    #[error("{call} was sent, but its answer was not awaited: {reason} while the run was ending")]
    Abandoned {
        /// The write.
        call: Box<Call>,
        /// Who asked the second time.
        reason: StopReason,
    },
    /// An answer links to a host that must not see the token. The service's, or something between.
    #[error("{surface}: the next page is on another host, {host}, so sspr did not fetch it")]
    ForeignLink {
        /// The surface that gave the link.
        surface: Surface,
        /// Where the link leads.
        host: String,
    },
    /// A success whose content is not what the service promises. The service's, or something between.
    #[error("{call} got an unexpected answer: {problem} (client-request-id {})", call.client_request_id)]
    Unreadable {
        /// The request.
        call: Box<Call>,
        /// What came instead.
        problem: String,
        /// Whether it broke on the way, so that asking again can help.
        is_broken: bool,
    },
    /// A write that was answered with a success and without the `true` that goes with it. The service's; reading back
    /// tells whether it landed.
    #[error("{call} was answered with {came} and not with `true`, so it is not taken for done (client-request-id {})", call.client_request_id)]
    Unconfirmed {
        /// The write.
        call: Box<Call>,
        /// What came instead.
        came: String,
    },
    /// A success with more in it than an answer may have. The service's, or something between.
    #[error(
        "{call} got an answer of more than {limit} bytes, so sspr did not read the rest \
         (client-request-id {})",
        call.client_request_id
    )]
    TooLarge {
        /// The request.
        call: Box<Call>,
        /// The answer's status.
        status: StatusCode,
        /// How many bytes it may have, after decompression.
        limit: usize,
    },
    /// A list that does not end. The service's, or something between.
    #[error("{call}: the list does not end: {problem} (client-request-id {})", call.client_request_id)]
    Endless {
        /// The request for the last page that was read.
        call: Box<Call>,
        /// How that was seen.
        problem: String,
    },
    /// A snapshot is read, and what is asked for was left out of it. Whoever took it can take another one.
    #[error("{surface}: not in the snapshot, because {why}")]
    LeftOut {
        /// The surface.
        surface: Surface,
        /// Why, as a clause.
        why: String,
    },
    /// A snapshot is read, and what is asked for was not asked when it was taken.
    #[error("the snapshot does not hold {what}")]
    NotInSnapshot {
        /// What was asked for, in words.
        what: String,
    },
    /// No HTTP client could be made on this machine.
    #[error("sspr could not set up an HTTP client on this machine")]
    NoClient(#[source] reqwest::Error),
}

/// What becomes of a token that the service refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedToken {
    /// The sign-in gives no other in this run.
    Kept,
    /// The next request signs in anew.
    Renewed,
    /// It was given ready, in a variable of the environment.
    Ready {
        /// When its time was over, by what it says itself; `None` where it is not, or the token does not say.
        expired: Option<Timestamp>,
    },
}

/// The service's own words: its error code, message and request id, where it gave them.
#[derive(Clone, Debug, Default)]
pub struct ServiceDetail {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// The service's own id of the request, and the header it came in.
    pub(super) request_id: Option<(&'static str, String)>,
    pub(super) retry_after: Option<Duration>,
    pub(super) redirect: Option<String>,
    /// The claims a new token has to have.
    pub(super) challenge: Option<serde_json::Value>,
    /// Whether the answer asks for a sign-in with more in it: a claims challenge.
    pub(super) is_challenge: bool,
}

impl fmt::Display for ServiceDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, message, request_id, retry_after, redirect, challenge: _, is_challenge: _ } = self;
        for part in [code, message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        if let Some(host) = redirect {
            write!(f, "; it points to {host}, and redirects are not followed")?;
        }
        if let Some(wait) = retry_after {
            write!(f, "; it asks to wait {} s", wait.as_secs())?;
        }
        match request_id {
            Some((name, id)) => write!(f, " ({name} {id})"),
            None => Ok(()),
        }
    }
}

impl ServiceDetail {
    /// Returns whether the admin centre could not act for the token's owner any more. It answers that with 400, not with
    /// 401 (facts 2026-11 F).
    pub(super) fn is_refused_token(&self) -> bool {
        self.code.as_deref().is_some_and(|code| code.starts_with("msalautherror_"))
            || self.says("AADSTS500133")
    }

    fn says(&self, word: &str) -> bool {
        [&self.code, &self.message].into_iter().flatten().any(|text| text.contains(word))
    }
}

impl ClientError {
    /// Returns whether signing in (differently) is what it takes.
    pub fn is_sign_in(&self) -> bool {
        matches!(self, Self::NotSignedIn { .. } | Self::Unpermitted { .. } | Self::Denied { .. })
            && self.lacking_licence().is_none()
    }

    /// Returns the surface this is about; `None` where it is about neither.
    pub fn surface(&self) -> Option<Surface> {
        match self {
            Self::NotSignedIn { surface, .. }
            | Self::ForeignLink { surface, .. }
            | Self::LeftOut { surface, .. } => Some(*surface),
            Self::Denied { call, .. }
            | Self::Status { call, .. }
            | Self::Unreachable { call, .. }
            | Self::BrokenOff { call, .. }
            | Self::Stopped { call, .. }
            | Self::TooLarge { call, .. }
            | Self::Endless { call, .. }
            | Self::Abandoned { call, .. }
            | Self::Unconfirmed { call, .. }
            | Self::Unreadable { call, .. } => Some(call.surface),
            Self::Unpermitted { .. } => Some(Surface::Graph),
            Self::NoClient(_) | Self::NotInSnapshot { .. } => None,
        }
    }

    /// Returns whether the admin centre refuses the sign-in: no token for it, or one it refuses.
    pub fn is_closed_portal(&self) -> bool {
        let is_closed = self.is_sign_in() || matches!(self, Self::LeftOut { .. });
        is_closed && self.surface() == Some(Surface::Portal)
    }

    /// Returns the status, where there was an answer.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Denied { status, .. } | Self::Status { status, .. } | Self::BrokenOff { status, .. } => {
                Some(*status)
            }
            _ => None,
        }
    }

    /// Returns whether no sign-in at all could help: the audience in this cloud is not known.
    pub fn is_without_audience(&self) -> bool {
        matches!(self, Self::NotSignedIn { source: super::SignInError::NoAudience { .. }, .. })
    }

    /// Returns the error in a line for whoever asks for no details: where nobody is signed in, a ready token is over, or a
    /// host is not there.
    pub fn brief(&self) -> Option<String> {
        match self {
            Self::NotSignedIn { surface, source } => {
                Some(format!("not signed in to {}{}", service(*surface), source.brief()))
            }
            Self::Denied { call, token: RefusedToken::Ready { expired: Some(at) }, .. }
                if self.is_unauthorized() =>
            {
                let (variable, service) = (token_variable(call.surface), service(call.surface));
                let at = at.strftime("%Y-%m-%d %H:%M UTC");
                Some(format!("the token in {variable} expired at {at}, and {service} no longer takes it"))
            }
            Self::Unreachable { source, .. } if is_out_of_files(source) => None,
            Self::Unreachable { call, source } => {
                Some(format!("{} cannot be reached: {}", call.host(), unreachable(source)))
            }
            _ => None,
        }
    }

    /// Returns the error and its causes in one line.
    pub fn with_causes(&self) -> String {
        chain(self)
    }

    /// Returns whether the token is not (or no longer) taken, which a new one may mend.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Denied { status, .. } if *status != StatusCode::FORBIDDEN)
    }

    /// Returns the claims that the service wants a new token to have.
    pub(super) fn challenge(&self) -> Option<serde_json::Value> {
        match self {
            Self::Denied { detail, .. } => detail.challenge.clone(),
            _ => None,
        }
    }

    /// Returns the error with the word that the next request signs in anew.
    pub(super) fn with_renewed_token(mut self) -> Self {
        if let Self::Denied { token, .. } = &mut self {
            *token = RefusedToken::Renewed;
        }
        self
    }

    /// Returns the error with the word that the token was given ready, and says that of itself.
    pub(super) fn with_ready_token(mut self, claims: &Claims) -> Self {
        if let Self::Denied { token, .. } = &mut self {
            let expires = claims.expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
            *token = RefusedToken::Ready { expired: expires.filter(|at| *at <= Timestamp::now()) };
        }
        self
    }

    /// Returns what this means for sending again; `None` where that is out of the question.
    pub(super) fn met(&self) -> Option<FailureKind> {
        match self {
            Self::Status { status, detail, .. } => Some(FailureKind::Status(*status, detail.retry_after)),
            // Neither is mended by the next attempt.
            Self::Unreachable { source, .. } if is_out_of_files(source) => None,
            Self::Unreachable { source, .. } if certificate_hint(&chain(source)).is_some() => None,
            Self::Unreachable { .. } | Self::BrokenOff { .. } | Self::Unreadable { is_broken: true, .. } => {
                Some(FailureKind::Lost)
            }
            _ => None,
        }
    }

    /// Returns whether a write that ended like this certainly changed nothing, because it never left this machine.
    /// Whatever was answered, the write may have been applied: reading back shows it.
    pub fn is_certainly_unwritten(&self) -> bool {
        match self {
            // A write under way is never stopped, only one that has not begun.
            Self::NotSignedIn { .. }
            | Self::Unpermitted { .. }
            | Self::Stopped { .. }
            | Self::ForeignLink { .. }
            | Self::NoClient(_) => true,
            Self::Unreachable { source, .. } => source.is_connect() || source.is_builder(),
            _ => false,
        }
    }

    /// Returns whether the service asks to come back later: with 429, or with 503 and a time.
    pub fn asks_to_wait(&self) -> bool {
        match self {
            Self::Status { status: StatusCode::TOO_MANY_REQUESTS, .. } => true,
            Self::Status { status: StatusCode::SERVICE_UNAVAILABLE, detail, .. } => {
                detail.retry_after.is_some()
            }
            _ => false,
        }
    }

    /// Returns whether the token was refused and the next request brings a new one.
    pub fn is_token_renewed(&self) -> bool {
        matches!(self, Self::Denied { token: RefusedToken::Renewed, .. })
    }

    /// Returns whether a write was answered with a success that does not say that it was made.
    pub fn is_unconfirmed(&self) -> bool {
        matches!(self, Self::Unconfirmed { .. })
    }

    /// Returns whether a write was answered with a no because it is so already: Graph's word for a member that the group
    /// has, and for the removal of one that it has not (facts 2026-11 B1).
    pub fn is_already_so(&self) -> bool {
        const THERE: &str = "added object references already exist";
        const GONE: &str = "Request_ResourceNotFound";
        let Self::Status { call, status, detail } = self else { return false };
        match *status {
            StatusCode::BAD_REQUEST => detail.message.as_ref().is_some_and(|said| said.contains(THERE)),
            StatusCode::NOT_FOUND => {
                call.method == Method::DELETE
                    && call.url.ends_with("/$ref")
                    && detail.code.as_deref() == Some(GONE)
            }
            _ => false,
        }
    }

    /// Returns whether the answer says no, and means it: 3xx or 4xx, a timeout apart.
    pub fn is_rejection(&self) -> bool {
        match self {
            Self::Denied { .. } => true,
            Self::Status { status, .. } => {
                status.is_redirection()
                    || (status.is_client_error() && *status != StatusCode::REQUEST_TIMEOUT)
            }
            _ => false,
        }
    }

    /// Returns the licence the service says the tenant lacks for what was asked, in words and with the service's own
    /// code; `None` where it says no such thing. No permission helps then.
    ///
    /// Reports and audit logs answer 403 with the first code (facts 4, 5), role eligibility with the second
    /// (<https://learn.microsoft.com/entra/id-governance/licensing-fundamentals>).
    pub fn lacking_licence(&self) -> Option<&'static str> {
        let (Self::Denied { detail, .. } | Self::Status { detail, .. }) = self else { return None };
        if detail.says("RequestFromNonPremiumTenantOrB2CTenant") {
            Some(
                "the tenant lacks Entra ID P1 or P2, or is a B2C tenant \
                 (Authentication_RequestFromNonPremiumTenantOrB2CTenant)",
            )
        } else if detail.says("AadPremiumLicenseRequired") {
            Some("the tenant lacks Entra ID P2 or Entra ID Governance (AadPremiumLicenseRequired)")
        } else {
            None
        }
    }

    /// Returns whether what came is no answer to the question: not what the service promises, however often it was asked.
    pub fn is_odd(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::TooLarge { .. } | Self::Endless { .. })
    }

    /// Returns why something was not read, in a few words, where `permission` is what reading it takes.
    pub fn reason(&self, permission: &str) -> String {
        if let Some(licence) = self.lacking_licence() {
            return licence.to_owned();
        }
        match self {
            Self::Denied { detail, .. } => match detail.code.as_deref() {
                None => permission.to_owned(),
                Some(code) if LACKS_PERMISSION.contains(&code) => permission.to_owned(),
                Some(code) => format!("{permission}; the service said {code}"),
            },
            Self::Status { status, detail, .. } => match &detail.code {
                Some(code) => format!("the service answered {status}: {code}"),
                None => format!("the service answered {status}"),
            },
            Self::Unpermitted { .. } => permission.to_owned(),
            Self::LeftOut { why, .. } => why.clone(),
            Self::Endless { .. } => "the service's list does not end".to_owned(),
            Self::TooLarge { .. } => "the service's answer is too large".to_owned(),
            Self::Unreadable { .. } => "the service's answer is not in a form sspr knows".to_owned(),
            other => other.with_causes(),
        }
    }

    /// Returns why the run was asked to end, where that is why nothing came.
    pub fn stop_reason(&self) -> Option<StopReason> {
        match self {
            Self::Stopped { reason, .. } | Self::Abandoned { reason, .. } => Some(*reason),
            _ => None,
        }
    }

    /// Returns the error of a request that is not sent again because the run was asked to end.
    pub(super) fn stopped(&self, reason: StopReason) -> Option<Self> {
        let call = match self {
            Self::Denied { call, .. } | Self::Status { call, .. } => call.clone(),
            _ => return None,
        };
        Some(Self::Stopped { call, reason })
    }

    /// Returns whether the service answered, and will not answer this: for want of a right, of a licence, or of
    /// the ability. What was asked for is unknown then.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Denied { .. } => !self.is_unauthorized(),
            Self::Unpermitted { .. } | Self::LeftOut { .. } => true,
            Self::Status { status: StatusCode::NOT_IMPLEMENTED, .. } => true,
            Self::Status { status, .. } => {
                status.is_client_error()
                    && ![StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(status)
            }
            _ => false,
        }
    }

    /// Returns what a snapshot keeps of the error; `None` where asking again could end otherwise.
    pub fn closed(&self) -> Option<Closed> {
        match self {
            Self::Denied { status, detail, .. } | Self::Status { status, detail, .. }
                if self.is_refusal() =>
            {
                Some(Closed::Refused { status: status.as_u16(), code: detail.code.clone() })
            }
            other if other.is_odd() => Some(Closed::Odd { odd: other.reason("") }),
            _ => None,
        }
    }

    /// Returns whether a snapshot is read that does not answer this.
    pub fn is_outside_the_snapshot(&self) -> bool {
        matches!(self, Self::LeftOut { .. } | Self::NotInSnapshot { .. })
    }

    /// Returns whether the service does not understand the question.
    pub fn is_bad_request(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::BAD_REQUEST)
    }

    /// Returns whether the service does not know yet what a write refers to: what was just made takes a while to be seen
    /// everywhere.
    pub fn is_missing_reference(&self) -> bool {
        let says = |detail: &ServiceDetail| detail.says("does not reference a valid application object");
        self.is_not_found() || matches!(self, Self::Status { detail, .. } if says(detail))
    }

    /// Returns the status of a "not found", which some callers read as an answer.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Returns what to do next.
    pub fn hints(&self) -> Vec<String> {
        if self.lacking_licence().is_some() {
            return vec![
                "no permission helps: the service answers this in tenants with that licence alone".to_owned(),
            ];
        }
        let in_place = "a proxy or a sign-in page may be answering instead of the service";
        let hint = match self {
            Self::NotSignedIn { surface, source } => return source.hints(*surface),
            Self::Denied { call, token: RefusedToken::Ready { expired: Some(_) }, .. }
                if self.is_unauthorized() =>
            {
                return vec![without_ready_token(call.surface)];
            }
            Self::Denied { detail, .. } if detail.says("S2S17001") => {
                "the admin centre takes a person's token, made for it, and neither an application's nor Graph's: \
                 run `az login` as a person with the role Authentication Policy Administrator, or set \
                 SSPR_PORTAL_TOKEN"
            }
            Self::Denied { detail, .. } if detail.is_challenge => {
                "continuous access evaluation (CAE): a password, a role, the network or a Conditional Access policy \
                 changed since this sign-in, and the service wants a new one before the token's time is over: run \
                 `az logout`, then `az login`; or `sspr login`, where that is how you sign in"
            }
            Self::Denied { call, token: RefusedToken::Ready { .. }, .. } if self.is_unauthorized() => {
                return vec![without_ready_token(call.surface)];
            }
            Self::Denied { detail, .. } if detail.is_refused_token() => {
                "the sign-in to the admin centre has ended: run `az login`, or set SSPR_PORTAL_TOKEN to a new token"
            }
            Self::Denied { call, .. } => match call.surface {
                Surface::Portal => {
                    "the portal surface takes a person's sign-in with the role Authentication Policy Administrator: \
                     run `az login`, then `az account get-access-token --resource \
                     74658136-14ec-4630-ad9b-26e160ff0fc6`, or set SSPR_PORTAL_TOKEN"
                }
                Surface::Graph if self.is_unauthorized() => "run `az login` in this tenant",
                Surface::Graph => return vec![forbidden(access_to(&call.method, &call.url))],
            },
            Self::Unpermitted { access } => return vec![forbidden(Some(access))],
            Self::LeftOut { .. } | Self::NotInSnapshot { .. } => {
                "take a new snapshot that has it: sspr snapshot --out FILE"
            }
            Self::Unreachable { source, .. } if is_out_of_files(source) => NO_FILES,
            Self::Unreachable { call, source }
                if certificate_hint(&chain(source)).is_none() && !call.is_microsofts() =>
            {
                let variable = match call.surface {
                    Surface::Graph => "SSPR_GRAPH_URL",
                    Surface::Portal => "SSPR_PORTAL_URL",
                };
                return vec![format!("{NO_HOST}, and the host in {variable}")];
            }
            Self::Unreachable { source, .. } | Self::BrokenOff { source, .. } => {
                certificate_hint(&chain(source)).unwrap_or(NO_HOST)
            }
            Self::Unreadable { .. }
            | Self::ForeignLink { .. }
            | Self::TooLarge { .. }
            | Self::Endless { .. } => in_place,
            Self::Status { status, .. } if status.is_redirection() => in_place,
            Self::Status { status, .. } if status.is_server_error() || status.as_u16() == 429 => {
                "the service has a problem; try again later, and give the ids above to Microsoft support"
            }
            Self::Stopped { reason, .. } if !reason.is_signal() => {
                "give the run more time with --timeout, or see with -v what takes so long"
            }
            Self::NoClient(_) => NO_ROOTS,
            Self::Status { .. }
            | Self::Abandoned { .. }
            | Self::Unconfirmed { .. }
            | Self::Stopped { .. } => {
                return Vec::new();
            }
        };
        vec![hint.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, retry_after: Option<u64>) -> ClientError {
        let (call, status) = (Box::new(Call::example()), StatusCode::from_u16(status).unwrap());
        let retry_after = retry_after.map(Duration::from_secs);
        let detail = Box::new(ServiceDetail { retry_after, ..ServiceDetail::default() });
        match status.as_u16() {
            401 | 403 => ClientError::Denied { call, status, detail, token: RefusedToken::Kept },
            _ => ClientError::Status { call, status, detail },
        }
    }

    /// Whatever was answered to a write, reading back decides; the answer only says what may come after that.
    #[test]
    fn no_answer_says_for_certain_that_a_write_did_not_land() {
        for (status, retry_after, asks_to_wait, is_rejection) in [
            (302, None, false, true),
            (400, None, false, true),
            (401, None, false, true),
            (403, None, false, true),
            (408, None, false, false),
            (409, None, false, true),
            (429, None, true, true),
            (429, Some(2), true, true),
            (500, Some(2), false, false),
            (503, None, false, false),
            (503, Some(2), true, false),
        ] {
            let error = answered(status, retry_after);
            assert!(!error.is_certainly_unwritten(), "{error}");
            assert_eq!((error.asks_to_wait(), error.is_rejection()), (asks_to_wait, is_rejection), "{error}");
        }
        let stopped = answered(429, None).stopped(StopReason::Interrupted).unwrap();
        assert!(stopped.is_certainly_unwritten());
        assert!(answered(401, None).with_renewed_token().is_token_renewed());
    }

    #[test]
    fn an_open_file_limit_is_distinguished_from_a_network_error() {
        let (out, other) = if cfg!(windows) { (10024, 10061) } else { (24, 111) };
        for (code, is_out) in [(out, true), (other, false)] {
            let inner = std::io::Error::from_raw_os_error(code);
            let nested = std::io::Error::other(Outer(inner));
            assert_eq!(is_out_of_files(&Outer(std::io::Error::from_raw_os_error(code))), is_out);
            assert_eq!(is_out_of_files(&nested), is_out);
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("error trying to connect")]
    struct Outer(#[source] std::io::Error);
}
