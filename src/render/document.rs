//! A command's result for people as one small document, which every form for people is made of.
//!
//! A document says what is what and nothing of looks: each form escapes, colours and lays out in its own way, and knows
//! nothing of plans or people. No text is trusted, ours included.

use jiff::Timestamp;
use jiff::tz::TimeZone;

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
    /// What to type next: a screen's last lines.
    pub next: Vec<Line>,
}

/// A part of a document. Parts are set off from each other.
#[derive(Clone, Debug)]
pub enum Block {
    /// Sentences, each in its own line.
    Lines(Vec<Line>),
    /// Facts: clauses, each in its own line.
    Facts(Vec<Line>),
    /// Parts under a heading.
    Section(Heading, Vec<Self>),
    /// Parts that are folded where a form can.
    Details(Line, Vec<Self>),
    /// Parts that are folded where a form can, and on a screen shown to whoever asks for everything; else it says the
    /// last line, where there is one.
    Folded(Line, Vec<Self>, Option<Line>),
    /// Names and what each stands for; more than one line goes on below the first.
    Fields(Vec<(&'static str, Vec<Line>)>),
    /// Rows of cells under names.
    Table(&'static [&'static str], Vec<Vec<Line>>),
    /// Things of one kind: changes, findings, checks, runs.
    Items(Items),
    /// Something to do, and its steps in order.
    Steps(Line, Vec<Line>),
}

/// Things of one kind.
#[derive(Clone, Debug)]
pub struct Items {
    /// What a table calls their names, what is said of them, and their tags.
    pub heads: &'static [&'static str],
    /// How a screen sets the names apart from what is said of them.
    pub names: Names,
    /// What a form that can fold calls what to do about all of them; `None` where each says it. A screen says it to
    /// whoever asks for everything.
    pub folded_help: Option<&'static str>,
    /// The things.
    pub items: Vec<Item>,
}

/// How a screen sets names apart from what is said of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// By a colon.
    #[default]
    Colon,
    /// In a column of this many letters.
    Wide(usize),
    /// In a column as wide as they need, up to a point: what is said of a longer one goes on below it.
    Column,
}

/// What something stands under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// What it is called.
    pub text: Line,
    /// What a screen says at its right edge.
    pub aside: Line,
}

/// A thing, and what is said of it.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// What it came to.
    pub mark: Option<Mark>,
    /// What it stands under; neighbours with the same one stand together.
    pub group: Option<Heading>,
    /// What it is called.
    pub name: Line,
    /// What is said of it.
    pub text: Line,
    /// Parts of it with names of their own, and what is said of those.
    pub parts: Vec<(Line, Line)>,
    /// Where to find it: a surface, a key. A screen says it to whoever asks for everything.
    pub tags: Vec<Line>,
    /// More of it: what comes, what goes, who it is about.
    pub below: Lines,
    /// What to do about it.
    pub help: Option<Line>,
}

/// What a thing came to, in a word or in a sign: `~` changes, `+` comes, `-` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(pub Tone, pub &'static str);

impl Mark {
    /// It comes.
    pub const ADDED: Self = Self(Tone::Good, "+");
    /// It goes.
    pub const REMOVED: Self = Self(Tone::Bad, "-");

    /// It is as it should be.
    pub const HOLDS: Self = Self(Tone::Good, "✓");
    /// It is not as it should be.
    pub const FAILS: Self = Self(Tone::Bad, "✗");
    /// No one knows.
    pub const UNKNOWN: Self = Self(Tone::Warn, "?");

    /// Returns whether it says what changes, which its line says too.
    pub fn is_sign(self) -> bool {
        ["~", "+", "-"].contains(&self.1)
    }

    /// Returns whether it is a word.
    pub fn is_word(self) -> bool {
        self.1.chars().nth(1).is_some()
    }
}

/// Lines, each with what it came to.
pub type Lines = Vec<(Option<Mark>, Line)>;

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
    /// Its tone.
    pub tone: Tone,
    /// Where it leads.
    pub link: Option<String>,
    /// Whether only the terminal shows it: names of people, places on this machine, what is so only for now. A page is
    /// compared and handed on, and shows none of it.
    pub is_private: bool,
    /// Whether it is for a terminal alone: what differs from run to run and matters to nobody later.
    pub is_fleeting: bool,
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
    /// An instant, RFC 3339.
    Moment,
}

/// The tone of a piece of a line.
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

/// Joins what lines can be made of into one.
macro_rules! line {
    ($($part:expr),* $(,)?) => { [$($crate::render::document::Line::from($part)),*].into_iter().collect::<$crate::render::document::Line>() };
}
pub(crate) use line;

/// Returns a name that someone outside sspr chose.
pub fn foreign(text: impl Into<String>) -> Span {
    Span::new(Kind::Foreign, text)
}

/// Returns a key, a value, a path or an id.
pub fn code(text: impl Into<String>) -> Span {
    Span::new(Kind::Code, text)
}

/// Returns words of ours in a tone.
pub fn words(tone: Tone, text: impl Into<String>) -> Span {
    Span::new(Kind::Words, text).with(tone)
}

