//! The fields of people and of what they hold, as filters see them.

use crate::sandbox::http::odata::{Literal, Record};
use crate::sandbox::tenant::{TenantState, User};

use super::registrations::Registered;

/// What people are looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Users, as the directory has them.
    Users,
    /// Rows of the registration report.
    Registrations,
}

/// A person as filters see them.
pub(super) struct Seen<'a> {
    pub(super) view: View,
    /// The tenant the user is in.
    pub(super) tenant: &'a TenantState,
    /// The user.
    pub(super) user: &'a User,
}

impl Record for Seen<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        let Self { view, tenant, user } = self;
        let text = |text: &str| Some(Literal::Text(text.to_owned()));
        let registered = || Registered::of(tenant, user);
        match (name, view) {
            ("id", _) => text(&user.id.to_string()),
            ("userPrincipalName", _) => text(&tenant.user_principal_name(user)),
            ("displayName", View::Users) | ("userDisplayName", View::Registrations) => text(&user.name),
            ("accountEnabled", View::Users) => Some(Literal::Flag(user.is_enabled)),
            ("userType", View::Users) => text(if user.is_guest { "Guest" } else { "Member" }),
            ("onPremisesSyncEnabled", View::Users) => {
                Some(if user.is_synced { Literal::Flag(true) } else { Literal::Null })
            }
            // Nobody has any.
            (
                "givenName" | "jobTitle" | "mail" | "mobilePhone" | "officeLocation" | "preferredLanguage"
                | "surname",
                View::Users,
            ) => Some(Literal::Null),
            (_, View::Registrations) => registered().flag(name).map(Literal::Flag),
            _ => None,
        }
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
            "methodsRegistered" => {
                self.user.methods.iter().map(|method| Element::boxed("", method, "")).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// An element of a collection as filters see it: one property, its value, and its `capabilityStatus`.
struct Element(&'static str, String, &'static str);

impl Element {
    fn boxed(property: &'static str, value: &str, status: &'static str) -> Box<dyn Record> {
        Box::new(Self(property, value.to_owned(), status))
    }
}

impl Record for Element {
    fn property(&self, name: &str) -> Option<Literal> {
        match name {
            "capabilityStatus" => Some(Literal::Text(self.2.to_owned())),
            "service" => Some(Literal::Text(super::users::SERVICE.to_owned())),
            property if property == self.0 => Some(Literal::Text(self.1.clone())),
            _ => None,
        }
    }
}
