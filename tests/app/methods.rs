//! Methods, on whichever policy they live: given, found again, and taken back, in every state of the migration.

use serde_json::{Value, json};
use sspr::app::write::{BackTo, observe_recorded_runs};
use sspr::plan::{Plan, RollbackOptions, Severity, plan_rollback};
use sspr::sandbox::tenant::id;
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::Spec;

use crate::common::{Bench, NOW, spec};

const WORDS: [&str; 6] = [
    "email",
    "mobile_phone",
    "office_phone",
    "mobile_app_notification",
    "mobile_app_code",
    "security_questions",
];
const TOGGLES: [&str; 6] = [
    "emailOptionEnabled",
    "mobilePhoneOptionEnabled",
    "officePhoneOptionEnabled",
    "mobileAppNotificationEnabled",
    "mobileAppCodeEnabled",
    "securityQuestionsOptionEnabled",
];
/// What each word needs in the seeds' Authentication methods policy: Microsoft's table (facts 3.7), by hand.
const NEEDED: [&[(&str, &str)]; 6] = [
    &[("Email", "")],
    &[("SMS", ""), ("Voice", "")],
    &[("Voice", "isOfficePhoneAllowed")],
    &[("MicrosoftAuthenticator", "")],
    &[("MicrosoftAuthenticator", "isSoftwareOathEnabled"), ("softwareOath", "")],
    &[],
];

/// Every set of methods that a spec may allow: not empty, and not the app alone.
fn subsets() -> impl Iterator<Item = Vec<usize>> {
    (1_u32..64)
        .map(|bits| (0..6).filter(|at| bits & (1 << at) != 0).collect::<Vec<_>>())
        .filter(|subset| !subset.iter().all(|at| *at == 3 || *at == 4))
}

fn spec_allowing(words: &[&str]) -> Spec {
    spec(&format!(
        "version: 1\ngroup: SSPR-Pilot\nmethods: {{required: 1, allowed: [{}]}}\nnotifications: {{admins: true}}\n",
        words.join(", ")
    ))
}

async fn plan_restore(bench: &Bench) -> Plan {
    let guard = Spec::cleanup(None);
    let recorded =
        observe_recorded_runs(&bench.reader, &bench.state, &guard, BackTo::Beginning).await.unwrap();
    let restoring = RollbackOptions {
        command: "test",
        now: NOW,
        back_to: recorded.back_to,
        overwrites_changes: false,
        is_unchecked: recorded.is_unchecked,
        touched: None,
    };
    plan_rollback(&recorded.organization, &recorded.past, &recorded.actual, restoring)
}

fn method<'a>(methods: &'a Value, id: &str) -> &'a Value {
    let methods = methods["authenticationMethodConfigurations"].as_array().unwrap();
    methods.iter().find(|method| method["id"] == id).unwrap()
}

fn method_mut<'a>(tenant: &'a mut TenantState, id: &str) -> &'a mut Value {
    let methods = tenant.methods["authenticationMethodConfigurations"].as_array_mut().unwrap();
    methods.iter_mut().find(|method| method["id"] == id).unwrap()
}

fn ids(method: &Value) -> Vec<&str> {
    method["includeTargets"].as_array().unwrap().iter().map(|target| target["id"].as_str().unwrap()).collect()
}

