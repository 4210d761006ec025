//! One document, many forms: whatever is shown, every form of it says the same, and no name in it is obeyed.

mod fixtures;

use anstream::adapter::strip_str;
use snapbox::str;
use sspr::render::document::{Block, Document, Item, Items, Line, Mark, Tone};
use sspr::render::text::Layout;
use sspr::render::{apply, csv, github, html, json, links, markdown, people_table, plan, text};
use unicode_width::UnicodeWidthStr as _;

use crate::common::{HOSTILE, assert_gives_no_command, assert_harmless};
use fixtures::{PRIVATE, applied, others, plans, rows, verified};

fn screen(document: &Document, width: Option<usize>) -> String {
    shown(document, &Layout { width, ..Layout::default().whole() })
}

fn shown(document: &Document, layout: &Layout) -> String {
    strip_str(&links::unlinked(&text::render(document, layout))).to_string()
}

fn page(document: &Document) -> String {
    html::blocks(&document.blocks).into_string()
}

async fn documents(name: &str) -> Vec<Document> {
    let plans = plans(name).await;
    let applied: Vec<_> = [0, 3].iter().flat_map(|at| applied(&plans[*at], name)).collect();
    let done = applied.iter().flat_map(|applied| [apply::document(applied), apply::page(applied)]);
    let verified = plans.iter().flat_map(|plan| verified(plan, name));
    plans.iter().map(plan::document).chain(done).chain(verified).chain(others(name)).collect()
}

