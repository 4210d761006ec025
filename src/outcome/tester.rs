//! Whether a user can be the tester: one check for each thing the tutorial asks.

use super::verification::{About, Check, TestedUser};
use crate::people::{HeldRole, NotReadyReason, Person, Row, method_name};

/// One user, as a tester.
#[derive(Clone, Debug)]
pub struct Tester {
    /// Everything known about them.
    pub row: Row,
    /// The groups from the one they are in up to the pilot group, display names (foreign text); empty where
    /// they are in the pilot group itself. `None` where they are not a member.
    pub path: Option<Vec<String>>,
    /// Whether it is known that they are not: a group that hides its members shows nothing.
    pub is_membership_known: bool,
    /// Whether passwords are written back; `None` is unknown.
    pub writeback: Option<bool>,
    /// Whether it is known who can activate a role.
    pub is_eligibility_known: bool,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// Why no user was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoSuchUser {
    /// Principal names that begin as was asked for; foreign text.
    pub near: Vec<String>,
    /// Whether each of them is as good an answer.
    pub is_ambiguous: bool,
}

impl NoSuchUser {
    /// Returns the check of whom someone asked for.
    pub fn check(&self, asked: &str) -> Check {
        let near = self.near.join(", ");
        let message = match (self.is_ambiguous, self.near.is_empty()) {
            (true, _) => format!("several users are called {asked}: {near}"),
            (false, true) => format!("there is no user {asked} in this tenant"),
            (false, false) => format!("there is no user {asked} in this tenant; did you mean {near}?"),
        };
        check("user", Some(false), message)
    }
}

/// Why someone cannot try a reset, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The account is disabled.
    Disabled,
    /// Guests reset where they come from.
    Guest,
    /// They are not in the group.
    NotMember,
    /// Microsoft's own policy applies to administrators.
    Administrator,
    /// Nothing assigned covers password reset.
    Unlicensed,
    /// The account is synchronised and passwords are not written back.
    NoWriteback,
    /// What the directory has is all there is, and is not registered.
    DirectoryOnly,
}

impl Obstacle {
    /// Returns whether there is nothing to wait for.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Disabled | Self::Guest | Self::NotMember)
    }
}

fn check(name: &str, ok: Option<bool>, message: impl Into<String>) -> Check {
    Check::new(About::Tester, name, ok, message)
}

impl Tester {
    /// Returns who was looked at, and why they cannot try a reset, where they cannot.
    pub fn tested(&self) -> TestedUser {
        let Self { row, path, is_membership_known, .. } = self;
        let (person, readiness) = (&row.person, &row.readiness);
        let lacks = |reason| readiness.why.contains(&reason);
        let obstacles = [
            (person.is_enabled == Some(false), Obstacle::Disabled),
            (person.is_guest == Some(true), Obstacle::Guest),
            (path.is_none() && *is_membership_known, Obstacle::NotMember),
            (row.is_administrator == Some(true), Obstacle::Administrator),
            (lacks(NotReadyReason::Unlicensed), Obstacle::Unlicensed),
            (lacks(NotReadyReason::NoWriteback), Obstacle::NoWriteback),
            (lacks(NotReadyReason::DirectoryOnly), Obstacle::DirectoryOnly),
        ];
        TestedUser {
            account: person.name(),
            name: person.display_name.clone(),
            obstacle: obstacles.into_iter().find_map(|(stands, obstacle)| stands.then_some(obstacle)),
            is_registered: readiness.is_ready == Some(true),
        }
    }

    /// Returns the checks of a tester; `group` is the pilot's, for people.
    pub fn checks(&self, group: &str) -> Vec<Check> {
        let person = &self.row.person;
        let checks = [
            Some(account(person)),
            Some(member(self, group)),
            Some(ordinary_user(self)),
            guest(person),
            Some(licence(person)),
            writeback(self),
            Some(registered(self)),
        ];
        checks.into_iter().flatten().collect()
    }
}

