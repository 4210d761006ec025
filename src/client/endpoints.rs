//! The root URLs of the two APIs: https only, except for plain http on this machine.

use url::{Host, Url};

use super::Cloud;

/// Where the two surfaces are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Root of Microsoft Graph; paths start with `/v1.0`.
    pub graph: Url,
    /// Root of the admin-centre API; paths start with `/api`.
    pub portal: Url,
}

/// A host root that must not be used. The user's to mend.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL at all, or one with more than a host root in it.
    #[error("{name} is not the root of a host: {problem}")]
    NotARoot {
        /// The variable it came from.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A token would travel in clear text.
    #[error("{name} is plain http to another machine; only https, or http to a loopback address, is allowed")]
    PlainHttp {
        /// The variable it came from.
        name: &'static str,
    },
}

impl Endpoints {
    /// Checks two host roots; an absent one is the cloud's.
    ///
    /// # Errors
    /// Not a host root, or plain http to another machine.
    pub fn new(cloud: Cloud, graph: Option<&str>, portal: Option<&str>) -> Result<Self, EndpointError> {
        Ok(Self {
            graph: root("SSPR_GRAPH_URL", graph.unwrap_or(cloud.graph()))?,
            portal: root("SSPR_PORTAL_URL", portal.unwrap_or(cloud.portal()))?,
        })
    }

    /// Returns whether a root is on this machine.
    pub fn is_loopback(root: &Url) -> bool {
        match root.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

fn root(name: &'static str, text: &str) -> Result<Url, EndpointError> {
    let not_a_root = |problem: &str| EndpointError::NotARoot { name, problem: problem.to_owned() };
    let url = Url::parse(text).map_err(|error| not_a_root(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(not_a_root("it carries a user name or password"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(not_a_root("it has a path or a query behind the host"));
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if Endpoints::is_loopback(&url) => Ok(url),
        "http" => Err(EndpointError::PlainHttp { name }),
        _ => Err(not_a_root("it does not start with https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in
            ["https://graph.microsoft.us", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:5/"]
        {
            assert!(Endpoints::new(Cloud::Public, Some(good), None).is_ok(), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "https://graph.microsoft.com/v1.0",
            "https://u:p@graph.microsoft.com",
            "graph",
            "",
            "https://graph.microsoft.com/?q=1",
            "http://10.0.0.1",
            "http://0.0.0.0:80",
        ] {
            assert!(Endpoints::new(Cloud::Public, Some(bad), None).is_err(), "{bad}");
            assert!(Endpoints::new(Cloud::Public, None, Some(bad)).is_err(), "{bad}");
        }
    }
}
