//! Whatever else is in a file, none of it gets out: not on a screen, in a report, or in an error.

use serde_json::Value;
use sspr::sandbox::Seed;

use super::{CHROMIUM, FIREFOX, visit};
use crate::common::Scene;

/// Names of parts of a file that say what it is; all other texts are someone's.
const STRUCTURE: [&str; 8] =
    ["method", "url", "startedDateTime", "httpVersion", "encoding", "version", "name", "mimeType"];

/// What looks like somebody's and must not be seen again.
struct Planted {
    all: Vec<String>,
}

impl Planted {
    fn next(&mut self) -> String {
        let canary = format!("Canary{}Bird", self.all.len() + 1000);
        self.all.push(canary.clone());
        canary
    }

    /// Puts a canary into every text, every header, cookie, address, title, comment and body of a file.
    fn plant(&mut self, value: &mut Value, name: &str) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    self.plant(field, name);
                }
                for extra in ["comment", "_extra"] {
                    let canary = self.next();
                    fields.insert(extra.to_owned(), canary.into());
                }
                // Of a header, a cookie, an option: its name as well. One that is looked for stays beside it.
                if fields.contains_key("name") && fields.contains_key("value") {
                    let canary = self.next();
                    fields.insert("_name".to_owned(), canary.into());
                }
            }
            Value::Array(items) => {
                items.iter_mut().for_each(|item| self.plant(item, name));
                if ["headers", "cookies", "queryString", "pages"].contains(&name) {
                    let (known, value) = (self.next(), self.next());
                    items.push(serde_json::json!({"name": known, "value": value, "title": self.next(), "id": self.next()}));
                }
            }
            Value::String(text) if name == "url" => {
                let canary = self.next();
                let gap = if text.contains('?') { '&' } else { '?' };
                *text = format!("{text}{gap}q={canary}&{canary}=1#{canary}");
            }
            Value::String(text) if name == "text" => *text = self.body(text),
            Value::String(text) if name == "value" && text.starts_with("Bearer ") => {
                let canary = self.next();
                let claims = serde_json::json!({
                    "aud": canary, "tid": canary, "upn": format!("{canary}@contoso.com"), "oid": canary, "name": canary,
                });
                let claims = azure_core::base64::encode_url_safe(claims.to_string());
                *text = format!("Bearer {canary}.{claims}.{canary}");
            }
            Value::String(text) if !STRUCTURE.contains(&name) => *text = self.next(),
            _ => {}
        }
    }

    /// Puts a canary into every text of a body, and beside its fields.
    fn body(&mut self, text: &str) -> String {
        let Ok(mut json) = serde_json::from_str::<Value>(text) else { return self.next() };
        self.inner(&mut json);
        json.to_string()
    }

    fn inner(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    if !["@odata.type", "url", "id", "method"].contains(&name.as_str()) {
                        self.inner(field);
                    }
                }
                let canary = self.next();
                fields.insert(format!("{canary}@contoso.com"), canary.into());
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.inner(item)),
            Value::String(text) => *text = self.next(),
            Value::Number(number) if number.as_u64().is_none_or(|number| number > 9999) => {
                *value = 15_550_199_u64.into()
            }
            _ => {}
        }
    }

    fn assert_not_in(&self, text: &str) {
        for canary in &self.all {
            assert!(!text.contains(canary.as_str()), "{canary}\n{text}");
        }
        assert!(
            !text.contains("Canary") && !text.contains("contoso") && !text.contains("15550199"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_a_file_is_shown_or_kept() {
    for (at, how) in [CHROMIUM, FIREFOX].into_iter().enumerate() {
        let mut planted = Planted { all: Vec::new() };
        let mut file = visit(Seed::Configured, &[], how).await;
        for path in [
            "main.iam.ad.ext.azure.com/api/Canary1Bird/Canary2Bird/Canary3Bird",
            // Names made of a word that paths of Microsoft's have too.
            "main.iam.ad.ext.azure.com/api/CanaryUsers/CanaryAdmin/CanaryGroup",
            "graph.microsoft.com/beta/reports/CanaryRegistration/adminCanary/$CanaryUser",
        ] {
            let mut own = file["log"]["entries"][4].clone();
            own["request"]["url"] = format!("https://{path}").into();
            file["log"]["entries"].as_array_mut().unwrap().push(own);
        }
        planted.plant(&mut file, "");
        assert!(planted.all.len() > 500, "{}", planted.all.len());
        let text = format!("{file:#}");
        let cut = text.len() * 2 / 3;
        let scene = Scene::new()
            .file("portal.har", &text)
            .file("cut.har", &text.as_bytes()[..cut])
            .file("broken.har", text.replacen("\"pageref\"", "Canary9999 \"pageref\"", 5));
        for name in ["portal.har", "cut.har", "broken.har"] {
            // One way of looking for each of the other files is enough.
            let formats: &[&str] = if name == "portal.har" {
                &["text", "json", "markdown", "github"]
            } else {
                &["text", "json"]
            };
            for format in formats {
                let report = if at == 0 { "report.json" } else { "report.md" };
                let args = ["doctor", "--har", name, "--report", report, "--format", format, "-v"];
                let shown = scene.run(&args);
                assert_eq!(shown.code, if name == "portal.har" { 5 } else { 1 }, "{shown}");
                planted.assert_not_in(&shown.to_string());
                let report = std::fs::read_to_string(scene.path().join(report)).unwrap();
                planted.assert_not_in(&report);
                assert!(report.contains("policy-read"), "{report}");
            }
        }
        assert!(!scene.state_dir().exists(), "something was kept");
    }
}
