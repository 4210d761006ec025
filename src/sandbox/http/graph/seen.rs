//! Users and elements of collections, as filters see them.

use crate::sandbox::http::odata::{Literal, Record};
use crate::sandbox::world::{User, World};

/// A user as filters see it.
pub(super) struct Seen<'a> {
    /// The tenant the user is in.
    pub(super) world: &'a World,
    /// The user.
    pub(super) user: &'a User,
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
        let licence = self.user.licence;
        match name {
            "assignedPlans" => licence
                .plans()
                .iter()
                .map(|(plan, status)| Element::boxed("servicePlanId", plan, status))
                .collect(),
            "assignedLicenses" => {
                licence.sku().iter().map(|sku| Element::boxed("skuId", &sku.to_string(), "Enabled")).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// An element of a collection as filters see it: one property, its value, and its `capabilityStatus`.
pub(super) struct Element(&'static str, String, &'static str);

impl Element {
    /// Makes an element.
    pub(super) fn boxed(property: &'static str, value: &str, status: &'static str) -> Box<dyn Record> {
        Box::new(Self(property, value.to_owned(), status))
    }
}

impl Record for Element {
    fn property(&self, name: &str) -> Option<Literal> {
        match name.split_once('/').map_or(name, |(_, name)| name) {
            "capabilityStatus" => Some(Literal::Text(self.2.to_owned())),
            property if property == self.0 => Some(Literal::Text(self.1.clone())),
            _ => None,
        }
    }
}
