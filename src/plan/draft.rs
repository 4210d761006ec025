//! Makes a spec from a tenant that changes nothing in it, and says which settings it cannot express.

use serde_json::{Value, json};

use super::{PlanOptions, Severity, plan};
use crate::diff::{Audience, Change, is_given};
use crate::spec_file::{self, GroupName};
use crate::tenant::{
    Method, Migration, NamedGroup, Need, Resource, SETTINGS, Scope, Setting, Tenant, ValueKind,
};
use crate::text::{excerpt, visible};

/// Everything of a tenant that a spec could say, read without one.
#[derive(Clone, Debug)]
pub struct Inventory {
    /// What was read; the group is the policy's, where it has exactly one and that is there.
    pub tenant: Tenant,
    /// The groups the policy names: id and, where the tenant has it, display name (foreign text).
    pub groups: Vec<(String, Option<String>)>,
    /// Whether the group's display name means this group and no other.
    pub is_name_unique: bool,
    /// The objects that could not be read, and why.
    pub unread: Vec<(Resource, String)>,
}

/// What becomes of a setting in a drafted spec.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftValue {
    /// The spec says it.
    Stated(Value),
    /// The spec does not say it.
    Left {
        /// What the tenant has, in spec terms, where that is known and could be written.
        seen: Option<Value>,
        /// Why, in a sentence without its full stop; foreign text is made visible.
        why: String,
    },
    /// There is nothing to say.
    Unset,
}

/// One setting of a drafted spec.
#[derive(Clone, Debug)]
pub struct DraftSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// What becomes of it.
    pub fate: DraftValue,
    /// What a reader of the file should know.
    pub note: Option<String>,
}

/// Drafts the spec: planned against the tenant, it has no change and no error.
pub fn draft(inventory: &Inventory) -> Vec<DraftSetting> {
    let mut lines: Vec<DraftSetting> = SETTINGS.iter().map(|setting| line(setting, inventory)).collect();
    loop {
        let complaints = complaints(&lines, &inventory.tenant);
        let Some((_, first)) = complaints.first() else { return lines };
        let mut is_better = false;
        for (key, why) in &complaints {
            is_better |= leave(&mut lines, |line| line.setting.key == key, why);
        }
        // A complaint about what the draft does not say: nothing of it can be trusted.
        if !is_better && !leave(&mut lines, |_| true, first) {
            return lines;
        }
    }
}

/// Takes settings out of what is stated; returns whether there were any.
fn leave(lines: &mut [DraftSetting], is_meant: impl Fn(&DraftSetting) -> bool, why: &str) -> bool {
    let mut is_any = false;
    for line in lines.iter_mut().filter(|line| is_meant(line)) {
        if let DraftValue::Stated(seen) = &line.fate {
            line.fate = DraftValue::Left { seen: Some(seen.clone()), why: why.to_owned() };
            is_any = true;
        }
    }
    is_any
}

/// Returns values as the spec they are, by dotted key; JSON is YAML.
pub fn spec_of<'a>(values: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Value {
    let mut root = json!({"version": spec_file::VERSION});
    for (key, value) in values {
        *key.split('.').fold(&mut root, |section, word| &mut section[word]) = value.clone();
    }
    root
}

/// Returns what the loader or a plan holds against a draft: the key, and a sentence.
fn complaints(lines: &[DraftSetting], tenant: &Tenant) -> Vec<(String, String)> {
    let stated = lines.iter().filter_map(|line| match &line.fate {
        DraftValue::Stated(value) => Some((line.setting.key, value)),
        _ => None,
    });
    let spec = match spec_file::load("import", spec_of(stated).to_string().as_bytes()) {
        Ok(spec) => spec,
        Err(error) => return error.by_key(),
    };
    // Planned from the file, a group it does not name is not looked at.
    let group = tenant.group.clone().filter(|_| spec.group().is_some());
    let tenant = Tenant { group, ..tenant.clone() };
    let plan = plan(&spec, &tenant, PlanOptions::unguarded(jiff::Timestamp::MAX));
    let errors = plan.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors = errors.map(|finding| (finding.key.to_owned(), finding.message.clone()));
    let would_change = |change: &Change| format!("saying it would change {}", visible(&change.resource));
    let changes = plan.changes.iter().map(|change| (change.key.clone(), would_change(change)));
    errors.chain(changes).collect()
}