/// Whether the pilot has a method: by itself, as everyone, or within the group around it.
fn has(method: &Value) -> bool {
    let reaching =
        [id("SSPR-Pilot").to_string(), id("Everyone at Contoso").to_string(), "all_users".to_owned()];
    method["state"] == "enabled"
        && ids(method).iter().any(|id| reaching.iter().any(|reaching| reaching == id))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_with_each_set_of_methods_is_applied_proved_and_rolled_back() {
    let mut cases = tokio::task::JoinSet::new();
    for seed in [Seed::PreMigration, Seed::MidMigration, Seed::Migrated, Seed::NullState] {
        // Most of a case is waiting for the disk to have the journal.
        let (even, odd): (Vec<_>, Vec<_>) = subsets().enumerate().partition(|(at, _)| at % 2 == 0);
        for subsets in [even, odd] {
            cases.spawn(async move {
                for (_, subset) in &subsets {
                    is_applied_proved_and_taken_back(seed, subset).await;
                }
                subsets.len()
            });
        }
    }
    assert_eq!(cases.join_all().await.iter().sum::<usize>(), 4 * 60);
}

async fn is_applied_proved_and_taken_back(seed: Seed, subset: &[usize]) {
    let words: Vec<&str> = subset.iter().map(|at| WORDS[*at]).collect();
    let name = format!("{} {words:?}", seed.as_str());
    let spec = spec_allowing(&words);
    let bench = Bench::start(TenantState::seeded(seed)).await;
    let before = bench.sandbox.tenant();

    let plan = bench.plan(&spec).await;
    assert_eq!(plan.count(Severity::Error), 0, "{name}: {:?}", plan.findings);
    bench.apply_plan(&plan).await.unwrap();
    let after = bench.sandbox.tenant();
    assert_toggles(seed, subset, &before, &after, &name);
    match seed {
        Seed::PreMigration => assert_eq!(before.methods, after.methods, "{name}"),
        _ => assert_given(subset, &before, &after, &name),
    }
    let again = bench.plan(&spec).await;
    assert_eq!((again.changes.len(), again.steps.len()), (0, 0), "{name}: {:?}", again.changes);

    bench.apply_plan(&plan_restore(&bench).await).await.unwrap();
    assert!(bench.sandbox.tenant() == before, "{name} is not as it was");
    assert!(plan_restore(&bench).await.steps.is_empty(), "{name}: taken back twice");
}

fn assert_toggles(seed: Seed, subset: &[usize], before: &TenantState, after: &TenantState, name: &str) {
    for (at, toggle) in TOGGLES.into_iter().enumerate() {
        let is_managed =
            matches!(seed, Seed::PreMigration | Seed::MidMigration) || WORDS[at] == "security_questions";
        let desired = if is_managed { json!(subset.contains(&at)) } else { before.policy[toggle].clone() };
        assert_eq!(after.policy[toggle], desired, "{name}: {toggle}");
    }
    for kept in ["securityQuestions", "numberOfQuestionsToRegister", "numberOfQuestionsToReset"] {
        assert_eq!(after.policy[kept], before.policy[kept], "{name}: {kept}");
    }
}

fn assert_given(subset: &[usize], before: &TenantState, after: &TenantState, name: &str) {
    let needed: Vec<&(&str, &str)> = subset.iter().flat_map(|at| NEEDED[*at]).collect();
    for was in before.methods["authenticationMethodConfigurations"].as_array().unwrap() {
        let method_id = was["id"].as_str().unwrap();
        let is = method(&after.methods, method_id);
        let needs: Vec<_> = needed.iter().filter(|(id, _)| *id == method_id).collect();
        if needs.is_empty() {
            assert_eq!(is, was, "{name}: {method_id} is not needed");
            continue;
        }
        assert!(has(is), "{name}: {method_id} does not reach the pilot");
        for (_, switch) in needs.iter().filter(|(_, switch)| !switch.is_empty()) {
            assert_eq!(is[*switch], true, "{name}: {method_id} {switch}");
        }
        assert_nothing_taken(was, is, name);
    }
    let mut others = (before.methods.clone(), after.methods.clone());
    others.0["authenticationMethodConfigurations"] = json!([]);
    others.1["authenticationMethodConfigurations"] = json!([]);
    assert_eq!(others.0, others.1, "{name}");
}

/// No one who had the method has less, no one but the pilot has more, and every other property is as it was.
fn assert_nothing_taken(was: &Value, is: &Value, name: &str) {
    let (had, have) = (was["includeTargets"].as_array().unwrap(), is["includeTargets"].as_array().unwrap());
    let pilot = id("SSPR-Pilot").to_string();
    let foreign: Vec<&Value> = have.iter().filter(|target| target["id"] != json!(pilot)).collect();
    let expected: Vec<&Value> = if was["state"] == "enabled" { had.iter().collect() } else { Vec::new() };
    assert_eq!(foreign, expected, "{name}: {}", was["id"]);
    let rest = |method: &Value| {
        let mut method = method.as_object().unwrap().clone();
        for given in ["state", "includeTargets", "isOfficePhoneAllowed", "isSoftwareOathEnabled"] {
            method.remove(given);
        }
        method
    };
    assert_eq!(rest(was), rest(is), "{name}");
}

#[tokio::test]
async fn a_write_has_the_type_and_what_changes_and_nothing_else() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    bench.apply(&spec_allowing(&["mobile_phone", "mobile_app_code"])).await.unwrap();
    let writes = bench.take_writes();
    let sent: Vec<(String, Value)> = writes
        .iter()
        .filter(|write| write.method == "PATCH")
        .map(|write| {
            let id = write.target.rsplit('/').next().unwrap().to_owned();
            (id, serde_json::from_str(&write.body).unwrap())
        })
        .collect();
    let (pilot, sales, contractors) = (id("SSPR-Pilot"), id("Sales"), id("Contractors"));
    let plain = |id| json!({"targetType": "group", "id": id, "isRegistrationRequired": false});
    let kind = |name: &str| format!("#microsoft.graph.{name}AuthenticationMethodConfiguration");
    let mut sms = plain(pilot);
    sms["isUsableForSignIn"] = json!(false);
    let mut kept = plain(contractors);
    kept["futureNote"] = json!("kept");
    assert_eq!(
        sent,
        [
            (
                "SMS".to_owned(),
                json!({"@odata.type": kind("sms"), "state": "enabled", "includeTargets": [sms]})
            ),
            (
                "Voice".to_owned(),
                json!({"@odata.type": kind("voice"), "includeTargets": [plain(sales), kept, plain(pilot)]})
            ),
            (
                "MicrosoftAuthenticator".to_owned(),
                json!({"@odata.type": kind("microsoftAuthenticator"), "isSoftwareOathEnabled": true})
            ),
            (
                "softwareOath".to_owned(),
                json!({"@odata.type": kind("softwareOath"), "state": "enabled", "includeTargets": [plain(pilot)]})
            ),
        ]
    );
    assert_eq!(writes.last().unwrap().method, "PUT", "the policy that lets people in comes last");
}

