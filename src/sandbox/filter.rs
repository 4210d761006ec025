//! OData filters, as far as Graph speaks them on directory objects: comparisons, `startswith`, `in`, `any`,
//! `and`, `or`, `not`.

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(String, Operator, Literal),
    StartsWith(String, String),
    In(String, Vec<Literal>),
    /// `collection/any(x: …)`, with the inner properties named without the variable.
    Has(String, Box<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Flag(bool),
    Null,
}

/// What a filter looks at.
pub(super) trait Record {
    /// Returns a property; `None` where the type has no such property.
    fn property(&self, name: &str) -> Option<Literal>;

    /// Returns the elements of a collection.
    fn elements(&self, _name: &str) -> Vec<Box<dyn Record>> {
        Vec::new()
    }
}

impl Filter {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = Tokens(text);
        let filter = rest.any()?;
        rest.0.trim().is_empty().then_some(filter)
    }

    /// Returns whether one of these properties is asked about.
    pub(super) fn mentions(&self, names: &[&str]) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(names)),
            Self::Not(part) => part.mentions(names),
            Self::Compare(name, ..) | Self::StartsWith(name, _) | Self::In(name, _) => {
                names.contains(&name.as_str())
            }
            // The inner names are those of the elements.
            Self::Has(name, _) => names.contains(&name.as_str()),
        }
    }

    pub(super) fn holds(&self, record: &dyn Record) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(record)),
            Self::Not(part) => !part.holds(record),
            Self::Has(collection, part) => {
                record.elements(collection).iter().any(|element| part.holds(element.as_ref()))
            }
            Self::StartsWith(name, start) => match record.property(name) {
                Some(Literal::Text(text)) => text.to_lowercase().starts_with(&start.to_lowercase()),
                _ => false,
            },
            Self::In(name, values) => {
                let property = record.property(name);
                values.iter().any(|value| property.as_ref().is_some_and(|p| same(p, value)))
            }
            Self::Compare(name, operator, value) => {
                let Some(property) = record.property(name) else { return false };
                match (operator, &property, value) {
                    (Operator::Equal, a, b) => same(a, b),
                    (Operator::NotEqual, a, b) => !same(a, b),
                    (Operator::AtLeast, Literal::Text(a), Literal::Text(b)) => order(a, b).is_ge(),
                    (Operator::AtMost, Literal::Text(a), Literal::Text(b)) => order(a, b).is_le(),
                    _ => false,
                }
            }
        }
    }

    /// Returns the parts of a conjunction; a filter that is none is its own only part.
    pub(super) fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }
}

fn same(a: &Literal, b: &Literal) -> bool {
    match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => {
            a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
        }
        (a, b) => a == b,
    }
}

