//! Whether a person has registered enough methods to reset: the one answer that plans and people share.

use std::collections::BTreeSet;

use super::registration_report::method;
use crate::tenant::Method;

/// Returns whether `words` of the registration report hold as many of the allowed methods as a reset takes;
/// `None` is unknown. `is_migrated` is whether only the Authentication methods policy counts.
///
/// Only what the report names counts: Microsoft Authenticator registered for its notification also makes
/// codes where the tenant lets it (facts 3.7), and the report then names the code too, so that a
/// notification alone is no proof of a code and no proof against one.
pub fn has_enough_methods<S: AsRef<str>>(
    allowed: &BTreeSet<Method>,
    required: u64,
    is_migrated: Option<bool>,
    words: &[S],
) -> Option<bool> {
    are_enough(allowed, required, is_migrated, words.iter().filter_map(|word| method(word.as_ref())))
}

/// As [`has_enough_methods`], of methods.
pub(super) fn are_enough(
    allowed: &BTreeSet<Method>,
    required: u64,
    is_migrated: Option<bool>,
    methods: impl Iterator<Item = Method>,
) -> Option<bool> {
    // Asked for everyone of a group: no set is built for each.
    let mut registered = [false; Method::ALL.len()];
    methods.for_each(|method| registered[method as usize] = true);
    let is_other = |method: &&Method| registered[**method as usize] && !method.is_mobile_app();
    let others = allowed.iter().filter(is_other).count() as u64;
    match (others >= required, others + 1 >= required) {
        (true, _) => Some(true),
        (false, false) => Some(false),
        // One app is one method, whether it shows a code or a notification (facts 3.5).
        (false, true) => has_app(allowed, required, is_migrated, |method| registered[method as usize]),
    }
}

fn has_app(
    allowed: &BTreeSet<Method>,
    required: u64,
    is_migrated: Option<bool>,
    is_registered: impl Fn(Method) -> bool,
) -> Option<bool> {
    let is_code_allowed = allowed.contains(&Method::MobileAppCode);
    if is_code_allowed && is_registered(Method::MobileAppCode) {
        return Some(true);
    }
    if !is_registered(Method::MobileAppNotification) {
        return Some(false);
    }
    let by_notification = match (allowed.contains(&Method::MobileAppNotification), required) {
        (false, _) => Some(false),
        // Before the migration, one required method cannot be the notification (facts 3.5).
        (true, 1) => is_migrated,
        (true, _) => Some(true),
    };
    if is_code_allowed && by_notification == Some(false) { None } else { by_notification }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_no_proof_of_a_code_and_none_against_it() {
        let push = ["microsoftAuthenticatorPush"];
        let enough = |methods: &[Method], required, is_migrated| {
            has_enough_methods(&methods.iter().copied().collect(), required, is_migrated, &push)
        };
        let (code, notification) = (Method::MobileAppCode, Method::MobileAppNotification);
        assert_eq!(enough(&[code], 1, Some(true)), None);
        assert_eq!(enough(&[code, notification], 1, Some(true)), Some(true));
        assert_eq!(enough(&[code, notification], 1, Some(false)), None);
        assert_eq!(enough(&[notification], 1, Some(false)), Some(false));
        assert_eq!(enough(&[notification], 1, None), None);
        assert_eq!(enough(&[Method::Email], 1, Some(true)), Some(false));
        assert_eq!(enough(&[code, notification], 2, Some(true)), Some(false));
    }
}
