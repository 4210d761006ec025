//! What `sspr login --setup` would do, did, or removed; and the commands that do the same by hand.

use serde_json::{Value, json};

use crate::outcome::setup::{SetupReport, SetupRow};
use crate::tenant::access::{GRAPH, MAY_CONSENT, Permission};
use crate::tenant::registration::{ConsentFor, REDIRECT, SIGN_IN_SCOPES};
use crate::text::{shell_word, visible};

/// A shell that commands are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `sh` and its like.
    Sh,
    /// PowerShell.
    PowerShell,
}

fn row(SetupRow { name, text, fate }: &SetupRow, width: usize) -> String {
    let name = visible(name);
    format!("  {:<12} {name:<width$}  {}", fate.as_str(), visible(text)).trim_end().to_owned() + "\n"
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
    let SetupReport { is_removal, client, rows, consent_link, record, notices, .. } = report;
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
        (true, true, false) => text.push_str("There was nothing to remove.\n"),
        (false, true, true) => text.push_str("Set up, and read back.\nNext: sspr login\n"),
        (false, true, false) => text.push_str("Everything was set up already.\nNext: sspr login\n"),
    }
    text
}

/// Returns it as `sspr.setup/1`.
pub fn json(report: &SetupReport) -> String {
    let rows: Vec<Value> = report
        .rows
        .iter()
        .map(|row| json!({"part": row.name, "text": row.text, "result": row.fate.as_str()}))
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

/// Returns a word for a shell; foreign letters are quoted.
fn quoted_for(shell: Shell, word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match shell {
        _ if word.chars().all(is_plain) => word.to_owned(),
        Shell::Sh => shell_word(word),
        Shell::PowerShell => format!("'{}'", word.replace('\'', "''")),
    }
}

/// Returns the commands of the Azure CLI that set the same up by hand; `graph` is the root of Graph in the cloud.
pub fn script(
    shell: Shell,
    name: &str,
    graph: &str,
    permissions: &[Permission],
    consent: ConsentFor,
) -> String {
    let names: Vec<&str> = SIGN_IN_SCOPES.into_iter().chain(permissions.iter().map(|it| it.name)).collect();
    let listed: Vec<String> = permissions.iter().map(|it| format!("{}=Scope", it.id)).collect();
    let (names, listed) = (names.join(" "), listed.join(" "));
    let name = quoted_for(shell, name);
    let (app, principal, me, next) = match shell {
        Shell::Sh => ("APP", "SP", "ME", "\\"),
        Shell::PowerShell => ("$APP", "$SP", "$ME", "`"),
    };
    let set = |name: &str, command: &str| match shell {
        Shell::Sh => format!("{name}=$({command})\n"),
        Shell::PowerShell => format!("{name} = {command}\n"),
    };
    let used = |name: &str| format!("${}", name.trim_start_matches('$'));
    let (use_app, use_sp, use_me) = (used(app), used(principal), used(me));
    let person = match consent {
        ConsentFor::Person => format!(" {next}\n  --consent-type Principal --principal-id {use_me}"),
        ConsentFor::Tenant => String::new(),
    };
    let assigned = format!("{graph}/v1.0/servicePrincipals/{use_sp}/appRoleAssignedTo");
    let ask = format!(
        "az rest --method POST --headers Content-Type=application/json {next}\n  --url {assigned} {next}\n"
    );
    let no_role = "00000000-0000-0000-0000-000000000000";
    let assign = match shell {
        Shell::Sh => format!(
            "{ask}  --body \"{{\\\"principalId\\\":\\\"{use_me}\\\",\\\"resourceId\\\":\\\"{use_sp}\\\",\\\"appRoleId\\\":\\\"{no_role}\\\"}}\"\n"
        ),
        // How many quotes reach a program differs from one PowerShell to the next.
        Shell::PowerShell => format!(
            "@{{principalId=$ME; resourceId=$SP; appRoleId='{no_role}'}} | ConvertTo-Json | Set-Content sspr-assignment.json\n\
             {ask}  --body '@sspr-assignment.json'\nRemove-Item sspr-assignment.json\n"
        ),
    };
    [
        set(
            app,
            &format!(
                "az ad app create --display-name {name} --sign-in-audience AzureADMyOrg {next}\n  \
                 --public-client-redirect-uris {REDIRECT} --is-fallback-public-client true --query appId -o tsv"
            ),
        ),
        format!("az ad app permission add --id {use_app} --api {GRAPH} {next}\n  --api-permissions {listed}\n"),
        set(principal, &format!("az ad sp create --id {use_app} --query id -o tsv")),
        format!("az ad sp update --id {use_app} --set appRoleAssignmentRequired=true\n"),
        set(me, "az ad signed-in-user show --query id -o tsv"),
        assign,
        format!("az ad app permission grant --id {use_app} --api {GRAPH} {next}\n  --scope {names}{person}\n"),
        match shell {
            Shell::Sh => "sspr login --client-id \"$APP\"\n".to_owned(),
            Shell::PowerShell => "sspr login --client-id $APP\n".to_owned(),
        },
    ]
    .concat()
}
