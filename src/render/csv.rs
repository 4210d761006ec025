//! The people as CSV, row by row. No spreadsheet takes a cell for a formula.

use std::borrow::Cow;

use csv::WriterBuilder;

use super::people::method;
use crate::people::{HeldRole, NotReadyReason, Row};
use crate::text::visible;

/// What a mail merge needs comes first.
const HEAD: [&str; 18] = [
    "Name",
    "User",
    "Email",
    "Ready",
    "Methods",
    "Why not",
    "Id",
    "Enabled",
    "Guest",
    "Synced",
    "Licensed",
    "Licence",
    "Administrator",
    "Roles",
    "Registered",
    "Capable",
    "Directory only",
    "Reasons",
];

/// Returns the first line of the CSV form, behind the mark without which Excel reads no UTF-8. Lines end as RFC 4180 has it.
/// Where people were read from a snapshot, the last column says as of when.
pub fn begin(as_of: Option<&str>) -> String {
    let last = if as_of.is_some() { ",As of" } else { "" };
    format!("\u{feff}{}{last}\r\n", HEAD.join(","))
}

/// Returns one person's line of the CSV form, written into one text: there can be a million of them.
pub fn row(row: &Row, as_of: Option<&str>) -> String {
    let person = &row.person;
    let roles = row.roles.iter().map(HeldRole::name).collect::<Vec<_>>().join("; ");
    let methods = match row.methods.as_deref() {
        Some([]) => "none".to_owned(),
        Some(words) => words.iter().map(|word| method(word)).collect::<Vec<_>>().join("; "),
        None => "unknown".to_owned(),
    };
    let why: Vec<&str> = row.readiness.reasons().map(NotReadyReason::message).collect();
    let reasons = row.readiness.why.iter().map(|why| why.as_str()).collect::<Vec<_>>().join("; ");
    let cells: [&str; HEAD.len()] = [
        person.display_name.as_deref().unwrap_or_default(),
        person.user_principal_name.as_deref().unwrap_or_default(),
        person.mail.as_deref().unwrap_or_default(),
        flag(row.readiness.is_ready),
        &methods,
        &why.join("; "),
        &person.id.to_string(),
        flag(person.is_enabled),
        flag(person.is_guest),
        flag(Some(person.is_synced)),
        flag(person.licence.covers(person.is_synced)),
        person.licence.name().unwrap_or_default(),
        flag(row.is_administrator),
        &roles,
        flag(row.is_registered),
        flag(row.is_capable),
        flag(row.readiness.is_directory_only),
        &reasons,
    ];
    let mut line = String::with_capacity(256);
    for (at, text) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        line.push_str(&cell(text));
    }
    if let Some(as_of) = as_of {
        line.push(',');
        line.push_str(as_of);
    }
    line.push_str("\r\n");
    line
}

fn flag(flag: Option<bool>) -> &'static str {
    match flag {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// Returns a cell that no spreadsheet takes for a formula: what starts like one gets an apostrophe, and control characters
/// are spelled out. A semicolon is quoted as a comma is: where a comma is for decimals, Excel takes it for the end of a cell.
fn cell(text: &str) -> Cow<'_, str> {
    // What most cells are made of, and what needs no second look.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .@_-".contains(&byte);
    let starts_plainly = text.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
    if starts_plainly && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let shown = visible(text);
    let starts_a_formula = |c: char| "=+-@＝＋－＠|%".contains(c);
    let mark = if shown.trim_start().starts_with(starts_a_formula) { "'" } else { "" };
    let mut writer = WriterBuilder::new().comment(Some(b';')).buffer_capacity(512).from_writer(Vec::new());
    // Neither memory nor text can refuse.
    let _ = writer.write_record([format!("{mark}{shown}")]);
    let line = String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default();
    Cow::Owned(line.trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_defused_and_quotes_doubled() {
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(cell("  @SUM(1)"), "'  @SUM(1)");
        assert_eq!(cell("\t=1"), r"\u{9}=1");
        assert_eq!(cell("Ada Lindqvist"), "Ada Lindqvist");
        assert_eq!(cell("-1+1"), "'-1+1");
        assert_eq!(cell("a; b"), "\"a; b\"");
    }

    proptest! {
        #[test]
        fn no_cell_begins_as_a_formula_or_breaks_the_line(text in "\\PC{0,12}|[=+@\\-\t\r\n\",]{0,6}") {
            let cell = cell(&text);
            prop_assert!(!cell.contains(['\n', '\r', '\t']));
            let read = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(&cell).replace("\"\"", "\"");
            let inner = read.trim_start();
            prop_assert!(!inner.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}
