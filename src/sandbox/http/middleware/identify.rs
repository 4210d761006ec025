//! Gives every request an id and returns it: in the headers, and in the body of an error.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::sandbox::http::batch::InBatch;
use crate::sandbox::http::surface::Surface;

tokio::task_local! {
    static IDS: Ids;
}

/// The ids of a request: the service's, and the client's own, which is the service's where the client sent none.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) request: String,
    pub(crate) client: String,
    /// The client's own, where it sent one.
    pub(crate) from_client: Option<String>,
}

impl Ids {
    pub(crate) fn current() -> Self {
        IDS.try_with(Clone::clone).unwrap_or_else(|_| Self::new(None))
    }

    fn new(client: Option<&HeaderValue>) -> Self {
        let request = Uuid::new_v4().to_string();
        let from_client = client.and_then(|id| id.to_str().ok()).map(str::to_owned);
        Self { client: from_client.clone().unwrap_or_else(|| request.clone()), request, from_client }
    }
}

/// Gives a request its ids, and its answer too. What has some already keeps them, unless it is part of a batch.
pub(crate) async fn identify(request: Request, next: Next) -> Response {
    let is_part = request.extensions().get::<InBatch>().is_some();
    if !is_part && IDS.try_with(|_| ()).is_ok() {
        return next.run(request).await;
    }
    let surface = Surface::of(request.uri().path());
    let (mine, theirs) = match surface {
        Surface::Graph => ("request-id", "client-request-id"),
        Surface::SignIn => ("x-ms-request-id", "client-request-id"),
        Surface::Portal => ("x-ms-correlation-id", "x-ms-client-request-id"),
    };
    let ids = Ids::new(request.headers().get(theirs));
    let mut response = IDS.scope(ids.clone(), next.run(request)).await;
    for (name, id) in [(mine, ids.request), (theirs, ids.client)] {
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert(name, id);
        }
    }
    response
}
