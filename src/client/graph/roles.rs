//! Fetches who holds which directory role.
//! <https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments>

use serde::Deserialize;
use uuid::Uuid;

use super::GraphReader;
use super::pages::{List, name};
use crate::client::ClientError;

/// A role given to a user, a group or an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignment {
    /// Who holds it.
    pub principal: Uuid,
    /// Template id of the role.
    pub role: Uuid,
    /// What the principal is: `user`, `group`, `servicePrincipal`; empty where Graph did not say.
    pub kind: String,
    /// Display name of the principal; foreign text.
    pub principal_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssignmentWire {
    principal_id: Uuid,
    role_definition_id: Uuid,
    principal: Option<PrincipalWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PrincipalWire {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    display_name: Option<String>,
}

impl GraphReader {
    /// Fetches every active role assignment of the tenant: a small list even in a large one.
    pub async fn fetch_role_assignments(&self) -> Result<List<RoleAssignment>, ClientError> {
        self.fetch_assignments(&["roleManagement", "directory", "roleAssignments"]).await
    }

    /// Fetches who can activate which role. Needs Entra ID P2; any refusal means unknown (facts 4).
    /// <https://learn.microsoft.com/graph/api/rbacapplication-list-roleeligibilityscheduleinstances>
    pub async fn fetch_eligible_roles(&self) -> Result<List<RoleAssignment>, ClientError> {
        self.fetch_assignments(&["roleManagement", "directory", "roleEligibilityScheduleInstances"]).await
    }

    async fn fetch_assignments(&self, path: &[&str]) -> Result<List<RoleAssignment>, ClientError> {
        // The principal comes whole: it is not documented that a `$select` of its own keeps its type, which distinguishes
        // a group from a person.
        let assignments = self.fetch_all(self.get(path, &[("$expand", "principal")])).await?;
        Ok(assignments.map(|wire: AssignmentWire| wire.into()))
    }
}

impl From<AssignmentWire> for RoleAssignment {
    fn from(wire: AssignmentWire) -> Self {
        let (kind, display_name) =
            wire.principal.map(|principal| (principal.kind, principal.display_name)).unwrap_or_default();
        let kind = kind.unwrap_or_default();
        Self {
            principal: wire.principal_id,
            role: wire.role_definition_id,
            kind: kind.strip_prefix("#microsoft.graph.").unwrap_or(&kind).to_owned(),
            principal_name: display_name.map(name).unwrap_or_default(),
        }
    }
}
