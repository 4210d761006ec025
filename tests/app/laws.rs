//! The four laws, for every setting and for random (spec, tenant) pairs: a matching tenant plans nothing;
//! apply then plan is empty; planning writes nothing; cleanup changes the scope alone.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sspr::plan::Plan;
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;
use sspr::tenant::{Resource, SETTINGS, Setting, ValueKind};
use tokio::runtime::Runtime;

use crate::common::{Bench, spec, until};

/// Two values for each setting, as the spec writes them. Switches and numbers tell their own.
fn values(setting: &Setting) -> [Value; 2] {
    match setting.kind {
        ValueKind::Scope => [json!("none"), json!("all")],
        ValueKind::Group => [json!("SSPR-Pilot"), json!("SSPR-Pilot-Branch")],
        ValueKind::Methods => {
            [json!(["email", "office_phone"]), json!(["mobile_app_code", "email", "security_questions"])]
        }
        ValueKind::Helpdesk => [json!("none"), json!("helpdesk@contoso.com")],
        ValueKind::Switch { .. } => [json!(true), json!(false)],
        ValueKind::Number { min, max, .. } => [json!(min), json!(max)],
    }
}

fn spec_of(settings: &[(&str, Value)]) -> Spec {
    let mut root = json!({"version": 1});
    for (key, value) in settings {
        *key.split('.').fold(&mut root, |section, name| &mut section[name]) = value.clone();
    }
    // JSON is YAML.
    spec(&root.to_string())
}

#[tokio::test]
async fn each_setting_alone_obeys_the_four_laws() {
    for seed in Seed::ALL {
        for setting in &SETTINGS {
            for value in values(setting) {
                let bench = Bench::start(TenantState::seeded(seed)).await;
                obeys_the_laws(&bench, &spec_of(&[(setting.key, value)])).await;
            }
        }
    }
}

#[tokio::test]
async fn a_tenant_that_matches_plans_nothing() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    let matching = spec(
        "version: 1\ngroup: SSPR-Pilot-Branch\nmethods: {required: 1, allowed: [security_questions, email, mobile_phone]}\n\
         registration: {required: true, reconfirm_days: 90}\nnotifications: {users: true, admins: true}\n\
         customization: {helpdesk: 'https://help.contoso.com/passwörd'}\n",
    );
    let plan = bench.plan(&matching).await;
    assert_eq!(plan.changes, []);
    assert!(plan.steps.is_empty());
    assert!(bench.apply(&matching).await.unwrap().journal.is_none());
    assert_eq!(bench.take_writes(), []);
    assert!(!bench.state.root().join(plan.tenant_id.to_string()).exists(), "nothing to do leaves no record");
}

/// Applies the spec and cleans up, checking after each step what moved and what was sent.
async fn obeys_the_laws(bench: &Bench, spec: &Spec) {
    let before = bench.sandbox.tenant();
    let plan = bench.plan(spec).await;
    assert_eq!(bench.take_writes(), [], "planning wrote");
    assert!(bench.sandbox.tenant() == before, "planning changed the tenant");

    let outcome = bench.apply_plan(&plan).await.unwrap();
    assert_eq!(outcome.applied, plan.changes);
    assert_eq!(bench.take_writes().len(), plan.steps.len());
    let applied = bench.sandbox.tenant();
    for (object, before, applied) in [
        (Resource::PasswordReset, &before.policy, &applied.policy),
        (Resource::Writeback, &before.writeback, &applied.writeback),
        (Resource::Authorization, &before.authorization, &applied.authorization),
    ] {
        assert_only_managed_fields_moved(spec, &object, before, applied);
    }

    let again = bench.plan(spec).await;
    assert_eq!(again.changes, [], "apply, then plan, is not empty");
    bench.apply_plan(&again).await.unwrap();
    assert_eq!(bench.take_writes(), [], "there was nothing to do, and something was sent");

    bench.apply(&Spec::cleanup(None)).await.unwrap();
    let mut cleaned = applied;
    cleaned.policy["enablementType"] = json!(0);
    assert!(bench.sandbox.tenant() == cleaned, "cleanup touched more than the scope");
    bench.take_requests();
}

fn assert_only_managed_fields_moved(spec: &Spec, object: &Resource, before: &Value, after: &Value) {
    let mut managed: Vec<&str> = Vec::new();
    for setting in SETTINGS.iter().filter(|setting| setting.object == *object) {
        let is_managed =
            spec.value(setting.key).is_some() || (setting.key == "scope" && spec.scope().is_some());
        if !is_managed {
            continue;
        }
        match setting.kind {
            ValueKind::Scope => managed.push("enablementType"),
            ValueKind::Group => {
                managed.extend(["passwordResetEnabledGroupIds", "passwordResetEnabledGroupName"])
            }
            ValueKind::Methods => managed.extend(sspr::tenant::Method::ALL.map(|method| method.field())),
            ValueKind::Helpdesk => managed.extend(["customizeHelpdeskLink", "customHelpdeskEmailOrUrl"]),
            ValueKind::Switch { field } | ValueKind::Number { field, .. } => managed.push(field),
        }
    }
    let without = |policy: &Value| -> Map<String, Value> {
        let fields = policy.as_object().unwrap().clone();
        fields.into_iter().filter(|(name, _)| !managed.contains(&name.as_str())).collect()
    };
    assert_eq!(without(before), without(after), "an unmanaged field of {object} moved");
}

