//! Parts of a document as HTML, for a page that lays out the rest itself. All text is escaped by the template; control
//! characters are spelled out.

use maud::{Markup, html};

use super::document::{Block, Column, Item, Items, Kind, Line, Span, Table, Tone};
use crate::text::visible;

/// Returns parts of a document.
pub fn blocks(blocks: &[Block]) -> Markup {
    html! { @for block in blocks { (self::block(block)) } }
}

fn block(block: &Block) -> Markup {
    html! {
        @match block {
            Block::Lines(lines) => @for line in lines { p { (inline(line)) } },
            Block::Section(heading, inner) => { h3 { (inline(heading)) } (blocks(inner)) },
            Block::Details(summary, inner) => details { summary { (inline(summary)) } (blocks(inner)) },
            Block::Fields(fields) => dl {
                @for (name, lines) in fields { dt { (name) } @for line in lines { dd { (inline(line)) } } }
            },
            Block::Table(table) => (self::table(table)),
            Block::Items(Items { items, .. }) => ul { @for item in items { li { (self::item(item)) } } },
            Block::Steps(intro, steps) => { p { (inline(intro)) } ol { @for step in steps { li { (inline(step)) } } } },
        }
    }
}

fn item(Item { mark, group, name, text, tags, below, help }: &Item) -> Markup {
    html! {
        @if let Some(mark) = mark { b { (mark.as_str()) } " " }
        @if let Some(group) = group { (inline(group)) ": " }
        (inline(name)) ": " (inline(text))
        @for tag in tags { " " span.dim { (inline(tag)) } }
        @for (mark, line) in below { br; @if let Some(mark) = mark { (mark.as_str()) " " } (inline(line)) }
        @if let Some(help) = help { br; span.dim { (inline(help)) } }
    }
}

fn table(Table { columns, rows }: &Table) -> Markup {
    let class = |column: &Column| column.is_number.then_some("n");
    html! {
        div.scroll { table {
            thead { tr { @for column in *columns { th class=[class(column)] scope="col" { (column.head) } } } }
            tbody { @for row in rows { tr {
                @for (at, (column, cell)) in columns.iter().zip(row).enumerate() {
                    @if at == 0 { th scope="row" { (inline(cell)) } }
                    @else { td class=[class(column)] { (inline(cell)) } }
                }
            } } }
        } }
    }
}

/// Returns a line. The only place where text becomes safe to show in HTML.
pub(super) fn inline(line: &Line) -> Markup {
    html! { @for span in &line.0 { (self::span(span)) } }
}

fn span(span: &Span) -> Markup {
    let text = html! { (visible(&span.text)) };
    let text = if span.kind == Kind::Quoted {
        html! { code { (text) } }
    } else {
        text
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
