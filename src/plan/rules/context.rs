//! What a rule is, and what it may read.

use crate::diff::{Change, Desired};
use crate::plan::{Finding, Impact, PlanOptions, ServiceChange, Severity};
use crate::spec_file::Spec;
use crate::tenant::{GraphMethod, Method, Object, Resource, Scope, Tenant};

pub(in crate::plan) struct RuleContext<'a> {
    pub(in crate::plan) spec: &'a Spec,
    pub(in crate::plan) tenant: &'a Tenant,
    pub(in crate::plan) desired: &'a Desired,
    pub(in crate::plan) changes: &'a [Change],
    pub(in crate::plan) options: PlanOptions,
    /// What the changes mean for the people of the group; `None` where that is unknown, or nothing.
    pub(in crate::plan) impact: Option<&'a Impact>,
    pub(in crate::plan) written: &'a [Written<'a>],
}

impl RuleContext<'_> {
    pub(super) fn change(&self, key: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.key == key)
    }

    pub(super) fn allows(&self, method: Method) -> bool {
        self.spec.allowed().is_some_and(|allowed| allowed.contains(&method))
    }

    /// With scope None no one resets, so advice about how is noise.
    pub(super) fn is_switched_off(&self) -> bool {
        self.spec.scope() == Some(Scope::None)
    }
}

pub(super) type Rule = fn(&RuleContext<'_>) -> Option<Finding>;

/// A method of Graph's policy that would be written.
pub(in crate::plan) struct Written<'a> {
    pub(super) method: GraphMethod,
    pub(super) actual: &'a Object,
    pub(super) desired: &'a Object,
    pub(super) fields: Vec<String>,
}

pub(in crate::plan) fn written<'a>(tenant: &'a Tenant, desired: &'a Desired) -> Vec<Written<'a>> {
    let methods = desired.methods.desired.iter().filter_map(|desired| {
        let Resource::Method(id) = desired.resource() else { return None };
        let actual = tenant.object(desired.resource())?;
        let fields = desired.differing_fields(actual);
        (!fields.is_empty()).then_some(Written { method: GraphMethod::from_id(id)?, actual, desired, fields })
    });
    methods.collect()
}

pub(super) fn dated(
    context: &RuleContext<'_>,
    code: &str,
    severity: Severity,
    key: &'static str,
    help: &str,
) -> Option<Finding> {
    let change = ServiceChange::find(code)?;
    let message = change.message_on(context.options.today());
    Some(Finding::new(change.code, severity, key, message, format!("{help} {}", change.source)))
}
