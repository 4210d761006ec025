//! A finding: something a reviewer should know beside the changes.

use serde::Serialize;

/// How grave a finding is; an error forbids applying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Applying is refused.
    Error,
    /// Someone should decide.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// Returns how grave it is to do what a guard forbids: where a person lifted the guard, it is `meant`.
    pub(super) fn guarded(is_meant: bool) -> Self {
        if is_meant { Self::Warning } else { Self::Error }
    }

    /// Returns its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Something a reviewer should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kebab-case name; the heading of its section in docs/findings.md.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The spec key it is about.
    pub key: &'static str,
    /// What is the case.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Finding {
    /// Returns whether it is accepted by its code. An error never is.
    pub(super) fn is_accepted(&self, codes: &[&'static str]) -> bool {
        self.severity != Severity::Error && codes.contains(&self.code)
    }

    pub(super) fn new(
        code: &'static str,
        severity: Severity,
        key: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { code, severity, key, message: message.into(), help: help.into() }
    }
}
