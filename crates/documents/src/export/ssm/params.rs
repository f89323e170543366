//! Parameters, and what has to hold of them.

use rbl_syntax::tree::{
    BinaryOp, Check, Declaration, Expr, ExprKind, ForEach, Param, ParamType, Statement, StatementKind, Step,
};

use rbl_syntax::source::Span;

use super::build::{Builder, camel};
use super::output::OrderedJson;
use super::read;

/// Whether a step only says what has to hold of the parameters, as an import writes it.
pub(super) fn are_checks(step: &Step) -> bool {
    step.title.literal() == Some("Parameters")
        && step.body.statements.iter().all(|it| statement_limit(it).is_some())
}

/// What a statement says of a parameter: its name, the key, and the value.
fn statement_limit(statement: &Statement) -> Option<(String, &'static str, OrderedJson)> {
    match &statement.kind {
        StatementKind::Check(check) => limit(check),
        StatementKind::ForEach(each) => each_limit(each),
        StatementKind::Prose { .. }
        | StatementKind::If(_)
        | StatementKind::Match(_)
        | StatementKind::Action(_)
        | StatementKind::Escalate(_)
        | StatementKind::Wait(_)
        | StatementKind::Let(_)
        | StatementKind::Record(_)
        | StatementKind::Repeat(_)
        | StatementKind::Run(_)
        | StatementKind::Lock(_)
        | StatementKind::Resolve { .. }
        | StatementKind::Stop { .. }
        | StatementKind::Broken { .. } => None,
    }
}

/// What a loop over a list of the parameters says of each element.
fn each_limit(each: &ForEach) -> Option<(String, &'static str, OrderedJson)> {
    let ExprKind::Call { name, args } = &each.over.bare().kind else { return None };
    let Some(ExprKind::Name(list)) = args.first().map(|it| &it.value.bare().kind) else { return None };
    let [statement] = each.body.statements.as_slice() else { return None };
    let StatementKind::Check(check) = &statement.kind else { return None };
    let (element, key, value) = limit(check)?;
    (name.text == "json" && element == each.name.text.as_str()).then(|| (list.text.to_string(), key, value))
}

/// What a check says of a parameter: its name, the key, and the value.
fn limit(check: &Check) -> Option<(String, &'static str, OrderedJson)> {
    if check.otherwise.is_some() || check.unknown.is_some() {
        return None;
    }
    let name = |expr: &Expr| match &expr.bare().kind {
        ExprKind::Name(name) => Some(name.text.to_string()),
        _ => None,
    };
    let call = |expr: &Expr, called: &str| match &expr.bare().kind {
        ExprKind::Call { name, args } if name.text == called => {
            Some(args.iter().map(|it| it.value.clone()).collect::<Vec<_>>())
        }
        _ => None,
    };
    if let Some(args) = call(&check.condition, "matches") {
        let [text, pattern] = args.as_slice() else { return None };
        return Some((name(text)?, "allowedPattern", OrderedJson::text(pattern.literal_text()?)));
    }
    let ExprKind::Binary { op, left, right, .. } = &check.condition.bare().kind else { return None };
    match op {
        BinaryOp::In => Some((name(left)?, "allowedValues", read::value(right)?)),
        BinaryOp::GreaterOrEqual | BinaryOp::LessOrEqual => {
            let args = call(left, "length")?;
            let key = if *op == BinaryOp::LessOrEqual { "maxChars" } else { "minChars" };
            Some((name(args.first()?)?, key, OrderedJson::Plain(read::number(right)?)))
        }
        _ => None,
    }
}

/// What stands before the steps.
pub(super) struct ExportedHead {
    pub(super) description: String,
    pub(super) parameters: Vec<(String, OrderedJson)>,
}

/// Reads the declarations.
pub(super) fn read(builder: &mut Builder<'_>) -> ExportedHead {
    let mut head = ExportedHead { description: String::new(), parameters: Vec::new() };
    let file = builder.file;
    for declaration in file.declarations() {
        if let Some((what, does)) = super::beyond(declaration) {
            builder.finding(
                declaration.span(),
                format!("an Automation document does not say {what}"),
                "",
                does,
            );
        }
        match declaration {
            Declaration::Runbook(it) if head.description.is_empty() => {
                head.description = it.title.literal().unwrap_or_default().to_owned();
            }
            Declaration::About(it) => {
                head.description = it.text.literal().unwrap_or_default().trim().to_owned();
            }
            Declaration::Param(it) => parameter(builder, it, &mut head),
            Declaration::Let(it) => {
                let known = constant(builder, &it.name.text, &it.value, it.span);
                if !known || !it.params.is_empty() {
                    builder.finding(
                        it.span,
                        format!("`{}` is computed, and an automation computes nothing", it.name.text),
                        "make it a parameter",
                        true,
                    );
                }
            }
            _ => {}
        }
    }
    for item in &file.items {
        let rbl_syntax::tree::Item::Step(step) = item else { continue };
        if !are_checks(step) {
            continue;
        }
        for statement in &step.body.statements {
            let Some((name, key, value)) = statement_limit(statement) else { continue };
            let called = builder.values.get(&name).map(|it| it.trim_matches(['{', '}', ' ']).to_owned());
            let place = called.and_then(|called| head.parameters.iter_mut().find(|(it, _)| *it == called));
            match place {
                Some((_, OrderedJson::Map(pairs))) => pairs.push((key.to_owned(), value)),
                _ => builder.finding(statement.span, format!("`{name}` is no parameter"), "", true),
            }
        }
    }
    head
}

