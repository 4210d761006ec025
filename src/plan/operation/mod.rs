//! The kinds of writes: what each sends, what must hold before and after, how it is undone, and what proves it.
//!
//! An operation is data; the code that sends it is elsewhere. A new kind answers the questions of [`Kind`] in a file of its
//! own, and is named in [`Operation`]: nothing else asks how an object is written.

mod change_fields;
mod change_membership;
mod change_method;
mod write_status;
mod read_back;
mod replace_object;
mod states;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use change_fields::ChangeFields;
pub use change_membership::ChangeMembership;
pub use change_method::{Addition, ChangeMethod};
pub use read_back::Differences;
pub use replace_object::ReplaceObject;
pub use states::Shown;
use states::States;
pub use write_status::{Kept, WriteStatus};

use crate::diff::{Change, changes_between};
use crate::tenant::{Method, Object, Resource, SETTINGS};

/// What the audit log calls a change of the password reset policy. Microsoft documents no name; this one is in public
/// detection rules.
pub const SETTINGS_CHANGED: &str = "Update SSPR Settings";

/// One write, with the object as it was observed and as it should read back.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Sends an object whole.
    ReplaceObject(ReplaceObject),
    /// Sends the fields of an object that change.
    ChangeFields(ChangeFields),
    /// Changes who has an authentication method, and its switches.
    ChangeMethod(ChangeMethod),
    /// Adds a group to another one, or removes it.
    ChangeMembership(ChangeMembership),
}

/// What a journal keeps of a write before it is sent, beside the object's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriteRecord {
    /// The fields that change, under their wire names, with what they change to; a field that goes changes to null.
    pub to: Map<String, Value>,
    /// What was added, where a method is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Addition>,
}

/// What every kind of write answers, without sending anything; [`Operation`] says what each answer means.
trait Kind {
    fn states(&self) -> &States;
    fn label(&self) -> String;
    fn body(&self) -> Value;
    fn writes_over(&self, name: &str) -> bool;
    fn activities(&self) -> &'static [&'static str];

    /// Returns an object without what the write did to it.
    fn undone(&self, now: &Object) -> Object;

    /// Returns the fields that change, unless the spec's keys name them all.
    fn untold_fields(&self) -> Vec<String> {
        self.states().fields()
    }

    /// Returns the state to reach from where an object is now, where what moved is something this write can go around.
    fn around(&self, _now: &Object) -> Option<Object> {
        None
    }

    fn shown_in(&self, name: &str, now: &Object) -> Shown {
        self.states().shown_in(name, now)
    }

    fn is_seen_in(&self, now: &Object) -> bool {
        self.states().is_seen_in(now)
    }

    fn is_kept_in(&self, _after: &Object) -> bool {
        false
    }

    /// Returns what is kept of it beside the fields.
    fn added(&self) -> Option<&Addition> {
        None
    }
}

impl Operation {
    /// Returns the write of one object from one state to another. Which kind of write an object takes is decided here
    /// alone.
    pub fn between(actual: Object, desired: Object) -> Self {
        let states = States { actual, desired };
        match states.resource() {
            Resource::PasswordReset => Self::ReplaceObject(ReplaceObject { states }),
            Resource::Writeback | Resource::Authorization => Self::ChangeFields(ChangeFields { states }),
            Resource::Method(_) => Self::ChangeMethod(ChangeMethod::new(states)),
            Resource::Membership { .. } => Self::ChangeMembership(ChangeMembership { states }),
        }
    }

    /// Returns the writes of one object, in order: none where it is as desired, and several where the service wants
    /// fields apart.
    pub fn all_between(actual: &Object, desired: &Object) -> Vec<Self> {
        if desired.differing_fields(actual).is_empty() {
            return Vec::new();
        }
        match Self::between(actual.clone(), desired.clone()) {
            Self::ChangeFields(change) => change.apart().into_iter().map(Self::ChangeFields).collect(),
            whole => vec![whole],
        }
    }

    /// Returns a write as its record has it; `prior` is the object before it.
    pub fn on_record(prior: Object, record: WriteRecord) -> Self {
        let mut left = prior.clone();
        for (name, value) in record.to {
            left.overlay(&name, value);
        }
        let mut operation = Self::between(prior, left);
        if let Self::ChangeMethod(change) = &mut operation {
            change.added = record.added;
        }
        operation
    }

    /// Returns what a journal keeps of the write before it is sent.
    pub fn record(&self) -> WriteRecord {
        WriteRecord { to: self.kind().states().left(), added: self.kind().added().cloned() }
    }

    fn kind(&self) -> &dyn Kind {
        match self {
            Self::ReplaceObject(kind) => kind,
            Self::ChangeFields(kind) => kind,
            Self::ChangeMethod(kind) => kind,
            Self::ChangeMembership(kind) => kind,
        }
    }

