//! Computes the Authentication methods policy changes that a spec needs; never removes.
//! What the tenant gives to others stays (facts 3.6, 3.7).

use serde_json::{Value, json};

use super::Change;
use crate::spec_file::Spec;
use crate::tenant::{
    ALL_USERS, GraphMethod, Method, MethodView, Migration, NamedGroup, Need, Object, Scope, Tenant,
    allows_push, target_id,
};

/// Who the spec's methods are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone: scope All.
    Everyone,
    /// One group's people.
    Group(NamedGroup),
    /// No one: scope None, or no method is managed.
    Nobody,
    /// The spec does not say.
    Unspecified,
}

/// Why a method the spec allows cannot be given by adding to the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// The group, or one it sits in, is excluded from the method.
    Excluded(GraphMethod, NamedGroup),
    /// The tenant has no such method.
    Missing(GraphMethod),
    /// Its configuration is not in a form this tool knows.
    Unreadable(GraphMethod),
    /// The group has Microsoft Authenticator for passwordless sign-in alone, which is no reset method.
    PasswordlessOnly,
}

/// How the spec's methods sit in one tenant.
#[derive(Clone, Debug, Default)]
pub struct ResolvedMethods {
    /// The portal's methods whose toggle counts in this tenant and is managed.
    pub toggles: Vec<Method>,
    /// Graph's methods as they should be: every one that was read, changed or not.
    pub desired: Vec<Object>,
    /// What stands in the way.
    pub obstacles: Vec<Blocker>,
}

/// Returns who the spec's methods are for.
pub fn audience(spec: &Spec, tenant: &Tenant) -> Audience {
    // With scope None the group only names the pilot; no one gets a method.
    if spec.allowed().is_none() || spec.scope() == Some(Scope::None) {
        return Audience::Nobody;
    }
    pilot(spec, tenant)
}

/// Returns who the spec is about, whether or not it manages methods or lets them reset.
pub fn pilot(spec: &Spec, tenant: &Tenant) -> Audience {
    match (spec.scope(), &tenant.group) {
        (Some(Scope::All), _) => Audience::Everyone,
        (_, Some(group)) => {
            Audience::Group(NamedGroup { id: group.id, display_name: group.display_name.clone() })
        }
        (Some(Scope::None), None) => Audience::Nobody,
        (_, None) => Audience::Unspecified,
    }
}

impl Audience {
    /// Returns the id a target must have to mean exactly this audience.
    fn target(&self) -> Option<String> {
        match self {
            Self::Everyone => Some(ALL_USERS.to_owned()),
            Self::Group(group) => Some(group.id.to_string()),
            Self::Nobody | Self::Unspecified => None,
        }
    }

    /// Returns how a target with this id reaches the whole audience: the words for it, or `None`.
    pub fn reached_by<'a>(&'a self, id: &str, tenant: &'a Tenant) -> Option<&'a str> {
        let within = tenant.group.as_ref().and_then(|group| group.within.as_deref()).unwrap_or_default();
        match self {
            Self::Nobody | Self::Unspecified => None,
            _ if id == ALL_USERS => Some("all users"),
            Self::Everyone => None,
            Self::Group(group) if group.id.is(id) => Some(&group.display_name),
            Self::Group(_) => {
                within.iter().find(|parent| parent.id.is(id)).map(|parent| parent.display_name.as_str())
            }
        }
    }
}

/// Resolves `methods.allowed` against both policies.
pub(super) fn resolve(spec: &Spec, tenant: &Tenant) -> ResolvedMethods {
    let (Some(allowed), Some(policy)) = (spec.allowed(), &tenant.methods) else {
        return ResolvedMethods::default();
    };
    let (toggles, is_graph) = match policy.migration() {
        Migration::PreMigration => (Method::ALL.to_vec(), false),
        Migration::InProgress => (Method::ALL.to_vec(), true),
        // The one method that stays on the portal object (facts 3.6).
        Migration::Complete => (vec![Method::SecurityQuestions], true),
        Migration::Unknown(_) => (Vec::new(), false),
    };
    let mut resolved = ResolvedMethods { toggles, ..ResolvedMethods::default() };
    let audience = audience(spec, tenant);
    if !is_graph || audience.target().is_none() {
        return resolved;
    }
    for method in GraphMethod::ALL {
        let Some(actual) = policy.method(method) else {
            if needs(&allowed, method).next().is_some() {
                resolved.obstacles.push(Blocker::Missing(method));
            }
            continue;
        };
        let needs: Vec<Need> = needs(&allowed, method).collect();
        match give(&needs, method, actual, &audience, tenant) {
            Ok(desired) => resolved.desired.push(desired),
            Err(blocker) => {
                resolved.obstacles.push(blocker);
                resolved.desired.push(actual.clone());
            }
        }
    }
    resolved
}

/// Returns what the allowed methods need of one of Graph's.
fn needs(allowed: &[Method], method: GraphMethod) -> impl Iterator<Item = Need> {
    allowed.iter().flat_map(|allowed| allowed.needs()).filter(move |need| need.method == method).copied()
}

