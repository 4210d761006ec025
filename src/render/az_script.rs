//! The Azure CLI commands that do by hand what `sspr login --setup` does.

use crate::tenant::app_registration::{ConsentFor, REDIRECT, scopes};
use crate::tenant::graph_permissions::{GRAPH, Permission};
use crate::text::shell_word;

/// A shell that commands are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// `sh` and its like.
    Sh,
    /// PowerShell.
    PowerShell,
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
    let names = scopes("", permissions);
    let listed = permissions.iter().map(|it| format!("{}=Scope", it.id)).collect::<Vec<_>>().join(" ");
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
    let (use_app, use_me) = (used(app), used(me));
    let person = match consent {
        ConsentFor::Person => format!(" {next}\n  --consent-type Principal --principal-id {use_me}"),
        ConsentFor::Tenant => String::new(),
    };
    let assign = assignment(shell, graph, next);
    let whose = match consent {
        ConsentFor::Person => "consents for themselves alone",
        ConsentFor::Tenant => "consents for everyone who is assigned",
    };
    [
        format!("# Whoever runs this is assigned, and {whose}.\n"),
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

/// Returns the command that assigns the one who runs it, which the Azure CLI has no words of its own for.
fn assignment(shell: Shell, graph: &str, next: &str) -> String {
    let ask = format!(
        "az rest --method POST --headers Content-Type=application/json {next}\n  \
         --url {graph}/v1.0/servicePrincipals/$SP/appRoleAssignedTo {next}\n"
    );
    let no_role = "00000000-0000-0000-0000-000000000000";
    match shell {
        Shell::Sh => format!(
            "{ask}  --body \"{{\\\"principalId\\\":\\\"$ME\\\",\\\"resourceId\\\":\\\"$SP\\\",\\\"appRoleId\\\":\\\"{no_role}\\\"}}\"\n"
        ),
        // How many quotes reach a program differs from one PowerShell to the next.
        Shell::PowerShell => format!(
            "@{{principalId=$ME; resourceId=$SP; appRoleId='{no_role}'}} | ConvertTo-Json | Set-Content sspr-assignment.json\n\
             {ask}  --body '@sspr-assignment.json'\nRemove-Item sspr-assignment.json\n"
        ),
    }
}
