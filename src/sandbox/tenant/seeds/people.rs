//! The people and the groups every tenant starts with.

use crate::sandbox::tenant::group::Group;
use crate::sandbox::tenant::licence::Licence;
use crate::sandbox::tenant::seed::id;
use crate::sandbox::tenant::user::{RoleGrant, User};

/// Eight people in SSPR-Pilot, each with something else to say about them, and one outside.
pub(super) fn users() -> Vec<User> {
    let user = User::new;
    let with = |methods: &[&str], user: User| User {
        methods: methods.iter().map(|&method| method.to_owned()).collect(),
        ..user
    };
    vec![
        with(&["email", "mobilePhone"], user("ada", "Ada Lindqvist")),
        with(&["microsoftAuthenticatorPush", "softwareOneTimePasscode"], user("bola", "Bola Okafor")),
        user("chen", "Chen Wei"),
        User {
            roles: vec![RoleGrant::active(RoleGrant::HELPDESK_ADMINISTRATOR)],
            ..with(&["mobilePhone"], user("dana", "Dana Novák"))
        },
        User {
            is_guest: true,
            licence: Licence::None,
            ..user("emil_fabrikam.com#EXT#", "Emil Brandt (Fabrikam)")
        },
        User { is_enabled: false, ..user("farid", "Farid Haddad") },
        User { licence: Licence::None, ..with(&["mobilePhone"], user("grace", "Grace O'Neil")) },
        User { is_reported: false, ..user("hana", "Hana Sato") },
        user("ivo", "Ivo outside the pilot"),
    ]
}

/// SSPR-Pilot with six people directly, two more through a nested group that also holds one of the six; and
/// groups around it.
pub(super) fn groups() -> Vec<Group> {
    let direct = ["ada", "bola", "chen", "dana", "emil_fabrikam.com#EXT#", "farid"];
    let group = Group::security;
    vec![
        group("SSPR-Pilot", direct.iter().map(|alias| id(alias)).chain([id("SSPR-Pilot-Branch")]).collect()),
        group("SSPR-Pilot-Branch", vec![id("grace"), id("hana"), id("ada")]),
        group("Everyone at Contoso", vec![id("ivo"), id("SSPR-Pilot")]),
        Group { is_security: false, ..group("Newsletter", vec![id("ivo")]) },
        group("Sales", vec![id("ivo")]),
        group("Contractors", vec![]),
        // Those that examples/reference.yaml names.
        group("SSPR-Ring-IT", vec![id("ivo")]),
        group("SSPR-Ring-Office", vec![]),
        group("SSPR-Ring-Plants", vec![]),
    ]
}
