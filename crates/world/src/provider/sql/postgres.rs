//! `PostgreSQL`: one connection for each question, in a transaction that only reads.
//!
//! Success is the whole answer of one SELECT. Everything runs in one time: name, connection, TLS, sign-in, statement, rows. The server gets
//! nine tenths of it as its own time-out, so that it ends a statement that nobody waits for any more.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rbl_project::setting::{Seconds, Setting};
use rbl_runtime::Secrets;
use rbl_syntax::one_line;
use rbl_syntax::value::{Quantity, Reason, ReasonKind};
use rustls::ClientConfig;
use rustls::crypto::ring;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::bound::BoundQuery;
use super::cell::SqlCell;
use super::postgres_row::{PostgresParameter, read_cell};
use super::stream::{Fullness, LimitedStream};
use super::{Table, no_select, refused};
use crate::http::{TlsFiles, tls};
use crate::{secrets, socket};

/// The largest answer, in bytes.
const LIMIT: u64 = 50_000_000;

/// A database behind an address.
#[derive(Debug)]
pub(super) struct Postgres {
    url: Setting,
    password: Option<Setting>,
    tls: TlsFiles,
    timeout: Seconds,
    base: PathBuf,
}

/// Where a database is, and how it is reached.
struct PostgresTarget {
    config: Config,
    hosts: Vec<(Host, u16)>,
    tls: MakeRustlsConnect,
}

impl Postgres {
    /// The database at this address. Files are relative to `base`. Reads nothing and connects to nothing.
    pub(super) fn new(
        url: Setting,
        password: Option<Setting>,
        tls: TlsFiles,
        timeout: Seconds,
        base: &Path,
    ) -> Self {
        Self { url, password, tls, timeout, base: base.to_owned() }
    }

