//! Whether a user can be the tester: one check for each thing the tutorial asks.

use super::verification::Check;
use crate::people::{HeldRole, NotReadyReason, Person, Row};

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

impl Tester {
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
    Check::new("account", person.is_enabled, message)
}

fn member(tester: &Tester, group: &str) -> Check {
    if !tester.is_membership_known {
        let message = format!("unknown whether in {group}: the group hides its members (Member.Read.Hidden)");
        return Check::new("member", None, message);
    }
    let message = match &tester.path {
        None => format!("not a member of {group}"),
        Some(path) if path.is_empty() => format!("directly in {group}"),
        Some(path) => {
            format!("in {group} through {}", path.iter().rev().cloned().collect::<Vec<_>>().join(" › "))
        }
    };
    Check::new("member", Some(tester.path.is_some()), message)
}

fn ordinary_user(tester: &Tester) -> Check {
    let row = &tester.row;
    let roles = row.roles.iter().map(HeldRole::name).collect::<Vec<_>>().join(", ");
    let (ok, message) = match row.is_administrator {
        Some(true) => {
            (Some(false), format!("an administrator falls under Microsoft's two-gate policy: {roles}"))
        }
        None => (None, format!("roles could not be read{}", reason(tester, "administrator roles"))),
        Some(false) if !roles.is_empty() => {
            (None, format!("a role outside the two-gate list, or not active: {roles}"))
        }
        Some(false) if !tester.is_eligibility_known => {
            let why = reason(tester, "roles that can be activated");
            (None, format!("no active role; whether one can be activated is unknown{why}"))
        }
        Some(false) => (Some(true), "no administrator role".to_owned()),
    };
    Check::new("ordinary-user", ok, message)
}

/// Returns why something could not be read, in brackets; nothing where that is not known.
fn reason<'a>(tester: &'a Tester, what: &str) -> &'a str {
    tester.unread.iter().find_map(|line| line.strip_prefix(what)).unwrap_or_default()
}

fn guest(person: &Person) -> Option<Check> {
    let message = "guests reset their password in their home tenant";
    (person.is_guest == Some(true)).then(|| Check::new("guest", Some(false), message))
}

fn licence(person: &Person) -> Check {
    let message = person.licence.name().unwrap_or("no assigned licence covers password reset");
    Check::new("licence", person.licence.covers(person.is_synced), message)
}

fn writeback(tester: &Tester) -> Option<Check> {
    let message = "the account is synchronised: a reset needs password writeback";
    tester.row.person.is_synced.then(|| Check::new("writeback", tester.writeback, message))
}

fn registered(tester: &Tester) -> Check {
    let lacks = |reason: NotReadyReason| tester.row.readiness.why.contains(&reason);
    let methods = tester.row.methods.as_deref().map(|methods| methods.join(", "));
    let (ok, message) = match methods {
        None if lacks(NotReadyReason::ReportNotRead) => {
            let what = "the registration report";
            (None, format!("{what} could not be read{}", reason(tester, what)))
        }
        None => (None, "no row in the registration report, which is up to 36 hours late".to_owned()),
        Some(methods) if lacks(NotReadyReason::TooFewMethods) => {
            let methods = if methods.is_empty() { "no methods" } else { &methods };
            (None, format!("not enough methods yet, by the report (up to 36 hours late): {methods}"))
        }
        Some(methods) => (Some(true), methods),
    };
    Check::new("registered", ok, message)
}
