//! The units of the language: one table that the parser, the printer, the checks and the reference all use.

use serde::{Deserialize, Serialize};

use super::{Dimension, Scale};

/// A unit without a "per"; [`UnitSymbol::TABLE`] holds its spelling, dimension and factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is described by its row in the table
pub enum UnitSymbol {
    One,
    Ratio,
    Percent,
    Nanosecond,
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Byte,
    Kilobyte,
    Megabyte,
    Gigabyte,
    Terabyte,
    Petabyte,
    Kibibyte,
    Mebibyte,
    Gibibyte,
    Tebibyte,
    Pebibyte,
}

/// One row of the unit table.
#[derive(Debug, Clone, Copy)]
pub struct UnitRow {
    /// Which unit.
    pub symbol: UnitSymbol,
    /// How it is written.
    pub spelling: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// How many base units (seconds, bytes, one) it is.
    pub factor: f64,
    /// Its name in the reference.
    pub name: &'static str,
}

const fn row(
    symbol: UnitSymbol,
    spelling: &'static str,
    dimension: Dimension,
    factor: f64,
    name: &'static str,
) -> UnitRow {
    UnitRow { symbol, spelling, dimension, factor, name }
}

impl UnitSymbol {
    /// Every unit, in the order of the enum.
    #[rustfmt::skip]
    pub const TABLE: [UnitRow; 22] = [
        row(Self::One,         "",      Dimension::NUMBER,   1.0,               "a plain number"),
        row(Self::Ratio,       "ratio", Dimension::RATIO,    1.0,               "a proportion, 0 to 1"),
        row(Self::Percent,     "%",     Dimension::RATIO,    0.01,              "percent"),
        row(Self::Nanosecond,  "ns",    Dimension::DURATION, 1e-9,              "nanoseconds"),
        row(Self::Microsecond, "us",    Dimension::DURATION, 1e-6,              "microseconds"),
        row(Self::Millisecond, "ms",    Dimension::DURATION, 1e-3,              "milliseconds"),
        row(Self::Second,      "s",     Dimension::DURATION, 1.0,               "seconds"),
        row(Self::Minute,      "m",     Dimension::DURATION, 60.0,              "minutes"),
        row(Self::Hour,        "h",     Dimension::DURATION, 3_600.0,           "hours"),
        row(Self::Day,         "d",     Dimension::DURATION, 86_400.0,          "days"),
        row(Self::Week,        "w",     Dimension::DURATION, 604_800.0,         "weeks"),
        row(Self::Byte,        "B",     Dimension::DATA,     1.0,               "bytes"),
        row(Self::Kilobyte,    "kB",    Dimension::DATA,     1e3,               "kilobytes (1000)"),
        row(Self::Megabyte,    "MB",    Dimension::DATA,     1e6,               "megabytes"),
        row(Self::Gigabyte,    "GB",    Dimension::DATA,     1e9,               "gigabytes"),
        row(Self::Terabyte,    "TB",    Dimension::DATA,     1e12,              "terabytes"),
        row(Self::Petabyte,    "PB",    Dimension::DATA,     1e15,              "petabytes"),
        row(Self::Kibibyte,    "KiB",   Dimension::DATA,     1024.0,            "kibibytes (1024)"),
        row(Self::Mebibyte,    "MiB",   Dimension::DATA,     1_048_576.0,       "mebibytes"),
        row(Self::Gibibyte,    "GiB",   Dimension::DATA,     1_073_741_824.0,   "gibibytes"),
        row(Self::Tebibyte,    "TiB",   Dimension::DATA,     1_099_511_627_776.0, "tebibytes"),
        row(Self::Pebibyte,    "PiB",   Dimension::DATA,     1_125_899_906_842_624.0, "pebibytes"),
    ];

    /// Returns its row in the table.
    pub fn row(self) -> &'static UnitRow {
        static TABLE: [UnitRow; 22] = UnitSymbol::TABLE;
        // INVARIANT: the table lists the variants in order of the enum; a test checks it.
        TABLE.get(self as usize).unwrap_or(&TABLE[0])
    }

    /// Returns the unit with this spelling.
    pub fn find(spelling: &str) -> Option<Self> {
        Self::TABLE.iter().find(|row| row.spelling == spelling).map(|row| row.symbol)
    }
}

/// The "per" of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum TimeUnit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
}

impl TimeUnit {
    /// All, smallest first.
    pub const ALL: [Self; 5] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week];

    /// The unit it is written as.
    pub const fn symbol(self) -> UnitSymbol {
        match self {
            Self::Second => UnitSymbol::Second,
            Self::Minute => UnitSymbol::Minute,
            Self::Hour => UnitSymbol::Hour,
            Self::Day => UnitSymbol::Day,
            Self::Week => UnitSymbol::Week,
        }
    }

    fn find(spelling: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.symbol().row().spelling == spelling)
    }
}

/// A unit as written after a number or after `in`: `ms`, `%`, `MiB/s`, `/m`. As JSON it is its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Unit {
    /// What is counted.
    pub symbol: UnitSymbol,
    /// For each of which time.
    pub per: Option<TimeUnit>,
}

/// Why a spelling is not a unit, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitRefusal {
    /// A spelling that other tools use for a unit of this language: the right spellings.
    Doubtful(&'static [&'static str]),
    /// Not a unit at all, and nothing is close.
    Unknown,
}

impl Unit {
    /// A plain number.
    pub const ONE: Self = Self::of(UnitSymbol::One);

