//! The sandbox's HTTP API, with wire types of its own.
//! `graph` and `portal` are the two APIs, `odata` is how Graph is asked and answers, `middleware` stands before both.

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

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use self::batch::{InBatch, batch};
use self::faulty_stream::{ConnectionKiller, FaultyListener};
use self::middleware::{Way, identify, latency, record, spell, stand_in_the_way, unknown};
use self::odata::{Scheme, Version};
use self::surface::Surface;
use super::shared::Shared;

#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    /// The authority to trust, as PEM, where TLS is spoken.
    pub(crate) authority: Option<String>,
    pub(crate) serving: JoinHandle<()>,
}

/// Serves the state until the task ends.
///
/// # Errors
/// The address could not be bound, or no certificate be made.
pub(crate) async fn serve(address: SocketAddr, shared: Shared, speaks_tls: bool) -> io::Result<Served> {
    let (tls, authority) = if speaks_tls { Some(tls::make()?) } else { None }.unzip();
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let routes = routes(shared, tls.as_ref()).into_make_service_with_connect_info::<ConnectionKiller>();
    let serving = tokio::spawn(async move {
        // Ends with the task; there is no one to tell of an accept that failed.
        let _ = axum::serve(FaultyListener::new(listener, tls), routes).await;
    });
    Ok(Served { address, authority, serving })
}

/// From the outside in: what is measured, what has an id, what is recorded, what goes wrong; then the parts of a batch,
/// each of which has an id and may go wrong by itself; then the one spelling of a path, and its route.
fn routes(shared: Shared, tls: Option<&TlsAcceptor>) -> Router {
    let way = Way::of(shared.clone());
    Router::new()
        .fallback_service(surfaces(&shared))
        .layer(from_fn(spell))
        .layer(from_fn_with_state(way.clone(), part_in_the_way))
        .layer(from_fn(identify))
        .layer(from_fn_with_state(shared.clone(), batch))
        .layer(from_fn_with_state(way, stand_in_the_way))
        .layer(from_fn_with_state(shared.clone(), record))
        .layer(from_fn(identify))
        .layer(from_fn_with_state(shared, latency))
        .layer(Extension(Scheme(if tls.is_some() { "https" } else { "http" })))
}

/// What goes wrong for a part of a batch; other requests have been there already.
async fn part_in_the_way(way: State<Way>, request: Request, next: Next) -> Response {
    match request.extensions().get::<InBatch>() {
        Some(_) => stand_in_the_way(way, request, next).await,
        None => next.run(request).await,
    }
}

fn surfaces(shared: &Shared) -> Router {
    Router::new()
        .nest("/v1.0", graph::routes(shared))
        .nest("/beta", graph::beta_routes(shared).layer(Extension(Version::Beta)))
        .nest("/api", portal::routes(shared))
        .fallback(|request| unknown(Surface::Graph, request))
        .with_state(shared.clone())
}
