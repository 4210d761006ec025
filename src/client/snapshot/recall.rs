//! Finds what a snapshot has for a path and its query. Rows are whole and lists have one page, so that of a query the filter
//! alone matters.

use std::collections::HashMap;

use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::tenant::graph_permissions::Access;
use crate::tenant::{Closed, Reading, Snapshot, Surface};
use crate::text::{composed, excerpt};

/// What a snapshot has for a request.
#[derive(Debug, PartialEq)]
pub(super) enum Recalled {
    Answer(Value),
    Closed(Closed),
    /// The tenant has no such thing, as far as the snapshot goes.
    NoSuch,
    /// Nothing: it was not asked for. In words, what it is.
    NotAsked(String),
}

pub(super) const GROUPS: &str = "/v1.0/groups";
pub(super) const USERS: &str = "/v1.0/users";
const REPORT: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
const AUDIT_LOG: &str = "/v1.0/auditLogs/directoryAudits";
const MEMBERS: &str = "/microsoft.graph.user";
/// What follows the path of a list of members in a snapshot: whether each comes with their last sign-in, or why not.
pub const SIGN_INS: &str = "/signInActivity";

/// Finds what a snapshot has for an address.
pub(super) fn recall(snapshot: &Snapshot, surface: Surface, url: &Url) -> Recalled {
    let path = decoded(url.path());
    let filter = url.query_pairs().find(|(name, _)| name == "$filter").map(|(_, filter)| filter.into_owned());
    let filter = filter.as_deref();
    let asked = Asked { snapshot, surface, path: &path, filter };
    if url.query_pairs().any(|(name, fields)| name == "$select" && fields.contains("signInActivity")) {
        match snapshot.reading(surface, &format!("{path}{SIGN_INS}")) {
            Some(Reading::Answer(_)) => {}
            Some(Reading::Closed(why)) => return Recalled::Closed(why.clone()),
            None => return asked.not_asked(),
        }
    }
    match snapshot.reading(surface, &path) {
        Some(Reading::Closed(why)) => return Recalled::Closed(why.clone()),
        Some(Reading::Answer(Value::Array(rows))) => return asked.list(rows),
        Some(Reading::Answer(answer)) => return Recalled::Answer(answer.clone()),
        None => {}
    }
    let Some((list, name)) = path.rsplit_once('/') else { return asked.not_asked() };
    match (list, surface) {
        (GROUPS, Surface::Graph) => asked.group(name),
        (USERS, Surface::Graph) => asked.user(name),
        (REPORT, Surface::Graph) => asked.registration(name),
        _ => asked.not_asked(),
    }
}

struct Asked<'a> {
    snapshot: &'a Snapshot,
    surface: Surface,
    path: &'a str,
    filter: Option<&'a str>,
}

impl Asked<'_> {
    fn list(&self, rows: &[Value]) -> Recalled {
        match (self.path, self.filter) {
            (GROUPS, Some(filter)) => self.named(rows, filter),
            (USERS, Some(filter)) => match filter.strip_prefix("startswith(userPrincipalName,") {
                Some(begin) => {
                    let begin = quoted(begin).pop().unwrap_or_default().to_lowercase();
                    let begins = |row: &&Value| folded(&row["userPrincipalName"]).starts_with(&begin);
                    page(rows.iter().filter(begins).cloned().collect())
                }
                None => self.not_asked(),
            },
            (AUDIT_LOG, Some(filter)) => match Conditions::read(filter) {
                Some(conditions) => {
                    // A line that nobody can read may be any.
                    let holds = |row: &&Value| !row.is_object() || conditions.hold(row);
                    page(rows.iter().filter(holds).cloned().collect())
                }
                None => self.not_asked(),
            },
            (path, filter) if path.ends_with(MEMBERS) => self.members(rows, filter),
            (_, None) => page(rows.to_vec()),
            (_, Some(_)) => self.not_asked(),
        }
    }

    /// The groups of a name. All of that name are kept where one is, so that none is unknown.
    fn named(&self, rows: &[Value], filter: &str) -> Recalled {
        let names = quoted(filter);
        let wanted: Vec<String> = names.iter().map(|name| folded(&json!(name))).collect();
        let found: Vec<Value> =
            rows.iter().filter(|row| wanted.contains(&folded(&row["displayName"]))).cloned().collect();
        match (found.is_empty(), names.first()) {
            (true, Some(name)) => Recalled::NotAsked(format!("a group called `{}`", excerpt(name, 120))),
            _ => page(found),
        }
    }

    fn group(&self, id: &str) -> Recalled {
        match self.row(GROUPS, "id", id) {
            Some(group) => Recalled::Answer(group.clone()),
            None => Recalled::NotAsked(format!("the group {}", excerpt(id, 40))),
        }
    }

    fn user(&self, wanted: &str) -> Recalled {
        match self.row(USERS, "id", wanted).or_else(|| self.row(USERS, "userPrincipalName", wanted)) {
            Some(user) => Recalled::Answer(user.clone()),
            // Whether the tenant has somebody of that name is not known.
            None => self.not_held(USERS, &format!("a user `{}`", excerpt(wanted, 120))),
        }
    }

    fn registration(&self, id: &str) -> Recalled {
        match (self.row(REPORT, "id", id), self.row(USERS, "id", id)) {
            (Some(row), _) => Recalled::Answer(row.clone()),
            (None, Some(_)) if self.rows(REPORT).is_some() => Recalled::NoSuch,
            _ => self.not_held(REPORT, &format!("what the user {} registered", excerpt(id, 40))),
        }
    }

    /// The members of a group, of which the list has the ids, in the order of their names.
    fn members(&self, ids: &[Value], filter: Option<&str>) -> Recalled {
        let only = match filter.map(|filter| (filter.starts_with("id eq '"), quoted(filter).pop())) {
            None => None,
            Some((true, Some(id))) => Some(id),
            Some(_) => return self.not_asked(),
        };
        let users: HashMap<&str, &Value> = self
            .rows(USERS)
            .into_iter()
            .flatten()
            .filter_map(|row| Some((row["id"].as_str()?, row)))
            .collect();
        let is_asked = |id: &&Value| only.as_deref().is_none_or(|only| id.as_str() == Some(only));
        // A member of whom nothing could be read is a row that nobody can read.
        let member =
            |id: &Value| id.as_str().and_then(|id| users.get(id)).map_or(Value::Null, |row| (*row).clone());
        let mut members: Vec<Value> = ids.iter().filter(is_asked).map(member).collect();
        members.sort_by_cached_key(|row| folded(&row["userPrincipalName"]));
        page(members)
    }

    fn rows(&self, path: &str) -> Option<&[Value]> {
        match self.snapshot.reading(self.surface, path)? {
            Reading::Answer(Value::Array(rows)) => Some(rows),
            _ => None,
        }
    }

    fn row(&self, path: &str, field: &str, value: &str) -> Option<&Value> {
        let wanted = folded(&json!(value));
        self.rows(path)?.iter().find(|row| row[field].is_string() && folded(&row[field]) == wanted)
    }

    /// What is not among the rows of a list: closed where the list is.
    fn not_held(&self, list: &str, what: &str) -> Recalled {
        match self.snapshot.reading(self.surface, list) {
            Some(Reading::Closed(why)) => Recalled::Closed(why.clone()),
            _ => Recalled::NotAsked(what.to_owned()),
        }
    }

    fn not_asked(&self) -> Recalled {
        let segments: Vec<&str> = self.path.split('/').skip(2).collect();
        let access = match self.surface {
            Surface::Graph => Access::to(false, &segments),
            Surface::Portal => None,
        };
        let path = excerpt(self.path, 160);
        Recalled::NotAsked(match access {
            Some(access) => format!("{} ({path})", access.what),
            None => format!("{}'s {path}", self.surface),
        })
    }
}

