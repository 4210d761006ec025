//! Paths of requests this tool does not know: which are about its subject, and what of them can be shown.

use super::Endpoint;
use crate::tenant::Surface;

/// Words that paths of Microsoft's are made of, in lower case. A segment with any other may be somebody's name.
const WORDS: &str = "\
    access account action actions active ad add admin administrative administrator administrators agent all \
    allowed and app application applications apps assignment assignments audit audits authentication \
    authenticator authorization availability available azure batch bulk by can capabilities capability \
    change check client cloud code combined company conditional config configuration configurations connect \
    connectivity connector consent count create credential credentials current custom customization data \
    default delegated delete detail details device devices directories directory disable domain domains \
    eligibility eligible email enable enabled enablement enforcement entitlement entra experience external \
    feature features find for from get graph group groups has helpdesk hybrid id identity ids in info \
    information integration is license licenses licensing list location locations lockout log logs manage \
    management member members method methods mfa microsoft migration mobile name named new notification \
    notifications number oath object objects office on onboarding option options organization organizations \
    owner owners passkey passkeys password passwords permission permissions phone policies policy portal \
    premises preview properties property provider providers provisioning question questions ref registration \
    registrations remove report reports request required reset resets resource role roles rollout save \
    search security self send service services set setting settings sign signin sku skus sms software source \
    sspr state status strength strengths subscribed sync synchronization system template templates temporary \
    tenant tenants test token tokens transitive type types unlock update usage user users validate \
    verification verify version voice with writeback";

/// Collections of Graph's in which the next segment is somebody's id.
const COLLECTIONS: [&str; 16] = [
    "users",
    "groups",
    "members",
    "owners",
    "devices",
    "contacts",
    "domains",
    "directoryobjects",
    "applications",
    "serviceprincipals",
    "administrativeunits",
    "authenticationmethodconfigurations",
    "roleassignments",
    "roledefinitions",
    "organization",
    "teams",
];

/// What requests to Graph are about that belong to the pages of password reset.
const SUBJECTS: [&str; 9] = [
    "passwordreset",
    "sspr",
    "authenticationmethod",
    "authorizationpolicy",
    "registration",
    "onpremises",
    "writeback",
    "groups",
    "organization",
];

/// Returns whether a request is about password reset, methods, groups or writeback: one of the list, and of the admin
/// centre's API every one, because its pages ask it for nothing else.
pub fn is_about(surface: Surface, path: &[String]) -> bool {
    let is_subject = |segment: &String| {
        let segment = segment.to_ascii_lowercase();
        SUBJECTS.iter().any(|subject| segment.contains(subject))
    };
    let is_known = || Endpoint::at(surface, path).next().is_some();
    surface == Surface::Portal || path.iter().any(is_subject) || is_known()
}

/// Returns a path in which everything that may be somebody's is `{}`: ids, names, addresses, arguments.
pub(super) fn template(surface: Surface, path: &[String]) -> String {
    let mut shown = match surface {
        Surface::Portal => "/api".to_owned(),
        Surface::Graph => String::new(),
    };
    let mut last = String::new();
    for (at, segment) in path.iter().take(12).enumerate() {
        let is_shown = match surface {
            // A controller, and what it is to do; behind those come ids.
            Surface::Portal => at < 2 && is_word_of_theirs(segment),
            Surface::Graph => {
                let is_id = COLLECTIONS.contains(&last.as_str());
                let name = segment.strip_prefix("microsoft.graph.").or(segment.strip_prefix('$'));
                let is_collection = COLLECTIONS.contains(&segment.to_ascii_lowercase().as_str());
                match name {
                    Some(name) => is_word_of_theirs(name),
                    None => !is_id && (is_collection || is_word_of_theirs(segment)),
                }
            }
        };
        shown.push('/');
        shown.push_str(if is_shown { segment } else { "{}" });
        last = segment.to_ascii_lowercase();
    }
    shown
}

