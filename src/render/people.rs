//! The people as JSON, row by row, and as a page of counts that names those to nudge. On a screen: [`super::people_table`].
//! Row by row, because there can be a million of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::document::{Block, Document, Line, Tone, code, foreign, line, words};
use super::end_state::keys;
use super::report::adoption_json;
use crate::ids::{GroupId, UserId};
use crate::outcome::Survey;
use crate::people::{Adoption, Count, HeldRole, NotReadyReason, Row, Summary, method_name};
use crate::spec_file::Key;
use crate::text::{counted, excerpt, grouped, people};

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
    mail: Option<&'a str>,
    directory_only: Option<bool>,
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
    let adoption = adoption_json(&survey.adoption, survey.is_report_read);
    let (report_from, unread) = (json!(survey.report_from), json!(survey.unread));
    let except = match &*survey.except {
        [] => String::new(),
        except => format!("\n\"except\": {},", json!(except)),
    };
    format!(
        "\n],{except}\n\"summary\": {summary},\n\"adoption\": {adoption},\n\"reportFrom\": {report_from},\n\"unread\": {unread},\n\"complete\": {is_complete}\n}}\n"
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
        mail: person.mail.as_deref(),
        directory_only: row.readiness.is_directory_only,
    }
}

/// What a screen and a page say of someone.
pub(super) struct Cells {
    pub(super) ready: (Tone, &'static str),
    pub(super) name: String,
    pub(super) user: String,
    pub(super) methods: String,
    pub(super) why_not: String,
}

pub(super) fn cells(row: &Row) -> Cells {
    let (person, readiness) = (&row.person, &row.readiness);
    let ready = match readiness.is_ready {
        Some(true) => (Tone::Good, "yes"),
        _ if is_outside(row) => (Tone::Dim, "–"),
        Some(false) => (Tone::Bad, "no"),
        None => (Tone::Warn, "?"),
    };
    let methods = match row.methods.as_deref() {
        Some([]) => "none".to_owned(),
        Some(words) => words.iter().map(|word| method(word)).collect::<Vec<_>>().join(", "),
        None => "?".to_owned(),
    };
    let why_not = readiness.reasons().map(NotReadyReason::message).collect::<Vec<_>>().join("; ");
    let roles: Vec<String> = row.roles.iter().map(|role| excerpt(&role.name(), 80)).collect();
    let roles = (!roles.is_empty()).then(|| format!("({})", roles.join(", ")));
    let why_not = Some(why_not).filter(|why| !why.is_empty()).into_iter().chain(roles);
    Cells {
        ready,
        name: excerpt(person.display_name.as_deref().unwrap_or_default(), 60),
        user: excerpt(&person.name(), 120),
        methods,
        why_not: why_not.collect::<Vec<_>>().join(" "),
    }
}

/// Returns whether the spec is not for someone: whatever it says, they reset under another policy, elsewhere or not at all.
fn is_outside(row: &Row) -> bool {
    use NotReadyReason::{Administrator, Disabled, Guest};
    row.readiness.left_out().is_some_and(|why| matches!(why, Administrator | Disabled | Guest))
}

/// Returns what the portal calls a word of the report.
pub(super) fn method(word: &str) -> String {
    method_name(word).map_or_else(|| excerpt(word, 40), str::to_owned)
}

/// What the columns are called.
pub(super) const HEADS: [&str; 5] = ["ready", "name", "user", "methods", "why not"];

/// What the counts are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The group's name; foreign text.
    pub group: &'a str,
    /// The tenant's; foreign text.
    pub tenant: &'a str,
    /// The day it is, in UTC.
    pub today: Date,
    /// Whether everyone was read.
    pub is_complete: bool,
}

/// Returns the first line of a list that is too long to be counted before it is shown.
pub fn heading(group: &str, tenant: &str) -> Block {
    Block::Lines(vec![line![foreign(group).with(Tone::Strong), " in ", foreign(tenant)]])
}

/// Returns how many there are, and how many of them are ready.
pub fn headline(survey: &Survey, about: About<'_>) -> Block {
    let members = survey.summary.members;
    let ready = ready(survey);
    let (group, tenant) = (foreign(about.group).with(Tone::Strong), foreign(about.tenant));
    let registered = registered(survey, about.today);
    let headline = line![group, " in ", tenant, ": ", people(members), ", ", ready, ", ", registered];
    let incomplete = (!about.is_complete).then(|| {
        let rest = format!(": these are the {} read before it stopped.", grouped(members));
        line![words(Tone::Bad, "Incomplete"), rest]
    });
    Block::Lines(incomplete.into_iter().chain([headline]).collect())
}

/// Says how many are ready, of those who can be.
fn ready(survey: &Survey) -> Line {
    let (ready, can_be) = (survey.adoption.ready, survey.adoption.can_be());
    if can_be == 0 {
        return line![
            words(Tone::Strong, "0 ready"),
            if survey.summary.members > 0 { ", and no one who can be" } else { "" }
        ];
    }
    let of = format!(" of {} who can be ({} %)", grouped(can_be), share(ready, can_be));
    line![words(Tone::Strong, format!("{} ready", grouped(ready))), of]
}

/// Returns how many in a hundred, rounded down: no one should be told that all are ready while one is not.
fn share(count: u64, of: u64) -> u64 {
    (count * 100).checked_div(of).unwrap_or_default()
}