/// Returns a method as it should be, so that it reaches the audience and no one loses a method.
fn give(
    needs: &[Need],
    method: GraphMethod,
    actual: &Object,
    audience: &Audience,
    tenant: &Tenant,
) -> Result<Object, Blocker> {
    let mut desired = actual.clone();
    let Some(id) = audience.target().filter(|_| !needs.is_empty()) else { return Ok(desired) };
    let view = MethodView::of(actual).ok_or(Blocker::Unreadable(method))?;
    if let Some(group) = excluded_group(&view, tenant, audience) {
        return Err(Blocker::Excluded(method, group));
    }
    let is_push = needs.iter().any(|need| need.is_push);
    let reaching = view
        .targets
        .iter()
        .filter(|target| target_id(target).is_some_and(|id| audience.reached_by(&id, tenant).is_some()));
    let own = view.targets.iter().find(|target| target_id(target).as_deref() == Some(id.as_str()));
    if !view.is_enabled {
        // Targets of a method that is off do not have it; turning it on must not enable it for them.
        desired.overlay("includeTargets", Value::Array(vec![opened(method, &id, own, is_push)]));
        desired.overlay("state", json!("enabled"));
    } else if !reaching.clone().any(|target| !is_push || allows_push(target)) {
        if own.is_some() {
            return Err(Blocker::PasswordlessOnly);
        }
        let mut targets = view.targets.to_vec();
        targets.push(opened(method, &id, None, is_push));
        desired.overlay("includeTargets", Value::Array(targets));
    }
    for switch in needs.iter().filter_map(|need| need.switch) {
        if !view.switch(switch).ok_or(Blocker::Unreadable(method))? {
            desired.overlay(switch, json!(true));
        }
    }
    if desired != *actual && desired.field("@odata.type").is_none() {
        desired.overlay("@odata.type", json!(method.odata_type()));
    }
    Ok(desired)
}

/// Returns whether a method, as configured, gives the audience what a need asks for. A configuration this
/// tool does not understand gives nothing it could count on.
pub fn is_given(need: &Need, method: &Object, audience: &Audience, tenant: &Tenant) -> bool {
    let Some(view) = MethodView::of(method) else { return false };
    let is_on = view.is_enabled && need.switch.is_none_or(|switch| view.switch(switch) == Some(true));
    let reaches = |target: &&Value| {
        target_id(target).is_some_and(|id| audience.reached_by(&id, tenant).is_some())
            && (!need.is_push || allows_push(target))
    };
    is_on
        && view.targets.iter().any(|target| reaches(&target))
        && excluded_group(&view, tenant, audience).is_none()
}

fn excluded_group(view: &MethodView<'_>, tenant: &Tenant, audience: &Audience) -> Option<NamedGroup> {
    let (Audience::Group(pilot), Some(group)) = (audience, &tenant.group) else { return None };
    let within = group.within.iter().flatten();
    std::iter::once(pilot).chain(within).find(|group| view.excluded.iter().any(|id| group.id.is(id))).cloned()
}

/// Returns the audience's target in a method: the one that waits there already, or one with nothing but
/// what password reset needs.
fn opened(method: GraphMethod, id: &str, own: Option<&Value>, is_push: bool) -> Value {
    let mut target = own.cloned().unwrap_or_else(|| {
        let mut target = json!({"targetType": "group", "id": id, "isRegistrationRequired": false});
        if method == GraphMethod::MicrosoftAuthenticator {
            // "any" would allow passwordless sign-in too.
            target["authenticationMode"] = json!("push");
        }
        target
    });
    match method {
        // On by default, and it would turn SMS sign-in on (facts 1.5).
        GraphMethod::Sms => target["isUsableForSignIn"] = json!(false),
        GraphMethod::MicrosoftAuthenticator if is_push && !allows_push(&target) => {
            target["authenticationMode"] = json!("push");
        }
        _ => {}
    }
    target
}

