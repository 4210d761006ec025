//! Any body, as the answer to every read, through the production clients over loopback.
#![no_main]

use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use libfuzzer_sys::fuzz_target;
use sspr::client::{Cloud, Conduct, Credentials, Endpoints, RetryPolicy, TenantReader, connect};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

struct Bench {
    runtime: Runtime,
    reader: TenantReader,
    body: Arc<Mutex<Vec<u8>>>,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let body: Arc<Mutex<Vec<u8>>> = Arc::default();
    let served = Arc::clone(&body);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], served.lock().unwrap().clone()) };
    runtime.spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let endpoints = Endpoints::new(Cloud::Public, Some(&root), Some(&root)).unwrap();
    let credentials = Credentials::ready("graph".into(), "portal".into()).unwrap();
    let retry = RetryPolicy { attempts: 1, ..RetryPolicy::default() };
    let (reader, _) = connect(&endpoints, credentials, &Conduct { retry, ..Conduct::default() }).unwrap();
    Bench { runtime, reader, body }
});

fuzz_target!(|bytes: &[u8]| {
    *BENCH.body.lock().unwrap() = bytes.to_vec();
    let TenantReader { graph, portal, .. } = &BENCH.reader;
    BENCH.runtime.block_on(async {
        let _ = graph.fetch_organization().await;
        let _ = graph.fetch_groups_named("x").await;
        let _ = graph.fetch_group("x").await;
        let _ = graph.fetch_member_count("x").await;
        let _ = graph.fetch_methods_policy().await;
        let _ = portal.fetch_policy().await;
    });
});
