//! What the visitor does, request by request.

use serde_json::{Value, json};

use super::{Request, VisitError};
use crate::sandbox::Sandbox;

const PORTAL: &str = "https://main.iam.ad.ext.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";
const PAGE: &str = "https://entra.microsoft.com/";
const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=true";
const WRITEBACK: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";
const METHODS: &str = "/policies/authenticationMethodsPolicy";

/// How long an answer is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Someone before a browser, and what it recorded.
struct Visitor<'a> {
    sandbox: &'a Sandbox,
    http: reqwest::Client,
    seen: Vec<Request>,
}

pub(super) async fn run(sandbox: &Sandbox) -> Result<Vec<Request>, VisitError> {
    // The process's cryptography; a second call is a no-op.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE).build()?;
    let mut visitor = Visitor { sandbox, http, seen: arrival() };
    visitor.open_pages().await?;
    visitor.save_policy().await?;
    visitor.save_writeback().await?;
    visitor.save_method().await?;
    Ok(visitor.seen)
}

impl Visitor<'_> {
    async fn open_pages(&mut self) -> Result<(), VisitError> {
        self.preflight(&format!("{PORTAL}{POLICY}"));
        self.portal("GET", "/api/Permissions/GetUserSystemRoleTemplateIds", None).await?;
        let policy = self.portal("GET", POLICY, None).await?;
        let group = match policy["passwordResetEnabledGroupIds"][0].as_str() {
            Some(id) => format!("/groups/{id}"),
            None => "/groups?$top=20&$select=id,displayName,securityEnabled,groupTypes".to_owned(),
        };
        let asked = [
            "/organization",
            &group,
            METHODS,
            "/policies/authorizationPolicy",
            "/directory/onPremisesSynchronization",
        ];
        let requests: Vec<Value> = asked
            .iter()
            .enumerate()
            .map(|(at, url)| json!({"id": (at + 1).to_string(), "method": "GET", "url": url}))
            .collect();
        self.graph("POST", "/v1.0/$batch", Some(json!({ "requests": requests }))).await?;
        self.graph("GET", &format!("/beta{METHODS}"), None).await?;
        self.portal("GET", WRITEBACK, None).await?;
        Ok(())
    }

    /// Notifications: turns "Notify all admins" to the other side and saves, which sends the whole policy.
    async fn save_policy(&mut self) -> Result<(), VisitError> {
        let mut policy = self.portal("GET", POLICY, None).await?;
        let Some(notifies) = policy["notifyOnAdminPasswordReset"].as_bool() else { return Ok(()) };
        policy["notifyOnAdminPasswordReset"] = json!(!notifies);
        self.portal("PUT", POLICY.split('?').next().unwrap_or(POLICY), Some(policy)).await?;
        self.portal("GET", POLICY, None).await?;
        Ok(())
    }

    /// On-premises integration: turns unlocking to the other side and saves, which sends that field alone.
    async fn save_writeback(&mut self) -> Result<(), VisitError> {
        let writeback = self.portal("GET", WRITEBACK, None).await?;
        let Some(unlocks) = writeback["accountUnlockEnabled"].as_bool() else { return Ok(()) };
        self.portal("PUT", WRITEBACK, Some(json!({"accountUnlockEnabled": !unlocks}))).await?;
        self.portal("GET", WRITEBACK, None).await?;
        Ok(())
    }

    /// Authentication methods: saves e-mail as it is.
    async fn save_method(&mut self) -> Result<(), VisitError> {
        let path = format!("/v1.0{METHODS}/authenticationMethodConfigurations/Email");
        let method = self.graph("GET", &path, None).await?;
        if method["state"].is_null() {
            return Ok(());
        }
        let part = json!({"@odata.type": method["@odata.type"], "state": method["state"]});
        self.graph("PATCH", &path, Some(part)).await?;
        self.graph("GET", &path, None).await?;
        Ok(())
    }

    /// The browser asks whether the page may ask.
    fn preflight(&mut self, url: &str) {
        let allows = [("access-control-allow-origin", "https://entra.microsoft.com")];
        self.seen.push(Request {
            method: "OPTIONS".to_owned(),
            headers: vec![("access-control-request-method".to_owned(), "GET".to_owned())],
            answer_headers: owned(&allows),
            ..arrived(url, 204, "", "", "preflight")
        });
    }

    async fn portal(&mut self, method: &str, target: &str, body: Option<Value>) -> Result<Value, VisitError> {
        let id = uuid::Uuid::new_v4().to_string();
        let token = self.sandbox.portal_token().to_owned();
        let own = [("x-ms-client-request-id", id.as_str()), ("x-ms-effective-locale", "en.en-us")];
        self.ask(PORTAL, method, target, &token, &own, body).await
    }

    async fn graph(&mut self, method: &str, target: &str, body: Option<Value>) -> Result<Value, VisitError> {
        let id = uuid::Uuid::new_v4().to_string();
        let token = self.sandbox.graph_token().to_owned();
        self.ask(GRAPH, method, target, &token, &[("client-request-id", id.as_str())], body).await
    }

    /// Asks the sandbox, and records it as if one of Microsoft's hosts had been asked. Returns what was answered; null
    /// where that is no JSON.
    async fn ask(
        &mut self,
        host: &str,
        method: &str,
        target: &str,
        token: &str,
        own: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Value, VisitError> {
        let mut headers = owned(&[("authorization", &format!("Bearer {token}")), ("accept", "*/*")]);
        headers.extend(owned(own));
        if body.is_some() {
            headers.extend(owned(&[("content-type", "application/json")]));
        }
        let known = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let mut request = self.http.request(known, format!("{}{target}", self.sandbox.root()));
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let body = body.map(|body| body.to_string());
        if let Some(body) = &body {
            request = request.body(body.clone());
        }
        headers.extend(owned(&[("origin", "https://entra.microsoft.com"), ("cookie", "session=of-nobody")]));
        let url = format!("{host}{target}");
        let asked = Request { method: method.to_owned(), headers, body, ..arrived(&url, 0, "", "", "fetch") };
        let answer = match request.send().await {
            Ok(answer) => answer,
            // Broken off, as a browser records it.
            Err(error) if !error.is_builder() && !error.is_connect() => {
                self.seen.push(asked);
                return Ok(Value::Null);
            }
            Err(error) => return Err(error.into()),
        };
        let status = answer.status().as_u16();
        let told = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
        let answer_headers: Vec<(String, String)> = told.collect();
        let mime =
            answer_headers.iter().find(|(name, _)| name == "content-type").map(|(_, mime)| mime.clone());
        let answer = answer.text().await.unwrap_or_default();
        let json = serde_json::from_str(&answer).unwrap_or(Value::Null);
        let mime = mime.unwrap_or_default();
        self.seen.push(Request { status, answer_headers, answer, mime, ..asked });
        Ok(json)
    }
}

/// What a browser loads before anything is asked: no part of the sandbox.
fn arrival() -> Vec<Request> {
    let page = "<!DOCTYPE html><html><title>Microsoft Entra admin center</title></html>";
    let telemetry = Request {
        method: "POST".to_owned(),
        body: Some("[{\"name\":\"load\"}]".to_owned()),
        ..arrived(
            "https://browser.events.data.microsoft.com/OneCollector/1.0/",
            200,
            "{\"acc\":1}",
            "application/json",
            "ping",
        )
    };
    vec![
        arrived(PAGE, 200, page, "text/html; charset=utf-8", "document"),
        arrived(
            "https://entra.microsoft.com/Content/shell.js",
            200,
            "(()=>{})()",
            "text/javascript",
            "script",
        ),
        telemetry,
    ]
}

fn arrived(url: &str, status: u16, answer: &str, mime: &str, kind: &'static str) -> Request {
    Request {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: owned(&[("user-agent", "Mozilla/5.0")]),
        body: None,
        status,
        answer_headers: owned(&[("content-type", mime), ("set-cookie", "session=of-nobody; secure")]),
        answer: answer.to_owned(),
        mime: mime.to_owned(),
        kind,
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
