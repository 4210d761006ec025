//! Some people of the tenant in the order of their names, counted and paged.

use std::collections::BTreeSet;
use std::ops::Range;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use uuid::Uuid;

use super::licences::{plans, sku};
use super::query::{Options, Refused};
use crate::sandbox::crowd::{Crowd, CrowdRange};
use crate::sandbox::filter::{Filter, Literal, Operator, Record};
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
                Filter::In(property, ids) if property == "id" => {
                    let id = |id: &Literal| match id {
                        Literal::Text(text) => crowd.index(Uuid::try_parse(text).ok()?),
                        Literal::Flag(_) | Literal::Null => None,
                    };
                    let is_in = |i: &u64| self.crowd.iter().any(|range| (range.start..range.end).contains(i));
                    let wanted: BTreeSet<u64> = ids.iter().filter_map(id).filter(is_in).collect();
                    self.crowd = wanted.into_iter().map(|i| CrowdRange { start: i, end: i + 1 }).collect();
                }
                _ => {}
            }
        }
        for range in &mut self.crowd {
            (range.start, range.end) =
                (range.start.max(start), range.end.min(end).max(range.start.max(start)));
        }
    }

    /// Walks the selection in the order of user principal names, generated people as `make` makes them.
    fn walk(&self, make: fn(Crowd, u64) -> User, mut visit: impl FnMut(&User) -> bool) {
        let mut by_hand = self.users.iter().map(|user| (order(user), *user)).peekable();
        for i in self.crowd.iter().flat_map(|range| range.start..range.end) {
            let person = make(self.world.crowd, i);
            while let Some(user) = by_hand.next_if(|(name, _)| *name < order(&person)).map(|(_, user)| user) {
                if !visit(user) {
                    return;
                }
            }
            if !visit(&person) {
                return;
            }
        }
        for (_, user) in by_hand {
            if !visit(user) {
                return;
            }
        }
    }

    pub(super) fn count(&self, filter: Option<&Filter>) -> usize {
        let users = self.users.iter().filter(|user| holds(filter, self.world, user)).count();
        let open = open_parts(filter);
        let is_met = |i: u64| {
            let user = self.world.crowd.outline(i);
            open.iter().all(|part| part.holds(&Seen { world: self.world, user: &user }))
        };
        let count_each = |range: Range<u64>| range.filter(|&i| is_met(i)).count() as u64;
        // Only names and ids tell people apart who are a period apart.
        let has_period = !open.iter().any(|part| part.mentions(&["id", "userPrincipalName", "displayName"]));
        let in_period = if has_period && !self.crowd.is_empty() { count_each(0..Crowd::PERIOD) } else { 0 };
        let count = |range: &CrowdRange| match (open.is_empty(), has_period) {
            (true, _) => range.end - range.start,
            (false, true) => {
                let periods = (range.end - range.start) / Crowd::PERIOD;
                periods * in_period + count_each(range.start + periods * Crowd::PERIOD..range.end)
            }
            (false, false) => count_each(range.start..range.end),
        };
        users + usize::try_from(self.crowd.iter().map(count).sum::<u64>()).unwrap_or(usize::MAX)
    }
}

/// Returns the parts of a filter that the ranges are not narrowed to already.
fn open_parts(filter: Option<&Filter>) -> Vec<&Filter> {
    let is_narrowed = |part: &Filter| {
        matches!(part, Filter::Compare(name, Operator::AtLeast | Operator::AtMost | Operator::Equal, Literal::Text(_))
            | Filter::StartsWith(name, _) if name == "userPrincipalName")
    };
    filter.map(Filter::conjuncts).unwrap_or_default().iter().filter(|part| !is_narrowed(part)).collect()
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
    make: fn(Crowd, u64) -> User,
    write_row: impl Fn(&World, &User, &mut Vec<u8>) -> bool,
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
    // Written as it goes: a page of a thousand people, built as a tree first, would take the sandbox longer than
    // a client that is measured with it.
    let mut answer = format!(r#"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#{path}","#);
    if let Some(count) = count {
        answer.push_str(&format!(r#""@odata.count":{count},"#));
    }
    answer.push_str(r#""value":["#);
    let (mut answer, mut rows, mut last, mut has_more) = (answer.into_bytes(), 0, None, false);
    selection.users.retain(|user| holds(filter.as_ref(), world, user));
    let open = open_parts(filter.as_ref());
    selection.walk(make, |user| {
        if !open.iter().all(|part| part.holds(&Seen { world, user })) {
            return true;
        }
        let before = answer.len();
        if rows > 0 {
            answer.push(b',');
        }
        if !write_row(world, user, &mut answer) || rows == top {
            has_more = rows == top && answer.len() > before + 1;
            answer.truncate(before);
            return !has_more;
        }
        rows += 1;
        last = (rows == top).then(|| world.user_principal_name(user).to_lowercase());
        true
    });
    answer.push(b']');
    if has_more {
        let link = Value::from(next_link(host, path, options, last.as_deref().unwrap_or_default()));
        answer.extend_from_slice(format!(r#","@odata.nextLink":{link}"#).as_bytes());
    }
    answer.push(b'}');
    Ok(([(CONTENT_TYPE, "application/json")], answer).into_response())
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