#[tokio::test]
async fn what_others_did_since_survives_the_rollback() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let before = bench.sandbox.tenant();
    bench.apply(&spec_allowing(&["mobile_phone", "office_phone"])).await.unwrap();
    let newcomer = json!({
        "targetType": "group", "id": id("Newsletter"), "isRegistrationRequired": false, "isUsableForSignIn": true,
    });
    bench.sandbox.edit(|tenant| {
        for method in ["SMS", "Voice", "fido2"] {
            method_mut(tenant, method)["includeTargets"].as_array_mut().unwrap().insert(0, newcomer.clone());
        }
    });
    let plan = plan_restore(&bench).await;
    assert!(plan.findings.iter().any(|finding| finding.code == "method-stays-on"), "{:?}", plan.findings);
    bench.apply_plan(&plan).await.unwrap();
    let mut expected = before;
    for method in ["Voice", "fido2"] {
        method_mut(&mut expected, method)["includeTargets"]
            .as_array_mut()
            .unwrap()
            .insert(0, newcomer.clone());
    }
    method_mut(&mut expected, "SMS")["includeTargets"] = json!([newcomer]);
    method_mut(&mut expected, "SMS")["state"] = json!("enabled");
    assert!(bench.sandbox.tenant() == expected);
}

#[tokio::test]
async fn several_applies_are_rolled_back_together() {
    let bench = Bench::start(TenantState::seeded(Seed::MidMigration)).await;
    let before = bench.sandbox.tenant();
    bench.apply(&spec_allowing(&["mobile_phone", "email"])).await.unwrap();
    bench.apply(&spec_allowing(&["mobile_app_code", "office_phone", "email"])).await.unwrap();
    bench.apply(&Spec::cleanup(None)).await.unwrap();
    bench.apply_plan(&plan_restore(&bench).await).await.unwrap();
    assert!(bench.sandbox.tenant() == before);
    // What comes after a way back starts afresh.
    bench.apply(&spec_allowing(&["mobile_phone"])).await.unwrap();
    bench.apply_plan(&plan_restore(&bench).await).await.unwrap();
    assert!(bench.sandbox.tenant() == before);
}

#[tokio::test]
async fn an_apply_that_stopped_half_way_is_rolled_back_as_far_as_it_came() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let before = bench.sandbox.tenant();
    bench.fail("PATCH */softwareOath status=403");
    bench.apply(&spec_allowing(&["mobile_phone", "mobile_app_code"])).await.unwrap_err();
    bench.sandbox.heal();
    let plan = plan_restore(&bench).await;
    let resources: Vec<String> = plan.steps.iter().map(|step| step.resource().to_string()).collect();
    assert!(!resources.iter().any(|name| name.ends_with("softwareOath")), "it was refused: {resources:?}");
    bench.apply_plan(&plan).await.unwrap();
    assert!(bench.sandbox.tenant() == before);
}

