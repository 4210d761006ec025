//! The report about a pilot, for those who decide: one document, and the page that draws it.

mod charts;
mod json;
mod next;
pub(super) mod page;

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use json::json;
pub(super) use json::{adoption_json, next_json};
pub(super) use next::next as next_dates;
pub use page::page;

use super::document::{Block, Document, Kind, Line, Span, Tone, code, foreign, line, listed, words};
use super::end_state::spec_name;
use super::people::{left_out_line as left_out_line_of_spec, registration, unread_line};
use super::values;
use crate::outcome::pilot_report::{Day, DayCount, LogState, Nudge, Report};
use crate::people::{Count, NotReadyReason, Summary, method, method_name};
use crate::tenant::{Method, Migration, Setting, ValueKind};
use crate::text::{counted, excerpt, grouped, shell_word};

/// How many rows a table of days has.
const DAYS: usize = 10;
/// How many people a page names.
const NAMES: u64 = 100;

/// A part of the report: how a page refers to it, its heading, and what it says.
struct Section {
    id: &'static str,
    heading: &'static str,
    blocks: Vec<Block>,
}

/// Returns the report without names of people.
pub fn document(report: &Report) -> Document {
    let section = |section: Section| Block::Section(line![section.heading].into(), section.blocks);
    Document {
        title: line!["sspr report: ", headline(report)],
        note: line![foreign(&report.group), " in ", foreign(&report.tenant), ". ", state(report)],
        blocks: sections(report).into_iter().map(section).collect(),
        ..Document::default()
    }
}

/// Returns what is said of the page where it is written.
pub fn written(path: &str, report: &Report) -> Document {
    let is_named = (1..=NAMES).contains(&report.adoption.nudges());
    let lines = [line![code(path), ": ", headline(report), "."]]
        .into_iter()
        .chain(is_named.then(|| line!["Names are in it: share it with care."]))
        .chain(unread_line(&report.unread))
        .chain(left_out_line_of_spec(&report.except));
    Document { blocks: vec![Block::Lines(lines.collect())], ..Document::default() }
}

/// Says how many are ready, of those who can be.
pub(super) fn headline(report: &Report) -> String {
    let (ready, can_be) = (report.adoption.ready, report.adoption.can_be());
    match share_known(report) {
        Some(share) => format!("{} of {} who can be are ready ({share})", grouped(ready), grouped(can_be)),
        None if report.summary.members == 0 => "the group has no members".to_owned(),
        None if can_be == 0 => "no one in the group can be ready".to_owned(),
        None => "who is ready is unknown".to_owned(),
    }
}

/// Returns the share of those who are ready; `None` where there is no one, or nothing is known of anyone.
fn share_known(report: &Report) -> Option<String> {
    let (adoption, can_be) = (&report.adoption, report.adoption.can_be());
    (report.is_report_read && adoption.unknown < can_be).then(|| share(adoption.ready, can_be))
}

/// Returns a share in whole percent: 100 % means all, and 0 % none.
fn share(count: u64, of: u64) -> String {
    match (count * 100 + of / 2).checked_div(of) {
        None => "–".to_owned(),
        Some(percent) if count > 0 && count < of => format!("{} %", percent.clamp(1, 99)),
        Some(percent) => format!("{percent} %"),
    }
}

