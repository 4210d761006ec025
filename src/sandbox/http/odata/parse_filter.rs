//! Parses `$filter`.

use super::filter::{Filter, Literal, Operator};

impl Filter {
    /// Parses a filter; `None` where it is none, or one that Graph does not support.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = Tokens(text, None, 0);
        let filter = rest.any()?;
        rest.0.trim().is_empty().then_some(filter)
    }
}

const OPERATORS: [(&str, Operator); 4] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("ge", Operator::AtLeast),
    ("le", Operator::AtMost),
];

/// How deep a filter may be nested: each level is one on the stack, which a client must not be able to exhaust.
const DEEPEST: usize = 50;

/// What is left to read, inside `any` the variable that properties are written behind, and how deep it is.
struct Tokens<'a>(&'a str, Option<&'a str>, usize);

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
        if self.2 == DEEPEST {
            return None;
        }
        self.2 += 1;
        let one = self.one_inside();
        self.2 -= 1;
        one
    }

    fn one_inside(&mut self) -> Option<Filter> {
        if self.symbol("(") {
            let inner = self.any()?;
            return self.symbol(")").then_some(inner);
        }
        if self.word("not") {
            return Some(Filter::Not(Box::new(self.one()?)));
        }
        let name = self.name()?;
        // Microsoft's own pages write it both ways.
        if name.eq_ignore_ascii_case("startswith") {
            return self.starts_with();
        }
        if let Some(collection) = name.strip_suffix("/any") {
            return self.has(self.property(collection)?);
        }
        let name = self.property(name)?;
        if self.word("in") {
            return self.is_in(name);
        }
        let (_, operator) = OPERATORS.into_iter().find(|(word, _)| self.word(word))?;
        Some(Filter::Compare(name.to_owned(), operator, self.literal()?))
    }

    /// The rest of `startswith(property,'text')`.
    fn starts_with(&mut self) -> Option<Filter> {
        let is_open = self.symbol("(");
        let name = self.name()?;
        let (property, is_parted) = (self.property(name)?.to_owned(), self.symbol(","));
        let Literal::Text(start) = self.literal()? else { return None };
        (is_open && is_parted && self.symbol(")")).then_some(Filter::StartsWith(property, start))
    }

    /// The rest of `collection/any(x: …)`.
    fn has(&mut self, collection: &str) -> Option<Filter> {
        if !self.symbol("(") {
            return None;
        }
        let variable = self.name()?;
        if !self.symbol(":") {
            return None;
        }
        let outer = self.1.replace(variable);
        let inner = self.any()?;
        self.1 = outer;
        self.symbol(")").then(|| Filter::Has(collection.to_owned(), Box::new(inner)))
    }

    /// The rest of `property in ('a','b')`.
    fn is_in(&mut self, property: &str) -> Option<Filter> {
        if !self.symbol("(") {
            return None;
        }
        let mut values = vec![self.literal()?];
        while self.symbol(",") {
            values.push(self.literal()?);
        }
        self.symbol(")").then(|| Filter::In(property.to_owned(), values))
    }

    fn name(&mut self) -> Option<&'a str> {
        let name = self.run_of(|c| c.is_ascii_alphanumeric() || c == '/' || c == '_');
        (!name.is_empty()).then_some(name)
    }

    /// Returns what a name means: inside `any`, what stands behind the variable, which is nothing where the element
    /// itself is meant.
    fn property(&self, name: &'a str) -> Option<&'a str> {
        let Some(variable) = self.1 else { return Some(name) };
        let behind = name.strip_prefix(variable)?;
        if behind.is_empty() { Some(behind) } else { behind.strip_prefix('/') }
    }

    fn literal(&mut self) -> Option<Literal> {
        self.0 = self.0.trim_start();
        if let Some(quoted) = self.0.strip_prefix('\'') {
            return self.quoted(quoted);
        }
        match self.run_of(|c| c.is_ascii_alphanumeric() || "-:.".contains(c)) {
            "" => None,
            "true" => Some(Literal::Flag(true)),
            "false" => Some(Literal::Flag(false)),
            "null" => Some(Literal::Null),
            bare => Some(Literal::Bare(bare.to_owned())),
        }
    }

    fn quoted(&mut self, mut rest: &'a str) -> Option<Literal> {
        let mut text = String::new();
        loop {
            let (part, behind) = rest.split_once('\'')?;
            text.push_str(part);
            match behind.strip_prefix('\'') {
                // A quote inside the text is written twice.
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => {
                    self.0 = behind;
                    return Some(Literal::Text(text));
                }
            }
        }
    }

    fn run_of(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        self.0 = self.0.trim_start();
        let (run, rest) = self.0.split_at(self.0.find(|c| !is(c)).unwrap_or(self.0.len()));
        self.0 = rest;
        run
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(symbol);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn word(&mut self, word: &str) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(word).filter(|rest| rest.starts_with([' ', '(']));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::http::odata::filter::Record;

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

        fn has(&self, collection: &str, filter: &Filter) -> bool {
            collection == "assignedPlans" && filter.holds(&Plan)
        }
    }

    impl Record for Plan {
        fn property(&self, name: &str) -> Option<Literal> {
            (name == "servicePlanId").then(|| Literal::Text("41781fb2-bc02".to_owned()))
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
        for bad in [
            "",
            "a eq",
            "a eq 'O'Neil'",
            "a eq 'x",
            "not",
            "(a eq 'x'",
            "a in ()",
            "a/any(p:q/b eq 1)",
            "startswith(a 'x')",
        ] {
            assert_eq!(Filter::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |open: &str, depth: usize, close: &str| {
            format!("{}accountEnabled eq true{}", open.repeat(depth), close.repeat(depth))
        };
        for (open, close) in [("(", ")"), ("not ", ""), ("not(", ")"), ("assignedPlans/any(p:", ")")] {
            assert_eq!(Filter::parse(&nested(open, 100_000, close)), None, "{open}");
        }
        for open in ["(", "not "] {
            let close = if open == "(" { ")" } else { "" };
            assert!(Filter::parse(&nested(open, DEEPEST - 1, close)).is_some(), "{open}");
        }
    }
}
