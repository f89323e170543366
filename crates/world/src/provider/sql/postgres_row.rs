//! The values of `PostgreSQL`: bind parameters as their text, which the server reads as the type that the query needs, and the cells of a row.

use std::error::Error;

use rbl_runtime::Datum;
use rbl_syntax::value::{Reason, ReasonKind};
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::cell::SqlCell;
use super::numeric;
use super::refused;

/// A bind parameter.
#[derive(Debug)]
pub(super) struct PostgresParameter(String);

impl PostgresParameter {
    /// A value of the runbook. A list is an array, as `= ANY(…)` takes it.
    pub(super) fn of(datum: &Datum) -> Result<Self, Reason> {
        Ok(Self(match datum {
            Datum::Text(text) => text.clone(),
            Datum::Number(number)
            | Datum::Duration(number)
            | Datum::Data(number)
            | Datum::Reading { number, .. } => number.to_string(),
            Datum::ExactNumber(digits) => digits.to_string(),
            Datum::Bool(value) => value.to_string(),
            Datum::List(items) => {
                let items: Result<Vec<String>, Reason> = items.iter().map(element).collect();
                format!("{{{}}}", items?.join(","))
            }
            Datum::Secret(_) => return Err(refused("a secret was not read")),
        }))
    }
}

fn element(datum: &Datum) -> Result<String, Reason> {
    if matches!(datum, Datum::List(_)) {
        return Err(refused("a list of lists cannot be a bind parameter"));
    }
    let text = PostgresParameter::of(datum)?.0;
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

impl ToSql for PostgresParameter {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// The bytes of a cell as they came; `None` for NULL.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A cell.
///
/// Errors: it has a type that is not read here.
pub(super) fn read_cell(row: &Row, at: usize) -> Result<SqlCell, Reason> {
    let column = row.columns().get(at).ok_or_else(|| refused("the answer has fewer columns than it says"))?;
    let (name, of) = (column.name(), column.type_());
    let unreadable = |text: String| Reason::new(ReasonKind::Unreadable, text);
    let raw: Option<Raw<'_>> =
        row.try_get(at).map_err(|_| unreadable(format!("the column `{name}` cannot be read")))?;
    let Some(Raw(bytes)) = raw else { return Ok(SqlCell::Null) };
    read(bytes, of).ok_or_else(|| {
        unreadable(format!("the column `{name}` is of type {of}, which is not read: write `{name}::text`"))
    })
}

fn read(bytes: &[u8], of: &Type) -> Option<SqlCell> {
    let text = || std::str::from_utf8(bytes).ok().map(|text| SqlCell::Text(text.to_owned()));
    if matches!(of.kind(), Kind::Enum(_)) {
        return text();
    }
    if let Kind::Domain(inner) = of.kind() {
        return read(bytes, inner);
    }
    match *of {
        Type::BOOL => Some(SqlCell::Bool(bytes != [0])),
        Type::INT2 => Some(SqlCell::Whole(i16::from_be_bytes(bytes.try_into().ok()?).into())),
        Type::INT4 => Some(SqlCell::Whole(i32::from_be_bytes(bytes.try_into().ok()?).into())),
        Type::INT8 => Some(SqlCell::Whole(i64::from_be_bytes(bytes.try_into().ok()?))),
        Type::OID => Some(SqlCell::Whole(u32::from_be_bytes(bytes.try_into().ok()?).into())),
        // The shortest text of a float of 32 bits is the number that was meant.
        Type::FLOAT4 => {
            let number = f32::from_be_bytes(bytes.try_into().ok()?);
            Some(SqlCell::Real(number.to_string().parse().unwrap_or_else(|_| f64::from(number))))
        }
        Type::FLOAT8 => Some(SqlCell::Real(f64::from_be_bytes(bytes.try_into().ok()?))),
        Type::NUMERIC => numeric::read(bytes),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::JSON | Type::XML => {
            text()
        }
        // A version stands before it.
        Type::JSONB => match bytes {
            [1, rest @ ..] => std::str::from_utf8(rest).ok().map(|text| SqlCell::Text(text.to_owned())),
            _ => None,
        },
        Type::UUID => Some(SqlCell::Text(uuid::Uuid::from_slice(bytes).ok()?.to_string())),
        Type::TIMESTAMPTZ => {
            let at = jiff::Timestamp::from_sql(of, bytes).ok()?;
            Some(SqlCell::Text(at.to_string()))
        }
        Type::TIMESTAMP => Some(SqlCell::Text(jiff::civil::DateTime::from_sql(of, bytes).ok()?.to_string())),
        Type::DATE => Some(SqlCell::Text(jiff::civil::Date::from_sql(of, bytes).ok()?.to_string())),
        Type::TIME => Some(SqlCell::Text(jiff::civil::Time::from_sql(of, bytes).ok()?.to_string())),
        Type::BYTEA => Some(SqlCell::Bytes(bytes.to_vec())),
        _ => None,
    }
}
