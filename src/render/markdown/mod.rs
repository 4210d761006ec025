//! Results as Markdown, for a comment on a pull request or the summary of a job.
//!
//! The same result gives the same bytes: no time, no run's name, no order by chance, so that a comment that is
//! edited in place does not churn. Names of people are left out, except where they are what was asked for.

mod escape;
mod failure;
mod lists;
mod people;
mod plan;

pub use escape::fenced;
pub use failure::failure;
pub use lists::{doctor, history, valid, verify};
pub use people::{People, ROWS};
pub use plan::{outcome, plan};

use std::fmt::Write as _;

/// Returns the hidden first line by which whoever edits a comment finds it again: `<!-- sspr:plan:pilot.yaml -->`.
/// `about` is what the command was given, a file as a rule.
pub fn marker(command: &str, about: Option<&str>) -> String {
    let mut marker = format!("<!-- sspr:{command}");
    if let Some(about) = about {
        marker.push(':');
        let mut last = ' ';
        for c in about.chars() {
            // A path of Windows names the same file; nothing in it may end the comment.
            let c = if c == '\\' { '/' } else { c };
            if c.is_ascii_alphanumeric() || "/._".contains(c) || (c == '-' && last != '-') {
                marker.push(c);
            } else {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(marker, "%{byte:02X}");
                }
            }
            last = c;
        }
    }
    marker.push_str(" -->\n");
    marker
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn a_marker_is_one_line_whatever_the_file_is_called() {
        assert_eq!(marker("plan", Some("pilots/it.yaml")), "<!-- sspr:plan:pilots/it.yaml -->\n");
        assert_eq!(marker("plan", Some(r"pilots\it.yaml")), marker("plan", Some("pilots/it.yaml")));
        assert_eq!(marker("plan", Some("a --> b\nc")), "<!-- sspr:plan:a%20-%2D%3E%20b%0Ac -->\n");
        assert_eq!(marker("history", None), "<!-- sspr:history -->\n");
    }
}
