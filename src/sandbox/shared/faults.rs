//! Fault rules: which requests they meet, and what goes wrong.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::sandbox::tenant::TenantState;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing goes wrong: for rules that only edit.
    None,
    /// Answers with a status and the surface's error body, with this code and this header where they are told; the
    /// request does nothing.
    Error { status: u16, code: Option<String>, header: Option<(&'static str, String)> },
    /// Answers with a status, a header and a body; the request does nothing.
    Answer { status: u16, header: Option<(&'static str, String)>, body: String },
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
    /// Answers, and says that the next page is at this URL.
    NextLink(String),
    /// Answers a list with so many rows more that are null.
    OddRows(usize),
    /// Answers a list with null in the place of its rows.
    NullList,
    /// Answers a list whose rows lack these fields, which a comma keeps apart.
    Without(String),
    /// Answers with a status and a body that repeats the request's own token, and a request id that is it.
    TellsToken(u16),
    /// Does what is asked, and then answers, hangs or closes the connection as a fault that does nothing.
    Landed(Box<Self>),
    /// Answers a read as the last one before it was answered.
    Stale,
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

/// A rule, and the tenant it is for: `tenant-0007.example: GET /v1.0/groups hang`; without one it is for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRule {
    /// The tenant, by domain or id; `None` is every one.
    pub tenant: Option<String>,
    /// What goes wrong there.
    pub rule: Rule,
}

impl FromStr for TenantRule {
    type Err = NotARule;

    fn from_str(text: &str) -> Result<Self, NotARule> {
        let first = text.split_whitespace().next().unwrap_or_default();
        match first.strip_suffix(':') {
            Some(tenant) => {
                let rule = text.trim_start().strip_prefix(first).unwrap_or_default();
                let rule = Rule::parse(rule).ok_or_else(|| NotARule(text.to_owned()))?;
                Ok(Self { tenant: Some(tenant.to_owned()), rule })
            }
            None => Ok(Self { tenant: None, rule: text.parse()? }),
        }
    }
}

/// A text that is no rule.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is not a fault; one reads `METHOD PATH FAULT [CALLS]`, such as `GET /v1.0/groups throttle=2 1-3`"
)]
pub struct NotARule(String);

/// An edit made by someone else, or by the service itself, right before a request is answered: after what the
/// request does, where it does something, and before its client can look again.
pub(crate) type Edit = Arc<dyn Fn(&mut TenantState) + Send + Sync>;

struct InForce {
    rule: Rule,
    edit: Option<Edit>,
    /// How many calls it has counted.
    seen: u32,
}

/// The rules in force, and whom they keep waiting.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Vec<InForce>,
    pub(crate) held_up: usize,
}

