//! Any body, as every page of every list of people: members, registrations, roles, audit log.
#![no_main]

mod served;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use served::Served;
use sspr::ids::GroupId;
use uuid::Uuid;

static SERVED: LazyLock<Served> = LazyLock::new(Served::start);

fuzz_target!(|bytes: &[u8]| {
    SERVED.answer(bytes);
    let graph = &SERVED.reader.graph;
    let (id, then) = (Uuid::from_u128(1), jiff::Timestamp::UNIX_EPOCH);
    SERVED.runtime.block_on(async {
        let mut members = graph.fetch_members(GroupId::from(id), None, 999).await;
        while let Ok(page) = &members {
            // What people are sorted and cut by.
            assert!(page.people.iter().all(|person| person.user_principal_name.as_deref() != Some("")));
            let Some(next) = &page.next else { break };
            members = graph.fetch_more_members(next).await;
        }
        let mut report = graph.fetch_registrations(None).await;
        while let Ok(page) = &report {
            let Some(next) = &page.next else { break };
            report = graph.fetch_registrations(Some(next)).await;
        }
        let _ = graph.fetch_registration(id.into()).await;
        let _ = graph.fetch_role_assignments().await;
        let _ = graph.fetch_eligible_roles().await;
        let _ = graph.fetch_containing_groups(id.into()).await;
        let _ = graph.fetch_groups_holding("users", id).await;
        let _ = graph.fetch_is_licensed().await;
        let _ = graph.fetch_writeback().await;
        if let Ok(events) = graph.fetch_reset_events(then, None, 20).await {
            // Lines are told apart by their ids.
            assert!(events.rows.iter().all(|event| !event.id.trim().is_empty()));
        }
        let _ = graph.fetch_changes((then, then), 20).await;
        let _ = graph.fetch_changes_called("x", then).await;
    });
});
