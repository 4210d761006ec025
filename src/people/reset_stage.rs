//! How far a person has come with a reset, read from the audit log (facts 4).

/// What a line of the log means to someone who watches a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResetStage {
    /// Security info was registered or saved.
    Registered,
    /// A reset was begun, or went a step further.
    UnderWay,
    /// A reset was tried and did not succeed; it may be tried again.
    Failed,
    /// The service blocked the user from resetting.
    Blocked,
    /// The password was reset.
    Reset,
}

impl ResetStage {
    /// Reads a line of the log: its activity, and whether it says success. `None` is nothing about a reset.
    /// Both spellings of the flow's progress exist.
    pub fn read(activity: &str, is_success: Option<bool>) -> Option<Self> {
        Some(match activity {
            // Only a success counts: the service logs failures under the same name.
            "Reset password (self-service)" if is_success == Some(true) => Self::Reset,
            "Reset password (self-service)" => Self::Failed,
            "Blocked from self-service password reset" => Self::Blocked,
            "Self-serve password reset flow activity progress"
            | "Self-service password reset flow activity progress"
            | "User started password reset" => Self::UnderWay,
            "User registered for self-service password reset"
            | "Security info saved for self-service password reset"
            | "User started security info registration for self-service password reset"
            | "User completed security info registration for self-service password reset" => Self::Registered,
            _ => return None,
        })
    }

    /// Returns the stage in words, after "the user".
    pub fn message(self) -> &'static str {
        match self {
            Self::Registered => "registered security info",
            Self::UnderWay => "began to reset",
            Self::Failed => "tried to reset without success",
            Self::Blocked => "was blocked from resetting",
            Self::Reset => "reset the password",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_successful_reset_is_one_and_both_spellings_are_read() {
        assert_eq!(ResetStage::read("Reset password (self-service)", Some(true)), Some(ResetStage::Reset));
        for unsuccessful in [Some(false), None] {
            assert_eq!(
                ResetStage::read("Reset password (self-service)", unsuccessful),
                Some(ResetStage::Failed)
            );
        }
        for word in ["Self-serve", "Self-service"] {
            let activity = format!("{word} password reset flow activity progress");
            assert_eq!(ResetStage::read(&activity, Some(true)), Some(ResetStage::UnderWay));
        }
        assert_eq!(ResetStage::read("Reset password (by admin)", Some(true)), None);
        assert_eq!(ResetStage::read("Change password (self-service)", Some(true)), None);
    }

    #[test]
    fn every_activity_of_the_log_is_reported_in_words() {
        let described = |activity: &str| ResetStage::read(activity, Some(true)).map(ResetStage::message);
        assert_eq!(
            described("User registered for self-service password reset"),
            Some("registered security info")
        );
        assert_eq!(described("User started password reset"), Some("began to reset"));
        assert_eq!(described("Blocked from self-service password reset"), Some("was blocked from resetting"));
        assert_eq!(described("Reset password (self-service)"), Some("reset the password"));
        assert_eq!(ResetStage::Failed.message(), "tried to reset without success");
    }
}
