//! The form for a comment on a pull request or the summary of a job.
//!
//! The same result gives the same bytes: no time, no run's name, no order by chance, so that a comment that is
//! edited in place does not churn. What a document keeps to the screen is left out.

mod escape;

use std::fmt::Write as _;

use super::document::{Block, Document, Item, Items, Kind, Line, Mark, Span, Table, Tone};

/// Returns the document.
pub fn render(document: &Document) -> String {
    let mut page = format!("### {}\n", inline(&document.title));
    let note = inline(&document.note);
    if !note.is_empty() {
        let _ = write!(page, "\n{note}\n");
    }
    let blocks = blocks(&document.blocks);
    if !blocks.is_empty() {
        let _ = write!(page, "\n{blocks}");
    }
    page
}

/// Returns parts of a document.
pub fn blocks(blocks: &[Block]) -> String {
    let blocks: Vec<String> = blocks.iter().map(block).filter(|block| !block.is_empty()).collect();
    blocks.join("\n")
}

fn block(block: &Block) -> String {
    let list = |mark: &dyn Fn(usize) -> String, lines: &[Line]| -> String {
        lines.iter().enumerate().map(|(at, line)| format!("{}{}\n", mark(at), inline(line))).collect()
    };
    match block {
        Block::Lines(lines) => {
            let lines: Vec<Line> = lines.iter().filter(|line| !line.is_private()).cloned().collect();
            list(&|_| String::new(), &lines)
        }
        Block::Section(heading, inner) => format!("**{}**\n\n{}", inline(heading), blocks(inner)),
        Block::Details(summary, inner) => details(summary, &blocks(inner)),
        Block::Fields(fields) => {
            let shown = fields.iter().filter(|(_, lines)| !lines.iter().all(Line::is_private));
            let field = |(name, lines): &(&str, Vec<Line>)| {
                let lines: Vec<String> = lines.iter().map(inline).collect();
                format!("- {name}: {}\n", lines.join(" "))
            };
            shown.map(field).collect()
        }
        Block::Table(Table { columns, rows }) => {
            let heads: Vec<&str> = columns.iter().map(|column| column.head).collect();
            let cells = |cells: &Vec<Line>| row(&cells.iter().map(inline).collect::<Vec<_>>());
            head(&heads) + &rows.iter().map(cells).collect::<String>()
        }
        Block::Items(items) => table_of(items),
        Block::Steps(intro, steps) => {
            format!("{}\n\n{}", inline(intro), list(&|at| format!("{}. ", at + 1), steps))
        }
    }
}

fn table_of(Items { heads, width: _, folded_help, items }: &Items) -> String {
    let is_marked = items.iter().any(|item| item.mark.is_some_and(|mark| !mark.is_sign()));
    let (name, text, tags) = heads;
    let names: Vec<&str> =
        is_marked.then_some("").into_iter().chain([*name, *text]).chain(tags.iter().copied()).collect();
    let mut table = head(&names);
    let mut help = String::new();
    for item in items {
        let mark = is_marked.then(|| item.mark.map_or(String::new(), verdict));
        let group = item.group.as_ref().map(|group| format!("{}: ", inline(group))).unwrap_or_default();
        let name = group + &inline(&item.name);
        let tags = item.tags.iter().map(inline);
        let cells: Vec<String> =
            mark.into_iter().chain([name, said(item, folded_help.is_none())]).chain(tags).collect();
        table.push_str(&row(&cells));
        if let Some(what) = item.help.as_ref().filter(|_| folded_help.is_some()) {
            let _ = writeln!(help, "- {}: {}", inline(&item.name), inline(what));
        }
    }
    match folded_help.filter(|_| !help.is_empty()) {
        Some(summary) => format!("{table}\n{}", details(&Line::from(summary), &help)),
        None => table,
    }
}

/// Returns everything said of a thing, in one cell.
fn said(item: &Item, with_help: bool) -> String {
    let below = item.below.iter().filter(|(_, line)| !line.is_private()).map(|(mark, line)| match mark {
        Some(mark) => format!("{} {}", mark.as_str(), inline(line)),
        None => inline(line),
    });
    let help = item.help.iter().filter(|_| with_help).map(inline);
    [inline(&item.text)].into_iter().chain(below).chain(help).collect::<Vec<_>>().join("<br>")
}

