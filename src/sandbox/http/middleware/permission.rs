//! Checks each Graph request against Microsoft's own table of permissions, and words the refusals as Graph does.
//! `Directory.AccessAsUser.All` opens none of these paths there; a real tenant may be kinder.

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::sandbox::http::odata::{Refused, SIGN_INS};
use crate::sandbox::shared::Holder;

/// The beginning of a path, and the permissions of which any opens it, with a blank between.
type Opened = (&'static str, &'static str);

const READ: [Opened; 12] = [
    (
        "/organization",
        "Directory.Read.All Directory.ReadWrite.All Organization.Read.All Organization.ReadWrite.All User.Read \
         User.Read.All",
    ),
    (
        "/groups",
        "Directory.Read.All Directory.ReadWrite.All Group.Read.All Group.ReadBasic.All Group.ReadWrite.All \
         GroupMember.Read.All GroupMember.ReadBasic.All GroupMember.ReadWrite.All",
    ),
    ("/users", "Directory.Read.All Directory.ReadWrite.All User.Read.All User.ReadWrite.All"),
    ("/me", "Directory.Read.All Directory.ReadWrite.All User.Read User.Read.All User.ReadWrite.All"),
    (
        "/policies/authenticationMethodsPolicy",
        "Policy.Read.All Policy.Read.AuthenticationMethod Policy.ReadWrite.AuthenticationMethod",
    ),
    ("/policies/authorizationPolicy", "Policy.Read.All Policy.ReadWrite.Authorization"),
    (
        "/roleManagement/directory/roleEligibilityScheduleInstances",
        "RoleEligibilitySchedule.Read.Directory RoleEligibilitySchedule.ReadWrite.Directory RoleManagement.Read.All \
         RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory",
    ),
    (
        "/roleManagement/directory",
        "Directory.Read.All Directory.ReadWrite.All RoleManagement.Read.All RoleManagement.Read.Directory \
         RoleManagement.ReadWrite.Directory",
    ),
    ("/reports/authenticationMethods", "AuditLog.Read.All"),
    ("/auditLogs", "AuditLog.Read.All Directory.Read.All"),
    (
        "/subscribedSkus",
        "Directory.Read.All Directory.ReadWrite.All LicenseAssignment.Read.All Organization.Read.All \
         Organization.ReadWrite.All",
    ),
    (
        "/directory/onPremisesSynchronization",
        "OnPremDirectorySynchronization.Read.All OnPremDirectorySynchronization.ReadWrite.All",
    ),
];
const WRITTEN: [Opened; 3] = [
    ("/groups", "Directory.ReadWrite.All Group.ReadWrite.All GroupMember.ReadWrite.All"),
    ("/policies/authenticationMethodsPolicy", "Policy.ReadWrite.AuthenticationMethod"),
    ("/policies/authorizationPolicy", "Policy.ReadWrite.Authorization"),
];

pub(crate) async fn check_permission(request: Request, next: Next) -> Response {
    let holder = request.extensions().get::<Holder>();
    let lacking = holder.and_then(|holder| {
        let (uri, method) = (request.uri(), request.method());
        lacking(holder, method, uri.path())
            .or_else(|| lacking_of_query(holder, uri.query().unwrap_or_default()))
    });
    match lacking {
        Some(refused) => refused.into_response(),
        None => next.run(request).await,
    }
}

fn lacking(holder: &Holder, method: &Method, path: &str) -> Option<Refused> {
    let table: &[Opened] = if method == Method::GET { &READ } else { &WRITTEN };
    let is_below =
        |begin: &str| path.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let (begin, names) = table.iter().find(|(begin, _)| is_below(begin))?;
    if names.split(' ').any(|name| holder.may(name)) {
        return None;
    }
    let (code, message) = match *begin {
        policy if policy.starts_with("/policies") => (
            "accessDenied",
            "You cannot perform the requested operation, required scopes are missing in the token."
                .to_owned(),
        ),
        "/roleManagement/directory/roleEligibilityScheduleInstances" => (
            "PermissionScopeNotGranted",
            format!("Authorization failed due to missing permission scope {}.", names.replace(' ', ",")),
        ),
        "/reports/authenticationMethods" | "/auditLogs" => return Some(without_audit_log()),
        _ => return Some(Refused::denied()),
    };
    Some(Refused::new(StatusCode::FORBIDDEN, code, message))
}

/// One property takes more than the list that it is asked of.
fn lacking_of_query(holder: &Holder, query: &str) -> Option<Refused> {
    (query.contains(SIGN_INS) && !holder.may("AuditLog.Read.All")).then(without_audit_log)
}

fn without_audit_log() -> Refused {
    let message = "Calling principal does not have required MSGraph permissions AuditLog.Read.All".to_owned();
    Refused::new(StatusCode::FORBIDDEN, "Authentication_MSGraphPermissionMissing", message)
}
