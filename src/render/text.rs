//! The form for a screen. Styled with ANSI codes; the stream strips them where nobody looks.

use anstyle::{AnsiColor, Style};

use super::address::linked;
use super::document::{Block, Column, Document, Item, Items, Kind, Line, Span, Table, Tone};
use crate::text::visible;

/// How much further in what belongs to something stands.
const STEP: usize = 2;
/// How much room a mark takes that is a word, and what is between columns.
const WORD: usize = 7;
const GAP: usize = 2;

/// Returns the document, in lines of at most `width` characters where one is given, as far as its words allow.
pub fn render(document: &Document, width: Option<usize>) -> String {
    let mut text = blocks(&document.blocks, width);
    if !document.closing.0.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line(&document.closing, width));
    }
    text
}

/// Returns parts of a document.
pub fn blocks(blocks: &[Block], width: Option<usize>) -> String {
    let mut screen = Screen { text: String::new(), width };
    screen.blocks(blocks, 0);
    screen.text
}

/// Returns a line of its own.
pub fn line(line: &Line, width: Option<usize>) -> String {
    let mut screen = Screen { text: String::new(), width };
    screen.line("", line, 0, 0);
    screen.text
}

/// Returns a row of a table of which the others may not be known.
pub fn row(columns: &[Column], cells: &[Line]) -> String {
    let mut screen = Screen { text: String::new(), width: None };
    let widths = columns.iter().map(|column| column.width).collect::<Vec<_>>();
    screen.row(&widths, cells, 0);
    screen.text
}

struct Screen {
    text: String,
    width: Option<usize>,
}

impl Screen {
    fn blocks(&mut self, blocks: &[Block], indent: usize) {
        for (at, block) in blocks.iter().enumerate() {
            if at > 0 {
                self.text.push('\n');
            }
            match block {
                Block::Lines(lines) => lines.iter().for_each(|line| self.line("", line, indent, indent)),
                Block::Section(heading, blocks) | Block::Details(heading, blocks) => {
                    self.line("", &heading.clone().with(Tone::Strong), indent, indent);
                    self.blocks(blocks, indent + STEP);
                }
                Block::Fields(fields) => self.fields(fields, indent),
                Block::Table(table) => self.table(table, indent),
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

    fn fields(&mut self, fields: &[(&'static str, Vec<Line>)], indent: usize) {
        let width = fields.iter().map(|(name, _)| name.len() + 2).max().unwrap_or_default();
        for (name, lines) in fields {
            for (at, line) in lines.iter().enumerate() {
                let name = if at == 0 { format!("{name}:") } else { String::new() };
                self.line(&format!("{name:<width$}"), line, indent, indent + width);
            }
        }
    }

    fn table(&mut self, Table { columns, rows }: &Table, indent: usize) {
        let widest =
            |at: usize| rows.iter().map(|row| row.get(at).map_or(0, length)).max().unwrap_or_default();
        let widths: Vec<usize> =
            columns.iter().enumerate().map(|(at, column)| column.width.max(widest(at))).collect();
        rows.iter().for_each(|cells| self.row(&widths, cells, indent));
    }

    fn row(&mut self, widths: &[usize], cells: &[Line], indent: usize) {
        self.pad(indent);
        let last = cells.len().saturating_sub(1);
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            cell.0.iter().for_each(|span| self.span(span));
            if at < last {
                self.pad(width.saturating_sub(length(cell)) + GAP);
            }
        }
        self.end_line();
    }

    fn items(&mut self, Items { width, items, .. }: &Items, indent: usize) {
        let mut group = None;
        let mut indent = indent;
        let outer = indent;
        for (at, item) in items.iter().enumerate() {
            if let Some(heading) = item.group.as_ref().filter(|heading| group != Some(*heading)) {
                if at > 0 {
                    self.text.push('\n');
                }
                self.line("", &heading.clone().with(Tone::Strong), outer, outer);
                indent = outer + STEP;
                group = Some(heading);
            }
            self.item(item, *width, indent);
        }
    }

    fn item(&mut self, item: &Item, width: Option<usize>, indent: usize) {
        let Item { mark, group: _, name, text, tags, below, help } = item;
        let (mark_room, hang) = match mark {
            None => (0, indent + STEP),
            Some(mark) if mark.is_sign() => (0, indent + 2 * STEP),
            Some(_) => (WORD, indent + WORD + GAP),
        };
        let mut spans = Vec::new();
        if let Some(mark) = mark {
            let gap = if mark.is_sign() { 1 } else { mark_room - mark.as_str().len() + GAP };
            spans.extend(Line::from(mark.as_str()).with(mark.tone()).0);
            spans.extend(Line::from(" ".repeat(gap)).0);
        }
        spans.extend(name.0.iter().cloned());
        let hang = match width {
            None => {
                spans.extend(Line::from(": ").0);
                hang
            }
            Some(width) => {
                spans.extend(Line::from(" ".repeat(width.saturating_sub(length(name)) + GAP)).0);
                if mark.is_some() { hang + width + GAP } else { hang }
            }
        };
        spans.extend(text.0.iter().cloned());
        if !tags.is_empty() {
            let tags = tags.iter().enumerate().flat_map(|(at, tag)| {
                let before = if at == 0 { "  [" } else { ": " };
                [Line::from(before), tag.clone()]
            });
            spans.extend(tags.chain([Line::from("]")]).collect::<Line>().with(Tone::Dim).0);
        }
        self.line("", &Line(spans), indent, hang);
        for (mark, line) in below {
            let sign = mark.map_or(Line::default(), |mark| Line::from(format!("{} ", mark.as_str())));
            let tone = |line: Line| match mark {
                Some(mark) if line.0.iter().all(|span| span.tone == Tone::Plain) => line.with(mark.tone()),
                _ => line,
            };
            self.line("", &tone([sign, line.clone()].into_iter().collect()), hang, hang + STEP);
        }
        if let Some(help) = help {
            self.line("", help, hang, hang);
        }
    }

    /// Writes a line after `indent` and `lead`, and goes on at `hang` where it is too long.
    fn line(&mut self, lead: &str, line: &Line, indent: usize, hang: usize) {
        self.pad(indent);
        self.text.push_str(lead);
        let Some(width) = self.width else {
            line.0.iter().for_each(|span| self.span(span));
            return self.end_line();
        };
        let mut column = indent + lead.chars().count();
        for span in &line.0 {
            for word in shown(span).split_inclusive(' ') {
                let length = word.trim_end().chars().count();
                if column + length > width && column > hang {
                    self.end_line();
                    self.pad(hang);
                    column = hang;
                }
                self.styled(span, word);
                column += word.chars().count();
            }
        }
        self.end_line();
    }

    fn span(&mut self, span: &Span) {
        self.styled(span, &shown(span));
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

/// Returns what a piece of a line shows. The only place where text becomes safe to show on a screen.
fn shown(span: &Span) -> String {
    let text = visible(&span.text);
    match span.kind {
        Kind::Quoted => format!("`{text}`"),
        Kind::Words | Kind::Foreign | Kind::Code => text,
    }
}

fn length(line: &Line) -> usize {
    line.0.iter().map(|span| shown(span).chars().count()).sum()
}

/// The same meaning has the same colour everywhere.
fn style(tone: Tone) -> Style {
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
