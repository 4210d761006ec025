//! Every list Graph gives, from a service that does not keep its word: links that come back, rows that are none, more
//! than anybody can hold. One table, so that a new list is looked at in every way.

use std::time::Duration;

use serde_json::{Value, json};
use sspr::client::{ClientConfig, ClientError, GraphReader};
use sspr::ids::GroupId;
use uuid::Uuid;

use super::served::{Raw, Served};
use crate::common::config;

const GROUP: &str = "0a0a0a0a-0000-4000-8000-000000000001";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Organization,
    Groups,
    Members,
    RoleAssignments,
    EligibleRoles,
    ContainingGroups,
    GroupsHolding,
    Registrations,
    ResetEvents,
    Changes,
    ChangesOfOneName,
    Products,
    Synchronization,
}

use List::*;

/// What was made of a list: rows read, rows counted as unreadable, or that it is unknown.
#[derive(Debug, PartialEq, Eq)]
enum Made {
    Rows(usize, u64),
    Unknown,
}

impl List {
    const ALL: [Self; 13] = [
        Organization,
        Groups,
        Members,
        RoleAssignments,
        EligibleRoles,
        ContainingGroups,
        GroupsHolding,
        Registrations,
        ResetEvents,
        Changes,
        ChangesOfOneName,
        Products,
        Synchronization,
    ];

    /// Lists of which no second page is ever read.
    const OF_ONE_PAGE: [Self; 4] = [Organization, ChangesOfOneName, Products, Synchronization];

    /// Reads the list as far as it goes.
    async fn read(self, graph: &GraphReader) -> Result<Made, ClientError> {
        let (now, id) = (jiff::Timestamp::UNIX_EPOCH, Uuid::from_u128(1));
        Ok(match self {
            Organization => graph.fetch_organization().await.map(|_| Made::Rows(1, 0))?,
            Groups => Made::Rows(graph.fetch_groups_named("Pilot").await?.len(), 0),
            Members => {
                let mut page = graph.fetch_members(GROUP.parse::<GroupId>().unwrap(), None, 999).await?;
                let (mut rows, mut odd) = (page.people.len(), page.odd);
                while let Some(next) = page.next {
                    page = graph.fetch_more_members(&next).await?;
                    (rows, odd) = (rows + page.people.len(), odd + page.odd);
                }
                Made::Rows(rows, odd)
            }
            RoleAssignments => counted(graph.fetch_role_assignments().await?),
            EligibleRoles => counted(graph.fetch_eligible_roles().await?),
            ContainingGroups => match graph.fetch_containing_groups(GROUP.parse().unwrap()).await? {
                Some(groups) => Made::Rows(groups.len(), 0),
                None => Made::Unknown,
            },
            GroupsHolding => Made::Rows(graph.fetch_groups_holding("users", id).await?.len(), 0),
            Registrations => {
                let mut page = graph.fetch_registrations(None).await?;
                let (mut rows, mut odd) = (page.rows.len(), page.odd);
                while let Some(next) = page.next {
                    page = graph.fetch_registrations(Some(&next)).await?;
                    (rows, odd) = (rows + page.rows.len(), odd + page.odd);
                }
                Made::Rows(rows, odd)
            }
            ResetEvents => counted(graph.fetch_reset_events(now, None, usize::MAX).await?),
            Changes => counted(graph.fetch_changes((now, now), usize::MAX).await?),
            ChangesOfOneName => Made::Rows(graph.fetch_changes_called("x", now).await?.len(), 0),
            Products => match graph.fetch_is_licensed().await? {
                Some(_) => Made::Rows(1, 0),
                None => Made::Unknown,
            },
            Synchronization => match graph.fetch_writeback().await? {
                Some(_) => Made::Rows(1, 0),
                None => Made::Unknown,
            },
        })
    }

    /// Returns a row as the service promises it.
    fn row(self) -> Value {
        match self {
            Organization => json!({"id": GROUP, "displayName": "Contoso", "verifiedDomains": null}),
            Groups | ContainingGroups | GroupsHolding => {
                json!({"@odata.type": "#microsoft.graph.group", "id": GROUP, "displayName": "Pilot"})
            }
            Members => json!({"id": GROUP, "userPrincipalName": "", "displayName": null}),
            RoleAssignments | EligibleRoles => {
                json!({"id": "x", "principalId": GROUP, "roleDefinitionId": GROUP, "principal": null})
            }
            Registrations => json!({"id": GROUP, "methodsRegistered": null}),
            ResetEvents | Changes | ChangesOfOneName => {
                json!({"id": "x", "activityDateTime": "2026-11-22T00:00:00Z", "targetResources": null})
            }
            Products => {
                json!({"skuId": "f245ecc8-75af-4f8e-b61f-27d8114de5f3", "capabilityStatus": "Enabled"})
            }
            Synchronization => json!({"features": {"passwordWritebackEnabled": true}}),
        }
    }
}

