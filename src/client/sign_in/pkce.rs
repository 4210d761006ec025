//! Proof Key for Code Exchange (RFC 7636): only who began a sign-in can turn its code into tokens.
//! Pure, but for the random bytes.

use azure_core::base64::encode_url_safe;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

/// What proves that the one who redeems a code is the one who asked for it.
#[derive(Debug)]
pub(super) struct Pkce {
    verifier: SecretString,
}

impl Pkce {
    /// Makes a new one, of 256 random bits.
    pub(super) fn new() -> Option<Self> {
        random_word().map(|verifier| Self { verifier: verifier.into() })
    }

    /// Returns what is sent with the code, and never before.
    pub(super) fn verifier(&self) -> &SecretString {
        &self.verifier
    }

    /// Returns what is sent first, from which no one learns the verifier (`S256`).
    pub(super) fn code_challenge(&self) -> String {
        encode_url_safe(digest(&SHA256, self.verifier.expose_secret().as_bytes()))
    }
}

/// Returns 256 random bits as a word that is safe in a URL; `None` where the system has none to give.
pub(super) fn random_word() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(encode_url_safe(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        let bytes = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
            214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = encode_url_safe(bytes);
        assert_eq!(verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let pkce = Pkce { verifier: verifier.into() };
        assert_eq!(pkce.code_challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn no_two_are_alike_and_each_is_as_long_as_the_standard_asks() {
        let (one, other) = (random_word().unwrap(), random_word().unwrap());
        assert_ne!(one, other);
        assert!((43..=128).contains(&one.len()), "{one}");
        assert!(!format!("{:?}", Pkce { verifier: one.clone().into() }).contains(&one));
    }
}
