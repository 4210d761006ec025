//! Compares the Graph permissions that a use case needs with those the sign-in has.
//! It does so before anything is read, and again before anything is written.

use anyhow::Result;

use super::observe::{Tokens, manages, refuse_other_tokens};
use super::session::Session;
use crate::client::Claims;
use crate::client::token_permissions::Held;
use crate::outcome::{FixedScopes, Lack, Refusal};
use crate::plan::{Plan, apply_lacks_permission, left_out_lacks_permission};
use crate::spec_file::{ROLLOUT, Spec};
use crate::tenant::app_registration::setup_command;
use crate::tenant::graph_permissions::{self, Access};
use crate::tenant::{Resource, SnapshotError, Surface};

/// A path that has to be open, and the key of the spec that asks for it; `None` where no key's absence makes it
/// superfluous.
pub(super) type Needed = (&'static Access, Option<&'static str>);

const ALLOWED: &str = "methods.allowed";
const ADMINISTRATORS: &str = "administrators.allow_sspr";

/// Returns what a look at a spec's settings takes.
pub(super) fn needed_by(spec: &Spec) -> Vec<Needed> {
    let all = [
        (true, (&graph_permissions::ORGANIZATION, None)),
        (spec.group().is_some(), (&graph_permissions::GROUPS, None)),
        (spec.allowed().is_some(), (&graph_permissions::METHODS_POLICY, Some(ALLOWED))),
        (
            manages(spec, &Resource::Authorization),
            (&graph_permissions::AUTHORIZATION_POLICY, Some(ADMINISTRATORS)),
        ),
    ];
    all.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, needed)| needed).collect()
}

/// Refuses a sign-in that certainly lacks what is needed, by what the tokens say alone: nothing is asked for. One for
/// another tenant than the spec's is refused first.
///
/// # Errors
/// [`Refusal::LacksPermissions`], another tenant, no token.
pub(super) async fn refuse_lacking(
    session: &Session,
    (spec, has_portal): (Option<&Spec>, bool),
    needed: &[Needed],
) -> Result<()> {
    let Tokens { graph, .. } = Box::pin(refuse_other_tokens(&session.reader, spec, has_portal)).await?;
    Ok(refuse(session, &graph, needed)?)
}

/// Refuses a sign-in that certainly may not make a plan's writes.
///
/// # Errors
/// [`Refusal::LacksPermissions`].
pub(super) async fn refuse_lacking_writes(session: &Session, plan: &Plan) -> Result<()> {
    let needed = needed_to_write(plan);
    if needed.is_empty() {
        return Ok(());
    }
    let claims = Box::pin(session.reader.fetch_claims(Surface::Graph)).await?;
    Ok(refuse(session, &claims, &needed)?)
}

/// Notes in a plan what this sign-in lacks to apply it, and to manage what was left out of it.
pub(super) async fn note_lacking(session: &Session, spec: &Spec, plan: &mut Plan) -> Result<()> {
    let is_left_out = |key: &str| spec.except().iter().any(|left_out| left_out.as_str() == key);
    let left_out = [
        (&graph_permissions::METHODS_POLICY, ALLOWED),
        (&graph_permissions::AUTHORIZATION_POLICY, ADMINISTRATORS),
    ];
    let left_out: Vec<_> = left_out.into_iter().filter(|(_, key)| is_left_out(key)).collect();
    let needed = needed_to_write(plan);
    if needed.is_empty() && left_out.is_empty() {
        return Ok(());
    }
    let claims = Box::pin(session.reader.fetch_claims(Surface::Graph)).await?;
    for (access, key) in needed {
        if let (Held::No, Some(key)) = (claims.opens(access), key) {
            plan.add(apply_lacks_permission(access.permission.name, key));
        }
    }
    for (access, key) in left_out {
        if let (Held::No, Some((command, what))) =
            (claims.opens(access), login_that_gives(session, &claims, &[access]))
        {
            plan.add(left_out_lacks_permission(access.permission.name, key, &command, what));
        }
    }
    Ok(())
}

/// Returns the command that gives a person's sign-in what it lacks, and what it is for; `None` for an application.
pub(super) fn login_that_gives(
    session: &Session,
    claims: &Claims,
    lacking: &[&Access],
) -> Option<(String, &'static str)> {
    if claims.is_application {
        return None;
    }
    let tenant = claims.tenant.map(|tenant| tenant.to_string()).unwrap_or_default();
    Some(match session.kept.client_of(&tenant) {
        Some(_) if claims.is_azure_cli() => ("sspr login".to_owned(), "with your tenant's own registration"),
        Some(_) => (setup_command(lacking), "adds it to the registration; then: sspr login"),
        None => (setup_command(lacking), "once in this tenant; then: sspr login"),
    })
}

fn needed_to_write(plan: &Plan) -> Vec<Needed> {
    let mut needed: Vec<Needed> = Vec::new();
    for step in &plan.steps {
        let write: Needed = match step.resource() {
            Resource::Method(_) => (&graph_permissions::METHODS_POLICY_WRITE, Some(ALLOWED)),
            Resource::Authorization => (&graph_permissions::AUTHORIZATION_POLICY_WRITE, Some(ADMINISTRATORS)),
            Resource::Membership { .. } => (&graph_permissions::GROUP_MEMBERS_WRITE, Some(ROLLOUT)),
            Resource::PasswordReset | Resource::Writeback => continue,
        };
        if !needed.contains(&write) {
            needed.push(write);
        }
    }
    needed
}

fn refuse(session: &Session, claims: &Claims, needed: &[Needed]) -> Result<(), Refusal> {
    let lacking = needed.iter().filter(|(access, _)| claims.opens(access) == Held::No);
    let lacks: Vec<Lack> = lacking
        .clone()
        .map(|(access, key)| Lack {
            verb: access.verb(),
            what: access.what,
            permission: access.permission.name,
            key: *key,
        })
        .collect();
    if lacks.is_empty() {
        return Ok(());
    }
    if session.snapshot.as_ref().is_some_and(|mark| !mark.is_portal_only) {
        let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
        return Err(SnapshotError::Lacks(lacks.join(", nor ")).into());
    }
    let is_fixed = claims.is_azure_cli() && lacking.clone().all(|(access, _)| !access.is_open_to_azure_cli());
    let paths: Vec<&Access> = lacking.map(|(access, _)| *access).collect();
    let login = login_that_gives(session, claims, &paths);
    Err(Refusal::LacksPermissions { lacks, login, fixed: is_fixed.then_some(FixedScopes) })
}
