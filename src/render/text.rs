//! Text for a terminal, styled with ANSI codes, which the stream strips elsewhere.

use anstyle::{AnsiColor, Style};

use super::document::{Block, Document, Item, Items, Kind, Line, Mark, Span, Tone, line, words};
use super::links::linked;
use crate::text::visible;

/// How much further in what belongs to something stands, and what is between columns.
const STEP: usize = 2;
/// How much room a mark takes that is a word.
const WORD: usize = 9;

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
                Block::Table(heads, rows) => {
                    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at)).map(length);
                    let widths: Vec<usize> =
                        (0..heads.len()).map(|at| cells(at).max().unwrap_or(0)).collect();
                    rows.iter().for_each(|cells| self.row(&widths, cells, indent));
                }
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

    fn row(&mut self, widths: &[usize], cells: &[Line], indent: usize) {
        self.pad(indent);
        for (at, cell) in cells.iter().enumerate() {
            let mut used = 0;
            for span in &cell.0 {
                let text = shown(span);
                used += text.chars().count();
                self.styled(span, &text);
            }
            self.pad(widths.get(at).map_or(0, |width| width.saturating_sub(used) + STEP));
        }
        self.end_line();
    }

    fn items(&mut self, Items { width, items, .. }: &Items, outer: usize) {
        let mut group = None;
        for (at, item) in items.iter().enumerate() {
            if let Some(heading) = item.group.as_ref().filter(|heading| group != Some(*heading)) {
                if at > 0 {
                    self.text.push('\n');
                }
                self.line("", &heading.clone().with(Tone::Strong), outer, outer);
                group = Some(heading);
            }
            self.item(item, *width, outer + if group.is_some() { STEP } else { 0 });
        }
    }

    fn item(
        &mut self,
        Item { mark, name, text, tags, below, help, .. }: &Item,
        width: Option<usize>,
        indent: usize,
    ) {
        let room = mark.map_or(0, |mark| if mark.is_sign() { STEP } else { WORD });
        let mark = mark.map(|Mark(tone, word)| words(tone, format!("{word:<room$}")));
        let gap =
            width.map_or(": ".to_owned(), |width| " ".repeat(width.saturating_sub(length(name)) + STEP));
        let tags =
            tags.iter().enumerate().map(|(at, tag)| line![if at == 0 { "  [" } else { ": " }, tag.clone()]);
        let tags = tags.collect::<Line>();
        let tags = if tags.0.is_empty() { tags } else { line![tags, "]"].with(Tone::Dim) };
        let line = line![Line(mark.into_iter().collect()), name.clone(), gap, text.clone(), tags];
        let hang = match (room, width) {
            (WORD, Some(width)) => indent + WORD + width + STEP,
            (WORD, None) => indent + WORD,
            _ => indent + room + STEP,
        };
        self.line("", &line, indent, hang);
        for (mark, line) in below {
            // Beside the point is beside the point, whether it comes or goes.
            let is_dim = line.0.iter().any(|span| span.tone == Tone::Dim);
            let line = match mark {
                Some(Mark(_, sign)) if is_dim => line![words(Tone::Dim, format!("{sign} ")), line.clone()],
                Some(Mark(tone, sign)) => line![format!("{sign} "), line.clone()].with(*tone),
                None => line.clone(),
            };
            self.line("", &line, hang, hang + STEP);
        }
        help.iter().for_each(|help| self.line("", help, hang, hang));
    }

    /// Writes a line after `indent` and `lead`, and goes on at `hang` where it is too long.
    fn line(&mut self, lead: &str, line: &Line, indent: usize, hang: usize) {
        self.pad(indent);
        self.text.push_str(lead);
        let Some(width) = self.width else {
            line.0.iter().for_each(|span| self.styled(span, &shown(span)));
            return self.end_line();
        };
        let texts: Vec<String> = line.0.iter().map(shown).collect();
        let parts = |(span, text)| str::split_inclusive(text, ' ').map(move |part| (span, part));
        let parts: Vec<(&Span, &str)> =
            line.0.iter().zip(texts.iter().map(String::as_str)).flat_map(parts).collect();
        let (mut column, mut spaces) = (indent + lead.chars().count(), 0);
        for word in parts.chunk_by(|(_, part), _| !part.ends_with(' ')) {
            let length: usize = word.iter().map(|(_, part)| part.trim_end_matches(' ').chars().count()).sum();
            // At the begin of a line, the agent of a pipeline takes two colons for a command.
            let may_begin = column > hang && !word[0].1.starts_with(':');
            if length > 0 && column + spaces + length > width && may_begin {
                self.end_line();
                self.pad(hang);
                (column, spaces) = (hang, 0);
            }
            if length > 0 {
                self.pad(spaces);
                word.iter().for_each(|(span, part)| self.styled(span, part.trim_end_matches(' ')));
                column += spaces + length;
                spaces = 0;
            }
            spaces += usize::from(word.last().is_some_and(|(_, part)| part.ends_with(' ')));
        }
        self.end_line();
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
