//! Makes the sandbox's certificate at start, for this machine and Microsoft's hosts, and its own authority.
//! The authority's key is dropped as soon as it has signed; no key is ever written.

use std::io;
use std::sync::Arc;

use jiff::ToSpan as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the certificate is for: this machine, and the hosts of both surfaces in every cloud, for clients that are
/// led here by a hosts file or a proxy.
const NAMES: [&str; 9] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "main.iam.ad.ext.azure.com",
    "main.iam.ad.ext.azure.us",
];

/// Makes what TLS is spoken with, and the authority's certificate as PEM.
///
/// # Errors
/// No certificate could be made.
pub(super) fn make() -> io::Result<(TlsAcceptor, String)> {
    let (ca, ca_key) = (authority(), KeyPair::generate().map_err(io::Error::other)?);
    let root = ca.self_signed(&ca_key).map_err(io::Error::other)?;
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let leaf = leaf().map_err(io::Error::other)?.signed_by(&key, &issuer).map_err(io::Error::other)?;
    drop(issuer);
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), root.pem()))
}

fn authority() -> CertificateParams {
    let mut params = dated("sspr sandbox CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf() -> Result<CertificateParams, rcgen::Error> {
    let mut params = dated("sspr sandbox");
    params.subject_alt_names = CertificateParams::new(NAMES.map(str::to_owned))?.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python looks for it.
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// Good from yesterday, for clocks that differ, and for a year.
fn dated(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = |date: jiff::civil::Date| {
        let part = |number: i8| number.unsigned_abs();
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = day(today.saturating_sub(1.day()));
    params.not_after = day(today.saturating_add(365.days()));
    params
}
