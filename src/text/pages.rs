//! Where the documents of this version can be read.

/// Where the source is published; empty until it is.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Returns where a file of the repository, such as `docs/methods.md`, can be read: as it is published for this version, or
/// else in the archive that the program came in.
pub fn page(path: &str) -> String {
    published(path).unwrap_or_else(|| path.to_owned())
}

/// Returns where a file of the repository is published for this version; `None` where it is not.
pub fn published(path: &str) -> Option<String> {
    published_at(REPOSITORY, path)
}

fn published_at(repository: &str, path: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    // Those of a later version may say something else.
    let version = env!("CARGO_PKG_VERSION");
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{version}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_that_of_this_version_or_the_one_in_the_archive() {
        let version = env!("CARGO_PKG_VERSION");
        let page = format!("https://host/o/sspr/blob/v{version}/docs/methods.md");
        assert_eq!(published_at("https://host/o/sspr/", "docs/methods.md"), Some(page));
        assert_eq!(published_at("", "docs/methods.md"), None);
    }
}
