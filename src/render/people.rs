//! The people as text and JSON, row by row, and as a page of counts that names those to nudge.
//! Row by row, because there can be a million of them.

use std::collections::BTreeMap;

use crate::ids::{GroupId, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::document::{Block, Document, Line, Tone, code, foreign, line, listed, words};
use super::end_state::keys;
use super::text;
use crate::outcome::Survey;
use crate::people::{HeldRole, Row, Summary};
use crate::spec_file::Key;
use crate::text::{counted, excerpt};

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
pub fn json_begin(group_id: GroupId, group_name: &str) -> String {
    let group = json!({"id": group_id, "name": group_name});
    format!("{{\n\"format\": \"sspr.people/1\",\n\"group\": {group},\n\"people\": [")
}

/// Returns one person of `sspr.people/1`.
pub fn json_row(row: &Row, is_first: bool) -> String {
    let comma = if is_first { "\n" } else { ",\n" };
    // Strings and flags only: nothing in it cannot be written.
    format!("{comma}{}", serde_json::to_string(&person(row)).unwrap_or_default())
}

/// Returns the end of `sspr.people/1`. `is_complete` is whether everyone was read.
pub fn json_end(survey: &Survey, is_complete: bool) -> String {
    let summary = serde_json::to_string(&survey.summary).unwrap_or_default();
    let (report_from, unread) = (json!(survey.report_from), json!(survey.unread));
    let except = match &*survey.except {
        [] => String::new(),
        except => format!("\n\"except\": {},", json!(except)),
    };
    format!(
        "\n],{except}\n\"summary\": {summary},\n\"reportFrom\": {report_from},\n\"unread\": {unread},\n\"complete\": {is_complete}\n}}\n"
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
    let heading = line![foreign(group_name).with(Tone::Strong), " in ", foreign(tenant_name)];
    text::line(&heading, &text::Layout::default()) + "\n"
}

/// Returns one person's line, written straight into one text: there can be a million of them.
pub fn text_row(row: &Row) -> String {
    let (tone, ready) = ready(row);
    let (style, name) = (text::style(tone), excerpt(&row.person.name(), 60));
    let mut line = format!("{style}{ready}{style:#}{:1$}{name:<44}", "", 9 - ready.len());
    let methods: Vec<String> = row.methods.iter().flatten().map(|method| excerpt(method, 40)).collect();
    let has_none = row.methods.as_ref().is_some_and(Vec::is_empty);
    let methods = if has_none { NO_METHODS.to_owned() } else { methods.join(", ") };
    let roles: Vec<String> = row.roles.iter().map(|role| excerpt(&role.name(), 80)).collect();
    let roles = if roles.is_empty() { String::new() } else { format!("({})", roles.join(", ")) };
    let mut separator = "  ";
    for part in [methods, why(row), roles].iter().filter(|part| !part.is_empty()) {
        line.push_str(separator);
        line.push_str(part);
        separator = " — ";
    }
    line.truncate(line.trim_end_matches(' ').len());
    line.push('\n');
    line
}

const NO_METHODS: &str = "no methods";

/// Returns whether someone is ready, who they are, their methods, why they are not ready, and their roles.
fn cells(row: &Row) -> [Line; 5] {
    let (tone, ready) = ready(row);
    let methods = match row.methods.as_deref() {
        Some([]) => line![NO_METHODS],
        methods => listed(methods.unwrap_or_default().iter().map(|method| foreign(excerpt(method, 40)))),
    };
    let roles = listed(row.roles.iter().map(|role| foreign(excerpt(&role.name(), 80))));
    let who = foreign(excerpt(&row.person.name(), 60));
    [line![words(tone, ready)], line![who], methods, line![why(row)], roles]
}

fn ready(row: &Row) -> (Tone, &'static str) {
    match row.readiness.is_ready {
        Some(true) => (Tone::Good, "ready"),
        Some(false) => (Tone::Bad, "no"),
        None => (Tone::Warn, "unknown"),
    }
}

fn why(row: &Row) -> String {
    row.readiness.why.iter().map(|why| why.message()).collect::<Vec<_>>().join("; ")
}

/// Returns how old a report is that says it is `from` then; `None` where that is no time. Without `now` only the time is
/// told.
pub fn age(from: &str, now: Option<Timestamp>) -> Option<String> {
    let from: Timestamp = from.parse().ok()?;
    let Some(now) = now else { return Some(from.to_string()) };
    let hours = now.duration_since(from).as_hours();
    Some(match hours {
        i64::MIN..0 => from.to_string(),
        0..=72 => format!("{from} ({hours} hours ago)"),
        _ => format!("{from} ({} days ago)", hours / 24),
    })
}

/// Returns the lines below the people; `age` is when the report was written, in words.
pub fn text_end(survey: &Survey, age: Option<&str>, is_complete: bool) -> String {
    format!("\n{}", text::blocks(&[Block::Lines(lines(survey, age, is_complete))], &text::Layout::default()))
}

fn lines(survey: &Survey, age: Option<&str>, is_complete: bool) -> Vec<Line> {
    let Survey { summary, report_from: _, is_report_read, unread, has_unknown_eligibility, except } = survey;
    let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, locked_out } =
        *summary;
    let no = members - ready - unknown;
    let incomplete = format!(": these are the {members} read before it stopped.");
    let people = format!(": {ready} ready, {no} not ready, {unknown} unknown");
    let counts = format!(
        "{}; {}; {}{}; {}; {}; {}",
        registered.message("registered"),
        locked_out.message("registered and locked out"),
        admins.counted("administrator"),
        if *has_unknown_eligibility { ", who can become one unknown" } else { "" },
        guests.counted("guest"),
        disabled.message("disabled"),
        unlicensed.message("unlicensed"),
    );
    let lines = [
        (!is_complete).then(|| line![words(Tone::Bad, "Incomplete"), incomplete]),
        Some(line![words(Tone::Strong, counted(members, "member")), people]),
        Some(line![counts]),
        Some(registration(age, *is_report_read).with(Tone::Dim)),
        unread_line(unread).map(|line| line.with(Tone::Dim)),
        left_out_line(except),
    ];
    lines.into_iter().flatten().collect()
}

/// Says how old the registration report is.
pub(super) fn registration(report_from: Option<&str>, is_report_read: bool) -> Line {
    match report_from {
        Some(time) => line!["Registration as of ", code(time), "; the report can be 36 hours late."],
        None if is_report_read => {
            line!["The registration report has no row with its date."]
        }
        None => line!["Registrations could not be read, so who is ready is unknown."],
    }
}

/// Says what of the spec was left out, where something was.
pub(super) fn left_out_line(except: &[Key]) -> Option<Line> {
    (!except.is_empty())
        .then(|| line!["Left out of the spec with ", code("--except"), ": ", keys(except), "."])
}

/// Says what could not be read, where there is such.
pub(super) fn unread_line(unread: &[String]) -> Option<Line> {
    (!unread.is_empty()).then(|| line!["Unknown, because it could not be read: ", unread.join("; "), "."])
}

/// How many people a page names: GitHub takes 65,536 characters in a comment.
pub const ROWS: usize = 100;

/// Collects rows, whatever their order, into the same page. Holds no more than [`ROWS`] of them.
#[derive(Debug, Default)]
pub struct Page {
    /// Those who are not ready first, then by name.
    rows: BTreeMap<(Option<usize>, String, UserId), [Line; 5]>,
    shown: u64,
}

impl Page {
    /// Takes a row.
    pub fn take(&mut self, row: &Row) {
        self.shown += 1;
        let rank = [Some(false), None, Some(true)].iter().position(|ready| *ready == row.readiness.is_ready);
        let key = (rank, row.person.name(), row.person.id);
        let is_late = self.rows.last_key_value().is_some_and(|(last, _)| *last < key);
        if self.rows.len() < ROWS || !is_late {
            self.rows.insert(key, cells(row));
        }
        if self.rows.len() > ROWS {
            self.rows.pop_last();
        }
    }

    /// Returns the page, headed by the names of the group and the tenant.
    pub fn document(&self, (group, tenant): (&str, &str), survey: &Survey, is_complete: bool) -> Document {
        let Summary { ready, members, .. } = survey.summary;
        let lines = lines(survey, survey.report_from.as_deref(), is_complete);
        let about = line![foreign(group), " in ", foreign(tenant)];
        let mut blocks = vec![Block::Lines([about].into_iter().chain(lines).collect())];
        if !self.rows.is_empty() {
            let named = self.rows.len() as u64;
            let shown = counted(self.shown, "member");
            let is_all = self.shown == named;
            let rest = format!("{named} of {shown}, those not ready first; the CSV form has all");
            let summary = if is_all { shown } else { rest };
            let rows = self.rows.values().map(|cells| cells.to_vec()).collect();
            let table = Block::Table(&["ready", "who", "registered", "why", "roles"], rows);
            blocks.push(Block::Details(line![summary], vec![table]));
        }
        Document {
            title: line![format!("sspr people: {ready} of {members} ready")],
            blocks,
            ..Document::default()
        }
    }
}
