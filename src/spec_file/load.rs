//! Parses YAML into a [`Spec`]: keys, types and ranges, each mistake with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::lines::Lines;
use super::problem::{Problem, SpecError};
use super::yaml::{self, Key, Kind, Node};
use super::{ROLLOUT, Rollout, Spec, VERSION, check};
use crate::finding_docs::{FindingDoc, Gravity, UnknownCode};
use crate::tenant::{Method, SETTINGS, Scope, ValueKind, setting};
use crate::text::{enumerated, nearest, shell_word, visible};

/// How long the service lets a group's display name be, in characters.
pub(super) const MAX_GROUP_NAME: usize = 256;

/// Reads a spec from a file's bytes. `path` is only for messages.
///
/// # Errors
/// Every problem of the file at once: the user's to mend.
pub fn load(path: &str, bytes: &[u8]) -> Result<Spec, SpecError> {
    load_except(path, bytes, &[])
}

/// As [`load`], with some keys left out as if they were absent: the rules between keys see what is left.
///
/// # Errors
/// As [`load`]; what is written under a key is looked at, whether it is left out or not.
pub fn load_except(path: &str, bytes: &[u8], except: &[super::Key]) -> Result<Spec, SpecError> {
    if let Some(problem) = other_document(path, bytes) {
        return Err(SpecError::new(path, "", vec![problem]));
    }
    let text = &*yaml::text(bytes, &yaml::SPEC).map_err(|problem| SpecError::new(path, "", vec![problem]))?;
    let fail = |problems| SpecError::new(path, text, problems);
    let root = yaml::parse(text, &yaml::SPEC).map_err(fail)?;

    let mut loader = Loader::new(text);
    match root.kind {
        Kind::Map(entries) => loader.section("", entries),
        Kind::Null => loader
            .problems
            .push(Problem::whole_file("the file is empty").help("a spec starts with `version: 1`")),
        other => loader
            .problems
            .push(Problem::at(root.span, format!("expected keys and values, found {}", other.name()))),
    }
    if loader.problems.is_empty() {
        loader.require_version();
    }
    let (mut spec, mut problems) = loader.into_spec(path, &Lines::new(text));
    spec.sha256 = crate::digest::sha256(bytes);
    spec.leave_out(except);
    problems.extend(check::check(&spec));
    if problems.is_empty() { Ok(spec) } else { Err(fail(problems)) }
}

/// Returns what to say of a file that is a document sspr wrote, and no spec: JSON is YAML, and each of its keys would
/// be reported.
fn other_document(path: &str, bytes: &[u8]) -> Option<Problem> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let format = document["format"].as_str().filter(|format| format.starts_with("sspr."))?;
    Some(match format.starts_with("sspr.plan/") {
        true => Problem::whole_file("this is a saved plan, not a spec")
            .help(format!("`sspr apply {}` does what it says", shell_word(path))),
        false => {
            Problem::whole_file(format!("this is a document of sspr (`{}`), not a spec", visible(format)))
        }
    })
}

