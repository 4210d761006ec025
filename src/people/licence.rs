//! Which licences cover password reset (facts 3.1).

use uuid::Uuid;

/// Service plan Entra ID P1 (`AAD_PREMIUM`).
pub const P1: Uuid = Uuid::from_u128(0x41781fb2_bc02_4b7c_bd55_b576c07bb09d);
/// Service plan Entra ID P2 (`AAD_PREMIUM_P2`); some products carry it without P1.
pub const P2: Uuid = Uuid::from_u128(0xeec0eb4f_6444_4f95_aba0_50c24d67f998);
/// Product Microsoft 365 Business Standard, which has no Entra plan and is recognised by its product id.
pub const BUSINESS_STANDARD: Uuid = Uuid::from_u128(0xf245ecc8_75af_4f8e_b61f_27d8114de5f3);

/// A user's licence, as far as password reset goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// Graph did not say.
    Unknown,
    /// Nothing assigned covers password reset.
    None,
    /// Entra ID P1.
    P1,
    /// Entra ID P2.
    P2,
    /// Microsoft 365 Business Standard: cloud accounts only, not those reset through writeback.
    BusinessStandard,
}

impl Licence {
    /// Reads the plans (id, and whether the plan is enabled) and products assigned to a user; either is
    /// `None` where Graph did not say.
    pub fn read(plans: Option<&[(Uuid, bool)]>, products: Option<&[Uuid]>) -> Self {
        let has = |wanted: Uuid| plans.is_some_and(|plans| plans.contains(&(wanted, true)));
        if has(P1) {
            Self::P1
        } else if has(P2) {
            Self::P2
        } else if products.is_some_and(|products| products.contains(&BUSINESS_STANDARD)) {
            Self::BusinessStandard
        } else if plans.is_none() || products.is_none() {
            Self::Unknown
        } else {
            Self::None
        }
    }

    /// Returns whether the licence covers this user; `None` is unknown. A synchronised account takes a
    /// premium plan, because its reset goes through writeback.
    pub fn covers(self, is_synced: bool) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::None => Some(false),
            Self::BusinessStandard => Some(!is_synced),
            Self::P1 | Self::P2 => Some(true),
        }
    }

    /// Returns the name of what covers the user.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::None => None,
            Self::P1 => Some("Entra ID P1"),
            Self::P2 => Some("Entra ID P2"),
            Self::BusinessStandard => Some("Microsoft 365 Business Standard"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_premium_plan_counts_when_it_is_enabled() {
        let read = |plans: &[(Uuid, bool)], products: &[Uuid]| Licence::read(Some(plans), Some(products));
        assert_eq!(read(&[(P1, true)], &[]), Licence::P1);
        assert_eq!(read(&[(P2, true)], &[]), Licence::P2);
        assert_eq!(read(&[(P1, false)], &[]), Licence::None);
        assert_eq!(read(&[], &[BUSINESS_STANDARD]), Licence::BusinessStandard);
        assert_eq!(Licence::read(None, Some(&[])), Licence::Unknown);
        assert_eq!(Licence::read(Some(&[(P1, true)]), None), Licence::P1);
    }

    #[test]
    fn writeback_takes_a_premium_plan() {
        assert_eq!(Licence::BusinessStandard.covers(true), Some(false));
        assert_eq!(Licence::BusinessStandard.covers(false), Some(true));
        assert_eq!(Licence::P2.covers(true), Some(true));
        assert_eq!(Licence::Unknown.covers(false), None);
    }
}
