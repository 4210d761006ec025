//! The little OData the sandbox speaks: `$select`, and filters of the form `property eq 'text'`.

use serde_json::{Map, Value};

/// Parses `property eq 'text'`; a quote inside the text is written twice.
pub(super) fn parse_equals(filter: &str) -> Option<(&str, String)> {
    let (property, rest) = filter.split_once(" eq ")?;
    let inner = rest.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    // A single quote left after pairing up would have ended the text.
    let is_closed = !inner.replace("''", "").contains('\'');
    is_closed.then(|| (property.trim(), inner.replace("''", "'")))
}

/// Returns the object with the selected properties alone; all of them where nothing is selected.
pub(super) fn select(object: Value, select: Option<&str>) -> Value {
    match (object, select) {
        (Value::Object(object), Some(select)) => {
            let wanted: Vec<&str> = select.split(',').map(str::trim).collect();
            let kept = object.into_iter().filter(|(name, _)| wanted.contains(&name.as_str()));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        (object, _) => object,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quotes_as_odata_writes_them() {
        assert_eq!(parse_equals("displayName eq 'O''Neil'"), Some(("displayName", "O'Neil".to_owned())));
        assert_eq!(parse_equals("displayName eq 'O'Neil'"), None);
        assert_eq!(parse_equals("displayName eq 'x' or 1 eq 1"), None);
        assert_eq!(parse_equals("startswith(displayName,'x')"), None);
    }
}
