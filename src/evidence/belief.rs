//! The list: everything this tool believes of the two APIs, each with a code that does not change and its source.

use std::borrow::Cow;

use super::endpoint::TOOLS;
use super::{ENDPOINTS, Endpoint, FIELDS, Shape};

/// Something this tool believes of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belief {
    /// Names it: the same in everyone's evidence.
    pub code: Cow<'static, str>,
    /// What it is about: `endpoint`, `status`, `answer`, `field`, `write`, `token`, `header`, `error` or `query`.
    pub kind: &'static str,
    /// What is believed.
    pub statement: String,
    /// Where it comes from.
    pub source: &'static str,
}

/// What is believed of the admin centre's tokens, of ids and of errors, and of writes (facts 2.1, 2.3, 2.4, 2.5, 2.7, 5;
/// 2026-11 F).
const OTHERS: [(&str, &str, &str, &str); 12] = [
    (
        "portal-audience",
        "token",
        "a token for the admin centre is for the app id of its portal, 74658136-14ec-4630-ad9b-26e160ff0fc6 in the public cloud",
        "O365Essentials, AzRanger, azure-cli; nodoc 24afc23",
    ),
    (
        "graph-audience",
        "token",
        "a token for Microsoft Graph is for its root, or for 00000003-0000-0000-c000-000000000000",
        "learn.microsoft.com/entra/identity-platform/access-tokens",
    ),
    (
        "portal-request-id",
        "header",
        "every request to the admin centre has the header `x-ms-client-request-id`",
        "nodoc 24afc23: without it, 400 `ArgumentNull`",
    ),
    (
        "portal-error",
        "error",
        "what the admin centre refuses with 400 or 403 it answers with `ClassName`, `Message` and `ClientData`",
        "nodoc 24afc23",
    ),
    (
        "policy-group-name",
        "query",
        "`getPasswordResetEnabledGroup=true` fills in `passwordResetEnabledGroupName`, and without it that is empty",
        "O365Essentials, mondoohq/mql#5767, azurenum; inferred",
    ),
    ("policy-write-whole", "write", "the password reset policy is sent whole, with all of its fields", TOOLS),
    (
        "writeback-write-part",
        "write",
        "password writeback is sent in part, and `accountUnlockEnabled` alone",
        "O365Essentials Set-O365PasswordResetIntegration",
    ),
    (
        "method-write-type",
        "write",
        "the fields of a method are sent with its `@odata.type`",
        "graph/api/voiceauthenticationmethodconfiguration-update",
    ),
    ("policy-write-kept", "write", "the policy reads back as it was sent", "inferred; no public source"),
    ("writeback-write-kept", "write", "writeback reads back as it was sent", "O365Essentials"),
    (
        "method-write-kept",
        "write",
        "a method reads back as it was sent",
        "graph/api/smsauthenticationmethodconfiguration-update",
    ),
    (
        "authorization-write-kept",
        "write",
        "the authorization policy reads back as it was sent",
        "graph/api/authorizationpolicy-update",
    ),
];

/// Returns the list, in the order it is shown in.
pub fn beliefs() -> Vec<Belief> {
    let others = OTHERS.iter().map(|&(code, kind, statement, source)| Belief {
        code: code.into(),
        kind,
        statement: statement.to_owned(),
        source,
    });
    let requests = ENDPOINTS.iter().flat_map(of_endpoint);
    let fields = FIELDS.iter().map(|field| Belief {
        code: format!("{}.{}", field.thing.as_str(), field.name).into(),
        kind: "field",
        statement: format!("`{}` of {} is {}", field.name, field.thing.label(), field.kind.about()),
        source: field.thing.source(),
    });
    others.chain(requests).chain(fields).collect()
}

fn of_endpoint(endpoint: &'static Endpoint) -> Vec<Belief> {
    let Endpoint { code, status, answer, source, .. } = endpoint;
    let belief = |code: Cow<'static, str>, kind, statement| Belief { code, kind, statement, source };
    let request = endpoint.request();
    let mut all = vec![
        belief((*code).into(), "endpoint", format!("there is `{request}`")),
        belief(format!("{code}-status").into(), "status", format!("it succeeds with {status}: `{request}`")),
    ];
    if let Some(shape) = answer.about() {
        let statement = format!("the answer is {shape}: `{request}`");
        all.push(belief(format!("{code}-answer").into(), "answer", statement));
    }
    all
}

impl Shape {
    /// Returns what the answer is, for people; `None` where nothing is believed of it.
    fn about(self) -> Option<&'static str> {
        Some(match self {
            Self::Object(_) => "one object",
            Self::True => "`true`",
            Self::Boolean => "`true` or `false`",
            Self::Ids => "a list of GUIDs",
            Self::Rows(_) => "an object with a list in `value`",
            Self::Nothing => "empty",
            Self::Anything => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::tenant::{Resource, SETTINGS, Surface};

    #[test]
    fn every_belief_has_a_code_of_its_own_and_a_source() {
        let all = beliefs();
        let codes: BTreeSet<&str> = all.iter().map(|belief| belief.code.as_ref()).collect();
        assert_eq!(codes.len(), all.len());
        for belief in &all {
            assert!(!belief.source.is_empty() && !belief.statement.is_empty(), "{belief:?}");
            assert!(belief.code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)));
        }
    }

    /// What is read and written of the admin centre rests on nothing that the list does not have.
    #[test]
    fn every_field_of_a_setting_is_in_the_list() {
        for setting in &SETTINGS {
            let thing = match setting.object {
                Resource::PasswordReset => "policy",
                Resource::Writeback => "writeback",
                _ => "authorization",
            };
            for field in setting.fields() {
                let code = format!("{thing}.{field}");
                assert!(beliefs().iter().any(|belief| belief.code == code), "{code}");
            }
        }
        let policy: Vec<&str> = FIELDS
            .iter()
            .filter(|field| field.thing == super::super::Thing::Policy)
            .map(|field| field.name)
            .collect();
        assert_eq!(policy.len(), 29);
        for name in policy {
            assert!(
                Resource::PasswordReset.is_documented(name) || Resource::PasswordReset.is_computed(name),
                "{name}"
            );
        }
        assert!(ENDPOINTS.iter().any(|endpoint| endpoint.surface == Surface::Graph));
    }
}
