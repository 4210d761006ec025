//! What a setting is: how its value is read from the object it lives on, and laid over it.

use serde_json::{Value, json};

use super::{Method, Object, PortalPage, Resource, Scope};

/// How a setting sits in its object and which values it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
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
    pub page: PortalPage,
    /// What the portal calls it.
    pub label: &'static str,
    /// What a person who writes it should know, in a sentence or three.
    pub about: &'static str,
    /// The object it lives on.
    pub object: Resource,
    /// How it is read and written.
    pub kind: ValueKind,
}

impl Setting {
    /// Returns the setting's value in spec terms, or `None` where the service did not return it in a
    /// form this tool understands: then it is unknown, and never written.
    pub fn read(&self, object: &Object) -> Option<Value> {
        match self.kind {
            ValueKind::Scope => {
                let wire = object.field("enablementType")?.as_u64()?;
                Scope::ALL.into_iter().find(|scope| scope.wire() == wire).map(|scope| json!(scope.as_str()))
            }
            ValueKind::Group => {
                let ids = object.field("passwordResetEnabledGroupIds")?.as_array()?;
                let ids = ids.iter().map(|id| id.as_str().map(str::to_ascii_lowercase));
                ids.collect::<Option<Vec<_>>>().map(|ids| json!(ids))
            }
            ValueKind::Methods => Method::read_toggles(&Method::ALL, object),
            ValueKind::Helpdesk => match object.field("customizeHelpdeskLink")?.as_bool()? {
                // A stored address of literally "none" would read as switched off.
                true => object
                    .field("customHelpdeskEmailOrUrl")?
                    .as_str()
                    .filter(|link| *link != "none")
                    .map(|link| json!(link)),
                false => Some(json!("none")),
            },
            ValueKind::Switch { field } => object.field(field)?.as_bool().map(|on| json!(on)),
            ValueKind::Number { field, .. } => object.field(field)?.as_u64().map(|number| json!(number)),
        }
    }

    /// Returns the wire fields the setting sits in.
    pub fn fields(&self) -> Vec<&'static str> {
        match self.kind {
            ValueKind::Scope => vec!["enablementType"],
            ValueKind::Group => vec!["passwordResetEnabledGroupIds"],
            ValueKind::Methods => Method::ALL.map(Method::field).to_vec(),
            ValueKind::Helpdesk => vec!["customizeHelpdeskLink", "customHelpdeskEmailOrUrl"],
            ValueKind::Switch { field } | ValueKind::Number { field, .. } => vec![field],
        }
    }

    /// Lays a value, in spec terms, over its object. Only this setting's fields change.
    pub fn overlay(&self, value: &Value, object: &mut Object) {
        match self.kind {
            ValueKind::Scope => {
                if let Some(scope) = value.as_str().and_then(|word| word.parse::<Scope>().ok()) {
                    object.overlay("enablementType", json!(scope.wire()));
                }
            }
            ValueKind::Group => object.overlay("passwordResetEnabledGroupIds", value.clone()),
            ValueKind::Methods => Method::overlay_toggles(&Method::ALL, value, object),
            ValueKind::Helpdesk => {
                let is_custom = value != "none";
                object.overlay("customizeHelpdeskLink", json!(is_custom));
                // "none" turns the switch off and leaves the stored address for the day it is turned on again.
                if is_custom {
                    object.overlay("customHelpdeskEmailOrUrl", value.clone());
                }
            }
            ValueKind::Switch { field } | ValueKind::Number { field, .. } => {
                object.overlay(field, value.clone())
            }
        }
    }
}
