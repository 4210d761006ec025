//! How a pilot stands, for people and machines.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::document::{Block, Document, Line, Tone, code, foreign, line, listed, moment, words};
use super::end_state::{all_but, spec_name};
use super::people::{left_out_line, unread_line};
use super::report::{adoption_json, headline, next_dates, next_json};
use super::{history, rings};
use crate::outcome::ListedRun;
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::outcome::pilot_report::{LogState, Report};
use crate::outcome::status::{GroupNow, ScopeNow, Since, Status};
use crate::outcome::verification::LastChange;
use crate::tenant::Witness;
use crate::text::{capitalized, counted, grouped, people, shell_word};

/// How far apart a record and the audit log's line of the same change may be.
const SAME: SignedDuration = SignedDuration::from_secs(60);

/// Returns `sspr.status/1`.
pub fn json(status: &Status) -> String {
    let Status { scope, since, last_change, report, days, no_people, not_looked_at, last_run } = status;
    let (state, groups, why) = match scope {
        ScopeNow::Off => (json!("off"), Value::Null, None),
        ScopeNow::Everyone => (json!("everyone"), Value::Null, None),
        ScopeNow::Groups(groups) => {
            (json!("groups"), groups.iter().map(|it| json!({"id": it.id, "name": it.name})).collect(), None)
        }
        ScopeNow::Unknown { why } => (Value::Null, Value::Null, Some(why)),
    };
    let last_change = last_change.as_ref().map(|change| match change {
        LastChange::Known { at, by } => json!({"at": at, "by": by}),
        LastChange::Unknown { why } => json!({"unknown": why}),
    });
    let resets = (report.log != LogState::Unread).then(|| resets(report));
    let mut document = json!({
        "format": "sspr.status/1",
        "tenant": {"id": report.tenant_id, "name": report.tenant},
        "spec": {"path": report.spec, "pending_changes": report.pending},
        "group": (!report.group_id.is_empty()).then(|| json!({"id": report.group_id, "name": report.group})),
        "reset": {
            "state": state, "groups": groups, "unknown": why, "reaches_group": report.reset.is_open,
            "since": since.as_ref().map(since_json),
        },
        "last_change": last_change,
        "people": no_people.is_none().then(|| json!({
            "members": report.summary.members,
            "adoption": adoption_json(&report.adoption, report.is_report_read),
            "is_registration_read": report.is_report_read,
            "report_from": report.report_from,
        })),
        "people_unknown": no_people,
        "resets": {
            "days": days, "log": report.log,
            "done": resets.map(|(done, _)| done), "failed": resets.map(|(_, failed)| failed),
        },
        "next": next_json(report),
        "last_run": last_run,
        "rings": report.rings.as_ref().map(rings::rings_json),
        "unread": report.unread,
    });
    if !not_looked_at.is_empty() {
        document["not_looked_at"] = json!(not_looked_at);
    }
    if !report.except.is_empty() {
        document["except"] = json!(report.except);
    }
    super::json::document(&document)
}

fn since_json(since: &Since) -> Value {
    match since {
        Since::Known { at, by, witness } => {
            let witness = match witness {
                Witness::Journal => "journal",
                Witness::AuditLog => "audit-log",
            };
            json!({"at": at, "by": by, "witness": witness})
        }
        Since::Unknown { why } => json!({"unknown": why}),
    }
}

/// Returns how it stands for people: the answer, a line for each fact, and the rings.
pub fn document(status: &Status) -> Document {
    let report = &status.report;
    let since = match &status.since {
        Some(Since::Known { at, by, .. }) => line![", since ", moment(*at), by_whom(by)],
        _ => Line::default(),
    };
    let (first, rest) = answer(status);
    let rings = report.rings.as_ref();
    let aside = [unread_line(&report.unread).map(|line| line.with(Tone::Dim)), left_out_line(&report.except)];
    let aside: Vec<Line> = aside.into_iter().flatten().collect();
    let blocks = [
        Some(Block::Lines(vec![line![capitalized(first), rest.clone(), since]])),
        Some(Block::Fields(facts(status))),
        rings.map(rings::table),
        (!aside.is_empty()).then_some(Block::Lines(aside)),
    ];
    Document {
        title: line!["sspr status: ", first, rest],
        blocks: blocks.into_iter().flatten().collect(),
        closing: rings.map(rings::next).unwrap_or_default(),
        next: next(status),
        ..Document::default()
    }
}

fn by_whom(by: &[String]) -> Line {
    match by {
        [] => Line::default(),
        by => line![" by ", listed(by.iter().map(foreign))].private(),
    }
}

/// Says whether password reset is on, and for whom: the first word, and the others.
fn answer(status: &Status) -> (&'static str, Line) {
    let report = &status.report;
    let tenant = || line![" in ", foreign(&report.tenant)];
    let on = || line![" reset is ", words(Tone::Good, "on")];
    let on_or_off = match &status.scope {
        ScopeNow::Unknown { why } => {
            return ("unknown", line![" whether password reset is on", tenant(), ": ", why]);
        }
        ScopeNow::Off => line![" reset is ", words(Tone::Bad, "off"), tenant()],
        ScopeNow::Everyone => line![on(), " for everyone", tenant()],
        ScopeNow::Groups(groups) if groups.is_empty() => {
            line![on(), " for selected groups", tenant(), ", and none is selected"]
        }
        ScopeNow::Groups(groups) => {
            let name = |group: &GroupNow| group.name.as_ref().map_or_else(|| code(&group.id), foreign);
            let is_named = groups.iter().any(|group| group.id == report.group_id);
            let pilot = match report.reset.is_open {
                _ if is_named || report.group_id.is_empty() => Line::default(),
                Some(true) => line![", which ", foreign(&report.group), " is in"],
                _ => line![", ", words(Tone::Warn, "not for "), foreign(&report.group)],
            };
            line![on(), " for ", listed(groups.iter().map(name)), tenant(), pilot]
        }
    };
    ("password", on_or_off)
}

