//! Acts as a user of the pretend tenant: registers methods, resets a password.

use std::io;

use jiff::Timestamp;

use super::server::Sandbox;
use super::tenant::{AuditEvent, TenantState, User};

/// Why no one acted.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// There is no such user among those made by hand.
    #[error("there is no user `{0}` in the sandbox")]
    NoUser(String),
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
        self.act(user, |tenant, at| {
            let user = &mut tenant.users[at];
            user.methods = methods.iter().map(|&method| method.to_owned()).collect();
            user.is_reported = true;
            let id = user.id;
            log(tenant, id, "User registered for self-service password reset", "success", "");
        })
    }

    /// Lets a user reset their password, as at <https://aka.ms/sspr>. It succeeds where enough methods are
    /// registered, and is blocked otherwise; the audit log shows each step.
    ///
    /// # Errors
    /// No such user, or the state cannot be saved.
    pub fn reset_password(&self, user: &str) -> Result<(), ActError> {
        self.act(user, |tenant, at| {
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

    fn act(&self, name: &str, act: impl FnOnce(&mut TenantState, usize)) -> Result<(), ActError> {
        let tenant = self.tenant();
        let is_meant = |user: &User| {
            user.alias.eq_ignore_ascii_case(name)
                || tenant.user_principal_name(user).eq_ignore_ascii_case(name)
        };
        let at = tenant.users.iter().position(is_meant).ok_or_else(|| ActError::NoUser(name.to_owned()))?;
        self.shared.write_as(None, |tenant| act(tenant, at))?;
        Ok(())
    }
}

fn log(tenant: &mut TenantState, user: uuid::Uuid, activity: &str, result: &str, reason: &str) {
    tenant.audits.push(AuditEvent {
        at: Timestamp::now(),
        activity: activity.to_owned(),
        result: result.to_owned(),
        reason: reason.to_owned(),
        user,
    });
}