    /// A unit without a "per".
    pub const fn of(symbol: UnitSymbol) -> Self {
        Self { symbol, per: None }
    }

    /// Parses a unit. For a spelling of another tool the error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, UnitRefusal> {
        let (symbol, per) = text.split_once('/').map_or((text, None), |(symbol, per)| (symbol, Some(per)));
        let per = match per {
            None => None,
            Some(per) => Some(TimeUnit::find(per).ok_or_else(|| UnitRefusal::of(per))?),
        };
        if symbol.is_empty() && per.is_none() {
            return Err(UnitRefusal::Unknown);
        }
        UnitSymbol::find(symbol).map(|symbol| Self { symbol, per }).ok_or_else(|| UnitRefusal::of(symbol))
    }

    /// What it measures.
    pub fn dimension(self) -> Dimension {
        let base = self.symbol.row().dimension;
        if self.per.is_none() {
            return base;
        }
        let time = base.time - 1;
        let scale = if base.scale == Scale::Ratio { Scale::Ratio } else { Scale::Plain };
        Dimension { time, data: base.data, scale }
    }

    /// The number of base units in one of it.
    pub fn factor(self) -> f64 {
        self.symbol.row().factor / self.per.map_or(1.0, |per| per.symbol().row().factor)
    }

    /// Whether it belongs to the 1024 family.
    pub fn is_binary(self) -> bool {
        self.symbol.row().spelling.contains('i') && self.symbol != UnitSymbol::Ratio
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        let per = unit.per.map_or(Self::new(), |per| format!("/{}", per.symbol().row().spelling));
        unit.symbol.row().spelling.to_owned() + &per
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            Ok(Self::ONE)
        } else {
            Self::parse(&text).map_err(|_| format!("no unit `{text}`"))
        }
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A proportion is read as 0–1 and prints as %.
        f.write_str(if self.symbol == UnitSymbol::Ratio { "%" } else { self.symbol.row().spelling })?;
        self.per.map_or(Ok(()), |per| write!(f, "/{}", per.symbol().row().spelling))
    }
}

impl UnitRefusal {
    /// What was probably meant by a spelling of another tool.
    fn of(written: &str) -> Self {
        let right: &'static [&'static str] = match written {
            "min" | "mins" | "minute" | "minutes" => &["m"],
            "sec" | "secs" | "second" | "seconds" | "S" => &["s"],
            "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" | "mS" => &["ms"],
            "usec" | "usecs" | "µs" | "μs" | "microsecond" | "microseconds" => &["us"],
            "nsec" | "nanosecond" | "nanoseconds" => &["ns"],
            "hr" | "hrs" | "hour" | "hours" | "H" => &["h"],
            "day" | "days" => &["d"],
            "week" | "weeks" => &["w"],
            "mo" | "mon" | "month" | "months" => &["30d"],
            "y" | "yr" | "year" | "years" => &["365d"],
            "k" | "K" | "KB" | "kb" | "Kb" => &["kB", "KiB"],
            "M" => &["MB", "MiB", "m"],
            "G" | "gb" | "Gb" => &["GB", "GiB"],
            "T" | "tb" | "Tb" => &["TB", "TiB"],
            "P" => &["PB", "PiB"],
            "Ki" | "kiB" | "kib" | "KIB" => &["KiB"],
            "Mi" | "mib" | "MIB" => &["MiB"],
            "Gi" | "gib" | "GIB" => &["GiB"],
            "Ti" => &["TiB"],
            "Pi" => &["PiB"],
            "b" | "byte" | "bytes" | "Byte" | "Bytes" => &["B"],
            "mb" | "Mb" => &["MB", "MiB"],
            "kbps" => &["kB/s", "KiB/s"],
            "mbps" | "Mbps" | "MBps" | "mbit" | "Mbit" => &["MB/s", "MiB/s"],
            "gbps" | "Gbps" | "GBps" => &["GB/s", "GiB/s"],
            "percent" | "pct" | "perc" => &["%"],
            "rps" | "qps" | "tps" | "iops" | "hz" | "Hz" => &["/s"],
            "rpm" => &["/m"],
            _ => return Self::Unknown,
        };
        Self::Doubtful(right)
    }
}

#[cfg(test)]
mod tests {
    use super::{Unit, UnitRefusal, UnitSymbol};

    #[test]
    fn the_table_follows_the_enum() {
        for (index, row) in UnitSymbol::TABLE.iter().enumerate() {
            assert_eq!(row.symbol as usize, index, "{}", row.spelling);
        }
    }

    #[test]
    fn reads_and_prints() {
        for spelling in ["ms", "%", "MiB/s", "/m", "%/h", "w"] {
            assert_eq!(Unit::parse(spelling).unwrap().to_string(), spelling);
        }
        assert_eq!(Unit::parse("ratio").unwrap().to_string(), "%");
    }

    #[test]
    fn refuses_doubtful_spellings_with_the_right_one() {
        assert_eq!(Unit::parse("min"), Err(UnitRefusal::Doubtful(&["m"])));
        assert_eq!(Unit::parse("Mi"), Err(UnitRefusal::Doubtful(&["MiB"])));
        assert_eq!(Unit::parse("mbps"), Err(UnitRefusal::Doubtful(&["MB/s", "MiB/s"])));
        assert_eq!(Unit::parse("foo"), Err(UnitRefusal::Unknown));
        assert_eq!(Unit::parse(""), Err(UnitRefusal::Unknown));
    }
}