impl Faults {
    /// Adds a rule, which has met no call yet; with an edit it also changes the tenant at every request it meets.
    pub(crate) fn add(&mut self, rule: Rule, edit: Option<Edit>) {
        self.rules.push(InForce { rule, edit, seen: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Returns what a request meets: the first fault whose turn it is, and every edit. Every matching rule counts
    /// the call.
    pub(crate) fn meet(&mut self, method: &str, path: &str) -> (Fault, Vec<Edit>) {
        let (mut met, mut edits) = (Fault::None, Vec::new());
        for InForce { rule, edit, seen } in &mut self.rules {
            if rule.method.as_deref().is_none_or(|wanted| wanted == method) && path.contains(&rule.path) {
                *seen += 1;
                if rule.calls.contains(seen) {
                    if met == Fault::None {
                        met = rule.fault.clone();
                    }
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
        Self::parse(text).ok_or_else(|| NotARule(text.to_owned()))
    }
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (method, path, fault) = (words.next()?.to_ascii_uppercase(), words.next()?, words.next()?);
        let calls = words.next().map_or(Some(1..=u32::MAX), parse_calls)?;
        words.next().is_none().then_some(Self {
            method: Some(method).filter(|method| method != "*"),
            path: path.trim_start_matches('*').to_owned(),
            fault: parse_fault(fault)?,
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

const CHALLENGE: &str = "Bearer realm=\"\", \
    authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", error=\"insufficient_claims\", \
    claims=\"{claims}\"";

fn parse_fault(text: &str) -> Option<Fault> {
    if let Some(then) = text.strip_prefix("landed-then-") {
        let then = parse_fault(then)?;
        let is_answer =
            matches!(then, Fault::Error { .. } | Fault::Answer { .. } | Fault::Reset | Fault::Hang);
        return is_answer.then(|| Fault::Landed(Box::new(then)));
    }
    let (word, value) = text.split_once('=').map_or((text, None), |(word, value)| (word, Some(value)));
    let number = |text: &str| text.parse().ok().filter(|status| (100..1000).contains(status));
    let error = |status, header| Fault::Error { status, code: None, header };
    let after = || value.map(|seconds| ("retry-after", seconds.replace('_', " ")));
    let answer = |status, name, header: &str, body: &str| Fault::Answer {
        status,
        header: Some((name, header.to_owned())),
        body: body.to_owned(),
    };
    Some(match word {
        "status" => error(number(value?)?, None),
        "error" => {
            let (status, code) = value?.split_once(',')?;
            Fault::Error { status: number(status)?, code: Some(code.to_owned()), header: None }
        }
        "throttle" => error(429, after()),
        "unavailable" => error(503, Some(after()?)),
        "none" => Fault::None,
        "reset" => Fault::Reset,
        "truncated" => Fault::Truncated,
        "garbled" => Fault::Garbled,
        "slow" => Fault::Slow(Duration::from_millis(value?.parse().ok()?)),
        "hang" => Fault::Hang,
        // A page to sign in on, as a captive portal has.
        "html" => {
            let page = "<!DOCTYPE html><html><title>Sign in to the network</title></html>";
            answer(200, "content-type", "text/html; charset=utf-8", page)
        }
        "empty" => answer(200, "content-type", "application/json", ""),
        "error-in-success" => error(200, None),
        "wrong-type" => answer(200, "content-type", "text/plain; charset=utf-8", "maintenance until Monday"),
        "redirect" => answer(302, "location", value?, ""),
        "next-link" => Fault::NextLink(value?.to_owned()),
        "odd-rows" => Fault::OddRows(value?.parse().ok()?),
        "null-list" => Fault::NullList,
        "without" => Fault::Without(value?.to_owned()),
        "body" => answer(200, "content-type", "application/json", value?),
        "tells-token" => Fault::TellsToken(number(value?)?),
        // To a write it says that all went well.
        "lying-success" => Fault::Answer { status: 204, header: None, body: String::new() },
        "stale" => Fault::Stale,
        // It asks for a token with these claims, which are in base64.
        "claims-challenge" => error(401, Some(("www-authenticate", CHALLENGE.replace("{claims}", value?)))),
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
        faults.add(rule("GET /v1.0/groups status=503 2-3"), None);
        faults.add(rule("* /api reset"), None);
        let unavailable = Fault::Error { status: 503, code: None, header: None };
        let mut meet = |method, path| faults.meet(method, path).0;
        assert_eq!(meet("GET", "/v1.0/groups/x"), Fault::None);
        assert_eq!(meet("PUT", "/v1.0/groups"), Fault::None);
        assert_eq!(meet("GET", "/v1.0/groups"), unavailable);
        assert_eq!(meet("GET", "/v1.0/groups"), unavailable);
        assert_eq!(meet("GET", "/v1.0/groups"), Fault::None);
        assert_eq!(meet("PUT", "/api/PasswordReset"), Fault::Reset);
    }

    #[test]
    fn a_rule_can_be_one_tenants() {
        let parsed = |text: &str| text.parse::<TenantRule>();
        let own = parsed(" tenant-0007.example:  GET /v1.0/groups hang").unwrap();
        assert_eq!(own.tenant.as_deref(), Some("tenant-0007.example"));
        assert_eq!(own.rule, rule("GET /v1.0/groups hang"));
        assert_eq!(parsed("GET /v1.0/groups hang").unwrap().tenant, None);
        let refused = parsed("tenant-0007.example: GET").unwrap_err().to_string();
        assert!(refused.contains("`tenant-0007.example: GET`"), "{refused}");
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
