//! One server on loopback that answers every request with the body at hand, and the production clients before it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use sspr::client::{ClientConfig, Cloud, Credentials, Endpoints, Pace, RetryPolicy, TenantReader, connect};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub struct Served {
    pub runtime: Runtime,
    pub reader: TenantReader,
    root: String,
    body: Arc<Mutex<Vec<u8>>>,
}

impl Served {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let body: Arc<Mutex<Vec<u8>>> = Arc::default();
        let served = Arc::clone(&body);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let answer =
            move || async move { ([(CONTENT_TYPE, "application/json")], served.lock().unwrap().clone()) };
        runtime.spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let endpoints = Endpoints::new(Cloud::Public, Some(&root), Some(&root)).unwrap();
        let credentials = Credentials::ready("graph".into(), "portal".into()).unwrap();
        let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
        let reports = Pace { requests: 5, per: Duration::ZERO };
        let (reader, _) =
            connect(&endpoints, credentials, &ClientConfig { retry, reports, ..ClientConfig::default() })
                .unwrap();
        Self { runtime, reader, root, body }
    }

    /// Answers with these bytes from now on. `ROOT` in them stands for the server, so that a next link can lead to it.
    pub fn answer(&self, bytes: &[u8]) {
        let mut body = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(at) = rest.windows(4).position(|word| word == b"ROOT") {
            body.extend_from_slice(&rest[..at]);
            body.extend_from_slice(self.root.as_bytes());
            rest = &rest[at + 4..];
        }
        body.extend_from_slice(rest);
        *self.body.lock().unwrap() = body;
    }
}
