//! `--server URL`: the commands that look at runs and signal them, over the API of a server. They use nothing else of it.

mod following;
mod remote_run;

use std::path::Path;

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rbl_project::Refusal;
use rbl_project::setting::Setting;
use rbl_runtime::journal::{EpisodeMember, JournalRecord, RunState, RunSummary, read_exported};
use rbl_syntax::clean;
use rbl_world::{Configured, WebAnswer, WebClient};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::resuming;
pub(super) use following::run_there;
use remote_run::{RemoteQuestion, RemoteRun};

/// The variable with the token.
const TOKEN: &str = "RBL_TOKEN";

/// The longest time of a call, in seconds.
const LONGEST: f64 = 30.0;

/// How many runs are asked for at once.
const PAGE: usize = 200;

/// `--server`, of the commands that can ask a server.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServerArgument {
    /// Ask this server instead of the journal of this machine, with the token in `RBL_TOKEN` or `[client]` of rbl.toml
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    pub server: Option<String>,
}

/// A server, over its API.
pub(super) struct RemoteServer {
    client: WebClient,
    url: String,
    signs_in: bool,
}

/// Which runs are listed.
pub(super) struct RemoteFilter<'a> {
    pub(super) state: Option<&'a str>,
    pub(super) runbook: Option<&'a str>,
    pub(super) since: Option<String>,
    /// How many at most; `None`: all.
    pub(super) most: Option<usize>,
}

/// A page of a list of runs.
#[derive(Deserialize)]
struct RemoteRuns {
    runs: Vec<RemoteRun>,
    next: Option<String>,
}

/// The runbooks of a server.
#[derive(Deserialize)]
struct RemoteRunbooks {
    runbooks: Vec<RemoteRunbook>,
}

#[derive(Deserialize)]
struct RemoteRunbook {
    file: String,
}

/// What was started.
#[derive(Deserialize)]
struct RemoteStart {
    run: String,
}

/// What became of an answer.
#[derive(Deserialize)]
struct RemoteTaken {
    waits: Option<String>,
}

/// Why a call was refused.
#[derive(Deserialize)]
struct RemoteRefusal {
    error: String,
    help: Option<String>,
}

impl ServerArgument {
    /// The server that is asked; `None`: none is.
    pub(super) fn open(&self) -> Result<Option<RemoteServer>, Refusal> {
        let Some(url) = &self.server else { return Ok(None) };
        let url = url.trim_end_matches('/').to_owned();
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(Refusal::new(format!("`--server {url}` is no address of a server"))
                .help(format!("write `http://{url}` or `https://{url}`")));
        }
        let configured = Configured::find(Path::new("."))?;
        let config = resuming::connections(&configured)?;
        let in_environment = std::env::var_os(TOKEN).is_some_and(|token| !token.is_empty());
        let token = if in_environment {
            Some(Setting::Env { env: TOKEN.into() })
        } else {
            config.client.token.clone()
        };
        let signs_in = token.is_some();
        let client = WebClient::new(Setting::Text(url.clone()), token, &config.base, LONGEST);
        Ok(Some(RemoteServer { client, url, signs_in }))
    }
}

impl RemoteServer {
    /// Its address, as it was given.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The newest runs of these, and whether there are more.
    pub(super) fn runs(&self, filter: &RemoteFilter<'_>) -> Result<(Vec<RunSummary>, bool), Refusal> {
        let most = filter.most.unwrap_or(usize::MAX);
        let (mut found, mut before) = (Vec::new(), None::<String>);
        loop {
            let limit = PAGE.min(most - found.len()).to_string();
            let asked = [
                ("limit", Some(limit.as_str())),
                ("state", filter.state),
                ("runbook", filter.runbook),
                ("since", filter.since.as_deref()),
                ("before", before.as_deref()),
            ];
            let page: RemoteRuns = self.get(&format!("/runs{}", query(&asked)))?;
            for run in page.runs {
                found.push(run.summary()?);
            }
            match page.next {
                None => return Ok((found, false)),
                Some(_) if found.len() >= most => return Ok((found, true)),
                next @ Some(_) => before = next,
            }
        }
    }

    /// Finds a run by its id, the start of its id, or `last`.
    pub(super) fn find(&self, meant: &str) -> Result<RunSummary, Refusal> {
        let some = (resuming::CANDIDATES + 1).to_string();
        let asked = if meant == "last" {
            [("limit", Some("1")), ("run", None)]
        } else {
            [("limit", Some(some.as_str())), ("run", Some(meant))]
        };
        let page: RemoteRuns = self.get(&format!("/runs{}", query(&asked)))?;
        let found: Result<Vec<RunSummary>, Refusal> = page.runs.iter().map(RemoteRun::summary).collect();
        resuming::chosen(meant, found?)
    }

    /// A run with its alerts.
    pub(super) fn run(&self, run: &str) -> Result<(RunSummary, Vec<EpisodeMember>), Refusal> {
        let found: RemoteRun = self.get(&format!("/runs/{}", encoded(run)))?;
        Ok((found.summary()?, found.members()))
    }

    /// The records of a run.
    pub(super) fn records(&self, run: &str) -> Result<Vec<JournalRecord>, Refusal> {
        let answer = self.client.get(&api(&format!("/runs/{}/records", encoded(run))), &[]);
        let text = self.content(answer)?;
        read_exported(&text).map_err(|why| self.no_server(&why.to_string()))
    }

