//! What `doctor` found, for people, for machines, and for strangers: the last without anybody's names.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use serde_json::{Value, json};

use super::style::{DIM, GREEN, RED, YELLOW};
use crate::text::counted;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Holds,
    /// Not as it should be.
    Fails,
    /// It cannot be told.
    Unknown,
    /// Nothing to judge: a fact.
    Told,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    code: String,
    verdict: Verdict,
    message: String,
    /// What is so only for now, such as the end of a token: told, but no part of what is compared.
    moment: Option<String>,
    help: Option<String>,
}

/// One answer to an open question.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    question: String,
    answer: Value,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    checks: Vec<Check>,
    observations: Vec<Observation>,
    /// Names that must not be in the redacted report.
    pub names: Vec<String>,
    /// Folders that must not be in it, and what stands for them: the user's own.
    pub folders: Vec<(String, String)>,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "ok",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
            Self::Told => "info",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Holds => GREEN,
            Self::Fails => RED,
            Self::Unknown => YELLOW,
            Self::Told => DIM,
        }
    }
}

impl Check {
    /// Returns what was seen, under a kebab-case code.
    pub fn new(code: &str, verdict: Verdict, message: String) -> Self {
        Self { code: code.to_owned(), verdict, message, moment: None, help: None }
    }

    /// Adds what is so only for now.
    pub fn with_moment(self, moment: String) -> Self {
        Self { moment: Some(moment), ..self }
    }

    fn told_now(&self) -> String {
        match &self.moment {
            Some(moment) => format!("{}; {moment}", self.message),
            None => self.message.clone(),
        }
    }

    /// Adds what to do.
    pub fn with_help(self, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..self }
    }
}

impl Observation {
    /// Returns an answer to a question in kebab-case.
    pub fn new(question: &str, answer: Value) -> Self {
        Self { question: question.to_owned(), answer }
    }
}

impl Examination {
    /// Adds a check.
    pub fn add(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// Adds answers.
    pub fn observe(&mut self, observations: Vec<Observation>) {
        self.observations.extend(observations);
    }

    /// Returns how many checks fail.
    pub fn failures(&self) -> usize {
        self.checks.iter().filter(|check| check.verdict == Verdict::Fails).count()
    }

    /// Returns each check: its verdict in a word, its code, what was seen (but not what is so only for now), what
    /// to do.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &str, &str, Option<&str>)> {
        self.checks.iter().map(|Check { code, verdict, message, moment: _, help }| {
            (verdict.as_str(), code.as_str(), message.as_str(), help.as_deref())
        })
    }

    /// Returns each answer to an open question.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.observations.iter().map(|Observation { question, answer }| (question.as_str(), answer))
    }

    /// Returns the examination for people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let Check { code, verdict, message: _, moment: _, help } = check;
            let (style, message) = (verdict.style(), check.told_now());
            let _ = writeln!(text, "{style}{:<7}{style:#} {code:<16} {message}", verdict.as_str());
            if let Some(help) = help {
                let _ = writeln!(text, "        {:16} → {help}", "");
            }
        }
        for Observation { question, answer } in &self.observations {
            let answer = crate::text::excerpt(&answer.to_string(), 400);
            let _ = writeln!(text, "{DIM}probe  {DIM:#} {question}: {answer}");
        }
        let _ = match self.failures() {
            0 => writeln!(text, "\nEverything that could be checked holds."),
            failures => writeln!(text, "\n{} failed.", counted(failures, "check")),
        };
        text
    }

    /// Returns the examination as `sspr.doctor/1`.
    pub fn json(&self) -> Value {
        let checks = self.checks.iter().map(|check| {
            let Check { code, verdict, message: _, moment: _, help } = check;
            json!({"code": code, "verdict": verdict.as_str(), "message": check.told_now(), "help": help})
        });
        let observations = self
            .observations
            .iter()
            .map(|Observation { question, answer }| json!({"question": question, "answer": answer}));
        json!({
            "format": "sspr.doctor/1",
            "checks": checks.collect::<Vec<_>>(),
            "observations": observations.collect::<Vec<_>>(),
            "failures": self.failures(),
        })
    }

    /// Returns the examination with every name, address and id replaced: the same one by the same pseudonym.
    pub fn redacted(&self) -> Value {
        let mut pseudonyms = Pseudonyms::new(&self.names, &self.folders);
        let mut document = self.json();
        pseudonyms.replace(&mut document);
        document
    }
}

/// Words that mean the service, not the tenant.
const PUBLIC: [&str; 8] = [
    "74658136-14ec-4630-ad9b-26e160ff0fc6",
    "ee62de39-b9b0-4886-aa58-08b89c4e3db3",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "main.iam.ad.ext.azure.com",
    "main.iam.ad.ext.azure.us",
    "aka.ms",
    "learn.microsoft.com",
];