pub(super) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// Any JSON, with numbers no float holds and text no code page holds.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "[0-9]{1,40}\\.[0-9]{1,20}".prop_map(|digits| {
            let digits = digits.trim_start_matches('0');
            let digits = if digits.starts_with('.') { format!("0{digits}") } else { digits.to_owned() };
            serde_json::from_str(&digits).unwrap()
        }),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{1,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

/// A tenant someone else set up: any settings, and up to five fields no one has seen.
pub(super) fn any_state() -> impl Strategy<Value = TenantState> {
    let settings = (0_u64..3, 1_u64..3, any::<[bool; 6]>(), any::<[bool; 4]>(), 0_u64..731, any::<String>());
    let unknown = prop::collection::btree_map("future[A-Z][a-zA-Z]{0,9}", any_json(), 0..5);
    let questions = prop::collection::vec(any_json(), 0..4);
    (settings, unknown, questions).prop_map(
        |((scope, required, methods, switches, days, link), unknown, questions)| {
            let mut tenant = TenantState::seeded(Seed::Configured);
            let policy = &mut tenant.policy;
            policy["enablementType"] = json!(scope);
            policy["numberOfAuthenticationMethodsRequired"] = json!(required);
            for (method, is_on) in sspr::tenant::Method::ALL.into_iter().zip(methods) {
                policy[method.field()] = json!(is_on);
            }
            let names = [
                "registrationRequiredOnSignIn",
                "notifyUsersOnPasswordReset",
                "notifyOnAdminPasswordReset",
                "customizeHelpdeskLink",
            ];
            for (name, is_on) in names.into_iter().zip(switches) {
                policy[name] = json!(is_on);
            }
            policy["registrationReconfirmIntevalInDays"] = json!(days);
            policy["customHelpdeskEmailOrUrl"] = json!(link);
            policy["securityQuestions"] = json!(questions);
            for (name, value) in unknown {
                policy[name] = value;
            }
            tenant
        },
    )
}

/// Any subset of the settings with any of their values, as far as the spec's own rules allow.
pub(super) fn any_spec() -> impl Strategy<Value = Spec> {
    prop::collection::vec((any::<bool>(), 0_usize..2), SETTINGS.len()).prop_map(|picks| {
        let mut settings: Vec<(&str, Value)> = Vec::new();
        for (setting, (is_managed, pick)) in SETTINGS.iter().zip(picks) {
            if is_managed {
                settings.push((setting.key, values(setting)[pick].clone()));
            }
        }
        let has = |key: &str, value: Value| settings.iter().any(|(k, v)| *k == key && *v == value);
        if has("scope", json!("all")) {
            settings.retain(|(key, _)| *key != "group");
        }
        let has = |key: &str, value: Value| settings.iter().any(|(k, v)| *k == key && *v == value);
        if has("registration.required", json!(false)) {
            settings.retain(|(key, _)| *key != "registration.reconfirm_days");
        }
        // More may not be asked than is registered.
        settings.retain(|(key, value)| *key != "methods.security_questions.reset" || *value == 3);
        spec_of(&settings)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spec_on_any_tenant_obeys_the_four_laws(spec in any_spec(), tenant in any_state()) {
        // A switched-on link that reads "none" cannot be told from none, and is left alone.
        prop_assume!(tenant.policy["customHelpdeskEmailOrUrl"] != "none");
        runtime().block_on(async {
            let bench = Bench::start(tenant).await;
            obeys_the_laws(&bench, &spec).await;
        });
    }
}

/// What can interrupt a write.
const INTERRUPTIONS: [&str; 9] = [
    "status=500",
    "status=403",
    "reset",
    "truncated",
    "lying-success",
    "landed-then-reset",
    "landed-then-status=503",
    "hang",
    "landed-then-hang",
];

/// Applies until the end, or until a request is held; then the run is dropped in the middle, as by a crash.
async fn interrupted(bench: &Bench, plan: &Plan) {
    tokio::select! {
        result = bench.apply_plan(plan) => drop(result),
        () = until(|| bench.sandbox.is_held_up()) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interruption_of_any_apply_is_mended_by_the_next(
        spec in any_spec(),
        tenant in any_state(),
        fault in 0..INTERRUPTIONS.len(),
        call in 1_u32..4,
        method in prop_oneof![Just("PUT"), Just("PATCH"), Just("GET")],
    ) {
        prop_assume!(tenant.policy["customHelpdeskEmailOrUrl"] != "none");
        runtime().block_on(async {
            let unharmed = Bench::start(tenant.clone()).await;
            unharmed.apply(&spec).await.unwrap();
            let bench = Bench::start(tenant).await;
            // As many calls as one write is tried: passing faults are told from lasting ones.
            let plan = bench.plan(&spec).await;
            bench.fail(&format!("{method} / {} {call}-{}", INTERRUPTIONS[fault], call + 1));
            interrupted(&bench, &plan).await;
            bench.sandbox.heal();
            bench.apply(&spec).await.unwrap();
            assert!(bench.sandbox.tenant() == unharmed.sandbox.tenant(), "it ends elsewhere than without the interruption");
            assert_eq!(bench.plan(&spec).await.changes, []);
        });
    }
}