fn line(setting: &'static Setting, inventory: &Inventory) -> DraftSetting {
    let tenant = &inventory.tenant;
    let fate = match (setting.kind, tenant.object(&setting.object)) {
        (ValueKind::Methods, _) => methods(inventory),
        (_, None) => unknown(&unread(setting, inventory)),
        (kind, Some(object)) => match (kind, setting.read(object)) {
            (_, None) => unknown("sspr does not know the form of its value in the tenant"),
            (ValueKind::Scope, Some(value)) => scope(value, inventory),
            (ValueKind::Group, Some(_)) => group(inventory),
            // Each of these objects wants a right of its own, which no one should need for what is off.
            (ValueKind::Switch { .. }, Some(Value::Bool(false)))
                if setting.object != Resource::PasswordReset =>
            {
                DraftValue::Left { seen: Some(json!(false)), why: "it is off".to_owned() }
            }
            (ValueKind::Helpdesk, Some(Value::String(link))) if visible(&link) != link => {
                unknown(&format!("it holds hidden characters: {}", visible(&link)))
            }
            (_, Some(value)) => DraftValue::Stated(value),
        },
    };
    DraftSetting { setting, note: note(setting, &fate, inventory), fate }
}

fn unknown(why: &str) -> DraftValue {
    DraftValue::Left { seen: None, why: why.to_owned() }
}

fn unread(setting: &Setting, inventory: &Inventory) -> String {
    let surface = setting.object.surface();
    let why = inventory.unread.iter().find(|(resource, _)| *resource == setting.object);
    why.map_or_else(|| format!("{surface} was not read"), |(_, why)| why.clone())
}

fn policy_scope(tenant: &Tenant) -> Option<Scope> {
    tenant.policy.as_ref().and_then(Scope::of)
}

fn scope(value: Value, inventory: &Inventory) -> DraftValue {
    if value != Scope::Selected.as_str() {
        return DraftValue::Stated(value);
    }
    if inventory.tenant.group.is_none() {
        return unknown("it is selected, but the group is left out");
    }
    DraftValue::Left { seen: Some(value), why: "a group without a scope means selected".to_owned() }
}

fn group(inventory: &Inventory) -> DraftValue {
    let described = |(id, name): &(String, Option<String>)| match name {
        Some(name) => format!("{} ({})", visible(name), visible(id)),
        None => format!("{}, which the tenant no longer has", visible(id)),
    };
    let scope = policy_scope(&inventory.tenant);
    match (inventory.groups.as_slice(), &inventory.tenant.group) {
        ([], _) if scope == Some(Scope::Selected) => unknown("the tenant names no group"),
        ([], _) => DraftValue::Unset,
        ([_], Some(group)) if scope != Some(Scope::All) => {
            DraftValue::Stated(match inventory.is_name_unique {
                true => json!(group.display_name),
                false => json!(group.id),
            })
        }
        ([only], Some(_)) => {
            unknown(&format!("everyone can reset; the tenant still stores {}", described(only)))
        }
        ([only], None) => unknown(&format!("the tenant names {}", described(only))),
        (several, _) => {
            let described = several.iter().map(described).collect::<Vec<_>>().join("; ");
            let why = "a spec takes one group, in which others can be nested; the tenant names";
            unknown(&format!("{why} {described}"))
        }
    }
}

/// Returns whether a display name can stand in a spec for the group, and be reviewed there.
pub fn is_plain_name(name: &str) -> bool {
    let spec = spec_file::load("import", spec_of([("group", &json!(name))]).to_string().as_bytes());
    visible(name) == name && spec.is_ok_and(|spec| matches!(spec.group(), Some(GroupName::DisplayName(_))))
}

