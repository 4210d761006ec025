//! The report as one HTML file: no script, nothing fetched from anywhere, for a phone, a screen and paper.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::snapshot::read_from_text;
use super::next::next;
use super::{
    Section, charts, headline, left_out_lines, left_out_words, long, named, sections, severity_word,
    share_known, state,
};
use crate::outcome::pilot_report::Report;
use crate::render::document::{Block, Document};
use crate::render::html;
use crate::render::named_commands::with_commands;
use crate::text::{grouped, visible};

/// How a page looks, on a phone, a screen and paper.
const STYLE: &str = include_str!("page.css");

/// Returns the page. `completed` makes of a command that it names what has to be typed.
pub fn page(report: &Report, completed: &dyn Fn(&str) -> String) -> String {
    let group = visible(&report.group);
    let title = format!("Password reset: {group}");
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&title))
            body {
                header {
                    p.dim { "Self-service password reset" }
                    h1 { (group) }
                    p { (visible(&report.tenant)) span.dim { " · " (long(report.made_on)) }
                        @if report.is_sandbox { " " span.badge { "Sandbox: a pretend tenant" } }
                        @if let Some(mark) = &report.snapshot { " " span.badge { (read_from_text(mark)) } } }
                }
                main { @for section in sections(report) { (self::section(report, &section, completed)) } }
                (footer(&long(report.made_on)))
            }
        }
    }
    .into_string()
}

/// Returns the head of a page that fetches nothing from anywhere.
pub(in crate::render) fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
            meta name="referrer" content="no-referrer";
            link rel="icon" href="data:,";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// Returns the end of a page that was made on a day.
pub(in crate::render) fn footer(day: &str) -> Markup {
    html! { footer.dim { p { "Made by sspr " (env!("CARGO_PKG_VERSION")) " on " (day) " (UTC)." } } }
}

fn section(
    report: &Report,
    Section { id, heading, blocks }: &Section,
    completed: &dyn Fn(&str) -> String,
) -> Markup {
    let document = Document { blocks: blocks.clone(), ..Document::default() };
    let blocks = &with_commands(document, completed).blocks;
    let is_half = matches!(*id, "trend" | "resets" | "next" | "methods");
    html! { section class=[is_half.then_some("half")] aria-labelledby=(id) { h2 id=(id) { (heading) } (body(report, id, blocks, completed)) } }
}

/// Returns what a section shows: its parts as they are, or drawn.
fn body(report: &Report, id: &str, blocks: &[Block], completed: &dyn Fn(&str) -> String) -> Markup {
    let named = || with_commands(Document { blocks: named(report), ..Document::default() }, completed).blocks;
    html! { @match id {
        "ready" => (ready(report)),
        "rings" => { @if let Some(board) = &report.rings { (charts::rings(board)) } (html::blocks(blocks)) },
        "trend" => { (charts::trend(report)) (html::blocks(blocks)) },
        "resets" => { (charts::resets(report)) (html::blocks(blocks)) },
        "next" => (ahead(report, blocks)),
        "methods" if !report.methods.is_empty() => {
            p.dim { "Of all " (grouped(report.summary.members)) " members." }
            (charts::methods(report))
        },
        "nudges" => { (html::blocks(blocks)) (html::blocks(&named())) },
        "findings" if !report.findings.is_empty() => (findings(report)),
        _ => (html::blocks(blocks)),
    } }
}

fn ready(report: &Report) -> Markup {
    let left_out = &report.adoption.left_out;
    html! {
        p.headline { @if let Some(share) = share_known(report) { b { (share) } " " } span { (sentence(&headline(report))) } }
        p { (html::inline(&state(report))) }
        @if report.adoption.can_be() > 0 { (charts::ready(report)) }
        @let [said, unknown] = left_out_lines(report);
        @if let Some(said) = said {
            p { (said) }
            ul.legend { @for (why, count) in left_out {
                @let (who, reason) = left_out_words(*why);
                li { b { (who) " " (grouped(*count)) } " " span.dim { (reason) } }
            } }
        }
        @if let Some(unknown) = unknown { p { (unknown) } }
    }
}