/// Returns whether a text can be the name of a field: in the letters APIs name fields with, and in their case.
pub(super) fn is_field_name(name: &str) -> bool {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_mixed = name.bytes().any(|byte| byte.is_ascii_lowercase());
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && is_plain
        && is_mixed
        && digits <= 2
        && name.len() <= 64
}

/// Returns whether a segment is made of letters in the case of APIs, and of nothing but words of theirs.
fn is_word_of_theirs(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= 64
        && segment.bytes().all(|byte| byte.is_ascii_alphabetic())
        && words(segment).all(|word| WORDS.split(' ').any(|known| known == word))
}

/// Returns the words of a name in camel case, in lower case: `ADConnectStatus` is `ad`, `connect` and `status`.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_upper = true;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_upper = letter.is_ascii_uppercase();
        let is_before_lower = letters.peek().is_some_and(char::is_ascii_lowercase);
        if words.is_empty() || (is_upper && (!was_upper || is_before_lower)) {
            words.push(String::new());
        }
        was_upper = is_upper;
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::ENDPOINTS;

    #[test]
    fn a_template_has_the_apis_words_and_nobodys() {
        for (surface, path, shown) in [
            (Surface::Portal, "PasswordReset/GetNewSetting", "/api/PasswordReset/GetNewSetting"),
            (Surface::Portal, "Directories/ADConnectStatus", "/api/Directories/ADConnectStatus"),
            (Surface::Portal, "Users/JohnSmith", "/api/Users/{}"),
            (
                Surface::Portal,
                "Users/IsUserNameAvailable/ada@contoso.com",
                "/api/Users/IsUserNameAvailable/{}",
            ),
            // A word of theirs beside somebody's name.
            (Surface::Portal, "ContosoUsers/SmithAdmin", "/api/{}/{}"),
            (Surface::Portal, "passwordReset/contosoReset", "/api/passwordReset/{}"),
            (Surface::Portal, "PasswordReset/adminofcontoso", "/api/PasswordReset/{}"),
            (Surface::Graph, "reports/CONTOSOGroup/$contosoUser", "/reports/{}/{}"),
            (Surface::Graph, "policies/microsoft.graph.contosoPolicy", "/policies/{}"),
            (Surface::Portal, "CANARY-17/canary", "/api/{}/{}"),
            (Surface::Graph, "users/ada/authentication/methods", "/users/{}/authentication/methods"),
            (
                Surface::Graph,
                "groups/1a2b3c4d-0000-0000-0000-000000000000/members/$count",
                "/groups/{}/members/$count",
            ),
            (Surface::Graph, "policies/featureRolloutPolicies", "/policies/featureRolloutPolicies"),
            (
                Surface::Graph,
                "groups/x/owners/microsoft.graph.user",
                "/groups/{}/owners/microsoft.graph.user",
            ),
        ] {
            let path: Vec<String> = path.split('/').map(str::to_owned).collect();
            assert_eq!(template(surface, &path), shown);
        }
    }

    #[test]
    fn the_paths_of_the_list_are_shown_whole() {
        for endpoint in &ENDPOINTS {
            let path: Vec<String> = endpoint.path.iter().map(|segment| (*segment).to_owned()).collect();
            let root = if endpoint.surface == Surface::Portal { "/api/" } else { "/" };
            assert_eq!(template(endpoint.surface, &path), format!("{root}{}", endpoint.path.join("/")));
        }
    }

    #[test]
    fn what_is_no_name_of_a_field_is_not_shown() {
        for name in ["futurePolicyRevision", "NewThing", "isSSPRv2"] {
            assert!(is_field_name(name), "{name}");
        }
        for name in ["", "ada@contoso.com", "CANARY", "a b", "8df9f139ad3b44258ef05e5cdf2bd740", "x-y", "1st"]
        {
            assert!(!is_field_name(name), "{name}");
        }
    }
}
