//! Text for a terminal, styled with ANSI codes, which the stream strips elsewhere.

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr as _;

use super::document::{
    Block, Document, Heading, Item, Items, Kind, Line, Mark, Names, Span, Tone, clock, line, words,
};
use super::links::linked;
use crate::text::visible;

/// How much further in what belongs to something stands, and what is between columns.
const STEP: usize = 2;
/// How much room a mark takes that is a word.
const WORD: usize = 9;
/// Where the right edge is of what has none.
const EDGE: usize = 80;
/// The narrowest a column is cut to.
const NARROWEST: usize = 8;

/// How a screen shows documents.
#[derive(Clone, Debug)]
pub struct Layout {
    /// How many columns it has; `None` where lines are not broken, because nobody knows who reads them.
    pub width: Option<usize>,
    /// How many columns a table may take, where the screen is wider than sentences are set.
    pub table: Option<usize>,
    /// The time zone of whoever sits before it.
    pub zone: TimeZone,
    /// Whether everything is shown that is folded elsewhere.
    pub is_whole: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self { width: None, table: None, zone: TimeZone::UTC, is_whole: false }
    }
}

impl Layout {
    /// Returns how many columns a table has.
    pub(super) fn of_table(&self) -> Option<usize> {
        self.table.or(self.width)
    }

    /// Returns the same with everything shown.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { is_whole: true, ..self }
    }
}

/// Returns the document, in lines no longer than the screen as far as its words allow.
pub fn render(document: &Document, layout: &Layout) -> String {
    let mut screen = Screen { text: blocks(&document.blocks, layout), layout };
    let has_end = !document.closing.0.is_empty() || !document.next.is_empty();
    if has_end && !screen.text.is_empty() {
        screen.text.push('\n');
    }
    if !document.closing.0.is_empty() {
        screen.line("", &document.closing, 0, 0);
    }
    screen.led("Next: ", &document.next, 0);
    screen.text
}

/// Returns parts of a document.
pub fn blocks(blocks: &[Block], layout: &Layout) -> String {
    let mut screen = Screen { text: String::new(), layout };
    screen.blocks(blocks, 0);
    screen.text
}

/// Returns a line of its own.
pub fn line(line: &Line, layout: &Layout) -> String {
    let mut screen = Screen { text: String::new(), layout };
    screen.line("", line, 0, 0);
    screen.text
}

/// The column that names stand in.
#[derive(Clone, Copy)]
struct Column {
    /// How wide it is; `None` where there is none, and a colon follows each name.
    width: Option<usize>,
    /// Whether what is said never begins left of its end.
    is_kept: bool,
}

/// Returns a line of its own, and on a terminal what is for it alone: at its right edge, or behind a line that is too long.
pub fn line_beside(line: &Line, aside: &Line, layout: &Layout) -> String {
    let mut screen = Screen { text: String::new(), layout };
    let used = screen.length(line) + STEP + screen.length(aside);
    match layout.width.filter(|width| used <= *width) {
        Some(width) => {
            line.0.iter().for_each(|span| screen.span(span));
            screen.pad(width - used + STEP);
            aside.clone().with(Tone::Dim).0.iter().for_each(|span| screen.span(span));
            screen.end_line();
        }
        None if layout.width.is_some() => {
            screen.line("", &line![line.clone(), "  ", aside.clone().with(Tone::Dim)], 0, STEP + STEP);
        }
        None => screen.line("", line, 0, STEP + STEP),
    }
    screen.text
}

struct Screen<'a> {
    text: String,
    layout: &'a Layout,
}

