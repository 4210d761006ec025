//! The people as text, JSON and CSV, piece by piece, because there can be a million of them.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::people::{Row, Summary, Why};
use crate::text::{counted, excerpt, visible};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonV1<'a> {
    id: String,
    user_principal_name: Option<&'a str>,
    display_name: Option<&'a str>,
    enabled: Option<bool>,
    guest: Option<bool>,
    synced: bool,
    licensed: Option<bool>,
    licence: Option<&'static str>,
    administrator: Option<bool>,
    roles: Vec<String>,
    methods: Option<&'a [String]>,
    registered: Option<bool>,
    sspr_enabled: Option<bool>,
    capable: Option<bool>,
    ready: Option<bool>,
    why: Vec<&'static str>,
}

/// Returns the begin of `sspr.people/1`, up to the first person.
pub fn json_begin(group_id: &str, group_name: &str) -> String {
    let group = serde_json::json!({"id": group_id, "name": group_name});
    format!("{{\n\"format\": \"sspr.people/1\",\n\"group\": {group},\n\"people\": [")
}

/// Returns one person of `sspr.people/1`.
pub fn json_row(row: &Row, is_first: bool) -> String {
    let comma = if is_first { "\n" } else { ",\n" };
    // Strings and flags only: nothing in it cannot be written.
    format!("{comma}{}", serde_json::to_string(&person(row)).unwrap_or_default())
}

/// Returns the end of `sspr.people/1`. `report_from` is the report's own time; `is_complete` is whether
/// everybody was read.
pub fn json_end(
    summary: &Summary,
    report_from: Option<&str>,
    unread: &[String],
    is_complete: bool,
) -> String {
    let summary = serde_json::to_string(summary).unwrap_or_default();
    let (report_from, unread) = (serde_json::json!(report_from), serde_json::json!(unread));
    format!(
        "\n],\n\"summary\": {summary},\n\"reportFrom\": {report_from},\n\"unread\": {unread},\n\"complete\": {is_complete}\n}}\n"
    )
}

fn person(row: &Row) -> PersonV1<'_> {
    let person = &row.person;
    PersonV1 {
        id: person.id.to_string(),
        user_principal_name: person.user_principal_name.as_deref(),
        display_name: person.display_name.as_deref(),
        enabled: person.is_enabled,
        guest: person.is_guest,
        synced: person.is_synced,
        licensed: person.licence.is_licensed(person),
        licence: person.licence.name(),
        administrator: row.is_administrator,
        roles: row.roles.iter().map(crate::people::HeldRole::name).collect(),
        methods: row.methods.as_deref(),
        registered: row.is_registered,
        sspr_enabled: row.is_sspr_enabled,
        capable: row.is_capable,
        ready: row.readiness.is_ready,
        why: row.readiness.why.iter().map(|why| why.word()).collect(),
    }
}

/// Returns the heading of the text form.
pub fn text_begin(group_name: &str, tenant_name: &str) -> String {
    format!("{BOLD}{}{BOLD:#} in {}\n\n", visible(group_name), visible(tenant_name))
}

/// Returns one person's line.
pub fn text_row(row: &Row) -> String {
    let (style, word) = answer(row.readiness.is_ready);
    let name = excerpt(&row.person.name(), 60);
    let mut line = format!("{style}{word:<7}{style:#}  {name:<44}");
    let methods = match row.methods.as_deref() {
        None => String::new(),
        Some([]) => "no methods".to_owned(),
        Some(methods) => methods.iter().map(|method| excerpt(method, 40)).collect::<Vec<_>>().join(", "),
    };
    let why = row.readiness.why.iter().map(|why| why.told()).collect::<Vec<_>>().join("; ");
    let roles: Vec<String> = row.roles.iter().map(|role| excerpt(&role.name(), 80)).collect();
    let roles = if roles.is_empty() { String::new() } else { format!("({})", roles.join(", ")) };
    let parts: Vec<&str> =
        [methods.as_str(), &why, &roles].into_iter().filter(|part| !part.is_empty()).collect();
    let _ = writeln!(line, "  {}", parts.join(" — "));
    line
}

fn answer(is_ready: Option<bool>) -> (Style, &'static str) {
    match is_ready {
        Some(true) => (GREEN, "ready"),
        Some(false) => (RED, "no"),
        None => (YELLOW, "unknown"),
    }
}

/// What is said below the people.
#[derive(Clone, Copy, Debug)]
pub struct Foot<'a> {
    /// What the rows add up to.
    pub summary: &'a Summary,
    /// The age of the report in words; `None` where it was not read.
    pub age: Option<&'a str>,
    /// What could not be read.
    pub unread: &'a [String],
    /// Whether it is unknown who can activate a role.
    pub has_unknown_eligibility: bool,
    /// Whether everybody was read.
    pub is_complete: bool,
}

