//! How much of what can be set a spec leaves as it is.

use super::{Change, Desired, desired_value};
use crate::spec_file::Spec;
use crate::tenant::{Migration, SETTINGS, Setting, Tenant, ValueKind};

/// How many settings stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Those that the spec manages and that were read and found as it says.
    pub matching: usize,
    /// Those that the spec does not manage.
    pub unmanaged: usize,
}

/// Counts the settings that stay as they are. What could not be compared is neither.
pub fn coverage(spec: &Spec, tenant: &Tenant, desired: &Desired, changes: &[Change]) -> Coverage {
    let is_changed = |setting: &Setting| changes.iter().any(|change| change.key == setting.key);
    let mut coverage = Coverage::default();
    for setting in &SETTINGS {
        if desired_value(setting, spec, tenant).is_none() {
            coverage.unmanaged += 1;
        } else if !is_changed(setting) && is_compared(setting, tenant, desired) {
            coverage.matching += 1;
        }
    }
    coverage
}

fn is_compared(setting: &Setting, tenant: &Tenant, desired: &Desired) -> bool {
    if desired.unreadable.contains(&setting.key) {
        return false;
    }
    if setting.kind != ValueKind::Methods {
        return tenant.object(&setting.object).is_some();
    }
    let methods = &desired.methods;
    match tenant.methods.as_ref().map(|policy| policy.migration()) {
        Some(Migration::PreMigration) => tenant.policy.is_some(),
        Some(Migration::InProgress | Migration::Complete) => {
            !methods.desired.is_empty() && methods.obstacles.is_empty()
        }
        Some(Migration::Unknown(_)) | None => false,
    }
}