/// Returns an instant: on a screen as short as it can be, in its own time zone; in UTC where it is kept.
pub fn moment(at: Timestamp) -> Span {
    Span::new(Kind::Moment, at.to_string())
}

/// Returns an instant that a service wrote down, RFC 3339; what is none is foreign text as any.
pub fn moment_of(text: &str) -> Span {
    text.parse().map_or_else(|_| code(text), moment)
}

/// Returns a moment as short as it can be said: to the minute, by the clock of a time zone.
pub(super) fn clock(text: &str, zone: &TimeZone) -> String {
    let at = text.parse().map(|at: Timestamp| at.to_zoned(zone.clone()));
    at.map_or_else(|_| text.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M %Z").to_string())
}

/// Returns words that lead to an address.
pub fn link(text: &str, address: String) -> Span {
    words(Tone::Plain, text).leading_to(Some(address))
}

/// Returns pieces with a comma between them.
pub fn listed(pieces: impl IntoIterator<Item = Span>) -> Line {
    let comma = |(at, piece)| [(at > 0).then(|| words(Tone::Plain, ", ")), Some(piece)];
    Line(pieces.into_iter().enumerate().flat_map(comma).flatten().collect())
}

impl Items {
    /// Returns things under the heads of their table.
    pub fn new(heads: &'static [&'static str], items: impl Iterator<Item = Item>) -> Self {
        Self { heads, names: Names::default(), folded_help: None, items: items.collect() }
    }

    /// Returns the things as a table: its heads, and in each row what its cells say, line by line.
    pub(super) fn table(&self) -> (Vec<&'static str>, Vec<Vec<Lines>>) {
        let is_marked = self.items.iter().any(|item| item.mark.is_some_and(|mark| !mark.is_sign()));
        let row = |Item { mark, group, name, text, parts, tags, below, help }: &Item| {
            let group = group.iter().map(|group| line![group.text.clone(), ": "]);
            let name = group.chain([name.clone()]).collect();
            let parts = parts.iter().map(|(name, text)| (None, line![name.clone(), ": ", text.clone()]));
            let help = help.iter().filter(|_| self.folded_help.is_none()).map(|help| (None, help.clone()));
            let said = Some((None, text.clone())).filter(|(_, text)| !text.0.is_empty());
            let said = said.into_iter().chain(parts).chain(below.clone()).chain(help).collect();
            let mark = is_marked.then(|| vec![(*mark, Line::default())]);
            let tags = tags.iter().map(|tag| vec![(None, tag.clone())]);
            mark.into_iter().chain([vec![(None, name)], said]).chain(tags).collect()
        };
        let heads = is_marked.then_some("").into_iter().chain(self.heads.iter().copied());
        (heads.collect(), self.items.iter().map(row).collect())
    }
}

impl Span {
    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { text: text.into(), kind, tone: Tone::Plain, link: None, is_private: false, is_fleeting: false }
    }

    /// Makes it lead somewhere, where there is such a place.
    #[must_use]
    pub fn leading_to(self, address: Option<String>) -> Self {
        Self { link: address, ..self }
    }

    /// Sets its tone.
    #[must_use]
    pub fn with(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl Line {
    /// Returns a sentence of ours that may hold foreign text: what stands between backticks is set off, and a
    /// backtick without a second one is a letter like any other.
    pub fn sentence(text: &str) -> Self {
        let mut parts: Vec<&str> = text.split('`').collect();
        let odd = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
        let kinds = [Kind::Words, Kind::Quoted].into_iter().cycle();
        let spans = parts.into_iter().zip(kinds).map(|(part, kind)| Span::new(kind, part));
        let rest = odd.map(|rest| Span::new(Kind::Words, format!("`{rest}")));
        Self(spans.chain(rest).filter(|span| span.kind == Kind::Quoted || !span.text.is_empty()).collect())
    }

    /// Sets the tone of all of it.
    #[must_use]
    pub fn with(mut self, tone: Tone) -> Self {
        self.0.iter_mut().for_each(|span| span.tone = tone);
        self
    }

    /// Keeps all of it to the screen of the person who runs the command.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.0.iter_mut().for_each(|span| span.is_private = true);
        self
    }

    /// Keeps all of it to a terminal.
    #[must_use]
    pub fn fleeting(mut self) -> Self {
        self.0.iter_mut().for_each(|span| (span.is_private, span.is_fleeting) = (true, true));
        self
    }

    /// Returns whether nothing is left of it where private pieces are left out.
    pub fn is_private(&self) -> bool {
        self.0.iter().all(|span| span.is_private)
    }
}

impl<T: AsRef<str>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::sentence(text.as_ref())
    }
}

impl From<Line> for Heading {
    fn from(text: Line) -> Self {
        Self { text, aside: Line::default() }
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
        assert_eq!(kinds("a ` b"), [words("a "), words("` b")]);
        assert_eq!(kinds("``"), [(Kind::Quoted, String::new())]);
        assert_eq!(kinds(""), []);
    }
}