fn counted<T>(list: sspr::client::List<T>) -> Made {
    assert!(list.is_all);
    Made::Rows(list.rows.len(), list.odd)
}

/// As the program behaves, and in no need of waiting for its turn.
fn at_once() -> ClientConfig {
    let mut config = config();
    config.reports.per = Duration::ZERO;
    config
}

#[tokio::test]
async fn a_list_that_comes_back_to_a_page_is_an_error_of_the_service() {
    // How many pages there are before the link comes that was seen: one that links to itself, and a circle of three.
    for pages in [1, 3] {
        for list in List::ALL.into_iter().filter(|list| !List::OF_ONE_PAGE.contains(list)) {
            let answer = move |target: &str, root: &str| {
                let at = target.split("at=").nth(1).and_then(|at| at.parse::<u32>().ok()).unwrap_or(0);
                let next = format!("{root}/v1.0/more?at={}", (at + 1) % (pages + 1));
                json!({"value": [], "@odata.nextLink": next}).to_string()
            };
            let served = Served::answering(at_once(), answer).await;
            let error = list.read(&served.reader.graph).await.unwrap_err();
            assert!(matches!(error, ClientError::Endless { .. }), "{list:?}: {error}");
            assert!(error.to_string().contains("links to a page that was read before"), "{list:?}: {error}");
            let requests = served.requests().len();
            assert!(requests <= pages as usize + 3, "{list:?}: {requests} requests");
        }
    }
}

#[tokio::test]
async fn a_list_of_ever_new_empty_pages_ends() {
    let answer = |target: &str, root: &str| {
        let at = target.split("at=").nth(1).and_then(|at| at.parse::<u32>().ok()).unwrap_or(0);
        json!({"value": [], "@odata.nextLink": format!("{root}/v1.0/more?at={}", at + 1)}).to_string()
    };
    let served = Served::answering(at_once(), answer).await;
    let error = RoleAssignments.read(&served.reader.graph).await.unwrap_err();
    assert!(error.to_string().contains("the list does not end: it has 1001 pages and more"), "{error}");
}

/// Not its rows but their size is what would take all the memory there is.
#[tokio::test]
async fn a_list_that_is_held_ends_where_its_pages_are_too_much_together() {
    for list in [RoleAssignments, EligibleRoles, ContainingGroups, GroupsHolding, ResetEvents, Changes] {
        let limited = ClientConfig { body_limit: 10_000, ..at_once() };
        let answer = move |target: &str, root: &str| {
            let at = target.split("at=").nth(1).and_then(|at| at.parse::<u32>().ok()).unwrap_or(0);
            let mut row = list.row();
            row["displayName"] = json!("x".repeat(8_000));
            // Without the limit it ends too, as a list of ten pages.
            let next = (at < 9).then(|| format!("{root}/v1.0/more?at={}", at + 1));
            json!({"value": [row], "@odata.nextLink": next}).to_string()
        };
        let served = Served::answering(limited, answer).await;
        let error = list.read(&served.reader.graph).await.unwrap_err();
        assert!(matches!(error, ClientError::Endless { .. }), "{list:?}: {error}");
        assert!(error.to_string().contains("more than 40000 bytes"), "{list:?}: {error}");
        assert_eq!(served.requests().len(), 5, "{list:?}");
    }
}

#[tokio::test]
async fn a_row_that_is_none_is_unknown_and_counted_and_takes_nothing_down() {
    for list in List::ALL {
        let row = list.row();
        let odd = [json!(null), json!(5), json!([]), json!({"id": "../../x"}), json!({"id": ""})];
        let served = Served::answering(at_once(), move |_, _| {
            json!({"value": [odd[0], odd[1], row, odd[2], odd[3], odd[4]], "@odata.count": -1}).to_string()
        })
        .await;
        let made = list.read(&served.reader.graph).await;
        match list {
            // Which organisation this is, and which group is meant, cannot be told from what is left.
            Organization | Groups => {
                let error = made.unwrap_err().to_string();
                assert!(error.contains("not in the form Graph documents"), "{list:?}: {error}");
            }
            ContainingGroups => assert_eq!(made.unwrap(), Made::Unknown),
            // These are looked through for something, and have it; a row without any field says nothing else.
            Products | Synchronization | GroupsHolding | ChangesOfOneName => {
                assert_eq!(made.unwrap(), Made::Rows(1, 0), "{list:?}");
            }
            _ => assert_eq!(made.unwrap(), Made::Rows(1, 5), "{list:?}"),
        }
    }
}

