//! What `sspr login --setup` would do, did, or removed.

use serde_json::{Value, json};

use crate::outcome::login_setup::{SetupReport, SetupRow};
use crate::tenant::graph_permissions::MAY_CONSENT;
use crate::text::visible;

fn row(SetupRow { name, text, status }: &SetupRow, width: usize) -> String {
    let name = visible(name);
    format!("  {:<12} {name:<width$}  {}", status.as_str(), visible(text)).trim_end().to_owned() + "\n"
}

/// Returns what is shown before the question.
pub fn planned(report: &SetupReport) -> String {
    let what = if report.is_removal { "What sspr set up from this machine" } else { "Registration" };
    let SetupReport { tenant_name, tenant_domain, person, rows, notices, is_sandbox, .. } = report;
    let mut text = format!("{what} in {} ({})", visible(tenant_name), visible(tenant_domain));
    text.push_str(if *is_sandbox { ", the sandbox" } else { "" });
    text.push_str(&format!(", as {}\n\n", visible(person)));
    text.push_str(&table(rows));
    notices.iter().for_each(|notice| text.push_str(&format!("\n{notice}\n")));
    text
}

fn table(rows: &[SetupRow]) -> String {
    if rows.is_empty() {
        return "  nothing\n".to_owned();
    }
    let width = rows.iter().map(|row| visible(&row.name).chars().count()).max().unwrap_or_default();
    rows.iter().map(|it| row(it, width)).collect()
}

/// Returns what was done, and what comes next.
pub fn done(report: &SetupReport, is_whole: bool) -> String {
    let SetupReport { is_removal, client, login, rows, consent_link, record, notices, .. } = report;
    let mut text =
        if report.has_written() || !is_whole { format!("{}\n", table(rows)) } else { String::new() };
    notices.iter().for_each(|notice| text.push_str(&format!("{notice}\n")));
    if let Some(client) = client.filter(|_| !is_removal) {
        text.push_str(&format!("Client: {client}\n"));
    }
    if let Some(link) = consent_link {
        text.push_str(&format!(
            "Consent is missing. Someone who may give it ({MAY_CONSENT}) opens:\n  {link}\n"
        ));
    }
    if report.has_written() {
        text.push_str(&format!("Record: {}\n", visible(&record.display().to_string())));
    }
    match (is_removal, is_whole, report.has_written()) {
        (_, false, _) => {}
        (true, true, true) => text.push_str("Removed.\n"),
        (true, true, false) => text.push_str(
            "There was nothing to remove. What was set up from another machine is removed there, or in the Entra admin centre \
             under App registrations.\n",
        ),
        (false, true, true) => text.push_str(&format!("Set up, and read back.\nNext: {login}\n")),
        (false, true, false) => text.push_str(&format!("Everything was set up already.\nNext: {login}\n")),
    }
    text
}

/// Returns it as `sspr.setup/1`.
pub fn json(report: &SetupReport) -> String {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| json!({"part": row.name, "text": row.text, "result": row.status.as_str()}))
        .collect();
    super::json::document(&json!({
        "format": "sspr.setup/1",
        "action": if report.is_removal { "remove" } else { "setup" },
        "tenant": {"id": report.tenant, "name": report.tenant_name},
        "person": report.person,
        "client": report.client,
        "parts": rows,
        "consent_link": report.consent_link,
        "record": report.record.display().to_string(),
        "notices": report.notices,
        "sandbox": report.is_sandbox,
    }))
}
