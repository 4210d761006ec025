//! Writes of a group's members, and what Graph refuses (facts 2026-11 B1).

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sspr::sandbox::tenant::{GroupKind, RoleGrant, id};
use sspr::sandbox::{Seed, TenantState};
use uuid::Uuid;

use super::routes::{Asked, Asker};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

struct Group(Asker);

impl Group {
    async fn new() -> Self {
        Self(Asker::new(Seed::Rings).await)
    }

    async fn send(&self, method: Method, target: &str, token: &str, body: Option<Value>) -> Asked {
        let body = body.map(|body| body.to_string());
        let headers = if body.is_some() { &JSON[..] } else { &[] };
        self.0.ask(method, &format!("/v1.0/groups/{target}"), token, headers, body.as_deref()).await
    }

    async fn add(&self, group: &str, member: Uuid) -> Asked {
        let link =
            json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{member}")});
        let token = self.0.sandbox.graph_token().to_owned();
        self.send(Method::POST, &format!("{}/members/$ref", id(group)), &token, Some(link)).await
    }

    async fn remove(&self, group: &str, member: Uuid) -> Asked {
        let token = self.0.sandbox.graph_token().to_owned();
        self.send(Method::DELETE, &format!("{}/members/{member}/$ref", id(group)), &token, None).await
    }

    async fn bind(&self, group: &str, members: &[Uuid]) -> Asked {
        let links: Vec<String> = members
            .iter()
            .map(|id| format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}"))
            .collect();
        let token = self.0.sandbox.graph_token().to_owned();
        self.send(Method::PATCH, &id(group).to_string(), &token, Some(json!({"members@odata.bind": links})))
            .await
    }

    fn members(&self, group: &str) -> Vec<Uuid> {
        self.0.sandbox.tenant().group(id(group)).unwrap().members.clone()
    }
}

