//! Where what is told can be read up or set by hand.

/// Where the source is published; empty until it is.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Returns the page about a finding; `None` where the documents are not published.
pub fn finding(code: &str) -> Option<String> {
    section(REPOSITORY, code)
}

fn section(repository: &str, code: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    // The documents of this version: those of a later one may say something else.
    let version = env!("CARGO_PKG_VERSION");
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/docs/findings.md#{code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_leads_to_its_section_of_this_versions_documents() {
        let version = env!("CARGO_PKG_VERSION");
        let page = format!("https://host/o/sspr/blob/v{version}/docs/findings.md#scope-all");
        assert_eq!(section("https://host/o/sspr/", "scope-all"), Some(page));
        assert_eq!(section("", "scope-all"), None);
    }
}
