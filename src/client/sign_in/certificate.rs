//! Signing in as an application with a certificate: an assertion signed with its key.

use std::time::{SystemTime, UNIX_EPOCH};

use azure_core::base64::encode_url_safe;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;

/// How long an assertion is good for, seconds.
const LIFETIME: u64 = 300;

/// Signs assertions with a certificate's key (RSA, PS256, thumbprint SHA-256).
pub(super) struct CertificateAssertion {
    key: RsaKeyPair,
    thumbprint: String,
    client_id: String,
    audience: String,
}

impl CertificateAssertion {
    /// Reads a certificate and its key from PEM text. `audience` is the token endpoint.
    pub(super) fn from_pem(pem: &[u8], client_id: &str, audience: String) -> Result<Self, &'static str> {
        let certificate = CertificateDer::from_pem_slice(pem).map_err(|_| {
            "it has no PEM certificate; from a .pfx make one with `openssl pkcs12 -in FILE.pfx -nodes -out FILE.pem`"
        })?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            "it has no unencrypted PEM private key beside the certificate; `openssl pkey -in KEY -out PLAIN` takes \
             a passphrase off"
        })?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err("its private key is not an RSA key, the only kind Entra takes here"),
        };
        let key = key.map_err(|_| "its private key is not a usable RSA key")?;
        let thumbprint = ring::digest::digest(&ring::digest::SHA256, &certificate);
        Ok(Self { key, thumbprint: encode_url_safe(thumbprint), client_id: client_id.to_owned(), audience })
    }

    fn sign(&self, now: u64) -> Option<String> {
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": self.audience, "iss": self.client_id, "sub": self.client_id,
            "jti": uuid::Uuid::new_v4(), "nbf": now, "exp": now + LIFETIME,
        });
        let signed =
            format!("{}.{}", encode_url_safe(header.to_string()), encode_url_safe(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", encode_url_safe(signature)))
    }
}

impl std::fmt::Debug for CertificateAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateAssertion").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl ClientAssertion for CertificateAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.sign(now).ok_or_else(|| {
            let kind = azure_core::error::ErrorKind::Credential;
            azure_core::Error::with_message(kind, "the certificate's key could not sign")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    /// An RSA key made for this test alone: no secret.
    const KEY: &str = include_str!("test_key.pem");

    /// Something in the place of a certificate: only its digest is used.
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";

    #[test]
    fn signs_what_the_certificates_public_key_verifies() {
        let file = format!("{CERTIFICATE}{KEY}");
        let audience = "https://login.example/t".to_owned();
        let assertion = CertificateAssertion::from_pem(file.as_bytes(), "client", audience).unwrap();
        let jwt = assertion.sign(1_000).unwrap();
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let signature = azure_core::base64::decode_url_safe(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, assertion.key.public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).unwrap();
        let (_, claims) = signed.split_once('.').unwrap();
        let claims = String::from_utf8(azure_core::base64::decode_url_safe(claims).unwrap()).unwrap();
        assert!(claims.contains(r#""exp":1300"#) && claims.contains(r#""iss":"client""#), "{claims}");
    }

    #[test]
    fn says_what_is_wrong_with_a_file() {
        for (pem, said) in [
            (&b"\x30\x82 a .pfx"[..], "no PEM certificate"),
            (CERTIFICATE.as_bytes(), "no unencrypted PEM private key"),
        ] {
            let problem = CertificateAssertion::from_pem(pem, "c", String::new()).unwrap_err();
            assert!(problem.contains(said), "{problem}");
        }
    }
}
