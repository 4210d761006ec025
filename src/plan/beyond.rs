//! Whom a plan reaches beyond the people of its pilot: what is marked in its line, and never confirmed by habit.

use super::{Plan, Purpose, policy_group_ids, rules};
use crate::diff::Change;
use crate::tenant::{ALL_USERS, GraphMethod, MethodView, Object, Resource, Scope};

/// Whom a change reaches beyond the pilot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Every user of the tenant comes to have what changes.
    EveryUser,
    /// Everyone who has a method: some of its switches hold for all of them.
    EveryoneWith {
        /// The method.
        method: GraphMethod,
        /// What the portal calls the switches.
        switches: Vec<&'static str>,
        /// Whether every user has the method.
        is_every_user: bool,
    },
    /// Everyone outside the pilot, who can reset today and not after.
    EveryoneElse,
    /// The people of these groups, by id, who can reset today and, outside the pilot, not after.
    OtherGroups(Vec<String>),
    /// Every administrator.
    Administrators,
    /// Everyone who is synchronised from on-premises.
    Synchronised,
}

impl Plan {
    /// Returns whom a change reaches beyond the pilot; `None` where it is about the pilot alone.
    pub fn beyond(&self, change: &Change) -> Option<Beyond> {
        let mut steps = self.steps.iter().filter(|step| step.resource().to_string() == change.resource);
        let (first, last) = (steps.clone().next()?, steps.next_back()?);
        let (actual, desired) = (first.actual(), last.desired());
        match desired.resource() {
            Resource::Authorization => Some(Beyond::Administrators),
            Resource::Writeback => Some(Beyond::Synchronised),
            Resource::Method(id) => of_method(GraphMethod::from_id(id)?, actual, desired),
            Resource::PasswordReset => self.of_policy(change, actual, desired),
            // Whom it brings in is the pilot.
            Resource::Membership { .. } => None,
        }
    }

    /// Returns whether the plan reaches so wide that nobody should confirm it by habit: something reaches beyond the
    /// pilot, or a guard was lifted for it.
    pub fn is_wide(&self) -> bool {
        let is_beyond = self.changes.iter().any(|change| self.beyond(change).is_some());
        is_beyond || self.lifted_guards().next().is_some()
    }

    /// Returns the findings that a guard would make errors, had nobody lifted it.
    pub fn lifted_guards(&self) -> impl Iterator<Item = &super::Finding> {
        self.findings.iter().filter(|finding| rules::GUARDED.contains(&finding.code))
    }

    fn of_policy(&self, change: &Change, actual: &Object, desired: &Object) -> Option<Beyond> {
        let (before, after) = (Scope::of(actual), Scope::of(desired));
        let is_scope = matches!(change.key.as_str(), "scope" | "group");
        match (before, after) {
            (Some(Scope::All), Some(Scope::All)) => {
                (change.key != "notifications.admins").then_some(Beyond::EveryUser)
            }
            (_, Some(Scope::All)) => (change.key == "scope").then_some(Beyond::EveryUser),
            // Whoever goes back means to take from people what a run gave them.
            _ if !is_scope || self.purpose == Purpose::Restore => None,
            (Some(Scope::All), _) => (change.key == "scope").then_some(Beyond::EveryoneElse),
            (Some(Scope::Selected), _) => self.of_groups(change, (actual, desired), after),
            _ => None,
        }
    }

    /// The portal takes one group: another one in its place takes password reset from the first.
    fn of_groups(
        &self,
        change: &Change,
        (actual, desired): (&Object, &Object),
        after: Option<Scope>,
    ) -> Option<Beyond> {
        let pilot = self.group.as_ref()?;
        let is_told_elsewhere =
            change.key == "scope" && self.changes.iter().any(|change| change.key == "group");
        let stay = if after == Some(Scope::None) { Vec::new() } else { policy_group_ids(desired) };
        let mut others = policy_group_ids(actual);
        others.retain(|id| !stay.contains(id) && !pilot.id.is(id));
        (!others.is_empty() && !is_told_elsewhere).then_some(Beyond::OtherGroups(others))
    }
}

fn of_method(method: GraphMethod, actual: &Object, desired: &Object) -> Option<Beyond> {
    let is_for_all = |object: &Object| {
        let view = MethodView::of(object).filter(|view| view.is_enabled);
        view.is_some_and(|view| view.target_ids().iter().any(|id| id == ALL_USERS))
    };
    if is_for_all(desired) && !is_for_all(actual) {
        return Some(Beyond::EveryUser);
    }
    let is_on = |object: &Object, switch: &str| object.field(switch).is_some_and(|value| *value == true);
    let switches = desired.differing_fields(actual);
    let switches = switches.iter().filter(|switch| is_on(desired, switch) && !is_on(actual, switch));
    let switches: Vec<_> = switches.filter_map(|switch| GraphMethod::switch_label(switch)).collect();
    let is_every_user = is_for_all(desired);
    (!switches.is_empty()).then_some(Beyond::EveryoneWith { method, switches, is_every_user })
}
