//! One result of the results of a fleet's parts: of its shards, of its waves, or of both.

use std::collections::HashMap;

use super::fleet::{FleetRun, TenantRow};
use crate::spec_file::fleet::Shard;
use crate::text::visible;

/// A saved result, and the file it was read from.
#[derive(Clone, Debug)]
pub struct SavedResult {
    /// The file's path, as it was given.
    pub path: String,
    /// What is in it.
    pub run: FleetRun,
}

/// The parts of a run as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedRun {
    /// As if one machine had run it: begun with the first of them, and its code that of the first. The rows are in the order
    /// of the fleet file.
    pub run: FleetRun,
    /// How many shards it was shared among; 1 where it was not.
    pub shards: u32,
    /// The shards of which no result was given: what became of their tenants is unknown.
    pub missing: Vec<Shard>,
}

/// Why results are not parts of one run. The user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOneRun {
    /// No result is there.
    #[error("there is no result to merge")]
    Nothing,
    /// They are about different files, or the file was changed between them.
    #[error("{one} and {other} are of different fleet files, or {fleet} was changed between them")]
    OtherFleet {
        /// The first result.
        one: String,
        /// The one that does not fit.
        other: String,
        /// The first one's fleet file.
        fleet: String,
    },
    /// They differ in what was done.
    #[error("{one} is of {first}, and {other} of {second}")]
    OtherCommand {
        /// The first result.
        one: String,
        /// What it is of: "fleet plan", "fleet plan on the sandbox", "one of 4 shards".
        first: String,
        /// The one that does not fit.
        other: String,
        /// What that is of.
        second: String,
    },
    /// The same part is there twice.
    #[error("{tenant} is in {one} and in {other}: of each part, only one result can be merged")]
    Twice {
        /// A tenant that both have.
        tenant: String,
        /// The first result.
        one: String,
        /// The second.
        other: String,
    },
}

/// Makes one result of those of the parts.
///
/// # Errors
/// They are not parts of one run.
pub fn merge(results: Vec<SavedResult>) -> Result<MergedRun, NotOneRun> {
    let first = results.first().ok_or(NotOneRun::Nothing)?;
    results.iter().try_for_each(|other| fits(first, other))?;
    let (shards, missing) = shards(&results);
    let mut run = FleetRun { shard: None, stopped: None, rows: Vec::new(), ..first.run.clone() };
    let mut places: HashMap<usize, String> = HashMap::new();
    for SavedResult { path, run: part } in results {
        for row in part.rows {
            if let Some(one) = places.insert(row.place, path.clone()) {
                return Err(NotOneRun::Twice {
                    tenant: visible(&row.tenant),
                    one: visible(&one),
                    other: visible(&path),
                });
            }
            run.rows.push(row);
        }
        run.made = run.made.min(part.made);
        if let Some(why) = part.stopped {
            let part = part.shard.map(|shard| format!(" (shard {shard})")).unwrap_or_default();
            let before = run.stopped.map(|before| format!("{before}; ")).unwrap_or_default();
            run.stopped = Some(format!("{before}{why}{part}"));
        }
    }
    run.rows.sort_by_key(|row: &TenantRow| row.place);
    Ok(MergedRun { run, shards, missing })
}

fn fits(first: &SavedResult, other: &SavedResult) -> Result<(), NotOneRun> {
    let (one, two) = (&first.run, &other.run);
    let (path, other) = (visible(&first.path), visible(&other.path));
    if (&one.fleet.sha256, one.fleet.tenants) != (&two.fleet.sha256, two.fleet.tenants) {
        return Err(NotOneRun::OtherFleet { one: path, other, fleet: visible(&one.fleet.path) });
    }
    let command = |run: &FleetRun| {
        format!("fleet {}{}", run.verb.as_str(), if run.is_sandbox { " on the sandbox" } else { "" })
    };
    let shards = |run: &FleetRun| shard(run).map(|shard| format!("one of {} shards", shard.of()));
    let both_have = |(first, second): &(String, String)| first != second;
    let differ = [Some((command(one), command(two))), shards(one).zip(shards(two))];
    match differ.into_iter().flatten().find(both_have) {
        Some((first, second)) => Err(NotOneRun::OtherCommand { one: path, first, other, second }),
        None => Ok(()),
    }
}

fn shard(run: &FleetRun) -> Option<Shard> {
    run.shard.as_ref()?.parse().ok()
}

/// Returns how many shards there are, and those that are missing. A part without one, such as the first wave, stands beside
/// the shards of the others.
fn shards(results: &[SavedResult]) -> (u32, Vec<Shard>) {
    let given: Vec<Shard> = results.iter().filter_map(|result| shard(&result.run)).collect();
    let of = given.first().map_or(1, |shard| shard.of());
    let missing = Shard::all(of).filter(|shard| !given.is_empty() && !given.contains(shard));
    (of, missing.collect())
}
