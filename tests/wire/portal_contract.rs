//! The admin centre's contract, as a public project recorded it (facts 2026-11 F): what is sent agrees with it, and so
//! does what the sandbox serves. The facts that are needed stand here.

use serde_json::{Value, json};
use sspr::client::ClientError;
use sspr::sandbox::{ReceivedRequest, Sandbox, Seed, TenantState};
use sspr::tenant::Resource;

use super::Served;
use crate::common::{HOSTILE, Scene, http};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const WRITEBACK: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";
const ROLES: &str = "/api/Permissions/GetUserSystemRoleTemplateIds";
const ID: &str = "x-ms-client-request-id";

/// The fields of the policy: `i`nteger, `b`oolean, `s`tring, `[]` list.
const POLICY_FIELDS: [(&str, &str); 29] = [
    ("objectId", "s"),
    ("enablementType", "i"),
    ("numberOfAuthenticationMethodsRequired", "i"),
    ("emailOptionEnabled", "b"),
    ("mobilePhoneOptionEnabled", "b"),
    ("officePhoneOptionEnabled", "b"),
    ("securityQuestionsOptionEnabled", "b"),
    ("mobileAppNotificationEnabled", "b"),
    ("mobileAppCodeEnabled", "b"),
    ("numberOfQuestionsToRegister", "i"),
    ("numberOfQuestionsToReset", "i"),
    ("registrationRequiredOnSignIn", "b"),
    ("registrationReconfirmIntevalInDays", "i"),
    ("skipRegistrationAllowed", "b"),
    ("skipRegistrationMaxAllowedDays", "i"),
    ("customizeHelpdeskLink", "b"),
    ("customHelpdeskEmailOrUrl", "s"),
    ("notifyUsersOnPasswordReset", "b"),
    ("notifyOnAdminPasswordReset", "b"),
    ("passwordResetEnabledGroupIds", "[]"),
    ("passwordResetEnabledGroupName", "s"),
    ("securityQuestions", "[]"),
    ("registrationConditionalAccessPolicies", "[]"),
    ("emailOptionAllowed", "b"),
    ("mobilePhoneOptionAllowed", "b"),
    ("officePhoneOptionAllowed", "b"),
    ("securityQuestionsOptionAllowed", "b"),
    ("mobileAppNotificationOptionAllowed", "b"),
    ("mobileAppCodeOptionAllowed", "b"),
];

/// Those of writeback; `?` may be null.
const WRITEBACK_FIELDS: [(&str, &str); 6] = [
    ("objectId", "?"),
    ("passwordWritebackSupported", "b"),
    ("accountUnlockSupported", "b"),
    ("accountUnlockEnabled", "b"),
    ("enablementForTenant", "b"),
    ("cloudProvisioningEnablementForTenant", "b"),
];

/// Those of an error, and of the data in it. All of them are always there.
const ERROR_FIELDS: [(&str, &str); 8] = [
    ("ClassName", "s"),
    ("Message", "s"),
    ("Data", "{}"),
    ("HResult", "i"),
    ("XMsServerRequestId", "?"),
    ("Source", "?"),
    ("HttpStatusCode", "i"),
    ("ClientData", "{}"),
];
const CLIENT_DATA_FIELDS: [(&str, &str); 9] = [
    ("errorCode", "s"),
    ("localizedErrorDetails", "?"),
    ("operationResults", "?"),
    ("timeStampUtc", "s"),
    ("clientRequestId", "?"),
    ("internalTransactionId", "s"),
    ("tenantId", "?"),
    ("userObjectId", "s"),
    ("exceptionType", "s"),
];

/// Fails where an object lacks a field or has it in another type; what is unknown may stand beside the known.
#[track_caller]
fn assert_has(object: &Value, fields: &[(&str, &str)]) {
    for (name, kind) in fields {
        let value = object.get(name).unwrap_or_else(|| panic!("{name} is missing: {object}"));
        let is_of_kind = match *kind {
            "i" => value.is_i64(),
            "b" => value.is_boolean(),
            "s" => value.is_string(),
            "[]" => value.is_array(),
            "{}" => value.is_object(),
            _ => true,
        };
        assert!(is_of_kind, "{name}: {value}");
    }
}

