//! The laws of every kind of write: taking it back is exact, goes over no one's edit, and of what was there already
//! sends nothing.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sspr::plan::{
    ByService, JournaledWrite, Kept, Operation, Plan, Shown, WriteRecord, WriteStatus, undo_writes,
};
use sspr::tenant::{Object, Resource};

use super::rollback_plan::back;

/// The objects that are written, each with a field of which no one knows what it means.
fn resources() -> [Resource; 5] {
    [
        Resource::PasswordReset,
        Resource::Writeback,
        Resource::Authorization,
        Resource::Method("Sms".to_owned()),
        Resource::Membership {
            group: uuid::Uuid::from_u128(1).into(),
            member: uuid::Uuid::from_u128(2).into(),
        },
    ]
}

fn object(resource: &Resource, fields: &Map<String, Value>) -> Object {
    let mut json = json!({"objectId": "default", "id": "Sms"});
    json.as_object_mut().unwrap().extend(fields.clone());
    Object::from_json(resource.clone(), json).unwrap()
}

fn targets(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"id": id, "targetType": "group", "future": 1.10})).collect()
}

/// A write as a spec makes it: of a method groups are let in and switches turned on, of all else fields get other values.
fn any_operation() -> impl Strategy<Value = Operation> {
    let values = prop_oneof![Just(json!(null)), Just(json!(1.10)), any::<bool>().prop_map(Value::from)];
    let fields = prop::collection::btree_map("[a-d]", (values.clone(), values), 1..4);
    let method = (any::<[bool; 4]>(), prop::sample::subsequence(vec!["x", "Y", "z"], 0..=3));
    (prop::sample::select(resources().to_vec()), fields, method).prop_map(|(resource, fields, method)| {
        if let Resource::Method(_) = resource {
            return change_method(&resource, method);
        }
        if let Resource::Membership { .. } = resource {
            let is_member = |is: bool| object(&resource, json!({"isMember": is}).as_object().unwrap());
            return Operation::between(is_member(method.0[0]), is_member(method.0[1]));
        }
        let (actual, desired): (Map<_, _>, Map<_, _>) =
            fields.into_iter().map(|(name, (from, to))| ((name.clone(), from), (name, to))).unzip();
        Operation::between(object(&resource, &actual), object(&resource, &desired))
    })
}

fn change_method(
    resource: &Resource,
    ([was_on, lets_in, had_switch, wants_switch], ids): ([bool; 4], Vec<&str>),
) -> Operation {
    let fields = |is_on: bool, targets: Value, switch: bool| {
        let state = if is_on { "enabled" } else { "disabled" };
        let json = json!({"state": state, "includeTargets": targets, "excludeTargets": [], "switch": switch});
        object(resource, json.as_object().unwrap())
    };
    let after: Vec<&str> = match (was_on, lets_in) {
        (true, true) => ids.iter().copied().chain(["PILOT"]).collect(),
        (true, false) => ids.clone(),
        (false, _) => vec!["PILOT"],
    };
    let desired = fields(
        was_on || lets_in,
        if was_on || lets_in { targets(&after) } else { targets(&ids) },
        had_switch || wants_switch,
    );
    Operation::between(fields(was_on, targets(&ids), had_switch), desired)
}

fn done(operation: Operation) -> JournaledWrite {
    JournaledWrite { operation, by_service: ByService::default(), status: WriteStatus::Done }
}

fn planned_back(operation: Operation, now: &Object) -> Plan {
    back(&[done(operation)], std::slice::from_ref(now))
}

/// What comes of sending the steps of a plan.
fn sent(plan: &Plan, now: &Object) -> Object {
    plan.steps.last().map_or_else(|| now.clone(), |step| step.desired().clone())
}

/// As the service keeps it, byte for byte; in which order it lists targets means nothing.
fn bytes(object: &Object) -> String {
    object.to_json().to_string()
}