/// Says whether password reset is on, what it takes, and how far the spec is from the tenant.
fn state(report: &Report) -> Line {
    let scope = report.setting("scope").and_then(|scope| scope.as_str());
    let group = || foreign(excerpt(&report.group, 100));
    let on = match (scope, report.reset.is_open) {
        (Some("none"), _) => line!["Password reset is off for everyone."],
        (Some("all"), _) => line!["Password reset is on for everyone in the tenant."],
        (_, Some(true)) => line!["Password reset is on for ", group(), "."],
        (Some("selected"), _) => line!["Password reset is on for another group than ", group(), "."],
        _ => line!["Whether password reset is on is unknown."],
    };
    let takes = match (report.reset.required, &report.reset.methods) {
        (Some(required), Some(methods)) if !methods.is_empty() => {
            let methods = methods.iter().map(|method| words(Tone::Plain, method.label()));
            line![format!(" A reset takes {required} of: "), listed(methods), "."]
        }
        (Some(_), Some(_)) => line![" No method counts for them yet."],
        _ => Line::default(),
    };
    let pending = (report.pending > 0).then(|| {
        let changes = counted(report.pending, "change");
        line![
            " ",
            spec_name(&report.spec),
            format!(" is not in place yet ({changes}); who is ready is judged by it.")
        ]
    });
    line![on, takes, pending.unwrap_or_default()]
}