fn methods(inventory: &Inventory) -> DraftValue {
    let words = |allowed: Vec<Method>| allowed.into_iter().map(Method::as_str).collect::<Vec<_>>();
    allowed(inventory).map_or_else(|why| unknown(&why), |allowed| DraftValue::Stated(json!(words(allowed))))
}

/// Returns the methods of the policy the tenant honours (facts 3.6), or why they cannot be said.
fn allowed(inventory: &Inventory) -> Result<Vec<Method>, String> {
    let tenant = &inventory.tenant;
    let unread = "the Authentication methods policy was not read, so where methods are managed is unknown";
    let policy = tenant.methods.as_ref().ok_or(unread)?;
    let portal = tenant.policy.as_ref().ok_or("portal was not read, and it has the pilot's group")?;
    let is_on = |method: &Method| portal.field(method.field()).is_some_and(|on| *on == true);
    let toggles = |among: &[Method]| {
        let is_known = Method::read_toggles(among, portal).is_some();
        is_known.then(|| among.iter().copied().filter(is_on).collect::<Vec<_>>())
    };
    let untold = "sspr does not know the form of its value in the tenant";
    match policy.migration() {
        Migration::Unknown(state) => {
            Err(format!("sspr does not know the tenant's method migration state `{}`", visible(&state)))
        }
        Migration::PreMigration | Migration::InProgress => toggles(&Method::ALL).ok_or(untold.into()),
        Migration::Complete => {
            let audience = audience(inventory)?;
            let questions = toggles(&[Method::SecurityQuestions]).ok_or(untold)?;
            let given = Method::ALL.into_iter().filter(|method| is_given_whole(*method, &audience, tenant));
            Ok(given.chain(questions).collect())
        }
    }
}

fn is_given_whole(method: Method, audience: &Audience, tenant: &Tenant) -> bool {
    let given = |need: &Need| {
        let object = tenant.methods.as_ref().and_then(|policy| policy.method(need.method));
        object.is_some_and(|object| is_given(need, object, audience, tenant))
    };
    !method.needs().is_empty() && method.needs().iter().all(given)
}

fn audience(inventory: &Inventory) -> Result<Audience, String> {
    match (policy_scope(&inventory.tenant), &inventory.tenant.group) {
        (Some(Scope::None | Scope::Selected), Some(group)) => {
            Ok(Audience::Group(NamedGroup { id: group.id, display_name: group.display_name.clone() }))
        }
        (Some(Scope::None | Scope::All), _) => Ok(Audience::Everyone),
        _ => Err("methods are enabled per group, and the pilot's group is left out".to_owned()),
    }
}

fn note(setting: &Setting, fate: &DraftValue, inventory: &Inventory) -> Option<String> {
    match (setting.kind, fate, &inventory.tenant.group) {
        (ValueKind::Group, DraftValue::Stated(name), Some(group))
            if inventory.is_name_unique && *name != json!(group.id) =>
        {
            Some(group.id.to_string())
        }
        (ValueKind::Group, DraftValue::Stated(_), Some(group)) => Some(visible(&group.display_name)),
        (ValueKind::Helpdesk, DraftValue::Stated(value), _) if value == "none" => {
            let stored = inventory.tenant.policy.as_ref()?.field("customHelpdeskEmailOrUrl")?.as_str()?;
            (!stored.is_empty()).then(|| format!("off; stored and kept: {}", visible(stored)))
        }
        _ => None,
    }
}

/// Returns the fields of the password reset policy that no setting says, as names to show: those this tool
/// knows, and those it does not.
pub fn beyond(tenant: &Tenant) -> (Vec<String>, Vec<String>) {
    let Some(policy) = &tenant.policy else { return (Vec::new(), Vec::new()) };
    let said: Vec<&str> = SETTINGS.iter().flat_map(Setting::fields).chain(["objectId"]).collect();
    let mut names = policy.stored_fields();
    names.retain(|name| !said.contains(&name.as_str()));
    let (known, unknown): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| Resource::PasswordReset.is_documented(name));
    (known, unknown.iter().map(|name| excerpt(name, 80)).collect())
}
