//! Fault rules: which requests they meet, and what goes wrong.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::sandbox::tenant::TenantState;

/// One way to go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong: for rules that only edit.
    None,
    /// Answers with a status and the surface's error body; the request does nothing.
    Status(u16),
    /// Answers with a status and this code in the surface's error body; the request does nothing.
    Error(u16, String),
    /// Answers 429, with a `Retry-After` of this text or without one.
    Throttle(Option<String>),
    /// Answers 503 with a `Retry-After` of this text; the request does nothing.
    Unavailable(String),
    /// Closes the connection; the request does nothing.
    Reset,
    /// Answers, and closes the connection before the answer is whole.
    Truncated,
    /// Says that the answer is compressed, which it is not.
    Garbled,
    /// Answers late.
    Slow(Duration),
    /// Never answers; the request does nothing.
    Hang,
    /// Answers 200 with a page to sign in on, as a captive portal does.
    Html,
    /// Answers 200 with nothing in it.
    Empty,
    /// Answers 200 with an error object.
    ErrorInSuccess,
    /// Answers 200 with text that says it is no JSON.
    WrongType,
    /// Answers 302 to this URL.
    Redirect(String),
    /// Answers, and says that the next page is at this URL.
    NextLink(String),
    /// Answers a list with so many rows more that are null.
    OddRows(usize),
    /// Answers a list with null in the place of its rows.
    NullList,
    /// Answers a list whose rows lack these fields, which a comma keeps apart.
    Without(String),
    /// Answers 200 with this text, said to be JSON; the request does nothing.
    Body(String),
    /// Answers with a status and a body that repeats the request's own token, and a request id that is it.
    TellsToken(u16),
    /// Answers a write with 204 and stores nothing.
    LyingSuccess,
    /// Does what is asked, and answers with a status all the same.
    LandedThenStatus(u16),
    /// Does what is asked, and answers 200 with this text, said to be JSON.
    LandedThenBody(String),
    /// Does what is asked, and closes the connection.
    LandedThenReset,
    /// Does what is asked, and never answers.
    LandedThenHang,
    /// Answers a read as the last one before it was answered.
    Stale,
    /// Answers 401 and asks for a token with these claims, which are in base64.
    ClaimsChallenge(String),
    /// Takes neither token from now on, only the renewed ones.
    ExpiredToken,
}

/// A fault, and the requests it meets.
///
/// Written as text: `GET /v1.0/groups throttle=2 1-3` is the first three reads of anything whose path has
/// `/v1.0/groups` in it; `*` is every method; without numbers it is every call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    method: Option<String>,
    path: String,
    fault: Fault,
    calls: RangeInclusive<u32>,
}

/// A text that is no rule.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is not a fault; one reads `METHOD PATH FAULT [CALLS]`, such as `GET /v1.0/groups throttle=2 1-3`"
)]
pub struct NotARule(String);

/// An edit made by somebody else, or by the service itself, right before a request is answered: after what the
/// request does, where it does something, and before its client can look again.
#[derive(Clone)]
pub(crate) struct Edit(Arc<dyn Fn(&mut TenantState) + Send + Sync>);

impl Edit {
    /// Makes the edit.
    pub(crate) fn make(&self, tenant: &mut TenantState) {
        (self.0)(tenant);
    }
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edit")
    }
}

/// A rule in force.
#[derive(Debug)]
struct InForce {
    rule: Rule,
    edit: Option<Edit>,
    /// How many calls it has counted.
    seen: u32,
}

/// The rules in force, and whom they keep waiting.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<InForce>,
    /// How many requests are being kept waiting.
    pub(crate) held_up: usize,
}

impl Faults {
    /// Adds a rule, which has met no call yet.
    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push(InForce { rule, edit: None, seen: 0 });
    }

    /// Adds a rule that also edits the tenant at every request it meets.
    pub(crate) fn add_with_edit(
        &mut self,
        rule: Rule,
        edit: impl Fn(&mut TenantState) + Send + Sync + 'static,
    ) {
        self.rules.push(InForce { rule, edit: Some(Edit(Arc::new(edit))), seen: 0 });
    }

    /// Drops every rule.
    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns what a request meets: the first fault whose turn it is, and every edit. Every matching rule counts
    /// the call.
    pub(crate) fn meet(&mut self, method: &str, path: &str) -> (Option<Fault>, Vec<Edit>) {
        let (mut met, mut edits) = (None, Vec::new());
        for InForce { rule, edit, seen } in &mut self.rules {
            if rule.method.as_deref().is_none_or(|wanted| wanted == method) && path.contains(&rule.path) {
                *seen += 1;
                if rule.calls.contains(seen) {
                    met = met.or_else(|| Some(rule.fault.clone()).filter(|fault| *fault != Fault::None));
                    edits.extend(edit.clone());
                }
            }
        }
        (met, edits)
    }

    /// Returns whether a read may be asked to answer as the last one before it did.
    pub(crate) fn needs_answers(&self) -> bool {
        self.rules.iter().any(|in_force| in_force.rule.fault == Fault::Stale)
    }
}

