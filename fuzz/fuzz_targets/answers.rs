//! Any body, as the answer to every read, through the production clients over loopback.
#![no_main]

mod served;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use served::Served;
use sspr::client::TenantReader;

static SERVED: LazyLock<Served> = LazyLock::new(Served::start);

fuzz_target!(|bytes: &[u8]| {
    SERVED.answer(bytes);
    let TenantReader { graph, portal, .. } = &SERVED.reader;
    SERVED.runtime.block_on(async {
        let _ = graph.fetch_organization().await;
        let _ = graph.fetch_groups_named("x").await;
        let id = sspr::ids::GroupId::from(uuid::Uuid::from_u128(1));
        if let Ok(Some(group)) = graph.fetch_group(id).await {
            assert_eq!(group.id, id);
        }
        let _ = graph.fetch_member_count(id).await;
        let _ = graph.fetch_methods_policy().await;
        let _ = portal.fetch_policy().await;
    });
});
