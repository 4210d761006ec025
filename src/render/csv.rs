//! The people as CSV, row by row. No spreadsheet takes a cell for a formula.

use std::fmt::Write as _;

use crate::people::{HeldRole, NotReadyReason, Row};
use crate::text::visible;

/// Returns the first line of the CSV form. Excel reads UTF-8 only behind its mark, and ends lines as RFC 4180 does.
pub fn begin() -> String {
    "\u{feff}id,user principal name,display name,enabled,guest,synced,licensed,licence,administrator,roles,methods,registered,capable,ready,why\r\n"
        .to_owned()
}

/// Returns one person's line of the CSV form. Written into one text: there can be a million of them.
pub fn row(row: &Row) -> String {
    let person = &row.person;
    let roles: Vec<String> = row.roles.iter().map(HeldRole::name).collect();
    let methods = row.methods.iter().flatten().map(String::as_str);
    let mut line = String::with_capacity(256);
    let _ = write!(line, "{}", person.id);
    push_cell(&mut line, person.user_principal_name.as_deref().unwrap_or_default());
    push_cell(&mut line, person.display_name.as_deref().unwrap_or_default());
    push_cell(&mut line, flag(person.is_enabled));
    push_cell(&mut line, flag(person.is_guest));
    push_cell(&mut line, flag(Some(person.is_synced)));
    push_cell(&mut line, flag(person.licence.covers(person.is_synced)));
    push_cell(&mut line, person.licence.name().unwrap_or_default());
    push_cell(&mut line, flag(row.is_administrator));
    push_list(&mut line, roles.iter().map(String::as_str));
    push_list(&mut line, methods);
    push_cell(&mut line, flag(row.is_registered));
    push_cell(&mut line, flag(row.is_capable));
    push_cell(&mut line, flag(row.readiness.is_ready));
    push_list(&mut line, row.readiness.why.iter().map(|why: &NotReadyReason| why.as_str()));
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

fn push_list<'a>(line: &mut String, mut words: impl Iterator<Item = &'a str>) {
    let first = words.next().unwrap_or_default();
    match words.next() {
        None => push_cell(line, first),
        Some(second) => {
            let rest = words.fold(format!("{first}; {second}"), |list, word| list + "; " + word);
            push_cell(line, &rest);
        }
    }
}

fn push_cell(line: &mut String, text: &str) {
    line.push(',');
    // What most cells are made of, and what needs no second look.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .@_".contains(&byte);
    let starts_plainly = text.bytes().next().is_none_or(|byte| byte.is_ascii_alphanumeric());
    match starts_plainly && text.bytes().all(is_plain) {
        true => line.push_str(text),
        false => line.push_str(&cell(text)),
    }
}

/// Returns a cell that no spreadsheet takes for a formula: what starts like one gets an apostrophe, control
/// characters are spelled out, and quotes are doubled.
pub fn cell(text: &str) -> String {
    let shown = visible(text);
    let starts_a_formula = |c: char| "=+-@＝＋－＠|%".contains(c);
    let defused = match shown.trim_start().starts_with(starts_a_formula) {
        true => format!("'{shown}"),
        false => shown,
    };
    match defused.contains([',', '"', ';', '\'']) {
        true => format!("\"{}\"", defused.replace('"', "\"\"")),
        false => defused,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_defused_and_quotes_doubled() {
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(cell("  @SUM(1)"), "\"'  @SUM(1)\"");
        assert_eq!(cell("\t=1"), r"\u{9}=1");
        assert_eq!(cell("Ada Lindqvist"), "Ada Lindqvist");
        assert_eq!(cell("-1+1"), "\"'-1+1\"");
    }

    proptest! {
        #[test]
        fn a_cell_of_a_row_is_written_as_any_cell(text in "[a-z0-9 .@_=+#;,\"'-]{0,6}|\\PC{0,6}") {
            let mut line = String::new();
            push_cell(&mut line, &text);
            prop_assert_eq!(line, format!(",{}", cell(&text)));
        }

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
