//! The authorization policy and the Authentication methods policy: shapes and refusals as Microsoft documents them.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::types::{AUTHORIZATION, METHOD, METHODS};
use crate::sandbox::http::odata::{Ask, Refused, Sent, Version};
use crate::sandbox::tenant::{TenantState, lay_over};

const CONFIGURATIONS: &str = "authenticationMethodConfigurations";
const POLICY: &str = "policies/authenticationMethodsPolicy";
/// A feature of Microsoft Authenticator that v1.0 does not have, and the beta still tells (facts 1.5).
const BETA_FEATURE: &str = "numberMatchingRequiredState";
/// About 20 KB (facts 1.4).
const POLICY_BYTES: usize = 20 * 1024;

pub(super) async fn authorization(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&AUTHORIZATION, &["$select"])?;
    Ok(ask.object(&query, "policies/authorizationPolicy", ask.shared.tenant().authorization.clone()))
}

/// Takes some of the fields (facts 1.2); an unknown one is refused.
pub(super) async fn patch_authorization(ask: Ask, sent: Sent) -> Result<Response, Refused> {
    ask.query(&AUTHORIZATION, &[])?;
    sent.check_kinds(&ask.shared.tenant().authorization)?;
    let Sent(sent) = sent;
    if let Some(unknown) =
        sent.keys().find(|name| ask.shared.tenant().authorization.get(name.as_str()).is_none())
    {
        return Err(Refused::invalid(format!(
            "The property '{unknown}' does not exist on type 'microsoft.graph.authorizationPolicy'. Make sure to only use \
             property names that are defined by the type."
        )));
    }
    if sent.get("allowedToUseSSPR").is_some_and(|value| !value.is_boolean()) {
        return Err(Refused::invalid("Cannot convert a value to target type 'Edm.Boolean'."));
    }
    Ok(ask.write(|tenant| lay_over(&mut tenant.authorization, sent)))
}

pub(super) async fn methods(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&METHODS, &["$select"])?;
    let mut policy = ask.shared.tenant().methods.clone();
    policy[CONFIGURATIONS].as_array_mut().into_iter().flatten().for_each(|method| as_of(ask.version, method));
    Ok(ask.object(&query, POLICY, policy))
}

pub(super) async fn configurations(ask: Ask) -> Result<Response, Refused> {
    let query = ask.query(&METHOD, &[])?;
    let mut rows = ask.shared.tenant().methods[CONFIGURATIONS].as_array().cloned().unwrap_or_default();
    rows.iter_mut().for_each(|method| as_of(ask.version, method));
    ask.list(&query, &format!("{POLICY}/{CONFIGURATIONS}"), rows, usize::MAX)
}

pub(super) async fn method(id: Path<String>, ask: Ask) -> Result<Response, Refused> {
    // Each kind has properties of its own; Graph selects those of all kinds, and the sandbox nothing.
    let query = ask.query(&METHOD, &[])?;
    let tenant = ask.shared.tenant();
    let mut method = tenant.methods[CONFIGURATIONS][position(&tenant, &id)?].clone();
    as_of(ask.version, &mut method);
    Ok(ask.object(&query, &format!("{POLICY}/{CONFIGURATIONS}"), method))
}

/// Leaves out what a version does not have.
fn as_of(version: Version, method: &mut Value) {
    // By `get_mut`, because indexing would add it to methods that have none.
    let features = method.get_mut("featureSettings").and_then(Value::as_object_mut);
    if let (Version::V1, Some(features)) = (version, features) {
        features.remove(BETA_FEATURE);
    }
}

/// Takes some of a method's fields and replaces collections whole (facts 5).
pub(super) async fn patch_method(id: Path<String>, ask: Ask, sent: Sent) -> Result<Response, Refused> {
    ask.query(&METHOD, &[])?;
    let tenant = ask.shared.tenant().clone();
    let at = position(&tenant, &id)?;
    let mut method = tenant.methods[CONFIGURATIONS][at].clone();
    sent.check_kinds(&method)?;
    let Sent(mut sent) = sent;
    if let Some(problem) = problem(&sent, &method, &tenant) {
        return Err(Refused::invalid(problem));
    }
    // It is the same, in whatever letter case.
    sent.remove("id");
    for target in sent.get_mut("includeTargets").and_then(Value::as_array_mut).into_iter().flatten() {
        fill_in(&id, target);
    }
    keep_hidden(ask.version, &method, &mut sent);
    lay_over(&mut method, sent);
    if is_email_held_on(&method) {
        return Err(Refused::invalid("Email OTP cannot be disabled while external users may use it."));
    }
    let mut methods = tenant.methods;
    methods[CONFIGURATIONS][at] = method;
    if methods.to_string().len() > POLICY_BYTES {
        return Err(Refused::invalid("The policy exceeds the maximum size allowed."));
    }
    Ok(ask.write(|tenant| tenant.methods = methods))
}