fn facts(status: &Status) -> Vec<(&'static str, Vec<Line>)> {
    let Status { since, report, last_run, .. } = status;
    let since_unknown = since.as_ref().and_then(|since| match since {
        Since::Known { .. } => None,
        Since::Unknown { why } => Some(unknown(why)),
    });
    let next = next_dates(report).into_iter().next().map(|next| {
        let concerns = if next.concerns.is_empty() { String::new() } else { format!(" {}", next.concerns) };
        line![format!("{}: {}{concerns}", next.when, next.message)]
    });
    let facts = [
        ("Since", since_unknown),
        ("People", Some(ready(status))),
        ("Rings", report.rings.as_ref().map(|board| line![board.how_far()])),
        ("Resets", Some(reset_line(status))),
        ("Settings", Some(settings(status))),
        ("Last change", last_change(status)),
        ("Next date", next),
        ("Last run", Some(last_run.as_ref().map_or_else(|| line!["never applied from here"], run))),
    ];
    facts.into_iter().filter_map(|(name, line)| Some((name, vec![line?]))).collect()
}

fn unknown(why: &str) -> Line {
    line!["unknown (", why, ")"].with(Tone::Dim)
}

/// Says how many are ready, and of how many.
fn ready(status: &Status) -> Line {
    let report = &status.report;
    if let Some(why) = &status.no_people {
        return unknown(why);
    }
    let of_whom_unknown = match report.adoption.unknown {
        unknown @ 1.. if report.is_report_read => format!(", {} unknown", grouped(unknown)),
        _ => String::new(),
    };
    let left_out = match report.adoption.left_out() {
        0 => String::new(),
        left_out => format!(", {} left out", grouped(left_out)),
    };
    let members = people(report.summary.members);
    line![headline(report), of_whom_unknown, format!("; {members} in "), foreign(&report.group), left_out]
}

/// Says who last changed password reset, where the first line does not.
fn last_change(status: &Status) -> Option<Line> {
    match (status.last_change.as_ref()?, &status.since) {
        (LastChange::Known { at, .. }, Some(Since::Known { at: since, .. }))
            if at.duration_since(*since).abs() <= SAME =>
        {
            None
        }
        (LastChange::Known { at, by }, _) => Some(line![moment(*at), by_whom(by.as_slice())]),
        (LastChange::Unknown { why }, _) => Some(unknown(why)),
    }
}

/// Returns the resets that succeeded, and those that did not.
fn resets(report: &Report) -> (u64, u64) {
    let days = report.days.iter();
    days.fold((0, 0), |(done, failed), day| (done + day.resets, failed + day.failures))
}

fn reset_line(status: &Status) -> Line {
    let Status { report, days, .. } = status;
    let (done, failed) = resets(report);
    let failed = if failed > 0 { format!(", {} failed or blocked", grouped(failed)) } else { String::new() };
    let done = if done > 0 { grouped(done) } else { "none".to_owned() };
    match report.log {
        LogState::Unread => line!["unknown (the audit log was not read)"].with(Tone::Dim),
        LogState::Partial => {
            line![format!("at least {done}{failed} in the last {days} days, in the whole tenant")]
        }
        LogState::Whole => line![format!("{done}{failed} in the last {days} days, in the whole tenant")],
    }
}

/// Says whether the tenant is as the spec has it.
fn settings(status: &Status) -> Line {
    let Status { report, not_looked_at, .. } = status;
    let (half, rest) = match not_looked_at.is_empty() {
        true => ("", String::new()),
        false => ("Graph's half of ", format!("; {NOT_LOOKED_AT}")),
    };
    let tenant = line![half, foreign(&report.tenant)];
    let spec = all_but(&report.spec, &report.except);
    match report.pending {
        0 => line![tenant, " matches ", spec, rest],
        pending => {
            let differs = words(Tone::Warn, " differs from ");
            let judged = if status.no_people.is_none() { "; who is ready is judged by the file" } else { "" };
            line![tenant, differs, spec, format!(" in {}{judged}{rest}", counted(pending, "setting"))]
        }
    }
}

fn run(run: &ListedRun) -> Line {
    let when = run.started.parse().ok().map(|at| line![moment(at), ", "]);
    line![when.unwrap_or_default(), history::said(run), " (", code(&run.short), ")"]
}

fn next(status: &Status) -> Vec<Line> {
    let report = &status.report;
    let file = shell_word(&report.spec);
    let is_off = status.scope == ScopeNow::Off;
    if is_off && report.pending == 0 {
        return vec![line![
            spec_name(&report.spec),
            " keeps password reset off; ",
            code("scope: selected"),
            " in it turns it on"
        ]];
    }
    let people = (report.adoption.nudges() > 0).then(|| format!("sspr people {file} --only nudge"));
    let plan = (report.pending > 0).then(|| format!("sspr plan {file}"));
    plan.or(people).map(|command| line![code(command)]).into_iter().collect()
}
