//! Parts of a document as HTML, for a page that lays out the rest itself.
//! All text is escaped by the template; control characters are spelled out.

use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::document::{Block, Heading, Kind, Line, Lines, Span, Tone, clock};
use crate::text::visible;

/// Returns parts of a document.
pub fn blocks(blocks: &[Block]) -> Markup {
    html! { @for block in blocks { (self::block(block)) } }
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Lines(lines) => @for line in lines { p { (inline(line)) } },
            Block::Facts(facts) => ul { @for fact in facts { li { (inline(fact)) } } },
            Block::Section(Heading { text, aside }, inner) => {
                h3 { (inline(text)) @if !aside.0.is_empty() { " (" (inline(aside)) ")" } }
                (blocks(inner))
            },
            Block::Details(summary, inner) | Block::Folded(summary, inner, _) => details { summary { (inline(summary)) } (blocks(inner)) },
            Block::Fields(fields) => dl {
                @for (name, lines) in fields { dt { (name) } @for line in lines { dd { (inline(line)) } } }
            },
            Block::Table(heads, rows) => {
                @let cells = |cells: &Vec<Line>| cells.iter().map(|cell| vec![(None, cell.clone())]).collect();
                (table(heads, &rows.iter().map(cells).collect::<Vec<_>>()))
            },
            Block::Items(items) => { @let (heads, rows) = items.table(); (table(&heads, &rows)) },
            Block::Steps(intro, steps) => { p { (inline(intro)) } ol { @for step in steps { li { (inline(step)) } } } },
        }
    }
}

fn table(heads: &[&str], rows: &[Vec<Lines>]) -> Markup {
    // Numbers stand below each other: a column is theirs where each of its cells is one.
    let starts_as_one = |span: &Span| span.text.starts_with(|c: char| c.is_ascii_digit() || c == '–');
    let is_number = |cell: &Lines| cell.iter().all(|(_, line)| line.0.iter().all(starts_as_one));
    let class = |at: usize| (at > 0 && rows.iter().all(|row| is_number(&row[at]))).then_some("n");
    html! {
        div.scroll { table {
            thead { tr { @for (at, head) in heads.iter().enumerate() { th class=[class(at)] scope="col" { (head) } } } }
            tbody { @for row in rows { tr {
                @for (at, lines) in row.iter().enumerate() {
                    @if at == 0 { th scope="row" { (cell(lines)) } } @else { td class=[class(at)] { (cell(lines)) } }
                }
            } } }
        } }
    }
}

fn cell(lines: &Lines) -> Markup {
    html! {
        @let shown = lines.iter().filter(|(mark, line)| mark.is_some() || !line.is_private());
        @for (at, (mark, line)) in shown.enumerate() {
            @if at > 0 { br; }
            @if let Some(mark) = mark { b { (mark.1) } " " }
            (inline(line))
        }
    }
}

/// Returns a line. The only place where text becomes safe to show in HTML.
pub(super) fn inline(line: &Line) -> Markup {
    html! { @for span in line.0.iter().filter(|span| !span.is_private) { (self::span(span)) } }
}

fn span(span: &Span) -> Markup {
    let text = match span.kind {
        Kind::Moment => clock(&span.text, &TimeZone::UTC),
        _ => visible(&span.text),
    };
    let text = html! { (text) };
    let text = match span.kind {
        Kind::Quoted => html! { code { (text) } },
        // Names are long words, and may run from right to left.
        Kind::Foreign | Kind::Code => html! { bdi { (text) } },
        Kind::Words | Kind::Moment => text,
    };
    let text = match span.tone {
        Tone::Plain | Tone::Told => text,
        Tone::Strong | Tone::Good | Tone::Bad | Tone::Warn => html! { b { (text) } },
        Tone::Dim => html! { span.dim { (text) } },
    };
    match span.link.as_deref().filter(|address| address.starts_with("https://")) {
        Some(address) => html! { a href=(address) { (text) } },
        None => text,
    }
}
