//! Names the rules of the grammar for "expected …" messages: one table over all rules, so that no rule's own name ever
//! reaches a user. `None`: the rule is not mentioned, because the rule it begins with is.

use crate::grammar::Rule;

/// Returns the user-visible name of a rule that was possible at a position.
#[rustfmt::skip]
pub(super) fn shown(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::name => Some("a name"),
        Rule::number | Rule::expr | Rule::not | Rule::negate | Rule::quantifier | Rule::simple | Rule::question | Rule::probe | Rule::ask | Rule::list | Rule::comprehension | Rule::conditional | Rule::length | Rule::record | Rule::parenthesized | Rule::arg | Rule::arg_name | Rule::value_pattern | Rule::sample_run => Some("a value"),
        Rule::unit => Some("a unit"),
        Rule::brace_open => Some("`{`"),
        Rule::brace_close => Some("`}`"),
        Rule::paren_open | Rule::args | Rule::params => Some("`(`"),
        Rule::paren_close => Some("`)`"),
        Rule::bracket_open | Rule::index => Some("`[`"),
        Rule::bracket_close => Some("`]`"),
        Rule::comma => Some("`,`"),
        Rule::colon | Rule::param_type | Rule::metric_type => Some("`:`"),
        Rule::equals | Rule::label_match | Rule::alert_regex | Rule::given_samples | Rule::given_value => Some("`=`"),
        Rule::kw_alert | Rule::alert_trigger | Rule::given_alert | Rule::given_firing => Some("`alert`"),
        Rule::kw_firing => Some("`firing`"),
        Rule::kw_schedule | Rule::schedule_trigger => Some("`schedule`"),
        Rule::kw_manual => Some("`manual`"),
        Rule::kw_secret => Some("`secret`"),
        Rule::kw_env => Some("`env`"),
        Rule::kw_file => Some("`file`"),
        Rule::kw_command => Some("`command`"),
        Rule::kw_step => Some("`step`"),
        Rule::kw_for | Rule::held | Rule::held_for | Rule::wait_for | Rule::window => Some("`for`"),
        Rule::kw_each => Some("`each`"),
        Rule::kw_else | Rule::else_arm | Rule::both_arm => Some("`else`"),
        Rule::kw_unknown | Rule::unknown_arm => Some("`unknown`"),
        Rule::kw_or => Some("`or`"),
        Rule::kw_acknowledged | Rule::acknowledged => Some("`acknowledged`"),
        Rule::kw_none | Rule::none_arm => Some("`none`"),
        Rule::conditional_value => Some("a value in braces"),
        Rule::kw_where | Rule::where_clause | Rule::alert_where => Some("`where`"),
        Rule::kw_in | Rule::timezone | Rule::metric_unit => Some("`in`"),
        Rule::kw_by | Rule::by_team | Rule::metric_by | Rule::limit_by | Rule::alert_by => Some("`by`"),
        Rule::kw_from | Rule::from_time => Some("`from`"),
        Rule::kw_as | Rule::as_name => Some("`as`"),
        Rule::kw_on | Rule::on_host => Some("`on`"),
        Rule::within_simple | Rule::within => Some("`within`"),
        Rule::every => Some("`every`"),
        Rule::retry => Some("`retry`"),
        Rule::kw_times => Some("`times`"),
        Rule::finally => Some("`finally`"),
        Rule::undo => Some("`undo`"),
        Rule::kw_at | Rule::at_most | Rule::limit_at_once => Some("`at`"),
        Rule::kw_most => Some("`most`"),
        Rule::kw_once => Some("`once`"),
        Rule::kw_runs | Rule::limit_runs => Some("`runs in`"),
        Rule::kw_to | Rule::to_channel => Some("`to`"),
        Rule::because => Some("`because`"),
        Rule::kw_until | Rule::wait_until | Rule::until => Some("`until`"),
        Rule::kw_up => Some("`up`"),
        Rule::kw_with | Rule::with => Some("`with`"),
        Rule::showing => Some("`showing`"),
        Rule::kw_among | Rule::among => Some("`among`"),
        Rule::kw_ask => Some("`ask`"),
        Rule::kw_any => Some("`any`"),
        Rule::kw_not => Some("`not`"),
        Rule::kw_ago | Rule::ago => Some("`ago`"),
        Rule::kw_over | Rule::over => Some("`over`"),
        Rule::kw_contains | Rule::contains_pattern => Some("`contains`"),
        Rule::kw_matches | Rule::matches_pattern => Some("`matches`"),
        Rule::text | Rule::triple_quote | Rule::prose => Some("a text in quotes"),
        Rule::interpolation => Some("`#{…}`"),
        Rule::command => Some("a command in back quotes"),
        Rule::infix | Rule::logic => Some("an operator"),
        Rule::record_field => Some("a field"),
        Rule::field => Some("`.`"),
        Rule::block | Rule::test_block => Some("a block in braces"),
        Rule::else_if => Some("`else if`"),
        Rule::pattern => Some("a pattern"),
        Rule::compare_pattern | Rule::comparison => Some("a comparison"),
        Rule::target_call => Some("an action"),
        Rule::up_to => Some("`up to`"),
        Rule::label | Rule::label_name => Some("a label"),
        Rule::executor => Some("an executor"),
        Rule::kw_given => Some("`given`"),
        Rule::kw_provider => Some("`provider`"),
        Rule::kw_team => Some("`team`"),
        Rule::kw_channel => Some("`channel`"),
        Rule::kw_probe => Some("`probe`"),
        Rule::kw_lock => Some("`lock`"),
        Rule::kw_limit => Some("`limit`"),
        Rule::kw_reached => Some("`reached`"),
        Rule::kw_x => Some("`x`"),
        Rule::is_none | Rule::is_nan | Rule::is_stale | Rule::is_down | Rule::is_slow | Rule::is_error | Rule::is_held | Rule::kw_is => Some("`is`"),
        Rule::has_series | Rule::kw_has => Some("`has`"),
        Rule::fails => Some("`fails`"),
        Rule::hangs => Some("`hangs`"),
        Rule::takes => Some("`takes`"),
        Rule::prints => Some("`prints`"),
        Rule::exits => Some("`exits`"),
        Rule::no_on => Some("`no on`"),
        Rule::exit_code => Some("an exit code"),
        Rule::kw_after => Some("`after`"),
        Rule::kw_background => Some("`background`"),
        Rule::acknowledges => Some("`acknowledges`"),
        Rule::kw_never => Some("`never`"),
        Rule::kw_before | Rule::before => Some("`before`"),
        Rule::kw_owner => Some("`owner`"),
        Rule::kw_answer => Some("`answer`"),
        Rule::kw_expect => Some("`expect`"),
        Rule::kw_no => Some("`no`"),
        Rule::outcome => Some("`resolved`"),
        Rule::kw_escalation => Some("`escalation`"),
        Rule::matching | Rule::kw_matching => Some("`matching`"),
        Rule::s | Rule::ss | Rule::sep | Rule::end | Rule::word_char | Rule::exponent |
        Rule::per | Rule::behind_blanks | Rule::text_chars |
        Rule::triple_chars | Rule::escape | Rule::hash | Rule::command_chars | Rule::command_escape |
        Rule::prefix | Rule::primary | Rule::operand | Rule::postfix | Rule::question_modifier |
        Rule::probe_modifier | Rule::statement | Rule::good_statement | Rule::check_stmt | Rule::if_stmt | Rule::header | Rule::match_stmt | Rule::match_item | Rule::match_arm |
        Rule::action_stmt | Rule::target | Rule::action_modifier | Rule::escalate_stmt | Rule::wait_stmt | Rule::arm | Rule::failure_arm | Rule::targets | Rule::shown |
        Rule::background | Rule::answer_approval | Rule::team_name |
        Rule::let_stmt | Rule::record_stmt | Rule::for_each_stmt | Rule::for_header | Rule::repeat_stmt |
        Rule::repeat_header | Rule::run_stmt | Rule::lock_stmt | Rule::resolve_stmt | Rule::stop_stmt | Rule::file |
        Rule::shebang | Rule::word_primary | Rule::closed | Rule::simple_primary | Rule::item | Rule::good_item | Rule::declaration | Rule::about_decl | Rule::runbook_decl |
        Rule::tests_decl | Rule::trigger_decl | Rule::owner_decl | Rule::severity_decl | Rule::timezone_decl | Rule::within_braces | Rule::link_decl |
        Rule::param_decl | Rule::secret_decl | Rule::metric_decl | Rule::define_decl | Rule::probe_decl | Rule::use_decl | Rule::limit_decl |
        Rule::step | Rule::test | Rule::test_line | Rule::good_test_line | Rule::param_line | Rule::given |
        Rule::given_provider | Rule::given_team | Rule::given_channel | Rule::given_action | Rule::given_probe | Rule::given_lock | Rule::given_limit | Rule::given_metric | Rule::after |
        Rule::each | Rule::answer | Rule::expect | Rule::expect_end | Rule::expect_action |
        Rule::expect_escalation | Rule::expect_record | Rule::expect_step | Rule::bad_statement |
        Rule::bad_value | Rule::bad_value_part | Rule::bad_value_inside | Rule::bad_tail | Rule::bad_condition | Rule::bad_chunk | Rule::skipped | Rule::skipped_text |
        Rule::skipped_command | Rule::skipped_value | Rule::skipped_inner | Rule::skipped_record |
        Rule::lone_statement | Rule::lone_item | Rule::lone_test_line | Rule::lone_condition |
        Rule::lone_match_arm | Rule::coloured | Rule::open_text | Rule::EOI => None,
    }
}
