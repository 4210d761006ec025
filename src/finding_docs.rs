//! What docs/findings.md says of each finding: the page is in the program.

use std::fmt;

use crate::text::{nearest, visible};

const PAGE: &str = include_str!("../docs/findings.md");

/// A section of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingDoc {
    /// The finding's code.
    pub code: &'static str,
    /// How grave the finding is, by the section's first words.
    pub gravity: Gravity,
    /// The section, in Markdown.
    pub text: &'static str,
}

/// How grave a finding is, whatever the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// It forbids applying.
    Error,
    /// It forbids applying until a flag lifts it.
    Guard,
    /// Someone should decide.
    Warning,
    /// Good to know.
    Note,
}

/// No finding has this code. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode {
    /// What was asked for.
    pub word: String,
    /// The code it is most like.
    pub near: Option<&'static str>,
}

impl FindingDoc {
    /// Returns every section, in the order of the page.
    pub fn all() -> impl Iterator<Item = Self> {
        PAGE.split("\n## `").skip(1).filter_map(|section| {
            let (code, text) = section.split_once('`')?;
            let text = text.trim();
            let gravity = match text.split(['.', ' ']).next()? {
                "Error," => Gravity::Guard,
                "Error" => Gravity::Error,
                "Warning" | "Warning," => Gravity::Warning,
                _ => Gravity::Note,
            };
            Some(Self { code, gravity, text })
        })
    }

    /// Returns the section about a code.
    ///
    /// # Errors
    /// There is none.
    pub fn find(word: &str) -> Result<Self, UnknownCode> {
        let found = Self::all().find(|section| section.code == word);
        let near = || nearest(word, Self::all().map(|section| section.code));
        found.ok_or_else(|| UnknownCode { word: word.to_owned(), near: near() })
    }

    /// Returns whether the owner of a spec can accept the finding: an error or a guard is resolved or lifted instead.
    pub fn is_acceptable(&self) -> bool {
        matches!(self.gravity, Gravity::Warning | Gravity::Note)
    }

    /// Returns its paragraphs, each in one line.
    pub fn paragraphs(&self) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().map(str::trim).collect();
        lines
            .split(|line| line.is_empty())
            .filter(|lines| !lines.is_empty())
            .map(|lines| lines.join(" "))
            .collect()
    }

    /// Returns what is the case, in its first sentence.
    pub fn first_sentence(&self) -> String {
        let first = self.paragraphs().into_iter().next().unwrap_or_default();
        // Before it stands how grave it is.
        let said = first.split_once(". ").map_or("", |(_, said)| said);
        let end = said.find(". ").map_or(said.len(), |at| at + 1);
        said[..end].to_owned()
    }
}

impl Gravity {
    /// Returns what people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Guard => "guard",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no finding `{}`", visible(&self.word))?;
        self.near.map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

impl std::error::Error for UnknownCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_known_by_its_code_and_its_first_words() {
        let gravity = |code| FindingDoc::find(code).unwrap().gravity;
        assert_eq!(gravity("admin-in-group"), Gravity::Warning);
        assert_eq!(gravity("scope-all"), Gravity::Guard);
        assert_eq!(gravity("group-not-security"), Gravity::Error);
        assert_eq!(gravity("methods-stay"), Gravity::Note);
        for section in FindingDoc::all() {
            let sentence = section.first_sentence();
            assert!(sentence.ends_with(['.', ':']) && sentence.len() > 20, "{}: {sentence}", section.code);
        }
        let paragraphs = FindingDoc::find("changed-since").unwrap().paragraphs();
        assert_eq!(paragraphs.len(), 2);
        assert!(paragraphs.iter().all(|paragraph| !paragraph.contains('\n')));
    }

    #[test]
    fn an_unknown_code_leads_to_the_nearest() {
        for (word, said) in [
            (
                "sms-voice-retired",
                "there is no finding `sms-voice-retired`; did you mean `sms-voice-retire`?",
            ),
            ("Admin_in_group", "there is no finding `Admin_in_group`; did you mean `admin-in-group`?"),
            ("x", "there is no finding `x`"),
        ] {
            assert_eq!(FindingDoc::find(word).unwrap_err().to_string(), said);
        }
    }
}