fn account(person: &Person) -> Check {
    let message = match person.is_enabled {
        Some(true) => "the account is enabled",
        Some(false) => "the account is disabled",
        None => "account state unknown",
    };
    check("account", person.is_enabled, message)
}

fn member(tester: &Tester, group: &str) -> Check {
    if !tester.is_membership_known {
        let message = format!("unknown whether in {group}: the group hides its members (Member.Read.Hidden)");
        return check("member", None, message);
    }
    let message = match &tester.path {
        None => format!("not a member of {group}"),
        Some(path) if path.is_empty() => format!("directly in {group}"),
        // Which way is not known.
        Some(path) if path == &["…"] => format!("in {group}"),
        Some(path) => {
            format!("in {group} through {}", path.iter().rev().cloned().collect::<Vec<_>>().join(" › "))
        }
    };
    check("member", Some(tester.path.is_some()), message)
}

fn ordinary_user(tester: &Tester) -> Check {
    let row = &tester.row;
    let roles = row.roles.iter().map(HeldRole::name).collect::<Vec<_>>().join(", ");
    let (ok, message) = match row.is_administrator {
        Some(true) => {
            (Some(false), format!("Microsoft's own policy applies to administrators, not the spec: {roles}"))
        }
        None => (None, format!("roles could not be read{}", reason(tester, "administrator roles"))),
        Some(false) if !roles.is_empty() => {
            (None, format!("a role that Microsoft's list of administrators lacks, or not active: {roles}"))
        }
        Some(false) if !tester.is_eligibility_known => {
            let why = reason(tester, "roles that can be activated");
            (None, format!("no active role; whether one can be activated is unknown{why}"))
        }
        Some(false) => (Some(true), "no administrator role".to_owned()),
    };
    check("ordinary-user", ok, message)
}

/// Returns why something could not be read, in brackets; nothing where that is not known.
fn reason<'a>(tester: &'a Tester, what: &str) -> &'a str {
    tester.unread.iter().find_map(|line| line.strip_prefix(what)).unwrap_or_default()
}

fn guest(person: &Person) -> Option<Check> {
    let message = "guests reset their password in their home tenant";
    (person.is_guest == Some(true)).then(|| check("guest", Some(false), message))
}

fn licence(person: &Person) -> Check {
    let message = person.licence.name().unwrap_or("no assigned licence covers password reset");
    check("licence", person.licence.covers(person.is_synced), message)
}

fn writeback(tester: &Tester) -> Option<Check> {
    let message = "the account is synchronised: a reset needs password writeback";
    tester.row.person.is_synced.then(|| check("writeback", tester.writeback, message))
}

fn registered(tester: &Tester) -> Check {
    let lacks = |reason: NotReadyReason| tester.row.readiness.why.contains(&reason);
    let name = |word: &String| method_name(word).map_or_else(|| word.clone(), str::to_owned);
    let methods = tester.row.methods.as_deref();
    let methods = methods.map(|methods| methods.iter().map(name).collect::<Vec<_>>().join(", "));
    let (ok, message) = match methods {
        None if lacks(NotReadyReason::ReportNotRead) => {
            let what = "the registration report";
            (None, format!("{what} could not be read{}", reason(tester, what)))
        }
        None => (None, "no row in the registration report, which is up to 36 hours late".to_owned()),
        Some(methods) if lacks(NotReadyReason::DirectoryOnly) => {
            let methods = if methods.is_empty() { "none registered" } else { &methods };
            (
                None,
                format!(
                    "only numbers or addresses in the directory would be enough, which are not registered: {methods}"
                ),
            )
        }
        Some(methods) if lacks(NotReadyReason::TooFewMethods) => {
            let methods = if methods.is_empty() { "no methods" } else { &methods };
            (None, format!("not enough methods yet, by the report (up to 36 hours late): {methods}"))
        }
        Some(methods) => (Some(true), methods),
    };
    check("registered", ok, message)
}
