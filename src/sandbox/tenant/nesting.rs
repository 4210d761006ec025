//! Who is in which group, through all nesting and circles of groups.

use uuid::Uuid;

use super::generated_users::{GeneratedRange, union};
use super::group::Group;
use super::tenant_state::TenantState;
use super::user::User;

impl TenantState {
    /// Returns the groups a group sits in through all nesting, each once, in the order of [`TenantState::groups`].
    pub fn groups_around(&self, group: Uuid) -> Vec<&Group> {
        let around = closure(group, |id| self.groups_holding(id).map(|principal| principal.id).collect());
        self.groups.iter().filter(|principal| around[1..].contains(&principal.id)).collect()
    }

    /// Returns the groups that someone, or a group, is in directly.
    pub(crate) fn groups_holding(&self, id: Uuid) -> impl Iterator<Item = &Group> {
        let generated = self.generated.index(id);
        self.groups.iter().filter(move |group| group.has_direct(id, generated))
    }

    /// Returns the users in a group through all nesting, each once, in the order of [`TenantState::users`];
    /// generated people apart.
    pub fn members_through_nesting(&self, group: Uuid) -> Vec<&User> {
        let reach = self.reach(group);
        self.users.iter().filter(|user| reach.contains(&user.id)).collect()
    }

    pub(crate) fn generated_through_nesting(&self, group: Uuid) -> Vec<GeneratedRange> {
        let groups = self.reach(group).into_iter().filter_map(|id| self.group(id));
        union(groups.flat_map(|group| group.generated.clone()).collect())
    }

    /// Returns the ids in a group through all nesting, itself among them, each once.
    fn reach(&self, group: Uuid) -> Vec<Uuid> {
        closure(group, |id| self.group(id).map(|group| group.members.clone()).unwrap_or_default())
    }
}

/// Returns an id, and all that is reached from it step by step, each once.
fn closure(start: Uuid, step: impl Fn(Uuid) -> Vec<Uuid>) -> Vec<Uuid> {
    let mut seen = vec![start];
    let mut next = 0;
    while let Some(&id) = seen.get(next) {
        next += 1;
        for reached in step(id) {
            if !seen.contains(&reached) {
                seen.push(reached);
            }
        }
    }
    seen
}
