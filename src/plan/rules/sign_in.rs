//! Findings about permissions the sign-in lacks; `app::permission_check` adds them.

use crate::plan::{Finding, Severity};

/// Returns the note that applying takes a permission this sign-in lacks.
pub fn apply_lacks_permission(permission: &str, key: &'static str) -> Finding {
    let message = format!("Apply needs {permission}, which this sign-in lacks");
    let help = format!(
        "Apply with a sign-in that has it, such as that of `sspr login`, or leave the key out with --except {key}."
    );
    Finding::new("apply-lacks-permission", Severity::Info, key, message, help)
}

/// Returns the note that managing what was left out takes a permission this sign-in lacks.
pub fn left_out_lacks_permission(permission: &str, key: &'static str, command: &str, what: &str) -> Finding {
    let message = format!("{key} was left out; managing it needs {permission}, which this sign-in lacks");
    let help = format!("`{command}`, {what}; then plan without --except.");
    Finding::new("left-out-lacks-permission", Severity::Info, key, message, help)
}
