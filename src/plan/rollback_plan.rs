//! Plans `rollback` and `cleanup --restore`, with findings.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::external_edits::{ExternalEdit, edited_by_others};
use super::operation::{Kept, Operation, WriteStatus};
use super::uncertain_writes::shown_in_part;
use super::undo_writes::{JournaledWrite, by_service, undo_writes};
use super::{Finding, People, Plan, Purpose, Severity, policy_group_ids, policy_group_name};
use crate::diff::{Change, sort};
use crate::digest::sha256;
use crate::tenant::{Object, Organization, Resource, Scope};
use crate::text::visible;

/// Options of a rollback.
#[derive(Clone, Debug)]
pub struct RollbackOptions {
    /// The command, as the plan's origin.
    pub command: &'static str,
    /// When it is made, in whole seconds.
    pub now: Timestamp,
    /// The run before which the tenant is brought back to; `None` is all the way.
    pub back_to: Option<String>,
    /// `--overwrite-changes`: what someone else changed in the password reset policy may go.
    pub overwrites_changes: bool,
    /// Whether a baseline was saved without a digest, so that an edit of it would not be seen.
    pub is_unchecked: bool,
    /// Who else last changed the password reset policy, and when, if the audit log says so.
    pub touched: Option<String>,
}

/// Plans the way back from what earlier runs wrote; `past` runs from the oldest write on, `actual` are the
/// objects it wrote as they are now.
pub fn plan_rollback(
    organization: &Organization,
    past: &[JournaledWrite],
    actual: &[Object],
    restoring: RollbackOptions,
) -> Plan {
    let RollbackOptions { command, now, back_to, overwrites_changes, is_unchecked, touched } = restoring;
    let (back, statuses) = undo_writes(past, actual);
    let not_kept = not_kept(past, &back);
    let findings = changed_since(past, actual, overwrites_changes, touched.as_deref()).into_iter().chain([
        may_be_theirs(past, actual, &back, overwrites_changes),
        dropped_before(&not_kept),
        moved_along(past, &back),
        opens_again(&back),
        unchecked(is_unchecked && !back.is_empty()),
        stays_on(past, &statuses),
    ]);
    let mut changes: Vec<Change> = back.iter().flat_map(Operation::changes).collect();
    sort(&mut changes);
    let names = actual.iter().chain(past.iter().map(JournaledWrite::prior));
    let names = names.filter(|object| *object.resource() == Resource::PasswordReset);
    let members = past.iter().flat_map(|write| membership_names(write.prior()));
    let stored: Vec<String> = actual.iter().map(Object::stored).collect();
    Plan {
        purpose: Purpose::Restore,
        back_to,
        made: now,
        tenant_id: organization.id,
        tenant_name: organization.display_name.clone(),
        tenant_domain: organization.domain(),
        spec_path: command.to_owned(),
        spec_sha256: sha256(b"restore"),
        except: Vec::new(),
        group: None,
        scope: back.iter().map(Operation::desired).chain(actual).find_map(Scope::of),
        coverage: None,
        is_sandbox: false,
        snapshot: None,
        baseline: sha256(stored.join("\n").as_bytes()),
        changes,
        findings: findings.flatten().collect(),
        accepted: Vec::new(),
        accepts: Vec::new(),
        people: People::default(),
        names: BTreeMap::new(),
        group_names: names.flat_map(policy_group_name).chain(members).collect::<BTreeMap<_, _>>(),
        lines: BTreeMap::new(),
        steps: back.iter().flat_map(|back| Operation::all_between(back.actual(), back.desired())).collect(),
        portal_steps: None,
        not_kept,
    }
}

/// What goes back whole takes with it what someone else did to it meanwhile.
fn changed_since(
    past: &[JournaledWrite],
    actual: &[Object],
    is_meant: bool,
    touched: Option<&str>,
) -> Vec<Option<Finding>> {
    let who = touched.map(|who| format!(". Last editor in the audit log: {who}")).unwrap_or_default();
    let severity = Severity::guarded(is_meant);
    let finding = |edit: ExternalEdit<'_>| {
        let (fields, label) = (edit.fields.join(", "), edit.operation.label());
        let message =
            format!("Someone else changed {fields} in {label}, and this rollback would undo that{who}");
        Some(Finding::new("changed-since", severity, "scope", message, RESTORE_BY_HAND))
    };
    edited_by_others(past, actual).into_iter().map(finding).collect()
}

/// Returns what the groups of a membership are called, by id.
fn membership_names(object: &Object) -> Vec<(String, String)> {
    let Resource::Membership { group, member } = object.resource() else { return Vec::new() };
    let names = [group, member].into_iter().zip(object.membership_names());
    names.filter_map(|(id, name)| Some((id.to_string(), name?.to_owned()))).collect()
}

const RESTORE_BY_HAND: &str =
    "Restore the settings by hand, or pass --overwrite-changes to undo the other edits too.";

