//! A reader that makes any file harmless to a parser of JSON: it bounds how long a text, a word and how deep the nesting
//! is, and puts right what real exports get wrong in texts.

use std::fmt;
use std::io::{self, Read};

use crate::stop::Stop;

/// How many bytes of one text are let through. A policy has some thousand.
const LONGEST_TEXT: usize = 4 << 20;
/// How many letters a number or a word may have outside of texts.
const LONGEST_WORD: usize = 512;
/// How deep a file may be nested. Chromium nests the stacks of what began a request, some hundred deep.
pub(super) const DEEPEST: usize = 4096;

/// Why a file is given up, whatever a parser would make of it. The reader's caller says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hostile {
    TooDeep,
    LongWord,
    Packed,
    Wide,
    Stopped,
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Hostile {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside,
    Text,
    /// Behind a backslash.
    Escape,
    /// Behind `\u`: how many digits there were, and what they come to.
    Hex(u8, u16),
}

/// The reader. Texts that are longer than they may be end early, as if that were all.
#[derive(Debug)]
pub(super) struct Tamed<R> {
    inner: R,
    stop: Stop,
    state: State,
    depth: usize,
    word: usize,
    /// How much of the text of now was let through.
    text: usize,
    /// The first half of a pair of escapes that mean one letter.
    half: Option<u16>,
    is_begun: bool,
    /// Bytes of a letter whose rest is yet to come.
    rest: Vec<u8>,
    raw: Vec<u8>,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> Tamed<R> {
    pub(super) fn new(inner: R, stop: &Stop) -> Self {
        Self {
            inner,
            stop: stop.clone(),
            state: State::Outside,
            depth: 0,
            word: 0,
            text: 0,
            half: None,
            is_begun: false,
            rest: Vec::new(),
            raw: vec![0; 1 << 16],
            ready: Vec::new(),
            taken: 0,
        }
    }

    /// Reads some more, and returns whether there was any.
    fn fill(&mut self) -> io::Result<bool> {
        if self.stop.reason().is_some() {
            return Err(io::Error::other(Hostile::Stopped));
        }
        let mut raw = std::mem::take(&mut self.raw);
        let carried = self.rest.len();
        raw[..carried].copy_from_slice(&self.rest);
        self.rest.clear();
        let read = self.inner.read(&mut raw[carried..])?;
        let bytes = &raw[..carried + read];
        self.ready.clear();
        self.taken = 0;
        let bytes = if self.is_begun { bytes } else { self.begin(bytes)? };
        let tamed = self.decode(bytes, read == 0);
        self.raw = raw;
        tamed?;
        Ok(read > 0)
    }

    /// Looks at what a file begins with.
    fn begin<'a>(&mut self, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        self.is_begun = true;
        match bytes {
            // A zip file, as Firefox can write them, and one of gzip.
            [b'P', b'K', 3 | 5, ..] | [0x1f, 0x8b, ..] => Err(io::Error::other(Hostile::Packed)),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(io::Error::other(Hostile::Wide)),
            [0xef, 0xbb, 0xbf, rest @ ..] => Ok(rest),
            bytes => Ok(bytes),
        }
    }

    /// Passes on what is UTF-8, and a mark for what is not.
    fn decode(&mut self, bytes: &[u8], is_last: bool) -> io::Result<()> {
        let mut left = bytes;
        loop {
            match std::str::from_utf8(left) {
                Ok(_) => return self.pass(left),
                Err(error) => {
                    let (good, odd) = left.split_at(error.valid_up_to());
                    self.pass(good)?;
                    match error.error_len() {
                        None if !is_last => {
                            self.rest.extend_from_slice(odd);
                            return Ok(());
                        }
                        length => {
                            self.pass("\u{fffd}".as_bytes())?;
                            left = &odd[length.unwrap_or(odd.len())..];
                        }
                    }
                }
            }
        }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        for &byte in bytes {
            match self.state {
                State::Outside => self.outside(byte)?,
                State::Text => self.in_text(byte),
                State::Escape if byte == b'u' => self.state = State::Hex(0, 0),
                State::Escape => {
                    self.lone_half();
                    self.let_through(&[b'\\', byte]);
                    self.state = State::Text;
                }
                State::Hex(digits, value) => self.hex(digits, value, byte),
            }
        }
        Ok(())
    }

    fn outside(&mut self, byte: u8) -> io::Result<()> {
        match byte {
            b'"' => (self.state, self.text) = (State::Text, 0),
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.word = if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) { self.word + 1 } else { 0 };
        if self.depth > DEEPEST {
            return Err(io::Error::other(Hostile::TooDeep));
        }
        if self.word > LONGEST_WORD {
            return Err(io::Error::other(Hostile::LongWord));
        }
        self.ready.push(byte);
        Ok(())
    }

    fn in_text(&mut self, byte: u8) {
        if byte == b'\\' {
            self.state = State::Escape;
            return;
        }
        self.lone_half();
        match byte {
            b'"' => {
                self.ready.push(byte);
                self.state = State::Outside;
            }
            // Not allowed in a text of JSON, and harmless.
            0..0x20 => self.let_through(b" "),
            _ => self.let_through(&[byte]),
        }
    }

