//! Markdown, for a comment on a pull request or the summary of a job.
//!
//! The same result gives the same bytes: no time, no run's name, no order by chance, so that a comment that is
//! edited in place does not churn. What a document keeps to the screen is left out.

mod escape;

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::document::{Block, Document, Heading, Items, Kind, Line, Lines, Mark, Span, Tone, clock};

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
    let next: Vec<String> = document.next.iter().map(inline).filter(|line| !line.is_empty()).collect();
    if !next.is_empty() {
        let _ = write!(page, "\nNext: {}\n", next.join(" "));
    }
    page
}

/// Returns parts of a document.
pub fn blocks(blocks: &[Block]) -> String {
    let blocks: Vec<String> = blocks.iter().map(block).filter(|block| !block.is_empty()).collect();
    blocks.join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Lines(lines) => {
            let shown = lines.iter().filter(|line| !line.is_private());
            shown.map(|line| inline(line) + "\n").collect()
        }
        Block::Facts(facts) => {
            let shown = facts.iter().filter(|fact| !fact.is_private());
            shown.map(|fact| format!("- {}\n", inline(fact))).collect()
        }
        Block::Section(Heading { text, aside }, inner) => {
            let aside = inline(aside);
            let aside = if aside.is_empty() { aside } else { format!(" ({aside})") };
            format!("**{}**{aside}\n\n{}", inline(text), blocks(inner))
        }
        Block::Details(summary, inner) | Block::Folded(summary, inner, _) => details(summary, &blocks(inner)),
        Block::Fields(fields) => {
            let shown = fields.iter().filter(|(_, lines)| !lines.iter().all(Line::is_private));
            let value = |lines: &[Line]| lines.iter().map(inline).collect::<Vec<_>>().join(" ");
            shown.map(|(name, lines)| format!("- {name}: {}\n", value(lines))).collect()
        }
        Block::Table(heads, rows) => {
            let cells = |cells: &Vec<Line>| row(&cells.iter().map(inline).collect::<Vec<_>>());
            head(heads) + &rows.iter().map(cells).collect::<String>()
        }
        Block::Items(items) => {
            let (heads, rows) = items.table();
            let cells = |cells: &Vec<Lines>| row(&cells.iter().map(cell).collect::<Vec<_>>());
            let table = head(&heads) + &rows.iter().map(cells).collect::<String>();
            items
                .folded_help
                .map_or(table.clone(), |summary| format!("{table}\n{}", folded_help(summary, items)))
        }
        Block::Steps(intro, steps) => {
            let steps = steps.iter().enumerate().map(|(at, step)| format!("{}. {}\n", at + 1, inline(step)));
            format!("{}\n\n{}", inline(intro), steps.collect::<String>())
        }
    }
}

fn folded_help(summary: &str, Items { items, .. }: &Items) -> String {
    let help = items.iter().filter_map(|item| Some((inline(&item.name), inline(item.help.as_ref()?))));
    let help: String = help.map(|(name, help)| format!("- {name}: {help}\n")).collect();
    details(&Line::from(summary), &help)
}

fn cell(lines: &Lines) -> String {
    let shown = lines.iter().filter(|(mark, line)| mark.is_some() || !line.is_private());
    let line = |(mark, line): &(Option<Mark>, Line)| match mark {
        Some(Mark(Tone::Bad | Tone::Warn, word)) if word.len() > 1 => format!("**{word}** {}", inline(line)),
        Some(Mark(_, word)) => format!("{word} {}", inline(line)),
        None => inline(line),
    };
    shown.map(|shown| line(shown).trim_end().to_owned()).collect::<Vec<_>>().join("<br>")
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
            Kind::Words if is_bold(spans[0]) => bold(&escape::words(&text)),
            Kind::Words => escape::words(&text),
            Kind::Moment => escape::code(&clock(&text, &TimeZone::UTC)),
            Kind::Quoted if text.trim().is_empty() => escape::words(&format!("`{text}`")),
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
    matches!(span.tone, Tone::Strong | Tone::Bad) && !span.text.trim().is_empty()
}

fn bold(text: &str) -> String {
    text.replacen(text.trim(), &format!("**{}**", text.trim()), 1)
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

/// Returns the hidden first line by which a tool that edits a comment finds it again: `<!-- sspr:plan:pilot.yaml -->`.
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
