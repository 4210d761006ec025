//! A saved plan lets through what was reviewed, or less.

use serde_json::{Value, json};
use sspr::plan::{FORMAT, ReviewError, Reviewed, digest};

use super::{Case, TENANT};

/// What is different about the plan that was reviewed, and what is told of that.
type Row = (fn(&mut Value), &'static str);

/// The plan of a case that opens the scope and requires two methods, as it was reviewed.
fn reviewed(change: impl FnOnce(&mut Value)) -> Reviewed {
    let mut document = json!({
        "format": FORMAT, "made": "2026-11-20", "spec": {"path": "pilot.yaml", "sha256": "00"},
        "tenant": {"id": TENANT},
        "changes": [
            {"key": "methods.required", "resource": "PasswordResetPolicies", "from": 1, "to": 2},
            {"key": "scope", "resource": "PasswordResetPolicies", "from": "none", "to": "selected"},
        ],
    });
    change(&mut document);
    document["digest"] = json!(digest(&document));
    Reviewed::parse(document.to_string().as_bytes()).unwrap()
}

fn case() -> Case {
    let mut case = Case::new();
    case.policy["enablementType"] = json!(0);
    case.want("methods.required", json!(2));
    case.want("methods.allowed", json!(["email", "security_questions"]));
    case.policy["securityQuestionsOptionEnabled"] = json!(true);
    case
}

fn differences(reviewed: &Reviewed, case: &Case) -> Vec<String> {
    match reviewed.check_plan(&case.plan()) {
        Ok(()) => Vec::new(),
        Err(ReviewError::Differs(differences)) => differences,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn as_reviewed_or_less_goes_through() {
    let mut case = case();
    assert_eq!(case.plan().changes.len(), 2);
    assert_eq!(differences(&reviewed(|_| {}), &case), [""; 0]);
    case.policy["enablementType"] = json!(1);
    assert_eq!(case.plan().changes.len(), 1);
    assert_eq!(differences(&reviewed(|_| {}), &case), [""; 0]);
}

#[test]
fn apply_names_every_change_that_was_not_reviewed() {
    let case = case();
    let rows: [Row; 5] = [
        (|plan| plan["changes"][0]["to"] = json!(1), "methods.required was 1 → 1, is now 1 → 2"),
        (|plan| plan["changes"][0]["from"] = json!(2), "methods.required was 2 → 2, is now 1 → 2"),
        (|plan| plan["changes"][0]["key"] = json!("scope"), "methods.required is now also 1 → 2"),
        (|plan| plan["changes"][0]["resource"] = json!("another"), "methods.required is now also 1 → 2"),
        (|plan| plan["changes"] = json!([plan["changes"][1]]), "methods.required is now also 1 → 2"),
    ];
    for (change, told) in rows {
        let found = differences(&reviewed(change), &case);
        assert!(found.contains(&told.to_owned()), "{told}: {found:?}");
    }
    assert_eq!(differences(&reviewed(|plan| plan["changes"] = json!(null)), &case).len(), 2);
    let elsewhere = reviewed(|plan| plan["tenant"]["id"] = json!("another"));
    let error = elsewhere.check_plan(&case.plan()).unwrap_err();
    assert_eq!(
        error,
        ReviewError::OtherTenant { planned: "another".to_owned(), found: TENANT.parse().unwrap() }
    );
}
