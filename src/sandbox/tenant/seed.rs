//! The named states that a pretend tenant can start with.

use uuid::Uuid;

/// What a pretend tenant starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// Nothing set up, and a pilot group waiting.
    #[default]
    Fresh,
    /// Someone's settings already there: questions, a helpdesk link, another group, unknown fields; not
    /// migrated to the Authentication methods policy.
    Configured,
    /// Methods others care about, before the migration: the legacy toggles count.
    PreMigration,
    /// The same methods, while both policies count.
    MidMigration,
    /// The same methods, when only the Authentication methods policy counts.
    Migrated,
    /// As migrated, in a tenant that has no migration state.
    NullState,
    /// Four groups to be nested into the pilot group one after the other, with people at different stages.
    Rings,
}

impl Seed {
    /// The default domain of every one.
    pub const DOMAIN: &str = "contoso.onmicrosoft.com";

    /// Every seed.
    pub const ALL: [Self; 7] = [
        Self::Fresh,
        Self::Configured,
        Self::PreMigration,
        Self::MidMigration,
        Self::Migrated,
        Self::NullState,
        Self::Rings,
    ];

    /// Returns the seed's name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Configured => "configured",
            Self::PreMigration => "pre-migration",
            Self::MidMigration => "mid-migration",
            Self::Migrated => "migrated",
            Self::NullState => "null-state",
            Self::Rings => "rings",
        }
    }

    /// Returns the seed of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|seed| seed.as_str() == word)
    }

    /// Returns what the seed's tenant has, in a line for whoever chooses one.
    pub fn about(self) -> &'static str {
        match self {
            Self::Fresh => "Password reset is off; the group SSPR-Pilot has eight people",
            Self::Configured => {
                "Someone's settings, security questions and helpdesk link are there already; not migrated"
            }
            Self::PreMigration => "Others' methods are there; the legacy method toggles still count",
            Self::MidMigration => "Others' methods are there; both method policies count",
            Self::Migrated => "Others' methods are there; only the Authentication methods policy counts",
            Self::NullState => "As migrated, but the tenant tells no migration state",
            Self::Rings => "Four groups, SSPR-Ring-IT to SSPR-Ring-All, for a roll-out into SSPR-Pilot",
        }
    }
}

/// Returns the id that something of this name has in every sandbox.
pub fn id(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("https://sspr.invalid/{name}").as_bytes())
}
