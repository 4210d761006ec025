//! Rules about the file itself, whatever the tenant is.

use crate::plan::{Finding, Severity};
use crate::spec_file::fleet::Fleet;
use crate::spec_file::{Place, Spec};
use crate::text::visible;

/// Returns what a reviewer should know of the file alone; `validate` reports it too.
pub fn spec_findings(spec: &Spec) -> Vec<Finding> {
    ["group", "customization.helpdesk"].into_iter().filter_map(|key| comment_in_value(spec, key)).collect()
}

/// A finding of a fleet file, and where the value it is about stands.
#[derive(Clone, Debug)]
pub struct FleetFinding {
    /// The finding; where it is of one tenant's own part, its message names the tenant.
    pub finding: Finding,
    /// The value's place.
    pub place: Option<Place>,
}

/// As [`spec_findings`], of the spec of all tenants and of each tenant's own part: what every tenant gets is told once.
pub fn fleet_findings(fleet: &Fleet) -> Vec<FleetFinding> {
    let found = |spec: &Spec| -> Vec<FleetFinding> {
        let with_place =
            |finding: Finding| FleetFinding { place: spec.lines().get(finding.key).copied(), finding };
        spec_findings(spec).into_iter().map(with_place).collect()
    };
    let mut all = found(fleet.spec());
    let of_all: Vec<(&str, Option<Place>)> =
        all.iter().map(|found| (found.finding.key, found.place)).collect();
    for tenant in fleet.tenants() {
        let own =
            found(&tenant.spec).into_iter().filter(|own| !of_all.contains(&(own.finding.key, own.place)));
        all.extend(own.map(|mut own| {
            own.finding.message = format!("in {}, {}", tenant.tenant, own.finding.message);
            own
        }));
    }
    all
}

fn comment_in_value(spec: &Spec, key: &'static str) -> Option<Finding> {
    let comment = spec.glued_comment(key)?;
    let value = spec.value(key)?.as_str()?;
    let (word, whole) =
        (key.rsplit('.').next().unwrap_or(key), format!("{value} {comment}").replace('\'', "''"));
    let message =
        format!("`{key}` is `{}`, because YAML reads `{}` as a comment", visible(value), visible(comment));
    let help = format!(
        "If it is part of the value, quote the value: `{word}: '{}'`. If it is a comment, put a space after `#`.",
        visible(&whole)
    );
    Some(Finding::new("comment-in-value", Severity::Warning, key, message, help))
}