/// An unconfirmed write of which a part shows: what shows may be someone else's.
fn may_be_theirs(
    past: &[JournaledWrite],
    actual: &[Object],
    back: &[Operation],
    is_meant: bool,
) -> Option<Finding> {
    let part = shown_in_part(past, actual).into_iter().find(|part| {
        let goes_back = |back: &Operation| {
            let is_moved = |name: &String| !back.desired().is_same(name, back.actual());
            *back.resource() == part.resource && part.moved.iter().any(is_moved)
        };
        back.iter().any(goes_back)
    })?;
    let unmoved = match part.unmoved.is_empty() {
        true => String::new(),
        false => format!(", not {}", part.unmoved.join(", ")),
    };
    let severity = Severity::guarded(is_meant);
    let message = format!(
        "Someone else may have edited {} after a write that sspr could not confirm: only {} changed{unmoved}",
        part.resource,
        part.moved.join(", ")
    );
    Some(Finding::new("changed-since", severity, "scope", message, RESTORE_BY_HAND))
}

/// Returns the fields that go back and that the service dropped when their object was written: it may do so again.
fn not_kept(past: &[JournaledWrite], back: &[Operation]) -> BTreeMap<Resource, BTreeSet<String>> {
    let of = |back: &Operation| {
        let dropped = by_service(past, back.resource(), |own| own.dropped.iter().collect());
        let is_sent =
            |name: &&str| back.actual().field(name).is_none() && back.desired().field(name).is_some();
        let fields: BTreeSet<String> = dropped.into_iter().filter(is_sent).map(str::to_owned).collect();
        (!fields.is_empty()).then(|| (back.resource().clone(), fields))
    };
    back.iter().filter_map(of).collect()
}

fn dropped_before(not_kept: &BTreeMap<Resource, BTreeSet<String>>) -> Option<Finding> {
    let named = not_kept.iter().map(|(resource, fields)| named(fields, resource));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then_some(())?;
    let message =
        format!("The service dropped {} from an earlier write, and may drop it again", named.join(" and "));
    let help = "sspr sends it again. Afterwards, check the settings in the admin centre.";
    Some(Finding::new("dropped-by-service", Severity::Warning, "scope", message, help))
}

fn named<'a>(fields: impl IntoIterator<Item = &'a String>, resource: &Resource) -> String {
    let fields: Vec<String> = fields.into_iter().map(|field| visible(field)).collect();
    format!("{} of {resource}", fields.join(", "))
}

/// Fields this tool does not know that came back changed from a write: the service's doing, or an edit of that moment.
fn moved_along(past: &[JournaledWrite], back: &[Operation]) -> Option<Finding> {
    let of = |back: &Operation| {
        let mut fields = back.fields();
        let moved = by_service(past, back.resource(), |own| own.changed.iter().collect());
        fields.retain(|field| moved.contains(&field.as_str()));
        (!fields.is_empty()).then(|| named(&fields, back.resource()))
    };
    let named: Vec<String> = back.iter().filter_map(of).collect();
    (!named.is_empty()).then_some(())?;
    let message = format!(
        "{} changed during a write, by the service or someone else; this rollback reverts it too",
        named.join(" and ")
    );
    let help = "Check its change above. If someone set it on purpose, set it again afterwards.";
    Some(Finding::new("moved-along", Severity::Warning, "scope", message, help))
}

/// Who could not reset any more, and can again after a way back: what a person may not think of who undoes a `cleanup`.
fn opens_again(back: &[Operation]) -> Option<Finding> {
    let back = back.iter().find(|back| *back.resource() == Resource::PasswordReset)?;
    let (actual, desired) = (back.actual(), back.desired());
    let message = match (Scope::of(actual), Scope::of(desired)?) {
        (Some(Scope::All), _) | (_, Scope::None) => return None,
        (_, Scope::All) => {
            "This rollback turns password reset on again for every user in the tenant".to_owned()
        }
        (before, Scope::Selected) => {
            let had = if before == Some(Scope::Selected) { policy_group_ids(actual) } else { Vec::new() };
            let gained: Vec<String> =
                policy_group_ids(desired).into_iter().filter(|id| !had.contains(id)).collect();
            let names = policy_group_name(desired);
            let shown: Vec<String> = gained
                .iter()
                .map(|id| names.get(id).map_or_else(|| visible(id), |name| visible(name)))
                .collect();
            (!shown.is_empty())
                .then(|| format!("This rollback turns password reset on again for {}", shown.join(", ")))?
        }
    };
    let help = "To keep password reset off, run `sspr cleanup` instead.";
    Some(Finding::new("opens-again", Severity::Warning, "scope", message, help))
}

fn unchecked(is_unchecked: bool) -> Option<Finding> {
    is_unchecked.then_some(())?;
    let message =
        "An early version of sspr saved a baseline without a digest, so edits of it cannot be detected";
    let help = "Review each change above: sspr takes it from that file.";
    Some(Finding::new("baseline-not-checked", Severity::Warning, "scope", message, help))
}

/// A method that was turned on for the pilot, and that others have come to use since.
fn stays_on(past: &[JournaledWrite], statuses: &[WriteStatus]) -> Option<Finding> {
    let is_kept =
        |(_, status): &(&JournaledWrite, &WriteStatus)| **status == WriteStatus::Kept(Kept::UsedByOthers);
    let kept = past.iter().zip(statuses).filter(is_kept);
    let names: Vec<String> = kept.map(|(write, _)| write.operation.label()).collect();
    (!names.is_empty()).then_some(())?;
    let message = format!("{} stays on, because others were added since", names.join(", "));
    let help = "Turn it off in the portal if no one needs it.";
    Some(Finding::new("method-stays-on", Severity::Info, "methods.allowed", message, help))
}
