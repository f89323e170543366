//! [`listen`]: accepts connections, at most a number of them, each with a limit of time for the headers of a request.
//!
//! *Why not `axum::serve`:* it has neither, so that a thousand connections that send nothing would keep it from answering.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::counters::Counters;

/// The most connections at once.
pub(crate) const CONNECTIONS: usize = 4096;

/// How long the headers of a request may take; also how long a connection may wait for its next one.
const HEADERS: Duration = Duration::from_secs(10);

/// How long a request may still take when the server stops.
const LAST: Duration = Duration::from_secs(5);

/// The pause after the system has refused a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Who sends a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Answers requests until the server stops; at most [`CONNECTIONS`] at once.
pub(crate) async fn listen(
    listener: TcpListener,
    app: Router,
    counters: Arc<Counters>,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = stops(&mut stopping) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stops(&mut stopping) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (app, stopping, counters) = (app.clone(), stopping.clone(), Arc::clone(&counters));
                tokio::spawn(async move {
                    Counters::one(&counters.connections);
                    serve(stream, peer, app, stopping).await;
                    counters.connections.fetch_sub(1, Ordering::Relaxed);
                    drop(place);
                });
            }
            // The connection was given up before it was accepted, or no more files can be opened at the moment.
            Err(why) => {
                Counters::one(&counters.connections_failed);
                tracing::warn!(%why, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(LAST, places.acquire_many(all)).await;
}

/// Answers the requests of one connection.
async fn serve(stream: TcpStream, peer: SocketAddr, app: Router, mut stopping: watch::Receiver<bool>) {
    // Answers are small and complete: they are not kept back.
    let _ = stream.set_nodelay(true);
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(PeerAddress(peer));
        app.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // What goes wrong with a connection is the concern of its other end.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stops(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Returns when the server stops.
async fn stops(stopping: &mut watch::Receiver<bool>) {
    // The sender lives as long as the server.
    let _ = stopping.wait_for(|stops| *stops).await;
}
