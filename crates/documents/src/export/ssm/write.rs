//! Puts the steps in order, gives them their names, and writes the document.

use std::collections::BTreeSet;

use super::build::{Builder, ExportedStep, Lead};
use super::output::OrderedJson;
use super::params::ExportedHead;

/// The steps of a list, in order: the way of success first, then what is jumped to.
fn order(nodes: &[ExportedStep], first: Lead) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut later: Vec<Lead> = vec![first];
    while let Some(lead) = later.pop() {
        let mut at = lead;
        let mut jumps: Vec<Lead> = Vec::new();
        while let Some((index, node)) = at.and_then(|it| Some((it, nodes.get(it)?))) {
            if !seen.insert(index) {
                break;
            }
            found.push(index);
            jumps.extend(node.choices.iter().map(|(_, lead)| *lead));
            jumps.extend(node.failure.iter().map(|(lead, _)| *lead));
            at = node.next;
        }
        jumps.reverse();
        later.extend(jumps);
    }
    found
}

/// The document.
pub(super) fn document(builder: &mut Builder<'_>, head: ExportedHead, first: Lead) -> Option<OrderedJson> {
    let mut all: Vec<usize> = Vec::new();
    collect(&builder.nodes, first, &mut all);
    if all.is_empty() {
        builder.finding(
            rbl_syntax::source::Span::new(0, 0),
            "nothing in it is a step of an automation",
            "",
            true,
        );
        return None;
    }
    // Each has a name of its own.
    let mut names: Vec<String> = vec![String::new(); builder.nodes.len()];
    let mut taken = BTreeSet::new();
    for &index in &all {
        let wanted = builder.nodes.get(index).map(|it| it.name.clone()).unwrap_or_default();
        let wanted = if wanted.len() < 3 { format!("{wanted}Step") } else { wanted };
        let mut name = wanted.clone();
        let mut n = 2;
        while !taken.insert(name.clone()) {
            name = format!("{wanted}_{n}");
            n += 1;
        }
        if let Some(place) = names.get_mut(index) {
            *place = name;
        }
    }
    let mut values = builder.values.clone();
    for (name, (index, output)) in &builder.given {
        let step = names.get(*index).map_or("", String::as_str);
        values.insert(name.clone(), format!("{{{{{step}.{output}}}}}"));
    }
    let mut unknown = BTreeSet::new();
    for &index in &all {
        let Some(node) = builder.nodes.get(index) else { continue };
        let mut used = Vec::new();
        node.inputs.iter().for_each(|(_, it)| it.names(&mut used));
        node.timeout.iter().for_each(|it| it.names(&mut used));
        node.choices.iter().flat_map(|(it, _)| it).for_each(|(_, it)| it.names(&mut used));
        unknown.extend(used.into_iter().filter(|it| !values.contains_key(it)));
    }
    for name in unknown {
        let at = builder.text.find(&name).unwrap_or_default();
        let place = |at: usize| u32::try_from(at).unwrap_or_default();
        let span = rbl_syntax::source::Span::new(place(at), place(at + name.len()));
        builder.finding(span, format!("`{name}` is neither a parameter nor an output"), "", true);
    }
    let value =
        |name: &str| Some(OrderedJson::text(values.get(name).cloned().unwrap_or_else(|| name.to_owned())));
    let writer = Writer { nodes: &builder.nodes, names: &names, value: &value };
    let steps = writer.list(first);
    let mut parameters = head.parameters;
    for &index in &all {
        // Who approves is given where it is not written.
        let inputs = builder.nodes.get(index).map(|it| it.inputs.as_slice()).unwrap_or_default();
        let approvers = inputs.iter().find(|(key, _)| key == "Approvers");
        if let Some((_, OrderedJson::Text(text))) = approvers {
            let name = text.trim_matches(['{', '}']).to_owned();
            if !parameters.iter().any(|(it, _)| *it == name) {
                let description = OrderedJson::text("Who may approve: names or ARNs of IAM");
                let kind = OrderedJson::text("StringList");
                parameters.push((
                    name,
                    OrderedJson::Map(vec![("type".into(), kind), ("description".into(), description)]),
                ));
            }
        }
    }
    let mut pairs = vec![
        ("schemaVersion".to_owned(), OrderedJson::text("0.3")),
        ("description".to_owned(), OrderedJson::Text(head.description)),
    ];
    if !parameters.is_empty() {
        pairs.push(("parameters".into(), OrderedJson::Map(parameters)));
    }
    let mut outputs: Vec<OrderedJson> = Vec::new();
    for it in builder.recorded.iter().filter_map(|(_, _, it)| values.get(it)) {
        let it = OrderedJson::text(it.trim_matches(['{', '}']));
        if !outputs.contains(&it) {
            outputs.push(it);
        }
    }
    if !outputs.is_empty() {
        pairs.push(("outputs".into(), OrderedJson::List(outputs)));
    }
    pairs.push(("mainSteps".into(), steps));
    Some(OrderedJson::Map(pairs))
}