/// A list in one page.
fn page(rows: Vec<Value>) -> Recalled {
    Recalled::Answer(json!({"@odata.count": rows.len(), "value": rows}))
}

/// A text as Graph compares it: in either case, and in any spelling of its letters.
fn folded(text: &Value) -> String {
    composed(&text.as_str().unwrap_or_default().trim().to_lowercase()).into_owned()
}

/// Returns the literals of a filter: in single quotes, those inside doubled.
fn quoted(filter: &str) -> Vec<String> {
    let (mut all, mut open): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut letters = filter.chars().peekable();
    while let Some(letter) = letters.next() {
        match (&mut open, letter) {
            (Some(text), '\'') if letters.next_if_eq(&'\'').is_some() => text.push('\''),
            (Some(_), '\'') => all.extend(open.take()),
            (Some(text), letter) => text.push(letter),
            (None, '\'') => open = Some(String::new()),
            (None, _) => {}
        }
    }
    all
}

/// What a line of the audit log has to be, of what is asked of it.
#[derive(Default)]
struct Conditions {
    service: Option<String>,
    activity: Option<String>,
    from: Option<jiff::Timestamp>,
    target: Option<String>,
}

impl Conditions {
    fn read(filter: &str) -> Option<Self> {
        let mut conditions = Self::default();
        for condition in filter.split(" and ") {
            let literal = || quoted(condition).pop();
            match condition.split(' ').next()? {
                "loggedByService" => conditions.service = Some(literal()?),
                "activityDisplayName" => conditions.activity = Some(literal()?),
                "activityDateTime" => {
                    conditions.from = Some(condition.strip_prefix("activityDateTime ge ")?.parse().ok()?);
                }
                "targetResources/any(t:t/id" => conditions.target = Some(literal()?),
                _ => return None,
            }
        }
        Some(conditions)
    }

    fn hold(&self, line: &Value) -> bool {
        let is = |field: &str, wanted: &Option<String>| {
            wanted.as_deref().is_none_or(|wanted| line[field] == wanted)
        };
        let at = || line["activityDateTime"].as_str()?.parse::<jiff::Timestamp>().ok();
        let is_target = |wanted: &String| {
            line["targetResources"]
                .as_array()
                .is_some_and(|all| all.iter().any(|target| target["id"] == wanted.as_str()))
        };
        is("loggedByService", &self.service)
            && is("activityDisplayName", &self.activity)
            && self.from.is_none_or(|from| at().is_none_or(|at| at >= from))
            && self.target.as_ref().is_none_or(is_target)
    }
}

fn decoded(path: &str) -> String {
    // What means something in a form means itself in a path.
    let form = format!("={}", path.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, path)| path.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_a_filter_are_read_with_their_doubled_quotes() {
        assert_eq!(quoted("displayName eq 'O''Neil''s'"), ["O'Neil's"]);
        assert_eq!(quoted("displayName in ('a','b')"), ["a", "b"]);
        assert_eq!(quoted("id eq 'x"), Vec::<String>::new());
    }

    #[test]
    fn a_path_is_decoded_whole() {
        assert_eq!(decoded("/v1.0/users/a+b%23EXT%23@c.com/$count"), "/v1.0/users/a+b#EXT#@c.com/$count");
        assert_eq!(decoded("/v1.0/users/a&b=c"), "/v1.0/users/a&b=c");
    }
}
