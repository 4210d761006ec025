//! The people as a screen has them: a table as wide as the terminal.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::document::Tone;
use super::people::{Cells, HEADS, cells};
use super::text::{self, Layout};
use crate::people::Row;

/// The rows under their heads. There can be a million of them: columns are as wide as the first so many need, and nothing
/// but those is held.
#[derive(Debug)]
pub struct Table {
    layout: Layout,
    held: Vec<[String; 5]>,
    tones: Vec<Tone>,
    widths: Option<[usize; 5]>,
}

/// As many rows as a page of members has: of a group that is no larger all are known before any is shown.
const FIRST: usize = 999;
/// What is before a row, and between its cells.
const GAP: usize = 2;
/// The narrowest a column is cut to.
const NARROWEST: usize = 8;

impl Table {
    /// Returns a table for a screen.
    pub fn new(layout: &Layout) -> Self {
        Self { layout: layout.clone(), held: Vec::new(), tones: Vec::new(), widths: None }
    }

    /// Takes a row, and returns what can be shown by now.
    pub fn take(&mut self, row: &Row) -> String {
        let Cells { ready: (tone, ready), name, user, methods, why_not } = cells(row);
        let cells = [ready.to_owned(), name, user, methods, why_not];
        if let Some(widths) = &self.widths {
            let mut text = String::new();
            write_row(&mut text, Some(tone), &cells, widths, self.layout.of_table());
            return text;
        }
        self.held.push(cells);
        self.tones.push(tone);
        if self.held.len() > FIRST { self.rest() } else { String::new() }
    }

    /// Returns whether any of it was shown.
    pub fn is_begun(&self) -> bool {
        self.widths.is_some()
    }

    /// Returns the rows that are held, under their heads where these were not shown; nothing of no rows.
    pub fn rest(&mut self) -> String {
        let (held, tones) = (std::mem::take(&mut self.held), std::mem::take(&mut self.tones));
        if held.is_empty() {
            return String::new();
        }
        let heads = HEADS.map(str::to_uppercase);
        let widths = widths(&heads, &held, self.layout.of_table());
        let mut text = String::new();
        write_row(&mut text, None, &heads, &widths, self.layout.of_table());
        for (cells, tone) in held.iter().zip(tones) {
            write_row(&mut text, Some(tone), cells, &widths, self.layout.of_table());
        }
        self.widths = Some(widths);
        text
    }
}

/// What is cut first where the screen is narrow, and to how much: what someone has registered, why not, the name, the domain
/// of the user. Whether they are ready is never cut.
const CUT: [(usize, usize); 4] = [(3, 8), (4, 14), (1, 8), (2, 15)];

/// Returns as much room for each column as it needs. Where that does not fit, the least useful are cut.
fn widths(heads: &[String; 5], rows: &[[String; 5]], width: Option<usize>) -> [usize; 5] {
    let cells = |at: usize| rows.iter().chain([heads]).map(move |row| row[at].width());
    let mut widths = [0, 1, 2, 3, 4].map(|at| cells(at).max().unwrap_or_default());
    let room = width.map(|width| width.saturating_sub(GAP * HEADS.len()));
    for (at, least) in CUT {
        let over = room.map_or(0, |room| widths.iter().sum::<usize>().saturating_sub(room));
        widths[at] -= over.min(widths[at].saturating_sub(least));
    }
    while let Some(room) = room
        && widths.iter().sum::<usize>() > room
        && let Some(longest) = widths.iter_mut().max().filter(|longest| **longest > NARROWEST)
    {
        *longest -= 1;
    }
    widths
}

/// Writes a row; the heads have no tone of their own. On a screen of known width no cell is wider than its column.
fn write_row(
    text: &mut String,
    tone: Option<Tone>,
    cells: &[String; 5],
    widths: &[usize; 5],
    width: Option<usize>,
) {
    for (at, (cell, room)) in cells.iter().zip(widths).enumerate() {
        let style = text::style(match tone {
            None => Tone::Dim,
            Some(tone) if at == 0 => tone,
            Some(_) => Tone::Plain,
        });
        let is_cut = width.is_some() && cell.width() > *room;
        let (shown, mark) = if is_cut { (cut(cell, room.saturating_sub(1)), "…") } else { (&**cell, "") };
        let gap = room.saturating_sub(shown.width() + mark.width());
        text.push_str(&format!("  {style}{shown}{mark}{style:#}{:gap$}", ""));
    }
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
}

/// Returns as much of a text as fits.
fn cut(text: &str, room: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or_default();
        used > room
    });
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_screen_cuts_the_least_useful_first_and_never_whether_someone_is_ready() {
        let heads = HEADS.map(str::to_uppercase);
        let row = [
            "yes",
            "Ada Lovelace",
            "ada@contoso.onmicrosoft.com",
            "mobile phone, alternate mobile phone",
            "needs a method that the spec allows",
        ];
        let row = row.map(str::to_owned);
        for (width, shown) in [
            (60, "  yes    Ada Lov…  ada@contoso.on…  mobile …  needs a metho…"),
            (80, "  yes    Ada Lovelace  ada@contoso.onmicrosoft.com  mobile …  needs a method th…"),
            (
                100,
                "  yes    Ada Lovelace  ada@contoso.onmicrosoft.com  mobile pho…  needs a method that the spec allows",
            ),
            (
                140,
                "  yes    Ada Lovelace  ada@contoso.onmicrosoft.com  mobile phone, alternate mobile phone  needs a method that the spec allows",
            ),
        ] {
            let widths = widths(&heads, std::slice::from_ref(&row), Some(width));
            let (mut head, mut text) = (String::new(), String::new());
            write_row(&mut head, None, &heads, &widths, Some(width));
            write_row(&mut text, Some(Tone::Good), &row, &widths, Some(width));
            let [head, text] =
                [head, text].map(|line| anstream::adapter::strip_str(line.trim_end()).to_string());
            assert_eq!(text, shown);
            assert!(head.width() <= width && head.starts_with("  READY  NAME"), "{head}");
        }
    }
}