/// Stands in for what must not be told, in the order it turns up.
struct Pseudonyms {
    names: Vec<String>,
    folders: Vec<(String, String)>,
    given: BTreeMap<String, String>,
}

/// Where systems keep their users' folders; the next part of a path is somebody's name.
const HOMES: [&str; 4] = ["/home/", "/Users/", r"\Users\", r"\\Users\\"];

impl Pseudonyms {
    fn new(names: &[String], folders: &[(String, String)]) -> Self {
        let mut names: Vec<String> = names.iter().filter(|name| name.len() > 1).cloned().collect();
        // A name within another must not be replaced first.
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let is_folder = |(folder, _): &&(String, String)| folder.trim_end_matches(['/', '\\']).len() > 2;
        let mut folders: Vec<_> = folders.iter().filter(is_folder).cloned().collect();
        folders.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Self { names, folders, given: BTreeMap::new() }
    }

    fn replace(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.replace(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, shown) in &self.folders {
            text = text.replace(folder.trim_end_matches(['/', '\\']), shown);
        }
        for home in HOMES {
            text = self.without_owners(&text, home);
        }
        for name in self.names.clone() {
            if text.contains(&name) {
                let pseudonym = self.pseudonym("name", &name);
                text = text.replace(&name, &pseudonym);
            }
        }
        let is_edge = |c: char| c.is_whitespace() || "\"'`/(),;:<>[]{}=".contains(c);
        text.split_inclusive(is_edge).map(|word| self.word(word, is_edge)).collect()
    }

    /// Replaces the part of a path that follows `home`.
    fn without_owners(&mut self, text: &str, home: &str) -> String {
        let mut pieces = text.split(home);
        let mut described = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end =
                piece.find(|c: char| c.is_whitespace() || "/\\\"'`,;:)".contains(c)).unwrap_or(piece.len());
            described.push_str(home);
            if end > 0 {
                described.push_str(&self.pseudonym("name", &piece[..end]));
            }
            described.push_str(&piece[end..]);
        }
        described
    }

    fn word(&mut self, word: &str, is_edge: impl Fn(char) -> bool) -> String {
        let bare = word.trim_end_matches(&is_edge);
        let end = &word[bare.len()..];
        if PUBLIC.contains(&bare) {
            return word.to_owned();
        }
        let kind = if bare.contains('@') {
            "address"
        } else if uuid::Uuid::try_parse(bare).is_ok() {
            "id"
        } else {
            return word.to_owned();
        };
        format!("{}{end}", self.pseudonym(kind, bare))
    }

    fn pseudonym(&mut self, kind: &str, what: &str) -> String {
        let next = self.given.values().filter(|given| given.starts_with(kind)).count() + 1;
        self.given.entry(what.to_lowercase()).or_insert_with(|| format!("{kind}-{next}")).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redacted_report_keeps_what_it_says_and_loses_who_it_is_about() {
        let mut seen = Examination {
            names: vec!["Contoso".to_owned(), "contoso.com".to_owned()],
            ..Examination::default()
        };
        let id = "204a15ea-fa2c-550c-86c1-f84caa53d849";
        seen.add(Check::new("tenant", Verdict::Holds, format!("Contoso (contoso.com, {id})")));
        seen.add(Check::new("sign-in", Verdict::Fails, format!("ada@fabrikam.com; audience {}", PUBLIC[0])));
        seen.observe(vec![Observation::new("x", json!({"by": id, "count": 3}))]);
        seen.folders = vec![
            ("/srv/private/grace".to_owned(), "~".to_owned()),
            (r"C:\Users\grace\AppData\Local".to_owned(), "%LOCALAPPDATA%".to_owned()),
        ];
        seen.add(Check::new(
            "state-directory",
            Verdict::Holds,
            "/srv/private/grace/.local/state/sspr can be written".to_owned(),
        ));
        seen.add(Check::new(
            "a",
            Verdict::Holds,
            r"C:\Users\grace\AppData\Local\sspr can be written".to_owned(),
        ));
        seen.add(Check::new(
            "b",
            Verdict::Fails,
            r"/home/linus/cert.pem, D:\Users\linus\x and /Users/linus".to_owned(),
        ));
        let report = seen.redacted().to_string();
        assert!(report.contains("~/.local/state/sspr can be written"), "{report}");
        assert!(report.contains(r"%LOCALAPPDATA%\\sspr can be written"), "{report}");
        assert!(report.contains(r"/cert.pem, D:\\Users\\name-"), "{report}");
        for secret in ["Contoso", "contoso.com", id, "ada", "fabrikam", "grace", "linus"] {
            assert!(!report.contains(secret), "{secret} in {report}");
        }
        assert_eq!(report.matches("id-1").count(), 2, "{report}");
        assert!(
            report.contains("address-1; audience 74658136") && report.contains("\"count\":3"),
            "{report}"
        );
    }
}