fn sections(report: &Report) -> Vec<Section> {
    let section = |id, heading, blocks| Section { id, heading, blocks };
    let mut sections = vec![
        section("ready", "Who is ready", ready(report)),
        section("rings", "Roll-out, ring by ring", rings(report)),
        section("trend", "Since earlier reports", trend(report)),
        section("resets", "Resets", resets(report)),
        section("next", "What comes next", next(report)),
        section("methods", "What people registered", methods(report)),
        section("nudges", "Who still needs a nudge", nudges(report)),
        section("findings", "Worth knowing", vec![findings(report)]),
        section("settings", "Settings in the tenant", vec![settings(report)]),
        section("age", "Age of the data", vec![age(report)]),
    ];
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

/// The parts of those who can be ready: what each is called, its count, and what it means.
fn parts(report: &Report) -> [(&'static str, u64, Line); 3] {
    let adoption = &report.adoption;
    let settles = |(why, count): (&NotReadyReason, &u64)| format!("{} ({})", why.message(), grouped(*count));
    let unknown = match adoption.unknown_reasons.len() {
        0 if adoption.unknown > 0 => "not in a form sspr knows".to_owned(),
        0 => "what was read does not settle it".to_owned(),
        _ => adoption.unknown_reasons.iter().map(settles).collect::<Vec<_>>().join(", "),
    };
    let locked_out = match report.summary.locked_out {
        Count { yes: 0, .. } => String::new(),
        count => format!("; {count} registered before, and locked out by it"),
    };
    [
        ("Ready", adoption.ready, line!["registered enough of what ", spec_name(&report.spec), " allows"]),
        ("Not ready", adoption.not_ready, line!["registered too little: needs a nudge", locked_out]),
        ("Unknown", adoption.unknown, line![unknown]),
    ]
}

fn ready(report: &Report) -> Vec<Block> {
    let can_be = report.adoption.can_be();
    let row = |(name, count, meaning): (&str, u64, Line)| {
        vec![line![name], line![grouped(count)], line![share(count, can_be)], meaning]
    };
    let heads = &["Of those who can be", "People", "Share", "Meaning"];
    let table = Block::Table(heads, parts(report).into_iter().map(row).collect());
    [table].into_iter().chain(left_out(report)).collect()
}

/// Says who is left out of the share, and why, and of whom that is not known.
fn left_out(report: &Report) -> Vec<Block> {
    let left_out = &report.adoption.left_out;
    let row = |(why, count): (&NotReadyReason, &u64)| {
        let (who, reason) = left_out_words(*why);
        vec![line![who], line![grouped(*count)], line![reason]]
    };
    let table = || Block::Table(&["Left out", "People", "Why"], left_out.iter().map(row).collect());
    let [said, unknown] = left_out_lines(report).map(|said| said.map(|said| Block::Lines(vec![line![said]])));
    let table = said.is_some().then(table);
    said.into_iter().chain(table).chain(unknown).collect()
}

/// Returns how many are left out, and of how many it is not known whether they are.
fn left_out_lines(report: &Report) -> [Option<String>; 2] {
    let Summary { members, admins, guests, disabled, unlicensed, .. } = report.summary;
    let (left, all) = (report.adoption.left_out(), grouped(members));
    let said = format!("{} of the {all} members are left out of the share:", grouped(left));
    let kinds = [
        (admins, "administrator roles"),
        (guests, "guests"),
        (disabled, "disabled accounts"),
        (unlicensed, "licences"),
    ];
    let unknown = kinds.iter().filter(|(count, _)| count.unknown > 0);
    let unknown: Vec<String> =
        unknown.map(|(count, what)| format!("{what} ({})", grouped(count.unknown))).collect();
    let not_known = format!("Not known of everyone: {}.", unknown.join(", "));
    [(left > 0).then_some(said), (!unknown.is_empty()).then_some(not_known)]
}

fn left_out_words(why: NotReadyReason) -> (&'static str, &'static str) {
    match why {
        NotReadyReason::Administrator => {
            ("Administrators", "Microsoft's own two-gate policy applies to them")
        }
        NotReadyReason::Guest => ("Guests", "they reset where their account is at home"),
        NotReadyReason::Disabled => ("Disabled accounts", "a disabled account cannot reset"),
        NotReadyReason::Unlicensed => ("Without a licence", "nothing they have covers password reset"),
        NotReadyReason::NoWriteback => {
            ("Synchronised accounts", "passwords are not written back to the on-premises directory")
        }
        other => ("Others", other.message()),
    }
}

/// Returns the board of the roll-out, where there is one.
fn rings(report: &Report) -> Vec<Block> {
    let board = report.rings.iter();
    board
        .flat_map(|board| [Block::Lines(vec![super::rings::next(board)]), super::rings::table(board)])
        .collect()
}

fn trend(report: &Report) -> Vec<Block> {
    let earlier = &report.trend.earlier;
    let (Some(first), Some(last)) = (earlier.first(), earlier.last()) else {
        let said = match &report.trend.unknown {
            Some(why) => format!("What earlier reports counted is unknown: {why}."),
            None => "This is the first report about this group on this machine; the next one shows how it goes on."
                .to_owned(),
        };
        return vec![Block::Lines(vec![line![said]])];
    };
    let since = |count: &DayCount| {
        let (now, then, day) = (report.adoption.ready, count.ready, long(count.day));
        match now.cmp(&then) {
            Ordering::Equal => format!("as many as on {day}"),
            Ordering::Greater => format!("{} more than on {day}", grouped(now - then)),
            Ordering::Less => format!("{} fewer than on {day}", grouped(then - now)),
        }
    };
    let said = match (share_known(report), first.day == last.day) {
        (None, _) => Vec::new(),
        (_, true) => vec![line![format!("Ready: {}.", since(last))]],
        (_, false) => vec![line![format!("Ready: {}; {}, in the first report.", since(last), since(first))]],
    };
    let row = |count: &DayCount| {
        let DayCount { day, can_be, ready, .. } = *count;
        vec![line![short(day)], line![grouped(ready)], line![grouped(can_be)], line![share(ready, can_be)]]
    };
    let today = report.day_count();
    let rows = today.iter().chain(earlier.iter().rev()).take(DAYS).map(row);
    vec![Block::Lines(said), Block::Table(&["Report of", "Ready", "Can be", "Share"], rows.collect())]
}

fn resets(report: &Report) -> Vec<Block> {
    let (resets, failures) = attempts(report);
    let days = report.days.len();
    let mut said = Vec::new();
    match report.log {
        LogState::Unread => {
            said.push(line!["The audit log could not be read; the end of the report says why."])
        }
        LogState::Partial => {
            said.push(line!["Only the newest part of the log was read; earlier days may show too little."]);
        }
        LogState::Whole => {}
    }
    match resets + failures {
        0 if report.log == LogState::Unread => {}
        0 => said.push(line![format!("No one in the tenant tried to reset in the last {days} days.")]),
        _ => {
            let (resets, failures) = (counted(resets, "successful reset"), grouped(failures));
            said.push(line![format!(
                "{resets}, {failures} failed or blocked, in {days} days in the whole tenant."
            )]);
        }
    }
    let eventful = report.days.iter().rev().filter(|day| day.resets + day.failures > 0);
    let row =
        |day: &Day| vec![line![short(day.date)], line![grouped(day.resets)], line![grouped(day.failures)]];
    let rows: Vec<Vec<Line>> = eventful.take(DAYS).map(row).collect();
    let table = Block::Table(&["Day", "Successful", "Failed or blocked"], rows.clone());
    [Block::Lines(said)].into_iter().chain((!rows.is_empty()).then_some(table)).collect()
}

/// Returns how many resets succeeded and did not, on all days.
fn attempts(report: &Report) -> (u64, u64) {
    report.days.iter().fold((0, 0), |(resets, failures), day| (resets + day.resets, failures + day.failures))
}

fn next(report: &Report) -> Vec<Block> {
    let next = next::next(report);
    if next.is_empty() {
        return vec![Block::Lines(vec![line!["Nothing with a date that this version of sspr knows of."]])];
    }
    let row = |next: &next::Next| vec![line![&next.when], line![&next.message], line![&next.concerns]];
    vec![Block::Table(&["When", "What", "Who"], next.iter().map(row).collect())]
}

fn methods(report: &Report) -> Vec<Block> {
    if report.methods.is_empty() {
        let nothing = if report.is_report_read { "No one registered anything yet." } else { "Unknown." };
        return vec![Block::Lines(vec![line![nothing]])];
    }
    let row = |(word, count): &(String, u64)| {
        vec![method_line(word), line![grouped(*count)], line![counts(report, word)]]
    };
    vec![Block::Table(&["Method", "People", "For a reset"], report.methods.iter().map(row).collect())]
}

fn method_line(word: &str) -> Line {
    method_name(word).map_or_else(|| line![foreign(excerpt(word, 60))], |name| line![name])
}

/// Says whether a method of the registration report counts for those the report is about.
fn counts(report: &Report, word: &str) -> &'static str {
    match (method(word), &report.rule.allowed) {
        (Some(method), Some(allowed)) if allowed.contains(&method) => "counts",
        (Some(_), Some(_)) => "not allowed",
        (None, _) => "sign-in only",
        (_, None) => "unknown",
    }
}

fn nudges(report: &Report) -> Vec<Block> {
    let adoption = &report.adoption;
    if adoption.nudges() == 0 {
        return vec![Block::Lines(vec![line![if adoption.unknown == 0 { "No one." } else { "Unknown." }]])];
    }
    let row = |(why, count): (&NotReadyReason, &u64)| vec![line![why.message()], line![grouped(*count)]];
    vec![Block::Table(&["Why", "People"], adoption.to_nudge.iter().map(row).collect())]
}

/// Names them, for a page alone; more than a page has room for are told how to be listed.
fn named(report: &Report) -> Vec<Block> {
    let all = report.adoption.nudges();
    let said = |text: String| Block::Lines(vec![line![text].with(Tone::Dim)]);
    if all > NAMES {
        let command = format!("sspr people {} --only nudge --format csv", shell_word(&report.spec));
        let command = Span { kind: Kind::Quoted, ..code(command) };
        let line = line!["Too many to name here: ", command, format!(" lists all {}.", grouped(all))];
        return vec![Block::Lines(vec![line.with(Tone::Dim)])];
    }
    let row = |nudge: &Nudge| {
        let account = foreign(excerpt(&nudge.account, 120));
        let why: Vec<&str> = nudge.why.iter().map(|why| why.message()).collect();
        let who = match &nudge.name {
            Some(name) => line![foreign(excerpt(name, 80)), " ", account.with(Tone::Dim)],
            None => line![account],
        };
        vec![who, line![why.join("; ")]]
    };
    let table = Block::Table(&["Person", "Why"], report.nudges.iter().map(row).collect());
    if all == 0 {
        Vec::new()
    } else {
        vec![said("These are names: share the page with care.".to_owned()), table]
    }
}

fn findings(report: &Report) -> Block {
    let row = |(severity, name, message): &(String, String, String)| {
        vec![line![severity_word(severity)], line![message, line![" (", code(name), ")"].with(Tone::Dim)]]
    };
    match report.findings.as_slice() {
        [] => Block::Lines(vec![line!["Nothing."]]),
        findings => Block::Table(&["Severity", "Finding"], findings.iter().map(row).collect()),
    }
}

/// In JSON, and there alone, a note is `info`.
fn severity_word(severity: &str) -> &str {
    if severity == "info" { "note" } else { severity }
}

fn settings(report: &Report) -> Block {
    let row = |(setting, value): &(&Setting, Option<serde_json::Value>)| {
        let said = match value {
            _ if setting.kind == ValueKind::Methods => {
                return vec![line![setting.label], what_counts(report)];
            }
            None => "unknown".to_owned(),
            Some(value) => values::value(&report.group_names, setting, value),
        };
        vec![line![setting.label], line![code(excerpt(&said, 300))]]
    };
    Block::Table(&["Setting", "Value"], report.settings.iter().map(row).collect())
}

/// Says which methods people of the group can reset with, on whichever policy the tenant honours.
fn what_counts(report: &Report) -> Line {
    let label = |method: &Method| words(Tone::Plain, method.label());
    let methods = match &report.reset.methods {
        None => line!["unknown"],
        Some(methods) if methods.is_empty() => line!["none"],
        Some(methods) => listed(methods.iter().map(label)),
    };
    let place = match &report.migration {
        Some(Migration::Complete) => {
            let place =
                line!["for ", foreign(excerpt(&report.group, 100)), ", by the Authentication methods policy"];
            line![" (", place, "; the legacy toggles do not count)"]
        }
        Some(Migration::InProgress) => {
            line![" (for ", foreign(excerpt(&report.group, 100)), ", by both method policies)"]
        }
        Some(Migration::PreMigration) => line![" (by the legacy toggles)"],
        Some(Migration::Unknown(_)) | None => Line::default(),
    };
    line![methods, place.with(Tone::Dim)]
}

fn age(report: &Report) -> Block {
    let from = report.report_from.as_deref().and_then(|from| from.parse().ok());
    let registration = match from {
        Some(from) => line![written_at(from, report.made_on)],
        None => registration(report.report_from.as_deref(), report.is_report_read),
    };
    let made = line![format!("Settings, members and roles as of {}.", long(report.made_on))];
    let lines = [registration, made]
        .into_iter()
        .chain(unread_line(&report.unread))
        .chain(left_out_line_of_spec(&report.except));
    Block::Lines(lines.collect())
}

/// Says how old the registration report is.
fn written_at(from: Timestamp, today: Date) -> String {
    let at = from.to_zoned(TimeZone::UTC);
    let days = at.date().until(today).map_or(0, |span| span.get_days());
    let age = if days > 0 { format!(", {} before this report", counted(days, "day")) } else { String::new() };
    let at = long(at.date());
    format!("Registration as of {at}{age}; it can be 36 hours late, and has no row of disabled users.")
}

/// Returns a day in words: `26 November 2026`.
fn long(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// Returns a day for a table: `26 Nov 2026`.
fn short(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn only_all_is_100_percent_and_only_none_is_0() {
        let shares = [(0, 0, "–"), (0, 9, "0 %"), (1, 9_999, "1 %"), (1, 3, "33 %"), (2, 3, "67 %")];
        for (count, of, said) in shares.into_iter().chain([(9_998, 9_999, "99 %"), (9, 9, "100 %")]) {
            assert_eq!(share(count, of), said, "{count} of {of}");
        }
    }
}
