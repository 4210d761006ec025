//! Escapes text in Markdown, so that no name becomes a link, a mention, an image, a heading or the end of a table.
//!
//! Rules: GitHub Flavored Markdown <https://github.github.com/gfm/> (backslash escapes, code spans, tables), and
//! what GitHub makes of the result: mentions, references and shorthands
//! <https://docs.github.com/get-started/writing-on-github>. Azure DevOps shows the same text the same way.

use crate::text::{excerpt, visible};

/// As much of a foreign text as is shown.
const LIMIT: usize = 400;

/// Hosts whose addresses are linked in our own sentences. A name that holds one of these leads nowhere else.
const LINKED: [&str; 3] = ["https://learn.microsoft.com/", "https://aka.ms/", "https://mc.merill.net/"];

/// Returns foreign text as code, in which nothing is obeyed.
pub(super) fn code(text: &str) -> String {
    let shown = excerpt(text, LIMIT);
    if shown.is_empty() {
        return "(empty)".to_owned();
    }
    let longest_run = shown.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest_run + 1);
    // A space on both sides is taken away again where it is shown.
    let space = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{shown}{space}{fence}")
}

/// Returns whether nothing in an address could end it early.
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("https://")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._~/:?#=&%".contains(c))
}

/// Returns words that may be foreign with nothing in them that would be obeyed, and links the addresses that are ours.
pub(super) fn words(text: &str) -> String {
    let mut written = String::new();
    for word in visible(text).split_inclusive(' ') {
        let bare = word.trim_end_matches([' ', '.', ',', ';', ':', ')']);
        if is_address(bare) && LINKED.iter().any(|host| bare.starts_with(host)) {
            written.push_str(&format!("<{bare}>{}", escaped(&word[bare.len()..])));
        } else {
            written.push_str(&escaped(word));
        }
    }
    written
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    let mut letters = text.chars().peekable();
    let mut last = ' ';
    // Of the word before a mark: whether it is letters alone, as in GH-1.
    let mut is_letters = false;
    // Of the text so far: a number and a dot begin a list.
    let mut is_number = true;
    while let Some(c) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        match c {
            // GitHub reads a formula between these, escaped or not.
            '$' => written.push_str("<span>$</span>"),
            _ if c.is_ascii_punctuation() && !is_harmless(c, last, next)
                || (c == '.' && is_number && last.is_ascii_digit()) =>
            {
                written.push('\\');
                written.push(c);
            }
            _ => written.push(c),
        }
        // Mentions (@name), references (#1, GH-1) and shorthands (:tada:) are looked for in the text that comes out:
        // a mark without width keeps them apart.
        let is_looked_for = match c {
            '@' | '#' => next.is_ascii_alphanumeric(),
            '-' => is_letters && next.is_ascii_digit(),
            ':' => next.is_ascii_alphanumeric() || "+_-".contains(next),
            _ => false,
        };
        if is_looked_for {
            written.push_str("&#8203;");
        }
        is_letters =
            c.is_ascii_alphabetic() && (is_letters || !(last.is_ascii_alphanumeric() || last == '-'));
        is_number &= c.is_ascii_digit();
        last = c;
    }
    written
}

/// Returns whether a mark of punctuation means nothing where it stands. A bar is a matter of tables.
fn is_harmless(c: char, last: char, next: char) -> bool {
    let is_inside = last.is_alphanumeric() && next.is_alphanumeric();
    match c {
        ',' | ';' | '\'' | '"' | '/' | '?' | '%' | '(' | ')' | '{' | '}' | '|' => true,
        // Not in www.example.
        '.' => !last.eq_ignore_ascii_case(&'w'),
        // Not in http://example.
        ':' => next != '/',
        '-' | '_' => is_inside,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::document::Line;
    use crate::render::markdown::{inline, row};

    fn prose(text: &str) -> String {
        inline(&Line::sentence(text))
    }

    #[test]
    fn our_sentences_stay_readable() {
        let message = "On 2027-02-01, `sspr plan` said (see docs/methods.md): two-gate, 100% of Pilot_1.";
        assert_eq!(prose(message), message);
        let linked = "Register at https://aka.ms/ssprsetup. Then https://evil.example/";
        assert_eq!(prose(linked), r"Register at <https://aka.ms/ssprsetup>. Then https\://evil.example/");
    }

    #[test]
    fn what_a_name_could_do_is_taken_from_it() {
        for (name, written) in [
            ("@admins #12 GH-7 :tada:", r"\@&#8203;admins \#&#8203;12 GH-&#8203;7 :&#8203;tada:"),
            ("<img src=x> [a](b) ![c](d) *e* ~~f~~", r"\<img src\=x\> \[a\](b) \!\[c\](d) \*e\* \~\~f\~\~"),
            ("$x$ & &amp; \\ www.x.example", r"<span>$</span>x<span>$</span> \& \&amp; \\ www\.x.example"),
            ("a ` b", r"a \` b"),
            ("- 1. x", r"\- 1\. x"),
            ("two\nlines", r"two\\u{a}lines"),
        ] {
            assert_eq!(prose(name), written);
        }
    }

    #[test]
    fn code_is_fenced_by_more_ticks_than_it_holds() {
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(" "), "(empty)");
        assert_eq!(row(&[code("a|b"), prose("c|d")]), "| `a\\|b` | c\\|d |\n");
    }
}
