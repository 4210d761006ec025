//! A connection that can be cut or held back: the faults that no HTTP answer can express.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a client may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Listens as a [`TcpListener`] does, in clear or by TLS, and hands out connections that can be cut.
pub(crate) struct FaultyListener {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Those that are being agreed on: a slow one must not hold up the next.
    handshakes: JoinSet<Option<(FaultyStream, SocketAddr)>>,
}

impl FaultyListener {
    /// Listens for connections, which are agreed on by TLS where there is what it takes.
    pub(super) fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        Self { listener, tls, handshakes: JoinSet::new() }
    }
}

#[derive(Debug)]
pub(crate) struct FaultyStream {
    stream: Box<dyn Stream>,
    killer: ConnectionKiller,
}

/// In clear, or by TLS.
trait Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl Stream for TcpStream {}
impl Stream for TlsStream<TcpStream> {}

impl FaultyStream {
    fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), killer: ConnectionKiller::default() }
    }
}

/// Cuts the connection its request came in on.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionKiller {
    /// How many bytes of the next write to hold back; 0 is none.
    held_back: Arc<AtomicUsize>,
}

impl ConnectionKiller {
    pub(crate) fn cut(&self) {
        self.held_back.store(usize::MAX, Ordering::Relaxed);
    }

    /// Lets the next answer through, except for its last bytes.
    pub(crate) fn cut_before_the_last(&self, bytes: usize) {
        self.held_back.store(bytes, Ordering::Relaxed);
    }
}

impl Listener for FaultyListener {
    type Io = FaultyStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (FaultyStream, SocketAddr) {
        loop {
            tokio::select! {
                (stream, address) = Listener::accept(&mut self.listener) => {
                    let Some(tls) = self.tls.clone() else { return (FaultyStream::new(stream), address) };
                    self.handshakes.spawn(async move {
                        let agreed = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await;
                        Some((FaultyStream::new(agreed.ok()?.ok()?), address))
                    });
                }
                Some(agreed) = self.handshakes.join_next() => {
                    if let Ok(Some(line)) = agreed {
                        return line;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, FaultyListener>> for ConnectionKiller {
    fn connect_info(stream: IncomingStream<'_, FaultyListener>) -> Self {
        stream.io().killer.clone()
    }
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let held_back = self.killer.held_back.load(Ordering::Relaxed);
        let Some(through @ 1..) = bytes.len().checked_sub(held_back) else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..through]);
        if held_back > 0 && written.is_ready() {
            self.killer.cut();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
