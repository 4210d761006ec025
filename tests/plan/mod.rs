//! Planning alone, on a tenant made up here: no service, no files.

mod beyond;
mod draft;
mod findings;
mod method_findings;
mod operations;
mod people_findings;
mod rollback_plan;
mod reviewed;
mod ring_findings;
mod steps;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sspr::plan::{Overrides, Plan, PlanOptions, plan};
use sspr::spec_file::Spec;
use sspr::tenant::{
    Group, MemberCounts, MethodsPolicy, NamedGroup, Object, Organization, Resource, Ring, Tally, Tenant,
};

use crate::common::{NOW, spec};

/// What a plan is made from. As it starts, the tenant is what the spec asks for.
struct Case {
    /// The spec, as text; JSON is YAML.
    spec: Value,
    policy: Value,
    methods: Value,
    authorization: Option<Value>,
    writeback: Option<Value>,
    group: Option<Group>,
    people: MemberCounts,
    rings: Vec<Ring>,
    nested: Option<Vec<NamedGroup>>,
    overrides: Overrides,
    is_graph_only: bool,
}

impl Case {
    fn new() -> Self {
        let method = |id: &str, mode: Value| {
            let target = json!({"id": PILOT, "targetType": "group", "authenticationMode": mode});
            json!({"id": id, "state": "enabled", "includeTargets": [target], "excludeTargets": [],
                   "isOfficePhoneAllowed": false, "isSoftwareOathEnabled": false})
        };
        let off = |id: &str| {
            let mut method = method(id, json!("any"));
            method["state"] = json!("disabled");
            method["includeTargets"] = json!([]);
            method
        };
        let around = NamedGroup { id: AROUND.parse().unwrap(), display_name: "Everyone".to_owned() };
        Self {
            spec: json!({"version": 1, "group": "Pilot", "methods": {"allowed": ["email"]}}),
            policy: json!({
                "objectId": "default", "enablementType": 1, "passwordResetEnabledGroupIds": [PILOT],
                "passwordResetEnabledGroupName": "Pilot", "numberOfAuthenticationMethodsRequired": 1,
                "emailOptionEnabled": true, "mobilePhoneOptionEnabled": false,
                "officePhoneOptionEnabled": false, "mobileAppNotificationEnabled": false,
                "mobileAppCodeEnabled": false, "securityQuestionsOptionEnabled": false,
                "numberOfQuestionsToRegister": 5, "numberOfQuestionsToReset": 3,
                "registrationRequiredOnSignIn": true, "registrationReconfirmIntevalInDays": 180,
                "notifyUsersOnPasswordReset": true, "notifyOnAdminPasswordReset": true,
                "customizeHelpdeskLink": true, "customHelpdeskEmailOrUrl": "help@contoso.com",
            }),
            methods: json!({
                "policyMigrationState": "migrationComplete",
                "authenticationMethodConfigurations": [
                    method("Email", json!("any")), off("Sms"), off("Voice"), off("MicrosoftAuthenticator"),
                    off("SoftwareOath"),
                ],
            }),
            authorization: None,
            writeback: None,
            group: Some(Group {
                id: PILOT.parse().unwrap(),
                display_name: "Pilot".to_owned(),
                security_enabled: Some(true),
                hides_members: false,
                traits: Default::default(),
                members: Some(10),
                within: Some(vec![around]),
            }),
            people: MemberCounts { writeback: Some(true), ..MemberCounts::default() },
            rings: Vec::new(),
            nested: None,
            overrides: Overrides::default(),
            is_graph_only: false,
        }
    }

    /// Lays a value over the spec, by dotted key.
    fn want(&mut self, key: &str, value: Value) {
        *key.split('.').fold(&mut self.spec, |section, word| &mut section[word]) = value;
    }

    /// Returns a method of the Authentication methods policy.
    fn method(&mut self, id: &str) -> &mut Value {
        let methods = self.methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
        methods.iter_mut().find(|method| method["id"] == id).unwrap()
    }

    /// Turns a method on for groups.
    fn give(&mut self, id: &str, groups: &[&str]) {
        let method = self.method(id);
        method["state"] = json!("enabled");
        method["includeTargets"] = groups.iter().map(|id| json!({"id": id, "targetType": "group"})).collect();
    }

    fn tenant(&self) -> Tenant {
        let object = |resource, json: &Value| Object::from_json(resource, json.clone()).unwrap();
        Tenant {
            organization: Organization {
                id: TENANT.parse().unwrap(),
                display_name: "Contoso".to_owned(),
                verified_domains: vec!["contoso.com".to_owned()],
            },
            policy: (!self.is_graph_only).then(|| object(Resource::PasswordReset, &self.policy)),
            writeback: self.writeback.as_ref().map(|json| object(Resource::Writeback, json)),
            authorization: self.authorization.as_ref().map(|json| object(Resource::Authorization, json)),
            methods: (!self.methods.is_null())
                .then(|| MethodsPolicy::from_json(self.methods.clone()).unwrap()),
            group: self.group.clone(),
            people: self.people.clone(),
            rings: self.rings.clone(),
            nested: self.nested.clone(),
        }
    }

    fn spec(&self) -> Spec {
        spec(&self.spec.to_string())
    }

    fn plan(&self) -> Plan {
        plan(&self.spec(), &self.tenant(), PlanOptions { now: NOW, overrides: self.overrides })
    }
}

/// The group the spec names.
const PILOT: &str = "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73";
/// A group it sits in.
const AROUND: &str = "9bcfe32a-79dc-56ec-8a85-c50b1398fc1c";
const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

/// A case as it starts, with something different about it.
type Row = (&'static str, fn(&mut Case));

/// Returns what each row makes a plan tell more (`+`) and less (`-`) than when all is well.
fn told(rows: &[Row]) -> String {
    let findings = |change: fn(&mut Case)| -> BTreeSet<String> {
        let mut case = Case::new();
        change(&mut case);
        let findings = case.plan().findings;
        let line = |finding: &sspr::plan::Finding| {
            let severity = format!("{:?}", finding.severity).to_lowercase();
            format!("{severity} {} [{}] {}", finding.code, finding.key, finding.message)
        };
        findings.iter().map(line).collect()
    };
    let well = findings(|_| {});
    let mut text = String::new();
    for (name, change) in rows {
        let found = findings(*change);
        text.push_str(&format!("{name}:\n"));
        for gone in well.difference(&found) {
            let words: Vec<&str> = gone.split(' ').take(2).collect();
            text.push_str(&format!("  - {}\n", words.join(" ")));
        }
        for more in found.difference(&well) {
            text.push_str(&format!("  + {more}\n"));
        }
    }
    text
}

fn some(count: u64) -> Tally {
    Tally { count: Some(count), first: Vec::new() }
}
