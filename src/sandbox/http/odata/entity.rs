//! What Graph's types have: the one table that `$select`, `$filter`, `$orderby`, `$search`, `$expand` and answers
//! are read from, so that no name is ignored anywhere.

use super::answer::Refused;
use super::filter::{Filter, Literal, Operator};

/// A type of Graph's.
#[derive(Debug)]
pub(crate) struct Entity {
    /// Its name, without `microsoft.graph.`.
    pub(crate) name: &'static str,
    /// What the sandbox serves of it.
    pub(crate) properties: &'static [&'static [Property]],
    /// What else it has in Graph; asking for it is refused, and not as if there were no such name.
    pub(crate) elsewhere: &'static [&'static [&'static str]],
    /// What `$expand` takes.
    pub(crate) expands: &'static [&'static str],
    /// Whether it is kept in the directory, which answers some questions from its index alone: those need the
    /// header `ConsistencyLevel: eventual` and `$count=true`.
    pub(crate) is_directory: bool,
}

/// A property, and what can be asked of it.
#[derive(Debug)]
pub(crate) struct Property {
    /// Its name; inside `$filter` alone, a path.
    pub(crate) name: &'static str,
    kind: Kind,
    filters: u8,
    is_sortable: bool,
    is_searchable: bool,
    /// Whether it is in an answer that nothing was selected of.
    pub(crate) is_shown: bool,
    is_selectable: bool,
}

/// What a property holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// Written without quotes in a filter.
    Guid,
    Flag,
    /// Written without quotes in a filter.
    Time,
    /// A list of texts.
    Texts,
    /// A list of objects.
    Objects(&'static Entity),
    /// What no filter looks into.
    Other,
}

/// `eq`.
pub(crate) const EQ: u8 = 1;
/// `ne`, and `not` before a comparison.
pub(crate) const NE: u8 = 2;
/// `ge` and `le`.
pub(crate) const RANGE: u8 = 4;
/// `in`.
pub(crate) const IN: u8 = 8;
/// `startswith`.
pub(crate) const STARTS: u8 = 16;
/// Everything a name can be asked.
pub(crate) const NAME: u8 = EQ | NE | RANGE | IN | STARTS;

impl Property {
    /// A property that is in every answer and in no filter.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            filters: 0,
            is_sortable: false,
            is_searchable: false,
            is_shown: true,
            is_selectable: true,
        }
    }

    /// A text.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text)
    }

    /// True or false.
    pub(crate) const fn flag(name: &'static str) -> Self {
        Self::new(name, Kind::Flag)
    }

    /// Something no filter looks into.
    pub(crate) const fn other(name: &'static str) -> Self {
        Self::new(name, Kind::Other)
    }

    /// Lets it be filtered.
    pub(crate) const fn filtered(self, filters: u8) -> Self {
        Self { filters, ..self }
    }

    /// Lets it be sorted by.
    pub(crate) const fn sorted(self) -> Self {
        Self { is_sortable: true, ..self }
    }

    /// Lets it be searched.
    pub(crate) const fn searched(self) -> Self {
        Self { is_searchable: true, ..self }
    }

    /// Leaves it out of answers that nothing was selected of.
    pub(crate) const fn on_request(self) -> Self {
        Self { is_shown: false, ..self }
    }

    /// Makes it a path inside filters, and nothing else.
    pub(crate) const fn path(self) -> Self {
        Self { is_shown: false, is_selectable: false, ..self }
    }
}

impl Entity {
    /// Returns all properties that the sandbox serves.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Property> + use<> {
        self.properties.iter().flat_map(|part| part.iter())
    }

    fn find(&self, name: &str) -> Option<&'static Property> {
        self.all().find(|property| property.name == name)
    }

    /// Returns a property to select.
    pub(crate) fn selected(&self, name: &str) -> Result<&'static Property, Refused> {
        match self.find(name).filter(|property| property.is_selectable) {
            Some(property) => Ok(property),
            None => Err(self.unknown("Parsing OData Select and Expand failed", name)),
        }
    }

    /// Returns a property to sort by.
    pub(crate) fn sorted(&self, name: &str) -> Result<&'static Property, Refused> {
        let property = self.find(name).filter(|property| property.is_selectable);
        let property = property.ok_or_else(|| self.unknown("Invalid orderby clause", name))?;
        match property.is_sortable {
            true => Ok(property),
            false => Err(Refused::unsupported("Sorting not supported for current query.")),
        }
    }

    /// Returns a property to search.
    pub(crate) fn searched(&self, name: &str) -> Result<&'static Property, Refused> {
        let property = self.find(name).ok_or_else(|| self.unknown("Invalid search clause", name))?;
        match property.is_searchable {
            true => Ok(property),
            false => Err(Refused::unsupported(&format!("Property '{name}' is not searchable."))),
        }
    }

    /// Returns something to expand.
    pub(crate) fn expanded(&self, name: &str) -> Result<&'static str, Refused> {
        let known = self.expands.iter().find(|known| **known == name);
        known.copied().ok_or_else(|| self.unknown("Parsing OData Select and Expand failed", name))
    }

    fn unknown(&self, failed: &str, name: &str) -> Refused {
        match self.elsewhere.iter().any(|part| part.contains(&name)) {
            true => Refused::not_served(&format!("'{name}' of microsoft.graph.{}", self.name)),
            false => Refused::bad(format!(
                "{failed}: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                self.name
            )),
        }
    }

    /// Refuses a filter that Graph would refuse: an unknown name, an operator that the property does not take, a
    /// value of another kind.
    ///
    /// # Errors
    /// What is wrong with it, in Graph's words.
    pub(crate) fn check(&self, filter: &Filter) -> Result<(), Refused> {
        self.check_with(filter, 0)
    }

    /// As [`Entity::check`], where a property must take more than its comparison: `not` around it.
    fn check_with(&self, filter: &Filter, also: u8) -> Result<(), Refused> {
        match filter {
            Filter::All(parts) | Filter::Any(parts) => {
                parts.iter().try_for_each(|part| self.check_with(part, also))
            }
            Filter::Not(part) => self.check_with(part, NE),
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
                Kind::Objects(entity) => entity.check(inner),
                Kind::Texts => ELEMENT.check(inner),
                _ => Err(Refused::bad_filter()),
            },
            // Made of a `$search`, which has looked for its property already.
            Filter::Word(..) => Ok(()),
        }
    }

    fn comparable(&self, name: &str, wanted: u8) -> Result<&'static Property, Refused> {
        let property = self.find(name).ok_or_else(|| self.unknown("Invalid filter clause", name))?;
        match property.filters & wanted == wanted {
            true => Ok(property),
            false => Err(Refused::bad_filter()),
        }
    }
}

/// An element of a list of texts.
static ELEMENT: Entity = Entity {
    name: "Edm.String",
    properties: &[&[Property::text("").filtered(EQ)]],
    elsewhere: &[],
    expands: &[],
    is_directory: false,
};

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
