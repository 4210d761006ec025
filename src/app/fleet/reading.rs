//! The part of a run that reads its tenants, and plans those that are to be written.

use std::sync::Arc;

use super::alone::{Ended, alone};
use super::run::{Over, Pending, Run, why_lost};
use super::tenant::{Read, read};
use super::turns::{Part, Turns, take_turns};
use super::{FleetEvent, FleetObserver, MaxFailures, OpenTenant, rows};
use crate::app::Session;
use crate::error::Exit;
use crate::outcome::Refusal;
use crate::outcome::fleet::TenantResult;
use crate::plan::{Plan, Reviewed};

impl<O: OpenTenant, W: FleetObserver> Run<'_, O, W> {
    /// Reads every tenant, and plans those that are to be written.
    pub(super) async fn read(&mut self) {
        let _ = self.observer.on(FleetEvent::Reading { tenants: self.members.len() });
        let parallel = self.request.parallel;
        take_turns(&mut Reading { run: self, next: 0 }, parallel).await;
    }

    fn take_plan(&mut self, at: usize, session: Session, plan: &Plan) {
        let told = self.observer.on(FleetEvent::Planned { tenant: &self.members[at].row, plan });
        let member = &mut self.members[at];
        if let Err(error) = told {
            rows::failed(&mut member.row, &error.into());
            return;
        }
        // Each write has a fresh stop: the time to read is over.
        if self.request.each.verb.writes() && member.row.result == TenantResult::Changes {
            let (shown, is_wide) = (Reviewed::shown(plan), plan.is_wide());
            member.pending = Some(Pending { session, shown, is_wide });
        }
    }
}

/// The tenants while they are read.
struct Reading<'r, 'a, O, W> {
    run: &'r mut Run<'a, O, W>,
    next: usize,
}

impl<O: OpenTenant, W: FleetObserver> Turns for Reading<'_, '_, O, W> {
    type Output = (usize, Ended<Read>);

    fn next(&mut self) -> Option<Part<Self::Output>> {
        let (at, run) = (self.next, &mut *self.run);
        if run.is_over() || at >= run.members.len() {
            return None;
        }
        self.next += 1;
        let name = run.members[at].row.tenant.clone();
        let reviewed = match &mut run.request.reviewed {
            None => Ok(None),
            Some(plans) => match plans.remove(&name) {
                Some(plan) => plan.map(Some),
                None => Err(Refusal::NoSavedPlan { tenant: name }.into()),
            },
        };
        let member = &run.members[at];
        let (tenant, mut row, stop) = (Arc::clone(&member.tenant), member.row.clone(), member.stop.clone());
        let reviewed = match reviewed {
            Ok(reviewed) => reviewed,
            Err(failure) => {
                rows::failed(&mut row, &failure);
                return Some(Box::pin(async move { (at, Ended::Done(Read { row, planned: None })) }));
            }
        };
        let limits = (run.request.limits.time, run.request.limits.grace_to_read);
        let part = read(Arc::clone(&run.opener), (tenant, row), reviewed, stop.clone(), run.request.each);
        Some(Box::pin(async move { (at, alone(part, &stop, limits).await) }))
    }

    fn ended(&mut self, (at, ended): Self::Output) {
        let run = &mut *self.run;
        match ended {
            Ended::Done(Read { row, planned }) => {
                run.members[at].row = row;
                if let Some((session, plan)) = planned {
                    run.take_plan(at, session, &plan);
                }
            }
            lost => run.lose(at, why_lost(&lost)),
        }
        run.tell_end(at);
        let failures = run.members.iter().filter(|member| member.row.result.is_failure()).count();
        let most = run.request.max_failures.unwrap_or(MaxFailures::All);
        if !run.is_over() && most.is_exceeded(failures, run.members.len()) {
            let why = format!("{failures} failed, and --max-failures allows {most}");
            run.over = Some(Over { why, exit: Exit::Refused });
        }
    }
}
