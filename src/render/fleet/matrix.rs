//! The jobs among which a pipeline shares a fleet, as each pipeline takes them: one line, and nothing else.

use serde_json::{Map, Value, json};

use crate::spec_file::fleet::Share;
use crate::text::counted;

/// Returns what `strategy.matrix: ${{ fromJSON(…) }}` of GitHub Actions takes.
pub fn matrix_for_github(shares: &[Share]) -> String {
    let jobs = shares.iter().map(|share| json!({"shard": share.shard.to_string(), "tenants": share.tenants}));
    format!("{}\n", json!({"include": jobs.collect::<Vec<_>>()}))
}

/// Returns what `strategy: matrix: $[ … ]` of Azure Pipelines takes: jobs by names of letters, digits and `_`, whose values
/// are text (<https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job-strategy>).
pub fn matrix_for_azure(shares: &[Share]) -> String {
    // In the order of their numbers, which a map keeps as text.
    let digits = shares.len().to_string().len();
    let job = |share: &Share| {
        let (number, of) = (share.shard.number(), share.shard.of());
        let variables = json!({"shard": share.shard.to_string(), "tenants": share.tenants.to_string()});
        (format!("shard_{number:0digits$}_of_{of}"), variables)
    };
    format!("{}\n", Value::Object(Map::from_iter(shares.iter().map(job))))
}

/// Returns that some of so many parts have no tenant.
pub fn empty_shards(empty: usize, of: usize) -> String {
    let have = if empty == 1 { "has" } else { "have" };
    format!("{empty} of {} {have} no tenant: nothing to do there.\n", counted(of, "shard"))
}
