//! Which rings of a roll-out should be in the pilot group: the first so many of the list.

use serde_json::json;

use super::Change;
use crate::spec_file::Spec;
use crate::tenant::{Object, Surface, Tenant, is_member};

/// Returns whether each ring is in the group, as the spec wants it.
pub(super) fn resolve(spec: &Spec, tenant: &Tenant) -> Vec<Object> {
    let Some(rollout) = spec.rollout() else { return Vec::new() };
    let rings = tenant.rings.iter().enumerate();
    let desired = rings.map(|(at, ring)| {
        let mut desired = ring.membership.clone();
        desired.overlay("isMember", json!(at < rollout.open));
        desired
    });
    desired.collect()
}

/// Returns the change of one membership.
pub(super) fn change(actual: &Object, desired: &Object) -> Option<Change> {
    let (from, to) = (is_member(actual)?, is_member(desired)?);
    (from != to).then(|| Change {
        key: "rollout.rings".to_owned(),
        surface: Surface::Graph,
        resource: desired.resource().to_string(),
        from: json!(from),
        to: json!(to),
    })
}