/// Fails where a policy is not as the contract has it.
#[track_caller]
fn assert_is_policy(policy: &Value) {
    assert_has(policy, &POLICY_FIELDS);
    for question in policy["securityQuestions"].as_array().unwrap() {
        let id = question["objectId"].as_str().unwrap();
        assert!(id.len() == 32 && uuid::Uuid::try_parse(id).is_ok(), "{question}");
        assert!(
            question["questionText"].is_string() && question["isCustomQuestion"].is_boolean(),
            "{question}"
        );
        assert_eq!(question.as_object().unwrap().len(), 3, "{question}");
    }
}

async fn ask(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    token: &str,
    id: Option<&str>,
) -> (u16, String, Value) {
    let request =
        http().request(method.parse().unwrap(), format!("{}{target}", sandbox.root())).bearer_auth(token);
    let request = match id {
        Some(id) => request.header(ID, id),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let correlation = answer.headers()["x-ms-correlation-id"].to_str().unwrap().to_owned();
    (status, correlation, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn the_sandbox_serves_what_was_recorded() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let token = sandbox.portal_token().to_owned();
    let id = "0b7e8c1a-3f5d-4e9b-8a6c-2d4f6e8a0c1b";
    let (status, _, policy) =
        ask(&sandbox, "GET", &format!("{POLICY}?getPasswordResetEnabledGroup=true"), &token, Some(id)).await;
    assert_eq!(status, 200);
    assert_is_policy(&policy);
    assert_eq!(policy["securityQuestions"].as_array().unwrap().len(), 3);
    let (_, _, writeback) = ask(&sandbox, "GET", WRITEBACK, &token, Some(id)).await;
    assert_has(&writeback, &WRITEBACK_FIELDS);
    let (_, _, roles) = ask(&sandbox, "GET", ROLES, &token, Some(id)).await;
    assert_eq!(
        roles,
        json!(["b79fbf4d-3ef9-4689-8143-76b194e85509", "0526716b-113d-4c15-b2c8-68e3c22b9f80"]),
        "every member's, then the caller's own"
    );
    // Whoever asks for someone's password to be reset finds nothing here.
    assert_eq!(ask(&sandbox, "PUT", "/api/PasswordReset/ResetPasswordByUpn", &token, Some(id)).await.0, 404);
}

#[tokio::test]
async fn the_sandboxs_errors_are_what_was_recorded() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    let token = sandbox.portal_token().to_owned();
    let id = "0b7e8c1a-3f5d-4e9b-8a6c-2d4f6e8a0c1b";
    sandbox.fail(format!("GET {WRITEBACK} error=400,LicenseAssignmentError").parse().unwrap());
    for (target, id, code) in [
        (POLICY, None, "ArgumentNull"),
        (POLICY, Some("no GUID"), "ArgumentNull"),
        (WRITEBACK, Some(id), "LicenseAssignmentError"),
        ("/api/nothing", Some(id), "BadRequest"),
    ] {
        let (status, correlation, error) = ask(&sandbox, "GET", target, &token, id).await;
        assert!(uuid::Uuid::try_parse(&correlation).is_ok(), "{correlation}");
        assert_has(&error, &ERROR_FIELDS);
        assert_has(&error["ClientData"], &CLIENT_DATA_FIELDS);
        assert_eq!(error["HttpStatusCode"], status);
        assert_eq!(error["ClientData"]["errorCode"], code, "{error}");
        assert_eq!(error["ClientData"]["clientRequestId"], json!(id), "{error}");
    }
    sandbox.fail(format!("GET {POLICY} expired-token 1").parse().unwrap());
    let (status, _, error) = ask(&sandbox, "GET", POLICY, &token, Some(id)).await;
    assert_eq!((status, &error["ClientData"]["errorCode"]), (400, &json!("msalautherror_invalid_grant")));
    let detail = &error["ClientData"]["localizedErrorDetails"]["errorDetail"];
    assert!(detail.as_str().unwrap().starts_with("AADSTS500133: "), "{error}");
    assert_eq!((&error["Message"], &error["ClientData"]["operationResults"][0]["details"]), (detail, detail));
}

/// What may be asked of the admin centre: method, path, query. Nothing else ever is.
const ASKED: [(&str, &str, &str); 6] = [
    ("GET", POLICY, "getPasswordResetEnabledGroup=true"),
    ("GET", POLICY, ""),
    ("PUT", POLICY, ""),
    ("GET", WRITEBACK, ""),
    ("PUT", WRITEBACK, ""),
    ("GET", ROLES, ""),
];

fn asked_for(request: &ReceivedRequest) -> (&str, &str, &str) {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    (&request.method, path, query)
}

fn is_recorded(request: &ReceivedRequest) -> bool {
    ASKED.contains(&asked_for(request))
}

/// Every command that reaches the admin centre, on a tenant with questions and fields no one has seen. The sandbox
/// refuses what comes without an id of its caller's.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_what_was_recorded() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Configured)).await.unwrap();
    let scene = Scene::against(&sandbox).example("pilot.yaml").file(
        "writeback.yaml",
        "version: 1\ngroup: SSPR-Pilot\nwriteback:\n  enabled: true\n  unlock: true\n",
    );
    for args in [
        &["apply", "--yes", "--allow-lockout"][..],
        &["apply", "writeback.yaml", "--yes"],
        &["verify"],
        &["rollback", "--yes"],
        &["cleanup", "--yes"],
        &["doctor", "--probe-write", "--yes"],
        &["import"],
    ] {
        let shown = scene.run(args);
        assert!(shown.code == 0 || args[0] == "verify", "{args:?}\n{shown}");
    }
    let asked = sandbox.take_requests();
    let asked: Vec<_> = asked.into_iter().filter(|request| request.target.starts_with("/api/")).collect();
    for request in &asked {
        assert!(is_recorded(request) && request.status == 200, "{request:?}");
        if request.method == "PUT" && request.target == POLICY {
            assert_is_policy(&serde_json::from_str(&request.body).unwrap());
        } else if request.method == "PUT" {
            let sent: Value = serde_json::from_str(&request.body).unwrap();
            assert!(
                sent.as_object()
                    .unwrap()
                    .keys()
                    .all(|key| WRITEBACK_FIELDS.iter().any(|(name, _)| name == key))
            );
        }
    }
    for wanted in ASKED {
        let is_it = |request: &ReceivedRequest| asked_for(request) == wanted;
        assert!(asked.iter().any(is_it), "{wanted:?} was never asked");
    }
}