/// A value that every automation knows, or a list that a parameter holds.
pub(super) fn constant(builder: &mut Builder<'_>, name: &str, value: &Expr, span: Span) -> bool {
    let text = builder.source(span);
    let known = if text.contains("aws sts get-caller-identity --query Account") {
        "{{global:ACCOUNT_ID}}".to_owned()
    } else if text.contains("aws sts get-caller-identity --query Arn") {
        "{{global:AWS_PARTITION}}".to_owned()
    } else {
        match &value.bare().kind {
            ExprKind::Call { name: called, args } if called.text == "json" => {
                let Some(ExprKind::Name(of)) = args.first().map(|it| &it.value.bare().kind) else {
                    return false;
                };
                let Some(known) = builder.values.get(of.text.as_str()).cloned() else { return false };
                known
            }
            _ => return false,
        }
    };
    builder.values.insert(name.to_owned(), known);
    true
}

fn parameter(builder: &mut Builder<'_>, it: &Param, head: &mut ExportedHead) {
    let name = it.name.text.to_string();
    let comment = builder.comment_before(it.span);
    // What every automation knows is no parameter of it.
    if let Some(global) = comment.iter().find_map(|it| it.strip_prefix("Stands for ")) {
        builder.values.insert(name, global.to_owned());
        return;
    }
    let default = it.default.as_ref();
    let written = default.map(|it| (it, read::value(it)));
    let is_list_text = comment.iter().any(|it| it.starts_with("A list, as JSON"));
    let (kind, value) = match (it.of, &written) {
        (_, Some((_, Some(list @ OrderedJson::List(_))))) => ("StringList", Some(list.clone())),
        (Some(ParamType::Text), Some((_, Some(OrderedJson::Text(text))))) if is_list_text => {
            let items: Option<Vec<String>> = serde_json::from_str(text).ok();
            ("StringList", items.map(|it| OrderedJson::List(it.into_iter().map(OrderedJson::Text).collect())))
        }
        (Some(ParamType::Text), None) if is_list_text => ("StringList", None),
        (Some(ParamType::Number), written) => ("Integer", written.as_ref().and_then(|(_, it)| it.clone())),
        (Some(ParamType::Bool), written) => ("Boolean", written.as_ref().and_then(|(_, it)| it.clone())),
        (Some(ParamType::Duration), written) => (
            "String",
            written.as_ref().and_then(|(it, _)| read::seconds(it)).map(|it| OrderedJson::Text(read::iso(it))),
        ),
        (Some(ParamType::Data | ParamType::Ratio | ParamType::Unknown), _) => {
            builder.finding(
                it.span,
                format!("`{name}` is a quantity, and an automation has none"),
                "make it a `text` or a `number`",
                true,
            );
            return;
        }
        (_, Some((_, Some(OrderedJson::Plain(plain))))) if plain == "true" || plain == "false" => {
            ("Boolean", Some(OrderedJson::plain(plain)))
        }
        (_, Some((_, Some(value @ OrderedJson::Plain(_))))) => ("Integer", Some(value.clone())),
        (_, written) => ("String", written.as_ref().and_then(|(_, it)| it.clone())),
    };
    if let Some((expr, _)) = written.as_ref().filter(|_| value.is_none()) {
        builder.finding(
            expr.span,
            format!("the default of `{name}` is computed"),
            "leave it out, or write it as it is",
            true,
        );
    }
    if kind == "Integer" && matches!(&value, Some(OrderedJson::Plain(it)) if it.parse::<i64>().is_err()) {
        builder.finding(
            it.span,
            format!("`{name}` is no whole number, and an automation has no others"),
            "",
            true,
        );
    }
    let called = camel(&name);
    let mut pairs = vec![("type".to_owned(), OrderedJson::text(kind))];
    let description: Vec<String> =
        comment.into_iter().filter(|it| !it.starts_with("A list, as JSON")).collect();
    if !description.is_empty() {
        pairs.push(("description".into(), OrderedJson::Text(description.join("\n"))));
    }
    if let Some(allowed) = it.allowed() {
        let allowed = allowed.into_iter().map(OrderedJson::text).collect();
        pairs.push(("allowedValues".into(), OrderedJson::List(allowed)));
    }
    pairs.extend(value.map(|it| ("default".to_owned(), it)));
    if kind == "Integer" {
        builder.numbers.insert(name.clone());
    }
    builder.values.insert(name, format!("{{{{{called}}}}}"));
    if head.parameters.iter().any(|(it, _)| *it == called) {
        builder.finding(it.span, format!("two parameters would be called {called}"), "", true);
    }
    head.parameters.push((called, OrderedJson::Map(pairs)));
}
