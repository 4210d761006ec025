//! Failures and the exit codes a shell sees: the only place that maps one to the other.

use std::fmt;

use crate::client::ClientError;
use crate::outcome::{ApplyError, Refusal, Stands, Typed};
use crate::spec_file::SpecError;
use crate::stop::StopReason;

/// The exit codes (design §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; also a plan with changes, unless `--detailed-exitcode`.
    Done = 0,
    /// Failed; nothing was changed.
    Failed = 1,
    /// Only `plan --detailed-exitcode`: changes are pending.
    ChangesPending = 2,
    /// Refused by a guard; nothing was changed.
    Refused = 3,
    /// Stopped part-way: some writes landed; the journal says which.
    PartWay = 4,
    /// A condition that was asked about does not hold.
    ConditionUnmet = 5,
    /// The command line is wrong.
    Usage = 64,
    /// The spec is invalid.
    SpecInvalid = 65,
    /// Everything was written and read back, but the result could not be delivered.
    Undelivered = 74,
    /// Not signed in, or the sign-in lacks a permission.
    NotSignedIn = 77,
}

impl Exit {
    /// The codes that a tenant of many can end with, gravest first (design §3).
    const BY_GRAVITY: [Self; 9] = [
        Self::PartWay,
        Self::Failed,
        Self::NotSignedIn,
        Self::Refused,
        Self::SpecInvalid,
        Self::Undelivered,
        Self::ConditionUnmet,
        Self::ChangesPending,
        Self::Done,
    ];

    /// Returns the gravest of many tenants' codes. A code that no tenant ends with counts as a failure; where there is no
    /// tenant, nothing failed.
    pub fn gravest(codes: impl IntoIterator<Item = u8>) -> Self {
        let failed = 1;
        let place = |code| Self::BY_GRAVITY.iter().position(|exit| *exit as u8 == code).unwrap_or(failed);
        codes.into_iter().map(place).min().map_or(Self::Done, |gravest| Self::BY_GRAVITY[gravest])
    }
}

/// The run was asked to stop, and had written nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}; nothing was changed")]
struct StoppedEarly(StopReason);

/// A command that did not succeed: what, why, and what to do next.
#[derive(Debug)]
pub struct Failure {
    /// The code the process ends with.
    pub exit: Exit,
    /// What went wrong, with its chain of causes.
    pub error: anyhow::Error,
    /// What to do next, each a sentence.
    pub hints: Vec<String>,
}

impl Failure {
    /// Returns a failure with one hint.
    pub fn new(exit: Exit, error: anyhow::Error, hint: &str) -> Self {
        Self { exit, error, hints: vec![hint.to_owned()] }
    }

    /// Returns the end of a run that was asked to stop before it wrote anything.
    pub fn stopped(reason: StopReason) -> Self {
        Self { exit: Exit::Failed, error: StoppedEarly(reason).into(), hints: Vec::new() }
    }

    /// Returns who asked the run to stop, where that is why it ended before it wrote anything.
    pub fn stop_reason(&self) -> Option<StopReason> {
        self.error.downcast_ref().map(|StoppedEarly(reason)| *reason)
    }

    /// Returns the whole in a line, where that is all most people need and nothing was changed.
    pub fn brief(&self) -> Option<String> {
        let is_early = matches!(self.exit, Exit::NotSignedIn | Exit::Failed);
        let client = self.error.chain().find_map(|cause| cause.downcast_ref::<ClientError>());
        client.filter(|_| is_early).and_then(ClientError::brief)
    }

    /// Returns what to do next as it is typed after the command that failed.
    pub fn hints_after(&self, typed: &Typed) -> Vec<String> {
        let hints = self.error.chain().find_map(|cause| match (cause.downcast_ref(), cause.downcast_ref()) {
            (Some(stopped @ ApplyError::PartWay { .. }), _) => Some(stopped.hints_after(typed)),
            (_, Some(refusal @ Refusal::LacksPermissions { .. })) => Some(refusal.hints_after(typed)),
            _ => None,
        });
        hints.unwrap_or_else(|| self.hints.clone())
    }

    /// Returns what stands, where the run stopped part-way.
    pub fn stands(&self) -> Option<&Stands> {
        self.error.chain().find_map(|cause| match cause.downcast_ref()? {
            ApplyError::PartWay { stands, .. } => Some(&**stands),
            ApplyError::NothingWritten { .. } => None,
        })
    }

    /// Returns the causes under the error, nearest first.
    pub fn causes(&self) -> Vec<String> {
        self.error.chain().skip(1).map(ToString::to_string).collect()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.chain().nth(1)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        // What was judged where it happened stays so.
        let error = match error.downcast::<Self>() {
            Ok(failure) => return failure,
            Err(error) => error,
        };
        let (exit, hints) = classify(&error);
        let stopped = error.chain().find_map(|cause| cause.downcast_ref::<ClientError>()?.stop_reason());
        match stopped.filter(|_| exit == Exit::Failed) {
            // Which request was under way is nothing to someone who pressed a key.
            Some(reason) if reason.is_signal() => return Self::stopped(reason),
            Some(reason) => {
                let error = anyhow::anyhow!("{}", error.root_cause());
                return Self { error: error.context(StoppedEarly(reason)), exit, hints };
            }
            None => {}
        }
        Self { exit, error, hints }
    }
}

macro_rules! from_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                anyhow::Error::from(error).into()
            }
        })*
    };
}

from_errors!(ApplyError, ClientError, Refusal, SpecError);

fn classify(error: &anyhow::Error) -> (Exit, Vec<String>) {
    // The outermost meaning wins: a refused request after a write that landed is still part-way.
    for cause in error.chain() {
        if let Some(apply @ ApplyError::PartWay { .. }) = cause.downcast_ref() {
            return (Exit::PartWay, apply.hints());
        }
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            let exit = match refusal {
                // A permission is lacking, as where Graph says so itself.
                Refusal::HiddenMembers { .. } | Refusal::LacksPermissions { .. } => Exit::NotSignedIn,
                Refusal::AmbiguousRun { .. } => Exit::Usage,
                _ => Exit::Refused,
            };
            return (exit, refusal.hints());
        }
        if cause.is::<SpecError>() {
            return (Exit::SpecInvalid, Vec::new());
        }
        if let Some(client) = cause.downcast_ref::<ClientError>() {
            let exit = match () {
                () if client.is_outside_the_snapshot() => Exit::Refused,
                () if client.is_sign_in() => Exit::NotSignedIn,
                () => Exit::Failed,
            };
            return (exit, client.hints());
        }
    }
    (Exit::Failed, Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_of_many_tenants_is_by_what_it_means_and_not_by_its_number() {
        let order = [4, 1, 77, 3, 65, 74, 5, 2, 0];
        for (at, code) in order.iter().enumerate() {
            let rest = order[at..].iter().rev().copied();
            assert_eq!(Exit::gravest(rest) as u8, *code, "{:?}", &order[at..]);
        }
        assert_eq!(Exit::gravest([]), Exit::Done);
        assert_eq!(Exit::gravest([77, 200]), Exit::Failed, "a code that no tenant ends with");
    }
}
