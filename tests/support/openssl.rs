//! Certificates as tests want them, and a real OpenSSL server that shows one.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{listens, start_server};

/// A folder with a certificate authority of its own, in `ca.pem`.
pub struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    /// `None`, with a line on stderr: this machine has no `openssl`, which is a failure in CI.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let has = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
        if has.is_err() {
            assert!(std::env::var_os("CI").is_none(), "this machine has no `openssl`");
            eprintln!("skipped: this machine has no `openssl`");
            return None;
        }
        let ca = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n[req]\ndistinguished_name=n\n[n]\n";
        std::fs::write(folder.path().join("ca.cnf"), ca).unwrap();
        let made = Self { folder };
        made.openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 20 -subj /CN=test-ca",
        );
        std::fs::write(made.path().join("index.txt"), "").unwrap();
        std::fs::write(made.path().join("serial"), "1000").unwrap();
        Some(made)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A certificate `NAME.pem` with its key `NAME.key`, for a host, from and until so many days from now.
    pub fn issue(&self, name: &str, host: &str, from: i64, until: i64) {
        self.openssl(&format!(
            "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={host} -addext subjectAltName=DNS:{host}"
        ));
        let date = |days: i64| {
            let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
            at.strftime("%Y%m%d%H%M%SZ").to_string()
        };
        self.openssl(&format!(
            "ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in {name}.csr -out {name}.pem -notext -startdate {} -enddate {}",
            date(from),
            date(until)
        ));
    }

    /// A certificate that vouches for itself.
    pub fn self_signed(&self, name: &str, host: &str) {
        self.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -days 5 -subj /CN={host} -addext subjectAltName=DNS:{host}"
        ));
    }

    fn openssl(&self, words: &str) {
        let run = Command::new("openssl").args(words.split(' ')).current_dir(self.path()).output().unwrap();
        assert!(run.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&run.stderr));
    }

    /// A server that shows this certificate; `more` are arguments of `openssl s_server`.
    pub fn server(&self, name: &str, more: &[&str]) -> TlsServer {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let launch = |port: u16| {
            Command::new("openssl")
                .args(["s_server", "-quiet", "-www", "-cert", &certificate, "-key", &key])
                .args(["-accept", &format!("127.0.0.1:{port}")])
                .args(more)
                .current_dir(self.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let (child, port) = start_server("openssl s_server", launch, listens).unwrap();
        TlsServer { child, port }
    }
}

/// A running server; ended by its process id when dropped.
pub struct TlsServer {
    child: Child,
    /// Its port.
    pub port: u16,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
