//! Some people of the tenant in the order of their names, counted and paged.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use super::licences::{plans, sku};
use super::query::{Options, Refused};
use crate::sandbox::crowd::CrowdRange;
use crate::sandbox::filter::{Filter, Literal, Operator, Record};
use crate::sandbox::odata;
use crate::sandbox::world::{User, World};

/// Graph's largest page.
const MAX_PAGE: usize = 999;

/// Some people of the tenant: those made by hand, and generated ones.
pub(super) struct Selection<'a> {
    world: &'a World,
    users: Vec<&'a User>,
    crowd: Vec<CrowdRange>,
}

impl<'a> Selection<'a> {
    pub(super) fn of_group(world: &'a World, group: Uuid) -> Self {
        let mut users = world.members_through_nesting(group);
        users.sort_by_key(|user| order(user));
        Self { world, users, crowd: world.crowd_through_nesting(group) }
    }

    pub(super) fn everyone(world: &'a World) -> Self {
        let mut users: Vec<&User> = world.users.iter().collect();
        users.sort_by_key(|user| order(user));
        Self { world, users, crowd: vec![CrowdRange { start: 0, end: world.crowd.size }] }
    }

    /// Narrows the crowd to the names a filter and a page token leave, so that a page does not walk it all.
    pub(super) fn narrow(&mut self, filter: Option<&Filter>, after: Option<&str>) {
        let crowd = self.world.crowd;
        let name = |alias: &str| {
            let domain = self.world.domains.first().map_or("", String::as_str);
            format!("{alias}@{domain}").to_lowercase()
        };
        let (mut start, mut end) = (0, crowd.size);
        if let Some(after) = after {
            start = crowd.position(|alias| name(alias).as_str() <= after);
            self.users.retain(|user| name(&user.alias).as_str() > after);
        }
        for part in filter.into_iter().flat_map(Filter::conjuncts) {
            match part {
                Filter::Compare(property, operator, Literal::Text(text))
                    if property == "userPrincipalName" =>
                {
                    let text = text.to_lowercase();
                    if matches!(operator, Operator::AtLeast | Operator::Equal) {
                        start = start.max(crowd.position(|alias| name(alias) < text));
                    }
                    if matches!(operator, Operator::AtMost | Operator::Equal) {
                        end = end.min(crowd.position(|alias| name(alias) <= text));
                    }
                }
                Filter::StartsWith(property, text) if property == "userPrincipalName" => {
                    let text = text.to_lowercase();
                    start = start.max(crowd.position(|alias| name(alias) < text));
                    end =
                        end.min(crowd.position(|alias| name(alias) < text || name(alias).starts_with(&text)));
                }
                _ => {}
            }
        }
        for range in &mut self.crowd {
            (range.start, range.end) =
                (range.start.max(start), range.end.min(end).max(range.start.max(start)));
        }
    }

    /// Walks the selection in the order of user principal names.
    fn walk(&self, mut visit: impl FnMut(&User) -> bool) {
        let mut by_hand = self.users.iter().copied().peekable();
        for i in self.crowd.iter().flat_map(|range| range.start..range.end) {
            let person = self.world.crowd.person(i);
            while let Some(user) = by_hand.next_if(|user| order(user) < order(&person)) {
                if !visit(user) {
                    return;
                }
            }
            if !visit(&person) {
                return;
            }
        }
        for user in by_hand {
            if !visit(user) {
                return;
            }
        }
    }

    pub(super) fn count(&self, filter: Option<&Filter>) -> usize {
        let is_by_name_alone = filter.is_none_or(|filter| {
            filter.conjuncts().iter().all(|part| {
                matches!(part, Filter::Compare(name, Operator::AtLeast | Operator::AtMost | Operator::Equal, Literal::Text(_))
                    | Filter::StartsWith(name, _) if name == "userPrincipalName")
            })
        });
        let users = self.users.iter().filter(|user| holds(filter, self.world, user)).count();
        if is_by_name_alone {
            let crowd: u64 = self.crowd.iter().map(|range| range.end - range.start).sum();
            return users + usize::try_from(crowd).unwrap_or(usize::MAX);
        }
        let mut count = 0;
        self.walk(|user| {
            count += usize::from(holds(filter, self.world, user));
            true
        });
        count
    }
}

fn holds(filter: Option<&Filter>, world: &World, user: &User) -> bool {
    filter.is_none_or(|filter| filter.holds(&Seen { world, user }))
}