    fn hex(&mut self, digits: u8, value: u16, byte: u8) {
        let Some(digit) = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok()) else {
            // No escape at all: what stands there is for the parser to say.
            self.lone_half();
            self.ready.extend_from_slice(b"\\u");
            self.state = State::Text;
            self.in_text(byte);
            return;
        };
        let value = value << 4 | digit;
        if digits < 3 {
            self.state = State::Hex(digits + 1, value);
            return;
        }
        self.state = State::Text;
        match (self.half, value) {
            (Some(half), 0xdc00..=0xdfff) => {
                self.half = None;
                let pair = format!("\\u{half:04x}\\u{value:04x}");
                self.let_through(pair.as_bytes());
            }
            (_, 0xd800..=0xdbff) => {
                self.lone_half();
                self.half = Some(value);
            }
            (_, 0xdc00..=0xdfff) => self.let_through(b"\\ufffd"),
            _ => {
                self.lone_half();
                self.let_through(format!("\\u{value:04x}").as_bytes());
            }
        }
    }

    /// Puts a mark in the place of half a letter, which browsers write where a page did.
    fn lone_half(&mut self) {
        if self.half.take().is_some() {
            self.let_through(b"\\ufffd");
        }
    }

    /// Lets a letter of a text through, or an escape, unless the text is long enough; a letter of several bytes whole.
    fn let_through(&mut self, bytes: &[u8]) {
        let continues = bytes.first().is_some_and(|byte| byte & 0xc0 == 0x80);
        if self.text >= LONGEST_TEXT && !(continues && self.text < 2 * LONGEST_TEXT) {
            // Nothing that follows is let through either, the rest of a letter included.
            self.text = 2 * LONGEST_TEXT;
            return;
        }
        self.text += bytes.len();
        self.ready.extend_from_slice(bytes);
    }
}

impl<R: Read> Read for Tamed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            if !self.fill()? && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let some = out.len().min(self.ready.len() - self.taken);
        out[..some].copy_from_slice(&self.ready[self.taken..self.taken + some]);
        self.taken += some;
        Ok(some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tamed(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Tamed::new(bytes, &Stop::default()).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn what_is_json_passes_as_it_is() {
        for text in [r#"{"a": [1, -2.5e3, true, null], "é😀\n\"\\": "\u00e9\ud83d\ude00"}"#, "", " \n[]\t"]
        {
            assert_eq!(tamed(text.as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn what_real_exports_get_wrong_is_put_right() {
        for (odd, right) in [
            (b"\xef\xbb\xbf{}".as_slice(), "{}"),
            (b"[\"a\x00b\nc\"]", "[\"a b c\"]"),
            (b"[\"\xff\xc3\"]", "[\"\u{fffd}\u{fffd}\"]"),
            (b"[\"\\ud83d\"]", "[\"\\ufffd\"]"),
            (b"[\"\\ud83dx\\ude00\\n\"]", "[\"\\ufffdx\\ufffd\\n\"]"),
            (b"[\"\\ud83d\\ud83d\\ude00\"]", "[\"\\ufffd\\ud83d\\ude00\"]"),
        ] {
            let text = tamed(odd).unwrap();
            assert_eq!(text, right);
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_letter_across_two_pieces_stays_whole() {
        struct Pieces<'a>(Vec<&'a [u8]>);
        impl Read for Pieces<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let Some(piece) = self.0.pop() else { return Ok(0) };
                out[..piece.len()].copy_from_slice(piece);
                Ok(piece.len())
            }
        }
        let text = "[\"😀é\"]".as_bytes();
        for cut in 0..text.len() {
            let (first, second) = text.split_at(cut);
            let pieces = [second, first].into_iter().filter(|piece| !piece.is_empty()).collect();
            let mut read = Vec::new();
            Tamed::new(Pieces(pieces), &Stop::default()).read_to_end(&mut read).unwrap();
            assert_eq!(read, text, "{cut}");
        }
    }

    #[test]
    fn a_long_text_ends_early_and_what_follows_is_read() {
        for letter in ["a", "é", "😀", "\\n", "\\u00e9"] {
            let long = letter.repeat(2 * LONGEST_TEXT / letter.len() + 10);
            let text = tamed(format!("[\"{long}\", 7]").as_bytes()).unwrap();
            assert!(text.len() < LONGEST_TEXT + 32, "{letter}: {}", text.len());
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read[1], 7);
        }
    }

    #[test]
    fn what_no_browser_writes_is_given_up() {
        for (text, why) in [
            ("[".repeat(DEEPEST + 1), Hostile::TooDeep),
            ("9".repeat(LONGEST_WORD + 1), Hostile::LongWord),
            ("PK\u{3}\u{4}".to_owned(), Hostile::Packed),
        ] {
            let error = tamed(text.as_bytes()).unwrap_err();
            assert_eq!(error.get_ref().and_then(|error| error.downcast_ref()), Some(&why));
        }
    }
}