#[tokio::test]
async fn unmanaged_fields_that_someone_changed_go_back_with_the_policy_and_are_reported() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    let before = bench.sandbox.tenant();
    bench.apply(&spec_allowing(&["email"])).await.unwrap();
    bench.sandbox.edit(|tenant| {
        tenant.policy["securityQuestions"] = json!([]);
        tenant.policy["futureNested"] = json!(null);
    });
    let plan = plan_restore(&bench).await;
    let keys: Vec<&str> = plan.changes.iter().map(|change| change.key.as_str()).collect();
    assert!(keys.contains(&"securityQuestions") && keys.contains(&"futureNested"), "{keys:?}");
    assert_eq!(plan.findings[0].code, "changed-since");
    assert!(plan.is_refused() && plan.findings[0].message.contains("futureNested, securityQuestions"));
    bench.apply_plan(&plan).await.unwrap();
    let mut restored = bench.sandbox.tenant();
    restored.policy["passwordResetEnabledGroupName"] = before.policy["passwordResetEnabledGroupName"].clone();
    assert!(restored == before);
}

#[tokio::test]
async fn an_unknown_state_leaves_methods_alone_and_plans_the_rest() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    bench.sandbox.edit(|tenant| tenant.methods["policyMigrationState"] = json!("unknownFutureValue"));
    let before = bench.sandbox.tenant();
    let spec = spec_allowing(&["email", "mobile_phone", "security_questions"]);
    let plan = bench.plan(&spec).await;
    assert_eq!(plan.count(Severity::Error), 0);
    assert!(plan.findings.iter().any(|finding| finding.code == "migration-state-unknown"));
    bench.apply_plan(&plan).await.unwrap();
    let after = bench.sandbox.tenant();
    assert_eq!(before.methods, after.methods);
    for toggle in TOGGLES {
        assert_eq!(before.policy[toggle], after.policy[toggle]);
    }
    assert_eq!(after.policy["notifyOnAdminPasswordReset"], true);
    assert!(bench.plan(&spec).await.changes.is_empty());
}

#[tokio::test]
async fn a_cloud_without_the_policy_is_planned_without_methods() {
    let bench = Bench::start(TenantState::seeded(Seed::Configured)).await;
    bench.fail("GET /v1.0/policies/authenticationMethodsPolicy status=404");
    let plan = bench.plan(&spec_allowing(&["email"])).await;
    assert_eq!(plan.count(Severity::Error), 0);
    assert!(plan.findings.iter().any(|finding| finding.code == "migration-state-unknown"));
    let keys: Vec<&str> = plan.changes.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(keys, ["group"]);
}

/// Plans after an edit of the migrated tenant and returns the codes of the findings, and of the methods that
/// would be written.
async fn planned(
    words: &[&str],
    edit: impl FnOnce(&mut TenantState),
) -> (Plan, Vec<&'static str>, Vec<String>) {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    bench.sandbox.edit(edit);
    let plan = bench.plan(&spec_allowing(words)).await;
    let codes = plan.findings.iter().map(|finding| finding.code).collect();
    let resources = plan.changes.iter().filter(|change| change.key == "methods.allowed");
    let resources = resources.map(|change| change.resource.rsplit('/').next().unwrap().to_owned()).collect();
    (plan, codes, resources)
}

#[tokio::test]
async fn an_exclusion_is_an_error_and_never_edited() {
    for group in ["SSPR-Pilot", "Everyone at Contoso"] {
        let excluded = json!([{"targetType": "group", "id": id(group).to_string().to_uppercase()}]);
        let (plan, codes, written) = planned(&["mobile_phone"], |tenant| {
            method_mut(tenant, "SMS")["excludeTargets"] = excluded;
        })
        .await;
        assert!(plan.is_refused() && codes.contains(&"pilot-excluded"), "{codes:?}");
        let message = &plan.findings.iter().find(|finding| finding.code == "pilot-excluded").unwrap().message;
        assert!(message.contains(group), "{message}");
        assert_eq!(written, ["Voice"]);
    }
}

