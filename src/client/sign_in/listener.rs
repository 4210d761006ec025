//! Where the browser comes back to: a listener on this machine alone, for one sign-in.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::callback::{self, Answer, Came, Expected, Page};

/// No answer of a sign-in is as long, in bytes.
const LONGEST: usize = 64 * 1024;
/// How long the rest of a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the last page may take to get to the browser.
const GOODBYE: Duration = Duration::from_secs(2);
/// How often another port is tried where someone has the same one of the other kind of address.
const TRIES: u32 = 8;

/// Waits for one sign-in. Dropped, it listens no longer.
#[derive(Debug)]
pub(super) struct CallbackListener {
    port: u16,
    answers: mpsc::Receiver<(Came, oneshot::Sender<Page>)>,
    closing: watch::Sender<bool>,
    servers: JoinSet<io::Result<()>>,
}

/// The browser's window, which waits to be told how it ended.
#[derive(Debug)]
pub(super) struct OpenPage {
    page: oneshot::Sender<Page>,
    listener: CallbackListener,
}

#[derive(Clone, Debug)]
struct Shared {
    expected: Expected,
    answers: mpsc::Sender<(Came, oneshot::Sender<Page>)>,
}

impl CallbackListener {
    /// Listens on a free port of this machine, for answers with this state.
    ///
    /// # Errors
    /// This machine gives no port.
    pub(super) async fn start(state: String) -> io::Result<Self> {
        let (listeners, port) = bind().await?;
        // One answer counts; a second finds the place taken.
        let (sender, answers) = mpsc::channel(1);
        let (closing, _) = watch::channel(false);
        let shared = Arc::new(Shared { expected: Expected { state, port }, answers: sender });
        let mut servers = JoinSet::new();
        for listener in listeners {
            let mut closed = closing.subscribe();
            let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
            let server = axum::serve(listener, router).with_graceful_shutdown(async move {
                let _ = closed.wait_for(|is_closing| *is_closing).await;
            });
            servers.spawn(async move { server.await });
        }
        Ok(Self { port, answers, closing, servers })
    }

    /// Returns the address the browser is sent back to. It is registered without the port (RFC 8252, 7.3), and by
    /// name: Entra takes no `http://127.0.0.1`.
    pub(super) fn redirect(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for this sign-in's answer, however much else comes.
    pub(super) async fn wait(mut self) -> Option<(Came, OpenPage)> {
        let (came, page) = self.answers.recv().await?;
        self.answers.close();
        Some((came, OpenPage { page, listener: self }))
    }
}

impl OpenPage {
    /// Shows the browser the last page, and waits until it is there.
    pub(super) async fn show(self, page: Page) {
        let Self { page: waiting, mut listener } = self;
        // The window may be closed already.
        let _ = waiting.send(page);
        listener.closing.send_replace(true);
        let over = async { while listener.servers.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GOODBYE, over).await;
    }
}

/// Takes one free port for both of this machine's addresses: a browser may try either first, and no one else can then
/// listen at the other.
async fn bind() -> io::Result<(Vec<TcpListener>, u16)> {
    for _ in 0..TRIES {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        match TcpListener::bind(("::1", port)).await {
            Ok(other) => return Ok((vec![listener, other], port)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            // A machine without that kind of address has no one on it either.
            Err(_) => return Ok((vec![listener], port)),
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, LONGEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return shown(Page::TOO_MUCH),
        Err(_) => return shown(Page::TOO_SLOW),
    };
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let request = callback::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        host: header(HOST),
        content_type: header(CONTENT_TYPE),
        body: &body,
    };
    match callback::answer(&request, &shared.expected) {
        Answer::Page(page) => shown(page),
        Answer::Suspicious(page, message) => {
            tracing::warn!("sign-in: {message}; still waiting for the sign-in");
            shown(page)
        }
        Answer::Ours(came) => shown(finish(&shared, came).await),
    }
}

/// Hands this sign-in's answer over, and waits for what becomes of it.
async fn finish(shared: &Shared, came: Came) -> Page {
    let (page, shown) = oneshot::channel();
    match shared.answers.try_send((came, page)) {
        Ok(()) => shown.await.unwrap_or(Page::REFUSED),
        Err(_) => Page::TOO_LATE,
    }
}

fn shown(page: Page) -> Response {
    let mut response = Response::new(Body::from(page.html()));
    *response.status_mut() = axum::http::StatusCode::from_u16(page.status).unwrap_or_default();
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (CONNECTION, "close"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    async fn ask(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // What was not read of a request too long resets the connection.
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    fn form(port: u16, body: &str) -> String {
        format!(
            "POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn silent_slow_long_and_wrong_requests_do_not_keep_the_right_one_away() {
        let listener = CallbackListener::start("right".to_owned()).await.unwrap();
        let port = listener.port;
        let waiting = tokio::spawn(listener.wait());
        let _silent = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut slow = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        slow.write_all(b"POST / HTTP/1.1\r\nHost: localhost").await.unwrap();
        assert!(ask(port, &form(port, "code=x&state=wrong")).await.starts_with("HTTP/1.1 400"));
        let long = ask(port, &form(port, &"x".repeat(LONGEST + 1))).await;
        assert!(long.is_empty() || long.starts_with("HTTP/1.1 413"), "{long}");
        let favicon = format!("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        assert!(ask(port, &favicon).await.starts_with("HTTP/1.1 404"));
        let browser = tokio::spawn(async move { ask(port, &form(port, "code=the-code&state=right")).await });
        let (came, page) = waiting.await.unwrap().unwrap();
        let Came::Code(code) = came else { panic!("{came:?}") };
        assert_eq!(code.expose_secret(), "the-code");
        // The browser waits until it is known how it ended; whoever comes meanwhile is told that it is over.
        assert!(ask(port, &form(port, "code=second&state=right")).await.starts_with("HTTP/1.1 409"));
        page.show(Page::DONE).await;
        let shown = browser.await.unwrap();
        assert!(shown.starts_with("HTTP/1.1 200") && shown.contains("Signed in to sspr"), "{shown}");
        assert!(!shown.contains("the-code"), "{shown}");
        assert!(shown.contains("content-security-policy: default-src 'none'"), "{shown}");
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }

    #[tokio::test]
    async fn both_addresses_of_this_machine_are_taken() {
        let listener = CallbackListener::start("s".to_owned()).await.unwrap();
        assert!(TcpListener::bind(("127.0.0.1", listener.port)).await.is_err());
        if TcpListener::bind("[::1]:0").await.is_ok() {
            assert!(TcpListener::bind(("::1", listener.port)).await.is_err());
        }
    }
}