/// Returns where a method stands in the policy; ids are taken in any letter case.
fn position(tenant: &TenantState, id: &str) -> Result<usize, Refused> {
    let mut methods = tenant.methods[CONFIGURATIONS].as_array().into_iter().flatten();
    let is_meant = |method: &Value| method["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id));
    methods.position(is_meant).ok_or_else(|| Refused::missing(format!("Resource '{id}' does not exist.")))
}

/// What Graph refuses (facts 1.4, 1.5).
fn problem(sent: &Map<String, Value>, method: &Value, tenant: &TenantState) -> Option<String> {
    if sent.get("@odata.type") != method.get("@odata.type") {
        return Some("A value without a type name was found and no expected type is available.".to_owned());
    }
    if let Some(unknown) = sent.keys().find(|name| method.get(name.as_str()).is_none()) {
        return Some(format!("The property '{unknown}' does not exist on this type."));
    }
    if sent.get("state").is_some_and(|state| state != "enabled" && state != "disabled") {
        return Some("The value of state is not an authenticationMethodState.".to_owned());
    }
    let otp = ["default", "enabled", "disabled"];
    if sent.get("allowExternalIdToUseEmailOtp").is_some_and(|value| otp.iter().all(|known| value != known)) {
        return Some("The value of allowExternalIdToUseEmailOtp is not an externalEmailOtpState.".to_owned());
    }
    for field in ["includeTargets", "excludeTargets"] {
        let Some(targets) = sent.get(field) else { continue };
        let Some(targets) = targets.as_array() else { return Some(format!("{field} must be a collection.")) };
        let had = method[field].as_array().map(Vec::as_slice).unwrap_or_default();
        // What is there from the days of user targets stays; no new one is taken.
        for target in targets.iter().filter(|target| !had.contains(target)) {
            if target["targetType"] != "group" {
                return Some("Only groups can be targeted.".to_owned());
            }
            let flags = ["isRegistrationRequired", "isUsableForSignIn"].map(|name| target.get(name));
            if flags.into_iter().flatten().any(|flag| !flag.is_boolean()) {
                return Some("Cannot convert a value to target type 'Edm.Boolean'.".to_owned());
            }
            let id = target["id"].as_str().unwrap_or_default();
            let is_everyone = id == "all_users" && field == "includeTargets";
            if !is_everyone && !Uuid::try_parse(id).is_ok_and(|id| tenant.group(id).is_some()) {
                return Some(format!("The group '{id}' does not exist."));
            }
        }
    }
    None
}

/// What a version does not show, a write by way of it does not drop.
fn keep_hidden(version: Version, method: &Value, sent: &mut Map<String, Value>) {
    let hidden = &method["featureSettings"][BETA_FEATURE];
    let features = sent.get_mut("featureSettings").and_then(Value::as_object_mut);
    if let (Version::V1, Some(features), false) = (version, features, hidden.is_null()) {
        features.insert(BETA_FEATURE.to_owned(), hidden.clone());
    }
}

/// What the service puts where a target says nothing: SMS sign-in, for one, is on by default (facts 1.5).
fn fill_in(method: &str, target: &mut Value) {
    let default = |target: &mut Value, name: &str, value: Value| {
        if let Value::Object(target) = target {
            target.entry(name).or_insert(value);
        }
    };
    default(target, "isRegistrationRequired", json!(false));
    match method.to_ascii_lowercase().as_str() {
        "sms" => default(target, "isUsableForSignIn", json!(true)),
        "microsoftauthenticator" => default(target, "authenticationMode", json!("any")),
        _ => {}
    }
}

fn is_email_held_on(method: &Value) -> bool {
    method["state"] == "disabled" && method["allowExternalIdToUseEmailOtp"] == "enabled"
}
