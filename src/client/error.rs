//! What a request can meet, as meanings a caller can branch on.

use std::fmt;

use reqwest::{Method, StatusCode};

use crate::tenant::{PolicyError, Surface};

/// Which request: enough for an administrator, and for Microsoft support, to find it again.
/// The query is left out: it can hold people's names.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) surface: Surface,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) client_request_id: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { surface, method, url, client_request_id: _ } = self;
        write!(f, "{surface}: {method} {url}")
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
    /// The service refused the token (401) or its rights (403). The user's or the tenant's to mend.
    #[error("{call} was refused with {status}{detail} (client-request-id {})", call.client_request_id)]
    Denied {
        /// The request.
        call: Box<Call>,
        /// 401 or 403.
        status: StatusCode,
        /// What the service said.
        detail: Box<ServiceDetail>,
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
    /// No answer came, or not all of it. The network's.
    #[error("{call} got no answer (client-request-id {})", call.client_request_id)]
    Unreachable {
        /// The request.
        call: Box<Call>,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// A success whose content is not what the service promises. The service's, or something between.
    #[error("{call} was answered with something unexpected: {problem} (client-request-id {})", call.client_request_id)]
    Unreadable {
        /// The request.
        call: Box<Call>,
        /// What came instead.
        problem: String,
    },
    /// The policy object is not one this tool may touch.
    #[error("portal: the answer cannot be used")]
    Policy(#[from] PolicyError),
    /// No HTTP client could be made on this machine.
    #[error("no HTTP client could be set up on this machine")]
    NoClient(#[source] reqwest::Error),
}

/// The service's own words: its error code, message and request id, where it gave them.
#[derive(Clone, Debug, Default)]
pub struct ServiceDetail {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

impl fmt::Display for ServiceDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, message, request_id } = self;
        for part in [code, message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        match request_id {
            Some(id) => write!(f, " (request-id {id})"),
            None => Ok(()),
        }
    }
}

impl ClientError {
    fn surface(&self) -> Surface {
        match self {
            Self::NotSignedIn { surface, .. } => *surface,
            Self::Denied { call, .. }
            | Self::Status { call, .. }
            | Self::Unreachable { call, .. }
            | Self::Unreadable { call, .. } => call.surface,
            Self::Policy(_) | Self::NoClient(_) => Surface::Portal,
        }
    }

    /// Returns whether signing in (differently) is what it takes.
    pub fn is_sign_in(&self) -> bool {
        matches!(self, Self::NotSignedIn { .. } | Self::Denied { .. })
    }

    /// Returns whether a write that ended like this certainly changed nothing.
    pub fn is_certainly_unwritten(&self) -> bool {
        match self {
            Self::NotSignedIn { .. } | Self::Denied { .. } | Self::NoClient(_) => true,
            Self::Status { status, .. } => status.is_client_error() && *status != StatusCode::REQUEST_TIMEOUT,
            Self::Unreachable { source, .. } => source.is_connect(),
            Self::Unreadable { .. } | Self::Policy(_) => false,
        }
    }

    /// Returns the status of a "not found", which some callers read as an answer.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Returns what to do next.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::NotSignedIn { .. } | Self::Denied { .. } => match self.surface() {
                Surface::Portal => {
                    "the portal surface takes a person's sign-in with the role Authentication Policy Administrator: \
                     run `az login`, then `az account get-access-token --resource \
                     74658136-14ec-4630-ad9b-26e160ff0fc6`, or set SSPR_PORTAL_TOKEN"
                }
                Surface::Graph => {
                    "run `az login` in this tenant, or set SSPR_GRAPH_TOKEN to a token with \
                     Organization.Read.All and GroupMember.Read.All"
                }
            },
            Self::Unreachable { .. } => {
                "check the network, the proxy (HTTPS_PROXY, NO_PROXY) and the host name"
            }
            Self::Unreadable { .. } => "a proxy or a sign-in page may be answering in the service's place",
            Self::Status { .. } | Self::Policy(_) => return Vec::new(),
            Self::NoClient(_) => {
                "install the operating system's CA certificates, or point SSL_CERT_FILE at them"
            }
        };
        vec![hint.to_owned()]
    }
}
