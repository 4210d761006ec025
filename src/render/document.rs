//! A command's result for people as one small document, which every form for people is made of.
//!
//! A document says what is what and nothing of looks: each form escapes, colours and lays out in its own way, and knows
//! nothing of plans or people. No text is trusted, ours included.

/// A result for people.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Heads a page; a screen says it at its end.
    pub title: Line,
    /// What a page says right below its title.
    pub note: Line,
    /// What it is made of.
    pub blocks: Vec<Block>,
    /// What a screen says at its end.
    pub closing: Line,
}

/// A part of a document. Parts are set off from each other.
#[derive(Clone, Debug)]
pub enum Block {
    /// Sentences, each in its own line.
    Lines(Vec<Line>),
    /// Parts under a heading.
    Section(Line, Vec<Self>),
    /// Parts that are folded where a form can.
    Details(Line, Vec<Self>),
    /// Names and what each stands for; more than one line goes on below the first.
    Fields(Vec<(&'static str, Vec<Line>)>),
    /// Rows of cells.
    Table(Table),
    /// Things of one kind: changes, findings, checks, runs.
    Items(Items),
    /// Something to do, and its steps in order.
    Steps(Line, Vec<Line>),
}

/// Rows of cells under names.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns.
    pub columns: &'static [Column],
    /// As many cells in each as there are columns.
    pub rows: Vec<Vec<Line>>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub head: &'static str,
    /// How wide a screen makes it at least: rows may come one by one.
    pub width: usize,
    /// Whether numbers are in it.
    pub is_number: bool,
}

/// Things of one kind.
#[derive(Clone, Debug)]
pub struct Items {
    /// What a table calls the names of the things, what is said of them, and their tags.
    pub heads: (&'static str, &'static str, &'static [&'static str]),
    /// How wide a screen makes the names; `None` where what is said follows them after a colon.
    pub width: Option<usize>,
    /// What a form that can fold calls what to do about all of them; `None` where each says it.
    pub folded_help: Option<&'static str>,
    /// The things.
    pub items: Vec<Item>,
}

/// A thing, and what is said of it.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What it came to.
    pub mark: Option<Mark>,
    /// What it stands under; neighbours with the same one stand together.
    pub group: Option<Line>,
    /// What it is called.
    pub name: Line,
    /// What is said of it.
    pub text: Line,
    /// Where to find it: a surface, a key.
    pub tags: Vec<Line>,
    /// More of it.
    pub below: Vec<(Option<Mark>, Line)>,
    /// What to do about it.
    pub help: Option<Line>,
}

/// What a thing came to, in a word or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It changes.
    Change,
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It is as it should be.
    Holds,
    /// It is not.
    No,
    /// It fails.
    Fails,
    /// Nobody can tell.
    Unknown,
    /// A fact.
    Info,
    /// A finding that forbids.
    Error,
    /// A finding that warns.
    Warning,
    /// A finding that is good to know.
    Note,
}

impl Mark {
    /// Returns its word or sign.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "~",
            Self::Added => "+",
            Self::Removed => "-",
            Self::Holds => "ok",
            Self::No => "no",
            Self::Fails => "fails",
            Self::Unknown => "unknown",
            Self::Info => "info",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Returns whether it is a sign.
    pub fn is_sign(self) -> bool {
        matches!(self, Self::Change | Self::Added | Self::Removed)
    }

    /// Returns how it is meant.
    pub fn tone(self) -> Tone {
        match self {
            Self::Added | Self::Holds => Tone::Good,
            Self::Removed | Self::No | Self::Fails | Self::Error => Tone::Bad,
            Self::Change | Self::Unknown | Self::Warning => Tone::Warn,
            Self::Info => Tone::Dim,
            Self::Note => Tone::Told,
        }
    }
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Span>);

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// Whose words they are.
    pub kind: Kind,
    /// How it is meant.
    pub tone: Tone,
    /// Where it leads.
    pub link: Option<String>,
    /// Whether it is for the screen of whoever runs the command alone: names of people, places on this machine, what is
    /// so only for now. A page is compared and handed on, and shows none of it.
    pub is_private: bool,
}

/// Whose words a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ours.
    Words,
    /// What people of the tenant or the writer of a file called something.
    Foreign,
    /// A key, a value, a path, an id; may be foreign.
    Code,
    /// A command, a key or a name within a sentence, set off with backticks; may be foreign.
    Quoted,
}

