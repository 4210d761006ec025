//! Finds users in the order of their names: filtered, paged and counted.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use uuid::Uuid;

use super::registrations::has_row;
use super::user_fields::{Seen, View};
use crate::sandbox::http::odata::{Filter, Literal, Operator};
use crate::sandbox::tenant::{GeneratedRange, GeneratedUsers, Group, TenantState, User};

/// How far into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its own members.
    Direct,
    /// Through all nesting.
    Nested,
}

/// Some people of the tenant: those made by hand, and generated ones.
pub(super) struct Selection<'a> {
    pub(super) tenant: &'a TenantState,
    view: View,
    users: Vec<Cow<'a, User>>,
    generated: Vec<GeneratedRange>,
}

impl<'a> Selection<'a> {
    /// The people of a group, through all nesting.
    pub(super) fn of_group(tenant: &'a TenantState, group: &Group, reach: Reach) -> Self {
        let (users, generated) = match reach {
            // As Graph does to whoever lacks Member.Read.Hidden: no refusal, and no one.
            _ if group.is_membership_hidden => (Vec::new(), Vec::new()),
            Reach::Nested => {
                (tenant.members_through_nesting(group.id), tenant.generated_through_nesting(group.id))
            }
            Reach::Direct => {
                let is_member = |user: &&User| group.members.contains(&user.id);
                (tenant.users.iter().filter(is_member).collect(), group.generated.clone())
            }
        };
        Self::new(tenant, View::Users, users.into_iter().map(Cow::Borrowed).collect(), generated)
    }

    pub(super) fn everyone(tenant: &'a TenantState, view: View) -> Self {
        let mut users: Vec<Cow<'_, User>> = tenant.users.iter().map(Cow::Borrowed).collect();
        if view == View::Users {
            users.push(Cow::Owned(TenantState::administrator()));
        }
        Self::new(tenant, view, users, vec![GeneratedRange { start: 0, end: tenant.generated.size }])
    }

    fn new(
        tenant: &'a TenantState,
        view: View,
        mut users: Vec<Cow<'a, User>>,
        generated: Vec<GeneratedRange>,
    ) -> Self {
        users.sort_by_key(|user| order(user));
        Self { tenant, view, users, generated }
    }

    /// Narrows the generated people to the names a filter and a page token leave, so that a page does not walk it all.
    pub(super) fn narrow(&mut self, filter: Option<&Filter>, after: Option<&str>) {
        let generated = self.tenant.generated;
        let name = |alias: &str| self.tenant.principal_name_of(alias).to_lowercase();
        let (mut start, mut end) = (0, generated.size);
        if let Some(after) = after {
            start = generated.position(|alias| name(alias).as_str() <= after);
            self.users.retain(|user| name(&user.alias).as_str() > after);
        }
        for part in filter.into_iter().flat_map(Filter::conjuncts) {
            match part {
                Filter::Compare(property, operator, value) if property == "userPrincipalName" => {
                    let Some(text) = value.text().map(str::to_lowercase) else { continue };
                    if matches!(operator, Operator::AtLeast | Operator::Equal) {
                        start = start.max(generated.position(|alias| name(alias) < text));
                    }
                    if matches!(operator, Operator::AtMost | Operator::Equal) {
                        end = end.min(generated.position(|alias| name(alias) <= text));
                    }
                }
                Filter::StartsWith(property, text) if property == "userPrincipalName" => {
                    let text = text.to_lowercase();
                    start = start.max(generated.position(|alias| name(alias) < text));
                    end = end.min(
                        generated.position(|alias| name(alias) < text || name(alias).starts_with(&text)),
                    );
                }
                Filter::In(property, ids) if property == "id" => {
                    let id = |id: &Literal| generated.index(Uuid::try_parse(id.text()?).ok()?);
                    let is_in = |i: &u64| self.generated.iter().any(|range| range.contains(*i));
                    let wanted: BTreeSet<u64> = ids.iter().filter_map(id).filter(is_in).collect();
                    self.generated =
                        wanted.into_iter().map(|i| GeneratedRange { start: i, end: i + 1 }).collect();
                }
                _ => {}
            }
        }
        for range in &mut self.generated {
            (range.start, range.end) =
                (range.start.max(start), range.end.min(end).max(range.start.max(start)));
        }
    }

    /// Walks what a filter leaves in the order of user principal names, for as long as `visit`
    /// wants more.
    pub(super) fn walk(&self, filter: Option<&Filter>, mut visit: impl FnMut(&User) -> bool) {
        let open = open_parts(filter);
        let by_hand = self.users.iter().filter(|user| self.holds(filter, user));
        let mut by_hand = by_hand.map(|user| (order(user), user)).peekable();
        for i in self.generated.iter().flat_map(|range| range.start..range.end) {
            let person = self.generated(i);
            while let Some((_, user)) = by_hand.next_if(|(name, _)| *name < order(&person)) {
                if !visit(user) {
                    return;
                }
            }
            if self.is_listed(&person) && self.all_hold(&open, &person) && !visit(&person) {
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
        let users = self.users.iter().filter(|user| self.holds(filter, user)).count();
        let open = open_parts(filter);
        let is_met = |i: u64| self.all_hold(&open, &self.generated(i));
        let count_each = |range: Range<u64>| range.filter(|&i| is_met(i)).count() as u64;
        // Only names and ids tell people apart who are a period apart.
        let has_period = !open.iter().any(|part| {
            part.mentions(&["id", "userPrincipalName", "displayName", "userDisplayName", "mail"])
        });
        let in_period =
            if has_period && !self.generated.is_empty() { count_each(0..GeneratedUsers::PERIOD) } else { 0 };
        let count = |range: &GeneratedRange| match (open.is_empty(), has_period) {
            (true, _) => range.end - range.start,
            (false, true) => {
                let periods = (range.end - range.start) / GeneratedUsers::PERIOD;
                periods * in_period + count_each(range.start + periods * GeneratedUsers::PERIOD..range.end)
            }
            (false, false) => count_each(range.start..range.end),
        };
        users + usize::try_from(self.generated.iter().map(count).sum::<u64>()).unwrap_or(usize::MAX)
    }

    /// What only the report shows is made for the report alone.
    fn generated(&self, i: u64) -> User {
        match self.view {
            View::Users => self.tenant.generated.outline(i),
            View::Registrations => self.tenant.generated.person(i),
        }
    }

    fn is_listed(&self, user: &User) -> bool {
        self.view == View::Users || has_row(user)
    }

    fn holds(&self, filter: Option<&Filter>, user: &User) -> bool {
        self.is_listed(user) && self.all_hold(filter.as_slice(), user)
    }

    fn all_hold(&self, parts: &[&Filter], user: &User) -> bool {
        parts.iter().all(|part| part.holds(&Seen { view: self.view, tenant: self.tenant, user }))
    }
}

/// Returns the parts of a filter that the ranges are not narrowed to already.
fn open_parts(filter: Option<&Filter>) -> Vec<&Filter> {
    let is_narrowed = |part: &Filter| match part {
        Filter::Compare(name, Operator::AtLeast | Operator::AtMost | Operator::Equal, value) => {
            name == "userPrincipalName" && value.text().is_some()
        }
        Filter::StartsWith(name, _) => name == "userPrincipalName",
        _ => false,
    };
    filter.map(Filter::conjuncts).unwrap_or_default().iter().filter(|part| !is_narrowed(part)).collect()
}

/// What users are in order of: the principal name, which goes on with `@` behind the alias.
fn order(user: &User) -> String {
    format!("{}@", user.alias.to_lowercase())
}
