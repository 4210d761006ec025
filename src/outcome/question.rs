//! What a person is asked before a tenant is written.

use super::fleet::FleetQuestion;
use crate::plan::Plan;
use crate::text::visible;

/// A question, and what means yes to it.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Whether a plan is to be carried out.
    Apply(&'a Plan),
    /// Whether many tenants are to be written: their number has to be typed.
    Fleet(&'a FleetQuestion),
    /// Something else, in words, foreign text made visible: "Write the password reset policy back as it is?"
    Other(&'a str),
}

impl Question<'_> {
    /// Returns the domain that has to be typed, where nobody should say yes by habit.
    pub fn domain(&self) -> Option<String> {
        match self {
            Self::Apply(plan) if plan.is_wide() => Some(visible(&plan.tenant_domain)),
            Self::Apply(_) | Self::Fleet(_) | Self::Other(_) => None,
        }
    }

    /// Returns whether an answer means yes.
    pub fn takes(&self, answer: &str) -> bool {
        let is = |word: &str| answer.trim().eq_ignore_ascii_case(word);
        if let Self::Fleet(fleet) = self {
            return is(&fleet.tenants.to_string());
        }
        self.domain().map_or_else(|| is("y") || is("yes"), |domain| is(&domain))
    }
}
