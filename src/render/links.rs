//! Links to docs/findings.md, and terminal hyperlinks (OSC 8).

use crate::text::published;

/// Returns the page about a finding; `None` where the documents are not published.
pub fn finding(code: &str) -> Option<String> {
    published(&format!("docs/findings.md#{code}"))
}

/// Returns text that leads to an address where the terminal can follow it (OSC 8). The console takes the address
/// out again where it cannot.
pub(super) fn linked(text: &str, address: &str) -> String {
    format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

/// Returns the text alone, without the addresses it leads to.
pub fn unlinked(text: &str) -> String {
    let mut parts = text.split("\u{1b}]8;;");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(part.split_once("\u{1b}\\").map_or(part, |(_, rest)| rest));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_taken_out_again() {
        let text = format!("a {} b {}\n", linked("one", "https://host/1"), linked("two", "https://host/2"));
        assert_eq!(unlinked(&text), "a one b two\n");
        assert_eq!(unlinked("none"), "none");
    }
}