#[tokio::test]
async fn what_the_tenant_gives_beyond_the_spec_is_reported_with_its_giver() {
    let (plan, codes, _) = planned(&["mobile_phone"], |_| {}).await;
    assert!(codes.contains(&"extra-methods"), "{codes:?}");
    let message = &plan.findings.iter().find(|finding| finding.code == "extra-methods").unwrap().message;
    assert!(message.contains("Email (Email OTP from all users)"), "{message}");
    assert!(message.contains("(Microsoft Authenticator from Everyone at Contoso)"), "{message}");
    assert!(!message.contains("Office phone"), "{message}");
}

#[tokio::test]
async fn what_cannot_be_given_by_adding_is_an_error() {
    let odd = [
        ("state", json!("default"), "method-unreadable"),
        ("includeTargets", json!(null), "method-unreadable"),
        ("isOfficePhoneAllowed", json!("yes"), "method-unreadable"),
        ("id", json!("Telepathy"), "method-missing"),
    ];
    for (field, value, code) in odd {
        let (plan, codes, written) =
            planned(&["office_phone"], |tenant| method_mut(tenant, "Voice")[field] = value).await;
        assert!(plan.is_refused() && codes.contains(&code), "{code}: {codes:?}");
        assert!(written.is_empty(), "{written:?}");
    }
    let passwordless =
        json!([{"targetType": "group", "id": id("SSPR-Pilot"), "authenticationMode": "deviceBasedPush"}]);
    let (plan, codes, _) = planned(&["email", "mobile_app_notification"], |tenant| {
        method_mut(tenant, "MicrosoftAuthenticator")["includeTargets"] = passwordless;
    })
    .await;
    assert!(plan.is_refused() && codes.contains(&"authenticator-passwordless-only"), "{codes:?}");
}

#[tokio::test]
async fn wide_switches_and_a_policy_near_its_limit_are_reported() {
    let (plan, codes, _) = planned(&["office_phone", "email"], |tenant| {
        let targets = method_mut(tenant, "Voice")["includeTargets"].as_array_mut().unwrap();
        for at in 0..130 {
            targets.push(json!({"targetType": "group", "id": id(&format!("group {at}")), "isRegistrationRequired": false}));
        }
    })
    .await;
    assert!(codes.contains(&"methods-policy-size"), "{codes:?}");
    let wide = plan.findings.iter().find(|finding| finding.code == "tenant-wide-switch").unwrap();
    assert!(wide.message.contains("SSPR-Pilot, 132 other groups"), "{}", wide.message);
}

#[tokio::test]
async fn scope_none_adds_no_method() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let off =
        spec("version: 1\nscope: none\ngroup: SSPR-Pilot\nmethods: {required: 1, allowed: [mobile_phone]}\n");
    assert!(bench.plan(&off).await.changes.iter().all(|change| change.resource == "PasswordResetPolicies"));
}

#[tokio::test]
async fn everyone_is_given_methods_only_when_that_is_meant() {
    let bench = Bench::start(TenantState::seeded(Seed::Migrated)).await;
    let all = spec("version: 1\nscope: all\nmethods: {required: 1, allowed: [mobile_phone]}\n");
    // The bench passes --allow-all-users.
    let plan = bench.plan(&all).await;
    let everyone = plan.findings.iter().find(|finding| finding.code == "methods-for-everyone").unwrap();
    assert_eq!(everyone.severity, Severity::Warning);
    bench.apply_plan(&plan).await.unwrap();
    assert_eq!(ids(method(&bench.sandbox.tenant().methods, "SMS")), ["all_users"]);
    assert!(bench.plan(&all).await.changes.is_empty());
}

#[tokio::test]
async fn the_app_and_one_other_are_not_enough_for_two_before_the_migration_ends() {
    for (seed, is_error) in [(Seed::PreMigration, true), (Seed::MidMigration, true), (Seed::Migrated, false)]
    {
        let bench = Bench::start(TenantState::seeded(seed)).await;
        let two =
            "version: 1\ngroup: SSPR-Pilot\nmethods: {required: 2, allowed: [email, mobile_app_code]}\n";
        let codes: Vec<&str> =
            bench.plan(&spec(two)).await.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes.contains(&"authenticator-needs-others"), is_error, "{codes:?}");
    }
}
