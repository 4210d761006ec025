//! Evaluates `$filter` and `$search` on directory objects.
//! Comparisons, `startswith`, `in`, `any`, `and`, `or`, `not`, and the words of a search.

use std::cmp::Ordering;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(String, Operator, Literal),
    StartsWith(String, String),
    In(String, Vec<Literal>),
    /// `collection/any(x: …)`, with the inner properties named without the variable; the element itself is the
    /// property of no name.
    Has(String, Box<Self>),
    /// Of `$search`: a word of the property begins so, in lower case.
    Word(&'static str, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
}

/// A value in a filter, or of a property.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Literal {
    Text(String),
    /// Text that stood without quotes: an id, or a time.
    Bare(String),
    Flag(bool),
    Null,
}

impl Literal {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Bare(text) => Some(text),
            Self::Flag(_) | Self::Null => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Bare(text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Null => f.write_str("null"),
        }
    }
}

/// What a filter looks at.
pub(crate) trait Record {
    /// Returns a property; `None` where the type has no such property.
    fn property(&self, name: &str) -> Option<Literal>;

    fn has(&self, _collection: &str, _filter: &Filter) -> bool {
        false
    }
}

/// A row as it is answered, and an element of a list in it.
impl Record for Value {
    fn property(&self, name: &str) -> Option<Literal> {
        let value = name.split('/').filter(|part| !part.is_empty()).try_fold(self, |at, part| at.get(part));
        match value {
            Some(Self::String(text)) => Some(Literal::Text(text.clone())),
            Some(Self::Bool(flag)) => Some(Literal::Flag(*flag)),
            // A path that ends early ends at nothing.
            Some(Self::Null) | None => Some(Literal::Null),
            Some(Self::Number(number)) => Some(Literal::Bare(number.to_string())),
            Some(Self::Array(_) | Self::Object(_)) => None,
        }
    }

    fn has(&self, collection: &str, filter: &Filter) -> bool {
        self[collection].as_array().into_iter().flatten().any(|element| filter.holds(element))
    }
}

impl Filter {
    pub(crate) fn mentions(&self, names: &[&str]) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(names)),
            Self::Not(part) => part.mentions(names),
            Self::Word(name, _) => names.contains(name),
            // The inner names of `Has` are those of the elements.
            Self::Compare(name, ..) | Self::StartsWith(name, _) | Self::In(name, _) | Self::Has(name, _) => {
                names.contains(&name.as_str())
            }
        }
    }

    /// Returns whether the directory answers it from its index alone: where it says what is not so.
    pub(crate) fn is_advanced(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_advanced),
            Self::Not(_) | Self::Word(..) | Self::Compare(_, Operator::NotEqual, _) => true,
            Self::Has(_, part) => part.is_advanced(),
            Self::Compare(..) | Self::StartsWith(..) | Self::In(..) => false,
        }
    }

    /// Returns whether it is so of a record; a property that the record has not makes a comparison false.
    pub(crate) fn holds(&self, record: &dyn Record) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Self::Not(part) => !part.holds(record),
            Self::Has(collection, part) => record.has(collection, part),
            Self::StartsWith(name, start) => {
                let property = record.property(name);
                let text = property.as_ref().and_then(Literal::text);
                text.is_some_and(|text| text.to_lowercase().starts_with(&start.to_lowercase()))
            }
            Self::In(name, values) => {
                let property = record.property(name);
                values.iter().any(|value| property.as_ref().is_some_and(|p| same(p, value)))
            }
            Self::Word(name, start) => {
                let property = record.property(name);
                let text = property.as_ref().and_then(Literal::text).unwrap_or_default().to_lowercase();
                text.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(start))
            }
            Self::Compare(name, operator, value) => {
                let Some(property) = record.property(name) else { return false };
                let order = || Some(order(property.text()?, value.text()?));
                match operator {
                    Operator::Equal => same(&property, value),
                    Operator::NotEqual => !same(&property, value),
                    Operator::AtLeast => order().is_some_and(Ordering::is_ge),
                    Operator::AtMost => order().is_some_and(Ordering::is_le),
                }
            }
        }
    }

    /// Returns the parts of a conjunction; a filter that is none is its own only part.
    pub(crate) fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }
}

fn same(a: &Literal, b: &Literal) -> bool {
    match (a.text(), b.text()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b) || order(a, b).is_eq(),
        _ => a == b,
    }
}

/// Times are compared as such: `10:00:00Z` comes before `10:00:00.5Z`, which it would not as text.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let moment = |text: &str| match text.as_bytes().get(10) {
        Some(b'T') => text.parse::<jiff::Timestamp>().ok(),
        _ => None,
    };
    match moment(a).zip(moment(b)) {
        Some((a, b)) => a.cmp(&b),
        None => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}