/// Says how old the registrations are.
fn registered(survey: &Survey, today: Date) -> Line {
    let Some(from) = &survey.report_from else {
        let why = if survey.is_report_read {
            "the report has no row with its date"
        } else {
            "the report was not read"
        };
        return line![format!("registration unknown: {why}")];
    };
    let Ok(at) = from.parse::<Timestamp>() else { return line!["registration as of ", code(from)] };
    let day = at.to_zoned(TimeZone::UTC).date();
    let age = match today.since(day).map(|span| span.get_days()) {
        Ok(0) => " (today)".to_owned(),
        Ok(days @ 1..) => format!(" ({} old)", counted(days.unsigned_abs(), "day")),
        // A report from tomorrow is someone's wrong clock.
        _ => String::new(),
    };
    line![format!("registration as of {day}"), line![age].private()]
}

/// Returns what else there is to know of them, and how to list those to reach.
pub fn notes(survey: &Survey) -> Block {
    let Survey { summary, adoption, unread, has_unknown_eligibility, except, .. } = survey;
    let Summary {
        registered, admins, guests, disabled, unlicensed, locked_out, directory_only, nudge, ..
    } = *summary;
    let reach = [
        (nudge > 0).then(|| line![format!("{} can be nudged (", grouped(nudge)), code("--only nudge"), ")"]),
        (directory_only.yes > 0 || directory_only.unknown > 0).then(|| {
            let verb = if directory_only.yes == 1 { "relies" } else { "rely" };
            let who = match directory_only.known() {
                None if directory_only.yes == 0 => {
                    "how many rely on directory attributes alone is unknown".to_owned()
                }
                _ => format!("{directory_only} {verb} on directory attributes alone"),
            };
            line![who, " (", code("--only directory-only"), ")"]
        }),
    ];
    let reach: Vec<Line> = reach.into_iter().flatten().collect();
    use NotReadyReason as Why;
    // Those who are left out for another reason are of a kind all the same.
    let eligible = if *has_unknown_eligibility { ", who can become one unknown" } else { "" };
    let kinds = [
        (admins, Some(Why::Administrator), admins.counted("administrator") + eligible),
        (guests, Some(Why::Guest), guests.counted("guest")),
        (disabled, Some(Why::Disabled), disabled.message("disabled")),
        (unlicensed, Some(Why::Unlicensed), unlicensed.message("unlicensed") + " in all"),
        (registered, None, registered.message("registered by the report")),
        (locked_out, None, locked_out.message("registered and locked out")),
    ];
    let left_out = |why: &Why| adoption.left_out.get(why).copied().unwrap_or_default();
    let is_said_before = |count: Count, why: Option<Why>| {
        let is_vague = why == Some(Why::Administrator) && *has_unknown_eligibility;
        !is_vague && why.is_some_and(|why| count.known() == Some(left_out(&why)))
    };
    let is_shown = |(count, why, _): &(Count, Option<Why>, String)| {
        count.yes + count.unknown > 0 && !is_said_before(*count, *why)
    };
    let kinds: Vec<String> = kinds.into_iter().filter(is_shown).map(|(.., said)| said).collect();
    let not_ready =
        format!("{} not ready, {} unknown", grouped(adoption.not_ready), grouped(adoption.unknown));
    let kinds = [Some(not_ready), left_out_kinds(adoption)].into_iter().flatten().chain(kinds);
    let kinds = kinds.collect::<Vec<_>>().join("; ");
    let joined =
        reach.iter().enumerate().map(|(at, part)| line![if at > 0 { ", " } else { "" }, part.clone()]);
    let reach = (!reach.is_empty()).then(|| joined.collect());
    let unread = unread_line(unread).map(|line| line.with(Tone::Dim));
    Block::Lines([Some(line![kinds]), reach, unread, left_out_line(except)].into_iter().flatten().collect())
}

/// Says who is left out of the share, and why; nothing where no one is.
fn left_out_kinds(adoption: &Adoption) -> Option<String> {
    let said = |(why, count): (&NotReadyReason, &u64)| match why {
        NotReadyReason::Administrator => counted(*count, "administrator"),
        NotReadyReason::Guest => counted(*count, "guest"),
        NotReadyReason::Disabled => format!("{} disabled", grouped(*count)),
        NotReadyReason::Unlicensed => format!("{} without a licence", grouped(*count)),
        NotReadyReason::NoWriteback => format!("{} synchronised without writeback", grouped(*count)),
        other => format!("{} for \"{}\"", grouped(*count), other.message()),
    };
    let kinds: Vec<String> = adoption.left_out.iter().map(said).collect();
    (!kinds.is_empty()).then(|| format!("left out: {}", kinds.join(", ")))
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
            let Cells { ready: (tone, ready), name, user, methods, why_not } = cells(row);
            let cells =
                [words(tone, ready), foreign(name), foreign(user), foreign(methods), foreign(why_not)];
            self.rows.insert(key, cells.map(Line::from));
        }
        if self.rows.len() > ROWS {
            self.rows.pop_last();
        }
    }

    /// Returns the page.
    pub fn document(&self, survey: &Survey, about: About<'_>) -> Document {
        let (ready, can_be) = (survey.adoption.ready, survey.adoption.can_be());
        let mut blocks = vec![headline(survey, about), notes(survey)];
        if !self.rows.is_empty() {
            let named = self.rows.len() as u64;
            let shown = people(self.shown);
            let is_all = self.shown == named;
            let rest = format!("{named} of {shown}, those not ready first; the CSV form has all");
            let summary = if is_all { shown } else { rest };
            let rows = self.rows.values().map(|cells| cells.to_vec()).collect();
            blocks.push(Block::Details(line![summary], vec![Block::Table(&HEADS, rows)]));
        }
        Document {
            title: line![format!("sspr people: {ready} of {can_be} who can be are ready")],
            blocks,
            ..Document::default()
        }
    }
}
