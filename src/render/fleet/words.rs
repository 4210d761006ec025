//! The words for what became of tenants.

use std::collections::BTreeMap;

use crate::outcome::fleet::{FleetRun, FleetVerb, TenantResult, TenantRow};
use crate::render::document::{Line, Tone, code, line, words};
use crate::text::{counted, grouped};

/// Returns a result as a row says it.
pub(super) fn result(row: &TenantRow) -> Line {
    let word = match row.result {
        TenantResult::PartWay => TenantResult::PartWay.as_str().to_owned(),
        result => result.as_str().replace('-', " "),
    };
    words(tone(row.result), word).into()
}

fn tone(result: TenantResult) -> Tone {
    match result {
        TenantResult::Done | TenantResult::Matches => Tone::Good,
        TenantResult::NoChanges | TenantResult::Changes => Tone::Plain,
        TenantResult::NotTried => Tone::Dim,
        TenantResult::Drift | TenantResult::NotSignedIn | TenantResult::Unknown => Tone::Warn,
        TenantResult::Refused | TenantResult::Invalid | TenantResult::Failed | TenantResult::PartWay => {
            Tone::Bad
        }
    }
}

/// Returns how many tenants came to what, in words: "9 to change, 2 not signed in".
pub(super) fn counts(run: &FleetRun) -> String {
    counted_results(&run.counts())
}

/// Returns what `--only-failed` takes up of so many tenants, by what became of each the last time.
pub fn taken_up(of: usize, left: impl Iterator<Item = TenantResult>) -> String {
    let mut counts = BTreeMap::new();
    left.for_each(|result| *counts.entry(result).or_default() += 1);
    match counts.values().sum::<usize>() {
        0 => format!("Nothing is left to take up of {}.\n", counted(of, "tenant")),
        left => format!("Taking up {left} of {}: {}.\n", counted(of, "tenant"), counted_results(&counts)),
    }
}

fn counted_results(counts: &BTreeMap<TenantResult, usize>) -> String {
    let known = TenantResult::ALL.into_iter().filter_map(|result| Some((result, *counts.get(&result)?)));
    let words = |(result, count): (TenantResult, usize)| match result {
        TenantResult::Done => format!("{count} written"),
        TenantResult::NoChanges => format!("{count} without changes"),
        TenantResult::Changes => format!("{count} to change"),
        TenantResult::Matches if count == 1 => "1 matches".to_owned(),
        TenantResult::Matches => format!("{count} match"),
        TenantResult::Drift if count == 1 => "1 differs".to_owned(),
        TenantResult::Drift => format!("{count} differ"),
        TenantResult::Refused => format!("{count} refused"),
        TenantResult::Invalid => format!("{count} invalid"),
        TenantResult::NotSignedIn => format!("{count} not signed in"),
        TenantResult::Failed => format!("{count} failed"),
        TenantResult::PartWay => format!("{count} stopped part-way"),
        TenantResult::Unknown => format!("{count} unknown"),
        TenantResult::NotTried => format!("{count} not tried"),
    };
    let all: Vec<String> = known.map(words).collect();
    if all.is_empty() { "no tenant".to_owned() } else { all.join(", ") }
}

/// Returns why a tenant's row is as it is, and what to do: the one command, where someone has to sign in.
pub(super) fn note(row: &TenantRow) -> Line {
    let next = row.next.as_ref().filter(|_| row.result == TenantResult::NotSignedIn);
    next.or(row.why.as_ref()).map(Line::from).unwrap_or_default()
}

/// Returns what holds of every tenant, where that can be said.
pub(super) fn claim(run: &FleetRun) -> &'static str {
    let is_about_writing = run.verb == FleetVerb::Plan || run.verb.writes();
    let is_any_written = run.rows.iter().any(|row| row.result.may_be_written());
    if is_about_writing && !is_any_written { " Nothing was written." } else { "" }
}

/// Returns which part of which fleet a run was about.
pub(super) fn about(run: &FleetRun) -> String {
    let of = match run.rows.len() {
        all if all == run.fleet.tenants => counted(all, "tenant"),
        some => format!("{some} of {}", counted(run.fleet.tenants, "tenant")),
    };
    let shard = run.shard.as_ref().map(|shard| format!(", shard {shard}")).unwrap_or_default();
    format!("{of}{shard}")
}

/// Returns how many there are of people and the like; `–` where nobody knows.
pub(super) fn number(count: Option<u64>) -> Line {
    count.map_or_else(|| "–".to_owned(), grouped).into()
}

/// Returns what a command counts of a tenant.
pub(super) fn cells(verb: FleetVerb, row: &TenantRow) -> Vec<Line> {
    match verb {
        FleetVerb::Plan => vec![number(row.changes), number(row.people), number(row.ready_after)],
        FleetVerb::Apply => vec![number(row.changes), number(row.people)],
        FleetVerb::Cleanup | FleetVerb::Verify => vec![number(row.changes)],
        FleetVerb::Status | FleetVerb::Report => {
            vec![scope(row).into(), number(row.people), ready(row), number(row.resets)]
        }
    }
}

/// Returns for whom password reset is on.
pub(super) fn scope(row: &TenantRow) -> &'static str {
    match row.scope.as_deref() {
        Some("none") => "off",
        Some("selected") => "on for a group",
        Some("all") => "on for everyone",
        _ => "–",
    }
}

/// Returns the line of a tenant whose part is over; of one that is to be written yet, that it is planned.
pub fn ended(row: &TenantRow, is_pending: bool) -> Line {
    let changes = row.changes.filter(|_| row.result.is_fine() && row.result != TenantResult::NoChanges);
    let changes = changes.map(|changes| format!(", {}", counted(changes, "change"))).unwrap_or_default();
    let result = match row.result {
        _ if is_pending => "planned".into(),
        TenantResult::Changes => Line::default(),
        _ => result(row),
    };
    let changes = if result.0.is_empty() { changes.trim_start_matches(", ").to_owned() } else { changes };
    let why = if row.result.is_fine() { row.why.as_ref().map(Line::from) } else { Some(note(row)) };
    let why = why.filter(|why| !why.0.is_empty()).map(|why| line![": ", why]).unwrap_or_default();
    line![code(&row.tenant), " (", &row.wave, ") ", result, changes, why]
}

/// Returns how many are ready, and how many of those who can be that is.
pub(super) fn ready(row: &TenantRow) -> Line {
    match (row.ready, row.can_be_ready) {
        (Some(ready), Some(all)) if all > 0 => {
            format!("{} of {} ({} %)", grouped(ready), grouped(all), ready * 100 / all).into()
        }
        (ready, _) => number(ready),
    }
}
