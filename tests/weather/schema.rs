//! What the sandbox's Graph answers, and what the client sends, against Microsoft's own schema. The schema is
//! not part of this repository; where it is not beside it, the test says so and passes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use sspr::sandbox::{Recorded, Seed, World};

use crate::common::{Bench, repository, spec};

const SPEC: &str = "version: 1\ngroup: SSPR-Pilot\nmethods:\n  required: 1\n  allowed: [email, mobile_phone, \
                    office_phone, mobile_app_notification, mobile_app_code]\nadministrators:\n  allow_sspr: false\n";

/// What the sandbox answers beyond the schema on purpose: fields of a later day, which must survive a write, and
/// one that only the beta's schema has (facts 1.5).
const BEYOND: [&str; 4] = ["futureLimit", "futureNote", "futureNested", "numberMatchingRequiredState"];

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
        let bench = Bench::start(World::seeded(seed)).await;
        bench.apply(&spec(SPEC)).await.unwrap();
        for request in
            bench.take_requests().into_iter().filter(|request| request.target.starts_with("/v1.0/"))
        {
            let Some((path, operation)) = schema.operation(&request) else { continue };
            covered.insert(format!("{} {path}", request.method));
            let at = format!("{} {}", request.method, request.target);
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
    assert!(covered.len() >= 6, "{covered:#?}");
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

async fn fetch(bench: &Bench, target: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
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
    fn operation(&self, request: &Recorded) -> Option<(&str, &Value)> {
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
