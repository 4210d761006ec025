//! Makes foreign text safe to show; tokens are removed by `client::redact_tokens`.
//!
//! Display names, policy values and error bodies come from a tenant that other people can write to.
//! None of it may move the cursor, recolour the terminal or hide itself in a log.

mod encoding;
mod pages;
mod wording;

pub use encoding::{BOM, NotText, composed, decoded, spellings};
pub use pages::{page, published};
pub use wording::{capitalized, commands, counted, enumerated, grouped, nearest, people, shell_word};

use std::borrow::Cow;
use std::fmt::Write as _;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Returns `text` with every character that a terminal or a log reader could obey, or that a person cannot see,
/// replaced by its escape (`\u{1b}`): controls, line breaks, bidirectional overrides, invisible marks, spaces that
/// look like another, and what has no agreed look (private use, unassigned).
///
/// Joiners and variation selectors are invisible too, so an emoji made of several is taken apart: two names that
/// differ must not look alike.
///
/// Nor can it give a command to the agent that runs a pipeline: GitHub's runner obeys `##[error]` anywhere in a
/// line and `::error::` where one begins (`ActionCommand.cs` of actions/runner), the agent of Azure Pipelines
/// `##vso[…]` anywhere.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut last = None;
    for c in text.chars() {
        if is_hidden(c) || (c == '#' && last == Some('#')) {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
        last = Some(c);
    }
    if shown.trim_start().starts_with("::") {
        shown = shown.replacen("::", r":\u{3a}", 1);
    }
    shown
}

/// Returns text of several lines in which nothing is a command to the agent of a pipeline; for excerpts of files,
/// where columns must stay: what cannot be seen, and is no control (the code that draws excerpts spells those), is a `�`.
pub fn tamed(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut last = None;
    while let Some(c) = letters.next() {
        let is_command = letters.peek().is_some_and(|next| *next == '[' || next.is_alphabetic());
        shown.push(match c {
            '#' if last == Some('#') && is_command => '·',
            c if !c.is_control() && is_hidden(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        });
        last = Some(c);
    }
    shown
}

/// Returns at most `limit` characters of [`visible`] text, marking what was cut.
pub fn excerpt(text: &str, limit: usize) -> String {
    let shown = visible(text.trim());
    match shown.char_indices().nth(limit) {
        Some((cut, _)) => format!("{}…", &shown[..cut]),
        None => shown,
    }
}

/// Returns the same JSON document with everything in it that a terminal could obey in JSON's own escapes: a name
/// stays what it is for a program, and harmless to look at.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    // The writer of the document escaped what comes before; between texts there are line breaks.
    let needs_escape = |c: char| c >= '\u{7f}' && is_hidden(c);
    if !json.contains(needs_escape) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if needs_escape(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Returns text spelled with the letters of ASCII alone: our own marks by what looks most like them, the rest as
/// escapes, so that nothing is lost.
pub fn ascii(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '→' => shown.push_str("->"),
            '›' => shown.push('>'),
            '—' | '·' => shown.push('-'),
            '…' => shown.push_str("..."),
            '✓' => shown.push('v'),
            '✗' => shown.push('x'),
            '–' => shown.push('-'),
            c if c.is_ascii() => shown.push(c),
            c => {
                let _ = write!(shown, "{}", c.escape_unicode());
            }
        }
    }
    shown
}

fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_control();
    }
    let is_ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    match CodePointMapData::<GeneralCategory>::new().get(c) {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse
        | GeneralCategory::Unassigned => true,
        // The ideographic space is as wide as a letter beside it, and common in names.
        GeneralCategory::SpaceSeparator => c != '\u{3000}',
        // The empty Braille pattern is a symbol by its category.
        _ => is_ignorable || c == '\u{2800}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_obey_and_keeps_the_rest() {
        assert_eq!(visible("Zoë 写 — ok"), "Zoë 写 — ok");
        assert_eq!(visible("\u{1b}[31mred\r\n"), r"\u{1b}[31mred\u{d}\u{a}");
        assert_eq!(visible("a\u{202e}b\u{9b}c"), r"a\u{202e}b\u{9b}c");
    }

    #[test]
    fn thousands_are_set_apart() {
        for (count, shown) in [
            (0, "0"),
            (999, "999"),
            (1_204, "1,204"),
            (100_000, "100,000"),
            (1_000_000, "1,000,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(count), shown);
        }
    }

    #[test]
    fn what_a_person_cannot_see_is_spelled() {
        let ranges = [
            '\u{61c}'..='\u{61c}',
            '\u{ad}'..='\u{ad}',
            '\u{180e}'..='\u{180e}',
            '\u{34f}'..='\u{34f}',
            '\u{115f}'..='\u{1160}',
            '\u{3164}'..='\u{3164}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{2800}'..='\u{2800}',
            '\u{1d173}'..='\u{1d17a}',
            '\u{e0000}'..='\u{e0fff}',
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202f}',
            '\u{2060}'..='\u{206f}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{fff0}'..='\u{fffb}',
            '\u{1bca0}'..='\u{1bca3}',
            '\u{e000}'..='\u{f8ff}',
            '\u{f0000}'..='\u{f0010}',
            '\u{a0}'..='\u{a0}',
            '\u{2000}'..='\u{200a}',
            '\u{205f}'..='\u{205f}',
            '\u{378}'..='\u{379}',
            '\u{fdd0}'..='\u{fdef}',
            '\u{10ffff}'..='\u{10ffff}',
        ];
        for c in ranges.into_iter().flatten() {
            assert_eq!(visible(&format!("a{c}b")), format!("a{}b", c.escape_unicode()));
            assert_eq!(tamed(&format!("a{c}b")), "a\u{fffd}b");
        }
    }

    #[test]
    fn names_of_the_world_stay_readable_and_a_joined_emoji_is_taken_apart() {
        for name in
            ["Zoe\u{308}", "営業　部", "Отдел", "فريق", "ทีม", "टीम", "팀", "🎉 🇩🇪 👍🏽", "½ → “x” – ✓ €"]
        {
            assert_eq!(visible(name), name);
        }
        assert_eq!(visible("👩\u{200d}💻 ❤\u{fe0f}"), r"👩\u{200d}💻 ❤\u{fe0f}");
        assert_ne!(visible("👍"), visible("👍\u{fe0f}"));
    }

    #[test]
    fn a_file_is_utf_8_or_says_that_it_is_utf_16() {
        let wide = |text: &str, to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
        for bytes in [
            "Zoë 🎉".as_bytes().to_vec(),
            "\u{feff}Zoë 🎉".as_bytes().to_vec(),
            wide("\u{feff}Zoë 🎉", u16::to_le_bytes),
            wide("\u{feff}Zoë 🎉", u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes).unwrap(), "Zoë 🎉");
        }
        assert_eq!(decoded(b"Z\xfcrich"), Err(NotText::Utf8(1)));
        assert_eq!(decoded(b"\xff\xfea"), Err(NotText::Utf16));
        assert_eq!(decoded(b"\xff\xfe\x00\xd8a\0"), Err(NotText::Utf16));
    }

    #[test]
    fn a_name_is_asked_for_in_every_spelling_of_its_letters() {
        assert_eq!(spellings("SSPR-Pilot"), ["SSPR-Pilot"]);
        assert_eq!(spellings("Zoë"), ["Zoë", "Zoe\u{308}"]);
        assert_eq!(spellings("Zoe\u{308}"), ["Zoe\u{308}", "Zoë"]);
        assert_eq!(spellings("ëe\u{308}"), ["ëe\u{308}", "ëë", "e\u{308}e\u{308}"]);
    }

    #[test]
    fn no_agent_of_a_pipeline_takes_a_name_for_a_command() {
        assert_eq!(
            visible("x ##vso[task.setvariable variable=a]b"),
            r"x #\u{23}vso[task.setvariable variable=a]b"
        );
        assert_eq!(visible("###[error]x"), r"#\u{23}\u{23}[error]x");
        assert_eq!(visible("  ::error::x::y"), r"  :\u{3a}error::x::y");
        assert_eq!(
            visible("emil_fabrikam.com#EXT#@contoso.com a::b"),
            "emil_fabrikam.com#EXT#@contoso.com a::b"
        );
    }

    #[test]
    fn an_excerpt_of_a_file_keeps_its_columns_and_gives_no_command() {
        assert_eq!(tamed("1 | ## a\n2 | ##[error]x ##vso[b]"), "1 | ## a\n2 | #·[error]x #·vso[b]");
    }

    #[test]
    fn json_keeps_its_meaning_and_loses_what_a_terminal_would_obey() {
        let text = "a\u{9b}b\u{202e}c\u{7f}\u{e0041}\u{1b}\n写";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let shown = visible_json(&json);
        assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)), "{shown:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text]);
        assert!(matches!(visible_json("[\"写\"]"), Cow::Borrowed(_)));
    }

    #[test]
    fn excerpt_cuts_on_characters_and_says_so() {
        assert_eq!(excerpt("  ääää ", 2), "ää…");
        assert_eq!(excerpt("ab", 2), "ab");
    }

    #[test]
    fn what_ascii_lacks_is_spelled() {
        assert_eq!(ascii("No → Yes — Zoë…\n"), "No -> Yes - Zo\\u{eb}...\n");
    }

    #[test]
    fn counts_agree_in_number() {
        assert_eq!(counted(1_usize, "change"), "1 change");
        assert_eq!(counted(0_u64, "change"), "0 changes");
        assert_eq!((people(1), people(1_204)), ("1 person".to_owned(), "1,204 people".to_owned()));
    }
}
