//! The table of tenants for people: on a screen all of them, on a page what is not fine, and counts of the rest.

use std::collections::BTreeMap;

use super::words::{about, cells, claim, counts, note, result};
use crate::outcome::fleet::{FleetRun, FleetVerb, TenantResult, TenantRow};
use crate::render::document::{Block, Document, Heading, Item, Items, Line, Names, Tone, code, line, words};
use crate::text::{capitalized, counted, shell_word};

/// How many reasons a screen says in full.
const REASONS: usize = 20;
/// How many tenants a page lists, and how long a reason is there: a comment has 65,536 characters.
const LISTED: usize = 100;
const SHORT: usize = 200;

/// Returns the result for a screen. `saved` is the folder its plans were saved to, or taken from.
pub fn document(run: &FleetRun, saved: Option<&str>) -> Document {
    let text =
        line![format!("Fleet {} of ", run.verb.as_str()), code(&run.fleet.path), format!(": {}", about(run))];
    let heading = Heading { text, aside: line![if run.is_sandbox { "sandbox" } else { "" }] };
    let rows: Vec<&TenantRow> = run.rows.iter().collect();
    let table = (!rows.is_empty()).then(|| Block::Section(heading, vec![table(run.verb, &rows, false)]));
    let stopped = run.stopped.as_ref().map(|why| line!["Not every tenant was tried: ", why, "."]);
    Document {
        blocks: table.into_iter().chain(reasons(run)).collect(),
        closing: closing(run, stopped),
        next: next(run, saved),
        ..page(run)
    }
}

/// Returns the result for a comment or the summary of a job, of a length that fits there.
pub fn page(run: &FleetRun) -> Document {
    let left: Vec<&TenantRow> = run.rows.iter().filter(|row| !row.result.is_fine()).collect();
    let shown = &left[..left.len().min(LISTED)];
    let listed = (!shown.is_empty()).then(|| table(run.verb, shown, true));
    let more = (left.len() > shown.len()).then(|| {
        let more = counted(left.len() - shown.len(), "more tenant");
        Block::Lines(vec![line![format!("And {more} that did not end well; the JSON document lists all.")]])
    });
    let stopped = run.stopped.as_ref().map(|why| line!["Not every tenant was tried: ", why, ". "]);
    Document {
        title: line![format!("sspr fleet {}: {}", run.verb.as_str(), counts(run))],
        note: line![stopped.unwrap_or_default(), about(run), " of ", code(&run.fleet.path), ".", claim(run)],
        blocks: listed.into_iter().chain(more).chain(fine(run)).collect(),
        closing: Line::default(),
        next: next(run, None),
    }
}

/// A screen, which has little room, says below the table why tenants failed, and once why others were not tried.
fn table(verb: FleetVerb, rows: &[&TenantRow], says_why: bool) -> Block {
    let row = |row: &&TenantRow| {
        let mut line = vec![line![code(&row.tenant)], line![&row.wave], result(row)];
        line.extend(cells(verb, row));
        let is_said_below = row.result.is_failure() || row.result == TenantResult::NotTried;
        line.push(if says_why || !is_said_below { shortened(note(row)) } else { Line::default() });
        line
    };
    Block::Table(heads(verb), rows.iter().map(row).collect())
}

/// Every table's heads are known when it is compiled.
fn heads(verb: FleetVerb) -> &'static [&'static str] {
    match verb {
        FleetVerb::Plan => &["tenant", "wave", "result", "changes", "people", "ready after", "note"],
        FleetVerb::Apply => &["tenant", "wave", "result", "changes", "people", "note"],
        FleetVerb::Cleanup => &["tenant", "wave", "result", "changes", "note"],
        FleetVerb::Verify => &["tenant", "wave", "result", "differences", "note"],
        FleetVerb::Status | FleetVerb::Report => {
            &["tenant", "wave", "result", "password reset", "people", "ready", "resets", "note"]
        }
    }
}

/// Cuts a cell to what a comment has room for.
fn shortened(mut line: Line) -> Line {
    let mut room = SHORT;
    for span in &mut line.0 {
        let length = span.text.chars().count();
        if length > room {
            span.text = span.text.chars().take(room).chain(['…']).collect();
        }
        room = room.saturating_sub(length);
    }
    line.0.truncate(line.0.iter().take_while(|span| span.text != "…").count());
    line
}

/// Returns why tenants did not end well, and what to do, in full: a table has no room for it. Those that were not tried
/// have one reason, which is said once.
fn reasons(run: &FleetRun) -> Option<Block> {
    let failed: Vec<&TenantRow> = run.rows.iter().filter(|row| row.result.is_failure()).collect();
    let item = |row: &&TenantRow| Item {
        name: line![code(&row.tenant)],
        text: row.why.as_ref().map(Line::from).unwrap_or_default(),
        help: row.next.as_ref().map(Line::from),
        ..Item::default()
    };
    let items = Items::new(&["tenant", "why"], failed.iter().take(REASONS).map(item));
    let more = failed.len().saturating_sub(REASONS);
    let more = (more > 0).then(|| {
        Block::Lines(vec![line![
            format!("And {more} more; "),
            code("--json-into FILE"),
            " lists every reason."
        ]])
    });
    let blocks = [Block::Items(Items { names: Names::Column, ..items })].into_iter().chain(more).collect();
    (!failed.is_empty()).then(|| Block::Section(line!["Why"].into(), blocks))
}