/// A user as filters see it.
struct Seen<'a> {
    world: &'a World,
    user: &'a User,
}

/// An element of a collection as filters see it: one property, its value, and its `capabilityStatus`.
pub(super) struct Element(pub(super) &'static str, pub(super) String, pub(super) &'static str);

impl Record for Element {
    fn property(&self, name: &str) -> Option<Literal> {
        match name.split_once('/').map_or(name, |(_, name)| name) {
            "capabilityStatus" => Some(Literal::Text(self.2.to_owned())),
            property if property == self.0 => Some(Literal::Text(self.1.clone())),
            _ => None,
        }
    }
}

impl Record for Seen<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        let Self { world, user } = self;
        Some(match name {
            "id" => Literal::Text(user.id.to_string()),
            "userPrincipalName" => Literal::Text(world.user_principal_name(user)),
            "displayName" => Literal::Text(user.name.clone()),
            "accountEnabled" => Literal::Flag(user.is_enabled),
            "userType" => Literal::Text(if user.is_guest { "Guest" } else { "Member" }.to_owned()),
            "onPremisesSyncEnabled" if user.is_synced => Literal::Flag(true),
            "onPremisesSyncEnabled" => Literal::Null,
            _ => return None,
        })
    }

    fn elements(&self, name: &str) -> Vec<Box<dyn Record>> {
        let element = |property, value: &str, status| {
            Box::new(Element(property, value.to_owned(), status)) as Box<dyn Record>
        };
        match name {
            "assignedPlans" => plans(self.user.licence)
                .iter()
                .map(|(plan, status)| element("servicePlanId", plan, status))
                .collect(),
            "assignedLicenses" => sku(self.user.licence)
                .iter()
                .map(|sku| element("skuId", &sku.to_string(), "Enabled"))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Answers one page of a selection.
pub(super) fn page(
    selection: &mut Selection<'_>,
    options: &Options,
    path: &str,
    host: &str,
    row: impl Fn(&World, &User) -> Option<Value>,
) -> Result<Response, Refused> {
    let filter = options.filter()?;
    let top = options.top.unwrap_or(100);
    if !(1..=MAX_PAGE).contains(&top) {
        return Err(Refused::Invalid("Invalid page size specified. Must be between 1 and 999 inclusive."));
    }
    if options.orderby.as_deref().is_some_and(|orderby| orderby != "userPrincipalName") {
        return Err(Refused::Unsupported("Sorting not supported for current query."));
    }
    let world = selection.world;
    let is_counted = options.count == Some(true) && options.skiptoken.is_none();
    selection.narrow(filter.as_ref(), None);
    let count = is_counted.then(|| selection.count(filter.as_ref()));
    selection.narrow(filter.as_ref(), options.skiptoken.as_deref());
    let (mut rows, mut last, mut has_more) = (Vec::with_capacity(top), String::new(), false);
    selection.walk(|user| {
        if !holds(filter.as_ref(), world, user) {
            return true;
        }
        let Some(row) = row(world, user) else { return true };
        if rows.len() == top {
            has_more = true;
            return false;
        }
        last = world.user_principal_name(user).to_lowercase();
        rows.push(odata::select(row, options.select.as_deref()));
        true
    });
    let mut answer = json!({"@odata.context": format!("https://graph.microsoft.com/v1.0/$metadata#{path}"), "value": rows});
    if let Some(count) = count {
        answer["@odata.count"] = json!(count);
    }
    if has_more {
        answer["@odata.nextLink"] = json!(next_link(host, path, options, &last));
    }
    Ok(Json(answer).into_response())
}

fn next_link(host: &str, path: &str, options: &Options, last: &str) -> String {
    let mut link = url::form_urlencoded::Serializer::new(format!("http://{host}/v1.0/{path}?"));
    let top = options.top.map(|top| top.to_string());
    let count = options.count.map(|count| count.to_string());
    let kept = [
        ("$filter", options.filter.as_deref()),
        ("$select", options.select.as_deref()),
        ("$orderby", options.orderby.as_deref()),
        ("$top", top.as_deref()),
        ("$count", count.as_deref()),
        ("$skiptoken", Some(last)),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            link.append_pair(name, value);
        }
    }
    link.finish()
}

/// What users are in order of: the principal name, which goes on with `@` behind the alias.
fn order(user: &User) -> String {
    format!("{}@", user.alias.to_lowercase())
}
