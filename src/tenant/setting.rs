//! What a setting is: how its value is read from the object it lives on, and laid over it.

use serde_json::{Value, json};

use super::{Blade, Method, Object, Resource, Scope};

/// How a setting sits in its object and which values it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// None / Selected / All in `enablementType`.
    Scope,
    /// The group's id, alone in `passwordResetEnabledGroupIds`.
    Group,
    /// Six switches, one per [`Method`].
    Methods,
    /// `customizeHelpdeskLink` with `customHelpdeskEmailOrUrl`.
    Helpdesk,
    /// A Yes / No field.
    Switch {
        /// Wire name.
        field: &'static str,
    },
    /// A whole number within a range.
    Number {
        /// Wire name.
        field: &'static str,
        /// Smallest value the portal takes.
        min: u64,
        /// Largest value the portal takes.
        max: u64,
        /// A value to start from: the one of Microsoft's tutorial.
        start: u64,
    },
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Dotted spec key: the same word in files, plans, errors and documents.
    pub key: &'static str,
    /// Where the portal shows it.
    pub blade: Blade,
    /// What the portal calls it.
    pub label: &'static str,
    /// What a person who writes it should know, in a sentence or three.
    pub about: &'static str,
    /// The object it lives on.
    pub object: Resource,
    /// How it is read and written.
    pub shape: Shape,
}

impl Setting {
    /// Returns the setting's value in spec terms, or `None` where the service did not tell it in a
    /// form this tool understands: then it is unknown, and never written.
    pub fn read(&self, object: &Object) -> Option<Value> {
        match self.shape {
            Shape::Scope => {
                let wire = object.field("enablementType")?.as_u64()?;
                Scope::ALL.into_iter().find(|scope| scope.wire() == wire).map(|scope| json!(scope.word()))
            }
            Shape::Group => {
                let ids = object.field("passwordResetEnabledGroupIds")?.as_array()?;
                let ids = ids.iter().map(|id| id.as_str().map(str::to_ascii_lowercase));
                ids.collect::<Option<Vec<_>>>().map(|ids| json!(ids))
            }
            Shape::Methods => Method::read_toggles(&Method::ALL, object),
            Shape::Helpdesk => match object.field("customizeHelpdeskLink")?.as_bool()? {
                // A stored address of literally "none" would read as switched off.
                true => object
                    .field("customHelpdeskEmailOrUrl")?
                    .as_str()
                    .filter(|link| *link != "none")
                    .map(|link| json!(link)),
                false => Some(json!("none")),
            },
            Shape::Switch { field } => object.field(field)?.as_bool().map(|on| json!(on)),
            Shape::Number { field, .. } => object.field(field)?.as_u64().map(|number| json!(number)),
        }
    }

    /// Returns the wire fields the setting sits in.
    pub fn fields(&self) -> Vec<&'static str> {
        match self.shape {
            Shape::Scope => vec!["enablementType"],
            Shape::Group => vec!["passwordResetEnabledGroupIds"],
            Shape::Methods => Method::ALL.map(Method::field).to_vec(),
            Shape::Helpdesk => vec!["customizeHelpdeskLink", "customHelpdeskEmailOrUrl"],
            Shape::Switch { field } | Shape::Number { field, .. } => vec![field],
        }
    }

    /// Lays a value, in spec terms, over its object. Only this setting's fields change.
    pub fn overlay(&self, value: &Value, object: &mut Object) {
        match self.shape {
            Shape::Scope => {
                if let Some(scope) = value.as_str().and_then(Scope::from_word) {
                    object.overlay("enablementType", json!(scope.wire()));
                }
            }
            Shape::Group => object.overlay("passwordResetEnabledGroupIds", value.clone()),
            Shape::Methods => Method::overlay_toggles(&Method::ALL, value, object),
            Shape::Helpdesk => {
                let is_custom = value != "none";
                object.overlay("customizeHelpdeskLink", json!(is_custom));
                // "none" turns the switch off and leaves the stored address for the day it is turned on again.
                if is_custom {
                    object.overlay("customHelpdeskEmailOrUrl", value.clone());
                }
            }
            Shape::Switch { field } | Shape::Number { field, .. } => object.overlay(field, value.clone()),
        }
    }
}