    /// The directory that files are relative to.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    fn target(&self, secrets: &Secrets) -> Result<PostgresTarget, Reason> {
        let url = secrets::setting(secrets, &self.url, &self.base)?;
        let (url, verifies) = plain_mode(url.trim());
        let no_address = |why: String| Reason::new(ReasonKind::Unreachable, format!("the `url` {why}"));
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(no_address("does not begin with postgres://".into()));
        }
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            no_address(format!("cannot be read: {}", one_line(&why)))
        })?;
        if let Some(written) = config.get_password() {
            secrets.hide(&String::from_utf8_lossy(written));
        }
        if let Some(password) = &self.password {
            config.password(secrets::setting(secrets, password, &self.base)?);
        }
        if config.get_target_session_attrs() != TargetSessionAttrs::Any {
            return Err(no_address("asks for `target_session_attrs`, which rbl does not choose by".into()));
        }
        if config.get_application_name().is_none() {
            config.application_name("rbl");
        }
        let hosts = hosts(&config);
        if hosts.is_empty() {
            return Err(no_address("names no host".into()));
        }
        // A password and data do not cross a network in the clear, unless the address says so.
        let is_near = hosts.iter().all(|(host, _)| is_on_this_machine(host));
        let says_so = url.contains("sslmode=");
        if verifies || !says_so {
            // Within this machine there is no network, and the certificate of a fresh installation is one that nobody vouches for.
            let needs_none = is_near && !verifies && !self.tls.names_whom_to_trust();
            config.ssl_mode(if needs_none { SslMode::Disable } else { SslMode::Require });
        }
        let roots = self.tls.roots(&self.base)?;
        let provider = Arc::new(ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| no_address(format!("cannot be used: {}", one_line(&error.to_string()))))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(PostgresTarget { config, hosts, tls: MakeRustlsConnect::new(client) })
    }

    /// The rows of the query, at most this many.
    pub(super) fn table(&self, query: &BoundQuery, most: usize, secrets: &Secrets) -> Result<Table, Reason> {
        self.within(secrets, async |client, left| selected(client, query, most, left).await)
    }

    /// What answers.
    pub(super) fn test(&self, secrets: &Secrets) -> Result<String, Reason> {
        let text = "SELECT current_setting('server_version'), current_user::text, current_database()::text, pg_is_in_recovery()";
        let table = self.table(&BoundQuery { text: text.into(), values: Vec::new() }, 1, secrets)?;
        let words: Vec<String> =
            table.rows.iter().flatten().map(|cell| cell.text().unwrap_or_default()).collect();
        let [version, user, database, standby] = words.as_slice() else {
            return Err(Reason::new(ReasonKind::BadAnswer, "it answered another question"));
        };
        let standby = if standby == "true" { ", a standby" } else { "" };
        Ok(one_line(&format!("PostgreSQL {version}{standby}, {database} as {user}")))
    }

    /// Connects and does this, all in the time that there is.
    fn within<T>(
        &self,
        secrets: &Secrets,
        work: impl AsyncFnOnce(&mut Client, Duration) -> Result<T, Trouble>,
    ) -> Result<T, Reason> {
        let target = self.target(secrets)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| {
            Reason::new(ReasonKind::NotRun, rbl_syntax::io_error::reading(&error).clone())
        })?;
        let until = Instant::now() + self.timeout.duration();
        let last = target.hosts.len().saturating_sub(1);
        let result = runtime.block_on(async {
            let all = async {
                for (at, host) in target.hosts.iter().enumerate() {
                    match target.connect(host).await {
                        Ok((mut client, full)) => {
                            let left = until.saturating_duration_since(Instant::now());
                            let result = work(&mut client, left).await;
                            return result.map_err(|trouble| self.reason(&trouble, host, full.is_full()));
                        }
                        Err(trouble) if at == last || !trouble.is_elsewhere() => {
                            return Err(self.reason(&trouble, host, false));
                        }
                        // The next host may be there.
                        Err(_) => {}
                    }
                }
                Err(Reason::new(ReasonKind::Unreachable, "the `url` names no host"))
            };
            tokio::time::timeout(self.timeout.duration(), all).await
        });
        // A look-up of a name that hangs does not hold up the run.
        runtime.shutdown_background();
        let timed_out = || {
            let first = target.hosts.first().map(name).unwrap_or_default();
            self.timed_out(&first)
        };
        result.unwrap_or_else(|_| Err(timed_out()))
    }

    fn timed_out(&self, server: &str) -> Reason {
        let within = Quantity::seconds(self.timeout.0);
        Reason::new(ReasonKind::TimedOut, format!("no answer from {server} within {within}"))
    }

    /// Why it did not work, in words.
    fn reason(&self, trouble: &Trouble, host: &(Host, u16), full: bool) -> Reason {
        let server = name(host);
        let unreachable = |text: String| Reason::new(ReasonKind::Unreachable, text);
        let error = match trouble {
            Trouble::Said(reason) => return reason.clone(),
            Trouble::Socket(error) => return unreachable(socket::no_connection(error, &server)),
            Trouble::Postgres(error) => error,
        };
        if full {
            let text = format!("{server} answered with more than {LIMIT} bytes");
            return Reason::new(ReasonKind::BadAnswer, text);
        }
        if let Some(said) = error.as_db_error() {
            return self.said(said, &server);
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
        while let Some(inner) = source {
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && let Some(why) = tls::inside(io)
            {
                return unreachable(format!("no secure connection to {server}: {}", tls::cause(why)));
            }
            source = inner.source();
        }
        let inner = std::error::Error::source(error).map(|inner| one_line(&inner.to_string()));
        let text = error.to_string();
        if text.starts_with("error performing TLS handshake") {
            let why = inner.unwrap_or_default();
            let why = if why.contains("does not support TLS") {
                "it has no TLS (`?sslmode=disable` connects without)"
            } else {
                &why
            };
            return unreachable(format!("no secure connection to {server}: {why}"));
        }
        if text.starts_with("invalid configuration") {
            let why = inner.unwrap_or_default();
            let hint = if why.contains("password") { ": write `password`" } else { "" };
            let text = format!("{server} does not let us in: {why}{hint}");
            return Reason::new(ReasonKind::ProviderError, text);
        }
        let inner = inner.map(|inner| format!(": {inner}")).unwrap_or_default();
        Reason::new(ReasonKind::BadAnswer, format!("{server} does not answer as PostgreSQL: {text}{inner}"))
    }

    /// What the database says itself.
    fn said(&self, said: &DbError, server: &str) -> Reason {
        let message = one_line(said.message());
        let hint = said.hint().map(|hint| format!(" ({})", one_line(hint))).unwrap_or_default();
        let code = said.code();
        if *code == SqlState::QUERY_CANCELED && message.contains("statement timeout") {
            return self.timed_out(server);
        }
        if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
            return refused(format!("the query writes, and a metric only looks: {message}"));
        }
        let entry = [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION];
        if entry.contains(code) {
            let text = format!("{server} does not let us in: {message}");
            return Reason::new(ReasonKind::ProviderError, text);
        }
        let full = [SqlState::TOO_MANY_CONNECTIONS, SqlState::CANNOT_CONNECT_NOW];
        if full.contains(code) {
            return Reason::new(ReasonKind::Unreachable, format!("{server} takes no connection: {message}"));
        }
        Reason::new(ReasonKind::ProviderError, format!("{server} refused the query: {message}{hint}"))
    }
}

