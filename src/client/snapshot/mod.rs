//! Answers readings from a snapshot, in the place of the network: the same answers, and the same refusals.

mod recall;

use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};

pub use self::recall::SIGN_INS;
use self::recall::{Recalled, recall};
use super::answer::Answer;
use super::error::{Call, ClientError, RefusedToken, ServiceDetail};
use super::graph::GraphReader;
use super::portal::PortalReader;
use super::retry_log::RetryLog;
use super::transport::{Request, Transport};
use super::{Claims, ClientConfig, Credentials, Endpoints, TenantReader, TenantWriter};
use crate::ids::GroupId;
use crate::tenant::{Closed, MemberCounts, Snapshot, Surface};

/// What stands where an answer has the id of its request.
const NO_REQUEST: &str = "none, because it was read from a snapshot";

/// Opens a snapshot as a tenant that can be read. Nothing is ever sent, and nothing can be written.
///
/// # Errors
/// No HTTP client can be set up, although none is used.
pub fn connect_snapshot(
    snapshot: Arc<Snapshot>,
    endpoints: &Endpoints,
    config: &ClientConfig,
) -> Result<(TenantReader, TenantWriter), ClientError> {
    let (graph, portal) = (
        stored(&snapshot, Surface::Graph, endpoints, config)?,
        stored(&snapshot, Surface::Portal, endpoints, config)?,
    );
    let reader = TenantReader {
        graph: GraphReader::new(Arc::clone(&graph), config.reports),
        portal: PortalReader { transport: Arc::clone(&portal) },
    };
    Ok((reader, TenantWriter { graph, portal }))
}

fn stored(
    snapshot: &Arc<Snapshot>,
    surface: Surface,
    endpoints: &Endpoints,
    config: &ClientConfig,
) -> Result<Arc<Transport>, ClientError> {
    let root = match surface {
        Surface::Graph => &endpoints.graph,
        Surface::Portal => &endpoints.portal,
    };
    let nobody = || "snapshot".into();
    let tokens = Credentials::ready(nobody(), nobody())
        .map_err(|source| ClientError::NotSignedIn { surface, source })?;
    // Never asked; a pool for this machine alone needs no certificate roots.
    let http = config.connections.unused(config)?;
    let retries = Arc::<RetryLog>::default();
    let transport = Transport::new(surface, http, root.clone(), tokens.portal, config.clone(), retries);
    Ok(Arc::new(transport.answering_from(Arc::clone(snapshot))))
}

impl TenantReader {
    /// Reads the admin centre's half from a snapshot from here on, and Graph's as before.
    ///
    /// # Errors
    /// As [`connect_snapshot`].
    pub fn with_portal_of(
        self,
        snapshot: &Arc<Snapshot>,
        endpoints: &Endpoints,
        config: &ClientConfig,
    ) -> Result<Self, ClientError> {
        let transport = stored(snapshot, Surface::Portal, endpoints, config)?;
        Ok(Self { portal: PortalReader { transport }, ..self })
    }

    /// Returns the snapshot that a surface is read from, where it is.
    pub fn snapshot(&self, surface: Surface) -> Option<&Arc<Snapshot>> {
        self.transport(surface).snapshot()
    }
}

impl GraphReader {
    /// Returns the counts of a group's people, of a snapshot.
    ///
    /// # Errors
    /// The snapshot does not have them.
    pub fn recall_counts(&self, group: GroupId) -> Result<MemberCounts, ClientError> {
        let counts = self.snapshot().and_then(|snapshot| snapshot.counts(group)).cloned();
        let what = || format!("the counts of the people in the group {group}");
        counts.ok_or_else(|| ClientError::NotInSnapshot { what: what() })
    }

    /// Returns the snapshot that this reads, where it does.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.transport.snapshot()
    }
}

/// Returns what the sign-in that took a snapshot could do.
pub(super) fn claims(snapshot: &Snapshot) -> Claims {
    let sign_in = &snapshot.sign_in;
    Claims {
        tenant: Some(snapshot.organization.id),
        audience: sign_in.audience.clone(),
        application: sign_in.application.clone(),
        is_application: sign_in.is_application,
        permissions: sign_in.permissions.clone(),
        ..Claims::default()
    }
}

/// Returns what a snapshot has for a request.
pub(super) fn answer(
    snapshot: &Snapshot,
    surface: Surface,
    request: &Request,
    mut call: Box<Call>,
) -> Result<Answer, ClientError> {
    if request.method != Method::GET {
        let what = "what is written: it is read and nothing more".to_owned();
        return Err(ClientError::NotInSnapshot { what });
    }
    call.client_request_id = NO_REQUEST.to_owned();
    let status = |call, status: u16, code: Option<String>| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let detail = Box::new(ServiceDetail { code, ..ServiceDetail::default() });
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                ClientError::Denied { call, status, detail, token: RefusedToken::Kept }
            }
            _ => ClientError::Status { call, status, detail },
        }
    };
    match recall(snapshot, surface, &request.url) {
        Recalled::Answer(answer) => {
            let token = HeaderValue::from_static("Bearer none");
            Ok(Answer::new(call, HeaderMap::new(), answer.to_string().into_bytes(), token))
        }
        Recalled::Closed(Closed::Refused { status: code, code: word }) => Err(status(call, code, word)),
        Recalled::Closed(Closed::Odd { odd }) => {
            Err(ClientError::Unreadable { call, problem: odd, is_broken: false })
        }
        Recalled::Closed(Closed::LeftOut { left_out }) => {
            Err(ClientError::LeftOut { surface, why: left_out })
        }
        Recalled::NoSuch => Err(status(call, 404, None)),
        Recalled::NotAsked(what) => Err(ClientError::NotInSnapshot { what }),
    }
}
