//! Fetches answers as they are, to be kept in a snapshot. Of people, only what is asked of them: no number, no address but
//! their account's own.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::GraphReader;
use super::directory_changes::{additions, called};
use super::groups::GROUP_FIELDS;
use super::members::MemberList;
use super::pages::{List, eventual};
use super::registration_report::{FIELDS as REPORT_FIELDS, REPORT};
use super::reset_events::{LOG, resets};
use crate::client::{ClientError, odata};
use crate::ids::GroupId;
use crate::people::{BUSINESS_STANDARD, P1, P2};
use crate::text::spellings;

/// Pages of the audit log that are kept for each question; each waits for its turn of five in ten seconds.
const LOG_PAGES: usize = 20;

impl GraphReader {
    /// Fetches an object.
    pub async fn capture(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, ClientError> {
        self.transport.fetch(self.get(path, query)).await.map(|(answer, _)| answer)
    }

    /// Fetches a list to its end.
    pub async fn capture_list(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, ClientError> {
        Ok(whole(self.fetch_all(self.get(path, query)).await?).into())
    }

    /// Fetches a group; what a plan looks at.
    pub async fn capture_group(&self, id: GroupId) -> Result<Value, ClientError> {
        self.capture(&["groups", &id.to_string()], &[("$select", GROUP_FIELDS)]).await
    }

    /// Fetches all groups of a name, in whatever spelling.
    pub async fn capture_groups_named(&self, name: &str) -> Result<Value, ClientError> {
        let names: Vec<String> = spellings(name).iter().map(|name| odata::quote(name)).collect();
        let filter = format!("displayName in ({})", names.join(","));
        self.capture_list(&["groups"], &[("$filter", &filter), ("$select", GROUP_FIELDS)]).await
    }

    /// Fetches what a group is in: directly, or through all nesting.
    pub async fn capture_holders(&self, group: GroupId, path: &str) -> Result<Value, ClientError> {
        let query = [("$select", "id,displayName"), ("$top", "999")];
        self.capture_list(&["groups", &group.to_string(), path], &query).await
    }

    /// Fetches the groups that are directly in a group.
    pub async fn capture_groups_within(&self, group: GroupId) -> Result<Value, ClientError> {
        Ok(whole(self.fetch_all(self.groups_within(group)).await?).into())
    }

    /// Fetches the people of a list of members.
    pub async fn capture_people(&self, list: MemberList) -> Result<Vec<Value>, ClientError> {
        Ok(whole(self.fetch_all(eventual(self.members_plainly(list))).await?).iter().map(person).collect())
    }

    /// Fetches who holds which role, and who can activate one; `path` is one of the two lists.
    pub async fn capture_roles(&self, path: &str) -> Result<Value, ClientError> {
        let path = ["roleManagement", "directory", path];
        let assignments = self.fetch_all(self.get(&path, &[("$expand", "principal")])).await?;
        Ok(whole(assignments).iter().map(assignment).collect())
    }

    /// Fetches the registration report.
    pub async fn capture_registrations(&self) -> Result<Vec<Value>, ClientError> {
        let request = self.in_turn(self.get(&REPORT, &[REPORT_FIELDS, ("$top", "999")]));
        Ok(whole(self.fetch_all(request).await?))
    }

    /// Fetches what the audit log has of password reset since a moment.
    pub async fn capture_resets(&self, since: Timestamp) -> Result<Vec<Value>, ClientError> {
        self.capture_log(&resets(since)).await
    }

    /// Fetches what the audit log has of the changes of one name since a moment.
    pub async fn capture_changes_called(
        &self,
        activity: &str,
        since: Timestamp,
    ) -> Result<Vec<Value>, ClientError> {
        self.capture_log(&called(activity, since)).await
    }

    /// Fetches what the audit log has of the additions of a group to others since a moment.
    pub async fn capture_additions(
        &self,
        member: GroupId,
        since: Timestamp,
    ) -> Result<Vec<Value>, ClientError> {
        self.capture_log(&additions(member, since)).await
    }

    async fn capture_log(&self, filter: &str) -> Result<Vec<Value>, ClientError> {
        let request = self.in_turn(self.get(&LOG, &[("$filter", filter), ("$top", "999")]));
        let lines = self.fetch_pages(request, LOG_PAGES).await?;
        Ok(whole(lines).iter().map(logged).collect())
    }
}

/// Returns the rows of a list. One that was no list, or is not all, has a row more, which nobody can read: what depends on
/// all of them is unknown to whoever reads the snapshot, too.
fn whole(list: List<Value>) -> Vec<Value> {
    let lacks = usize::from(list.odd > 0 || !list.is_all);
    list.rows.into_iter().chain(std::iter::repeat_n(Value::Null, lacks)).collect()
}

fn some_of(row: &Value, names: &[&str]) -> Value {
    let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), row.get(*name)?.clone())));
    match row {
        Value::Object(_) => Value::Object(kept.collect()),
        other => other.clone(),
    }
}

