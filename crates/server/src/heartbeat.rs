//! [`HeartbeatCaller`]: calls an address every minute while the server is healthy, for whoever notices when that stops. Nothing that
//! runs here can say that this machine is gone.

use std::sync::Arc;
use std::time::Duration;

use rbl_project::setting::Setting;
use rbl_store::Sqlite;
use rbl_world::WebClient;

use crate::stopping::Stopping;

/// How often it is called.
const EVERY: Duration = Duration::from_mins(1);

/// The longest time of a call, in seconds.
const LONGEST: f64 = 10.0;

/// See the module.
pub(crate) struct HeartbeatCaller {
    store: Arc<Sqlite>,
    client: WebClient,
}

impl HeartbeatCaller {
    /// Calls this address. Files that it names are relative to `base`.
    pub(crate) fn new(store: Arc<Sqlite>, url: Setting, base: &std::path::Path) -> Self {
        Self { store, client: WebClient::new(url, None, base, LONGEST) }
    }

    /// Calls until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        loop {
            if let Err(why) = self.beat() {
                tracing::error!(%why, "no heartbeat");
            }
            if stopping.wait(EVERY) {
                return;
            }
        }
    }

    /// Calls once, if the journal can be written: a server that can record nothing can run nothing.
    fn beat(&self) -> Result<(), String> {
        self.store.try_write().map_err(|why| why.to_string())?;
        let answer = self.client.get("", &[]).map_err(|why| why.text.clone())?;
        if (200..300).contains(&answer.status) {
            Ok(())
        } else {
            Err(format!("the address answers with the status {}", answer.status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn it_is_called_while_the_journal_can_be_written_and_not_any_more() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ping/abc", listener.local_addr().unwrap());
        let answers = std::thread::spawn(move || {
            let mut lines = Vec::new();
            for status in ["200 OK", "500 No"] {
                let (mut connection, _) = listener.accept().unwrap();
                let mut head = [0; 1024];
                let length = connection.read(&mut head).unwrap();
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                lines.push(head.lines().next().unwrap().to_owned());
                write!(connection, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .unwrap();
            }
            lines
        });
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let store = Arc::new(Sqlite::open(&journal).unwrap());
        let heartbeat = HeartbeatCaller::new(store, Setting::Text(url), folder.path());
        assert_eq!(heartbeat.beat(), Ok(()));
        assert!(heartbeat.beat().unwrap_err().contains("status 500"));
        assert_eq!(answers.join().unwrap(), ["GET /ping/abc HTTP/1.1"; 2]);
        std::fs::rename(&journal, folder.path().join("moved")).unwrap();
        let why = heartbeat.beat().unwrap_err();
        assert!(why.contains("journal"), "{why}");
    }
}
