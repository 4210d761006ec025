//! The sandbox's HTTP API, with wire types of its own.
//! `graph` and `portal` are the two APIs, `odata` is how Graph is asked and answers, `middleware` stands before both.

mod authority;
mod batch;
mod graph;
mod faulty_stream;
mod middleware;
mod odata;
mod portal;
mod portal_body;
mod surface;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::batch::{InBatch, batch};
use self::faulty_stream::{ConnectionKiller, FaultyListener};
use self::middleware::{Answers, find_tenant, identify, latency, record, spell, stand_in_the_way, unknown};
use self::odata::{Scheme, Version};
use self::surface::Surface;
use super::shared::{Shared, Tenants};

#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// The authority to trust, as PEM, where TLS is spoken.
    pub(crate) authority: Option<String>,
    pub(crate) serving: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Serves the state until the task ends.
///
/// # Errors
/// The address could not be bound, or no certificate be made.
pub(crate) async fn serve(address: SocketAddr, tenants: Tenants, speaks_tls: bool) -> io::Result<Served> {
    let (tls, authority) = if speaks_tls { Some(tls::make()?) } else { None }.unzip();
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let routes = routes(&tenants, tls.as_ref()).into_make_service_with_connect_info::<ConnectionKiller>();
    let serving = tokio::spawn(async move {
        // Ends with the task; there is no one to tell of an accept that failed.
        let _ = axum::serve(FaultyListener::new(listener, tls), routes).await;
    });
    Ok(Served { address, authority, serving })
}

/// From the outside in: what is measured, what has an id, whose it is, what is recorded, what goes wrong; then the parts of a batch,
/// each of which has an id and may go wrong by itself; then the one spelling of a path, and its route.
fn routes(tenants: &Tenants, tls: Option<&TlsAcceptor>) -> Router {
    let answers = Answers::default();
    Router::new()
        .fallback_service(surfaces())
        .layer(from_fn(spell))
        .layer(from_fn_with_state(answers.clone(), part_in_the_way))
        .layer(from_fn(identify))
        .layer(from_fn(batch))
        .layer(from_fn_with_state(answers, stand_in_the_way))
        .layer(from_fn(record))
        .layer(from_fn_with_state(tenants.clone(), find_tenant))
        .layer(from_fn(identify))
        .layer(from_fn_with_state(Arc::clone(tenants.traffic()), latency))
        .layer(Extension(Scheme(if tls.is_some() { "https" } else { "http" })))
}

/// What goes wrong for a part of a batch; other requests have been there already.
async fn part_in_the_way(answers: State<Answers>, shared: Shared, request: Request, next: Next) -> Response {
    match request.extensions().get::<InBatch>() {
        Some(_) => stand_in_the_way(answers, shared, request, next).await,
        None => next.run(request).await,
    }
}

fn surfaces() -> Router {
    Router::new()
        .nest("/v1.0", graph::routes())
        .nest("/beta", graph::beta_routes().layer(Extension(Version::Beta)))
        .nest("/api", portal::routes())
        .merge(authority::routes())
        .fallback(|request| unknown(Surface::Graph, request))
}
