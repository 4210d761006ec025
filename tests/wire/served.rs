//! A server that gives canned answers and keeps what it was sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use sspr::client::{Cloud, Credentials, Endpoints, TenantReader, TenantWriter, connect};
use tokio::net::TcpListener;

/// A request as it arrived: `METHOD target`, headers as `name: value`, body.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub line: String,
    pub headers: Vec<String>,
    pub body: String,
}

pub struct Served {
    pub reader: TenantReader,
    pub writer: TenantWriter,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Served {
    /// Answers every request with one status, content type and body.
    pub async fn always(status: u16, content_type: &'static str, body: &'static str) -> Self {
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let kept = Arc::clone(&arrived);
        let answer = move |request: Request| async move {
            let (parts, sent) = request.into_parts();
            let bytes = axum::body::to_bytes(sent, 1 << 20).await.unwrap();
            let headers =
                parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
            kept.lock().unwrap().push(Arrived {
                line: format!("{} {}", parts.method, parts.uri),
                headers: headers.collect(),
                body: String::from_utf8(bytes.to_vec()).unwrap(),
            });
            let response = Response::builder().status(status).header("content-type", content_type);
            response.header("request-id", "service-request-id").body(Body::from(body)).unwrap()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let endpoints = Endpoints::new(Cloud::Public, Some(&root), Some(&root)).unwrap();
        let credentials = Credentials::ready("graph-token".into(), "portal-token".into()).unwrap();
        let (reader, writer) = connect(&endpoints, credentials, &crate::common::conduct()).unwrap();
        Self { reader, writer, arrived }
    }

    /// Returns the only request that arrived.
    pub fn the_request(&self) -> Arrived {
        let arrived = self.arrived.lock().unwrap();
        let [request] = &arrived[..] else { panic!("one request, not {arrived:?}") };
        request.clone()
    }
}

impl Arrived {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|header| header.strip_prefix(name)?.strip_prefix(": "))
    }
}