#[tokio::test]
async fn every_change_and_finding_is_in_every_form() {
    for plan in plans("Contoso").await {
        let document = plan::document(&plan);
        let forms = [
            screen(&document, None),
            screen(&document, Some(60)),
            markdown::render(&document),
            page(&document),
            json::plan(&plan),
        ];
        for form in forms {
            let keys = plan.changes.iter().map(|change| &*change.key);
            for name in keys.chain(plan.findings.iter().map(|finding| finding.code)) {
                assert!(form.contains(name), "{name} is not in:\n{form}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_stays_text_in_every_form() {
    for name in HOSTILE {
        for document in documents(name).await {
            for width in [None, Some(40)] {
                let shown = screen(&document, width);
                assert_gives_no_command(&shown, 0);
                let is_obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
                assert!(!shown.contains(is_obeyed), "{shown:?}");
            }
            let shown = markdown::render(&document);
            assert_harmless(&shown);
            assert_gives_no_command(&shown, 0);
            assert_only_our_tags(&page(&document));
        }
        for plan in plans(name).await {
            assert_gives_no_command(&json::inert(&json::plan(&plan)), 0);
            assert_gives_no_command(&github::findings(&plan, Some("pilot.yaml")), plan.findings.len() + 1);
        }
        for width in [None, Some(60)] {
            let layout = Layout { width, ..Layout::default() };
            for row in rows(name) {
                let mut table = people_table::Table::new(&layout);
                let shown = table.take(&row) + &table.rest() + &csv::row(&row, None);
                let shown = strip_str(&shown).to_string();
                assert_gives_no_command(&shown, 0);
                assert_eq!(shown.lines().count(), 3, "{shown:?}");
            }
        }
    }
}

#[test]
fn people_fit_a_screen_however_many_come_later() {
    let layout = Layout { width: Some(60), ..Layout::default() };
    let mut table = people_table::Table::new(&layout);
    let mut shown = String::new();
    let (short, long) = (rows("Ada"), rows(&"名".repeat(60)));
    for row in short.iter().cycle().take(1000).chain(&long) {
        shown.push_str(&table.take(row));
    }
    assert!(table.is_begun());
    shown.push_str(&table.rest());
    let shown = strip_str(&shown).to_string();
    assert_eq!((shown.lines().count(), shown.matches("READY").count()), (1004, 1));
    assert!(shown.lines().all(|line| line.width() <= 60), "{shown}");
    let last = shown.lines().last().unwrap();
    assert_eq!(last.matches('…').count(), 4, "{last}");
    // Whoever reads a file scrolls: nothing is cut.
    let mut table = people_table::Table::new(&Layout::default());
    let shown = long.iter().map(|row| table.take(row)).collect::<String>() + &table.rest();
    assert!(!shown.contains("READY…") && shown.contains(&"名".repeat(40)), "{shown}");
}

/// Fails where a browser would see a tag that is not ours.
fn assert_only_our_tags(page: &str) {
    let ours = [
        "p", "h3", "details", "summary", "dl", "dt", "dd", "div", "table", "thead", "tbody", "tr", "th",
        "td", "b", "br", "ol", "ul", "li", "code", "span", "a", "bdi",
    ];
    for tag in page.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap();
        assert!(ours.contains(&name), "<{tag}\n{page}");
        let address = tag.strip_prefix("a href=\"");
        assert!(address.is_none_or(|address| address.starts_with("https://entra.microsoft.com/")), "<{tag}");
    }
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page:?}");
}

#[tokio::test]
async fn a_page_keeps_what_is_for_the_screen() {
    let mut shown = 0;
    for document in documents("Contoso").await {
        assert!(!markdown::render(&document).contains(PRIVATE), "{}", markdown::render(&document));
        assert!(!page(&document).contains(PRIVATE), "{}", page(&document));
        shown += screen(&document, None).matches(PRIVATE).count();
    }
    assert!(shown > 10, "{shown}");
}

#[tokio::test]
async fn a_narrow_screen_says_the_same_in_more_lines() {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for document in documents("Contoso").await {
        let (wide, narrow) = (screen(&document, None), screen(&document, Some(60)));
        // A table is cut to fit.
        if !document.blocks.iter().any(has_table) {
            assert_eq!(words(&narrow), words(&wide));
            // A word that is longer than its column stays whole.
            let is_word = |line: &str| line.rsplit("  ").next().is_some_and(|last| !last.contains(' '));
            for line in narrow.lines() {
                assert!(line.chars().count() <= 60 || is_word(line), "{line}\n{narrow}");
            }
        }
    }
}

fn has_table(block: &Block) -> bool {
    match block {
        Block::Table(..) | Block::Details(..) => true,
        Block::Section(_, blocks) => blocks.iter().any(has_table),
        _ => false,
    }
}

#[test]
fn what_is_too_long_goes_on_below_itself() {
    let item = |mark, help: Option<&str>| Item {
        mark: Some(mark),
        name: Line::from("`sms` ends"),
        text: Line::from("a sentence that is longer than the screen is wide"),
        tags: vec![Line::from("graph"), Line::from("methods.allowed")],
        below: vec![(Some(Mark::ADDED), Line::from("one that is longer than the screen is wide too"))],
        help: help.map(Line::from),
        ..Item::default()
    };
    let items = [
        item(Mark(Tone::Warn, "warning"), Some("what to do about it, in a few words")),
        item(Mark(Tone::Warn, "~"), None),
    ];
    let items = Items::new(&["", ""], items.into_iter());
    let fields = Block::Fields(vec![(
        "Next",
        vec![Line::from("something to do that does not fit"), Line::from("and more")],
    )]);
    let blocks = vec![Block::Section(Line::from("Findings").into(), vec![Block::Items(items)]), fields];
    let closing = Line::from("Nothing was written.");
    let document = Document { blocks, closing, ..Document::default() };
    snapbox::assert_data_eq!(
        screen(&document, Some(40)),
        str![[r#"
Findings
  warning  `sms` ends: a sentence that
           is longer than the screen is
           wide  [methods.allowed]
           + one that is longer than the
             screen is wide too
           what to do about it, in a few
           words
  ~ `sms` ends: a sentence that is
      longer than the screen is wide
      [methods.allowed]
      + one that is longer than the
        screen is wide too

Next: something to do that does not fit
      and more

Nothing was written.

"#]]
    );
}
