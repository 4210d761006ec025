//! How many people can reset today and after the plan, by the two states and what people registered.
//!
//! Pure: the caller has the registration report. Nothing here looks at licences, roles or disabled
//! accounts, so the counts are of methods alone.

use std::collections::BTreeSet;

use super::policy_group_ids;
use crate::diff::{Audience, Desired, is_given, pilot};
use crate::people::{Rule, has_enough_methods};
use crate::spec_file::Spec;
use crate::tenant::{
    GraphMethod, Method, MethodView, MethodsPolicy, Migration, Object, Resource, Scope, Tenant, setting,
};

/// What a reset takes of the pilot's people in one state of the tenant. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResetPolicy {
    /// Whether the scope lets them reset at all.
    pub is_open: Option<bool>,
    /// The methods that count for them, on whichever policy.
    pub methods: Option<BTreeSet<Method>>,
    /// How many a reset takes.
    pub required: Option<u64>,
    /// Whether only the Authentication methods policy counts: then the app's notification is enough alone.
    pub is_migrated: Option<bool>,
}

/// What a plan means for people, by index into the rows that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// How many could reset today; `None` where the terms of today are unknown.
    pub able_today: Option<u64>,
    /// How many could after; `None` where the terms after are unknown.
    pub able_after: Option<u64>,
    /// Who could today and could not after.
    pub locked_out: Vec<usize>,
    /// How many have no row in the report, or one that does not settle it, and are in neither count.
    pub unknown: u64,
}

impl ResetPolicy {
    /// Returns what a reset takes today.
    pub fn today(spec: &Spec, tenant: &Tenant) -> Self {
        Self::of(spec, tenant, tenant.policy.as_ref(), &given_today(tenant))
    }

    /// Returns what the people of a spec are judged by: what the spec manages, else what the tenant has, on
    /// whichever policy it honours. `is_explicit` is whether only methods people registered themselves count.
    pub fn rule(spec: &Spec, tenant: &Tenant, is_explicit: bool) -> Rule {
        let today = Self::today(spec, tenant);
        Rule {
            allowed: spec.allowed().map(|allowed| allowed.into_iter().collect()).or(today.methods),
            required: spec.required().or(today.required),
            is_migrated: today.is_migrated,
            is_explicit,
            // Once the spec turns writeback on, it is; off or unmanaged, the tenant's answer counts.
            writeback: spec.value("writeback.enabled").filter(|is_on| **is_on == true).map(|_| true),
        }
    }

    /// Returns what a reset will take.
    pub fn after(spec: &Spec, tenant: &Tenant, desired: &Desired) -> Self {
        match desired.methods.desired.as_slice() {
            // Where no method is given, they stay as they are.
            [] => Self::of(spec, tenant, desired.policy.as_ref(), &given_today(tenant)),
            methods => Self::of(spec, tenant, desired.policy.as_ref(), &methods.iter().collect::<Vec<_>>()),
        }
    }

    fn of(spec: &Spec, tenant: &Tenant, policy: Option<&Object>, methods: &[&Object]) -> Self {
        let migration = tenant.methods.as_ref().map(|methods| methods.migration());
        let toggles = |among: &[Method]| -> Option<BTreeSet<Method>> {
            let words = Method::read_toggles(among, policy?)?;
            Some(words.as_array()?.iter().filter_map(|word| word.as_str()?.parse().ok()).collect())
        };
        let people = pilot(spec, tenant);
        let is_told = match &people {
            // Which methods reach a group is unknown without the groups it sits in.
            Audience::Group(_) => tenant.group.as_ref().is_some_and(|group| group.within.is_some()),
            Audience::Everyone | Audience::Nobody => true,
            Audience::Unspecified => false,
        } && methods.iter().all(|method| MethodView::of(method).is_some());
        let given = || -> Option<BTreeSet<Method>> {
            is_told.then_some(())?;
            let is_any_given = |method: &Method| {
                method.needs().iter().any(|need| {
                    let of = |object: &&&Object| matches!(object.resource(), Resource::Method(id) if GraphMethod::from_id(id) == Some(need.method));
                    methods.iter().find(of).is_some_and(|object| is_given(need, object, &people, tenant))
                })
            };
            Some(Method::ALL.into_iter().filter(is_any_given).collect())
        };
        let with_given = |toggled: Option<BTreeSet<Method>>| Some(&toggled? | &given()?);
        let counting = match &migration {
            Some(Migration::PreMigration) => toggles(&Method::ALL),
            Some(Migration::InProgress) => with_given(toggles(&Method::ALL)),
            Some(Migration::Complete) => with_given(toggles(&[Method::SecurityQuestions])),
            Some(Migration::Unknown(_)) | None => None,
        };
        Self {
            is_open: policy.and_then(|policy| is_open(tenant, policy)),
            methods: counting,
            required: policy.and_then(|policy| setting("methods.required")?.read(policy)?.as_u64()),
            is_migrated: migration.map(|migration| migration == Migration::Complete),
        }
    }

