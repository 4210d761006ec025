//! One tenant's part of a run: reading it, and writing it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use super::{OpenTenant, TenantRequest, rows};
use crate::app::{
    self, Always, ApplyFile, ApplyRequest, CleanupRequest, Event, Observer, PlanRequest, Session, Silent,
    StatusRequest, VerifyRequest,
};
use crate::error::Failure;
use crate::outcome::Refusal;
use crate::outcome::fleet::{FleetVerb, TenantResult, TenantRow};
use crate::outcome::status::Status;
use crate::plan::{Overrides, Plan, Reviewed};
use crate::spec_file::Spec;
use crate::spec_file::fleet::FleetTenant;
use crate::stop::Stop;
use crate::store::FleetJournal;

/// A tenant that was read.
pub(super) struct Read {
    pub(super) row: TenantRow,
    /// Its session and its plan, where it was planned.
    pub(super) planned: Option<(Session, Plan)>,
}

/// Reads a tenant. `reviewed` is the plan that its own has to be.
pub(super) async fn read<O: OpenTenant>(
    opener: Arc<O>,
    (tenant, mut row): (Arc<FleetTenant>, TenantRow),
    reviewed: Option<Reviewed>,
    stop: Stop,
    request: TenantRequest,
) -> Read {
    let read = async {
        if let Some(reviewed) = &reviewed {
            reviewed.check_spec(tenant.spec.to_yaml().as_bytes()).map_err(Refusal::Review)?;
        }
        let session = opener.open(&tenant, stop.clone()).await?;
        match request.verb {
            FleetVerb::Plan | FleetVerb::Apply | FleetVerb::Cleanup => {
                let plan = plan(&session, &tenant.spec, request).await?;
                if let Some(reviewed) = &reviewed {
                    reviewed.check_plan(&plan).map_err(Refusal::Review)?;
                }
                rows::planned(&mut row, &plan, request.is_detailed);
                Ok(Some((session, plan)))
            }
            FleetVerb::Status | FleetVerb::Report => {
                let status = status(&session, &tenant.spec, request).await?;
                rows::stands(&mut row, &status, request.is_graph_only);
                Ok(None)
            }
            FleetVerb::Verify => {
                let request = VerifyRequest {
                    spec: &tenant.spec,
                    is_graph_only: request.is_graph_only,
                    allows_unread: request.allows_unread,
                    user: None,
                    watch: None,
                };
                let report = app::verify(&session, request, &Silent).await?;
                rows::verified(&mut row, &report);
                Ok(None)
            }
        }
    };
    match read.await {
        Ok(planned) => Read { row, planned },
        Err(failure) => {
            failed(&mut row, &failure, &stop);
            Read { row, planned: None }
        }
    }
}

async fn plan(session: &Session, spec: &Spec, request: TenantRequest) -> Result<Plan, Failure> {
    let TenantRequest { verb, is_graph_only, overrides, .. } = request;
    if verb == FleetVerb::Cleanup {
        // Scope None reaches no one: there is no guard to lift.
        let (spec, overrides) = (&Spec::cleanup(Some(spec)), Overrides::default());
        return app::plan(session, PlanRequest { spec, is_graph_only: false, overrides }, &Silent).await;
    }
    let plan = app::plan(session, PlanRequest { spec, is_graph_only, overrides }, &Silent).await?;
    Ok(if request.writing.shows_names { plan } else { plan.without_names() })
}

async fn status(session: &Session, spec: &Spec, request: TenantRequest) -> Result<Status, Failure> {
    let request = StatusRequest {
        spec,
        is_graph_only: request.is_graph_only,
        wants_registration: true,
        shows_names: request.writing.shows_names,
    };
    app::status(session, request, &Silent).await
}

/// Counts who is ready in a tenant, and who can be; `None` where that is unknown.
pub(super) async fn adoption<O: OpenTenant>(
    opener: Arc<O>,
    tenant: Arc<FleetTenant>,
    stop: Stop,
    request: TenantRequest,
) -> Option<(u64, u64)> {
    let session = opener.open(&tenant, stop).await.ok()?;
    let status = status(&session, &tenant.spec, request).await.ok()?;
    let Status { no_people: None, report, .. } = status else { return None };
    report.is_report_read.then(|| (report.adoption.ready, report.adoption.can_be()))
}

/// Writes a tenant, and does nothing that was not in the plan it was `shown` with.
pub(super) async fn write(
    session: Session,
    (tenant, mut row): (Arc<FleetTenant>, TenantRow),
    shown: Reviewed,
    record: Record,
    request: TenantRequest,
) -> TenantRow {
    let TenantRequest { is_graph_only, overrides, writing, .. } = request;
    let written = if request.verb == FleetVerb::Cleanup {
        let request = CleanupRequest { guard: Some(&tenant.spec), restore: None, writing };
        app::cleanup(&session, request, &record, &Always).await
    } else {
        let file = ApplyFile { spec: tenant.spec.clone(), reviewed: Some(shown) };
        let request = ApplyRequest { file: &file, is_graph_only, overrides, writing };
        app::apply(&session, request, &record, &Always).await
    };
    match written {
        Ok(applied) => rows::applied(&mut row, &applied),
        Err(failure) => failed(&mut row, &failure, &session.stop),
    }
    row
}

/// Says why a tenant's part failed. Where the whole run was stopped and nothing was written, the tenant was not tried.
fn failed(row: &mut TenantRow, failure: &Failure, stop: &Stop) {
    rows::failed(row, failure);
    if failure.stop_reason().is_some_and(|reason| stop.reason_of_whole() == Some(reason)) {
        row.result = TenantResult::NotTried;
    }
}

/// The record of the run, as a tenant's part sees it.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) tenant: String,
    pub(super) journal: Arc<Mutex<FleetJournal>>,
    /// Set from when the tenant may have been written to.
    pub(super) is_writing: Arc<AtomicBool>,
}

impl Observer for Record {
    fn on(&self, event: Event<'_>) -> Result<()> {
        if let Event::Writing = event {
            // What is not on record must not be written.
            self.journal.lock().unwrap_or_else(PoisonError::into_inner).writing(&self.tenant)?;
            self.is_writing.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