fn verdict(mark: Mark) -> String {
    match mark {
        Mark::No | Mark::Fails | Mark::Error | Mark::Warning => format!("**{}**", mark.as_str()),
        _ => mark.as_str().to_owned(),
    }
}

/// Returns a line. The only place where text becomes safe to show on a page.
pub(super) fn inline(line: &Line) -> String {
    let mut written = String::new();
    let shown: Vec<&Span> = line.0.iter().filter(|span| !span.is_private).collect();
    // What two pieces of a sentence say together is looked at together.
    let is_one = |one: &&Span, next: &&Span| {
        let is_words = one.kind == Kind::Words && next.kind == Kind::Words;
        is_words && one.link == next.link && is_bold(one) == is_bold(next)
    };
    for spans in shown.chunk_by(is_one) {
        let text: String = spans.iter().map(|span| span.text.as_str()).collect();
        let piece = match spans[0].kind {
            Kind::Words => bold(is_bold(spans[0]), &escape::words(&text)),
            Kind::Foreign | Kind::Code | Kind::Quoted => escape::code(&text),
        };
        if piece.starts_with('`') && written.ends_with('`') {
            written.push(' ');
        }
        match spans[0].link.as_deref().filter(|address| escape::is_address(address)) {
            Some(address) => {
                let _ = write!(written, "[{piece}]({address})");
            }
            None => written.push_str(&piece),
        }
    }
    written.trim().to_owned()
}

fn is_bold(span: &Span) -> bool {
    matches!(span.tone, Tone::Strong | Tone::Bad)
}

fn bold(is_bold: bool, text: &str) -> String {
    let bare = text.trim();
    if is_bold && !bare.is_empty() { text.replacen(bare, &format!("**{bare}**"), 1) } else { text.to_owned() }
}

/// Returns a row of a table. A bar would end its cell, in code too.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn head(names: &[&str]) -> String {
    format!("| {} |\n|{}\n", names.join(" | "), " --- |".repeat(names.len()))
}

/// Returns what is shown only once it is asked for. No Markdown is read in its summary.
fn details(summary: &Line, body: &str) -> String {
    let summary: String = summary.0.iter().map(|span| crate::text::visible(&span.text)).collect();
    let summary = summary.replace('&', "&amp;").replace('<', "&lt;");
    format!("<details>\n<summary>{summary}</summary>\n\n{}\n\n</details>\n", body.trim_end())
}

/// Returns the hidden first line by which whoever edits a comment finds it again: `<!-- sspr:plan:pilot.yaml -->`.
/// `about` is what the command was given, a file as a rule.
pub fn marker(command: &str, about: Option<&str>) -> String {
    let mut marker = format!("<!-- sspr:{command}");
    if let Some(about) = about {
        marker.push(':');
        let mut last = ' ';
        for c in about.chars() {
            // A path of Windows names the same file; nothing in it may end the comment.
            let c = if c == '\\' { '/' } else { c };
            if c.is_ascii_alphanumeric() || "/._".contains(c) || (c == '-' && last != '-') {
                marker.push(c);
            } else {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    let _ = write!(marker, "%{byte:02X}");
                }
            }
            last = c;
        }
    }
    marker.push_str(" -->\n");
    marker
}

#[cfg(test)]
mod tests {
    use super::marker;

    #[test]
    fn a_marker_is_one_line_whatever_the_file_is_called() {
        assert_eq!(marker("plan", Some("pilots/it.yaml")), "<!-- sspr:plan:pilots/it.yaml -->\n");
        assert_eq!(marker("plan", Some(r"pilots\it.yaml")), marker("plan", Some("pilots/it.yaml")));
        assert_eq!(marker("plan", Some("a --> b\nc")), "<!-- sspr:plan:a%20-%2D%3E%20b%0Ac -->\n");
        assert_eq!(marker("history", None), "<!-- sspr:history -->\n");
    }
}
