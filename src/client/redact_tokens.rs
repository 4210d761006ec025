//! Removes tokens from a service's text before it is shown; for terminal safety, see [`crate::text`].
//!
//! A proxy's page, a service's message and what `az` prints can each repeat the token of the run, or another one. A
//! token that was cut is as bad as a whole one: the rest can often be had elsewhere.

use crate::text::excerpt;

/// What stands in a token's place.
const REMOVED: &str = "(token not shown)";
/// How many characters in a row of the run's own token are taken for a part of it.
const OWN_PART: usize = 20;
/// From this length on, what begins as a JSON web token does is taken for one.
const WEB_TOKEN: usize = 10;
/// From this length on, a word of letters of both cases and digits is taken for a token of any kind.
const OPAQUE: usize = 60;
/// From this length on, a word with digits right behind a token, which is no GUID, is taken for its next line.
const NEXT_LINE: usize = 16;

/// Returns at most `limit` characters of what someone said, harmless to show and without tokens. `own` is the token
/// that was sent to them; empty where none was.
pub(super) fn said(text: &str, limit: usize, own: &str) -> String {
    excerpt(&without_tokens(text, own), limit)
}

/// Returns a text without what looks like a token, and without any part of `own`.
pub(super) fn without_tokens(text: &str, own: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None);
    while let Some(c) = rest.chars().next() {
        let is_word_start = before.is_none_or(|before| !is_of_token(before));
        let mut cut = own_part(rest, own).max(web_token(rest));
        if is_word_start {
            cut = cut.max(opaque(rest));
        }
        if cut == 0 {
            shown.push(c);
            (rest, before) = (&rest[c.len_utf8()..], Some(c));
            continue;
        }
        shown.push_str(REMOVED);
        (rest, before) = (&rest[cut..], Some('.'));
        // A program may break a long line in two.
        while let Some(next) = next_line(rest) {
            rest = &rest[next..];
        }
    }
    shown
}

/// Returns how much of a text, from its start, is a part of the run's own token.
fn own_part(text: &str, own: &str) -> usize {
    let Some(at) = text.get(..OWN_PART).and_then(|start| own.find(start)) else { return 0 };
    text.bytes().zip(own[at..].bytes()).take_while(|(a, b)| a == b).count()
}

/// Returns how much of a text, from its start, looks like a JSON web token: `{"` in base64, whole or cut.
fn web_token(text: &str) -> usize {
    let length = if text.starts_with("eyJ") { word(text) } else { 0 };
    if length >= WEB_TOKEN { length } else { 0 }
}

/// Returns how much of a text, from its start, is a word that looks like a token of any kind.
fn opaque(text: &str) -> usize {
    let word = &text[..word(text)];
    let word = &word[..word.find('.').unwrap_or(word.len())];
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(&is);
    let is_mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    if word.len() >= OPAQUE && is_mixed { word.len() } else { 0 }
}

/// Returns how far the next line of a token reaches that was just taken out.
fn next_line(text: &str) -> Option<usize> {
    let line = text.trim_start();
    let space = text.len() - line.len();
    let next = &line[..word(line)];
    let is_line = next.len() >= NEXT_LINE
        && next.bytes().any(|byte| byte.is_ascii_digit())
        && uuid::Uuid::try_parse(next).is_err();
    let length = next.len();
    (space > 0 && is_line).then_some(space + length)
}

/// Returns how long the word at the start of a text is, in the letters tokens are made of.
fn word(text: &str) -> usize {
    text.find(|c| !is_of_token(c)).unwrap_or(text.len())
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJlLW9mLTQwLWNoYXJhY3RlcnMtYW5kLW1vcmU";

    #[test]
    fn a_web_token_is_taken_out_whole_or_cut_wherever_it_stands() {
        for cut in WEB_TOKEN..=JWT.len() {
            for (before, behind) in [("token=", ""), ("Bearer ", " x"), ("\"", "\""), ("x", "<br>")] {
                let text = format!("{before}{}{behind}", &JWT[..cut]);
                assert_eq!(without_tokens(&text, ""), format!("{before}{REMOVED}{behind}"));
            }
        }
    }

    #[test]
    fn a_token_on_several_lines_leaves_none_of_them() {
        let lines = format!(
            "{}\n  {}\r\n{} id 00000000-0000-0000-0000-000000000000",
            &JWT[..40],
            "aB3".repeat(20),
            ".a82".repeat(5)
        );
        assert_eq!(without_tokens(&lines, ""), format!("{REMOVED} id 00000000-0000-0000-0000-000000000000"));
    }

    #[test]
    fn any_part_of_the_runs_own_token_is_taken_out() {
        let own = "opaque-token-of-this-run-which-is-no-jwt";
        for (from, upto) in [(0, own.len()), (0, OWN_PART), (7, 7 + OWN_PART), (12, own.len())] {
            let text = format!("<p>Authorization: Bearer {}</p>", &own[from..upto]);
            assert_eq!(without_tokens(&text, own), format!("<p>Authorization: Bearer {REMOVED}</p>"));
        }
        assert_eq!(without_tokens("opaque-token-of", own), "opaque-token-of");
    }

    #[test]
    fn what_is_no_token_stays() {
        for text in [
            "",
            "AADSTS700016: Application with identifier '00000000-0000-0000-0000-000000000000' was not found",
            "Trace ID: 6ba7b810-9dad-11d1-80b4-00c04fd430c8 Correlation ID: 6ba7b811-9dad-11d1-80b4-00c04fd430c8",
            "Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectProtocolException2",
            "eyJ is how they begin; Zoë 写 🎉",
            "https://graph.microsoft.com/v1.0/groups/84841066-274d-4ec0-a5c1-276be684bdd3/transitiveMembers",
        ] {
            assert_eq!(without_tokens(text, "another-token-of-this-run"), text);
        }
    }

    #[test]
    fn it_is_taken_out_before_the_rest_is_cut() {
        assert_eq!(said(&format!("no: {JWT} is old"), 30, ""), "no: (token not shown) is old");
    }
}
