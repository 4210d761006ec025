//! Goes through a file, entry by entry, and keeps what its entries say.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::bounded::Bounded;
use super::entry;
use super::tame::{DEEPEST, Hostile, Tamed};
use crate::evidence::{Exchange, Recording};
use crate::stop::Stop;

/// What a file of the sandbox says of itself.
const SANDBOX: &str = "Made by `sspr sandbox har`: a pretend tenant, and no browser";
/// How many bytes one request of the file may take while it is looked at.
const ONE: usize = 16 << 20;
/// How many bytes all that is held may take.
const ALL: usize = 64 << 20;
/// How many requests are held at most.
const MOST: usize = 20_000;

/// Why a file was not read to its end. What was read until there stands.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    /// It is cut off.
    #[error("the file ends in the middle of its JSON")]
    Truncated,
    /// It is something else.
    #[error("the file is not JSON at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; of a text that is longer than it may be, what was passed over does not count.
        column: usize,
    },
    /// It is JSON, and has no list of requests.
    #[error("the file is JSON without `log.entries`, so it is no HAR file")]
    NoEntries,
    /// Nothing a browser writes.
    #[error("the file is nested more than {DEEPEST} deep")]
    TooDeep,
    /// It is a zip file, or one of gzip.
    #[error("the file is compressed")]
    Packed,
    /// It was saved in another encoding.
    #[error("the file is UTF-16 text")]
    Wide,
    /// The run is to end.
    #[error("reading the file was interrupted")]
    Stopped,
    /// The system could not read it.
    #[error("the file could not be read")]
    Io(#[source] std::io::Error),
}

/// What was read of a file.
#[derive(Debug)]
pub struct Reading {
    /// What there is to say of it as a whole.
    pub recording: Recording,
    /// The requests that are about password reset, methods, groups or writeback.
    pub exchanges: Vec<Exchange>,
    /// Why it was not read to its end; `None` where it was.
    pub problem: Option<HarError>,
}

/// Reads a file. Whatever is in it, memory is bounded, and what was read before something went wrong is returned.
pub fn read(file: impl Read, stop: &Stop) -> Reading {
    let mut seen = Seen::default();
    let mut parser = serde_json::Deserializer::from_reader(BufReader::new(Tamed::new(file, stop)));
    let ended = Root(&mut seen).deserialize(&mut parser);
    let problem = match ended {
        Ok(()) if !seen.has_entries => Some(HarError::NoEntries),
        Ok(()) => None,
        Err(error) => Some(problem(error)),
    };
    Reading { recording: seen.recording, exchanges: seen.exchanges, problem }
}

/// Says what is wrong in words of ours: the parser's may repeat what is in the file.
fn problem(error: serde_json::Error) -> HarError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Eof => HarError::Truncated,
        Category::Syntax | Category::Data => HarError::NotJson { line, column },
        Category::Io => {
            let error = std::io::Error::from(error);
            match error.get_ref().and_then(|inner| inner.downcast_ref::<Hostile>()) {
                Some(Hostile::TooDeep) => HarError::TooDeep,
                Some(Hostile::LongWord) => HarError::NotJson { line, column },
                Some(Hostile::Packed) => HarError::Packed,
                Some(Hostile::Wide) => HarError::Wide,
                Some(Hostile::Stopped) => HarError::Stopped,
                None => HarError::Io(error),
            }
        }
    }
}

#[derive(Debug, Default)]
struct Seen {
    recording: Recording,
    exchanges: Vec<Exchange>,
    has_entries: bool,
    held: usize,
}

impl Seen {
    fn take(&mut self, entry: &serde_json::Value, size: usize) {
        self.recording.entries += 1;
        for exchange in entry::exchanges(entry, &mut self.recording) {
            if self.exchanges.len() >= MOST || self.held.saturating_add(size) > ALL {
                self.recording.left_out += 1;
                continue;
            }
            self.held += size;
            self.exchanges.push(exchange);
        }
    }
}

/// The whole file, and `log` within it.
struct Root<'a>(&'a mut Seen);
/// The list of requests.
struct Entries<'a>(&'a mut Seen);
/// The program that wrote it.
struct Program<'a>(&'a mut Seen);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> DeserializeSeed<'de> for Program<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let program = Bounded::new(&mut (1 << 16)).deserialize(deserializer)?;
        // Chromium names its own tool, and only Firefox the browser too.
        let known = match program["name"].as_str() {
            Some("WebInspector") => Some("Chromium"),
            Some("Firefox") => Some("Firefox"),
            _ => None,
        };
        self.0.recording.program = known.or(self.0.recording.program);
        Ok(())
    }
}

/// What is no object or list, where one is expected, is passed over.
macro_rules! pass_over_scalars {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }
        fn visit_bool<E>(self, _: bool) -> Result<(), E> {
            Ok(())
        }
        fn visit_i64<E>(self, _: i64) -> Result<(), E> {
            Ok(())
        }
        fn visit_u64<E>(self, _: u64) -> Result<(), E> {
            Ok(())
        }
        fn visit_f64<E>(self, _: f64) -> Result<(), E> {
            Ok(())
        }
        fn visit_str<E>(self, _: &str) -> Result<(), E> {
            Ok(())
        }
        fn visit_unit<E>(self) -> Result<(), E> {
            Ok(())
        }
    };
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    pass_over_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "log" => fields.next_value_seed(Root(&mut *self.0))?,
                "entries" => fields.next_value_seed(Entries(&mut *self.0))?,
                "comment" => {
                    let said = fields.next_value_seed(Bounded::new(&mut (1 << 12)))?;
                    self.0.recording.is_sandbox |= said == SANDBOX;
                }
                "creator" | "browser" => fields.next_value_seed(Program(&mut *self.0))?,
                _ => fields.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    pass_over_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.has_entries = true;
        loop {
            let mut left = ONE;
            let Some(entry) = items.next_element_seed(Bounded::new(&mut left))? else { return Ok(()) };
            self.0.take(&entry, ONE - left);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