impl FromStr for Rule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        let not_a_rule = || NotARule(text.to_owned());
        let mut words = text.split_whitespace();
        let (Some(method), Some(path), Some(fault)) = (words.next(), words.next(), words.next()) else {
            return Err(not_a_rule());
        };
        let calls = match words.next() {
            None => 1..=u32::MAX,
            Some(numbers) => parse_calls(numbers).ok_or_else(not_a_rule)?,
        };
        if words.next().is_some() {
            return Err(not_a_rule());
        }
        Ok(Self {
            method: Some(method.to_ascii_uppercase()).filter(|method| method != "*"),
            path: path.trim_start_matches('*').to_owned(),
            fault: parse_fault(fault).ok_or_else(not_a_rule)?,
            calls,
        })
    }
}

/// Parses `2`, `1-3` or `4-`.
fn parse_calls(text: &str) -> Option<RangeInclusive<u32>> {
    match text.split_once('-') {
        None => text.parse().ok().map(|only| only..=only),
        Some((first, "")) => Some(first.parse().ok()?..=u32::MAX),
        Some((first, last)) => Some(first.parse().ok()?..=last.parse().ok()?),
    }
}

fn parse_fault(text: &str) -> Option<Fault> {
    let (word, value) = text.split_once('=').map_or((text, None), |(word, value)| (word, Some(value)));
    let status = || value?.parse().ok().filter(|status| (100..1000).contains(status));
    Some(match word {
        "status" => Fault::Status(status()?),
        "error" => {
            let (status, code) = value?.split_once(',')?;
            let status = status.parse().ok().filter(|status| (100..1000).contains(status))?;
            Fault::Error(status, code.to_owned())
        }
        "throttle" => Fault::Throttle(value.map(|seconds| seconds.replace('_', " "))),
        "unavailable" => Fault::Unavailable(value?.replace('_', " ")),
        "none" => Fault::None,
        "reset" => Fault::Reset,
        "truncated" => Fault::Truncated,
        "garbled" => Fault::Garbled,
        "slow" => Fault::Slow(Duration::from_millis(value?.parse().ok()?)),
        "hang" => Fault::Hang,
        "html" => Fault::Html,
        "empty" => Fault::Empty,
        "error-in-success" => Fault::ErrorInSuccess,
        "wrong-type" => Fault::WrongType,
        "redirect" => Fault::Redirect(value?.to_owned()),
        "next-link" => Fault::NextLink(value?.to_owned()),
        "odd-rows" => Fault::OddRows(value?.parse().ok()?),
        "null-list" => Fault::NullList,
        "without" => Fault::Without(value?.to_owned()),
        "body" => Fault::Body(value?.to_owned()),
        "tells-token" => Fault::TellsToken(status()?),
        "lying-success" => Fault::LyingSuccess,
        "landed-then-status" => Fault::LandedThenStatus(status()?),
        "landed-then-body" => Fault::LandedThenBody(value?.to_owned()),
        "landed-then-reset" => Fault::LandedThenReset,
        "landed-then-hang" => Fault::LandedThenHang,
        "stale" => Fault::Stale,
        "claims-challenge" => Fault::ClaimsChallenge(value?.to_owned()),
        "expired-token" => Fault::ExpiredToken,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    #[test]
    fn a_rule_meets_its_calls_and_no_others() {
        let mut faults = Faults::default();
        faults.add(rule("GET /v1.0/groups status=503 2-3"));
        faults.add(rule("* /api reset"));
        let mut meet = |method, path| faults.meet(method, path).0;
        assert_eq!(meet("GET", "/v1.0/groups/x"), None);
        assert_eq!(meet("PUT", "/v1.0/groups"), None);
        assert_eq!(meet("GET", "/v1.0/groups"), Some(Fault::Status(503)));
        assert_eq!(meet("GET", "/v1.0/groups"), Some(Fault::Status(503)));
        assert_eq!(meet("GET", "/v1.0/groups"), None);
        assert_eq!(meet("PUT", "/api/PasswordReset"), Some(Fault::Reset));
    }

    #[test]
    fn reads_every_fault_and_refuses_the_rest() {
        for good in [
            "GET / throttle=Wed,_21_Oct_2026_07:28:00_GMT",
            "* * slow=10 4-",
            "put /api landed-then-status=500 1",
            "PUT /api landed-then-body=false",
            "GET /v1.0 redirect=https://evil.example/",
            "PUT / unavailable=2",
            "* / none",
            "GET /v1.0/auditLogs error=403,AadPremiumLicenseRequired",
            "GET /v1.0/groups odd-rows=3",
            "GET /v1.0/groups null-list 2",
            "GET /v1.0/groups without=id,displayName",
            "GET /v1.0/groups body={\"value\":[]} 1",
            "* / tells-token=500",
            "GET /v1.0 claims-challenge=e30= 1",
        ] {
            assert!(good.parse::<Rule>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "GET /",
            "GET / explode",
            "GET / status",
            "GET / status=99",
            "GET / error=403",
            "GET / odd-rows",
            "GET / reset x",
            "GET / reset 1 2",
        ] {
            assert!(bad.parse::<Rule>().is_err(), "{bad}");
        }
    }
}
