//! How many people can reset today and after the plan, by the two states and what people registered.
//!
//! Pure: the caller has the people. Who is ready is judged as `people` does; whom a plan locks out is a guard, and goes by
//! methods alone.

use std::collections::BTreeSet;

use super::policy_group_ids;
use crate::diff::{Audience, Desired, is_given, pilot, resolve};
use crate::people::{Rule, has_enough_methods};
use crate::spec_file::Spec;
use crate::tenant::{
    Candidate, GraphMethod, Method, MethodView, MethodsPolicy, Migration, Object, Resource, Scope, Tenant,
    setting,
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

/// What a plan means for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// How many are ready today; `None` where the terms of today are unknown.
    pub able_today: Option<u64>,
    /// How many are after; `None` where the terms after are unknown.
    pub able_after: Option<u64>,
    /// How many are in neither count, because something is unknown of them.
    pub unknown: u64,
    /// How many could today and could not after, by the methods they registered.
    pub locked_out: u64,
}

/// Whether synchronised passwords are written back: today, and after. `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writeback {
    /// Today.
    pub today: Option<bool>,
    /// After the plan.
    pub after: Option<bool>,
}

impl ResetPolicy {
    /// Returns what a reset takes today.
    pub fn today(spec: &Spec, tenant: &Tenant) -> Self {
        Self::of(spec, tenant, tenant.policy.as_ref(), &given_today(tenant), None)
    }

    /// Returns what the people of a spec are judged by: what a reset takes once the spec is applied, methods that the tenant
    /// gives beyond the spec included; where that is not known, what the spec says. Whether the scope is open is left out.
    /// `is_explicit` is whether only methods people registered themselves count.
    pub fn rule(spec: &Spec, tenant: &Tenant, is_explicit: bool) -> Rule {
        let after = Self::after(spec, tenant, &resolve(spec, tenant));
        let in_spec = spec.allowed().map(|allowed| allowed.into_iter().collect());
        Rule {
            allowed: match spec.scope() {
                // Nothing is given to anyone yet.
                Some(Scope::None) => in_spec.or(after.methods),
                _ => after.methods.or(in_spec),
            },
            required: after.required.or(spec.required()),
            is_migrated: after.is_migrated,
            is_explicit,
            // Once the spec turns writeback on, it is; off or unmanaged, the tenant's answer counts.
            writeback: spec.value("writeback.enabled").filter(|is_on| **is_on == true).map(|_| true),
        }
    }

    /// Returns what a reset will take.
    pub fn after(spec: &Spec, tenant: &Tenant, desired: &Desired) -> Self {
        let methods: Vec<&Object> = match desired.methods.desired.as_slice() {
            // Where no method is given, they stay as they are.
            [] => given_today(tenant),
            methods => methods.iter().collect(),
        };
        Self::of(spec, tenant, desired.policy.as_ref(), &methods, spec.allowed())
    }

