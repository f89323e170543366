//! [`TeamRules`]: who may answer for a team and how many have to, how a question that waits reaches it, and how often it may
//! be paged.

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// The rules of all teams of a configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TeamRules {
    /// Those of each team.
    pub teams: BTreeMap<SmolStr, TeamRule>,
    /// `[teams] fallback`: the team that is paged where another one cannot be reached.
    pub fallback: Option<SmolStr>,
    /// The people, by name.
    pub people: BTreeMap<SmolStr, PersonNames>,
    /// The address of the server, where one is configured: a program answers a question there.
    pub server: Option<String>,
    /// The teams that had members when the run began, with how many of them have to approve: while no members are known of such a
    /// team, nobody answers for it.
    pub began: BTreeMap<SmolStr, u32>,
}

/// The rules of one team.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamRule {
    /// Who may answer for it; empty: anybody.
    pub members: Vec<String>,
    /// How many different members have to approve.
    pub quorum: u32,
    /// Whether a member may approve what they started.
    pub self_approval: bool,
    /// The channel through which questions reach it.
    pub asks: Option<SmolStr>,
    /// The teams that are paged in this order where this one cannot be, until one is reached.
    pub then: Vec<SmolStr>,
    /// The team that is paged where none of these can be reached.
    pub fallback: Option<SmolStr>,
    /// How often it may be paged.
    pub at_most: Option<PageLimit>,
    /// Whether a page to it can reach anybody who does not watch the run.
    pub reaches: bool,
}

impl Default for TeamRule {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            quorum: 1,
            self_approval: false,
            asks: None,
            then: Vec::new(),
            fallback: None,
            at_most: None,
            reaches: false,
        }
    }
}

/// `at_most = "10 in 10m"`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageLimit {
    /// That many pages.
    pub most: u32,
    /// Within this many seconds.
    pub window: f64,
}

/// The names of a person elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonNames {
    /// Where they sign in.
    pub sign_in: Option<String>,
    /// Their id in Slack.
    pub slack: Option<String>,
    /// Their address in Matrix.
    pub matrix: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
}

/// One way to tell somebody that a question waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionRoute {
    /// It is posted to this channel.
    Channel(SmolStr),
    /// This team is paged.
    Page(SmolStr),
}

/// What is asked, as far as it decides who may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedOf<'a> {
    /// The team that has to answer (`by`); `None`: anybody may.
    pub team: Option<&'a str>,
    /// Whether the answer approves something: a question for yes or no that is `by` a team.
    pub approves: bool,
    /// Who started the run.
    pub starter: Option<&'a str>,
}

/// Whether a person may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerPermission {
    /// Yes; `vouched`: a list contains the person.
    May {
        /// Whether a list of members contains the name.
        vouched: bool,
    },
    /// No: these may.
    MayNot(Vec<String>),
    /// A member, who started the run, and so may refuse but not approve: these may.
    Started(Vec<String>),
    /// No: the team had members when the run began, and none are known now. Nobody may.
    Nobody,
}

impl TeamRules {
    /// Whether this person may answer.
    pub fn permission(&self, asked: AskedOf<'_>, name: &str) -> AnswerPermission {
        let rule = asked.team.and_then(|team| self.teams.get(team)).filter(|rule| !rule.members.is_empty());
        let Some(rule) = rule else {
            return match asked.team.and_then(|team| self.lost(team)) {
                Some(_) => AnswerPermission::Nobody,
                None => AnswerPermission::May { vouched: false },
            };
        };
        if !rule.members.iter().any(|member| member == name) {
            return AnswerPermission::MayNot(rule.members.clone());
        }
        if asked.approves && !rule.self_approval && asked.starter == Some(name) {
            let others = rule.members.iter().filter(|member| *member != name);
            return AnswerPermission::Started(others.cloned().collect());
        }
        AnswerPermission::May { vouched: true }
    }

    /// How many different people have to approve what is asked of this team.
    pub fn quorum(&self, team: Option<&str>) -> u32 {
        let configured = team.and_then(|team| self.teams.get(team)).map_or(1, |rule| rule.quorum.max(1));
        configured.max(team.and_then(|team| self.lost(team)).unwrap_or(1))
    }

