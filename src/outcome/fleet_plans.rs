//! A folder of saved plans, one for each tenant of a fleet: what it holds, as its index says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fleet::FleetFile;
use crate::text::excerpt;

/// The format of the index.
pub const FORMAT: &str = "sspr.fleet-plans/1";
/// The index's name in its folder.
pub const INDEX: &str = "fleet-plans.json";

/// What a folder of plans holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetPlans {
    /// The format.
    pub format: String,
    /// When they were made, in whole seconds.
    pub made: Timestamp,
    /// The fleet file they were made from.
    pub fleet: FleetFile,
    /// The part of the fleet they are of; `None` is all of it.
    pub shard: Option<String>,
    /// The tenants that were to be planned, in the order of the fleet file.
    pub plans: Vec<SavedPlan>,
}

/// A tenant's place in a folder of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The tenant, as the fleet file names it.
    pub tenant: String,
    /// The name of its plan in the folder; `None` where it could not be planned.
    pub file: Option<String>,
}

/// Why an index cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIndex {
    /// It is no JSON, or not whole.
    #[error("the index of the plans cannot be read: {0}")]
    Unreadable(String),
    /// It is of another version.
    #[error("the index of the plans has the format {0}, but sspr reads {FORMAT}")]
    OtherFormat(String),
    /// It names a file that is not in its folder.
    #[error("the index of the plans names {0}, which is no file of its folder")]
    Elsewhere(String),
}

impl FleetPlans {
    /// Reads an index.
    ///
    /// # Errors
    /// It is not one, or names files elsewhere.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAnIndex> {
        let unreadable = |error: serde_json::Error| NotAnIndex::Unreadable(excerpt(&error.to_string(), 120));
        let document: serde_json::Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        let format = document["format"].as_str().unwrap_or("none");
        if format != FORMAT {
            return Err(NotAnIndex::OtherFormat(excerpt(format, 40)));
        }
        let index: Self = serde_json::from_value(document).map_err(unreadable)?;
        let files = index.plans.iter().filter_map(|plan| plan.file.as_deref());
        match files.into_iter().find(|file| !is_plain_name(file)) {
            Some(elsewhere) => Err(NotAnIndex::Elsewhere(excerpt(elsewhere, 100))),
            None => Ok(index),
        }
    }
}

/// Returns the name of a tenant's plan in a folder; `place` is its place in the fleet file. The number tells names apart that
/// differ in letter case alone, and keeps them from meaning a device on Windows.
pub fn plan_name(place: usize, tenant: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '_' };
    format!("{place:04}-{}.json", tenant.chars().take(100).map(plain).collect::<String>())
}

fn is_plain_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    name.starts_with(|c: char| c.is_ascii_digit()) && name.ends_with(".json") && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn index(file: Option<&str>) -> Vec<u8> {
        json!({"format": FORMAT, "made": "2026-11-26T07:00:00Z", "shard": null,
            "fleet": {"path": "fleet.yaml", "sha256": "00", "tenants": 1},
            "plans": [{"tenant": "contoso.example", "file": file}]})
        .to_string()
        .into_bytes()
    }

    #[test]
    fn an_index_names_files_of_its_folder_alone() {
        for file in [
            "/etc/passwd",
            "../0001-a.json",
            "0001/a.json",
            "0001-a.json\\b.json",
            "C:0001.json",
            "0001-a.yaml",
            "",
        ] {
            assert_eq!(FleetPlans::parse(&index(Some(file))), Err(NotAnIndex::Elsewhere(file.to_owned())));
        }
        for tenant in ["contoso.onmicrosoft.com", "CON", "a/../b", "bücher.example", &"x".repeat(300)] {
            let name = plan_name(7, tenant);
            assert_eq!(FleetPlans::parse(&index(Some(&name))).unwrap().plans[0].file, Some(name));
        }
        assert_eq!(FleetPlans::parse(&index(None)).unwrap().plans[0].file, None);
    }

    #[test]
    fn another_document_is_no_index() {
        let whole = index(None);
        assert!(matches!(FleetPlans::parse(&whole[..20]), Err(NotAnIndex::Unreadable(_))));
        assert!(matches!(FleetPlans::parse(b"{}"), Err(NotAnIndex::OtherFormat(_))));
    }
}