    /// Returns whether someone with these words in the registration report can reset; `None` is unknown.
    pub fn lets<S: AsRef<str>>(&self, words: &[S]) -> Option<bool> {
        if self.is_open == Some(false) {
            return Some(false);
        }
        let (methods, required) = (self.methods.as_ref()?, self.required?);
        let is_enough = has_enough_methods(methods, required, self.is_migrated, words)?;
        if is_enough { self.is_open } else { Some(false) }
    }

    /// Returns whether everything is known, so that only a row can leave it open who can reset.
    fn is_known(&self) -> bool {
        let is_known = self.is_open.is_some() && self.methods.is_some() && self.required.is_some();
        is_known && self.is_migrated.is_some()
    }
}

/// Returns what changes for people; a row is what the report says they registered, `None` where it has none.
pub fn impact<'a, S: AsRef<str> + 'a>(
    today: &ResetPolicy,
    after: &ResetPolicy,
    rows: impl IntoIterator<Item = Option<&'a [S]>>,
) -> Impact {
    let (is_today_known, is_after_known) = (today.is_known(), after.is_known());
    let mut impact = Impact { able_today: Some(0), able_after: Some(0), ..Impact::default() };
    for (at, row) in rows.into_iter().enumerate() {
        let Some(words) = row else {
            impact.unknown += 1;
            continue;
        };
        let (was, will) = (today.lets(words), after.lets(words));
        if (is_today_known && was.is_none()) || (is_after_known && will.is_none()) {
            impact.unknown += 1;
            continue;
        }
        let add = |count: Option<u64>, able: Option<bool>| Some(count? + u64::from(able?));
        impact.able_today = add(impact.able_today, was);
        impact.able_after = add(impact.able_after, will);
        if (was, will) == (Some(true), Some(false)) {
            impact.locked_out.push(at);
        }
    }
    impact
}

fn given_today(tenant: &Tenant) -> Vec<&Object> {
    tenant.methods.iter().flat_map(MethodsPolicy::methods).collect()
}