impl Screen<'_> {
    fn blocks(&mut self, blocks: &[Block], indent: usize) {
        let is_silent = |block: &&Block| matches!(block, Block::Folded(.., None) if !self.layout.is_whole);
        let shown: Vec<&Block> = blocks.iter().filter(|block| !is_silent(block)).collect();
        for (at, block) in shown.into_iter().enumerate() {
            if at > 0 {
                self.text.push('\n');
            }
            match block {
                Block::Lines(lines) | Block::Facts(lines) => {
                    lines.iter().for_each(|line| self.line("", line, indent, indent));
                }
                Block::Section(heading, blocks) => self.section(heading, blocks, indent),
                Block::Details(heading, blocks) => self.section(&heading.clone().into(), blocks, indent),
                Block::Folded(heading, blocks, _) if self.layout.is_whole => {
                    self.section(&heading.clone().into(), blocks, indent);
                }
                Block::Folded(.., instead) => {
                    instead.iter().for_each(|line| self.line("", line, indent, indent));
                }
                Block::Fields(fields) => self.fields(fields, indent),
                Block::Table(heads, rows) => self.table(heads, rows, indent),
                Block::Items(items) => self.items(items, indent),
                Block::Steps(intro, steps) => {
                    self.line("", intro, indent, indent);
                    for (number, step) in steps.iter().enumerate() {
                        self.line(&format!("{}. ", number + 1), step, indent + STEP, indent + STEP + 3);
                    }
                }
            }
        }
    }

    fn section(&mut self, heading: &Heading, blocks: &[Block], indent: usize) {
        self.heading(heading, indent);
        self.blocks(blocks, indent + STEP);
    }

    fn heading(&mut self, Heading { text, aside }: &Heading, indent: usize) {
        let edge = self.layout.width.unwrap_or(EDGE);
        let used = indent + self.length(text) + self.length(aside);
        let gap = if aside.0.is_empty() { 0 } else { edge.saturating_sub(used).max(STEP) };
        let aside = line![" ".repeat(gap), aside.clone().with(Tone::Dim)];
        if self.layout.width.is_none_or(|width| used + gap <= width) {
            self.pad(indent);
            line![text.clone().with(Tone::Strong), aside].0.iter().for_each(|span| self.span(span));
            return self.end_line();
        }
        self.line("", &line![text.clone().with(Tone::Strong), aside], indent, indent + STEP);
    }

    fn fields(&mut self, fields: &[(&'static str, Vec<Line>)], indent: usize) {
        let width = fields.iter().map(|(name, _)| name.len() + 2).max().unwrap_or_default();
        for (name, lines) in fields {
            self.led(&format!("{:<width$}", format!("{name}:")), lines, indent);
        }
    }

    /// Writes lines below each other, the first of them behind a lead.
    fn led(&mut self, lead: &str, lines: &[Line], indent: usize) {
        let blank = " ".repeat(lead.width());
        for (at, line) in lines.iter().enumerate() {
            let lead = if at == 0 { lead } else { &blank };
            self.line(lead, line, indent, indent + blank.len());
        }
    }

    /// Writes rows under their names. Where they do not fit, the longest column is cut.
    fn table(&mut self, heads: &[&str], rows: &[Vec<Line>], indent: usize) {
        let heads: Vec<Line> =
            heads.iter().map(|head| line![words(Tone::Dim, head.to_uppercase())]).collect();
        let cells = |at: usize| [&heads].into_iter().chain(rows).filter_map(move |row| row.get(at));
        let length = |at| cells(at).map(|cell| self.length(cell)).max().unwrap_or_default();
        let mut widths: Vec<usize> = (0..heads.len()).map(length).collect();
        let room = self
            .layout
            .of_table()
            .map(|width| width.saturating_sub(indent + STEP * heads.len().saturating_sub(1)));
        while let Some(room) = room
            && widths.iter().sum::<usize>() > room
            && let Some(longest) = widths.iter_mut().max().filter(|longest| **longest > NARROWEST)
        {
            *longest -= 1;
        }
        for row in [&heads].into_iter().chain(rows) {
            self.pad(indent);
            for (cell, width) in row.iter().zip(&widths) {
                let used = self.cut(cell, *width);
                self.pad(width.saturating_sub(used) + STEP);
            }
            self.end_line();
        }
    }

    /// Writes a cell, as much of it as there is room for, and returns how much that took.
    fn cut(&mut self, cell: &Line, width: usize) -> usize {
        let is_whole = self.length(cell) <= width;
        let room = if is_whole { width } else { width.saturating_sub(1) };
        let mut used = 0;
        for span in &cell.0 {
            let mut text = self.shown(span);
            while used + text.width() > room && text.pop().is_some() {}
            used += text.width();
            self.styled(span, &text);
        }
        if is_whole {
            return used;
        }
        self.text.push('…');
        used + 1
    }

    fn items(&mut self, items: &Items, outer: usize) {
        let has_groups = items.items.iter().any(|item| item.group.is_some());
        let indent = outer + if has_groups { STEP } else { 0 };
        let names = match items.names {
            Names::Column => Column { width: Some(self.column(&items.items)), is_kept: true },
            Names::Wide(width) => Column { width: Some(width), is_kept: false },
            Names::Colon => Column { width: None, is_kept: false },
        };
        let mut group = None;
        for (at, item) in items.items.iter().enumerate() {
            if let Some(heading) = item.group.as_ref().filter(|heading| group != Some(*heading)) {
                if at > 0 {
                    self.text.push('\n');
                }
                self.heading(heading, outer);
                group = Some(heading);
            }
            self.item(item, names, items.folded_help.is_some(), indent);
        }
    }

    /// Returns how wide a column of names is: as the longest that leaves more than half of the screen to what is said.
    fn column(&self, items: &[Item]) -> usize {
        let most = self.layout.width.map_or(42, |width| width * 9 / 20);
        let parts = items.iter().flat_map(|item| &item.parts).map(|(name, _)| self.length(name) + STEP);
        let names = items.iter().map(|item| self.length(&item.name)).chain(parts);
        names.filter(|length| *length <= most).max().unwrap_or(most)
    }

    fn item(&mut self, item: &Item, names: Column, is_folded: bool, indent: usize) {
        let Item { mark, name, text, parts, tags, below, help, .. } = item;
        let room = mark.map_or(0, |mark| if mark.is_word() { WORD } else { STEP });
        let mark = mark.map(|Mark(tone, word)| words(tone, format!("{word:<room$}")));
        // The heading says the others.
        let key = tags.last().filter(|_| self.layout.is_whole);
        let key = key.map(|key| line!["  [", key.clone(), "]"].with(Tone::Dim)).unwrap_or_default();
        let said = line![text.clone(), key];
        let hang = match (room, names.width) {
            (WORD, None) => indent + WORD,
            (_, width) => indent + room + width.unwrap_or_default() + STEP,
        };
        let mark = Line(mark.into_iter().collect());
        self.named(&line![mark, name.clone()], said, names, (indent, hang));
        for (name, text) in parts {
            self.named(name, text.clone(), names, (indent + room + STEP, hang));
        }
        for (mark, line) in below {
            // Beside the point is beside the point, whether it comes or goes.
            let is_dim = line.0.iter().any(|span| span.tone == Tone::Dim);
            if is_dim && mark.is_some() && !self.layout.is_whole {
                continue;
            }
            let line = match mark {
                Some(Mark(_, sign)) if is_dim => line![words(Tone::Dim, format!("{sign} ")), line.clone()],
                Some(Mark(tone, sign)) => line![format!("{sign} "), line.clone()].with(*tone),
                None => line.clone(),
            };
            self.line("", &line, hang, hang + STEP);
        }
        let help = help.iter().filter(|_| self.layout.is_whole || !is_folded);
        help.for_each(|help| self.line("", help, hang, hang));
    }

    /// Writes a name at `indent` and what is said of it: after a colon, or from `hang` on.
    fn named(&mut self, name: &Line, text: Line, names: Column, (indent, hang): (usize, usize)) {
        let end = indent + self.length(name);
        let is_broken = names.is_kept && self.layout.width.is_some() && end + STEP > hang;
        if text.0.is_empty() || is_broken {
            self.line("", name, indent, indent + STEP);
            if !text.0.is_empty() {
                self.line("", &text, hang, hang);
            }
            return;
        }
        let gap = names.width.map(|_| " ".repeat(hang.saturating_sub(end).max(STEP)));
        let gap = gap.unwrap_or_else(|| ": ".to_owned());
        self.line("", &line![name.clone(), gap, text], indent, hang);
    }

    /// Writes a line after `indent` and `lead`, and goes on at `hang` where it is too long.
    fn line(&mut self, lead: &str, line: &Line, indent: usize, hang: usize) {
        self.pad(indent);
        self.text.push_str(lead);
        let Some(width) = self.layout.width else {
            line.0.iter().for_each(|span| self.span(span));
            return self.end_line();
        };
        let texts: Vec<String> = line.0.iter().map(|span| self.shown(span)).collect();
        let parts = |(span, text)| str::split_inclusive(text, ' ').map(move |part| (span, part));
        let parts: Vec<(&Span, &str)> =
            line.0.iter().zip(texts.iter().map(String::as_str)).flat_map(parts).collect();
        let (mut column, mut spaces) = (indent + lead.width(), 0);
        // What stands together in one span is styled together.
        let mut row: Vec<(Option<&Span>, String)> = Vec::new();
        for word in parts.chunk_by(|(_, part), _| !part.ends_with(' ')) {
            let length: usize = word.iter().map(|(_, part)| part.trim_end_matches(' ').width()).sum();
            // At the begin of a line, the agent of a pipeline takes two colons for a command.
            let may_begin = column > hang && !word[0].1.starts_with(':');
            if length > 0 && column + spaces + length > width && may_begin {
                self.row(&mut row);
                self.pad(hang);
                (column, spaces) = (hang, 0);
            }
            if length > 0 {
                let goes_on = row.last().is_some_and(|(last, _)| is_same(*last, Some(word[0].0)));
                let gap = (Some(word[0].0).filter(|_| goes_on), " ".repeat(spaces));
                let parts =
                    word.iter().map(|(span, part)| (Some(*span), part.trim_end_matches(' ').to_owned()));
                for (span, part) in [gap].into_iter().chain(parts) {
                    match row.last_mut().filter(|(last, _)| is_same(*last, span)) {
                        Some((_, text)) => text.push_str(&part),
                        None => row.push((span, part)),
                    }
                }
                column += spaces + length;
                spaces = 0;
            }
            spaces += usize::from(word.last().is_some_and(|(_, part)| part.ends_with(' ')));
        }
        self.row(&mut row);
    }

    fn row(&mut self, row: &mut Vec<(Option<&Span>, String)>) {
        for (span, text) in row.drain(..) {
            match span {
                Some(span) => self.styled(span, &text),
                None => self.text.push_str(&text),
            }
        }
        self.end_line();
    }

    fn span(&mut self, span: &Span) {
        let text = self.shown(span);
        self.styled(span, &text);
    }

    /// Returns what a piece of a line shows. The only place where text becomes safe to show on a screen.
    fn shown(&self, span: &Span) -> String {
        if span.is_fleeting && self.layout.width.is_none() {
            return String::new();
        }
        let text = visible(&span.text);
        match span.kind {
            Kind::Quoted => format!("`{text}`"),
            Kind::Moment => clock(&text, &self.layout.zone),
            Kind::Words | Kind::Foreign | Kind::Code => text,
        }
    }

    fn length(&self, line: &Line) -> usize {
        line.0.iter().map(|span| self.shown(span).width()).sum()
    }

    fn styled(&mut self, span: &Span, text: &str) {
        let style = style(span.tone);
        let text = span.link.as_deref().map_or_else(|| text.to_owned(), |address| linked(text, address));
        self.text.push_str(&format!("{style}{text}{style:#}"));
    }

    fn pad(&mut self, width: usize) {
        self.text.extend(std::iter::repeat_n(' ', width));
    }

    fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }
}

fn is_same(one: Option<&Span>, other: Option<&Span>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

/// The same meaning has the same colour everywhere.
pub(super) fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Dim => Style::new().dimmed(),
        Tone::Good => AnsiColor::Green.on_default().bold(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Warn => AnsiColor::Yellow.on_default().bold(),
        Tone::Told => AnsiColor::Cyan.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::line;
    use super::*;

    #[test]
    fn what_is_beside_a_line_follows_it_where_the_line_is_too_long() {
        let beside = |width| {
            let layout = Layout { width, ..Layout::default() };
            let shown = line_beside(&line!["on for SSPR-Pilot and others"], &line!["0.4 s"], &layout);
            anstream::adapter::strip_str(&shown).to_string()
        };
        assert_eq!(beside(Some(40)), "on for SSPR-Pilot and others       0.4 s\n");
        assert_eq!(beside(Some(30)), "on for SSPR-Pilot and others\n    0.4 s\n");
        assert_eq!(beside(None), "on for SSPR-Pilot and others\n");
    }
}
