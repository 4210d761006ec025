//! Fetches people: the members of a group, through all nesting, and one user by name.
//! <https://learn.microsoft.com/graph/api/group-list-transitivemembers>

use std::fmt;

use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::GraphReader;
use super::pages::{List, NextPage, eventual, name};
use crate::client::transport::Request;
use crate::client::{ClientError, odata};
use crate::ids::{GroupId, UserId};
use crate::people::{LastSignIn, Licence, Person};
use crate::tenant::DirectoryContacts;
use crate::text::{composed, excerpt};

const USER_FIELDS: &str = "id,userPrincipalName,displayName,accountEnabled,userType,onPremisesSyncEnabled,assignedPlans,assignedLicenses,mail,mobilePhone,businessPhones,otherMails";

const SIGN_INS: &str = "signInActivity";

/// Which people of a group are listed, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberList {
    /// The group.
    pub group: GroupId,
    /// Whether those alone who are in it directly, and not through nesting.
    pub is_direct: bool,
    /// Whether each comes with their last sign-in, which takes `AuditLog.Read.All` and Entra ID P1 or P2; elsewhere Graph refuses
    /// the list. Microsoft documents it of users and not of lists of members; its metadata has it there too.
    /// <https://learn.microsoft.com/graph/api/resources/signinactivity>
    pub has_sign_ins: bool,
}

impl MemberList {
    /// Returns how many people a page can have: 999, and 500 with their sign-ins
    /// (<https://learn.microsoft.com/graph/api/user-list>, "Optional query parameters").
    pub fn page_size(self) -> usize {
        if self.has_sign_ins { 500 } else { 999 }
    }

    /// Returns what Graph calls it: `members` or `transitiveMembers`.
    pub fn name(self) -> &'static str {
        if self.is_direct { "members" } else { "transitiveMembers" }
    }

    fn fields(self) -> String {
        if self.has_sign_ins { format!("{USER_FIELDS},{SIGN_INS}") } else { USER_FIELDS.to_owned() }
    }
}

/// Everyone in it through all nesting, without their sign-ins.
impl From<GroupId> for MemberList {
    fn from(group: GroupId) -> Self {
        Self { group, is_direct: false, has_sign_ins: false }
    }
}