/// Returns how many of each wave ended well, and how.
fn fine(run: &FleetRun) -> Option<Block> {
    let mut fine: BTreeMap<(usize, &str, TenantResult), (usize, Line)> = BTreeMap::new();
    for row in run.rows.iter().filter(|row| row.result.is_fine()) {
        let wave = run.waves.iter().position(|wave| *wave == row.wave).unwrap_or(run.waves.len());
        fine.entry((wave, &row.wave, row.result)).or_insert_with(|| (0, result(row))).0 += 1;
    }
    let all: usize = fine.values().map(|(count, _)| count).sum();
    let rows = fine
        .into_iter()
        .map(|((_, wave, _), (count, result))| vec![line![wave], result, line![count.to_string()]]);
    let summary = match all {
        1 => line!["1 tenant ended well"],
        all => line![format!("{all} tenants ended well")],
    };
    (all > 0)
        .then(|| Block::Details(summary, vec![Block::Table(&["wave", "result", "tenants"], rows.collect())]))
}

fn closing(run: &FleetRun, stopped: Option<Line>) -> Line {
    let tone = if run.left() == 0 { Tone::Good } else { Tone::Strong };
    let stopped = stopped.map(|stopped| line![" ", stopped]).unwrap_or_default();
    line![words(tone, capitalized(&counts(run))), ".", claim(run), stopped]
}

/// Returns what to type next; the last takes up what is left.
fn next(run: &FleetRun, saved: Option<&str>) -> Vec<Line> {
    let is_any = |result| run.rows.iter().any(|row| row.result == result);
    let command = |verb: FleetVerb, file: &str| format!("sspr fleet {} {}", verb.as_str(), shell_word(file));
    // What was reviewed goes on being what is applied.
    let again = saved.filter(|_| run.verb == FleetVerb::Apply);
    let file = run.fleet.path.as_str();
    let onward = match run.verb {
        FleetVerb::Plan if is_any(TenantResult::Changes) => {
            Some(command(FleetVerb::Apply, saved.unwrap_or(file)))
        }
        FleetVerb::Verify | FleetVerb::Status | FleetVerb::Report if is_any(TenantResult::Drift) => {
            Some(command(FleetVerb::Plan, file))
        }
        FleetVerb::Apply if run.left() == 0 && is_any(TenantResult::Done) => {
            Some(command(FleetVerb::Status, file))
        }
        _ => None,
    };
    let left =
        (run.left() > 0).then(|| format!("{} --only-failed", command(run.verb, again.unwrap_or(file))));
    onward.into_iter().chain(left).map(|command| line![code(command)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fleet::FleetFile;
    use crate::render::markdown;
    use crate::render::text::{self, Layout};

    fn run(verb: FleetVerb, many: usize, row: impl Fn(usize, &mut TenantRow)) -> FleetRun {
        let rows = (1..=many).map(|place| {
            let mut made = TenantRow::not_tried(&format!("tenant-{place:04}.onmicrosoft.com"), place, "rest");
            row(place, &mut made);
            made
        });
        FleetRun {
            verb,
            made: "2026-11-26T07:00:00Z".parse().unwrap(),
            fleet: FleetFile { path: "fleet.yaml".to_owned(), sha256: String::new(), tenants: many },
            shard: None,
            waves: vec!["rest".to_owned()],
            stopped: None,
            exit: 0,
            is_sandbox: false,
            rows: rows.collect(),
        }
    }

    /// What GitHub takes for a comment.
    const COMMENT: usize = 65_536;

    #[test]
    fn a_page_fits_a_comment_at_five_hundred_tenants_whatever_became_of_them() {
        for result in TenantResult::ALL {
            let long = "`Ünïcödé | <b>` ".repeat(40);
            let run = run(FleetVerb::Apply, 500, |_, row| {
                (row.result, row.why, row.next) = (result, Some(long.clone()), Some(long.clone()));
                (row.changes, row.people) = (Some(u64::MAX), Some(u64::MAX));
            });
            let page = markdown::render(&page(&run));
            assert!(page.len() < COMMENT, "{result:?}: {}", page.len());
            let is_told = if result.is_fine() { "500 tenants ended well" } else { "And 400 more tenants" };
            assert!(page.contains(is_told), "{page}");
        }
    }

    #[test]
    fn what_is_not_fine_is_listed_and_the_rest_is_counted() {
        let run = run(FleetVerb::Plan, 500, |place, row| match place {
            7 => (row.result, row.why) = (TenantResult::Failed, Some("no answer".to_owned())),
            _ => row.result = TenantResult::NoChanges,
        });
        let page = markdown::render(&page(&run));
        assert!(
            page.contains("| `tenant-0007.onmicrosoft.com` | rest | **failed** | – | – | – | no answer |"),
            "{page}"
        );
        assert!(!page.contains("tenant-0008") && page.contains("| rest | no changes | 499 |"), "{page}");
        assert!(page.ends_with("Next: `sspr fleet plan fleet.yaml --only-failed`\n"), "{page}");
    }

    #[test]
    fn a_screen_has_a_row_for_every_tenant_and_says_why_in_full() {
        let reason =
            "the portal answered 403: the account lacks a role that may write password reset's policy";
        let run = run(FleetVerb::Apply, 30, |place, row| {
            row.result = if place > 5 { TenantResult::Failed } else { TenantResult::Done };
            row.why = (place > 5).then(|| reason.to_owned());
        });
        let layout = Layout { width: Some(80), ..Layout::default() };
        let shown = anstream::adapter::strip_str(&text::render(&document(&run, None), &layout)).to_string();
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
        assert!(
            (1..=30).all(|place| shown.contains(&format!("  tenant-{place:04}.onmicrosoft.com  rest"))),
            "{shown}"
        );
        assert_eq!(shown.matches("password reset's policy").count(), REASONS, "{shown}");
        assert!(shown.contains("And 5 more; --json-into FILE lists every reason."), "{shown}");
        assert!(shown.ends_with("Next: sspr fleet apply fleet.yaml --only-failed\n"), "{shown}");
    }
}