    /// Answers what a run asks: this question, else what it asks now. `Some`: it waits for others, with who has approved.
    pub(super) fn answer(
        &self,
        (run, question): (&str, Option<&str>),
        answer: &str,
        remark: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let question = match question {
            Some(question) => question.to_owned(),
            None => self.asked(run)?,
        };
        let body = json!({ "question": question, "answer": answer, "remark": remark });
        let taken: RemoteTaken =
            self.parsed(&self.post(&format!("/runs/{}/answer", encoded(run)), &body)?)?;
        Ok(taken.waits)
    }

    /// The question that a run asks now.
    fn asked(&self, run: &str) -> Result<String, Refusal> {
        let found: RemoteRun = self.get(&format!("/runs/{}", encoded(run)))?;
        if let Some(RemoteQuestion { question, .. }) = found.questions().first() {
            return Ok(question.clone());
        }
        let why = match found.summary()?.state {
            RunState::Ended { outcome, .. } => {
                format!("run {run} has ended, {outcome}: there is nothing to answer")
            }
            RunState::Answered(_) => {
                format!("run {run} asks nothing any more: it is answered, and goes on when a worker is free")
            }
            RunState::Running { .. }
            | RunState::Queued { .. }
            | RunState::CutOff
            | RunState::Parked(_)
            | RunState::Stuck { .. } => format!("run {run} asks nothing that can be answered"),
        };
        Err(Refusal::new(why).help(format!("rbl show {run} --server {}", self.url)))
    }

    /// Acknowledges the page of a run: this one, else the one that waits.
    pub(super) fn acknowledge(&self, run: &str, page: Option<&str>) -> Result<(), Refusal> {
        let page = page.map_or_else(String::new, |page| format!("?question={}", encoded(page)));
        self.post(&format!("/runs/{}/acknowledge{page}", encoded(run)), &json!({})).map(drop)
    }

    /// Ends a run.
    pub(super) fn abort(&self, run: &str, because: &str) -> Result<(), Refusal> {
        self.post(&format!("/runs/{}/abort", encoded(run)), &json!({ "reason": because })).map(drop)
    }

    /// Starts a runbook of the server; returns the run.
    fn start(
        &self,
        file: &str,
        params: &serde_json::Map<String, Value>,
        mode: &str,
    ) -> Result<String, Refusal> {
        let body = json!({ "file": file, "params": params, "mode": mode });
        let answer = self.client.post(&api("/runs"), &body);
        let unknown = answer.as_ref().is_ok_and(|answer| answer.status == 404 && refusal(answer).is_some());
        if unknown {
            let listed: RemoteRunbooks = self.get("/runbooks")?;
            let files: Vec<String> = listed.runbooks.into_iter().map(|it| it.file).collect();
            let has = if files.is_empty() { "it has none".into() } else { files.join(", ") };
            let error = format!("the server at {} has no runbook `{file}`", self.url);
            return Err(Refusal::new(clean(&error)).help(clean(&format!("it has: {has}"))));
        }
        let started: RemoteStart = self.parsed(&self.content(answer)?)?;
        Ok(started.run)
    }

    /// The events of a run behind this one, as lines.
    fn events(&self, run: &str, after: Option<u64>) -> Result<String, Refusal> {
        let headers: Vec<(&str, String)> =
            after.iter().map(|after| ("Last-Event-ID", after.to_string())).collect();
        self.content(self.client.get(&api(&format!("/runs/{}/events", encoded(run))), &headers))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        self.parsed(&self.content(self.client.get(&api(path), &[]))?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<String, Refusal> {
        self.content(self.client.post(&api(path), body))
    }

    fn parsed<T: DeserializeOwned>(&self, text: &str) -> Result<T, Refusal> {
        serde_json::from_str(text).map_err(|why| self.no_server(&why.to_string()))
    }

    /// The body of a good answer.
    fn content(&self, answer: Result<WebAnswer, rbl_syntax::value::Reason>) -> Result<String, Refusal> {
        let url = &self.url;
        let answer = answer.map_err(|why| {
            Refusal::new(clean(&format!("the server at {url} does not answer: {}", why.text)))
                .help("is `rbl serve` running there, and does the address lead to it?")
        })?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        let Some(RemoteRefusal { error, help }) = refusal(&answer) else {
            return Err(self.no_server(&format!("its answer has the status {}", answer.status)));
        };
        let refused = match answer.status {
            401 if self.signs_in => Refusal::new(format!("the server at {url} does not know this token"))
                .help("make one there, `rbl serve token NAME --may look`, and give it in RBL_TOKEN"),
            401 => Refusal::new(format!("the server at {url} wants a token"))
                .help("make one there, `rbl serve token NAME --may look`, and give it in RBL_TOKEN"),
            503 => Refusal::new(clean(&format!("the server at {url} cannot do this now: {error}"))),
            _ => Refusal { message: clean(&error), help: help.map(|help| clean(&help)) },
        };
        Err(refused)
    }

    /// What answers is no server of rbl, or one of another version.
    fn no_server(&self, why: &str) -> Refusal {
        Refusal::new(clean(&format!("what answers at {} is no server that this rbl knows: {why}", self.url)))
            .help("give the address of `rbl serve`, without a path behind it")
    }
}

fn refusal(answer: &WebAnswer) -> Option<RemoteRefusal> {
    serde_json::from_str(&answer.body).ok()
}

fn api(path: &str) -> String {
    format!("/api/v1{path}")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The part of an address behind the `?`; empty where nothing is asked for.
fn query(asked: &[(&str, Option<&str>)]) -> String {
    let pairs = asked.iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded((*value)?))));
    let pairs: Vec<String> = pairs.collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_encoded() {
        assert_eq!(query(&[("a", None)]), "");
        assert_eq!(query(&[("a", Some("x y&z")), ("b", None), ("c", Some("1"))]), "?a=x%20y%26z&c=1");
    }
}
