//! The way back, planned from records alone: what goes, what stays, and what is told of it.

use serde_json::{Map, Value, json};
use sspr::plan::{
    ByService, JournaledWrite, Operation, Plan, RollbackOptions, WriteRecord, WriteStatus, plan_rollback,
};
use sspr::tenant::{Object, Organization, Resource};

use crate::common::NOW;

pub(super) fn back(past: &[JournaledWrite], actual: &[Object]) -> Plan {
    let organization = Organization {
        id: super::TENANT.parse().unwrap(),
        display_name: "Contoso".to_owned(),
        verified_domains: Vec::new(),
    };
    let restoring = RollbackOptions {
        command: "rollback",
        now: NOW,
        back_to: None,
        overwrites_changes: false,
        is_unchecked: false,
        touched: Some("mallory at noon".to_owned()),
    };
    plan_rollback(&organization, past, actual, restoring)
}

fn told(plan: &Plan) -> Vec<(&str, &str)> {
    plan.findings.iter().map(|finding| (finding.code, &*finding.message)).collect()
}

fn policy(json: Value) -> Object {
    let mut policy = json!({"objectId": "default"});
    policy.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
    Object::from_json(Resource::PasswordReset, policy).unwrap()
}

fn sms(state: &str, groups: &[&str]) -> Object {
    let targets: Vec<Value> = groups.iter().map(|id| json!({"id": id, "targetType": "group"})).collect();
    let json = json!({"id": "Sms", "state": state, "includeTargets": targets, "excludeTargets": []});
    Object::from_json(Resource::Method("Sms".to_owned()), json).unwrap()
}

fn written(prior: &Object, applied: &Object) -> JournaledWrite {
    recorded(Operation::between(prior.clone(), applied.clone()))
}

fn recorded(operation: Operation) -> JournaledWrite {
    JournaledWrite { operation, by_service: ByService::default(), status: WriteStatus::Done }
}

#[test]
fn rollback_restores_the_whole_policy_and_shows_each_field_once() {
    let prior = policy(json!({"enablementType": 0, "future": [1]}));
    let now = policy(json!({"enablementType": 1, "future": [2]}));
    let plan = back(&[written(&prior, &now)], std::slice::from_ref(&now));
    let changes: Vec<_> =
        plan.changes.iter().map(|change| (&*change.key, &change.from, &change.to)).collect();
    assert_eq!(
        changes,
        [("future", &json!([2]), &json!([1])), ("scope", &json!("selected"), &json!("none"))],
        "a field that no setting says goes under its own name"
    );
    assert_eq!((plan.steps.len(), plan.steps[0].desired()), (1, &prior));
    assert_eq!(told(&plan), []);
}

#[test]
fn an_edit_of_someone_else_is_named_and_forbids_the_rollback() {
    let prior = policy(json!({"enablementType": 0, "future": 1}));
    let left = Map::from_iter([("enablementType".to_owned(), json!(1))]);
    let past = recorded(Operation::on_record(prior, WriteRecord { to: left, added: None }));
    let now = policy(json!({"enablementType": 1, "future": 2}));
    let plan = back(&[past], &[now]);
    let message = "Someone else changed future in the password reset policy, and this rollback would undo that. Last editor in the audit log: mallory at noon";
    assert_eq!(told(&plan), [("changed-since", message)]);
    assert!(plan.is_refused());
}

#[test]
fn a_method_that_others_came_to_use_stays_on_and_is_reported() {
    let (prior, applied) = (sms("disabled", &["waiting"]), sms("enabled", &["pilot"]));
    let past = [written(&prior, &applied)];
    let stays = [("method-stays-on", "SMS stays on, because others were added since")];
    for (now, steps, findings) in [
        (sms("enabled", &["pilot"]), 1, &[][..]),
        (sms("enabled", &["pilot", "others"]), 1, &stays),
        // Someone took the pilot out already, so that nothing is left to write.
        (sms("enabled", &["others"]), 0, &stays),
        (sms("disabled", &["others"]), 0, &[]),
    ] {
        let plan = back(&past, std::slice::from_ref(&now));
        assert_eq!((plan.steps.len(), &*told(&plan)), (steps, findings), "{now:?}");
    }
    // It was on before the pilot: nothing to tell.
    let past = [written(&sms("enabled", &["others"]), &sms("enabled", &["others", "pilot"]))];
    let plan = back(&past, &[sms("enabled", &["others", "pilot"])]);
    assert_eq!((plan.steps[0].desired().clone(), told(&plan)), (sms("enabled", &["others"]), vec![]));
}

#[test]
fn rollback_warns_who_can_reset_again() {
    let scoped = |scope: u8, group: &str| {
        policy(json!({"enablementType": scope, "passwordResetEnabledGroupIds": [group],
                      "passwordResetEnabledGroupName": format!("The {group}")}))
    };
    let again = |whom: &str| format!("This rollback turns password reset on again for {whom}");
    for (now, prior, expected) in [
        (scoped(0, "pilot"), scoped(1, "pilot"), Some(again("The pilot"))),
        (scoped(1, "pilot"), scoped(1, "branch"), Some(again("The branch"))),
        (scoped(1, "pilot"), scoped(2, "pilot"), Some(again("every user in the tenant"))),
        (scoped(1, "pilot"), scoped(0, "pilot"), None),
        (scoped(2, "pilot"), scoped(1, "pilot"), None),
    ] {
        let plan = back(&[written(&prior, &now)], std::slice::from_ref(&now));
        let told = told(&plan);
        let expected: Vec<_> = expected.iter().map(|message| ("opens-again", message.as_str())).collect();
        assert_eq!(told, expected, "{now:?}");
        assert!(!plan.is_refused());
        assert_eq!(plan.is_wide(), told.iter().any(|(_, message)| message.contains("every user")), "{now:?}");
    }
}
