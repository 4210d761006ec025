//! The people as text and as JSON, piece by piece, because there can be a million of them.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;

use super::style::{BOLD, DIM, GREEN, RED, YELLOW};
use crate::people::{HeldRole, Row, Summary};
use crate::text::{counted, excerpt, visible};

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
        licensed: person.licence.covers(person.is_synced),
        licence: person.licence.name(),
        administrator: row.is_administrator,
        roles: row.roles.iter().map(HeldRole::name).collect(),
        methods: row.methods.as_deref(),
        registered: row.is_registered,
        sspr_enabled: row.is_sspr_enabled,
        capable: row.is_capable,
        ready: row.readiness.is_ready,
        why: row.readiness.why.iter().map(|why| why.as_str()).collect(),
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
    let why = row.readiness.why.iter().map(|why| why.message()).collect::<Vec<_>>().join("; ");
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

/// What is said of a report without a time.
pub(super) const NO_TIME: &str = "The registration report was read; no row of it tells when it was written.";

/// What is said below the people.
#[derive(Clone, Copy, Debug)]
pub struct Footer<'a> {
    /// What the rows add up to.
    pub summary: &'a Summary,
    /// The age of the report in words; `None` where nothing is known of it.
    pub age: Option<&'a str>,
    /// Whether the report was read.
    pub is_report_read: bool,
    /// What could not be read.
    pub unread: &'a [String],
    /// Whether it is unknown who can activate a role.
    pub has_unknown_eligibility: bool,
    /// Whether everybody was read.
    pub is_complete: bool,
}

/// Returns the lines below the people.
pub fn text_end(foot: Footer<'_>) -> String {
    let Footer { summary, age, is_report_read, unread, has_unknown_eligibility, is_complete } = foot;
    let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, stranded } =
        *summary;
    let mut text = String::from("\n");
    if !is_complete {
        let _ = writeln!(text, "{RED}Incomplete{RED:#}: these are the {members} read before it stopped.");
    }
    let no = members - ready - unknown;
    let _ = writeln!(
        text,
        "{BOLD}{}{BOLD:#}: {ready} ready, {no} not ready, {unknown} unknown",
        counted(members, "member")
    );
    let _ = writeln!(
        text,
        "{}; {}; {}{}; {}; {}; {}",
        registered.message("registered"),
        stranded.message("registered and stranded"),
        admins.counted("administrator"),
        if has_unknown_eligibility { ", who can become one unknown" } else { "" },
        guests.counted("guest"),
        disabled.message("disabled"),
        unlicensed.message("unlicensed"),
    );
    match age {
        Some(age) => {
            let _ = writeln!(text, "{DIM}Registration as of {age}; the report can be 36 hours late.{DIM:#}");
        }
        None if is_report_read => {
            let _ = writeln!(text, "{DIM}{NO_TIME}{DIM:#}");
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
