//! `fleet merge`: one result of those of several machines.

use crate::error::{Exit, Failure};
use crate::outcome::fleet::FleetRun;
use crate::outcome::fleet_merge::{MergedRun, SavedResult, merge};

/// Reads the results of the parts of one run, each with the path it was read from, and makes one of them. It ends with the
/// gravest of their codes; where a part is missing, no better than failed.
///
/// # Errors
/// One of them is no result of a `fleet` command, or they are not parts of one run.
pub fn merge_fleet(files: &[(String, Vec<u8>)]) -> Result<MergedRun, Failure> {
    let mut results = Vec::new();
    for (path, bytes) in files {
        let run = FleetRun::parse(bytes).map_err(|error| {
            let hint = "a result is what a `sspr fleet` command wrote with --json-into";
            Failure::new(
                Exit::Refused,
                anyhow::Error::from(error).context(format!("{path} is not merged")),
                hint,
            )
        })?;
        results.push(SavedResult { path: path.clone(), run });
    }
    let codes: Vec<u8> = results.iter().map(|result| result.run.exit).collect();
    let mut merged = merge(results).map_err(|error| {
        Failure::new(Exit::Refused, error.into(), "name the results of one run: one for each of its parts")
    })?;
    let missing = merged.missing.first().map(|_| Exit::Failed as u8);
    merged.run.exit = Exit::gravest(codes.into_iter().chain(missing)) as u8;
    Ok(merged)
}
