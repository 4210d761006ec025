//! The people as CSV, row by row. No spreadsheet takes a cell for a formula.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::people::{HeldRole, Row};
use crate::text::visible;

const HEAD: [&str; 15] = [
    "id",
    "user principal name",
    "display name",
    "enabled",
    "guest",
    "synced",
    "licensed",
    "licence",
    "administrator",
    "roles",
    "methods",
    "registered",
    "capable",
    "ready",
    "why",
];

/// Returns the first line of the CSV form, behind the mark without which Excel reads no UTF-8.
pub fn begin() -> String {
    format!("\u{feff}{}", record(HEAD.map(Cow::Borrowed)))
}

/// Returns one person's line of the CSV form.
pub fn row(row: &Row) -> String {
    let person = &row.person;
    let why = row.readiness.why.iter().map(|why| why.as_str());
    let cells = [
        person.id.to_string().into(),
        person.user_principal_name.as_deref().unwrap_or_default().into(),
        person.display_name.as_deref().unwrap_or_default().into(),
        flag(person.is_enabled).into(),
        flag(person.is_guest).into(),
        flag(Some(person.is_synced)).into(),
        flag(person.licence.covers(person.is_synced)).into(),
        person.licence.name().unwrap_or_default().into(),
        flag(row.is_administrator).into(),
        row.roles.iter().map(HeldRole::name).collect::<Vec<_>>().join("; ").into(),
        row.methods.as_deref().unwrap_or_default().join("; ").into(),
        flag(row.is_registered).into(),
        flag(row.is_capable).into(),
        flag(row.readiness.is_ready).into(),
        why.collect::<Vec<_>>().join("; ").into(),
    ];
    record(cells)
}

/// Returns a line. Lines end as RFC 4180 has it, and a semicolon is quoted too: where a comma is for decimals, Excel takes
/// it for the end of a cell.
fn record(cells: [Cow<'_, str>; HEAD.len()]) -> String {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .comment(Some(b';'))
        .buffer_capacity(512)
        .from_writer(Vec::with_capacity(512));
    // Neither memory nor text can refuse.
    let _ = writer.write_record(cells.iter().map(|cell| defused(cell).into_owned()));
    writer.into_inner().ok().and_then(|line| String::from_utf8(line).ok()).unwrap_or_default()
}

fn flag(flag: Option<bool>) -> &'static str {
    match flag {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// Returns text that no spreadsheet takes for a formula: what starts like one gets an apostrophe, and control characters
/// are spelled out.
fn defused(text: &str) -> Cow<'_, str> {
    // What most cells are made of, and what needs no second look.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .@_".contains(&byte);
    let starts_plainly = text.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
    if starts_plainly && text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let shown = visible(text);
    let starts_a_formula = |c: char| "=+-@＝＋－＠|%".contains(c);
    Cow::Owned(match shown.trim_start().starts_with(starts_a_formula) {
        true => format!("'{shown}"),
        false => shown,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns a cell as it stands in a line.
    fn cell(text: &str) -> String {
        let mut cells = [""; HEAD.len()].map(Cow::Borrowed);
        cells[0] = Cow::Borrowed(text);
        record(cells).trim_end_matches("\r\n").trim_end_matches(',').to_owned()
    }

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
