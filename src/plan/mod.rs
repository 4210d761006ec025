//! Plans: changes, findings, people and operations. Data only.

mod beyond;
mod draft;
mod finding;
mod impact;
mod operation;
mod portal_step;
mod rollback_plan;
mod reviewed;
mod ring_gate;
mod rules;
mod service_change;
mod spec_text;
mod external_edits;
mod uncertain_writes;
mod undo_writes;

pub use beyond::Beyond;
pub use draft::{DraftSetting, DraftValue, Inventory, beyond, draft, is_plain_name, spec_of};
pub use external_edits::{ExternalEdit, edited_by_others};
pub use finding::{Finding, Severity};
pub use impact::{Impact, ResetPolicy, Writeback, locked_out, ready};
pub use operation::{
    Addition, ChangeFields, ChangeMembership, ChangeMethod, Differences, Kept, Operation, ReplaceObject,
    SETTINGS_CHANGED, Shown, WriteRecord, WriteStatus,
};
pub use portal_step::PortalStep;
pub use reviewed::{FORMAT, ReviewError, Reviewed, is_saved_plan};
pub use ring_gate::{GatePart, GateState, counted_people, gate_state, share_of};
pub use rollback_plan::{RollbackOptions, plan_rollback};
pub use rules::{
    FleetFinding, apply_lacks_permission, fleet_findings, left_out_lacks_permission, spec_findings,
};
pub use service_change::{SERVICE_CHANGES, ServiceChange, explicit_registration};
pub use spec_text::{SCHEMA, imported, spec_text, without_schema};
pub use uncertain_writes::without_unseen;
pub use undo_writes::{ByService, JournaledWrite, undo_writes};

pub use crate::digest::of_document as digest;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::diff::{Change, Coverage, coverage, diff, resolve, sort};
use crate::ids::TenantId;
use crate::spec_file::{Key, Place, Spec, all_but};
use crate::tenant::{
    Group, MemberCounts, MethodsPolicy, NamedGroup, Object, Resource, Scope, SnapshotMark, Surface, Tenant,
    UnknownWord, setting,
};

/// What the person running the plan has said in words, beside the spec.
#[derive(Clone, Copy, Debug)]
pub struct PlanOptions {
    /// When the plan is made, in whole seconds.
    pub now: Timestamp,
    /// What may affect many people.
    pub overrides: Overrides,
}

impl PlanOptions {
    /// Returns the options of a plan that is never applied, where no guard is needed.
    pub fn unguarded(now: Timestamp) -> Self {
        let overrides = Overrides {
            all_users: true,
            raising_required: true,
            lockout: true,
            early: true,
            max_people: None,
        };
        Self { now, overrides }
    }

    /// Returns the day in UTC, which decides whether a dated service change was or will be.
    pub fn today(&self) -> Date {
        utc_day(self.now)
    }
}

/// Returns the day of an instant in UTC, in which every machine counts days alike.
pub fn utc_day(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::UTC).date()
}

/// The guards a person has lifted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// Allows reaching the whole tenant.
    pub all_users: bool,
    /// Allows requiring more methods than today.
    pub raising_required: bool,
    /// Allows locking out people who can reset today.
    pub lockout: bool,
    /// Allows opening a ring whose gate does not hold.
    pub early: bool,
    /// How many people a changed scope or group may reach; `None` is any number.
    pub max_people: Option<u64>,
}

/// Head counts of the people a plan touches. `None` is unknown, never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct People {
    /// Users in the group, through all nesting.
    pub members: Option<u64>,
    /// Of those, how many hold an administrator role.
    pub admins: Option<u64>,
    /// Of those, how many lack a licence that covers password reset.
    pub unlicensed: Option<u64>,
    /// Of those, how many are guests.
    pub guests: Option<u64>,
    /// Of those, how many have a disabled account.
    pub disabled: Option<u64>,
    /// Of those, how many could reset today and could not after; by the methods they registered.
    #[serde(flatten, serialize_with = "crate::people::as_locked_out_and_stranded")]
    pub locked_out: Option<u64>,
    /// Of those, how many are ready to reset today, as `people` counts them.
    pub ready_before: Option<u64>,
    /// How many are after the plan.
    pub ready_after: Option<u64>,
    /// How many are in neither count, because something is unknown of them.
    pub ready_unknown: Option<u64>,
    /// Users of the tenant with an enabled account, guests aside; asked only where the plan is for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everyone: Option<u64>,
}

impl People {
    /// Returns the counts of a tenant, and those of what a plan means for them.
    fn of(counts: &MemberCounts, impact: Option<&Impact>, locked_out: Option<u64>) -> Self {
        Self {
            members: counts.members,
            admins: counts.admins.count,
            unlicensed: counts.unlicensed.count,
            guests: counts.guests.count,
            disabled: counts.disabled.count,
            locked_out,
            ready_before: impact.and_then(|impact| impact.able_today),
            ready_after: impact.and_then(|impact| impact.able_after),
            ready_unknown: impact.map(|impact| impact.unknown),
            everyone: counts.everyone,
        }
    }
}

