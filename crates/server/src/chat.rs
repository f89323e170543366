//! [`ChatListener`]: hears the answers that people give in a channel, and hands each to the one function that takes answers.

use std::sync::Arc;
use std::time::Duration;

use rbl_engine::{AnswerInput, AnswerRefusal, AnswerWay, Engine, OpenQuestion};
use rbl_runtime::teams::TeamRules;
use rbl_store::SqliteReader;
use rbl_world::channel::{AnswerResult, Channel, ChatAnswer};
use rbl_world::{Configured, Connected};
use smol_str::SmolStr;

use crate::settings::ServerSettings;
use crate::stopping::Stopping;

/// The pause after a channel could not be listened to; it doubles up to the longest.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// See the module.
pub(crate) struct ChatListener {
    pub(crate) engine: Engine,
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) name: SmolStr,
    pub(crate) channel: Connected<dyn Channel>,
    /// The people and teams as they are configured when the server starts.
    pub(crate) teams: Arc<TeamRules>,
}

impl ChatListener {
    /// Listens until the server stops.
    pub(crate) fn run(&self, stopping: &Stopping) {
        let (mut place, mut pause) = (None::<String>, PAUSE);
        let mut teams = Arc::clone(&self.teams);
        while !stopping.is_stopping() {
            match self.channel.it.listen(place.as_deref(), &teams) {
                Ok(heard) => {
                    for why in &heard.warnings {
                        tracing::warn!(channel = %self.name, %why, "answers in the channel may not be heard");
                    }
                    // What was said before the server listened is answered only where it counts.
                    let is_first = place.is_none();
                    for answer in &heard.answers {
                        if let Some(now) = self.teams_now() {
                            teams = now;
                        }
                        self.take(answer, &teams, is_first);
                    }
                    (place, pause) = (Some(heard.place), PAUSE);
                }
                Err(why) => {
                    tracing::warn!(channel = %self.name, %why, "answers in the channel are not heard");
                    if stopping.wait(pause) {
                        return;
                    }
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Takes an answer, and says in the channel what became of it. What was said before anybody listened is answered only where it
    /// counts.
    fn take(&self, heard: &ChatAnswer, teams: &TeamRules, is_first: bool) {
        let person = self.person(heard, teams);
        let answered = self.answer(heard, person, teams);
        self.channel.it.recorded();
        let said = match answered {
            Ok(None) => {
                let who = person.unwrap_or(&heard.who);
                AnswerResult::Taken(format!("Taken: {}, by {who}.", heard.text))
            }
            Ok(Some(waits)) => AnswerResult::Waits(format!("Taken. {waits}")),
            Err(_) if is_first => return,
            Err(why) => AnswerResult::Refused(format!("Not taken: {why}")),
        };
        if let Err(why) = self.channel.it.reply(heard, &said) {
            tracing::warn!(channel = %self.name, %why, "nobody in the channel was answered");
        }
    }

    /// The people and teams as they are configured now; `None`: the configuration is gone, or has mistakes.
    fn teams_now(&self) -> Option<Arc<TeamRules>> {
        let base = &self.settings.base;
        let configured = Configured::find(base).ok().filter(|it| it.file.is_some())?;
        let connections = configured.connections?;
        // Where the file is gone, that of a folder above is found.
        (connections.base == *base).then_some(connections.team_rules)
    }

    /// Who gave an answer. The channel says it too, but as it was configured when the listening began.
    fn person<'t>(&self, heard: &ChatAnswer, teams: &'t TeamRules) -> Option<&'t str> {
        let who = heard.who.as_str();
        let found = teams.people.iter().find(|(name, names)| match self.channel.kind {
            "slack" => names.slack.as_deref() == Some(who),
            "matrix" => names.matrix.as_deref() == Some(who),
            _ => heard.person.as_deref() == Some(name.as_str()),
        });
        found.map(|(name, _)| name.as_str())
    }

    /// `Some`: who else has to approve.
    fn answer(
        &self,
        heard: &ChatAnswer,
        person: Option<&str>,
        teams: &TeamRules,
    ) -> Result<Option<String>, String> {
        let Some(name) = person else {
            // Whoever they are: with an own sign-in it is known.
            let run = &heard.run;
            return Err(format!(
                "nobody of `[people]` has `{}` as an address here; with a sign-in: rbl answer {run} ANSWER{}",
                heard.who,
                teams.server.as_ref().map_or_else(String::new, |url| format!(" --server {url}"))
            ));
        };
        let look = SqliteReader::open(&self.settings.store).map_err(|why| why.to_string())?;
        let summary = look.summary(&heard.run).map_err(|why| why.to_string())?;
        let refused = |why: AnswerRefusal| why.to_string();
        let question =
            OpenQuestion::named(&look, &summary, AnswerWay::SignedIn, &heard.question).map_err(refused)?;
        let (text, remark) = (heard.text.as_str(), heard.remark.as_deref());
        let given = AnswerInput { text, remark, name, way: AnswerWay::SignedIn };
        let taken = self.engine.answer(&look, &question, &given).map_err(refused)?;
        tracing::info!(run = %heard.run, by = name, channel = %self.name, "a question is answered");
        Ok(taken.waits)
    }
}