    /// Returns whether it adds a group to the pilot group: that comes before the policy that lets people in, as a removal
    /// comes after it.
    pub fn adds_member(&self) -> bool {
        matches!(self, Self::ChangeMembership(change) if change.is_adding())
    }

    /// Returns the object that is written.
    pub fn resource(&self) -> &Resource {
        self.kind().states().resource()
    }

    /// Returns what people call the object that is written.
    pub fn label(&self) -> String {
        self.kind().label()
    }

    /// Returns the object as observed; the write is refused if it has moved since.
    pub fn actual(&self) -> &Object {
        &self.kind().states().actual
    }

    /// Returns the same object as it should read back.
    pub fn desired(&self) -> &Object {
        &self.kind().states().desired
    }

    /// Returns the fields that change, wire names, sorted.
    pub fn fields(&self) -> Vec<String> {
        self.kind().states().fields()
    }

    /// Returns the changes: settings in the words of the spec, and every other field under its wire name, because those
    /// go back too.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = changes_between(self.actual(), self.desired(), &Method::ALL);
        let is_told = |field: &String| {
            let mut settings = SETTINGS.iter().filter(|row| row.fields().contains(&field.as_str()));
            settings.any(|row| changes.iter().any(|change| change.key == row.key))
        };
        let untold = self.kind().untold_fields().into_iter().filter(|field| !is_told(field));
        let untold: Vec<String> = untold.collect();
        changes.extend(untold.into_iter().map(|key| Change {
            surface: self.resource().surface(),
            resource: self.resource().to_string(),
            from: self.actual().field(&key).cloned().unwrap_or_default(),
            to: self.desired().field(&key).cloned().unwrap_or_default(),
            key,
        }));
        changes
    }

    /// Returns what is sent.
    pub fn body(&self) -> Value {
        self.kind().body()
    }

    /// Returns the same write, starting from what an object holds in a field that is the service's own.
    #[must_use]
    pub fn taking_over(&self, name: &str, now: &Object) -> Self {
        let (mut actual, mut desired) = (self.actual().clone(), self.desired().clone());
        actual.take_over(name, now);
        desired.take_over(name, now);
        Self::between(actual, desired)
    }

    /// Returns the same write from where an object is now: itself where nothing moved, and where what moved is something
    /// it can go around, the same change of what someone left.
    ///
    /// # Errors
    /// The fields that moved, sorted, where it cannot go around them.
    pub fn replan(&self, now: &Object) -> Result<Self, Vec<String>> {
        let moved = now.differing_fields(self.actual());
        if moved.is_empty() {
            return Ok(self.clone());
        }
        let again = self.kind().around(now).map(|desired| Self::between(now.clone(), desired));
        again.ok_or(moved)
    }

    /// Returns how much of the write an object shows, in the fields that were to change. A write that changes nothing
    /// shows nothing.
    pub fn shown(&self, now: &Object) -> Shown {
        let fields = self.fields();
        let is_each = |wanted| fields.iter().all(|name| self.kind().shown_in(name, now) == wanted);
        match (is_each(Shown::Nothing), is_each(Shown::All)) {
            (true, _) => Shown::Nothing,
            (false, true) => Shown::All,
            (false, false) => Shown::Part,
        }
    }

    /// Returns whether an object has all that was to change.
    pub fn is_done_in(&self, now: &Object) -> bool {
        self.shown(now) == Shown::All && self.fields().iter().all(|field| self.desired().is_met(field, now))
    }

    /// Returns whether an object shows anything of a write that may not have landed: what was written and was not there
    /// before.
    pub fn is_seen_in(&self, now: &Object) -> bool {
        self.kind().is_seen_in(now)
    }

    /// Returns the write that takes this one back from how an object is now; `None` where there is nothing to roll back:
    /// it changed nothing, or nothing of it is left.
    pub fn undo(&self, now: &Object) -> Option<Self> {
        if self.fields().is_empty() {
            return None;
        }
        let undone = self.kind().undone(now);
        (!undone.differing_fields(now).is_empty()).then(|| Self::between(now.clone(), undone))
    }

    /// Returns the fields that someone else edited, as the object was `found` after the write, sorted.
    pub fn edited_in(&self, found: &Object) -> Vec<String> {
        self.kind().states().edited_in(found)
    }

    /// Returns whether rolling the write back overwrites a field, even if someone edited it since.
    pub fn writes_over(&self, name: &str) -> bool {
        self.kind().writes_over(name)
    }

    /// Returns whether an object keeps something of the write once it is taken back, because others came to use it.
    pub fn is_kept_in(&self, after: &Object) -> bool {
        self.kind().is_kept_in(after)
    }

    /// Returns what the audit log calls the write, the surest name first.
    pub fn activities(&self) -> &'static [&'static str] {
        self.kind().activities()
    }
}
