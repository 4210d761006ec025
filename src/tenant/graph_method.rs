//! The methods of Graph's Authentication methods policy, and which of them each portal method needs.
//! (Facts 1.5, 3.7.)

use super::Method;

/// A method of the Authentication methods policy. Its id is the tenant's to spell: compared without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GraphMethod {
    /// One-time codes by e-mail.
    Email,
    /// Text messages.
    Sms,
    /// Voice calls.
    Voice,
    /// Microsoft Authenticator.
    MicrosoftAuthenticator,
    /// Codes from other authenticator apps.
    SoftwareOath,
}

/// What one of the portal's methods needs of one of Graph's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The method that must reach the person.
    pub method: GraphMethod,
    /// A switch of it that must be on; it holds for everyone the method reaches.
    pub switch: Option<&'static str>,
    /// Whether the person must be allowed push notifications (`authenticationMode` any or push).
    pub is_push: bool,
}

/// Voice calls to office phones.
const OFFICE_PHONE: &str = "isOfficePhoneAllowed";
/// Codes in Microsoft Authenticator.
const APP_CODE: &str = "isSoftwareOathEnabled";

const fn reached(method: GraphMethod) -> Need {
    Need { method, switch: None, is_push: false }
}

impl Method {
    /// Returns what the method needs of Graph's policy; security questions are not there (facts 1.6).
    pub fn needs(self) -> &'static [Need] {
        match self {
            Self::Email => const { &[reached(GraphMethod::Email)] },
            Self::MobilePhone => const { &[reached(GraphMethod::Sms), reached(GraphMethod::Voice)] },
            Self::OfficePhone => {
                &[Need { method: GraphMethod::Voice, switch: Some(OFFICE_PHONE), is_push: false }]
            }
            Self::MobileAppNotification => {
                &[Need { method: GraphMethod::MicrosoftAuthenticator, switch: None, is_push: true }]
            }
            Self::MobileAppCode => {
                const {
                    let app = reached(GraphMethod::MicrosoftAuthenticator);
                    &[Need { switch: Some(APP_CODE), ..app }, reached(GraphMethod::SoftwareOath)]
                }
            }
            Self::SecurityQuestions => &[],
        }
    }
}

impl GraphMethod {
    /// Every method, in the order they are written.
    pub const ALL: [Self; 5] =
        [Self::Email, Self::Sms, Self::Voice, Self::MicrosoftAuthenticator, Self::SoftwareOath];

    /// Returns the id as Microsoft's documents spell it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::Sms => "Sms",
            Self::Voice => "Voice",
            Self::MicrosoftAuthenticator => "MicrosoftAuthenticator",
            Self::SoftwareOath => "SoftwareOath",
        }
    }

    /// Returns the portal's name for it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "Email OTP",
            Self::Sms => "SMS",
            Self::Voice => "Voice call",
            Self::MicrosoftAuthenticator => "Microsoft Authenticator",
            Self::SoftwareOath => "Third-party software OATH tokens",
        }
    }

    /// Returns the type Graph wants in every write.
    pub fn odata_type(self) -> String {
        let (first, rest) = self.id().split_at(1);
        format!("#microsoft.graph.{}{rest}AuthenticationMethodConfiguration", first.to_ascii_lowercase())
    }

    /// Returns the method with this id, compared without case.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.id().eq_ignore_ascii_case(id))
    }

    /// Returns what a switch of a method lets people do.
    pub fn switch_label(switch: &str) -> Option<&'static str> {
        match switch {
            OFFICE_PHONE => Some("Office phones"),
            APP_CODE => Some("Authenticator codes"),
            _ => None,
        }
    }
}
