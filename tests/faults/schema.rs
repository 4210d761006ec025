//! What the sandbox's Graph answers, and what the client sends, against Microsoft's own schema. The schema is
//! not part of this repository; where it is not beside it, the test says so and passes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use sspr::app::Silent;
use sspr::app::observe::{SurfaceSelection, inspect_user, survey};
use sspr::client::{ClientConfig, Pace};
use sspr::outcome::Survey;
use sspr::plan::ResetPolicy;
use sspr::sandbox::tenant::id;
use sspr::sandbox::{ReceivedRequest, Seed, TenantState};

use crate::common::{Bench, config, repository, spec};

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone, \
                    office_phone, mobile_app_notification, mobile_app_code]\nadministrators:\n  allow_sspr: false\n";

/// What the sandbox answers beyond the schema on purpose: fields of a later day, which must survive a write.
const BEYOND: [&str; 3] = ["futureLimit", "futureNote", "futureNested"];

struct Schema(Value);

fn schema_file() -> PathBuf {
    repository("../shared/graph/graph-sspr.openapi.json")
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "the reason for skipping must be seen")]
async fn the_sandbox_and_the_client_agree_with_microsofts_schema() {
    let Ok(text) = std::fs::read_to_string(schema_file()) else {
        eprintln!("skipped: {} is not there", schema_file().display());
        return;
    };
    let schema = Schema(serde_json::from_str(&text).unwrap());
    let (mut problems, mut covered) = (Vec::new(), BTreeSet::new());
    for seed in Seed::ALL {
        let reports = Pace { requests: 1000, per: Duration::from_secs(1) };
        let bench = Bench::start_with(TenantState::seeded(seed), ClientConfig { reports, ..config() }).await;
        bench.sandbox.limit_reports(1000, Duration::from_secs(1));
        bench.apply(&spec(SPEC)).await.unwrap();
        ask_about_people(&bench).await;
        ask_as_others(&bench).await;
        for request in
            bench.take_requests().into_iter().filter(|request| request.target.starts_with("/v1.0/"))
        {
            let Some((path, operation)) = schema.operation(&request) else { continue };
            covered.insert(format!("{} {path}", request.method));
            let at = format!("{} {}", request.method, request.target);
            schema.check_query(operation, &request.target, &at, &mut problems);
            if request.body.is_empty() {
                let answer = fetch(&bench, &request.target).await;
                schema.check_answer(operation, &answer, &request.target, &at, &mut problems);
            } else {
                let body: Value = serde_json::from_str(&request.body).unwrap();
                let wanted = &operation["requestBody"]["content"]["application/json"]["schema"];
                schema.check(wanted, &body, &at, true, &mut problems);
            }
        }
    }
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for path in [
        "/v1.0/groups/{group-id}/transitiveMembers/microsoft.graph.user",
        "/v1.0/roleManagement/directory/roleAssignments",
        "/v1.0/subscribedSkus",
        "/v1.0/directory/onPremisesSynchronization",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails/{userRegistrationDetails-id}",
        "/v1.0/users",
        "/v1.0/users/{user-id}",
        "/v1.0/groups/{group-id}/transitiveMembers",
        "/v1.0/roleManagement/directory/roleDefinitions",
        "/v1.0/auditLogs/directoryAudits",
    ] {
        assert!(covered.contains(&format!("GET {path}")), "{path} was not asked: {covered:#?}");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the reason for skipping must be seen")]
fn the_check_finds_what_is_wrong() {
    let Ok(text) = std::fs::read_to_string(schema_file()) else {
        eprintln!("skipped: {} is not there", schema_file().display());
        return;
    };
    let schema = Schema(serde_json::from_str(&text).unwrap());
    let policy = serde_json::json!({"$ref": "#/components/schemas/microsoft.graph.authorizationPolicy"});
    for wrong in [
        serde_json::json!({"allowedToUseSSPR": "yes"}),
        serde_json::json!({"allowedToUseSspr": true}),
        serde_json::json!([]),
    ] {
        let mut problems = Vec::new();
        schema.check(&policy, &wrong, "x", false, &mut problems);
        assert!(!problems.is_empty(), "{wrong}");
    }
}

/// Sends what `people`, `verify --user` and `report` send.
async fn ask_about_people(bench: &Bench) {
    let spec = spec(SPEC);
    let mut place = sspr::app::observe::find(&bench.reader, &spec, SurfaceSelection::Both).await.unwrap();
    let rule = ResetPolicy::rule(&spec, &place.tenant, true);
    bench.sandbox.reset_password("ada").unwrap();
    for ada in ["ada@contoso.onmicrosoft.com", "ada"] {
        let ada = inspect_user(&bench.reader.graph, &place, rule.clone(), ada).await.unwrap();
        assert!(ada.is_ok());
    }
    let mut found = Survey::default();
    survey(&bench.reader.graph, &mut place, rule, true, &Silent, &mut found).await.unwrap();
    let events = bench.reader.graph.fetch_reset_events(jiff::Timestamp::UNIX_EPOCH, None, 2).await.unwrap();
    assert!(!events.rows.is_empty());
}

/// Sends what other clients do.
async fn ask_as_others(bench: &Bench) {
    let client = crate::common::http();
    let group = format!("/v1.0/groups/{}", id("SSPR-Pilot"));
    for target in [
        "/v1.0/users",
        "/v1.0/users?$select=id,accountEnabled,userType,onPremisesSyncEnabled,assignedPlans,assignedLicenses",
        "/v1.0/groups?$top=2&$orderby=displayName",
        &group,
        &format!("{group}/transitiveMembers"),
        &format!("{group}/transitiveMembers/graph.user?$count=true"),
        "/v1.0/organization",
        "/v1.0/roleManagement/directory/roleDefinitions",
        "/v1.0/roleManagement/directory/roleAssignments?$expand=principal,roleDefinition",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails?$filter=isSsprRegistered%20eq%20true",
        "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations",
    ] {
        let request = client
            .get(format!("{}{target}", bench.sandbox.root()))
            .bearer_auth(bench.sandbox.graph_token())
            .header("ConsistencyLevel", "eventual");
        assert_eq!(request.send().await.unwrap().status(), 200, "{target}");
    }
}

async fn fetch(bench: &Bench, target: &str) -> String {
    let client = crate::common::http();
    let request = client
        .get(format!("{}{target}", bench.sandbox.root()))
        .bearer_auth(bench.sandbox.graph_token())
        .header("ConsistencyLevel", "eventual");
    let answer = request.send().await.unwrap().text().await.unwrap();
    bench.take_requests();
    answer
}

impl Schema {
    /// Returns the operation of a request, where the schema covers its path.
    fn operation(&self, request: &ReceivedRequest) -> Option<(&str, &Value)> {
        let path = request.target.split('?').next()?;
        let is_like = |template: &str| {
            let (wanted, given) = (template.split('/'), path.split('/'));
            wanted.clone().count() == given.clone().count()
                && wanted.zip(given).all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
        };
        let paths = self.0["paths"].as_object()?;
        // A path spelled out goes before one with an id in its place.
        let found = paths
            .iter()
            .filter(|(template, _)| is_like(template))
            .min_by_key(|(t, _)| t.matches('{').count());
        let (template, item) = found?;
        Some((template, item.get(request.method.to_lowercase())?))
    }

    /// Every query option has to be one that the operation has, and where the schema lists the properties it
    /// takes, each has to be among them.
    fn check_query(&self, operation: &Value, target: &str, at: &str, problems: &mut Vec<String>) {
        let known: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| self.resolve(parameter))
            .collect();
        let url = reqwest::Url::parse(&format!("http://sandbox{target}")).unwrap();
        // The service's own, in the links it gives.
        for (name, value) in url.query_pairs().filter(|(name, _)| name != "$skiptoken") {
            let Some(parameter) = known.iter().find(|parameter| parameter["name"] == *name) else {
                problems.push(format!("{at}: `{name}` is no option of it"));
                continue;
            };
            let listed = self.resolve(&parameter["schema"]["items"])["enum"].as_array();
            for property in value.split(',').filter(|_| ["$select", "$expand", "$orderby"].contains(&&*name))
            {
                if listed.is_some_and(|listed| !listed.iter().any(|one| one == property)) {
                    problems.push(format!("{at}: `{property}` cannot be in {name}"));
                }
            }
        }
    }

    fn check_answer(
        &self,
        operation: &Value,
        answer: &str,
        target: &str,
        at: &str,
        problems: &mut Vec<String>,
    ) {
        let content = self.resolve(&operation["responses"]["2XX"]);
        let content = if content.is_null() { self.resolve(&operation["responses"]["200"]) } else { content };
        let Some(wanted) = content["content"].get("application/json") else {
            if answer.trim_start_matches('\u{feff}').parse::<u64>().is_err() {
                problems.push(format!("{at}: not a count: {answer}"));
            }
            return;
        };
        match serde_json::from_str(answer) {
            Ok(answer) => self.check(&wanted["schema"], &answer, at, !target.contains("%24select"), problems),
            Err(error) => problems.push(format!("{at}: {error}")),
        }
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(to) => self.resolve(self.0.pointer(to.trim_start_matches('#')).unwrap()),
            None => value,
        }
    }

    fn check(&self, wanted: &Value, value: &Value, at: &str, is_whole: bool, problems: &mut Vec<String>) {
        let wanted = self.resolve(wanted);
        if value.is_null() && wanted["nullable"] == true {
            return;
        }
        // An object of a list of several kinds is checked as what it says it is.
        let kind = value["@odata.type"].as_str().filter(|_| wanted["title"] == "directoryObject");
        let wanted =
            kind.map_or(wanted, |kind| &self.0["components"]["schemas"][kind.trim_start_matches('#')]);
        for all in wanted["allOf"].as_array().into_iter().flatten() {
            self.check(all, value, at, is_whole, problems);
        }
        for one_of in ["oneOf", "anyOf"].iter().filter_map(|name| wanted[*name].as_array()) {
            let attempt = |one: &Value| {
                let mut found = Vec::new();
                self.check(one, value, at, is_whole, &mut found);
                found
            };
            let attempts: Vec<_> = one_of.iter().map(attempt).collect();
            if attempts.iter().all(|found| !found.is_empty()) {
                problems.extend(attempts.into_iter().min_by_key(Vec::len).unwrap_or_default());
            }
        }
        let is_fitting = match wanted["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64() || value.is_u64(),
            _ => true,
        };
        if !is_fitting {
            problems.push(format!("{at}: not {}: {value}", wanted["type"]));
            return;
        }
        if wanted["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
            problems.push(format!("{at}: not one of {}: {value}", wanted["enum"]));
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.check(&wanted["items"], item, &format!("{at}[{index}]"), is_whole, problems);
        }
        let (Some(fields), Some(known)) = (value.as_object(), wanted["properties"].as_object()) else {
            return;
        };
        for (name, field) in fields {
            match known.get(name) {
                Some(wanted) => self.check(wanted, field, &format!("{at}.{name}"), is_whole, problems),
                None if name.contains('@') || BEYOND.contains(&name.as_str()) => {}
                None => problems.push(format!("{at}: `{name}` is not in {}", wanted["title"])),
            }
        }
        let required = wanted["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| is_whole && !fields.contains_key(*name)) {
            problems.push(format!("{at}: `{name}` of {} is missing", wanted["title"]));
        }
    }
}