/// Why a question has no answer.
enum Trouble {
    /// There is no connection.
    Socket(std::io::Error),
    Postgres(tokio_postgres::Error),
    Said(Reason),
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Reason> for Trouble {
    fn from(reason: Reason) -> Self {
        Self::Said(reason)
    }
}

impl Trouble {
    /// Whether the next host may do better: this one could not be reached, or takes nobody now.
    fn is_elsewhere(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Postgres(error) => error.code() == Some(&SqlState::CANNOT_CONNECT_NOW),
            Self::Said(_) => false,
        }
    }
}

impl PostgresTarget {
    /// A signed-in connection, and whether it was ended because too much came.
    async fn connect(&self, host: &(Host, u16)) -> Result<(Client, Fullness), Trouble> {
        match host {
            (Host::Tcp(name), port) => {
                let stream = TcpStream::connect((name.as_str(), *port)).await.map_err(Trouble::Socket)?;
                self.sign_in(stream, name).await
            }
            (Host::Unix(folder), port) => {
                let path = folder.join(format!(".s.PGSQL.{port}"));
                let stream = UnixStream::connect(path).await.map_err(Trouble::Socket)?;
                self.sign_in(stream, "localhost").await
            }
        }
    }

    async fn sign_in<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        socket: S,
        server: &str,
    ) -> Result<(Client, Fullness), Trouble> {
        let (stream, full) = LimitedStream::new(socket, LIMIT);
        let mut tls = self.tls.clone();
        let tls = MakeTlsConnect::<LimitedStream<S>>::make_tls_connect(&mut tls, server);
        let tls = tls.map_err(|error| {
            Reason::new(ReasonKind::Unreachable, format!("no secure connection to {server}: {error}"))
        })?;
        let (client, connection) = self.config.connect_raw(stream, tls).await?;
        // It ends with the runtime. What goes wrong is also an error of the question.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok((client, full))
    }
}

/// Asks, in a transaction that only reads.
async fn selected(
    client: &mut Client,
    query: &BoundQuery,
    most: usize,
    left: Duration,
) -> Result<Table, Trouble> {
    let transaction = client.build_transaction().read_only(true).start().await?;
    let milliseconds = (left.as_millis() * 9 / 10).max(1);
    transaction.batch_execute(&format!("SET LOCAL statement_timeout = {milliseconds}")).await?;
    let statement = transaction.prepare(&query.text).await?;
    if statement.columns().is_empty() {
        return Err(no_select().into());
    }
    let (asked, given) = (statement.params().len(), query.values.len());
    if asked != given {
        let text = format!(
            "the query has {asked} parameters and {given} values: a value stands in a text or a comment, or `$1` is written in the query"
        );
        return Err(refused(text).into());
    }
    let names = statement.columns().iter().map(|column| column.name().into()).collect();
    let parameters: Vec<PostgresParameter> =
        query.values.iter().map(PostgresParameter::of).collect::<Result<_, Reason>>()?;
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|one| one as _).collect();
    let mut table = Table { names, rows: Vec::new() };
    let portal = transaction.bind(&statement, &parameters).await?;
    // One more than may be, to know that there are more.
    let one_more = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(1);
    for row in transaction.query_portal(&portal, one_more).await? {
        let cells: Result<Vec<SqlCell>, Reason> = (0..row.len()).map(|at| read_cell(&row, at)).collect();
        table.push(cells?, most)?;
    }
    transaction.rollback().await?;
    Ok(table)
}

/// The address with a mode that the library knows, and whether it asks for a certificate that is looked at: rbl always looks at it.
fn plain_mode(url: &str) -> (String, bool) {
    let strict = ["sslmode=verify-full", "sslmode=verify-ca", "sslmode=require"];
    match strict.iter().find(|mode| url.contains(**mode)) {
        Some(mode) => (url.replace(mode, "sslmode=require"), true),
        None => (url.to_owned(), false),
    }
}

/// Each host with its port.
fn hosts(config: &Config) -> Vec<(Host, u16)> {
    let ports = config.get_ports();
    let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
    config.get_hosts().iter().enumerate().map(|(at, host)| (host.clone(), port(at))).collect()
}

fn is_on_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback()),
    }
}

fn name((host, port): &(Host, u16)) -> String {
    match host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
        Host::Tcp(name) => format!("{name}:{port}"),
        Host::Unix(folder) => folder.join(format!(".s.PGSQL.{port}")).display().to_string(),
    }
}
