//! Rules about the file itself, whatever the tenant is.

use crate::plan::{Finding, Severity};
use crate::spec_file::Spec;
use crate::text::visible;

/// Returns what a reviewer should know of the file alone; `validate` reports it too.
pub fn spec_findings(spec: &Spec) -> Vec<Finding> {
    ["group", "customization.helpdesk"].into_iter().filter_map(|key| comment_in_value(spec, key)).collect()
}

fn comment_in_value(spec: &Spec, key: &'static str) -> Option<Finding> {
    let comment = spec.glued_comment(key)?;
    let value = spec.value(key)?.as_str()?;
    let (word, whole) =
        (key.rsplit('.').next().unwrap_or(key), format!("{value} {comment}").replace('\'', "''"));
    let message =
        format!("`{key}` is `{}`, because YAML reads `{}` as a comment", visible(value), visible(comment));
    let help = format!(
        "If it is part of the value, quote the value: `{word}: '{}'`. If it is a comment, put a space after `#`.",
        visible(&whole)
    );
    Some(Finding::new("comment-in-value", Severity::Warning, key, message, help))
}