#[tokio::test]
async fn a_list_that_is_null_is_unknown() {
    for list in List::ALL {
        let served = Served::answering(at_once(), |_, _| json!({"value": null}).to_string()).await;
        let made = list.read(&served.reader.graph).await;
        match list {
            Organization | Groups => assert!(made.is_err(), "{list:?}"),
            ContainingGroups | Products | Synchronization => {
                assert_eq!(made.unwrap(), Made::Unknown, "{list:?}")
            }
            GroupsHolding | ChangesOfOneName => assert_eq!(made.unwrap(), Made::Rows(0, 0), "{list:?}"),
            _ => assert_eq!(made.unwrap(), Made::Rows(0, 1), "{list:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_of_10_to_the_18_bytes_is_not_waited_for() {
    for list in List::ALL {
        let raw = Raw::start(at_once(), Raw::announcing(1_000_000_000_000_000_000)).await;
        let error = list.read(&raw.reader.graph).await.unwrap_err();
        assert!(matches!(error, ClientError::TooLarge { limit: 67_108_864, .. }), "{list:?}: {error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_and_one_that_unpacks_without_end_are_cut_off() {
    let limited = || ClientConfig { body_limit: 1 << 20, ..at_once() };
    for body in [Raw::endless(), Raw::bomb(16 << 20)] {
        let raw = Raw::start(limited(), body).await;
        let error = Members.read(&raw.reader.graph).await.unwrap_err();
        assert!(matches!(error, ClientError::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
        let error = raw.reader.portal.fetch_policy().await.unwrap_err();
        assert!(matches!(error, ClientError::TooLarge { .. }), "{error}");
    }
    assert_eq!(ClientConfig::default().body_limit, 64 << 20);
}

#[tokio::test]
async fn a_name_longer_than_any_is_cut_where_it_comes_in() {
    let served = Served::answering(at_once(), |_, _| {
        let long = "ä".repeat(5_000_000);
        json!({"value": [{"id": GROUP, "displayName": long, "verifiedDomains": [{"name": long}]}]})
            .to_string()
    })
    .await;
    let organization = served.reader.graph.fetch_organization().await.unwrap();
    assert!(organization.display_name.chars().count() < 1100);
    assert_eq!(organization.domain(), GROUP);
    let served =
        Served::answering(at_once(), |_, _| json!({"value": "x".repeat(5_000_000)}).to_string()).await;
    let error = served.reader.graph.fetch_organization().await.unwrap_err().to_string();
    assert!(error.len() < 1000, "{} bytes", error.len());
}

#[tokio::test]
async fn an_answer_about_something_else_than_was_asked_for_is_refused() {
    let other = "0b0b0b0b-0000-4000-8000-000000000002";
    let served = Served::answering(at_once(), move |_, _| {
        json!({"id": other, "displayName": "Everyone", "value": [{"id": other, "displayName": "Everyone"}]})
            .to_string()
    })
    .await;
    let graph = &served.reader.graph;
    let said = |error: ClientError| error.to_string();
    let error = said(graph.fetch_group(GROUP.parse().unwrap()).await.unwrap_err());
    assert!(error.contains(&format!("the group {other} in place of {GROUP}")), "{error}");
    let error = said(graph.fetch_groups_named("Pilot").await.unwrap_err());
    assert!(error.contains("another name than the one asked for"), "{error}");
    assert!(said(graph.fetch_user(GROUP).await.unwrap_err()).contains("in place of the one asked for"));
    let user = GROUP.parse().unwrap();
    assert!(said(graph.fetch_registration(user).await.unwrap_err()).contains("another user's row"));
    assert!(said(graph.fetch_method("Sms").await.unwrap_err()).contains("another method than Sms"));
    // In another case it is the same name.
    assert_eq!(graph.fetch_groups_named("EVERYONE").await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_organisation_whose_id_is_a_path_is_none() {
    for id in ["../../x", "default", "", "84841066274d4ec0a5c1276be684bdd3"] {
        let served = Served::answering(at_once(), move |_, _| {
            json!({"value": [{"id": id, "displayName": "Contoso", "verifiedDomains": []}]}).to_string()
        })
        .await;
        let error = served.reader.graph.fetch_organization().await.unwrap_err();
        assert!(
            error.to_string().contains("an organisation that is not in the form Graph documents"),
            "{id}: {error}"
        );
    }
}
