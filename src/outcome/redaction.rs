//! Replaces each name in a document by a pseudonym, the same one wherever it occurs. Tokens: `client::redact_tokens`.

use std::collections::BTreeMap;

use serde_json::Value;

/// Replaces names, addresses, ids and the user's own folders in every text of a document. `folders` are paths, and what
/// stands for them.
pub fn redact(document: &mut Value, names: &[String], folders: &[(String, String)]) {
    Pseudonyms::new(names, folders).replace(document);
}

/// Words that mean the service, not the tenant.
const PUBLIC: [&str; 9] = [
    // Microsoft Graph, for whom its tokens are.
    "00000003-0000-0000-c000-000000000000",
    "74658136-14ec-4630-ad9b-26e160ff0fc6",
    "ee62de39-b9b0-4886-aa58-08b89c4e3db3",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "main.iam.ad.ext.azure.com",
    "main.iam.ad.ext.azure.us",
    "aka.ms",
    "learn.microsoft.com",
];

/// Replaces what must not be shown, numbered in order of appearance.
struct Pseudonyms {
    names: Vec<String>,
    folders: Vec<(String, String)>,
    given: BTreeMap<String, String>,
}

/// Where systems keep their users' folders; the next part of a path is someone's name.
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
