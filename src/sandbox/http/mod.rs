//! The HTTP face of the pretend tenant, with wire types of its own: `graph` and `portal` are the two APIs,
//! `odata` is how Graph is asked and answers, and `middleware` stands in front of both.

mod graph;
mod line;
mod middleware;
mod odata;
mod portal;
mod surface;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::line::{Lines, Scissors};
use self::middleware::{Way, record, stand_in_the_way, travel, unknown};
use self::surface::Surface;
use super::state::Shared;

/// Serves the state until the task ends, and returns where.
///
/// # Errors
/// The address could not be bound.
pub(crate) async fn serve(address: SocketAddr, shared: Shared) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let routes = routes(shared).into_make_service_with_connect_info::<Scissors>();
    let serving = tokio::spawn(async move {
        // Ends with the task; there is no one to tell of an accept that failed.
        let _ = axum::serve(Lines(listener), routes).await;
    });
    Ok((address, serving))
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .nest("/v1.0", graph::routes(&shared))
        .nest("/api", portal::routes(&shared))
        .fallback(|request| unknown(Surface::Graph, request))
        .layer(from_fn_with_state(Way::of(shared.clone()), stand_in_the_way))
        .layer(from_fn_with_state(shared.clone(), record))
        .layer(from_fn_with_state(shared.clone(), travel))
        .with_state(shared)
}