/// Some members, and the way to more.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// The people on this page.
    pub people: Vec<Person>,
    /// How many rows of this page could not be read: members of whom nothing is known.
    pub odd: u64,
    /// How many the whole query has, where Graph counted.
    pub count: Option<u64>,
    /// Where the next page is.
    pub next: Option<NextPage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserWire {
    id: UserId,
    user_principal_name: Option<String>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    assigned_plans: Option<Vec<PlanWire>>,
    assigned_licenses: Option<Vec<LicenceWire>>,
    mail: Option<String>,
    #[serde(default)]
    mobile_phone: Held,
    #[serde(default)]
    business_phones: Held,
    #[serde(default)]
    other_mails: Held,
    sign_in_activity: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanWire {
    service_plan_id: Option<Uuid>,
    capability_status: Option<PlanStatus>,
}

/// No text is kept of it: most people have a dozen plans.
#[derive(Deserialize, PartialEq)]
enum PlanStatus {
    Enabled,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LicenceWire {
    sku_id: Option<Uuid>,
}

/// Whether an attribute, or a list, holds any text; none of it is kept. `None` where the service did not say, or said
/// something else.
#[derive(Clone, Copy, Default)]
struct Held(Option<bool>);

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Held;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a list of it, or null")
            }

            fn visit_unit<E>(self) -> Result<Held, E> {
                Ok(Held(Some(false)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Held, E> {
                Ok(Held(Some(!text.trim().is_empty())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Held, A::Error> {
                let mut any = Some(false);
                while let Some(Held(held)) = list.next_element()? {
                    any = if any == Some(true) || held == Some(true) { Some(true) } else { any.and(held) };
                }
                Ok(Held(any))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Held, E> {
                Ok(Held(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Held, E> {
                Ok(Held(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Held, E> {
                Ok(Held(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Held, E> {
                Ok(Held(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Held, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Held(None))
            }
        }

        deserializer.deserialize_any(Text)
    }
}

fn contacts(mobile: Held, business: Held, mails: Held) -> Option<DirectoryContacts> {
    Some(DirectoryContacts { mobile_phone: mobile.0?, office_phone: business.0?, other_mail: mails.0? })
}

impl GraphReader {
    /// Fetches the first page of a group's members, in the order of user principal names. `filter` is an
    /// OData filter; `top` is 1 to 999.
    pub async fn fetch_members(
        &self,
        list: impl Into<MemberList>,
        filter: Option<&str>,
        top: usize,
    ) -> Result<MemberPage, ClientError> {
        let (list, top) = (list.into(), top.to_string());
        let fields = list.fields();
        let mut query = vec![
            ("$count", "true"),
            ("$orderby", "userPrincipalName"),
            ("$select", fields.as_str()),
            ("$top", top.as_str()),
        ];
        query.extend(filter.map(|filter| ("$filter", filter)));
        let path = ["groups", &list.group.to_string(), list.name(), "microsoft.graph.user"];
        self.fetch_member_page(self.get(&path, &query), None).await
    }

    /// Fetches the first page of a group's members as plainly as the service allows: no order, no filter.
    pub async fn fetch_members_plainly(
        &self,
        list: impl Into<MemberList>,
    ) -> Result<MemberPage, ClientError> {
        self.fetch_member_page(self.members_plainly(list.into()), None).await
    }

    pub(super) fn members_plainly(&self, list: MemberList) -> Request {
        let (fields, top) = (list.fields(), list.page_size().to_string());
        let query = [("$count", "true"), ("$select", fields.as_str()), ("$top", top.as_str())];
        self.get(&["groups", &list.group.to_string(), list.name(), "microsoft.graph.user"], &query)
    }

    /// Fetches the page a [`MemberPage::next`] names.
    ///
    /// # Errors
    /// As every request; also where the link leads to another host, or the list comes back to a page before it.
    pub async fn fetch_more_members(&self, next: &NextPage) -> Result<MemberPage, ClientError> {
        self.fetch_member_page(self.next_request(next)?, Some(next)).await
    }

    /// Fetches one user by id or user principal name; `None` where there is none.
    /// <https://learn.microsoft.com/graph/api/user-get>
    ///
    /// # Errors
    /// As every request; also where another user answers than the one asked for.
    pub async fn fetch_user(&self, wanted: &str) -> Result<Option<Person>, ClientError> {
        let request = self.get(&["users", wanted], &[("$select", USER_FIELDS)]);
        match self.transport.fetch::<UserWire>(request).await {
            Ok((user, _)) if user.is(wanted) => Ok(Some(user.into())),
            Ok((user, answer)) => {
                let name = user.user_principal_name.as_deref().unwrap_or("without a name");
                Err(answer.unreadable(&format!(
                    "the user {} ({}) in place of the one asked for",
                    user.id,
                    excerpt(name, 120)
                )))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches a few of the users whose principal name begins so.
    ///
    /// # Errors
    /// As every request.
    pub async fn fetch_users_beginning(&self, begin: &str) -> Result<List<Person>, ClientError> {
        let filter = format!("startswith(userPrincipalName,{})", odata::quote(begin));
        let query = [("$filter", filter.as_str()), ("$select", USER_FIELDS), ("$top", "6")];
        let people = self.fetch_pages(self.get(&["users"], &query), 1).await?;
        Ok(people.map(|user: UserWire| user.into()))
    }

    async fn fetch_member_page(
        &self,
        request: Request,
        before: Option<&NextPage>,
    ) -> Result<MemberPage, ClientError> {
        // A link to the next page asks for the same fields.
        let has_sign_ins = request.url.query().is_some_and(|query| query.contains(SIGN_INS));
        let (page, next, _) = self.fetch_page::<UserWire>(eventual(request), before).await?;
        let person = |mut user: UserWire| {
            let activity = user.sign_in_activity.take();
            let last_sign_in =
                if has_sign_ins { last_sign_in(activity.as_ref()) } else { LastSignIn::Unknown };
            Person { last_sign_in, ..user.into() }
        };
        Ok(MemberPage {
            people: page.rows.into_iter().map(person).collect(),
            odd: page.odd,
            count: page.count,
            next,
        })
    }
}

/// Reads what was asked for: Graph leaves it out for someone who has not signed in since April 2020.
fn last_sign_in(activity: Option<&Value>) -> LastSignIn {
    match activity.map(|activity| &activity["lastSignInDateTime"]) {
        None => LastSignIn::Never,
        Some(Value::Null) if activity.is_some_and(Value::is_object) => LastSignIn::Never,
        Some(Value::String(at)) => at.parse::<Timestamp>().map_or(LastSignIn::Unknown, LastSignIn::At),
        Some(_) => LastSignIn::Unknown,
    }
}

impl UserWire {
    /// Returns whether an id or a user principal name is this user's.
    fn is(&self, wanted: &str) -> bool {
        if let Ok(id) = wanted.parse::<UserId>() {
            return id == self.id;
        }
        // Graph takes a name in either case, and Unicode's spellings of a letter look the same.
        let folded = |name: &str| composed(&name.to_lowercase()).into_owned();
        self.user_principal_name.as_deref().is_some_and(|name| folded(name) == folded(wanted))
    }
}

impl From<UserWire> for Person {
    fn from(wire: UserWire) -> Self {
        let is_enabled = |plan: PlanWire| plan.capability_status == Some(PlanStatus::Enabled);
        let plan = |plan: PlanWire| Some((plan.service_plan_id?, is_enabled(plan)));
        let plans: Option<Vec<_>> =
            wire.assigned_plans.map(|plans| plans.into_iter().filter_map(plan).collect());
        let product = |product: LicenceWire| product.sku_id;
        let products: Option<Vec<_>> =
            wire.assigned_licenses.map(|products| products.into_iter().filter_map(product).collect());
        Self {
            id: wire.id,
            // An empty name is none: it is what rows are sorted and cut by.
            user_principal_name: wire.user_principal_name.filter(|name| !name.is_empty()).map(name),
            display_name: wire.display_name.map(name),
            is_enabled: wire.account_enabled,
            // Accounts older than the field have none, and are members; but then the name is known.
            is_guest: match wire.user_type {
                Some(kind) => Some(kind.eq_ignore_ascii_case("guest")),
                None => wire.account_enabled.map(|_| false),
            },
            is_synced: wire.on_premises_sync_enabled == Some(true),
            licence: Licence::read(plans.as_deref(), products.as_deref()),
            mail: wire.mail.filter(|mail| !mail.is_empty()).map(name),
            directory: contacts(wire.mobile_phone, wire.business_phones, wire.other_mails),
            last_sign_in: LastSignIn::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plans_status_is_read_by_its_word_and_what_is_no_word_makes_the_row_odd() {
        let status = |status: serde_json::Value| {
            let user = json!({"id": Uuid::nil(), "assignedPlans": [{"servicePlanId": Uuid::nil(), "capabilityStatus": status}]});
            let user = serde_json::from_value::<UserWire>(user).ok()?;
            Some(user.assigned_plans?.pop()?.capability_status == Some(PlanStatus::Enabled))
        };
        for (given, is_enabled) in [
            (json!("Enabled"), Some(true)),
            (json!("Warning"), Some(false)),
            (json!("enabled"), Some(false)),
            (json!(null), Some(false)),
            // The word with nothing to it is still the word.
            (json!({"Enabled": null}), Some(true)),
            (json!({"Suspended": null}), Some(false)),
            (json!({"Enabled": 1}), None),
            (json!({}), None),
            (json!(["Enabled"]), None),
            (json!(1), None),
        ] {
            assert_eq!(status(given.clone()), is_enabled, "{given}");
        }
    }

    #[test]
    fn a_sign_in_is_at_a_time_never_or_unknown() {
        let at = "2026-11-20T08:00:00Z";
        for (given, expected) in [
            (json!({"lastSignInDateTime": at}), LastSignIn::At(at.parse().unwrap())),
            (json!({"lastSignInDateTime": null}), LastSignIn::Never),
            (json!({"lastNonInteractiveSignInDateTime": at}), LastSignIn::Never),
            (json!({"lastSignInDateTime": "of late"}), LastSignIn::Unknown),
            (json!({"lastSignInDateTime": 7}), LastSignIn::Unknown),
            (json!("of late"), LastSignIn::Unknown),
        ] {
            assert_eq!(last_sign_in(Some(&given)), expected, "{given}");
        }
        assert_eq!(last_sign_in(None), LastSignIn::Never);
    }

    #[test]
    fn an_attribute_that_is_no_text_is_unknown_and_the_person_is_read_all_the_same() {
        for (given, held) in [
            (json!("+47 1"), Some(true)),
            (json!(null), Some(false)),
            (json!([]), Some(false)),
            (json!(["", "a"]), Some(true)),
            (json!([1]), None),
            (json!(7), None),
            (json!(-7), None),
            (json!(1.5), None),
            (json!(true), None),
            (json!({"a": [1]}), None),
        ] {
            assert_eq!(serde_json::from_value::<Held>(given.clone()).unwrap().0, held, "{given}");
        }
    }
}