/// Whether the scope lets the pilot's people reset. With another group selected some of them may be in it.
fn is_open(tenant: &Tenant, policy: &Object) -> Option<bool> {
    match Scope::of(policy)? {
        Scope::None => Some(false),
        Scope::All => Some(true),
        Scope::Selected => {
            let (ids, group) = (policy_group_ids(policy), tenant.group.as_ref()?);
            let around = group.within.iter().flatten().map(|parent| parent.id);
            let mut reaching = std::iter::once(group.id).chain(around);
            reaching.any(|id| ids.iter().any(|other| id.is(other))).then_some(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [&str; 7] = [
        "email",
        "mobilePhone",
        "officePhone",
        "microsoftAuthenticatorPush",
        "softwareOneTimePasscode",
        "securityQuestion",
        "fido2SecurityKey",
    ];

    fn terms(methods: &[Method], required: u64) -> ResetPolicy {
        ResetPolicy {
            is_open: Some(true),
            methods: Some(methods.iter().copied().collect()),
            required: Some(required),
            is_migrated: Some(true),
        }
    }

    #[test]
    fn who_loses_the_ability_is_locked_out_and_who_has_no_row_is_unknown() {
        let today = terms(&[Method::Email, Method::MobilePhone], 1);
        let after = terms(&[Method::Email, Method::MobilePhone], 2);
        let rows: [Option<&[&str]>; 4] =
            [Some(&["email"]), None, Some(&["email", "mobilePhone"]), Some(&["fido2SecurityKey"])];
        let expected = Impact { able_today: Some(2), able_after: Some(1), locked_out: vec![0], unknown: 1 };
        assert_eq!(impact(&today, &after, rows), expected);
    }

    #[test]
    fn scope_none_makes_no_one_ready_and_an_unknown_scope_is_unknown() {
        let closed = ResetPolicy { is_open: Some(false), methods: None, ..terms(&[], 1) };
        assert_eq!(closed.lets(&["email"]), Some(false));
        let unknown = ResetPolicy { is_open: None, ..terms(&[Method::Email], 1) };
        assert_eq!(unknown.lets(&["email"]), None);
        assert_eq!(unknown.lets(&["mobilePhone"]), Some(false), "too little in every scope");
        let unsaid = ResetPolicy { methods: None, ..terms(&[], 1) };
        let impact = impact(&unsaid, &closed, [Some(&["email"][..])]);
        assert_eq!((impact.able_today, impact.able_after, impact.locked_out), (None, Some(0), vec![]));
    }

    #[test]
    fn the_app_is_one_method_and_its_notification_alone_needs_the_migration() {
        let app = ["microsoftAuthenticatorPush", "softwareOneTimePasscode"];
        let both = terms(&[Method::MobileAppCode, Method::MobileAppNotification], 2);
        assert_eq!(both.lets(&app), Some(false));
        let push = terms(&[Method::MobileAppNotification], 1);
        assert_eq!(push.lets(&app), Some(true));
        assert_eq!(ResetPolicy { is_migrated: Some(false), ..push }.lets(&app), Some(false));
    }

    fn any_terms() -> impl Strategy<Value = ResetPolicy> {
        (proptest::sample::subsequence(Method::ALL.to_vec(), 0..=6), 1_u64..3, any::<bool>()).prop_map(
            |(methods, required, is_migrated)| ResetPolicy {
                is_migrated: Some(is_migrated),
                ..terms(&methods, required)
            },
        )
    }

    proptest! {
        #[test]
        fn more_registered_or_more_allowed_never_takes_the_ability_away(
            terms in any_terms(),
            words in proptest::sample::subsequence(WORDS.to_vec(), 0..=7),
            word in proptest::sample::select(WORDS.to_vec()),
            method in proptest::sample::select(Method::ALL.to_vec()),
        ) {
            if terms.lets(&words) == Some(true) {
                let more: Vec<&str> = words.iter().copied().chain([word]).collect();
                prop_assert_eq!(terms.lets(&more), Some(true));
                let mut wider = terms.clone();
                wider.methods.as_mut().unwrap().insert(method);
                prop_assert_eq!(wider.lets(&words), Some(true));
            }
        }

        #[test]
        fn the_counts_add_up(
            today in any_terms(),
            after in any_terms(),
            rows in prop::collection::vec(proptest::option::of(proptest::sample::subsequence(WORDS.to_vec(), 0..=7)), 0..20),
        ) {
            let impact = impact(&today, &after, rows.iter().map(|row| row.as_deref()));
            let (was, will) = (impact.able_today.unwrap(), impact.able_after.unwrap());
            prop_assert!(was.saturating_sub(will) <= impact.locked_out.len() as u64);
            prop_assert!(impact.locked_out.len() as u64 <= was);
            let tells_nothing = |row: &&Option<Vec<&str>>| {
                row.as_ref().is_none_or(|words| [&today, &after].into_iter().any(|terms| terms.is_known() && terms.lets(words).is_none()))
            };
            prop_assert_eq!(impact.unknown as usize, rows.iter().filter(tells_nothing).count());
            prop_assert!(super::impact(&today, &today, rows.iter().map(|row| row.as_deref())).locked_out.is_empty());
        }
    }
}
