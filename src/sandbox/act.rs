//! Acts as a user of the pretend tenant: registers methods, resets a password.

use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::server::Sandbox;
use super::shared::load;
use super::tenant::{AuditEvent, TenantState, User};

/// Why no one acted.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no such user among those made by hand.
    #[error("there is no user `{0}` in the sandbox")]
    NoUser(String),
    /// There is no such group.
    #[error("there is no group `{0}` in the sandbox")]
    NoGroup(String),
    /// The state could not be saved.
    #[error("the sandbox could not save its state")]
    NotSaved(#[from] io::Error),
}

impl Sandbox {
    /// Lets a user register methods (the report's words), as at <https://aka.ms/ssprsetup>.
    ///
    /// # Errors
    /// No such user, or the state cannot be saved.
    pub fn register(&self, user: &str, methods: &[&str]) -> Result<(), ActError> {
        self.act(user, |tenant, at, now| register(tenant, at, methods, now))
    }

    /// Lets the next `most` people of a group register methods who can and have not, in the order of their names; returns
    /// how many did. Generated people never change.
    ///
    /// # Errors
    /// No such group, or the state cannot be saved.
    pub fn register_some(&self, group: &str, most: usize, methods: &[&str]) -> Result<usize, ActError> {
        let tenant = self.tenant();
        let found = tenant.groups.iter().find(|known| known.name.eq_ignore_ascii_case(group));
        let group = found.ok_or_else(|| ActError::NoGroup(group.to_owned()))?.id;
        let mut next: Vec<&User> = tenant.members_through_nesting(group);
        next.retain(|user| user.is_enabled && !user.is_guest && user.methods.is_empty());
        next.sort_by(|a, b| a.alias.cmp(&b.alias));
        next.truncate(most);
        let ids: Vec<_> = next.into_iter().map(|user| user.id).collect();
        let now = self.shared.audits().now();
        self.shared.write_as(None, |tenant| {
            let are_next: Vec<usize> =
                (0..tenant.users.len()).filter(|at| ids.contains(&tenant.users[*at].id)).collect();
            are_next.into_iter().for_each(|at| register(tenant, at, methods, now));
        })?;
        Ok(ids.len())
    }

    /// Moves the tenant's clock on: what it logs from now on is so much later.
    ///
    /// # Errors
    /// The state cannot be saved.
    pub fn pass(&self, time: SignedDuration) -> Result<(), ActError> {
        self.shared.audits().ahead += time;
        Ok(self.shared.write_as(None, |_| ())?)
    }

    /// Returns how far the clock of the tenant kept in `file` is ahead; `None` where there is none that can be read.
    pub fn ahead_in(file: &Path) -> Option<SignedDuration> {
        load(file).ok().flatten().map(|(_, audits)| audits.ahead)
    }

    /// Returns how far the tenant's clock is ahead of this machine's.
    pub fn ahead(&self) -> SignedDuration {
        self.shared.audits().ahead
    }

    /// Lets a user reset their password, as at <https://aka.ms/sspr>. It succeeds where enough methods are
    /// registered, and is blocked otherwise; the audit log shows each step.
    ///
    /// # Errors
    /// No such user, or the state cannot be saved.
    pub fn reset_password(&self, user: &str) -> Result<(), ActError> {
        self.act(user, |tenant, at, now| {
            let log = |tenant: &mut TenantState, id, step: &str, result: &str, reason: &str| {
                log(tenant, now, id, (step, result, reason));
            };
            let required = tenant.policy["numberOfAuthenticationMethodsRequired"].as_u64().unwrap_or(1);
            let user = &tenant.users[at];
            let (id, is_able) = (user.id, user.is_enabled && user.methods.len() as u64 >= required);
            let step = "Self-service password reset flow activity progress";
            log(tenant, id, step, "success", "User started the reset: user submitted their user ID");
            if is_able {
                let step = "Self-serve password reset flow activity progress";
                log(tenant, id, step, "success", "User completed the verification");
                log(tenant, id, "Reset password (self-service)", "success", "Successfully completed reset.");
            } else {
                let reason = "User has not registered enough methods";
                log(tenant, id, "Blocked from self-service password reset", "failure", reason);
            }
        })
    }

    fn act(&self, name: &str, act: impl FnOnce(&mut TenantState, usize, Timestamp)) -> Result<(), ActError> {
        let tenant = self.tenant();
        let is_meant = |user: &User| {
            user.alias.eq_ignore_ascii_case(name)
                || tenant.user_principal_name(user).eq_ignore_ascii_case(name)
        };
        let at = tenant.users.iter().position(is_meant).ok_or_else(|| ActError::NoUser(name.to_owned()))?;
        let now = self.shared.audits().now();
        self.shared.write_as(None, |tenant| act(tenant, at, now))?;
        Ok(())
    }
}

fn register(tenant: &mut TenantState, at: usize, methods: &[&str], now: Timestamp) {
    let user = &mut tenant.users[at];
    user.methods = methods.iter().map(|&method| method.to_owned()).collect();
    (user.is_reported, user.days_since_sign_in) = (true, Some(0));
    let id = user.id;
    log(tenant, now, id, ("User registered for self-service password reset", "success", ""));
}

fn log(
    tenant: &mut TenantState,
    at: Timestamp,
    user: uuid::Uuid,
    (activity, result, reason): (&str, &str, &str),
) {
    tenant.audits.push(AuditEvent {
        at,
        activity: activity.to_owned(),
        result: result.to_owned(),
        reason: reason.to_owned(),
        user,
    });
}