/// Returns the lines below the people.
pub fn text_end(foot: Foot<'_>) -> String {
    let Foot { summary, age, unread, has_unknown_eligibility, is_complete } = foot;
    let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, stranded } =
        *summary;
    let mut text = String::from("\n");
    if !is_complete {
        let _ = writeln!(text, "{RED}Incomplete{RED:#}: these are the {members} read before it stopped.");
    }
    let no = members - ready - unknown;
    let some = |count: u64, noun| counted(usize::try_from(count).unwrap_or(usize::MAX), noun);
    let _ = writeln!(
        text,
        "{BOLD}{}{BOLD:#}: {ready} ready, {no} not ready, {unknown} unknown",
        some(members, "member")
    );
    let _ = writeln!(
        text,
        "{registered} registered; {stranded} registered and stranded; {}{}; {}; {disabled} disabled; {unlicensed} unlicensed",
        some(admins, "administrator"),
        if has_unknown_eligibility { ", who can become one unknown" } else { "" },
        some(guests, "guest"),
    );
    match age {
        Some(age) => {
            let _ = writeln!(text, "{DIM}Registration as of {age}; the report can be 36 hours late.{DIM:#}");
        }
        None => {
            let _ = writeln!(text, "{DIM}Registration was not read: who is ready is unknown.{DIM:#}");
        }
    }
    if !unread.is_empty() {
        let _ = writeln!(
            text,
            "{DIM}Unknown, because it could not be read: {}.{DIM:#}",
            visible(&unread.join("; "))
        );
    }
    text
}

/// Returns the first line of the CSV form.
pub fn csv_begin() -> String {
    "id,user principal name,display name,enabled,guest,synced,licensed,licence,administrator,roles,methods,registered,capable,ready,why\r\n"
        .to_owned()
}

/// Returns one person's line of the CSV form. Written into one text: there can be a million of them.
pub fn csv_row(row: &Row) -> String {
    let person = &row.person;
    let roles: Vec<String> = row.roles.iter().map(crate::people::HeldRole::name).collect();
    let methods = row.methods.iter().flatten().map(String::as_str);
    let mut line = String::with_capacity(256);
    let _ = write!(line, "{}", person.id);
    push_cell(&mut line, person.user_principal_name.as_deref().unwrap_or_default());
    push_cell(&mut line, person.display_name.as_deref().unwrap_or_default());
    push_cell(&mut line, flag(person.is_enabled));
    push_cell(&mut line, flag(person.is_guest));
    push_cell(&mut line, flag(Some(person.is_synced)));
    push_cell(&mut line, flag(person.licence.is_licensed(person)));
    push_cell(&mut line, person.licence.name().unwrap_or_default());
    push_cell(&mut line, flag(row.is_administrator));
    push_list(&mut line, roles.iter().map(String::as_str));
    push_list(&mut line, methods);
    push_cell(&mut line, flag(row.is_registered));
    push_cell(&mut line, flag(row.is_capable));
    push_cell(&mut line, flag(row.readiness.is_ready));
    push_list(&mut line, row.readiness.why.iter().map(|why: &Why| why.word()));
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
        false => line.push_str(&csv_cell(text)),
    }
}

/// Returns a cell that no spreadsheet takes for a formula: what starts like one gets an apostrophe, control
/// characters are spelled out, and quotes are doubled.
pub fn csv_cell(text: &str) -> String {
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
        assert_eq!(csv_cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(csv_cell("  @SUM(1)"), "\"'  @SUM(1)\"");
        assert_eq!(csv_cell("\t=1"), r"\u{9}=1");
        assert_eq!(csv_cell("Ada Lindqvist"), "Ada Lindqvist");
        assert_eq!(csv_cell("-1+1"), "\"'-1+1\"");
    }

    proptest! {
        #[test]
        fn a_cell_of_a_row_is_written_as_any_cell(text in "[a-z0-9 .@_=+#;,\"'-]{0,6}|\\PC{0,6}") {
            let mut line = String::new();
            push_cell(&mut line, &text);
            prop_assert_eq!(line, format!(",{}", csv_cell(&text)));
        }

        #[test]
        fn no_cell_begins_as_a_formula_or_breaks_the_line(text in "\\PC{0,12}|[=+@\\-\t\r\n\",]{0,6}") {
            let cell = csv_cell(&text);
            prop_assert!(!cell.contains(['\n', '\r', '\t']));
            let read = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(&cell).replace("\"\"", "\"");
            let inner = read.trim_start();
            prop_assert!(!inner.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}
