//! The parameters of a world: usually their defaults; a value of their type if they have none.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::near::rounded;
use crate::fuzz::rng::Rng;
use crate::scripted::{Script, Scripted, SimulatedClock, start_of};
use rbl_check::{ParamDeclared, Program};
use rbl_runtime::{NoObserver, Session, Start};
use rbl_syntax::tree::ParamType;
use rbl_syntax::value::{Dimension, Form, Quantity, Value};

/// A parameter differs from its default once in this many worlds.
const OTHER: usize = 24;

/// Random parameters: those without a default get a value, the others now and then a value other than their default.
pub(super) fn random(program: &Program, rng: &mut Rng) -> BTreeMap<SmolStr, Value> {
    let mut params = BTreeMap::new();
    let Some(runbook) = program.runbook(program.main()) else { return params };
    for param in &runbook.params {
        let value = match default(program, param) {
            known if param.declaration.among.is_some() => {
                // Each value that is allowed is a case of its own.
                if known.is_some() && rng.once_in(2) { None } else { one_allowed(param, rng) }
            }
            Some(default) if rng.once_in(OTHER) => other(&default, rng),
            Some(_) => None,
            None => of_type(param.of, rng),
        };
        if let Some(value) = value {
            params.insert(param.declaration.name.text.clone(), value);
        }
    }
    params
}

/// Other values for the parameters that have defaults, each with its name.
pub(super) fn others(program: &Program) -> Vec<(SmolStr, Value)> {
    let mut all = Vec::new();
    let Some(runbook) = program.runbook(program.main()) else { return all };
    for param in &runbook.params {
        let Some(default) = default(program, param) else { continue };
        let name = &param.declaration.name.text;
        if let Some(allowed) = param.declaration.allowed() {
            let rest = allowed.into_iter().map(Value::text).filter(|value| *value != default);
            all.extend(rest.map(|value| (name.clone(), value)));
            continue;
        }
        for times in [0.5, 1.05, 2.0] {
            all.extend(scaled(&default, times).map(|value| (name.clone(), value)));
        }
    }
    all
}

/// One of the values that the parameter allows.
fn one_allowed(param: &ParamDeclared, rng: &mut Rng) -> Option<Value> {
    let allowed = param.declaration.allowed()?;
    rng.pick(&allowed).map(|text| Value::text(*text))
}

fn default(program: &Program, param: &ParamDeclared) -> Option<Value> {
    let default = param.declaration.default.as_ref()?;
    let mut session = Session::new(Start::default());
    let clock = SimulatedClock::at(start_of(program)?);
    let mut world = Scripted::new(&Script::default(), program, clock);
    session.value(program, default, &mut world, &mut NoObserver).ok()
}

/// Another value of the same kind.
fn other(default: &Value, rng: &mut Rng) -> Option<Value> {
    scaled(default, *rng.pick(&[0.5, 2.0, 3.0])?)
}

/// Another value of the same kind: a number multiplied by `times`.
fn scaled(default: &Value, times: f64) -> Option<Value> {
    match default {
        Value::Quantity(quantity) => {
            let base = rounded(quantity.base * times);
            // A count stays a whole number.
            let base = if quantity.base.fract() == 0.0 { base.ceil() } else { base };
            Some(Value::Quantity(Quantity { base, ..*quantity }))
        }
        Value::ExactNumber(number) => scaled(&Value::Quantity(Quantity::number(number.computable()?)), times),
        Value::Bool(value) => Some(Value::Bool(!value)),
        Value::Text(_) => Some(Value::text("other")),
        _ => None,
    }
}

/// A value of a type, for a parameter without a default.
fn of_type(of: Option<ParamType>, rng: &mut Rng) -> Option<Value> {
    let quantity = |base: f64, dimension: Dimension| {
        Value::Quantity(Quantity { base, dimension, unit: None, form: Form::Measured })
    };
    Some(match of? {
        ParamType::Text => Value::text(*rng.pick(&["a", "b"])?),
        ParamType::Number => Value::Quantity(Quantity::number(*rng.pick(&[1.0, 3.0, 0.0, 10.0])?)),
        ParamType::Bool => Value::Bool(rng.once_in(2)),
        ParamType::Duration => quantity(*rng.pick(&[60.0, 600.0, 3_600.0])?, Dimension::DURATION),
        ParamType::Data => quantity(*rng.pick(&[1e6, 1e9])?, Dimension::DATA),
        ParamType::Ratio => quantity(*rng.pick(&[0.5, 0.9, 0.05])?, Dimension::RATIO),
        ParamType::Unknown => return None,
    })
}
