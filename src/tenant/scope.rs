//! The scope of password reset: no one, a group, or everyone.

use super::{Object, UnknownWord, setting};

/// Who may reset their own password: the portal's None / Selected / All.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No one.
    None,
    /// The members of one group.
    Selected,
    /// Everyone in the tenant.
    All,
}

impl Scope {
    /// Every scope, in wire order: `enablementType` 0, 1, 2 (facts 2.2).
    pub const ALL: [Self; 3] = [Self::None, Self::Selected, Self::All];

    /// Returns the word the spec uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Selected => "selected",
            Self::All => "all",
        }
    }

    /// Returns what the word means: the portal's label, and who may reset.
    pub fn about(self) -> &'static str {
        match self {
            Self::None => "None: no one can reset.",
            Self::Selected => "Selected: the members of one group can.",
            Self::All => "All: everyone in the tenant can. Applying it needs --allow-all-users.",
        }
    }

    /// Returns who may reset by a password reset policy; `None` where it does not say in a form known here.
    pub fn of(policy: &Object) -> Option<Self> {
        setting("scope")?.read(policy)?.as_str().and_then(|word| word.parse().ok())
    }

    /// Returns the number on the wire.
    pub(super) fn wire(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Selected => 1,
            Self::All => 2,
        }
    }
}

/// By the word that the spec uses.
impl std::str::FromStr for Scope {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|value| value.as_str() == word).ok_or(UnknownWord)
    }
}