/// Every step, also those of loops.
fn collect(nodes: &[ExportedStep], first: Lead, found: &mut Vec<usize>) {
    for index in order(nodes, first) {
        found.push(index);
        if let Some(body) = nodes.get(index).and_then(|it| it.body) {
            collect(nodes, body, found);
        }
    }
}

struct Writer<'a> {
    nodes: &'a [ExportedStep],
    names: &'a [String],
    value: &'a dyn Fn(&str) -> Option<OrderedJson>,
}

impl Writer<'_> {
    fn list(&self, first: Lead) -> OrderedJson {
        let steps =
            order(self.nodes, first).into_iter().filter_map(|it| Some(self.step(it, self.nodes.get(it)?)));
        OrderedJson::List(steps.collect())
    }

    fn name(&self, index: usize) -> OrderedJson {
        OrderedJson::text(self.names.get(index).map_or("", String::as_str))
    }

    fn step(&self, index: usize, node: &ExportedStep) -> OrderedJson {
        let mut pairs = vec![
            ("name".to_owned(), self.name(index)),
            ("action".to_owned(), OrderedJson::Text(format!("aws:{}", node.action))),
        ];
        if !node.description.is_empty() {
            pairs.push(("description".into(), OrderedJson::Text(node.description.join("\n"))));
        }
        pairs.extend(node.timeout.as_ref().map(|it| ("timeoutSeconds".to_owned(), it.filled(self.value))));
        pairs.extend(node.attempts.map(|it| ("maxAttempts".to_owned(), OrderedJson::plain(it))));
        match node.failure {
            // Without another step behind it, what has failed is the end.
            Some((lead, critical)) if lead == node.next => {
                pairs.push(("onFailure".into(), OrderedJson::text("Continue")));
                if critical {
                    pairs.push(("isCritical".into(), OrderedJson::plain(true)));
                }
            }
            Some((Some(lead), critical)) => {
                let name = self.names.get(lead).map_or("", String::as_str);
                pairs.push(("onFailure".into(), OrderedJson::Text(format!("step:{name}"))));
                pairs.push(("isCritical".into(), OrderedJson::plain(critical)));
            }
            Some((None, _)) | None => {}
        }
        let mut inputs: Vec<(String, OrderedJson)> =
            node.inputs.iter().map(|(key, it)| (key.clone(), it.filled(self.value))).collect();
        if node.action == "branch" {
            let choices = node.choices.iter().map(|(choice, lead)| {
                let mut pairs = Vec::new();
                if let Some(lead) = lead {
                    pairs.push(("NextStep".to_owned(), self.name(*lead)));
                }
                pairs.extend(choice.iter().map(|(key, it)| (key.clone(), it.filled(self.value))));
                OrderedJson::Map(pairs)
            });
            inputs.push(("Choices".into(), OrderedJson::List(choices.collect())));
            inputs.extend(node.next.map(|it| ("Default".to_owned(), self.name(it))));
        }
        if let Some(body) = node.body {
            inputs.push(("Steps".into(), self.list(body)));
        }
        pairs.push(("inputs".into(), OrderedJson::Map(inputs)));
        let outputs: Vec<OrderedJson> = node
            .outputs
            .iter()
            .filter(|(_, _, selector, _)| !selector.is_empty())
            .map(|(_, name, selector, kind)| {
                let pair = |key: &str, it: &str| (key.to_owned(), OrderedJson::text(it));
                OrderedJson::Map(vec![pair("Name", name), pair("Selector", selector), pair("Type", kind)])
            })
            .collect();
        if !outputs.is_empty() {
            pairs.push(("outputs".into(), OrderedJson::List(outputs)));
        }
        match node.next {
            Some(next) if node.action != "branch" => pairs.push(("nextStep".into(), self.name(next))),
            Some(_) => {}
            None => pairs.push(("isEnd".into(), OrderedJson::plain(true))),
        }
        OrderedJson::Map(pairs)
    }
}