/// What a plan is for; kept in the journal of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Towards a spec.
    Apply,
    /// Back to what was there before.
    Restore,
}

impl Purpose {
    /// Returns the word journals use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Restore => "restore",
        }
    }
}

/// By the word that journals use.
impl std::str::FromStr for Purpose {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Apply, Self::Restore].into_iter().find(|purpose| purpose.as_str() == word).ok_or(UnknownWord)
    }
}

/// The outcome of planning: data that can be printed, saved, compared and applied.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is for.
    pub purpose: Purpose,
    /// The run before which the tenant is brought back to; `None` where it is no way back, or all the way.
    pub back_to: Option<String>,
    /// Tenant id.
    pub tenant_id: TenantId,
    /// Tenant display name; foreign text.
    pub tenant_name: String,
    /// Tenant's default domain.
    pub tenant_domain: String,
    /// When the plan was made, in whole seconds.
    pub made: Timestamp,
    /// Where the spec was loaded from.
    pub spec_path: String,
    /// Digest of the spec.
    pub spec_sha256: String,
    /// What of the spec is left out.
    pub except: Vec<Key>,
    /// The group the spec names; `None` where it names none.
    pub group: Option<NamedGroup>,
    /// Who may reset once the plan is carried out; `None` where nobody knows.
    pub scope: Option<Scope>,
    /// How many settings stay as they are; `None` where the plan is made from no spec.
    pub coverage: Option<Coverage>,
    /// Whether the tenant is the built-in pretend one.
    pub is_sandbox: bool,
    /// What was read from a snapshot and not from the tenant, where something was.
    pub snapshot: Option<SnapshotMark>,
    /// Fingerprint of the actual state the plan starts from.
    pub baseline: String,
    /// What would change, sorted by key.
    pub changes: Vec<Change>,
    /// What a reviewer should know, gravest first.
    pub findings: Vec<Finding>,
    /// What the owner of the spec knows, and has accepted.
    pub accepted: Vec<Finding>,
    /// The codes of what they accept.
    pub accepts: Vec<&'static str>,
    /// Who it affects.
    pub people: People,
    /// The first few names behind a finding, by its code; foreign text. For the screen: never saved.
    pub names: BTreeMap<&'static str, Vec<String>>,
    /// Display names of the groups the changes mention, by id; foreign text.
    pub group_names: BTreeMap<String, String>,
    /// Where the spec's file has the keys it manages; empty where there is no file.
    pub lines: BTreeMap<&'static str, Place>,
    /// The writes, in order.
    pub steps: Vec<Operation>,
    /// What is left for a person to set in the admin centre, where that half was left out; `None` where it was
    /// read.
    pub portal_steps: Option<Vec<PortalStep>>,
    /// Fields that the service dropped from an object with an earlier write: they are sent once more, and need not come
    /// back.
    pub not_kept: BTreeMap<Resource, BTreeSet<String>>,
}

impl Plan {
    /// Returns how many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Returns the changes as they were made: what was planned `again` as it was in the end, and without the fields of
    /// an object, by wire name, that `is_the_services` and not as they were written.
    pub fn applied(&self, again: &[Operation], is_the_services: impl Fn(&str, &str) -> bool) -> Vec<Change> {
        let again: Vec<Change> = again.iter().flat_map(Operation::changes).collect();
        let is_as_planned = |change: &&Change| {
            !is_the_services(&change.resource, &change.key)
                && again.iter().all(|again| again.resource != change.resource)
        };
        let planned = self.changes.iter().filter(is_as_planned).cloned();
        let mut applied: Vec<Change> = planned.chain(again.iter().cloned()).collect();
        sort(&mut applied);
        applied
    }

    /// Returns what of the spec the plan is about, in words: "all of pilot.yaml but methods.allowed".
    pub fn spec_words(&self) -> String {
        all_but(&self.spec_path, &self.except)
    }

    /// Returns the path of the file the plan is made from; `None` where it is made from no file, or from one that
    /// manages nothing.
    pub fn file(&self) -> Option<&str> {
        (!self.lines.is_empty()).then_some(self.spec_path.as_str())
    }

