//! How a type of Graph is described: its properties, and what a query may ask of each.
//! The types are in `graph/types.rs`.
//! No name is ignored anywhere.

use super::errors::Refused;
use super::filter::{Filter, Literal, Operator};

#[derive(Debug)]
pub(crate) struct Entity {
    /// Its name, without `microsoft.graph.`.
    pub(crate) name: &'static str,
    /// What the sandbox serves of it: what properties hold, what can be asked of them, and the names of those that
    /// are alike, with a blank between.
    pub(crate) properties: &'static [(Kind, u16, &'static str)],
    /// What else it has in Graph, with a blank between; asking for it is refused, and not as if there were no such
    /// name.
    pub(crate) elsewhere: &'static str,
    pub(crate) expands: &'static [&'static str],
    /// Whether it is kept in the directory, which answers some questions from its index alone: those need the
    /// header `ConsistencyLevel: eventual` and `$count=true`.
    pub(crate) is_directory: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Property {
    /// Its name; inside `$filter` alone, a path.
    pub(crate) name: &'static str,
    kind: Kind,
    takes: u16,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// Written without quotes in a filter.
    Guid,
    Flag,
    /// Written without quotes in a filter.
    Time,
    Texts,
    Objects(&'static Entity),
    /// What no filter looks into.
    Other,
}

pub(crate) const EQ: u16 = 1;
/// `ne`, and `not` before a comparison.
pub(crate) const NE: u16 = 2;
/// `ge` and `le`.
pub(crate) const RANGE: u16 = 4;
pub(crate) const IN: u16 = 8;
pub(crate) const STARTS: u16 = 16;
/// Everything a name can be asked.
pub(crate) const NAME: u16 = EQ | NE | RANGE | IN | STARTS;
pub(crate) const SORT: u16 = 32;
pub(crate) const SEARCH: u16 = 64;
/// It is not in answers that nothing was selected of.
pub(crate) const ON_REQUEST: u16 = 128;
/// It is a path inside filters, and nothing else.
pub(crate) const PATH: u16 = 256;

impl Property {
    /// Returns whether it is in an answer that nothing was selected of.
    pub(crate) fn is_shown(self) -> bool {
        self.takes & (ON_REQUEST | PATH) == 0
    }
}

impl Entity {
    /// A type outside the directory, all of which the sandbox serves.
    pub(crate) const fn new(name: &'static str, properties: &'static [(Kind, u16, &'static str)]) -> Self {
        Self { name, properties, elsewhere: "", expands: &[], is_directory: false }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Property> + use<> {
        self.properties.iter().flat_map(|&(kind, takes, names)| {
            names.split(' ').map(move |name| Property { name, kind, takes })
        })
    }

    fn find(&self, name: &str, failed: &str) -> Result<Property, Refused> {
        self.all().find(|property| property.name == name).ok_or_else(|| self.unknown(failed, name))
    }

    fn find_selectable(&self, name: &str, failed: &str) -> Result<Property, Refused> {
        self.find(name, failed).and_then(|property| match property.takes & PATH {
            0 => Ok(property),
            _ => Err(self.unknown(failed, name)),
        })
    }

    pub(crate) fn selected(&self, name: &str) -> Result<Property, Refused> {
        self.find_selectable(name, "Parsing OData Select and Expand failed")
    }

    pub(crate) fn sorted(&self, name: &str) -> Result<Property, Refused> {
        let property = self.find_selectable(name, "Invalid orderby clause")?;
        match property.takes & SORT {
            0 => Err(Refused::unsupported("Sorting not supported for current query.")),
            _ => Ok(property),
        }
    }

    pub(crate) fn searched(&self, name: &str) -> Result<Property, Refused> {
        let property = self.find(name, "Invalid search clause")?;
        match property.takes & SEARCH {
            0 => Err(Refused::unsupported(format!("Property '{name}' is not searchable."))),
            _ => Ok(property),
        }
    }

    pub(crate) fn expanded(&self, name: &str) -> Result<&'static str, Refused> {
        let known = self.expands.iter().find(|known| **known == name);
        known.copied().ok_or_else(|| self.unknown("Parsing OData Select and Expand failed", name))
    }

    fn unknown(&self, failed: &str, name: &str) -> Refused {
        match self.elsewhere.split_whitespace().any(|known| known == name) {
            true => Refused::not_served(&format!("'{name}' of microsoft.graph.{}", self.name)),
            false => Refused::bad(format!(
                "{failed}: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                self.name
            )),
        }
    }

    /// Refuses a filter that Graph would refuse: an unknown name, an operator that the property does not take, a
    /// value of another kind. `also` is what a property must take beside its comparison: `not` around it.
    ///
    /// # Errors
    /// What is wrong with it, in Graph's words.
    pub(crate) fn check(&self, filter: &Filter, also: u16) -> Result<(), Refused> {
        match filter {
            Filter::All(parts) | Filter::Any(parts) => {
                parts.iter().try_for_each(|part| self.check(part, also))
            }
            Filter::Not(part) => self.check(part, NE),
            Filter::Compare(name, operator, value) => {
                let wanted = match operator {
                    Operator::Equal => EQ,
                    Operator::NotEqual => NE,
                    Operator::AtLeast | Operator::AtMost => RANGE,
                };
                self.comparable(name, wanted | also)?.kind.check(value)
            }
            Filter::StartsWith(name, _) => self.comparable(name, STARTS | also).map(drop),
            Filter::In(name, values) => {
                let kind = self.comparable(name, IN | also)?.kind;
                values.iter().try_for_each(|value| kind.check(value))
            }
            Filter::Has(name, inner) => match self.comparable(name, EQ | also)?.kind {
                Kind::Objects(entity) => entity.check(inner, 0),
                Kind::Texts => ELEMENT.check(inner, 0),
                _ => Err(Refused::bad_filter()),
            },
            // Made of a `$search`, which has looked for its property already.
            Filter::Word(..) => Ok(()),
        }
    }

    fn comparable(&self, name: &str, wanted: u16) -> Result<Property, Refused> {
        let property = self.find(name, "Invalid filter clause")?;
        match property.takes & wanted == wanted {
            true => Ok(property),
            false => Err(Refused::bad_filter()),
        }
    }
}

static ELEMENT: Entity = Entity::new("Edm.String", &[(Kind::Text, EQ, "")]);

impl Kind {
    fn check(self, value: &Literal) -> Result<(), Refused> {
        let is_guid = |text: &str| uuid::Uuid::try_parse(text).is_ok();
        let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
        let (wanted, is_fitting) = match (self, value) {
            (Self::Text, value) => ("Edm.String", matches!(value, Literal::Text(_) | Literal::Null)),
            (Self::Flag, value) => ("Edm.Boolean", matches!(value, Literal::Flag(_) | Literal::Null)),
            (Self::Guid, Literal::Bare(text)) => ("Edm.Guid", is_guid(text)),
            (Self::Guid, _) => ("Edm.Guid", false),
            (Self::Time, Literal::Bare(text)) => ("Edm.DateTimeOffset", is_time(text)),
            (Self::Time, _) => ("Edm.DateTimeOffset", false),
            (Self::Texts | Self::Objects(_) | Self::Other, _) => return Err(Refused::bad_filter()),
        };
        match is_fitting {
            true => Ok(()),
            false => Err(Refused::bad(format!(
                "Invalid filter clause: A binary operator with incompatible types was detected. Found operand type '{wanted}' \
                 beside {value}."
            ))),
        }
    }
}
