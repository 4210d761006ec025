//! The spellings of a path that Graph takes for the same: keys in brackets, letter case, the short name of a cast.

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::Response;

/// The segments that are no keys.
const SEGMENTS: &str = "v1.0 beta $batch $count appRoleAssignedTo applications auditLogs authenticationMethodConfigurations authenticationMethods \
    authenticationMethodsPolicy authorizationPolicy directory directoryAudits groups me memberOf members \
    microsoft.graph.group microsoft.graph.user oauth2PermissionGrants onPremisesSynchronization organization policies reports \
    roleAssignments roleDefinitions roleEligibilityScheduleInstances roleManagement servicePrincipals subscribedSkus \
    transitiveMemberOf transitiveMembers userRegistrationDetails users";

/// Brings a path into the one spelling that the routes have.
pub(crate) async fn spell(mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/")
        && let Some(spelled) = spelled(path)
    {
        let target = match request.uri().query() {
            Some(query) => format!("{spelled}?{query}"),
            None => spelled,
        };
        // What is no path after all goes on as it came.
        if let Ok(target) = PathAndQuery::try_from(target) {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(target);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    next.run(request).await
}

/// Returns a path in the routes' spelling; `None` where it is in it already.
pub(crate) fn spelled(path: &str) -> Option<String> {
    let mut spelled = String::new();
    for segment in path.split('/').skip(1) {
        let quoted = segment.replace("%27", "'").replace("%28", "(").replace("%29", ")").replace("%24", "$");
        match quoted.strip_suffix("')").and_then(|rest| rest.split_once("('")) {
            Some((name, key)) => {
                spelled.push_str(&format!("/{}/{}", known(name), key.replace("''", "'")));
            }
            None if quoted.starts_with('$') => spelled.push_str(&format!("/{}", known(&quoted))),
            None => spelled.push_str(&format!("/{}", known(segment))),
        }
    }
    (spelled != path).then_some(spelled)
}

fn known(segment: &str) -> &str {
    let short = [("graph.user", "microsoft.graph.user"), ("graph.group", "microsoft.graph.group")];
    let whole = short.iter().find(|(short, _)| segment.eq_ignore_ascii_case(short));
    let whole = whole.map_or(segment, |(_, whole)| whole);
    SEGMENTS.split(' ').find(|known| known.eq_ignore_ascii_case(whole)).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn one_path_has_one_spelling() {
        for (path, expected) in [
            ("/v1.0/groups('x')/Members", Some("/v1.0/groups/x/members")),
            ("/v1.0/users(%27o''neil%27)", Some("/v1.0/users/o'neil")),
            ("/V1.0/GROUPS/x/members/graph.user", Some("/v1.0/groups/x/members/microsoft.graph.user")),
            ("/v1.0/users/Ada@Contoso.com", None),
            ("/v1.0/%24Batch", Some("/v1.0/$batch")),
            ("/v1.0/users/a%24b@contoso.com", None),
            ("/v1.0/groups", None),
            ("/", None),
        ] {
            assert_eq!(spelled(path).as_deref(), expected, "{path}");
        }
    }
}
