//! The results of several machines as one, for people and machines.

use super::{document, json, page};
use crate::outcome::fleet_merge::MergedRun;
use crate::render::document::{Block, Document, Line, Tone, code, line, words};
use crate::spec_file::fleet::Shard;
use crate::text::{enumerated, shell_word};

/// How many missing shards are named.
const LISTED: usize = 20;
/// How many tenants are named in the command that takes up what is left.
const NAMED: usize = 10;

/// Returns the document for a screen: as of a run on one machine, and which parts are missing.
pub fn merged(merged: &MergedRun) -> Document {
    with_missing(document(&merged.run, None), merged)
}

/// Returns the document for a comment or the summary of a job.
pub fn merged_page(merged: &MergedRun) -> Document {
    with_missing(page(&merged.run), merged)
}

/// Returns the result as `sspr.fleet/1`; `stopped` says which parts are missing, too.
pub fn merged_json(merged: &MergedRun) -> String {
    let mut run = merged.run.clone();
    if let Some(missing) = missing(merged) {
        run.stopped = Some(run.stopped.map(|why| format!("{why}; {missing}")).unwrap_or(missing));
    }
    json(&run)
}

fn missing(merged: &MergedRun) -> Option<String> {
    let mut shards: Vec<String> = merged.missing.iter().take(LISTED).map(Shard::to_string).collect();
    let more = merged.missing.len() - shards.len();
    shards.extend((more > 0).then(|| format!("{more} more")));
    match shards.len() {
        0 => None,
        1 => Some(format!("no result of shard {} was given", shards[0])),
        _ => Some(format!("no result of the shards {} was given", enumerated(&shards))),
    }
}

fn with_missing(document: Document, merged: &MergedRun) -> Document {
    let told = missing(merged).map(|missing| {
        let said =
            format!("{}: what became of their tenants is unknown.", crate::text::capitalized(&missing));
        Block::Lines(vec![line![words(Tone::Bad, said)]])
    });
    Document { blocks: told.into_iter().chain(document.blocks).collect(), next: next(merged), ..document }
}

/// Returns what takes up what is left. What each machine recorded is there, so tenants or their shards are named.
fn next(merged: &MergedRun) -> Vec<Line> {
    let run = &merged.run;
    let left: Vec<&str> =
        run.rows.iter().filter(|row| !row.result.is_fine()).map(|row| row.tenant.as_str()).collect();
    let command = |rest: String| {
        line![code(format!("sspr fleet {} {}{rest}", run.verb.as_str(), shell_word(&run.fleet.path)))]
    };
    let of = merged.shards;
    let mut shards = merged.missing.clone();
    if left.len() > NAMED {
        shards.extend(left.iter().map(|tenant| Shard::of_tenant(tenant, of)));
    }
    shards.sort_by_key(|shard| shard.number());
    shards.dedup();
    let mut next: Vec<Line> =
        shards.iter().take(NAMED).map(|shard| command(format!(" --shard {shard}"))).collect();
    if !left.is_empty() && left.len() <= NAMED {
        let tenants: String = left.iter().map(|tenant| format!(" --tenant {}", shell_word(tenant))).collect();
        next.push(command(tenants));
    }
    next
}
