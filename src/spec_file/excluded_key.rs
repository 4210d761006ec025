//! A spec key or section left out with `--except`.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::ROLLOUT;
use super::load::{SPECIAL, known_keys};
use crate::tenant::SETTINGS;
use crate::text::{enumerated, nearest, visible};

/// A key, or a section, which means all keys below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(&'static str);

/// A word that is no key which can be left out. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey(String);

impl Key {
    /// Returns the dotted key.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Returns whether a dotted key is this one, or below it.
    pub fn covers(self, key: &str) -> bool {
        key.strip_prefix(self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(word: &str) -> Result<Self, UnknownKey> {
        if word == "accept" {
            return Err(UnknownKey("`accept` is not left out: it manages nothing".to_owned()));
        }
        if ["version", "tenant"].contains(&word) {
            return Err(UnknownKey(format!("`{word}` is not left out: it guards the whole file")));
        }
        if word == ROLLOUT {
            return Ok(Self(ROLLOUT));
        }
        let named = SETTINGS.iter().find_map(|setting| {
            let key = Self(setting.key.get(..word.len()).filter(|key| *key == word)?);
            key.covers(setting.key).then_some(key)
        });
        named.ok_or_else(|| {
            let all = SETTINGS.iter().map(|setting| setting.key);
            let last = all.clone().find(|key| key.rsplit('.').next() == Some(word));
            let sections = known_keys("").filter(|key| !SPECIAL.contains(key));
            let near = last.or_else(|| nearest(word, all.chain(sections)));
            let near = near.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default();
            UnknownKey(format!("there is no key `{}`{near}", visible(word)))
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownKey {}

/// Returns keys as a list in words: "methods.allowed and scope".
pub fn listed_keys(keys: &[Key]) -> String {
    enumerated(&keys.iter().map(|key| key.as_str()).collect::<Vec<_>>())
}

/// Describes a file without some of its keys: "all of pilot.yaml but methods.allowed".
pub fn all_but(path: &str, except: &[Key]) -> String {
    match except {
        [] => path.to_owned(),
        except => format!("all of {path} but {}", listed_keys(except)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_a_section_is_known_by_its_whole_name() {
        for setting in &SETTINGS {
            assert_eq!(setting.key.parse::<Key>().unwrap().as_str(), setting.key);
        }
        let methods: Key = "methods".parse().unwrap();
        assert!(methods.covers("methods.allowed") && methods.covers("methods.security_questions.reset"));
        assert!(!methods.covers("scope") && !"group".parse::<Key>().unwrap().covers("groups"));
        for (word, near) in [
            ("method", "methods"),
            ("methods.alowed", "methods.allowed"),
            ("allowed", "methods.allowed"),
            ("metho", "methods"),
            ("Scope", "scope"),
        ] {
            let said = word.parse::<Key>().unwrap_err().to_string();
            assert_eq!(said, format!("there is no key `{word}`; did you mean `{near}`?"));
        }
        assert_eq!("".parse::<Key>().unwrap_err().to_string(), "there is no key ``");
        for word in ["tenant", "version", "accept"] {
            assert!(word.parse::<Key>().unwrap_err().to_string().contains("is not left out"));
        }
    }
}
