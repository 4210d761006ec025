//! The permissions and roles that commands need, and which of them a token has.

use crate::app::Session;
use crate::app::permission_check::login_that_gives;
use crate::client::Claims;
use crate::client::token_permissions::Held;
use crate::outcome::doctor::{Check, Verdict};
use crate::spec_file::Spec;
use crate::tenant::graph_permissions::{self, ACCESSES, Access, Need};

/// Roles that may change the password reset policy (facts 2.3): template id and name.
pub(super) const WRITING_ROLES: [(&str, &str); 2] = [
    ("0526716b-113d-4c15-b2c8-68e3c22b9f80", "Authentication Policy Administrator"),
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
];

/// Compares what the commands ask of Graph with what a token may do; a spec adds what is asked for its sake alone.
pub(super) fn permissions(session: &Session, claims: &Claims, spec: Option<&Spec>) -> Vec<Check> {
    let is_asked = |access: &&&Access| match access.need {
        Need::WithAdministrators => {
            spec.is_some_and(|spec| spec.value("administrators.allow_sspr").is_some())
        }
        Need::WithRings => spec.is_some_and(|spec| spec.rollout().is_some()),
        Need::Always | Need::Sometimes | Need::ToKnow => true,
    };
    ACCESSES.iter().filter(is_asked).map(|access| permission(session, claims, access, spec)).collect()
}

fn permission(session: &Session, claims: &Claims, access: &Access, spec: Option<&Spec>) -> Check {
    let is_of_methods =
        [&graph_permissions::METHODS_POLICY, &graph_permissions::METHODS_POLICY_WRITE].contains(&access);
    let is_left_out = is_of_methods && spec.is_some_and(|spec| spec.allowed().is_none());
    let message = format!("graph: {} ({})", access.permission.name, access.used_for);
    let (verdict, message) = match claims.opens(access) {
        Held::Yes => (Verdict::Holds, message),
        Held::Maybe => (
            Verdict::Unknown,
            format!("{message}: what this sign-in has may do, which Microsoft does not promise"),
        ),
        Held::No if is_left_out => (Verdict::Unknown, format!("{message}: not needed by this spec")),
        Held::No if access.need == Need::ToKnow => {
            (Verdict::Unknown, format!("{message}: unknown without it"))
        }
        Held::No => (Verdict::Fails, message),
        Held::Untold => (Verdict::Unknown, message),
    };
    let check = Check::new("permission", verdict, message);
    if verdict != Verdict::Fails {
        return check;
    }
    let help = match login_that_gives(session, claims, &[access]) {
        None => "have an administrator grant it to the application, on Microsoft Graph".to_owned(),
        Some(_) if access.is_open_to_azure_cli() => {
            "`az login` in this tenant: the Azure CLI's sign-in has it; so can that of `sspr login`"
                .to_owned()
        }
        Some((command, what)) => {
            let without = if is_of_methods { "; or go on without: --except methods.allowed" } else { "" };
            format!("`{command}`, {what} (the Azure CLI's sign-in never has it){without}")
        }
    };
    check.with_help(&help)
}
