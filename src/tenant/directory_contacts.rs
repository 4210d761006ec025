//! The numbers and addresses that the directory has of a person, registered or not.

use super::Method;

/// Which attributes of an account hold a number or an address. Until the announced change (facts 2026-11 A2) password reset
/// took them for methods without a registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectoryContacts {
    /// `mobilePhone` has a number.
    pub mobile_phone: bool,
    /// `businessPhones` has one.
    pub office_phone: bool,
    /// `otherMails` has an address.
    pub other_mail: bool,
}

impl DirectoryContacts {
    /// Returns the methods they could stand for.
    pub fn methods(self) -> impl Iterator<Item = Method> {
        let Self { mobile_phone, office_phone, other_mail } = self;
        let all = [
            (other_mail, Method::Email),
            (mobile_phone, Method::MobilePhone),
            (office_phone, Method::OfficePhone),
        ];
        all.into_iter().filter_map(|(is_there, method)| is_there.then_some(method))
    }
}
