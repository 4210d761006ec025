//! The requests this tool knows of, and what each is answered with. Those of Graph are documented; those of the admin
//! centre were recorded by others.

use super::Thing;
use crate::tenant::Surface;

/// A request: where it goes, and what it is answered with when it succeeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endpoint {
    /// Names it in evidence.
    pub code: &'static str,
    /// The API.
    pub surface: Surface,
    /// HTTP method.
    pub method: &'static str,
    /// The path behind `/api`, or behind Graph's version; `{}` stands for any one segment.
    pub path: &'static [&'static str],
    /// The status of a success.
    pub status: u16,
    /// What the answer is.
    pub answer: Shape,
    /// What is sent.
    pub sends: Option<Thing>,
    /// Where the belief comes from.
    pub source: &'static str,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// One object.
    Object(Thing),
    /// `true`.
    True,
    /// `true` or `false`.
    Boolean,
    /// A list of GUIDs.
    Ids,
    /// An object with rows in `value`.
    Rows(Option<Thing>),
    /// No body.
    Nothing,
    /// Nothing is believed of it.
    Anything,
}

/// Public tools that read or write the policy (facts 2.1, 2.2).
pub(super) const TOOLS: &str = "O365Essentials, AzRanger, CIPP; nodoc 24afc23";
/// Others' recordings of the portal (facts 2026-11 F).
const RECORDED: &str = "nodoc 24afc23, recorded in 2024";
const WRITEBACK: &str = "O365Essentials Set-O365PasswordResetIntegration, AzRanger; nodoc 24afc23";

const POLICY: &[&str] = &["PasswordReset", "PasswordResetPolicies"];
const ON_PREMISES: &[&str] = &["PasswordReset", "OnPremisesPasswordResetPolicies"];
const METHODS: &[&str] = &["policies", "authenticationMethodsPolicy"];
pub(super) const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
const METHOD: &[&str] = &["policies", "authenticationMethodsPolicy", CONFIGURATIONS, "{}"];
const AUTHORIZATION: &[&str] = &["policies", "authorizationPolicy"];