    /// Of a team that had members when the run began, and of which none are known now: how many of them had to approve.
    fn lost(&self, team: &str) -> Option<u32> {
        let is_known = self.teams.get(team).is_some_and(|rule| !rule.members.is_empty());
        self.began.get(team).copied().filter(|_| !is_known)
    }

    /// The teams that have members, with how many of them have to approve: what a run that begins now has to know later.
    pub fn with_members(&self) -> BTreeMap<SmolStr, u32> {
        let teams = self.teams.iter().filter(|(_, rule)| !rule.members.is_empty());
        teams.map(|(name, rule)| (name.clone(), rule.quorum.max(1))).collect()
    }

    /// How often this team may be paged.
    pub fn page_limit(&self, team: &str) -> Option<PageLimit> {
        self.teams.get(team)?.at_most
    }

    /// The teams that are paged where this one cannot be, in order: its `then`, and the fallback at last. None of them twice.
    pub fn next(&self, team: &str) -> Vec<SmolStr> {
        let then = self.teams.get(team).into_iter().flat_map(|rule| &rule.then);
        let mut next: Vec<SmolStr> = Vec::new();
        for one in then.chain(self.fallback(team)) {
            if *one != team && !next.contains(one) {
                next.push(one.clone());
            }
        }
        next
    }

    /// The team that is paged where this one cannot be.
    pub fn fallback(&self, team: &str) -> Option<&SmolStr> {
        let own = self.teams.get(team).and_then(|rule| rule.fallback.as_ref());
        own.or(self.fallback.as_ref()).filter(|it| *it != team)
    }

    /// The ways on which a question that waits is to reach somebody, in order: the channel of the team that has to answer,
    /// a page to its fallback or else to the team itself, a page to the fallback of all teams, a page to the owner. A team
    /// whose pages reach nobody is left out.
    pub fn routes(&self, by: Option<&str>, owner: Option<&str>) -> Vec<QuestionRoute> {
        let mut routes = Vec::new();
        let mut add = |route: QuestionRoute| {
            if !routes.contains(&route) {
                routes.push(route);
            }
        };
        let page = |team: &str| {
            let (team, rule) = self.teams.get_key_value(team)?;
            rule.reaches.then(|| QuestionRoute::Page(team.clone()))
        };
        let team = by.or(owner);
        let rule = team.and_then(|team| self.teams.get(team));
        let asks = rule.and_then(|rule| rule.asks.clone());
        asks.map(QuestionRoute::Channel).into_iter().for_each(&mut add);
        let next = rule.and_then(|rule| rule.fallback.as_deref()).or(team);
        next.and_then(page).into_iter().for_each(&mut add);
        self.fallback.as_deref().and_then(page).into_iter().for_each(&mut add);
        owner.and_then(page).into_iter().for_each(&mut add);
        routes
    }

