//! OData literals, for `$filter`.

/// Returns a string literal: in single quotes, those inside doubled.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quote("o'neil"), "'o''neil'");
        assert_eq!(quote(""), "''");
    }
}
