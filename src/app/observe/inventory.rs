//! Reads a tenant without a spec: everything that a spec could set.

use anyhow::Result;

use crate::app::observe::tenant::{fetch_if, if_all};
use crate::app::observe::tenant_guard::refuse_other_tenants;
use crate::client::{ClientError, GraphReader, TenantReader};
use crate::plan::{Inventory, is_plain_name, policy_group_ids};
use crate::tenant::graph_permissions;
use crate::tenant::{Group, MemberCounts, NamedGroup, Object, Resource, Tenant};
use crate::text::visible;

/// How many of the policy's groups are looked up; the portal takes one.
const GROUPS: usize = 10;

/// Fetches what a spec could say of the tenant; without the admin centre where the sign-in cannot go there.
///
/// # Errors
/// A surface that cannot be read, or two tenants. Objects beside the password reset policy may be refused: then
/// they are unknown.
pub async fn fetch_inventory(reader: &TenantReader, has_portal: bool) -> Result<Inventory> {
    let guard = refuse_other_tenants(reader, None, has_portal).await?;
    let (organization, policy, methods, writeback, authorization) = tokio::join!(
        guard.fetch_organization(reader, None),
        fetch_if(has_portal, reader.fetch_object(&Resource::PasswordReset)),
        reader.graph.read_if_open(&graph_permissions::METHODS_POLICY, reader.graph.fetch_methods_policy()),
        fetch_if(has_portal, reader.fetch_object(&Resource::Writeback)),
        reader.graph.read_if_open(
            &graph_permissions::AUTHORIZATION_POLICY,
            reader.fetch_object(&Resource::Authorization)
        ),
    );
    let (organization, policy) = (organization?, policy?);
    // A policy that this sign-in or this cloud does not give is unknown.
    let methods = match methods {
        Err(error) if error.is_refusal() || error.is_odd() => None,
        methods => Some(methods?),
    };
    let mut unread = Vec::new();
    let writeback = known(writeback, Resource::Writeback, &mut unread)?;
    let authorization = known(authorization.map(Some), Resource::Authorization, &mut unread)?;
    let mut groups = Vec::new();
    let mut found = Vec::new();
    let ids = policy.as_ref().map(policy_group_ids).unwrap_or_default();
    for id in ids.into_iter().take(GROUPS) {
        // The policy is raw: what is no id in it is shown, and nothing is asked with it.
        let group = match id.parse() {
            Ok(id) => reader.graph.fetch_group(id).await?,
            Err(_) => None,
        };
        groups.push((id, group.as_ref().map(|group| group.display_name.clone())));
        found.extend(group);
    }
    let group = if groups.len() == 1 { found.pop() } else { None };
    let (group, is_name_unique, nested) = match group {
        Some(group) => {
            let (group, is_unique, nested) = fetch_around(&reader.graph, group).await?;
            (Some(group), is_unique, nested)
        }
        None => (None, false, None),
    };
    let people = MemberCounts::default();
    let tenant = Tenant {
        organization,
        policy,
        writeback,
        authorization,
        methods,
        group,
        people,
        rings: Vec::new(),
        nested,
    };
    Ok(Inventory { tenant, groups, is_name_unique, unread })
}

fn known(
    answer: Result<Option<Object>, ClientError>,
    resource: Resource,
    unread: &mut Vec<(Resource, String)>,
) -> Result<Option<Object>, ClientError> {
    match answer {
        Err(error) if error.is_refusal() || error.is_odd() => {
            unread.push((resource, format!("it could not be read: {}", visible(&error.to_string()))));
            Ok(None)
        }
        answer => answer,
    }
}

/// Fetches the groups around a group, whether its name means it alone, and the groups in it; `None` is unknown.
async fn fetch_around(
    graph: &GraphReader,
    mut group: Group,
) -> Result<(Group, bool, Option<Vec<NamedGroup>>), ClientError> {
    let name = group.display_name.clone();
    let (namesakes, within, nested) = tokio::join!(
        fetch_if(is_plain_name(&name), graph.fetch_groups_named(&name)),
        graph.fetch_containing_groups(group.id),
        graph.fetch_groups_within(group.id),
    );
    let nested = if_all(nested)?;
    group.within = within?;
    let is_name_unique = matches!(namesakes?.as_deref(), Some([only]) if only.id == group.id);
    Ok((group, is_name_unique, nested))
}
