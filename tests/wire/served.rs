//! A server that gives canned answers and keeps what it was sent.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use sspr::client::{ClientConfig, Cloud, Credentials, Endpoints, TenantReader, TenantWriter, connect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
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
        Self::serving(crate::common::config(), status, content_type, move |_, _| body.to_owned()).await
    }

    /// Answers every request with JSON made of its target and the root of the server.
    pub async fn answering(
        config: ClientConfig,
        answer: impl Fn(&str, &str) -> String + Clone + Send + Sync + 'static,
    ) -> Self {
        Self::serving(config, 200, "application/json", answer).await
    }

    async fn serving(
        config: ClientConfig,
        status: u16,
        content_type: &'static str,
        answer: impl Fn(&str, &str) -> String + Clone + Send + Sync + 'static,
    ) -> Self {
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let kept = Arc::clone(&arrived);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let own_root = root.clone();
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
            let body = answer(&parts.uri.to_string(), &own_root);
            let response = Response::builder().status(status).header("content-type", content_type);
            response.header("request-id", "service-request-id").body(Body::from(body)).unwrap()
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let (reader, writer) = connected(&root, &config);
        Self { reader, writer, arrived }
    }

    /// Returns the requests that arrived.
    pub fn requests(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
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

fn connected(root: &str, config: &ClientConfig) -> (TenantReader, TenantWriter) {
    let endpoints = Endpoints::new(Cloud::Public, Some(root), Some(root)).unwrap();
    let credentials = Credentials::ready("graph-token".into(), "portal-token".into()).unwrap();
    connect(&endpoints, credentials, config).unwrap()
}

/// A server that answers with bytes no well-behaved one would send.
pub struct Raw {
    pub reader: TenantReader,
}

/// What a [`Raw`] server sends: once, and then again and again until no one takes it.
#[derive(Clone)]
pub struct Bytes {
    first: Vec<u8>,
    again: Vec<u8>,
}

impl Raw {
    pub async fn start(config: ClientConfig, bytes: Bytes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let bytes = bytes.clone();
                tokio::spawn(async move {
                    let mut request = [0; 8192];
                    let mut is_wanted = connection.read(&mut request).await.is_ok_and(|read| read > 0);
                    is_wanted &= connection.write_all(&bytes.first).await.is_ok();
                    while is_wanted && !bytes.again.is_empty() {
                        is_wanted = connection.write_all(&bytes.again).await.is_ok();
                    }
                    // Open until the client has had enough.
                    while is_wanted {
                        is_wanted = connection.read(&mut request).await.is_ok_and(|read| read > 0);
                    }
                });
            }
        });
        Self { reader: connected(&root, &config).0 }
    }

    fn head(fields: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{fields}\r\n\r\n").into_bytes()
    }

    /// An answer that says how long it is, and begins.
    pub fn announcing(length: u64) -> Bytes {
        let first = [Self::head(&format!("content-length: {length}")), b"{".to_vec()].concat();
        Bytes { first, again: Vec::new() }
    }

    /// An answer that never ends.
    pub fn endless() -> Bytes {
        let again = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        Bytes { first: Self::head("transfer-encoding: chunked"), again }
    }

    /// An answer that is small, and unpacks to this many blanks.
    pub fn bomb(blanks: usize) -> Bytes {
        // RFC 1951, 3.2.6: one block with fixed codes, a blank, and then "the last byte 258 times" in 13 bits each.
        let (mut packed, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
        let mut put = |code: u32, length: u32| {
            // Codes go in from their highest bit on, into bytes from their lowest on.
            for at in (0..length).rev() {
                bits |= (code >> at & 1) << held;
                held += 1;
                if held == 8 {
                    packed.push(bits as u8);
                    (bits, held) = (0, 0);
                }
            }
        };
        put(0b1_10, 3);
        put(0x30 + u32::from(b' '), 8);
        for _ in 0..blanks / 258 {
            put(0b1100_0101, 8);
            put(0, 5);
        }
        put(0, 7);
        put(0, 7);
        let body = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &packed].concat();
        let head = Self::head(&format!("content-encoding: gzip\r\ncontent-length: {}", body.len()));
        Bytes { first: [head, body].concat(), again: Vec::new() }
    }
}