/// Times are compared as such: `10:00:00Z` comes before `10:00:00.5Z`, which it would not as text.
fn order(a: &str, b: &str) -> std::cmp::Ordering {
    match (a.parse::<jiff::Timestamp>(), b.parse::<jiff::Timestamp>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    fn any(&mut self) -> Option<Filter> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Option<Filter> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self) -> Option<Filter> {
        if self.symbol("(") {
            let inner = self.any()?;
            return self.symbol(")").then_some(inner);
        }
        if self.word("not") {
            return Some(Filter::Not(Box::new(self.one()?)));
        }
        let name = self.name()?;
        if name == "startswith" {
            let is_open = self.symbol("(");
            let (property, _) = (self.name()?.to_owned(), self.symbol(","));
            let Literal::Text(start) = self.literal()? else { return None };
            return (is_open && self.symbol(")")).then_some(Filter::StartsWith(property, start));
        }
        if let Some(collection) = name.strip_suffix("/any") {
            let collection = collection.to_owned();
            if !self.symbol("(") {
                return None;
            }
            let _variable = self.name()?;
            if !self.symbol(":") {
                return None;
            }
            let inner = self.any()?;
            return self.symbol(")").then(|| Filter::Has(collection, Box::new(inner)));
        }
        let name = name.to_owned();
        if self.word("in") {
            let mut values = Vec::new();
            if !self.symbol("(") {
                return None;
            }
            loop {
                values.push(self.literal()?);
                if !self.symbol(",") {
                    break;
                }
            }
            return self.symbol(")").then_some(Filter::In(name, values));
        }
        let operators = [
            ("eq", Operator::Equal),
            ("ne", Operator::NotEqual),
            ("ge", Operator::AtLeast),
            ("le", Operator::AtMost),
        ];
        let operator = operators.into_iter().find(|(word, _)| self.word(word))?.1;
        // Inside `any` a property is written behind its variable: `p/servicePlanId`.
        Some(Filter::Compare(name, operator, self.literal()?))
    }

    fn name(&mut self) -> Option<&'a str> {
        self.0 = self.0.trim_start();
        let end =
            self.0.find(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '_').unwrap_or(self.0.len());
        let (name, rest) = self.0.split_at(end);
        (!name.is_empty()).then(|| {
            self.0 = rest;
            name
        })
    }

    fn literal(&mut self) -> Option<Literal> {
        self.0 = self.0.trim_start();
        if let Some(mut rest) = self.0.strip_prefix('\'') {
            let mut text = String::new();
            loop {
                let end = rest.find('\'')?;
                text.push_str(&rest[..end]);
                rest = &rest[end + 1..];
                match rest.strip_prefix('\'') {
                    // A quote inside the text is written twice.
                    Some(more) => {
                        text.push('\'');
                        rest = more;
                    }
                    None => {
                        self.0 = rest;
                        return Some(Literal::Text(text));
                    }
                }
            }
        }
        let end =
            self.0.find(|c: char| !c.is_ascii_alphanumeric() && !"-:.".contains(c)).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        match word {
            "" => None,
            "true" => Some(Literal::Flag(true)),
            "false" => Some(Literal::Flag(false)),
            "null" => Some(Literal::Null),
            // Ids and times stand without quotes.
            bare => Some(Literal::Text(bare.to_owned())),
        }
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(symbol) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(word) {
            Some(rest) if rest.starts_with([' ', '(']) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ada;
    struct Plan;

    impl Record for Ada {
        fn property(&self, name: &str) -> Option<Literal> {
            match name {
                "userPrincipalName" => Some(Literal::Text("Ada@contoso.com".to_owned())),
                "displayName" => Some(Literal::Text("O'Neil".to_owned())),
                "accountEnabled" => Some(Literal::Flag(true)),
                "onPremisesSyncEnabled" => Some(Literal::Null),
                _ => None,
            }
        }

        fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
            if name == "assignedPlans" { vec![Box::new(Plan)] } else { Vec::new() }
        }
    }

    impl Record for Plan {
        fn property(&self, name: &str) -> Option<Literal> {
            (name == "p/servicePlanId").then(|| Literal::Text("41781fb2-bc02".to_owned()))
        }
    }

    #[test]
    fn reads_what_graph_reads() {
        for (filter, expected) in [
            ("accountEnabled eq true", true),
            ("accountEnabled ne false and displayName eq 'O''Neil'", true),
            ("onPremisesSyncEnabled ne true", true),
            ("not(startswith(userPrincipalName,'a'))", false),
            ("userPrincipalName ge 'ada@' and userPrincipalName le 'adb'", true),
            ("userPrincipalName in ('x','ada@CONTOSO.com')", true),
            ("assignedPlans/any(p:p/servicePlanId eq 41781fb2-bc02)", true),
            ("(accountEnabled eq false or displayName eq 'x')", false),
        ] {
            let parsed = Filter::parse(filter).unwrap_or_else(|| panic!("{filter}"));
            assert_eq!(parsed.holds(&Ada), expected, "{filter}");
        }
        for bad in ["", "a eq", "a eq 'O'Neil'", "a eq 'x", "not", "(a eq 'x'", "a in ()"] {
            assert_eq!(Filter::parse(bad), None, "{bad}");
        }
    }
}
