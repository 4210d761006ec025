//! What `doctor` found.

use serde_json::Value;

use crate::evidence::Judged;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Holds,
    /// Not as it should be.
    Fails,
    /// It is unknown.
    Unknown,
    /// Nothing to judge: a fact.
    Told,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Kebab-case name.
    pub code: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What was seen, but not what is so only for now.
    pub message: String,
    /// The same in a line, where that is all most people need.
    pub brief: Option<String>,
    /// What is so only for now, such as the end of a token: shown, but not compared.
    pub moment: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

/// One answer to an open question.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// In kebab-case.
    pub question: String,
    /// What was seen.
    pub answer: Value,
    /// The belief it is about, by its code; `None` where it is about none.
    pub belief: Option<&'static str>,
}

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// One thing each, in the order they were looked at.
    pub checks: Vec<Check>,
    /// Answers to open questions.
    pub observations: Vec<Observation>,
    /// What was seen of the beliefs about the two APIs; those alone of which something was.
    pub beliefs: Vec<Judged>,
    /// Names that must not be in the redacted report.
    pub names: Vec<String>,
    /// Folders that must not be in it, and their placeholders: the user's own.
    pub folders: Vec<(String, String)>,
}

impl Verdict {
    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "ok",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
            Self::Told => "info",
        }
    }
}

impl Check {
    /// Returns what was seen, under a kebab-case code.
    pub fn new(code: &str, verdict: Verdict, message: String) -> Self {
        Self { code: code.to_owned(), verdict, message, brief: None, moment: None, help: None }
    }

    /// Returns what was seen, with what is so only for now.
    pub fn message_now(&self) -> String {
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
        Self { question: question.to_owned(), answer, belief: None }
    }

    /// Adds the code of the belief it is about.
    pub fn about(self, belief: &'static str) -> Self {
        Self { belief: Some(belief), ..self }
    }
}

impl Examination {
    /// Adds a check.
    pub fn add(&mut self, code: &str, verdict: Verdict, message: String) {
        self.checks.push(Check::new(code, verdict, message));
    }

    /// Returns how many checks fail.
    pub fn failures(&self) -> usize {
        self.checks.iter().filter(|check| check.verdict == Verdict::Fails).count()
    }
}
