//! Whether a group is directly in another one, as an object that can be read, written and put on record like any other.

use serde_json::{Value, json};

use super::{NamedGroup, Object, Resource};

/// The one field: whether it is a member.
pub(super) const IS_MEMBER: &str = "isMember";
/// What the groups are called, for people: computed, and so no part of what is compared.
const NAMES: [&str; 2] = ["@group", "@member"];

/// Returns the membership of a group in another one.
pub fn membership(group: &NamedGroup, member: &NamedGroup, is_member: bool) -> Object {
    let resource = Resource::Membership { group: group.id, member: member.id };
    let json = json!({"isMember": is_member, "@group": group.display_name, "@member": member.display_name});
    Object::of(resource, json)
}

/// Returns whether an object says that the member is in the group; `None` where it is no membership.
pub fn is_member(object: &Object) -> Option<bool> {
    object.field(IS_MEMBER).filter(|_| matches!(object.resource(), Resource::Membership { .. }))?.as_bool()
}

impl Object {
    /// Returns the names of the group and its member, where they are known; foreign text.
    pub fn membership_names(&self) -> [Option<&str>; 2] {
        NAMES.map(|name| self.field(name).and_then(Value::as_str).filter(|name| !name.is_empty()))
    }
}
