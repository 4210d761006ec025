//! The fields of users and of report rows, as filters see them.

use crate::sandbox::http::odata::{Filter, Literal, Record};
use crate::sandbox::tenant::{TenantState, User};

use super::registrations::flag;

/// What people are looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Users, as the directory has them.
    Users,
    /// Rows of the registration report.
    Registrations,
}

pub(super) struct Seen<'a> {
    pub(super) view: View,
    pub(super) tenant: &'a TenantState,
    pub(super) user: &'a User,
}

impl Record for Seen<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        let Self { view, tenant, user } = self;
        let text = |text: &str| Some(Literal::Text(text.to_owned()));
        let or_null = |text: Option<String>| Some(text.map_or(Literal::Null, Literal::Text));
        match (name, view) {
            ("id", _) => text(&user.id.to_string()),
            ("userPrincipalName", _) => text(&tenant.user_principal_name(user)),
            ("displayName", View::Users) | ("userDisplayName", View::Registrations) => text(&user.name),
            ("accountEnabled", View::Users) => Some(Literal::Flag(user.is_enabled)),
            ("userType", View::Users) => text(if user.is_guest { "Guest" } else { "Member" }),
            ("onPremisesSyncEnabled", View::Users) => {
                Some(if user.is_synced { Literal::Flag(true) } else { Literal::Null })
            }
            ("mail", View::Users) => or_null(tenant.mail(user)),
            ("mobilePhone", View::Users) => or_null(user.mobile_phone.clone()),
            // No one has any.
            ("givenName" | "jobTitle" | "officeLocation" | "preferredLanguage" | "surname", View::Users) => {
                Some(Literal::Null)
            }
            (_, View::Registrations) => flag(tenant, user, name).map(Literal::Flag),
            _ => None,
        }
    }

    fn has(&self, collection: &str, filter: &Filter) -> bool {
        let licence = self.user.licence;
        match collection {
            "assignedPlans" => licence
                .plans()
                .iter()
                .any(|(plan, status)| filter.holds(&Element("servicePlanId", plan, status))),
            "assignedLicenses" => {
                licence.sku().is_some_and(|sku| filter.holds(&Element("skuId", &sku.to_string(), "")))
            }
            "methodsRegistered" => {
                self.user.methods.iter().any(|method| filter.holds(&Element("", method, "")))
            }
            _ => false,
        }
    }
}

/// An element of a collection as filters see it: one property, its value, and its `capabilityStatus`.
struct Element<'a>(&'static str, &'a str, &'static str);

impl Record for Element<'_> {
    fn property(&self, name: &str) -> Option<Literal> {
        let text = match name {
            "capabilityStatus" => self.2,
            "service" => super::users::SERVICE,
            property if property == self.0 => self.1,
            _ => return None,
        };
        Some(Literal::Text(text.to_owned()))
    }
}