/// How a piece of a line is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is said.
    #[default]
    Plain,
    /// It matters.
    Strong,
    /// It is beside the point.
    Dim,
    /// Yes, done, something that comes.
    Good,
    /// No, an error, something that goes.
    Bad,
    /// Unknown, a warning, something that changes.
    Warn,
    /// Good to know.
    Told,
}

impl Column {
    /// Returns a column of words as wide as they are.
    pub const fn new(head: &'static str) -> Self {
        Self { head, width: 0, is_number: false }
    }

    /// Returns a column that is at least this wide.
    pub const fn wide(head: &'static str, width: usize) -> Self {
        Self { head, width, is_number: false }
    }

    /// Returns a column of numbers.
    pub const fn number(head: &'static str) -> Self {
        Self { head, width: 0, is_number: true }
    }
}

/// Joins what lines can be made of into one.
macro_rules! line {
    ($($part:expr),* $(,)?) => { [$($crate::render::document::Line::from($part)),*].into_iter().collect::<$crate::render::document::Line>() };
}
pub(crate) use line;

/// Returns what somebody called something.
pub fn foreign(text: impl Into<String>) -> Span {
    Span::new(Kind::Foreign, text)
}

/// Returns a key, a value, a path or an id.
pub fn code(text: impl Into<String>) -> Span {
    Span::new(Kind::Code, text)
}

/// Returns words that lead to an address.
pub fn link(text: impl Into<String>, address: String) -> Span {
    Span::new(Kind::Words, text).leading_to(Some(address))
}

/// Returns pieces with a comma between them.
pub fn listed(pieces: impl IntoIterator<Item = Span>) -> Line {
    let mut line = Line::default();
    for piece in pieces {
        if !line.0.is_empty() {
            line.0.push(Span::new(Kind::Words, ", "));
        }
        line.0.push(piece);
    }
    line
}

impl Span {
    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { text: text.into(), kind, tone: Tone::Plain, link: None, is_private: false }
    }

    /// Makes it lead somewhere, where there is such a place.
    #[must_use]
    pub fn leading_to(self, address: Option<String>) -> Self {
        Self { link: address, ..self }
    }

    /// Says how it is meant.
    #[must_use]
    pub fn with(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl Line {
    /// Returns a sentence of ours that may hold foreign text: what stands between backticks is set off, and a
    /// backtick without a second one is a letter like any other.
    pub fn sentence(text: &str) -> Self {
        let parts: Vec<&str> = text.split('`').collect();
        let last = parts.len() - 1;
        let mut line = Self::default();
        let mut words = String::new();
        for (at, part) in parts.iter().enumerate() {
            match at % 2 {
                1 if at < last && !part.trim().is_empty() => {
                    line.words(&mut words);
                    line.0.push(Span::new(Kind::Quoted, *part));
                }
                1 => {
                    words.push('`');
                    words.push_str(part);
                    words.push_str(if at < last { "`" } else { "" });
                }
                _ => words.push_str(part),
            }
        }
        line.words(&mut words);
        line
    }

    fn words(&mut self, words: &mut String) {
        if !words.is_empty() {
            self.0.push(Span::new(Kind::Words, std::mem::take(words)));
        }
    }

    /// Says how all of it is meant.
    #[must_use]
    pub fn with(mut self, tone: Tone) -> Self {
        self.0.iter_mut().for_each(|span| span.tone = tone);
        self
    }

    /// Keeps all of it to the screen of whoever runs the command.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.0.iter_mut().for_each(|span| span.is_private = true);
        self
    }

    /// Returns whether nothing is left of it where private pieces are left out.
    pub fn is_private(&self) -> bool {
        self.0.iter().all(|span| span.is_private)
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::sentence(text)
    }
}

impl From<&String> for Line {
    fn from(text: &String) -> Self {
        Self::sentence(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::sentence(&text)
    }
}

impl From<Span> for Line {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

impl FromIterator<Self> for Line {
    fn from_iter<I: IntoIterator<Item = Self>>(lines: I) -> Self {
        Self(lines.into_iter().flat_map(|line| line.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_sets_off_what_stands_between_backticks() {
        let kinds = |text: &str| -> Vec<(Kind, String)> {
            Line::sentence(text).0.into_iter().map(|span| (span.kind, span.text)).collect()
        };
        let words = |text: &str| (Kind::Words, text.to_owned());
        assert_eq!(
            kinds("run `sspr plan`, then"),
            [words("run "), (Kind::Quoted, "sspr plan".to_owned()), words(", then")]
        );
        assert_eq!(kinds("a ` b"), [words("a ` b")]);
        assert_eq!(kinds("a `` b"), [words("a `` b")]);
        assert_eq!(kinds(""), []);
    }
}