fn refused(asked: &Asked) -> (u16, &str) {
    (asked.status.as_u16(), asked.body["error"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_member_is_added_once_and_removed_once() {
    let group = Group::new().await;
    let ring = id("SSPR-Ring-IT");
    assert_eq!(group.add("SSPR-Pilot", ring).await.status, StatusCode::NO_CONTENT);
    let again = group.add("SSPR-Pilot", ring).await;
    assert_eq!(refused(&again), (400, "Request_BadRequest"));
    assert_eq!(
        again.body["error"]["message"],
        "One or more added object references already exist for the following modified properties: 'members'."
    );
    assert_eq!(refused(&group.add("SSPR-Pilot", id("no one")).await), (404, "Request_ResourceNotFound"));
    assert_eq!(refused(&group.add("no group", ring).await), (404, "Request_ResourceNotFound"));
    let holders = group.0.graph(&format!("/v1.0/groups/{ring}/memberOf?$select=id")).await;
    let ids: Vec<&Value> = holders.body["value"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert!(ids.contains(&&json!(id("SSPR-Pilot"))), "{ids:?}");
    assert_eq!(group.remove("SSPR-Pilot", ring).await.status, StatusCode::NO_CONTENT);
    assert_eq!(refused(&group.remove("SSPR-Pilot", ring).await), (404, "Request_ResourceNotFound"));
    assert_eq!(group.members("SSPR-Pilot"), [id("ada")]);
}

#[tokio::test]
async fn a_patch_binds_all_or_none() {
    let group = Group::new().await;
    let (it, office) = (id("SSPR-Ring-IT"), id("SSPR-Ring-Office"));
    assert_eq!(refused(&group.bind("SSPR-Pilot", &[it, id("ada")]).await), (400, "Request_BadRequest"));
    assert_eq!(refused(&group.bind("SSPR-Pilot", &[it, it]).await), (400, "Request_BadRequest"));
    let many: Vec<Uuid> = (0..21).map(Uuid::from_u128).collect();
    assert_eq!(refused(&group.bind("SSPR-Pilot", &many).await), (400, "Request_BadRequest"));
    assert_eq!(group.members("SSPR-Pilot"), [id("ada")]);
    assert_eq!(group.bind("SSPR-Pilot", &[it, office]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(group.members("SSPR-Pilot"), [id("ada"), it, office]);
}

#[tokio::test]
async fn groups_that_others_manage_are_refused_whatever_the_token_may() {
    let change = |kind| {
        move |tenant: &mut TenantState| {
            tenant.groups.iter_mut().filter(|group| group.name == "SSPR-Pilot").for_each(
                |group| match kind {
                    None => group.roles = vec![RoleGrant::active(Uuid::from_u128(7))],
                    Some(kind) => group.kind = kind,
                },
            );
        }
    };
    for kind in [None, Some(GroupKind::Dynamic), Some(GroupKind::Synced), Some(GroupKind::MailEnabled)] {
        let group = Group::new().await;
        group.0.sandbox.edit(change(kind));
        for asked in [group.add("SSPR-Pilot", id("ivo")).await, group.remove("SSPR-Pilot", id("ada")).await] {
            assert_eq!(refused(&asked), (403, "Authorization_RequestDenied"), "{kind:?}");
        }
        assert_eq!(group.members("SSPR-Pilot"), [id("ada")], "{kind:?}");
    }
}

#[tokio::test]
async fn the_permission_decides_and_without_ref_it_is_the_object_that_goes() {
    let group = Group::new().await;
    let (pilot, ada) = (id("SSPR-Pilot"), id("ada"));
    let reads = group.0.sandbox.graph_token_with("GroupMember.Read.All");
    let target = format!("{pilot}/members/{ada}/$ref");
    let asked = group.send(Method::DELETE, &target, &reads, None).await;
    assert_eq!(refused(&asked), (403, "Authorization_RequestDenied"));
    let bare = format!("{pilot}/members/{ada}");
    let writes = group.0.sandbox.graph_token_with("GroupMember.ReadWrite.All");
    assert_eq!(
        refused(&group.send(Method::DELETE, &bare, &writes, None).await),
        (403, "Authorization_RequestDenied")
    );
    let more = group.0.sandbox.graph_token_with("GroupMember.ReadWrite.All User.ReadWrite.All");
    assert_eq!(group.send(Method::DELETE, &bare, &more, None).await.status, StatusCode::NO_CONTENT);
    let tenant = group.0.sandbox.tenant();
    assert!(
        tenant.users.iter().all(|user| user.id != ada) && tenant.group(pilot).unwrap().members.is_empty()
    );
}

#[tokio::test]
async fn the_audit_log_tells_who_came_and_went() {
    let group = Group::new().await;
    let ring = id("SSPR-Ring-IT");
    let _ = group.add("SSPR-Pilot", ring).await;
    let _ = group.remove("SSPR-Pilot", ring).await;
    let log = group
        .0
        .graph(&format!(
            "/v1.0/auditLogs/directoryAudits?$filter=targetResources/any(t:t/id%20eq%20'{ring}')"
        ))
        .await;
    let rows = log.body["value"].as_array().unwrap();
    let told: Vec<&str> = rows.iter().map(|row| row["activityDisplayName"].as_str().unwrap()).collect();
    assert_eq!(told, ["Remove member from group", "Add member to group"]);
    let ids: Vec<&Value> =
        rows[1]["targetResources"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&json!(ring), &json!(id("SSPR-Pilot"))]);
}

#[tokio::test]
async fn people_register_over_time_and_the_clock_can_be_moved() {
    let group = Group::new().await;
    let sandbox = &group.0.sandbox;
    let now = jiff::Timestamp::now();
    assert_eq!(sandbox.register_some("SSPR-Ring-Office", 2, &["email"]).unwrap(), 2);
    sandbox.pass(jiff::SignedDuration::from_hours(48)).unwrap();
    assert_eq!(sandbox.register_some("sspr-ring-office", 9, &["email"]).unwrap(), 1);
    assert_eq!(sandbox.register_some("SSPR-Ring-Office", 9, &["email"]).unwrap(), 0);
    assert!(sandbox.register_some("no group", 1, &["email"]).is_err());
    let at: Vec<i64> =
        sandbox.tenant().audits.iter().map(|event| event.at.duration_since(now).as_hours()).collect();
    assert_eq!(at, [0, 0, 48]);
}
