//! The report as `sspr.report/1`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::next::next;
use crate::outcome::pilot_report::{Nudge, Report};
use crate::people::{Adoption, NotReadyReason};
use crate::render::json::document;
use crate::render::rings::rings_json;
use crate::tenant::{Migration, Setting, ValueKind};

/// Returns the report as `sspr.report/1`, in the words of specs and of the service.
pub fn json(report: &Report) -> String {
    let Report { reset, .. } = report;
    let nudge = |nudge: &Nudge| {
        let why: Vec<&str> = nudge.why.iter().map(|why| why.message()).collect();
        json!([nudge.account, why.join("; ")])
    };
    let mut document_json = json!({
        "format": "sspr.report/1",
        "tenant": report.tenant,
        "tenant_id": report.tenant_id,
        "group": report.group,
        "group_id": report.group_id,
        "made_on": report.made_on,
        "report_from": report.report_from,
        "settings": report.settings.iter().map(|row| setting(report, row)).collect::<Vec<_>>(),
        "reset": {
            "open": reset.is_open,
            "required": reset.required,
            "methods": reset.methods.as_ref().map(|methods| methods.iter().map(|method| method.as_str()).collect::<Vec<_>>()),
            "policy": report.migration.as_ref().and_then(policy),
        },
        "pending_changes": report.pending,
        "summary": report.summary,
        "adoption": adoption_json(&report.adoption, report.is_report_read),
        "rings": report.rings.as_ref().map(rings_json),
        "methods": report.methods,
        "nudges": report.nudges.iter().map(nudge).collect::<Vec<_>>(),
        "nudges_in_all": report.adoption.nudges(),
        "days": report.days,
        "log": report.log,
        "trend": {"earlier": report.trend.earlier, "unknown": report.trend.unknown},
        "next": next_json(report),
        "findings": report.findings,
        "unread": report.unread,
    });
    if !report.except.is_empty() {
        document_json["except"] = json!(report.except);
    }
    document(&document_json)
}

/// Returns how many can be ready and are, and why the others are not.
pub(in crate::render) fn adoption_json(adoption: &Adoption, is_report_read: bool) -> Value {
    let by_reason = |reasons: &BTreeMap<NotReadyReason, u64>| -> Map<String, Value> {
        reasons.iter().map(|(why, count)| (why.as_str().to_owned(), json!(count))).collect()
    };
    json!({
        "can_be": adoption.can_be(),
        "ready": adoption.ready,
        "not_ready": adoption.not_ready,
        "unknown": adoption.unknown,
        "unknown_reasons": by_reason(&adoption.unknown_reasons),
        "left_out": by_reason(&adoption.left_out),
        "to_nudge": by_reason(&adoption.to_nudge),
        "on_phones_alone": is_report_read.then_some(adoption.on_phones_alone),
    })
}

/// Returns what is ahead and has a date, the nearest first.
pub(in crate::render) fn next_json(report: &Report) -> Value {
    let next = next(report).into_iter().map(
        |next| json!({"date": next.on, "code": next.code, "message": next.message, "people": next.people}),
    );
    next.collect()
}

/// Returns the policy that says which methods count.
fn policy(migration: &Migration) -> Option<&'static str> {
    match migration {
        Migration::PreMigration => Some("legacy"),
        Migration::InProgress => Some("both"),
        Migration::Complete => Some("authentication-methods"),
        Migration::Unknown(_) => None,
    }
}

/// Returns a setting's label and value; of methods, those that count.
fn setting(report: &Report, (setting, value): &(&Setting, Option<Value>)) -> Value {
    let joined = |words: Vec<String>| if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let said = match value {
        _ if setting.kind == ValueKind::Methods => report
            .reset
            .methods
            .as_ref()
            .map(|methods| joined(methods.iter().map(|it| it.as_str().to_owned()).collect())),
        Some(Value::Bool(is_on)) => Some(if *is_on { "Yes" } else { "No" }.to_owned()),
        Some(Value::Array(words)) => Some(joined(words.iter().map(text).collect())),
        value => value.as_ref().map(text),
    };
    json!([setting.label, said.unwrap_or_else(|| "unknown".to_owned())])
}