/// Returns the change of one method in terms a reviewer understands: the state, the ids of the targets, and
/// the switches, where they differ.
pub(super) fn change(actual: &Object, desired: &Object) -> Change {
    let fields = desired.differing_fields(actual);
    let side = |object: &Object| -> Value {
        let entry = |name: &String| match (&**name, object.field(name)) {
            ("includeTargets", targets) => {
                let ids = targets.and_then(Value::as_array).into_iter().flatten().map(target_id);
                ("targets".to_owned(), json!(ids.collect::<Vec<_>>()))
            }
            (_, value) => (name.clone(), value.cloned().unwrap_or_default()),
        };
        fields.iter().map(entry).collect::<serde_json::Map<_, _>>().into()
    };
    Change {
        key: "methods.allowed".to_owned(),
        surface: desired.resource().surface(),
        resource: desired.resource().to_string(),
        from: side(actual),
        to: side(desired),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::tenant::{Group, MemberCounts, MethodsPolicy, Organization, Resource};

    const PILOT: &str = "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73";
    const PARENT: &str = "9BCFE32A-79dc-56ec-8a85-c50b1398fc1c";
    const GROUPS: [&str; 5] = ["all_users", PILOT, PARENT, "sales", "contractors"];

    fn tenant(methods: &Value) -> Tenant {
        let group = |id: &str| NamedGroup { id: id.parse().unwrap(), display_name: id.to_owned() };
        Tenant {
            organization: Organization {
                id: uuid::Uuid::nil().into(),
                display_name: "Contoso".to_owned(),
                verified_domains: Vec::new(),
            },
            policy: Some(Object::from_json(Resource::PasswordReset, json!({"objectId": "default"})).unwrap()),
            writeback: None,
            authorization: None,
            methods: Some(
                MethodsPolicy::from_json(json!({"authenticationMethodConfigurations": methods})).unwrap(),
            ),
            group: Some(Group {
                id: PILOT.parse().unwrap(),
                display_name: "pilot".to_owned(),
                security_enabled: Some(true),
                hides_members: false,
                traits: Default::default(),
                members: None,
                within: Some(vec![group(PARENT)]),
            }),
            people: MemberCounts::default(),
            rings: Vec::new(),
            nested: None,
        }
    }

    fn any_method(method: GraphMethod) -> impl Strategy<Value = Value> {
        let targets = proptest::sample::subsequence(GROUPS.to_vec(), 0..=5).prop_shuffle();
        let excluded = proptest::sample::subsequence(GROUPS[3..].to_vec(), 0..=2);
        let switches = [json!(null), json!(false), json!(true)];
        let (switch, passwordless) = (proptest::sample::select(switches.to_vec()), any::<bool>());
        (any::<bool>(), targets, excluded, switch, passwordless).prop_map(
            move |(is_on, targets, excluded, switch, passwordless)| {
                let mode = if passwordless { "deviceBasedPush" } else { "any" };
                let target = |id: &&str| json!({"id": id, "targetType": "group", "authenticationMode": mode, "future": 1.10});
                json!({
                    "id": method.id(), "@odata.type": method.odata_type(), "future": {"kept": [1]},
                    "state": if is_on { "enabled" } else { "disabled" },
                    "includeTargets": targets.iter().map(target).collect::<Vec<_>>(),
                    "excludeTargets": excluded.iter().map(target).collect::<Vec<_>>(),
                    "isOfficePhoneAllowed": switch, "isSoftwareOathEnabled": switch,
                })
            },
        )
    }

    fn any_methods() -> impl Strategy<Value = Value> {
        let [email, sms, voice, app, oath] = GraphMethod::ALL.map(any_method);
        (email, sms, voice, app, oath).prop_map(|(a, b, c, d, e)| json!([a, b, c, d, e]))
    }

    fn spec(allowed: &[Method]) -> Spec {
        let words: Vec<&str> = allowed.iter().map(|method| method.as_str()).collect();
        let text = format!("version: 1\ngroup: pilot\nmethods:\n  allowed: [email, {}]\n", words.join(", "));
        crate::spec_file::load("pilot.yaml", text.as_bytes()).unwrap()
    }

    proptest! {
        #[test]
        fn giving_only_adds_is_enough_and_is_done_once(
            methods in any_methods(),
            allowed in proptest::sample::subsequence(Method::ALL[1..].to_vec(), 1..=5),
        ) {
            let (spec, before) = (spec(&allowed), tenant(&methods));
            let resolved = resolve(&spec, &before);
            let ids = |object: &Object| -> Vec<String> {
                MethodView::of(object).unwrap().target_ids().into_iter().map(Cow::into_owned).collect()
            };
            for desired in &resolved.desired {
                let actual = before.object(desired.resource()).unwrap();
                if desired.differing_fields(actual).is_empty() {
                    continue;
                }
                let (was, is) = (MethodView::of(actual).unwrap(), MethodView::of(desired).unwrap());
                let had = if was.is_enabled { ids(actual) } else { Vec::new() };
                let have = ids(desired);
                prop_assert!(have.starts_with(&had), "{had:?} {have:?}");
                prop_assert!(have[had.len()..].iter().all(|id| id == PILOT), "{had:?} {have:?}");
                prop_assert_eq!(was.excluded, is.excluded);
                prop_assert_eq!(actual.field("future"), desired.field("future"));
            }
            for method in &spec.allowed().unwrap() {
                for need in method.needs() {
                    let desired = resolved.desired.iter().find(|object| object.field("id") == Some(&json!(need.method.id())));
                    let is_given = is_given(need, desired.unwrap(), &audience(&spec, &before), &before);
                    let is_hindered = resolved.obstacles.contains(&Blocker::PasswordlessOnly)
                        && need.method == GraphMethod::MicrosoftAuthenticator;
                    prop_assert!(is_given || is_hindered, "{need:?}");
                }
            }
            let after = tenant(&resolved.desired.iter().map(Object::to_json).collect());
            prop_assert_eq!(resolve(&spec, &after).desired, resolved.desired.clone());
        }
    }
}
