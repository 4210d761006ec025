//! Whether the person signed in to the admin centre may change the password reset policy.

use uuid::Uuid;

use super::permissions::WRITING_ROLES;
use crate::client::{Claims, ClientError};
use crate::outcome::doctor::{Check, Verdict};
use crate::people::role_name;

/// The role that every member of a tenant has, which says nothing of them (facts 2026-11 F).
const EVERY_MEMBER: Uuid = Uuid::from_u128(0xb79fbf4d_3ef9_4689_8143_76b194e85509);

/// Says which roles the admin centre knows of; if it was not asked or did not say, those in the token.
pub(super) fn role(read: Option<Result<Vec<Uuid>, ClientError>>, claims: &Claims) -> Check {
    let in_token = || claims.roles.iter().filter_map(|role| Uuid::try_parse(role).ok()).collect::<Vec<_>>();
    let (mut held, error) = match read {
        Some(Ok(held)) => (held, None),
        Some(Err(error)) => (in_token(), Some(error)),
        None => (in_token(), None),
    };
    let is_told = !held.is_empty();
    held.retain(|role| *role != EVERY_MEMBER);
    let names: Vec<String> =
        held.iter().map(|&role| role_name(role).map_or_else(|| role.to_string(), str::to_owned)).collect();
    let aside = error.as_ref().map_or_else(String::new, |error| {
        format!(", as the token says; the admin centre's own list could not be read: {}", error.with_causes())
    });
    let is_writing = |role: &Uuid| WRITING_ROLES.iter().any(|(id, _)| *id == role.to_string());
    if held.iter().any(is_writing) {
        return Check::new("role", Verdict::Holds, format!("portal: {}{aside}", names.join(", ")));
    }
    if !is_told {
        let why = error.map_or("the token tells none".to_owned(), |error| error.with_causes());
        return Check::new(
            "role",
            Verdict::Unknown,
            format!("portal: the directory roles are unknown: {why}"),
        );
    }
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let needed = WRITING_ROLES[0].1;
    Check::new("role", Verdict::Fails, format!("portal: no active role {needed}; active: {names}{aside}"))
        .with_help("activate the role (Privileged Identity Management), then sign in again")
}
