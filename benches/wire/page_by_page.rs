//! The way everybody starts: following `@odata.nextLink`, one page after the other. With this tool's own client,
//! so that the difference is the order of requests and nothing else.

use std::time::{Duration, Instant};

use serde_json::json;
use sspr::client::{ClientConfig, Cloud, Credentials, Endpoints, TenantReader, TenantWriter, connect};
use sspr::tenant::Resource;

use super::tenant::Tenant;

fn reader(tenant: &Tenant) -> TenantReader {
    connected(tenant).0
}

fn connected(tenant: &Tenant) -> (TenantReader, TenantWriter) {
    let endpoints = Endpoints::new(
        Cloud::Public,
        Some(tenant.variable("SSPR_GRAPH_URL")),
        Some(tenant.variable("SSPR_PORTAL_URL")),
    );
    let credentials = Credentials::ready(
        tenant.variable("SSPR_GRAPH_TOKEN").into(),
        tenant.variable("SSPR_PORTAL_TOKEN").into(),
    );
    connect(&endpoints.unwrap(), credentials.unwrap(), &ClientConfig::default()).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Reads the same as `sspr people --no-registration`, each request after the other.
pub(crate) fn read(tenant: &Tenant, people: u64) -> Duration {
    let began = Instant::now();
    block_on(async {
        let graph = reader(tenant).graph;
        graph.fetch_organization().await.unwrap();
        let group = graph.fetch_groups_named("SSPR-Pilot").await.unwrap().remove(0);
        graph.fetch_methods_policy().await.unwrap();
        graph.fetch_containing_groups(group.id).await.unwrap();
        graph.fetch_role_assignments().await.unwrap();
        graph.fetch_eligible_roles().await.unwrap();
        graph.fetch_writeback().await.unwrap();
        let mut page = graph.fetch_members_plainly(group.id).await.unwrap();
        let mut met = page.people.len() as u64;
        while let Some(next) = page.next {
            page = graph.fetch_more_members(&next).await.unwrap();
            met += page.people.len() as u64;
        }
        assert_eq!(met, people + 8, "the pilot's own eight, and the generated ones");
    });
    began.elapsed()
}

/// Nests groups into the pilot group, as someone else would.
pub(crate) fn nest(tenant: &Tenant, rings: &[&str]) {
    block_on(async {
        let (reader, writer) = connected(tenant);
        let pilot = reader.graph.fetch_groups_named("SSPR-Pilot").await.unwrap().remove(0).id;
        for ring in rings {
            let member = reader.graph.fetch_groups_named(ring).await.unwrap().remove(0).id;
            let membership = Resource::Membership { group: pilot, member };
            writer.write_object(&membership, &json!({"isMember": true})).await.unwrap();
        }
    });
}

/// Asks the report so often, as another program of the same tenant would.
pub(crate) fn use_up_reports(tenant: &Tenant, requests: usize) {
    block_on(async {
        let graph = reader(tenant).graph;
        for _ in 0..requests {
            graph.fetch_registrations(None).await.unwrap();
        }
    });
}