/// Returns a headline as a sentence, without the share, which stands before it.
fn sentence(headline: &str) -> String {
    let said = headline.split(" (").next().unwrap_or_default();
    let mut letters = said.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// What is ahead, one below the other: a phone has no room for three columns.
fn ahead(report: &Report, nothing: &[Block]) -> Markup {
    let ahead = next(report);
    html! {
        @if ahead.is_empty() { (html::blocks(nothing)) } @else {
            ul.notes { @for next in &ahead {
                li { b { (next.when) } br; (next.message) " " span.dim { (next.concerns) } }
            } }
        }
    }
}

fn findings(report: &Report) -> Markup {
    html! { ul.notes { @for (severity, code, message) in &report.findings {
        li class=[severe(severity)] { b.capital { (visible(severity_word(severity))) } " " (visible(message)) ". " span.dim { (visible(code)) } }
    } } }
}

fn severe(severity: &str) -> Option<&'static str> {
    ["error", "warning"].into_iter().find(|severe| *severe == severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::pilot_report::Nudge;
    use crate::outcome::{Besides, BoardRing, RingBoard};
    use crate::people::{Adoption, NotReadyReason};
    use crate::plan::GateState;
    use crate::tenant::{PeopleOfRing, Share};

    fn page(report: &Report) -> String {
        super::page(report, &str::to_owned)
    }

    fn report() -> Report {
        let to_nudge = [(NotReadyReason::TooFewMethods, 1)].into();
        let adoption = Adoption { ready: 1, not_ready: 1, to_nudge, ..Adoption::default() };
        Report { adoption, is_report_read: true, ..Report::default() }
    }

    #[test]
    fn hostile_names_stay_text() {
        let hostile = "<script>alert(1)</script>\"'&\u{1b}[31m\u{202e}";
        let (name, why) = (Some(hostile.to_owned()), vec![NotReadyReason::TooFewMethods]);
        let report = Report {
            tenant: hostile.to_owned(),
            group: hostile.to_owned(),
            spec: hostile.to_owned(),
            pending: 1,
            nudges: vec![Nudge { account: hostile.to_owned(), name, why }],
            methods: vec![(hostile.to_owned(), 3)],
            findings: vec![(hostile.to_owned(), hostile.to_owned(), hostile.to_owned())],
            unread: vec![hostile.to_owned()],
            ..report()
        };
        let page = page(&report);
        let is_obeyed = page.contains("<script") || page.contains('\u{1b}') || page.contains('\u{202e}');
        assert!(!is_obeyed, "{page}");
        assert!(page.matches("&lt;script&gt;").count() > 10, "{page}");
    }

    #[test]
    fn the_page_asks_for_nothing_runs_nothing_and_fits_every_look() {
        let page = page(&report());
        for word in ["http://", "https://", "src=", "<script", "@import", "url("] {
            assert!(!page.contains(word), "{word}");
        }
        for word in ["default-src 'none'", "prefers-color-scheme:dark", "@media print", "width=device-width"]
        {
            assert!(page.contains(word), "{word}");
        }
    }

    #[test]
    fn more_people_than_a_page_has_room_for_are_counted_and_not_named() {
        let of = |count: u64| {
            let nudge = Nudge { account: "chen@contoso.com".to_owned(), ..Nudge::default() };
            let to_nudge = [(NotReadyReason::TooFewMethods, count)].into();
            let adoption = Adoption { not_ready: count, to_nudge, ..Adoption::default() };
            let nudges = vec![nudge; count.min(300) as usize];
            let report = Report { adoption, nudges, spec: "pilot.yaml".to_owned(), ..report() };
            super::page(&report, &|named| format!("{named} --sandbox"))
        };
        assert_eq!(of(100).matches("chen@contoso.com").count(), 100);
        let page = of(40_002);
        assert!(!page.contains("chen@contoso.com"), "{page}");
        let is_said = page
            .contains("<code>sspr people pilot.yaml --only nudge --format csv --sandbox</code>")
            && page.contains("lists all 40,002.");
        assert!(is_said, "{page}");
    }

    #[test]
    fn each_ring_has_a_bar_and_what_is_unknown_has_none() {
        let ring = |name: &str, is_open, share: Option<Share>| BoardRing {
            id: uuid::Uuid::nil().into(),
            name: name.to_owned(),
            is_open,
            opened: None,
            people: share.map(|share| PeopleOfRing { members: 10, share, ..PeopleOfRing::default() }),
            resets: None,
            gate: GateState::default(),
        };
        let share = Share { ready: 3, not_ready: 1, unknown: 0 };
        let board = RingBoard {
            tenant_id: uuid::Uuid::nil().into(),
            tenant_name: String::new(),
            spec_path: "pilot.yaml".to_owned(),
            except: Vec::new(),
            group_id: uuid::Uuid::nil().into(),
            group_name: String::new(),
            wanted: 1,
            besides: Besides::default(),
            rings: vec![
                ring("<b>IT", true, Some(share)),
                ring("Office", false, Some(share)),
                ring("Rest", false, None),
            ],
        };
        let page = page(&Report { rings: Some(board), ..report() });
        let (_, drawn) = page.split_once("aria-labelledby=\"rings\"").unwrap();
        let (drawn, _) = drawn.split_once("</section>").unwrap();
        assert_eq!(drawn.matches("width=\"750\"").count(), 2, "{drawn}");
        assert_eq!(drawn.matches("class=\"track\"").count(), 3, "{drawn}");
        assert!(drawn.contains("&lt;b&gt;IT") && !drawn.contains("<b>IT"), "{drawn}");
        assert!(drawn.contains("unknown how many are ready"), "{drawn}");
        assert!(!super::page(&report(), &str::to_owned).contains("aria-labelledby=\"rings\""));
    }

    #[test]
    fn a_note_is_called_one() {
        let finding = |severity: &str| (severity.to_owned(), "no-helpdesk".to_owned(), "None".to_owned());
        let report = Report { findings: vec![finding("info"), finding("warning")], ..report() };
        let page = page(&report);
        for word in [">note<", ">warning<"] {
            assert!(page.contains(word), "{page}");
        }
    }
}
