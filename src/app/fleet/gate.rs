//! The gate between two waves: how many of the people of the one before are ready.

use std::sync::Arc;

use super::alone::{Ended, alone};
use super::run::Run;
use super::tenant::adoption;
use super::turns::{Part, Turns, take_turns};
use super::{FleetEvent, FleetObserver, OpenTenant};

/// Who is ready in the tenants of a wave, and who can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    ready: u64,
    can_be: u64,
    /// Tenants of which it is unknown.
    unknown: usize,
}

impl Share {
    /// Returns why the gate does not hold; `None` where it does. Unknown holds the run up, and so does no one at all.
    fn lacking(self, wave: &str, gate: f64) -> Option<String> {
        #[expect(clippy::cast_precision_loss, reason = "no fleet has that many people")]
        let (ready, can_be) = (self.ready as f64, self.can_be as f64);
        let asked = format!("--gate asks for {gate} %");
        match self {
            Self { unknown, .. } if unknown > 0 => Some(format!(
                "it is unknown how many are ready in {unknown} of the tenants of the wave {wave}, and {asked}"
            )),
            Self { can_be: 0, .. } => Some(format!("no one in the wave {wave} can be ready, and {asked}")),
            _ if ready * 100.0 >= gate * can_be => None,
            _ => {
                let percent = self.ready * 100 / self.can_be;
                let Self { ready, can_be, .. } = self;
                Some(format!("{ready} of {can_be} are ready in the wave {wave} ({percent} %), and {asked}"))
            }
        }
    }
}

impl<O: OpenTenant, W: FleetObserver> Run<'_, O, W> {
    /// Returns why the next wave is not begun after this one; `None` where it may be.
    pub(super) async fn gate_lacks(&self, wave: &str, members: &[usize], gate: f64) -> Option<String> {
        let _ = self.observer.on(FleetEvent::Gate { wave, tenants: members.len() });
        let waiting = members.iter().copied();
        let mut counting = Counting { run: self, waiting, share: Share::default() };
        take_turns(&mut counting, self.request.parallel).await;
        counting.share.lacking(wave, gate)
    }
}

/// The tenants of a wave while their people are counted.
struct Counting<'r, 'a, O, W> {
    run: &'r Run<'a, O, W>,
    waiting: std::iter::Copied<std::slice::Iter<'r, usize>>,
    share: Share,
}

impl<O: OpenTenant, W: FleetObserver> Turns for Counting<'_, '_, O, W> {
    type Output = Ended<Option<(u64, u64)>>;

    fn next(&mut self) -> Option<Part<Self::Output>> {
        let run = self.run;
        let tenant = Arc::clone(&run.members[self.waiting.next()?].tenant);
        // A part of its own: that of its tenant may be over.
        let stop = run.context.stop.part();
        let limits = (run.request.limits.time, run.request.limits.grace_to_read);
        let part = adoption(Arc::clone(&run.opener), tenant, stop.clone(), run.request.each);
        Some(Box::pin(async move { alone(part, &stop, limits).await }))
    }

    fn ended(&mut self, ended: Self::Output) {
        match ended {
            Ended::Done(Some((ready, can_be))) => {
                self.share.ready += ready;
                self.share.can_be += can_be;
            }
            _ => self.share.unknown += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_reached_and_not_only_passed_and_what_is_unknown_holds_it() {
        let share = |ready, can_be, unknown| Share { ready, can_be, unknown };
        assert_eq!(share(4, 5, 0).lacking("canary", 80.0), None);
        let lacking = |share: Share| share.lacking("canary", 80.0).unwrap();
        assert_eq!(
            lacking(share(3, 5, 0)),
            "3 of 5 are ready in the wave canary (60 %), and --gate asks for 80 %"
        );
        assert!(lacking(share(5, 5, 1)).starts_with("it is unknown how many are ready in 1 of the tenants"));
        assert!(lacking(share(0, 0, 0)).starts_with("no one in the wave canary can be ready"));
    }
}
