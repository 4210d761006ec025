//! Licences, and the service plans they include.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a user is licensed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Licence {
    /// Nothing that covers password reset.
    None,
    /// Entra ID P1.
    P1,
    /// Entra ID P1, expired: the plan is there and not enabled.
    P1Suspended,
    /// Entra ID P2 alone; some products carry it without P1.
    P2,
    /// Microsoft 365 Business Standard, which has no Entra plan at all (facts 3.1).
    BusinessStandard,
}

impl Licence {
    pub(crate) const P1_PLAN: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
    pub(crate) const P2_PLAN: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
    /// A service plan that has nothing to do with password reset.
    pub(crate) const EXCHANGE_PLAN: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";

    /// Returns the service plans the licence carries, and whether each is enabled.
    pub(crate) fn plans(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::None => &[],
            Self::P1 => &[(Self::EXCHANGE_PLAN, "Enabled"), (Self::P1_PLAN, "Enabled")],
            Self::P1Suspended => &[(Self::P1_PLAN, "Suspended")],
            Self::P2 => &[(Self::P2_PLAN, "Enabled")],
            Self::BusinessStandard => &[(Self::EXCHANGE_PLAN, "Enabled")],
        }
    }

    pub(crate) fn sku(self) -> Option<Uuid> {
        match self {
            Self::None => None,
            Self::P1 | Self::P1Suspended => Some(Uuid::from_u128(0x078d2b04_f1bd_4111_bbd4_b4b1b354cef4)),
            Self::P2 => Some(Uuid::from_u128(0x84a661c4_e949_4bd2_a560_ed7766fcaf2b)),
            Self::BusinessStandard => Some(Uuid::from_u128(0xf245ecc8_75af_4f8e_b61f_27d8114de5f3)),
        }
    }
}