#[derive(Default)]
pub(super) struct Loader<'a> {
    text: &'a str,
    has_version: bool,
    pub(super) tenant: Option<String>,
    values: BTreeMap<&'static str, Value>,
    pub(super) places: BTreeMap<&'static str, Range<usize>>,
    comments: BTreeMap<&'static str, String>,
    accepted: Vec<&'static str>,
    pub(super) rollout: Option<Rollout>,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, ..Self::default() }
    }

    /// Returns what was read, whose rules between keys are not checked yet and whose digest is not known, and what is wrong
    /// in it.
    pub(super) fn into_spec(self, path: &str, lines: &Lines) -> (Spec, Vec<Problem>) {
        let Self { tenant, values, places, comments, rollout, accepted, problems, .. } = self;
        let lines = places.iter().map(|(key, span)| (*key, lines.place(self.text, span.start))).collect();
        let (path, sha256, except) = (path.to_owned(), String::new(), Vec::new());
        let spec = Spec { tenant, values, places, lines, comments, rollout, accepted, except, path, sha256 };
        (spec, problems)
    }

    /// Notes that the key `version` is missing, where it is.
    pub(super) fn require_version(&mut self) {
        if !self.has_version {
            self.problems.push(
                Problem::whole_file("the key `version` is missing")
                    .key("version")
                    .help("add `version: 1` as the first line"),
            );
        }
    }

    pub(super) fn section(&mut self, prefix: &str, entries: Vec<(Key, Node)>) {
        for (key, node) in self.once(prefix, entries) {
            self.entry(&format!("{prefix}{}", key.name), &key, node);
        }
    }

    /// Returns entries without those whose key was there before, which are noted.
    pub(super) fn once(&mut self, prefix: &str, entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept = Vec::new();
        for (key, node) in entries {
            if let Some(&first) = seen.get(&key.name) {
                let (dotted, line) = (format!("{prefix}{}", key.name), self.line(first));
                let message = format!("the key `{}` is given twice", visible(&dotted));
                let help = format!("it was first given in line {line}; keep one");
                self.problems.push(Problem::at(key.span, message).key(&dotted).help(help));
                continue;
            }
            seen.insert(key.name.clone(), key.span.start);
            kept.push((key, node));
        }
        kept
    }

    /// Returns the line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn entry(&mut self, dotted: &str, key: &Key, node: Node) {
        if dotted == "version" {
            self.version(&node, "spec");
        } else if dotted == "tenant" {
            match self.tenant_name(&node) {
                Ok(name) => self.tenant = Some(name),
                Err(problem) => self.problems.push(problem.key(dotted)),
            }
        } else if dotted == ROLLOUT {
            self.rollout(key, node);
        } else if dotted == "accept" {
            match self.codes(&node) {
                Ok(codes) => self.accepted = codes,
                Err(problems) => {
                    self.problems.extend(problems.into_iter().map(|problem| problem.key(dotted)))
                }
            }
        } else if let Some(setting) = setting(dotted) {
            self.places.insert(setting.key, node.span.clone());
            if let (ValueKind::Group | ValueKind::Helpdesk, Some(comment)) =
                (setting.kind, yaml::glued_comment(self.text, &node.span))
            {
                self.comments.insert(setting.key, comment.to_owned());
            }
            match self.value(setting.kind, &node) {
                Ok(value) => {
                    self.values.insert(setting.key, value);
                }
                Err(problems) => {
                    self.problems.extend(problems.into_iter().map(|problem| problem.key(dotted)))
                }
            }
        } else if is_section(dotted) {
            match node.kind {
                Kind::Map(entries) => self.section(&format!("{dotted}."), entries),
                other => {
                    let keys: Vec<_> = known_keys(&format!("{dotted}.")).collect();
                    let message = format!("`{dotted}` holds keys, found {}", other.name());
                    let help = format!("put {} under it, or remove it", listed(&keys));
                    self.problems.push(Problem::at(key.span.clone(), message).key(dotted).help(help));
                }
            }
        } else {
            self.problems.push(unknown_key(dotted, key));
        }
    }

    /// Reads the version of a kind of file.
    pub(super) fn version(&mut self, node: &Node, of: &str) {
        self.has_version = true;
        if self.whole_number(node) != Some(i128::from(VERSION)) {
            let message = format!("this sspr reads {of} version {VERSION}");
            self.problems.push(node.problem(message).key("version").help("write `version: 1`"));
        }
    }

    pub(super) fn tenant_name(&self, node: &Node) -> Result<String, Problem> {
        let name = self.words(node, "the tenant's id or one of its verified domains")?;
        let is_domain =
            name.contains('.') && name.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
        // The other spellings of a GUID (no hyphens, braces) are what no tenant calls itself.
        if is_domain || (name.len() == 36 && uuid::Uuid::try_parse(&name).is_ok()) {
            return Ok(name);
        }
        Err(node
            .problem("this is neither a tenant id nor a domain name")
            .help("write the tenant's GUID, or a verified domain such as contoso.onmicrosoft.com"))
    }

    fn value(&self, kind: ValueKind, node: &Node) -> Result<Value, Vec<Problem>> {
        match kind {
            ValueKind::Switch { .. } => self.switch(node),
            ValueKind::Number { min, max, .. } => self.number(node, min, max),
            ValueKind::Scope => self.word(node, &Scope::ALL.map(Scope::as_str)).map(|scope| json!(scope)),
            ValueKind::Methods => return self.methods(node),
            ValueKind::Group => self.group(node),
            ValueKind::Helpdesk => self.helpdesk(node),
        }
        .map_err(|problem| vec![problem])
    }

    fn switch(&self, node: &Node) -> Result<Value, Problem> {
        let expected = |found: String| node.problem(format!("expected true or false, found {found}"));
        match &node.kind {
            Kind::Bool(on) => Ok(json!(on)),
            Kind::Text(text) => {
                let meant = match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" | "true" => Some("true"),
                    "no" | "off" | "n" | "false" => Some("false"),
                    _ => None,
                };
                let problem = expected(format!("the text `{}`", visible(text)));
                Err(meant
                    .iter()
                    .fold(problem, |problem, word| problem.help(format!("write `{word}`, without quotes"))))
            }
            other => Err(expected(other.name().to_owned())),
        }
    }

    /// Returns the whole number a value is, however YAML 1.2 lets it be written: `180`, `180.0`, `0xb4`. A zero
    /// before other digits is refused: YAML 1.1 reads `017` as 15, and YAML 1.2 as 17.
    fn whole_number(&self, node: &Node) -> Option<i128> {
        let written = self.text.get(node.span.clone()).unwrap_or_default();
        let digits = written.trim_start_matches(['-', '+']).strip_prefix('0');
        if digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            return None;
        }
        match node.kind {
            Kind::Integer(number) => Some(number),
            // As far as a decimal counts in ones.
            Kind::Decimal(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(number as i128),
            _ => None,
        }
    }

    pub(super) fn number(&self, node: &Node, min: u64, max: u64) -> Result<Value, Problem> {
        let written = crate::text::excerpt(self.text.get(node.span.clone()).unwrap_or_default(), 40);
        let message = match (self.whole_number(node).map(u64::try_from), &node.kind) {
            (Some(Ok(number)), _) if (min..=max).contains(&number) => return Ok(json!(number)),
            (Some(_), _) => format!("{written} is out of range"),
            (None, Kind::Integer(number)) => format!("write this number as {number}"),
            (None, Kind::Decimal(_)) => format!("{written} is not a whole number in range"),
            (None, other) => format!("expected a whole number, found {}", other.name()),
        };
        Err(node.problem(message).help(format!("write a whole number from {min} to {max}")))
    }

    /// Returns non-empty text without space around it.
    pub(super) fn words(&self, node: &Node, what: &str) -> Result<String, Problem> {
        match &node.kind {
            Kind::Text(text) if text.trim().is_empty() => {
                Err(node.problem("this is empty").help(format!("write {what}, or remove the key")))
            }
            Kind::Text(text) if text.trim() != text => {
                Err(node.problem("there is white space around this text").help("remove it"))
            }
            Kind::Text(text) => Ok(text.clone()),
            Kind::Null => Err(node
                .problem("there is no value here")
                .help(format!("write {what}, or remove the key to leave it unmanaged"))),
            other @ (Kind::Bool(_) | Kind::Integer(_) | Kind::Decimal(_)) => Err(node
                .problem(format!("expected text, found {}", other.name()))
                .help("put it in quotes if it really is text")),
            other => Err(node
                .problem(format!("expected text, found {}", other.name()))
                .help(format!("write {what}"))),
        }
    }

    fn word(&self, node: &Node, allowed: &[&'static str]) -> Result<&'static str, Problem> {
        let text = self.words(node, &format!("one of {}", listed(allowed)))?;
        allowed.iter().copied().find(|word| *word == text).ok_or_else(|| {
            let help = match nearest(&text, allowed.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("write one of {}", listed(allowed)),
            };
            node.problem(format!("unknown value `{}`", visible(&text))).help(help)
        })
    }

    /// Reads the findings that the owner of the file has read and accepts, in the order of their codes.
    fn codes(&self, node: &Node) -> Result<Vec<&'static str>, Vec<Problem>> {
        let Kind::List(items) = &node.kind else {
            let message = format!("expected a list of findings, found {}", node.kind.name());
            return Err(vec![node.problem(message).help("write, for example, `[no-helpdesk]`")]);
        };
        let mut codes = words_once(items, |item| self.code(item))?;
        codes.sort_unstable();
        Ok(codes)
    }

    fn code(&self, node: &Node) -> Result<&'static str, Problem> {
        let word = self.words(node, "the code of a finding")?;
        let section = FindingDoc::find(&word).map_err(|UnknownCode { word, near }| {
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`sspr explain` lists the findings".to_owned(),
            };
            node.problem(format!("there is no finding `{}`", visible(&word))).help(help)
        })?;
        let code = section.code;
        match section.gravity {
            Gravity::Warning | Gravity::Note => Ok(code),
            Gravity::Error => Err(node
                .problem(format!("`{code}` is an error, which no file can accept"))
                .help("remove it; the plan says how to resolve the error")),
            Gravity::Guard => Err(node
                .problem(format!("`{code}` is a guard, which no file can lift"))
                .help(format!("remove it; `sspr explain {code}` names the flag that lifts it for a run"))),
        }
    }

    fn methods(&self, node: &Node) -> Result<Value, Vec<Problem>> {
        let words = Method::ALL.map(Method::as_str);
        let Kind::List(items) = &node.kind else {
            let message = format!("expected a list of methods, found {}", node.kind.name());
            return Err(vec![node.problem(message).help("write, for example, `[email, mobile_phone]`")]);
        };
        let mut methods = words_once(items, |item| self.word(item, &words))?;
        methods.sort_by_key(|word| words.iter().position(|known| known == word));
        Ok(json!(methods))
    }

    pub(super) fn group(&self, node: &Node) -> Result<Value, Problem> {
        let name = self.words(node, "the group's display name or object id")?;
        if name.chars().count() > MAX_GROUP_NAME {
            let message = format!("a group's display name has at most {MAX_GROUP_NAME} characters");
            return Err(node.problem(message));
        }
        Ok(json!(name))
    }

    fn helpdesk(&self, node: &Node) -> Result<Value, Problem> {
        let what = "`none`, an e-mail address, or an http(s) URL";
        let link = self.words(node, what)?;
        if link == "none" || is_email(&link) || is_web_url(&link) {
            return Ok(json!(link));
        }
        Err(node
            .problem(format!("`{}` is neither `none`, an e-mail address nor an http(s) URL", visible(&link)))
            .help(format!("write {what}")))
    }
}