/// A user: of licences those that are asked about, and of numbers and addresses whether there is one.
fn person(row: &Value) -> Value {
    const KEPT: [&str; 7] = [
        "id",
        "userPrincipalName",
        "displayName",
        "accountEnabled",
        "userType",
        "onPremisesSyncEnabled",
        "mail",
    ];
    if !row.is_object() {
        return row.clone();
    }
    let mut kept = some_of(row, &KEPT);
    if let Some(activity) = row.get("signInActivity") {
        kept["signInActivity"] = some_of(activity, &["lastSignInDateTime"]);
    }
    for name in ["mobilePhone", "businessPhones", "otherMails"] {
        if let Some(value) = row.get(name) {
            kept[name] = veiled(value);
        }
    }
    let is_of = |value: &Value, ids: &[uuid::Uuid]| {
        let id = value.as_str().and_then(|text| uuid::Uuid::try_parse(text).ok());
        id.is_none_or(|id| ids.contains(&id))
    };
    let lists: [(&str, &[uuid::Uuid], &[&str]); 2] = [
        ("assignedPlans", &[P1, P2], &["servicePlanId", "capabilityStatus"]),
        ("assignedLicenses", &[BUSINESS_STANDARD], &["skuId"]),
    ];
    for (name, ids, fields) in lists {
        kept[name] = match row.get(name) {
            Some(Value::Array(all)) => {
                let some = all.iter().filter(|one| is_of(&one[fields[0]], ids));
                some.map(|one| some_of(one, fields)).collect()
            }
            other => other.cloned().unwrap_or_default(),
        };
    }
    kept
}

/// A number or an address, or a list of them, with `set` in the place of each.
fn veiled(value: &Value) -> Value {
    match value {
        Value::String(text) if text.trim().is_empty() => json!(""),
        Value::String(_) => json!("set"),
        Value::Array(all) => all.iter().map(veiled).collect(),
        Value::Number(_) | Value::Object(_) => json!(0),
        other => other.clone(),
    }
}

/// Who holds a role, or can activate it.
fn assignment(row: &Value) -> Value {
    let mut kept = some_of(row, &["id", "principalId", "roleDefinitionId"]);
    if kept.is_object() {
        kept["principal"] = some_of(&row["principal"], &["@odata.type", "id", "displayName"]);
    }
    kept
}

/// A line of the audit log, without addresses of machines and values of properties.
fn logged(line: &Value) -> Value {
    const KEPT: [&str; 7] = [
        "id",
        "activityDateTime",
        "activityDisplayName",
        "loggedByService",
        "category",
        "result",
        "resultReason",
    ];
    let mut kept = some_of(line, &KEPT);
    if !kept.is_object() {
        return kept;
    }
    let who = |who: &Value| {
        some_of(who, &["id", "appId", "servicePrincipalId", "userPrincipalName", "displayName"])
    };
    if let Some(by) = line.get("initiatedBy").filter(|by| by.is_object()) {
        kept["initiatedBy"] = json!({"app": who(&by["app"]), "user": who(&by["user"])});
    }
    if let Some(targets) = line["targetResources"].as_array() {
        kept["targetResources"] = targets
            .iter()
            .map(|target| {
                let mut kept = some_of(target, &["id", "displayName", "type"]);
                if let Some(properties) = target["modifiedProperties"].as_array() {
                    kept["modifiedProperties"] =
                        properties.iter().map(|property| some_of(property, &["displayName"])).collect();
                }
                kept
            })
            .collect();
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_not_all_is_kept_with_a_row_that_nobody_can_read() {
        let list = |odd, is_all| List { rows: vec![json!({"id": 1})], odd, is_all };
        assert_eq!(whole(list(0, true)), [json!({"id": 1})]);
        for list in [list(1, true), list(3, true), list(0, false)] {
            assert_eq!(whole(list), [json!({"id": 1}), Value::Null]);
        }
        assert!([person, assignment, logged].iter().all(|kept| kept(&Value::Null).is_null()));
    }

    #[test]
    fn of_a_person_no_number_and_no_other_licence_is_kept() {
        let row = json!({
            "id": "1", "userPrincipalName": "ada@contoso.com", "mail": null, "jobTitle": "secret",
            "mobilePhone": "+47 555", "businessPhones": ["+47 556", ""], "otherMails": [],
            "assignedPlans": [
                {"servicePlanId": P1, "capabilityStatus": "Enabled", "service": "secret"},
                {"servicePlanId": "00000000-0000-0000-0000-000000000001", "capabilityStatus": "Enabled"},
            ],
            "assignedLicenses": null,
        });
        assert_eq!(
            person(&row),
            json!({
                "id": "1", "userPrincipalName": "ada@contoso.com", "mail": null,
                "mobilePhone": "set", "businessPhones": ["set", ""], "otherMails": [],
                "assignedPlans": [{"servicePlanId": P1, "capabilityStatus": "Enabled"}],
                "assignedLicenses": null,
            })
        );
        assert_eq!(person(&Value::Null), Value::Null);
    }

    #[test]
    fn of_a_line_of_the_log_no_value_of_a_property_is_kept() {
        let line = json!({
            "id": "1", "initiatedBy": {"user": {"id": "2", "ipAddress": "secret"}, "app": null},
            "targetResources": [{"id": "3", "modifiedProperties": [{"displayName": "a", "newValue": "secret"}]}, null],
        });
        let kept = logged(&line).to_string();
        assert!(!kept.contains("secret") && kept.contains("\"displayName\":\"a\""), "{kept}");
    }
}