    /// The members of a team with their names elsewhere.
    pub fn members_of<'a>(&'a self, team: &str) -> impl Iterator<Item = (&'a str, Option<&'a PersonNames>)> {
        let members = self.teams.get(team).map(|rule| rule.members.as_slice()).unwrap_or_default();
        members.iter().map(|name| (name.as_str(), self.people.get(name.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> TeamRules {
        let rule = |reaches| TeamRule { reaches, ..TeamRule::default() };
        let dba = TeamRule {
            members: vec!["ana".into(), "ben".into()],
            quorum: 2,
            asks: Some("dba-chat".into()),
            fallback: Some("lead".into()),
            ..rule(true)
        };
        TeamRules {
            teams: [
                ("dba".into(), dba),
                ("lead".into(), rule(true)),
                ("ops".into(), rule(true)),
                ("screen".into(), rule(false)),
            ]
            .into(),
            fallback: Some("ops".into()),
            ..TeamRules::default()
        }
    }

    #[test]
    fn a_question_goes_through_the_channel_then_to_the_fallback_then_to_the_owner() {
        let (rules, page) = (rules(), |team: &str| QuestionRoute::Page(team.into()));
        let chat = QuestionRoute::Channel("dba-chat".into());
        assert_eq!(rules.routes(Some("dba"), Some("ops")), [chat.clone(), page("lead"), page("ops")]);
        assert_eq!(rules.routes(None, Some("dba")), [chat, page("lead"), page("ops"), page("dba")]);
        assert_eq!(rules.routes(Some("ops"), Some("lead")), [page("ops"), page("lead")]);
        // Who has no way of its own is left out, and so is who is not configured.
        assert_eq!(rules.routes(Some("screen"), None), [page("ops")]);
        let alone = TeamRules { fallback: None, ..rules };
        assert_eq!(alone.routes(Some("screen"), Some("nobody")), []);
        assert_eq!(alone.routes(None, None), []);
    }

    #[test]
    fn a_member_answers_and_nobody_approves_what_they_started() {
        let mut rules = rules();
        let asked = |approves| AskedOf { team: Some("dba"), approves, starter: Some("ana") };
        let may = AnswerPermission::May { vouched: true };
        assert_eq!(rules.permission(asked(true), "ben"), may);
        assert_eq!(rules.permission(asked(true), "ana"), AnswerPermission::Started(vec!["ben".into()]));
        assert_eq!(rules.permission(asked(false), "ana"), may);
        let members = vec!["ana".into(), "ben".into()];
        assert_eq!(rules.permission(asked(true), "cy"), AnswerPermission::MayNot(members));
        let anybody = AskedOf { team: None, ..asked(true) };
        assert_eq!(rules.permission(anybody, "cy"), AnswerPermission::May { vouched: false });
        // Without a list nobody is kept out, whoever started the run.
        let unlisted = AskedOf { team: Some("ops"), ..asked(true) };
        assert_eq!(rules.permission(unlisted, "ana"), AnswerPermission::May { vouched: false });
        rules.teams.get_mut("dba").unwrap().self_approval = true;
        assert_eq!(rules.permission(asked(true), "ana"), may);
    }

    #[test]
    fn nobody_answers_for_a_team_that_had_members_when_the_run_began_and_has_none_now() {
        let began = rules().with_members();
        assert_eq!(began, [("dba".into(), 2)].into(), "the other teams have no members");
        let asked = |team| AskedOf { team: Some(team), approves: true, starter: None };
        let without = |change: &dyn Fn(&mut TeamRules)| {
            let mut rules = TeamRules { began: began.clone(), ..rules() };
            change(&mut rules);
            (rules.permission(asked("dba"), "ana"), rules.quorum(Some("dba")))
        };
        let nobody = (AnswerPermission::Nobody, 2);
        assert_eq!(without(&|rules| drop(rules.teams.remove("dba"))), nobody);
        assert_eq!(without(&|rules| rules.teams.clear()), nobody);
        assert_eq!(without(&|rules| rules.teams.get_mut("dba").unwrap().members.clear()), nobody);
        let emptied = without(&|rules| {
            rules.teams.get_mut("dba").unwrap().members.clear();
            rules.teams.get_mut("dba").unwrap().quorum = 1;
        });
        assert_eq!(emptied, nobody, "approvals so far are not enough either");
        let may = AnswerPermission::May { vouched: true };
        assert_eq!(without(&|_| {}), (may.clone(), 2));
        assert_eq!(
            without(&|rules| rules.teams.get_mut("dba").unwrap().quorum = 1),
            (may, 1),
            "as configured"
        );
        // A team that never had any restricts nobody, whether it is there or not.
        let open = AnswerPermission::May { vouched: false };
        let rules = TeamRules { began, teams: BTreeMap::new(), ..rules() };
        assert_eq!((rules.permission(asked("ops"), "cy"), rules.quorum(Some("ops"))), (open, 1));
    }

    #[test]
    fn a_team_that_cannot_be_paged_has_a_fallback_unless_it_is_that_itself() {
        let rules = rules();
        assert_eq!(rules.fallback("dba").map(SmolStr::as_str), Some("lead"));
        assert_eq!(rules.fallback("lead").map(SmolStr::as_str), Some("ops"));
        assert_eq!(rules.fallback("unknown").map(SmolStr::as_str), Some("ops"));
        assert_eq!(rules.fallback("ops"), None);
    }
}
