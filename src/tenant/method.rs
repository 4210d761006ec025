//! The methods a user can reset with.

use serde_json::{Value, json};

use super::{Object, UnknownWord};

/// One entry of the portal's "Methods available to users".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A code by e-mail.
    Email,
    /// A code by SMS or voice call to the mobile phone.
    MobilePhone,
    /// A voice call to the office phone.
    OfficePhone,
    /// A push notification in Microsoft Authenticator.
    MobileAppNotification,
    /// A code from an authenticator app.
    MobileAppCode,
    /// Answers given at registration; retires in 2027-03 (facts 0).
    SecurityQuestions,
}

impl Method {
    /// Every method, in the portal's order.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::MobilePhone,
        Self::OfficePhone,
        Self::MobileAppNotification,
        Self::MobileAppCode,
        Self::SecurityQuestions,
    ];

    /// Returns the word the spec uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::MobilePhone => "mobile_phone",
            Self::OfficePhone => "office_phone",
            Self::MobileAppNotification => "mobile_app_notification",
            Self::MobileAppCode => "mobile_app_code",
            Self::SecurityQuestions => "security_questions",
        }
    }

    /// Returns the portal's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "Email",
            Self::MobilePhone => "Mobile phone",
            Self::OfficePhone => "Office phone",
            Self::MobileAppNotification => "Mobile app notification",
            Self::MobileAppCode => "Mobile app code",
            Self::SecurityQuestions => "Security questions",
        }
    }

    /// Returns what a person does to reset with it.
    pub fn about(self) -> &'static str {
        match self {
            Self::Email => "a code by e-mail.",
            Self::MobilePhone => "a code by SMS, or a voice call, to the mobile phone.",
            Self::OfficePhone => "a voice call to the office phone.",
            Self::MobileAppNotification => "a notification in Microsoft Authenticator. Not the only method.",
            Self::MobileAppCode => "a code from an authenticator app. Not the only method.",
            Self::SecurityQuestions => "answers given at registration. Retires in March 2027.",
        }
    }

    /// Returns the admin-centre field that switches the method (facts 2.2; two of the six lack "Option").
    pub fn field(self) -> &'static str {
        match self {
            Self::Email => "emailOptionEnabled",
            Self::MobilePhone => "mobilePhoneOptionEnabled",
            Self::OfficePhone => "officePhoneOptionEnabled",
            Self::MobileAppNotification => "mobileAppNotificationEnabled",
            Self::MobileAppCode => "mobileAppCodeEnabled",
            Self::SecurityQuestions => "securityQuestionsOptionEnabled",
        }
    }

    /// Returns which of some methods' toggles are on, in spec terms; `None` where one of them is unknown.
    pub fn read_toggles(among: &[Self], policy: &Object) -> Option<Value> {
        let mut enabled = Vec::new();
        for method in Self::ALL.iter().filter(|method| among.contains(method)) {
            if policy.field(method.field())?.as_bool()? {
                enabled.push(method.as_str());
            }
        }
        Some(json!(enabled))
    }

    /// Switches some methods' toggles to what `allowed`, in spec terms, says.
    pub fn overlay_toggles(among: &[Self], allowed: &Value, policy: &mut Object) {
        let allowed = allowed.as_array().map(Vec::as_slice).unwrap_or_default();
        for method in among {
            policy.overlay(method.field(), json!(allowed.contains(&json!(method.as_str()))));
        }
    }

    /// Returns whether the method is an SMS or a call.
    pub fn is_phone(self) -> bool {
        matches!(self, Self::MobilePhone | Self::OfficePhone)
    }

    /// Returns whether the method lives in an authenticator app.
    pub fn is_mobile_app(self) -> bool {
        matches!(self, Self::MobileAppNotification | Self::MobileAppCode)
    }
}

/// By the word that the spec uses.
impl std::str::FromStr for Method {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|value| value.as_str() == word).ok_or(UnknownWord)
    }
}
