//! Decodes a file's bytes as UTF-8 or UTF-16, and spells a name in Unicode's forms.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// A file is not text this tool reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Without the mark of UTF-16, and not UTF-8.
    #[error("is not UTF-8 text (byte {0} is not)")]
    Utf8(usize),
    /// With the mark of UTF-16, and cut short or with half a character in it.
    #[error("begins as UTF-16 text and is none")]
    Utf16,
}

/// Returns a file's text without its byte order mark: UTF-8, or UTF-16 where a mark says so, which is what `>` of
/// Windows PowerShell 5 writes.
///
/// # Errors
/// Neither of them.
pub fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks();
        let text = char::decode_utf16(units.iter().copied().map(read)).collect::<Result<String, _>>();
        if rest.is_empty() { text.map(Cow::Owned).map_err(|_| NotText::Utf16) } else { Err(NotText::Utf16) }
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|error| NotText::Utf8(error.valid_up_to()))?;
            Ok(Cow::Borrowed(text.strip_prefix(BOM).unwrap_or(text)))
        }
    }
}

/// The byte order mark, which Windows programs put before text and some of Microsoft's services before JSON.
pub const BOM: char = '\u{feff}';

/// Returns a name as it is written, and in Unicode's composed and decomposed spelling (NFC, NFD) where those differ:
/// `Zoë` can be three letters or four characters, and looks the same.
pub fn spellings(name: &str) -> Vec<String> {
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(name);
    let mut spellings = vec![name.to_owned()];
    for spelling in [composed(name), decomposed] {
        if !spellings.iter().any(|known| *known == spelling) {
            spellings.push(spelling.into_owned());
        }
    }
    spellings
}

/// Returns a name in Unicode's composed spelling (NFC), in which names are compared.
pub fn composed(name: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(name)
}