    /// `toggled` is whose toggles are on where the policy was not read.
    fn of(
        spec: &Spec,
        tenant: &Tenant,
        policy: Option<&Object>,
        methods: &[&Object],
        toggled: Option<Vec<Method>>,
    ) -> Self {
        let migration = tenant.methods.as_ref().map(|methods| methods.migration());
        let toggles = |among: &[Method]| -> Option<BTreeSet<Method>> {
            let Some(policy) = policy else {
                let on = toggled.as_ref()?.iter();
                return Some(on.filter(|method| among.contains(method)).copied().collect());
            };
            let words = Method::read_toggles(among, policy)?;
            Some(words.as_array()?.iter().filter_map(|word| word.as_str()?.parse().ok()).collect())
        };
        let people = pilot(spec, tenant);
        let is_reach_known = match &people {
            // Which methods reach a group is unknown without the groups it sits in.
            Audience::Group(_) => tenant.group.as_ref().is_some_and(|group| group.within.is_some()),
            Audience::Everyone | Audience::Nobody => true,
            Audience::Unspecified => false,
        } && methods.iter().all(|method| MethodView::of(method).is_some());
        let given = || -> Option<BTreeSet<Method>> {
            is_reach_known.then_some(())?;
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

    /// Returns whether one whom methods could make ready is, as `people` judges it; `None` is unknown. `is_explicit` is
    /// whether only methods people registered themselves count.
    fn makes_ready(&self, one: &Candidate, writeback: Option<bool>, is_explicit: bool) -> Option<bool> {
        if self.is_open == Some(false) {
            return Some(false);
        }
        let is_enough = one.registered.as_ref().and_then(|words| self.lets(words));
        let needed = [
            // Else what the directory has may count, and the report alone knows.
            is_enough.filter(|is_enough| *is_enough || is_explicit),
            if one.is_synced { writeback } else { Some(true) },
            one.is_certain.then_some(true),
        ];
        match needed {
            _ if needed.contains(&Some(false)) => Some(false),
            _ if needed.contains(&None) => None,
            _ => Some(true),
        }
    }

    /// Returns whether everything is known, so that only a person can leave it open who is ready.
    fn is_known(&self) -> bool {
        let is_known = self.is_open.is_some() && self.methods.is_some() && self.required.is_some();
        is_known && self.is_migrated.is_some()
    }
}

/// Returns how many of those whom methods could make ready are: today, after, and of how many that is unknown.
pub fn ready<'a>(
    today: &ResetPolicy,
    after: &ResetPolicy,
    candidates: impl IntoIterator<Item = &'a Candidate>,
    writeback: Writeback,
    is_explicit: bool,
) -> (Option<u64>, Option<u64>, u64) {
    let (mut able_today, mut able_after, mut unknown) = (Some(0), Some(0), 0);
    for one in candidates {
        let was = today.makes_ready(one, writeback.today, is_explicit);
        let will = after.makes_ready(one, writeback.after, is_explicit);
        // Of whom nothing is known is no reason to know nothing of the others.
        let is_open = |able: Option<bool>, policy: &ResetPolicy| {
            able.is_none() && (policy.is_known() || one.registered.is_none() || !one.is_certain)
        };
        if is_open(was, today) || is_open(will, after) {
            unknown += 1;
            continue;
        }
        let add = |count: Option<u64>, able: Option<bool>| Some(count? + u64::from(able?));
        (able_today, able_after) = (add(able_today, was), add(able_after, will));
    }
    (able_today, able_after, unknown)
}

/// Returns how many could reset today and could not after, by what the report says they registered, `None` where it
/// has no row: whatever else there is to know of them.
pub fn locked_out<'a, S: AsRef<str> + 'a>(
    today: &ResetPolicy,
    after: &ResetPolicy,
    rows: impl IntoIterator<Item = Option<&'a [S]>>,
) -> u64 {
    let is_one = |words: &&[S]| (today.lets(words), after.lets(words)) == (Some(true), Some(false));
    rows.into_iter().flatten().filter(is_one).count() as u64
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

    fn candidate(words: Option<&[&str]>) -> Candidate {
        let registered = words.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        Candidate { registered, is_certain: true, ..Candidate::default() }
    }

    const ON: Writeback = Writeback { today: Some(true), after: Some(true) };

    #[test]
    fn who_loses_the_ability_is_locked_out_and_who_has_no_row_is_unknown() {
        let today = terms(&[Method::Email, Method::MobilePhone], 1);
        let after = terms(&[Method::Email, Method::MobilePhone], 2);
        let rows: [Option<&[&str]>; 4] =
            [Some(&["email"]), None, Some(&["email", "mobilePhone"]), Some(&["fido2SecurityKey"])];
        let people = rows.map(candidate);
        assert_eq!(ready(&today, &after, &people, ON, true), (Some(2), Some(1), 1));
        assert_eq!(locked_out(&today, &after, rows), 1);
    }

    #[test]
    fn the_account_counts_as_it_does_for_people() {
        let policy = terms(&[Method::Email], 1);
        let counted = |one: Candidate, writeback, is_explicit| {
            ready(&policy, &policy, &[one], Writeback { today: writeback, after: Some(true) }, is_explicit)
        };
        let synced = || Candidate { is_synced: true, ..candidate(Some(&["email"])) };
        assert_eq!(counted(synced(), Some(false), true), (Some(0), Some(1), 0));
        assert_eq!(counted(synced(), None, true), (Some(0), Some(0), 1));
        let doubtful = |words| Candidate { is_certain: false, ..candidate(words) };
        assert_eq!(counted(doubtful(Some(&["email"])), Some(true), true), (Some(0), Some(0), 1));
        assert_eq!(
            counted(doubtful(Some(&[])), Some(true), true),
            (Some(0), Some(0), 0),
            "too little in any case"
        );
        // Before the day, the directory's numbers may count too.
        assert_eq!(counted(candidate(Some(&[])), Some(true), false), (Some(0), Some(0), 1));
    }

    #[test]
    fn scope_none_makes_no_one_ready_and_an_unknown_scope_is_unknown() {
        let closed = ResetPolicy { is_open: Some(false), methods: None, ..terms(&[], 1) };
        assert_eq!(closed.lets(&["email"]), Some(false));
        let unknown = ResetPolicy { is_open: None, ..terms(&[Method::Email], 1) };
        assert_eq!(unknown.lets(&["email"]), None);
        assert_eq!(unknown.lets(&["mobilePhone"]), Some(false), "too little in every scope");
        let unsaid = ResetPolicy { methods: None, ..terms(&[], 1) };
        let people = [candidate(Some(&["email"]))];
        assert_eq!(ready(&unsaid, &closed, &people, ON, true), (None, Some(0), 0));
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
            let people: Vec<Candidate> = rows.iter().map(|row| candidate(row.as_deref())).collect();
            let (was, will, unknown) = ready(&today, &after, &people, ON, true);
            let (was, will) = (was.unwrap(), will.unwrap());
            let locked_out = |after| locked_out(&today, after, rows.iter().map(|row| row.as_deref()));
            prop_assert!(was.saturating_sub(will) <= locked_out(&after) && locked_out(&after) <= was);
            let leaves_it_open = |row: &&Option<Vec<&str>>| {
                row.as_ref().is_none_or(|words| [&today, &after].into_iter().any(|terms| terms.is_known() && terms.lets(words).is_none()))
            };
            prop_assert_eq!(unknown as usize, rows.iter().filter(leaves_it_open).count());
            prop_assert_eq!(locked_out(&today), 0);
        }
    }
}