fn edited(object: &Object, name: &str, value: Value) -> Object {
    let mut edited = object.clone();
    edited.overlay(name, value);
    edited
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_operation_shows_its_changes_and_rolls_back_byte_for_byte(operation in any_operation()) {
        let (before, after) = (operation.actual(), operation.desired());
        let is_change = !operation.fields().is_empty();
        prop_assert_eq!(operation.is_done_in(after), is_change);
        prop_assert_eq!(operation.shown(before), Shown::Nothing);
        prop_assert_eq!(operation.replan(before), Ok(operation.clone()));
        let parts = Operation::all_between(before, after);
        prop_assert_eq!(parts.last().map_or(before, Operation::desired), after);
        // By itself, and as a journal tells it.
        let line = json!(operation.record()).to_string();
        let record: WriteRecord = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(json!(record).to_string(), line);
        for operation in [operation.clone(), Operation::on_record(before.clone(), record)] {
            let undo = operation.undo(after);
            prop_assert_eq!(undo.is_some(), is_change);
            prop_assert_eq!(bytes(undo.as_ref().map_or(after, Operation::desired)), bytes(before));
            prop_assert_eq!(operation.undo(before), None, "twice is once");
            let plan = planned_back(operation, after);
            prop_assert!(!plan.is_refused(), "{:?}", plan.findings);
            prop_assert_eq!(bytes(&sent(&plan, after)), bytes(before));
        }
    }

    #[test]
    fn what_was_so_already_is_never_rolled_back(operation in any_operation(), theirs in any::<bool>()) {
        let now = operation.desired();
        let so = Operation::between(now.clone(), now.clone());
        let now = edited(now, "theirs", json!(theirs));
        prop_assert_eq!(so.undo(&now), None);
        prop_assert!(!so.is_seen_in(&now));
        let past = [JournaledWrite { status: WriteStatus::AlreadySo, ..done(so) }];
        prop_assert_eq!(undo_writes(&past, &[now]), (vec![], vec![WriteStatus::AlreadySo]));
    }

    #[test]
    fn an_edit_of_someone_else_is_kept_or_the_rollback_is_refused(
        operation in any_operation(),
        field in "[a-d]|theirs",
    ) {
        let now = edited(operation.desired(), &field, json!("theirs"));
        let plan = planned_back(operation.clone(), &now);
        let back = sent(&plan, &now);
        let is_kept = back.field(&field) == Some(&json!("theirs"));
        let is_refused = plan.is_refused() && plan.findings.iter().any(|finding| {
            finding.code == "changed-since" && finding.message.starts_with(&format!("Someone else changed {field} in "))
        });
        prop_assert!(is_kept || is_refused, "{:?}", plan.findings);
    }

    #[test]
    fn who_else_got_a_method_meanwhile_keeps_it(method in (any::<[bool; 4]>(), Just(vec!["x"]))) {
        let operation = change_method(&Resource::Method("Sms".to_owned()), method);
        let now = operation.desired();
        let mut list = now.field("includeTargets").unwrap().as_array().unwrap().clone();
        list.push(json!({"id": "theirs", "targetType": "group"}));
        let now = edited(now, "includeTargets", json!(list));
        let plan = planned_back(operation.clone(), &now);
        prop_assert!(!plan.is_refused());
        let back = sent(&plan, &now);
        let ids: Vec<&Value> =
            back.field("includeTargets").unwrap().as_array().unwrap().iter().map(|target| &target["id"]).collect();
        prop_assert!(ids.contains(&&json!("theirs")) && !ids.contains(&&json!("PILOT")), "{:?}", ids);
        prop_assert_eq!(back.field("state"), now.field("state"));
    }
}

#[test]
fn what_becomes_of_each_write_of_the_past_is_a_value() {
    let method = |was_on| {
        change_method(&Resource::Method("Sms".to_owned()), ([was_on, true, false, false], vec!["x"]))
    };
    let status = |operation: &Operation, now: &Object| {
        undo_writes(&[done(operation.clone())], std::slice::from_ref(now)).1[0]
    };
    let on = method(false);
    assert_eq!(status(&on, on.desired()), WriteStatus::Undone);
    assert_eq!(status(&on, on.actual()), WriteStatus::Kept(Kept::NothingLeft));
    assert_eq!(
        status(&on, &edited(on.desired(), "includeTargets", targets(&["y", "PILOT"]))),
        WriteStatus::Kept(Kept::UsedByOthers)
    );
    let added = method(true);
    assert_eq!(
        status(&added, &edited(added.desired(), "includeTargets", targets(&["y", "PILOT"]))),
        WriteStatus::Undone
    );
}

#[test]
fn every_kind_has_a_name_in_the_audit_log_and_a_label() {
    for resource in resources() {
        let fields = Map::new();
        let operation = Operation::between(object(&resource, &fields), object(&resource, &fields));
        assert!(!operation.activities().is_empty() && !operation.label().is_empty(), "{resource}");
    }
}