/// Returns whether settings stand below a dotted key.
pub(super) fn is_section(dotted: &str) -> bool {
    SETTINGS.iter().any(|s| s.key.strip_prefix(dotted).is_some_and(|rest| rest.starts_with('.')))
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    !name.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"".contains(c))
        && domain.contains('.')
        && !domain.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..")
}

/// The URL standard mends much that a person mistyped (`https:contoso.com`, `https:///x`); here it is refused.
fn is_web_url(text: &str) -> bool {
    let is_written_out = text.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
        ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
            && !authority.is_empty()
            && !authority.contains('@')
    });
    is_written_out
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

/// The keys of a fleet file that a spec does not have.
const FLEET_KEYS: [&str; 3] = ["spec", "tenants", "waves"];

/// The keys at the top that are no settings.
pub(super) const SPECIAL: [&str; 3] = ["version", "tenant", "accept"];

/// Returns the keys one level under `prefix` ("" or "methods."), as they are written there.
pub(super) fn known_keys(prefix: &str) -> impl Iterator<Item = &'static str> {
    let specials: &[&'static str] = if prefix.is_empty() { &SPECIAL } else { &[] };
    let last: &[&'static str] = if prefix.is_empty() { &[ROLLOUT] } else { &[] };
    let mut keys: Vec<&'static str> = specials.to_vec();
    for setting in &SETTINGS {
        if let Some(rest) = setting.key.strip_prefix(prefix) {
            let key = rest.split('.').next().unwrap_or(rest);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys.extend(last);
    keys.into_iter()
}

fn unknown_key(dotted: &str, key: &Key) -> Problem {
    let prefix = dotted.strip_suffix(key.name.as_str()).unwrap_or_default();
    let problem = Problem::at(key.span.clone(), format!("unknown key `{}`", visible(dotted))).key(dotted);
    // The same word in another section is the likelier slip than a near word in this one.
    let elsewhere =
        SETTINGS.iter().map(|s| s.key).find(|known| known.rsplit('.').next() == Some(key.name.as_str()));
    if prefix.is_empty() && FLEET_KEYS.contains(&key.name.as_str()) {
        return problem.help("this is a key of a fleet file, which `sspr fleet` reads");
    }
    match (nearest(&key.name, known_keys(prefix)), elsewhere) {
        (Some(near), _) => problem.help(format!("did you mean `{prefix}{near}`?")),
        (None, Some(known)) => problem.help(format!("did you mean `{known}`?")),
        (None, None) => {
            let keys: Vec<_> = known_keys(prefix).collect();
            problem.help(format!("the keys here are {}", listed(&keys)))
        }
    }
}

/// Reads words that may each be given once.
fn words_once<'a>(
    items: &[Node],
    read: impl Fn(&Node) -> Result<&'a str, Problem>,
) -> Result<Vec<&'a str>, Vec<Problem>> {
    let (mut words, mut problems) = (Vec::new(), Vec::new());
    for item in items {
        match read(item) {
            Ok(word) if words.contains(&word) => {
                problems.push(item.problem(format!("`{word}` is listed twice")).help("keep one"));
            }
            Ok(word) => words.push(word),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(words) } else { Err(problems) }
}

/// Returns words of a file in a sentence.
pub(super) fn listed(words: &[&str]) -> String {
    enumerated(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>())
}