    /// Returns the surfaces that were not read: of those the plan says nothing, whatever it says of the tenant.
    pub fn not_looked_at(&self) -> &'static [Surface] {
        if self.portal_steps.is_some() { &[Surface::Portal] } else { &[] }
    }

    /// Returns the plan without the names of people, for where many read it.
    pub fn without_names(self) -> Self {
        Self { names: BTreeMap::new(), ..self }
    }

    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        let is_accepted = finding.is_accepted(&self.accepts);
        let findings = if is_accepted { &mut self.accepted } else { &mut self.findings };
        findings.push(finding);
        rules::sort(findings);
    }

    /// Returns what a reviewer should know and what the owner of the spec has accepted.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(&self.accepted)
    }

    /// Returns whether a finding forbids applying the plan.
    pub fn is_refused(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

/// Plans the way from the tenant's actual state to the spec.
pub fn plan(spec: &Spec, tenant: &Tenant, options: PlanOptions) -> Plan {
    let desired = resolve(spec, tenant);
    let changes = diff(&desired, tenant);
    let impact = rules::reached(spec, tenant, &desired, options.today());
    let matters =
        |change: &Change| matches!(&*change.key, "scope" | "group") || change.key.starts_with("methods.");
    let changed = impact.as_ref().filter(|_| changes.iter().any(matters));
    let context = rules::RuleContext {
        spec,
        tenant,
        desired: &desired,
        changes: &changes,
        options,
        impact: changed,
        written: &rules::written(tenant, &desired),
    };
    let (findings, names): (Vec<Finding>, _) = (rules::find(&context), rules::names(&context));
    let (accepted, findings) = findings.into_iter().partition(|finding| finding.is_accepted(spec.accepted()));
    let pairs = desired.objects().filter_map(|object| Some((tenant.object(object.resource())?, object)));
    let steps = pairs.flat_map(|(actual, desired)| Operation::all_between(actual, desired)).collect();
    Plan {
        purpose: Purpose::Apply,
        back_to: None,
        tenant_id: tenant.organization.id,
        tenant_name: tenant.organization.display_name.clone(),
        tenant_domain: tenant.organization.domain(),
        made: options.now,
        spec_path: spec.path().to_owned(),
        spec_sha256: spec.sha256().to_owned(),
        except: spec.except().to_vec(),
        group: tenant
            .group
            .as_ref()
            .map(|Group { id, display_name, .. }| NamedGroup { id: *id, display_name: display_name.clone() }),
        scope: desired.policy.as_ref().and_then(Scope::of),
        coverage: (!spec.lines().is_empty()).then(|| coverage(spec, tenant, &desired, &changes)),
        is_sandbox: false,
        snapshot: None,
        baseline: fingerprint(spec, tenant),
        changes,
        findings,
        accepted,
        accepts: spec.accepted().to_vec(),
        people: People::of(&tenant.people, impact.as_ref(), changed.map(|impact| impact.locked_out)),
        names,
        group_names: group_names(tenant),
        lines: spec.lines().clone(),
        steps,
        portal_steps: portal_step::portal_steps(spec, tenant),
        not_kept: BTreeMap::new(),
    }
}

/// Returns one text that is equal for equal actual states of everything a plan may write.
fn fingerprint(spec: &Spec, tenant: &Tenant) -> String {
    // Read for what a plan says about people, unmanaged methods are no part of its baseline.
    let managed = tenant.methods.as_ref().filter(|_| spec.allowed().is_some());
    let methods = managed.into_iter().flat_map(MethodsPolicy::methods);
    let rings = tenant.rings.iter().map(|ring| &ring.membership);
    let others = [&tenant.writeback, &tenant.authorization].into_iter().flatten().chain(rings);
    let mut text = tenant.policy.as_ref().map_or_else(|| "portal left out".to_owned(), Object::stored);
    for object in others.chain(methods) {
        text.push_str(&format!("\n{} {}", object.resource(), object.stored()));
    }
    if let Some(policy) = managed {
        text.push_str(&format!("\n{:?}", policy.migration()));
    }
    crate::digest::sha256(text.as_bytes())
}

fn group_names(tenant: &Tenant) -> BTreeMap<String, String> {
    let mut names = tenant.policy.as_ref().map(policy_group_name).unwrap_or_default();
    if let Some(group) = &tenant.group {
        let within = group.within.iter().flatten();
        names.extend(within.map(|parent| (parent.id.to_string(), parent.display_name.clone())));
        names.insert(group.id.to_string(), group.display_name.clone());
    }
    let rings = tenant.rings.iter().map(|ring| &ring.group);
    names.extend(rings.map(|group| (group.id.to_string(), group.display_name.clone())));
    names
}

/// Returns the ids of the groups the password reset policy is scoped to, as it has them; none where it does not tell.
pub fn policy_group_ids(policy: &Object) -> Vec<String> {
    let ids = setting("group").and_then(|group| group.read(policy));
    let ids = ids.as_ref().and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Returns the display name of the group the password reset policy is scoped to, by id.
pub fn policy_group_name(policy: &Object) -> BTreeMap<String, String> {
    let ids = policy.field("passwordResetEnabledGroupIds").and_then(Value::as_array);
    let name = policy.field("passwordResetEnabledGroupName").and_then(Value::as_str);
    // The object names its group only where there is exactly one.
    match (ids.map(Vec::as_slice), name) {
        (Some([Value::String(id)]), Some(name)) if !name.is_empty() => {
            BTreeMap::from([(id.to_ascii_lowercase(), name.to_owned())])
        }
        _ => BTreeMap::new(),
    }
}