/// The licence error that was recorded, with something to tell in its results.
fn client_exception(message: &str, detail: Option<&str>, result: Option<&str>) -> String {
    json!({
        "ClassName": "Microsoft.Portal.Framework.Exceptions.ClientException",
        "Message": message, "Data": {}, "HResult": -2_146_233_088, "XMsServerRequestId": null, "Source": null,
        "HttpStatusCode": 400,
        "ClientData": {
            "errorCode": "LicenseAssignmentError",
            "localizedErrorDetails": detail.map(|detail| json!({"errorDetail": detail})),
            "operationResults": [{"objectId": null, "displayName": null, "status": 0, "details": result}],
            "timeStampUtc": "2024-05-03 10:48:14.097851+00:00",
            "clientRequestId": "d2cca72b-9942-4b80-8343-f88c2332f012",
            "internalTransactionId": "1bb2fcd6-fe22-487e-b82b-28f3e47164a9",
            "tenantId": null, "userObjectId": "6934698c-5dcf-4596-809d-bc5b566518e5",
            "exceptionType": "AggregateException",
        },
    })
    .to_string()
}

async fn refused(status: u16, body: String) -> ClientError {
    let served = Served::always(status, "application/json", body.leak()).await;
    served.reader.portal.fetch_policy().await.unwrap_err()
}