/// Every request this tool knows of (facts 1.1, 1.5, 2.1, 2.5, 4; 2026-11 B1, F).
pub static ENDPOINTS: [Endpoint; 26] = [
    portal("policy-read", "GET", POLICY, Shape::Object(Thing::Policy), TOOLS),
    Endpoint {
        sends: Some(Thing::Policy),
        ..portal(
            "policy-write",
            "PUT",
            POLICY,
            Shape::True,
            "nodoc 24afc23; the body `true` is recorded there alone",
        )
    },
    portal("writeback-read", "GET", ON_PREMISES, Shape::Object(Thing::Writeback), WRITEBACK),
    Endpoint {
        sends: Some(Thing::Writeback),
        ..portal("writeback-write", "PUT", ON_PREMISES, Shape::Anything, WRITEBACK)
    },
    portal("roles-read", "GET", &["Permissions", "GetUserSystemRoleTemplateIds"], Shape::Ids, RECORDED),
    portal(
        "writeback-health-read",
        "GET",
        &["PasswordReset", "CheckWritebackConnectivityStatus"],
        Shape::Anything,
        RECORDED,
    ),
    portal(
        "writeback-available-read",
        "GET",
        &["PasswordReset", "IsOnPremisesPasswordResetAvailable"],
        Shape::Boolean,
        RECORDED,
    ),
    portal(
        "conditional-access-read",
        "GET",
        &["PasswordReset", "ListConditionalAccessPolicyInfo"],
        Shape::Anything,
        RECORDED,
    ),
    portal(
        "portal-methods-read",
        "GET",
        &["AuthenticationMethods", "AuthenticationMethodsPolicy"],
        Shape::Anything,
        RECORDED,
    ),
    graph(
        "methods-read",
        "GET",
        METHODS,
        200,
        Shape::Object(Thing::Methods),
        "graph/api/authenticationmethodspolicy-get",
    ),
    graph(
        "method-read",
        "GET",
        METHOD,
        200,
        Shape::Object(Thing::Method),
        "graph/api/smsauthenticationmethodconfiguration-get",
    ),
    Endpoint {
        sends: Some(Thing::Method),
        ..graph(
            "method-write",
            "PATCH",
            METHOD,
            204,
            Shape::Nothing,
            "graph/api/voiceauthenticationmethodconfiguration-update",
        )
    },
    graph(
        "authorization-read",
        "GET",
        AUTHORIZATION,
        200,
        Shape::Object(Thing::Authorization),
        "graph/api/authorizationpolicy-get",
    ),
    Endpoint {
        sends: Some(Thing::Authorization),
        ..graph(
            "authorization-write",
            "PATCH",
            AUTHORIZATION,
            204,
            Shape::Nothing,
            "graph/api/authorizationpolicy-update",
        )
    },
    graph("group-read", "GET", &["groups", "{}"], 200, Shape::Object(Thing::Group), "graph/api/group-get"),
    graph("groups-find", "GET", &["groups"], 200, Shape::Rows(Some(Thing::Group)), "graph/api/group-list"),
    graph(
        "members-read",
        "GET",
        &["groups", "{}", "transitiveMembers"],
        200,
        ROWS,
        "graph/api/group-list-transitivemembers",
    ),
    graph(
        "member-users-read",
        "GET",
        &["groups", "{}", "transitiveMembers", "microsoft.graph.user"],
        200,
        ROWS,
        "graph/api/group-list-transitivemembers",
    ),
    graph(
        "member-groups-read",
        "GET",
        &["groups", "{}", "members", "microsoft.graph.group"],
        200,
        ROWS,
        "graph/api/group-list-members",
    ),
    graph(
        "member-add",
        "POST",
        &["groups", "{}", "members", "$ref"],
        204,
        Shape::Nothing,
        "graph/api/group-post-members",
    ),
    graph(
        "member-remove",
        "DELETE",
        &["groups", "{}", "members", "{}", "$ref"],
        204,
        Shape::Nothing,
        "graph/api/group-delete-members",
    ),
    graph("organization-read", "GET", &["organization"], 200, ROWS, "graph/api/organization-list"),
    graph(
        "sync-read",
        "GET",
        &["directory", "onPremisesSynchronization"],
        200,
        Shape::Rows(Some(Thing::Synchronization)),
        "graph/api/onpremisesdirectorysynchronization-get",
    ),
    graph(
        "registrations-read",
        "GET",
        &["reports", "authenticationMethods", "userRegistrationDetails"],
        200,
        ROWS,
        "graph/api/authenticationmethodsroot-list-userregistrationdetails",
    ),
    graph(
        "role-assignments-read",
        "GET",
        &["roleManagement", "directory", "roleAssignments"],
        200,
        ROWS,
        "graph/api/rbacapplication-list-roleassignments",
    ),
    graph(
        "audits-read",
        "GET",
        &["auditLogs", "directoryAudits"],
        200,
        ROWS,
        "graph/api/directoryaudit-list",
    ),
];

const ROWS: Shape = Shape::Rows(None);

const fn portal(
    code: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    answer: Shape,
    source: &'static str,
) -> Endpoint {
    Endpoint { code, surface: Surface::Portal, method, path, status: 200, answer, sends: None, source }
}

const fn graph(
    code: &'static str,
    method: &'static str,
    path: &'static [&'static str],
    status: u16,
    answer: Shape,
    source: &'static str,
) -> Endpoint {
    Endpoint { code, surface: Surface::Graph, method, path, status, answer, sends: None, source }
}

impl Endpoint {
    /// Returns those of an API with this path, whatever they do there. Letter case does not count in it.
    pub fn at(surface: Surface, path: &[String]) -> impl Iterator<Item = &'static Self> {
        let is_one = move |endpoint: &&Self| {
            let mut both = endpoint.path.iter().zip(path);
            let is_like =
                |(known, segment): (&&str, &String)| *known == "{}" || known.eq_ignore_ascii_case(segment);
            endpoint.surface == surface && endpoint.path.len() == path.len() && both.all(is_like)
        };
        ENDPOINTS.iter().filter(is_one)
    }

    /// Returns whether the path names something that may not be there.
    pub(super) fn is_of_one(&self) -> bool {
        self.path.contains(&"{}")
    }

    /// Returns whether it writes an object that can be read at the same path.
    pub(super) fn is_write(&self) -> bool {
        self.sends.is_some()
    }

    /// Returns the request for people: `PUT /api/PasswordReset/PasswordResetPolicies`.
    pub fn request(&self) -> String {
        let root = match self.surface {
            Surface::Portal => "/api",
            Surface::Graph => "/v1.0",
        };
        format!("{} {root}/{}", self.method, self.path.join("/"))
    }
}
