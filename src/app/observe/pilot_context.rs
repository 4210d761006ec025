//! Reads a spec's tenant and group with the fewest permissions, for commands about people.

use anyhow::Result;

use crate::app::observe::directory_context::{DirectoryContext, fetch_roles};
use crate::app::observe::members::{FirstPage, fetch_first_page};
use crate::app::observe::tenant::{SurfaceSelection, find_group};
use crate::app::observe::tenant_guard::refuse_other_tenants;
use crate::app::observe::unknown::{AROUND, METHODS_POLICY, known};
use crate::client::{ClientError, TenantReader};
use crate::outcome::Refusal;
use crate::spec_file::Spec;
use crate::tenant::graph_permissions;
use crate::tenant::{Group, MemberCounts, Object, Tenant};

/// The tenant and group people are asked about.
#[derive(Debug)]
pub struct PilotContext {
    /// The tenant; of its policies, the rules for a reset, if they could be read.
    pub tenant: Tenant,
    /// The group.
    pub group: Group,
    /// What could not be read, and the permission it takes or the reason.
    pub unread: Vec<String>,
    /// What was read on the way, so that a survey need not ask again.
    pub(super) ahead: Option<(DirectoryContext, Result<FirstPage, ClientError>)>,
}

/// Finds the tenant and the group of a spec, with no more rights than that takes.
///
/// # Errors
/// As [`super::observe()`]; also where the spec names no group.
pub async fn find(reader: &TenantReader, spec: &Spec, surfaces: SurfaceSelection) -> Result<PilotContext> {
    // What of the admin centre is asked for below: no more than that needs a sign-in.
    let has_portal = surfaces != SurfaceSelection::GraphOnly && needs_policy(spec);
    let guard = refuse_other_tenants(reader, Some(spec), has_portal).await?;
    let (organization, group, policy, methods, directory_context) = tokio::join!(
        guard.fetch_organization(reader, Some(spec)),
        find_group(&reader.graph, spec),
        fetch_rule(reader, spec, surfaces),
        reader.graph.read_if_open(&graph_permissions::METHODS_POLICY, reader.graph.fetch_methods_policy()),
        fetch_roles(&reader.graph),
    );
    let organization = organization?;
    let (policy, mut unread) = policy?;
    let mut group = group?.ok_or(Refusal::SpecWithoutGroup)?;
    let methods = known(methods, METHODS_POLICY, &mut unread)?;
    let directory_context = directory_context?;
    let (within, first) = tokio::join!(
        reader.graph.fetch_containing_groups(group.id),
        fetch_first_page(&reader.graph, group.id),
    );
    group.within = known(within, AROUND, &mut unread)?.flatten();
    let tenant = Tenant {
        organization,
        policy,
        writeback: None,
        authorization: None,
        methods,
        group: Some(group.clone()),
        people: MemberCounts::default(),
        rings: Vec::new(),
        nested: None,
    };
    Ok(PilotContext { tenant, group, unread, ahead: Some((directory_context, first)) })
}

/// Returns whether the rules for a reset are not in the spec, so that the policy has them.
pub(in crate::app) fn needs_policy(spec: &Spec) -> bool {
    spec.allowed().is_none() || spec.required().is_none()
}

/// Fetches the policy where what a reset takes is not in the spec, and says why it is unknown where it is.
async fn fetch_rule(
    reader: &TenantReader,
    spec: &Spec,
    surfaces: SurfaceSelection,
) -> Result<(Option<Object>, Vec<String>), ClientError> {
    if !needs_policy(spec) {
        return Ok((None, Vec::new()));
    }
    if surfaces == SurfaceSelection::GraphOnly {
        return Ok((None, vec!["the password reset policy (left out by --graph-only)".to_owned()]));
    }
    match reader.portal.fetch_policy().await {
        Ok(policy) => Ok((Some(policy), Vec::new())),
        Err(error) if surfaces == SurfaceSelection::BestEffort && error.is_closed_portal() => {
            Ok((None, vec![format!("the password reset policy ({})", error.with_causes())]))
        }
        Err(error) => Err(error),
    }
}

impl PilotContext {
    /// Takes a tenant that was looked at, with what is already known to be unread, and reads what it lacks to
    /// say what a reset requires. What is refused is unknown.
    ///
    /// # Errors
    /// As every request; also where the tenant was looked at without a group.
    pub async fn new(reader: &TenantReader, mut tenant: Tenant, mut unread: Vec<String>) -> Result<Self> {
        let mut group = tenant.group.take().ok_or(Refusal::SpecWithoutGroup)?;
        if tenant.methods.is_none() {
            let (methods, within) = tokio::join!(
                reader
                    .graph
                    .read_if_open(&graph_permissions::METHODS_POLICY, reader.graph.fetch_methods_policy()),
                reader.graph.fetch_containing_groups(group.id),
            );
            tenant.methods = known(methods, METHODS_POLICY, &mut unread)?;
            group.within = known(within, AROUND, &mut unread)?.flatten();
        }
        tenant.group = Some(group.clone());
        Ok(Self { tenant, group, unread, ahead: None })
    }
}
