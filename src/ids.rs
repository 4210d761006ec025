//! Ids from outside, parsed once: text that is no GUID becomes no path, no URL segment and no match.
//!
//! Graph writes ids with hyphens, in either case; here they are one spelling, lower case with hyphens, so that two of
//! them are the same where their texts are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A text that is no GUID with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

/// Declares a kind of id: ids of different kinds cannot be mixed up.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Returns the id as a GUID.
            pub fn guid(self) -> Uuid {
                self.0
            }

            /// Returns whether a text from elsewhere names this id, in whatever case.
            pub fn is(self, text: &str) -> bool {
                text.parse() == Ok(self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text).map(Self)
            }
        }
    };
}

id! {
    /// A tenant's id.
    TenantId
}
id! {
    /// A group's object id.
    GroupId
}
id! {
    /// A user's object id.
    UserId
}

/// Takes the one form Graph gives; the crate's own parser takes braces, `urn:` and no hyphens too.
fn parse(text: &str) -> Result<Uuid, NotAnId> {
    let is_hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    Uuid::try_parse(text).ok().filter(|_| is_hyphenated).ok_or(NotAnId)
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GUID")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Uuid, E> {
        // The text itself may be long, and need not be repeated.
        parse(text).map_err(|_| E::custom("an id that is no GUID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id: GroupId = "84841066-274D-4EC0-A5C1-276BE684BDD3".parse().unwrap();
        assert_eq!(id.to_string(), "84841066-274d-4ec0-a5c1-276be684bdd3");
        assert_eq!(serde_json::from_str::<GroupId>("\"84841066-274d-4ec0-A5C1-276be684bdd3\"").unwrap(), id);
    }

    #[test]
    fn what_is_no_guid_with_hyphens_is_no_id() {
        for text in [
            "",
            " ",
            "default",
            "../../x",
            "84841066274d4ec0a5c1276be684bdd3",
            "{84841066-274d-4ec0-a5c1-276be684bdd3}",
            "urn:uuid:84841066-274d-4ec0-a5c1-276be684bdd3",
            "84841066-274d-4ec0-a5c1-276be684bdd3/",
            "84841066-274d-4ec0-a5c1-276be684bdd",
        ] {
            assert_eq!(text.parse::<TenantId>(), Err(NotAnId), "{text}");
            let json = serde_json::json!(text).to_string();
            assert!(serde_json::from_str::<UserId>(&json).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<UserId>("null").is_err());
    }
}