#[tokio::test]
async fn an_error_shows_its_code_and_the_words_that_say_most() {
    for (detail, result, said) in [
        (None, None, "400 Bad Request: LicenseAssignmentError: One or more errors occurred."),
        (None, Some("no licence"), "400 Bad Request: LicenseAssignmentError: no licence"),
        (Some("no plan"), Some("no licence"), "400 Bad Request: LicenseAssignmentError: no plan"),
        (Some(" "), None, "LicenseAssignmentError: One or more errors occurred."),
    ] {
        let error = refused(400, client_exception("One or more errors occurred.", detail, result)).await;
        assert!(error.to_string().contains(said), "{said}\n{error}");
        assert!(!error.is_sign_in(), "{error}");
    }
}

#[tokio::test]
async fn an_errors_words_are_foreign_and_short_and_never_the_token() {
    for hostile in HOSTILE {
        let body = client_exception(
            "x",
            Some(&format!("eyJhbGciOiJub25lIn0.e30.x {hostile} {}", "y".repeat(9000))),
            None,
        );
        let error = refused(400, body).await.to_string();
        assert!(!error.contains('\u{1b}') && !error.contains('\n') && error.len() < 1200, "{error}");
        assert!(!error.contains("eyJ"), "{error}");
    }
    for odd in [
        r#"{"ClientData": null}"#,
        r#"{"ClientData": []}"#,
        r#"{"ClientData": {"errorCode": 5, "operationResults": {"details": "x"}}, "Message": {"a": 1}}"#,
        r#"{"ClientData": {"localizedErrorDetails": "text", "operationResults": [null, 7]}}"#,
    ] {
        let error = refused(400, odd.to_owned()).await.to_string();
        assert!(error.contains("400 Bad Request"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_correlation_id_is_shown() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail(format!("GET {POLICY} error=403,NoRole").parse().unwrap());
    let shown = Scene::against(&sandbox).example("pilot.yaml").run(&["plan"]).code(77);
    assert!(shown.stderr.contains("403 Forbidden: NoRole: "), "{shown}");
    assert!(shown.stderr.contains("(x-ms-correlation-id @@ID@@) (client-request-id @@ID@@)"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_over_is_a_sign_ins_error_though_the_status_is_400() {
    let sandbox = Sandbox::start(TenantState::seeded(Seed::Fresh)).await.unwrap();
    sandbox.fail("GET /api/nothing expired-token 1".parse().unwrap());
    ask(&sandbox, "GET", "/api/nothing", "", None).await;
    let scene = Scene::against(&sandbox).env("SSPR_GRAPH_TOKEN", sandbox.renewed_tokens().0);
    let shown = scene.example("pilot.yaml").run(&["plan"]).code(77);
    for said in [
        "was refused with 400 Bad Request: msalautherror_invalid_grant: AADSTS500133: ",
        "and sspr signs in without it; or set it to a new token for the admin centre",
    ] {
        assert!(shown.stderr.contains(said), "{said}\n{shown}");
    }
    // Graph may say 400 of many things; none of them is about its own token.
    let served =
        Served::always(400, "application/json", r#"{"error":{"code":"msalautherror_x","message":"m"}}"#)
            .await;
    assert!(!served.reader.graph.fetch_organization().await.unwrap_err().is_sign_in());
}

#[tokio::test]
async fn a_write_is_taken_for_done_only_where_the_answer_is_true() {
    let policy = json!({"objectId": "default"});
    for (body, is_done) in [
        ("true", true),
        (" true\n", true),
        ("false", false),
        ("", false),
        ("\"true\"", false),
        ("{}", false),
        ("1", false),
    ] {
        let served = Served::always(200, "application/json", body).await;
        let sent = served.writer.write_object(&Resource::PasswordReset, &policy).await;
        assert_eq!(sent.is_ok(), is_done, "{body}");
        if let Err(error) = sent {
            assert!(error.is_unconfirmed() && !error.is_certainly_unwritten(), "{error}");
            let came = if body.is_empty() { "an empty body".to_owned() } else { format!("`{body}`") };
            assert!(
                error.to_string().contains(&format!("was answered with {came} and not with `true`")),
                "{error}"
            );
        }
        // What is answered to a write of writeback no one recorded.
        let sent =
            served.writer.write_object(&Resource::Writeback, &json!({"enablementForTenant": true})).await;
        assert_eq!(sent.is_ok(), body != "false", "{body}");
    }
}
