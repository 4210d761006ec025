//! The Authentication methods policies that pretend tenants start with. Shapes: Microsoft's v1.0 metadata
//! (facts 1.3 to 1.5).

mod fresh;
mod existing;
mod shape;

use serde_json::{Value, json};

use crate::sandbox::tenant::seed::Seed;

pub(super) fn policy(seed: Seed) -> Value {
    let (state, methods) = match seed {
        Seed::Fresh => (json!("migrationComplete"), fresh::methods()),
        Seed::Configured => (json!("preMigration"), fresh::methods()),
        Seed::PreMigration => (json!("preMigration"), existing::methods()),
        Seed::MidMigration => (json!("migrationInProgress"), existing::methods()),
        Seed::Migrated => (json!("migrationComplete"), existing::methods()),
        Seed::NullState => (json!(null), existing::methods()),
    };
    json!({
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant, \
                        authentication method registration requirements, and self-service password reset settings",
        "lastModifiedDateTime": "2026-05-04T09:12:41.1234567Z",
        "policyVersion": "1.5",
        "policyMigrationState": state,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1, "state": "default", "excludeTargets": [],
            "includeTargets": [{"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "microsoftAuthenticator"}],
        }},
        "authenticationMethodConfigurations": methods,
    })
}
