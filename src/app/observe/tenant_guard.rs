//! Checks that the tenant is the one the spec means, before anything else is read.

use anyhow::Result;

use super::tenant::fetch_if;
use crate::client::{Claims, TenantReader};
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::spec_file::Spec;
use crate::tenant::{Organization, Surface};

/// What was learnt of the tenant before anything was read.
pub(in crate::app) struct Guard {
    /// The organisation, where it had to be asked for.
    known: Option<Organization>,
    /// The tenant the admin centre's token is for, where it says so.
    portal: Option<TenantId>,
}

/// Refuses another tenant than the one a spec names, before anything about it or its people is read.
///
/// The tokens say which tenant they are for, without a request. Where they do not, or where the spec names a domain,
/// the organisation is read first and alone.
///
/// # Errors
/// Another tenant, or one for each surface; no token.
pub(in crate::app) async fn refuse_other_tenants(
    reader: &TenantReader,
    spec: Option<&Spec>,
    has_portal: bool,
) -> Result<Guard> {
    let Tokens { graph, portal } = refuse_other_tokens(reader, spec, has_portal).await?;
    let Some(wanted) = spec.and_then(Spec::tenant) else { return Ok(Guard { known: None, portal }) };
    if wanted.parse::<TenantId>().is_ok() && graph.tenant.is_some() {
        return Ok(Guard { known: None, portal });
    }
    let organization = refuse_another(reader.graph.fetch_organization().await?, Some(wanted))?;
    refuse_two_tenants(reader, Some(organization.id), portal)?;
    Ok(Guard { known: Some(organization), portal })
}

/// What the tokens say, without a request.
#[derive(Debug)]
pub(in crate::app) struct Tokens {
    /// What Graph's token says about itself.
    pub(in crate::app) graph: Claims,
    /// The tenant the admin centre's token is for, if it says so.
    portal: Option<TenantId>,
}

/// Refuses tokens for another tenant than the one a spec names by its id, or for two, and a person's sign-in to Graph beside
/// somebody else's to the admin centre; sends no request.
///
/// # Errors
/// Such a token; none at all.
pub(in crate::app) async fn refuse_other_tokens(
    reader: &TenantReader,
    spec: Option<&Spec>,
    has_portal: bool,
) -> Result<Tokens> {
    let (graph, portal) = tokio::join!(
        reader.fetch_claims(Surface::Graph),
        fetch_if(has_portal, reader.fetch_claims(Surface::Portal))
    );
    let graph = graph?;
    let portal = match portal {
        // A sign-in that does not come to the admin centre is told where the admin centre is asked for something.
        Err(error) if error.is_closed_portal() => None,
        portal => portal?,
    };
    refuse_two_tenants(reader, graph.tenant, portal.as_ref().and_then(|claims| claims.tenant))?;
    if reader.is_own_client() {
        refuse_two_accounts(&graph, portal.as_ref())?;
    }
    let portal = portal.and_then(|claims| claims.tenant);
    let wanted = spec.and_then(Spec::tenant).and_then(|wanted| wanted.parse::<TenantId>().ok());
    match (wanted, graph.tenant) {
        (Some(wanted), Some(found)) if wanted != found => {
            let found = format!("the tenant {found}");
            Err(Refusal::WrongTenant { wanted: wanted.to_string(), found }.into())
        }
        _ => Ok(Tokens { graph, portal }),
    }
}

impl Guard {
    /// Fetches the organisation, unless it is known already, and holds its own word against the tokens'.
    pub(in crate::app) async fn fetch_organization(
        self,
        reader: &TenantReader,
        spec: Option<&Spec>,
    ) -> Result<Organization> {
        let organization = match self.known {
            Some(organization) => organization,
            None => reader.graph.fetch_organization().await?,
        };
        refuse_two_tenants(reader, Some(organization.id), self.portal)?;
        Ok(refuse_another(organization, spec.and_then(Spec::tenant))?)
    }
}

/// Returns the tenant that answered if it goes by the wanted name.
fn refuse_another(organization: Organization, wanted: Option<&str>) -> Result<Organization, Refusal> {
    let Some(wanted) = wanted.filter(|wanted| !organization.is_called(wanted)) else {
        return Ok(organization);
    };
    let found = match organization.verified_domains.first() {
        Some(domain) => format!("{domain} ({})", organization.id),
        None => format!("the tenant {} (domains unknown)", organization.id),
    };
    Err(Refusal::WrongTenant { wanted: wanted.to_owned(), found })
}

/// Each surface has a sign-in of its own, and two sign-ins can be for two tenants.
fn refuse_two_tenants(
    reader: &TenantReader,
    graph: Option<TenantId>,
    portal: Option<TenantId>,
) -> Result<(), Refusal> {
    if let (Some(graph), Some(snapshot)) = (graph, reader.snapshot(Surface::Portal)) {
        return Ok(snapshot.check_tenant(&graph.to_string(), "Graph is signed in to")?);
    }
    match (graph, portal) {
        (Some(graph), Some(portal)) if graph != portal => Err(Refusal::TwoTenants { graph, portal }),
        _ => Ok(()),
    }
}

/// Someone else may have signed in to the admin centre since a sign-in to Graph was kept.
fn refuse_two_accounts(graph: &Claims, portal: Option<&Claims>) -> Result<(), Refusal> {
    let person = |claims: &Claims| claims.object_id.clone().filter(|_| !claims.is_application);
    match (person(graph), portal.and_then(person)) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => {
            let name = |claims: &Claims, id| claims.principal.clone().unwrap_or(id);
            let portal = portal.map_or(other.clone(), |portal| name(portal, other));
            Err(Refusal::MixedAccounts { graph: name(graph, one), portal })
        }
        _ => Ok(()),
    }
}
