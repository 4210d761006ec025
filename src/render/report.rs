//! The pilot on one page, for a steering committee: one HTML file, no script, nothing fetched from anywhere.
//! Every chart has its numbers in a table beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Block, Document, Tone, code, foreign, line, words};
use super::html;
use super::people::{left_out_line, registration, unread_line};
use crate::outcome::pilot_report::{Day, LogState, Report};
use crate::people::{Count, Summary};
use crate::text::{excerpt, visible};

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--paper:#fff;--line:#d0d7de;--yes:#1a7f37;--no:#b3261e;--maybe:#8a6100;--bar:#0b62c4}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9aa4ae;--paper:#0d1117;--line:#30363d;--yes:#4ac26b;--no:#ff8a80;--maybe:#e3b341;--bar:#6cb6ff}}
*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
p{margin:.4rem 0}.dim{color:var(--dim)}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.75rem;margin:1rem 0;padding:0;list-style:none}
.tiles li{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}.tiles b{display:block;font-size:1.7rem;line-height:1.2}
svg{width:100%;height:auto;display:block}.yes{fill:var(--yes)}.no{fill:var(--no)}.maybe{fill:var(--maybe)}.bar{fill:var(--bar)}.track{fill:var(--line)}
table{border-collapse:collapse;width:100%;margin:.6rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line)}td.n,th.n{text-align:right;white-space:nowrap}
.k{white-space:nowrap}.scroll{overflow-x:auto}a{color:var(--bar)}
@media print{:root{--ink:#000;--dim:#333;--paper:#fff;--line:#999}body{max-width:none;padding:0}h2{break-after:avoid}tr,.tiles li,svg{break-inside:avoid}}
";

/// Returns the page.
pub fn page(report: &Report) -> String {
    let Report { tenant, group, made_on, .. } = report;
    let title = format!("Password reset pilot: {}", visible(group));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                meta name="referrer" content="no-referrer";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    p.dim { (visible(tenant)) " · made on " (made_on) }
                }
                main {
                    (section("adoption", "Adoption", adoption(report)))
                    (section("methods", "Methods registered", methods(report)))
                    (section("log", "Resets and failures", log(report)))
                    (section("nudges", "Who is not ready yet", html::blocks(&nudges(report))))
                    (section("findings", "Findings", html::blocks(&[findings(report)])))
                    (section("settings", "Settings in the tenant", html::blocks(&[settings(report)])))
                    (section("age", "Age of the data", html::blocks(&[age(report)])))
                }
            }
        }
    }
    .into_string()
}

/// Returns what is said of the page where it is written.
pub fn written(path: &str, report: &Report) -> Document {
    let Summary { ready, members, .. } = report.summary;
    let ready = format!(": {ready} of {members} ready. Names are in it: share it with care.");
    let lines = [line![code(path), ready]]
        .into_iter()
        .chain(unread_line(&report.unread))
        .chain(left_out_line(&report.except));
    Document { blocks: vec![Block::Lines(lines.collect())], ..Document::default() }
}

fn section(id: &str, heading: &str, body: Markup) -> Markup {
    html! { section aria-labelledby=(id) { h2 id=(id) { (heading) } (body) } }
}

fn adoption(report: &Report) -> Markup {
    let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, locked_out } =
        report.summary;
    let no = members - ready - unknown;
    let parts = [("ready", "yes", ready), ("not ready", "no", no), ("unknown", "maybe", unknown)];
    let counts = [
        ("ready to reset under the spec", Count::certain(ready)),
        ("not ready", Count::certain(no)),
        ("unknown", Count::certain(unknown)),
        ("registered, as the report says", registered),
        ("registered, and locked out under the spec", locked_out),
        ("administrators: two-gate policy", admins),
        ("guests", guests),
        ("disabled accounts", disabled),
        ("without a licence that covers it", unlicensed),
    ];
    let row = |(label, count): (&str, Count)| {
        let share = count.known().map_or_else(|| "–".to_owned(), |count| share(count, members));
        vec![line![label], line![count.to_string()], line![share]]
    };
    let table = Block::Table(&["Of the members", "People", "Share"], counts.into_iter().map(row).collect());
    html! {
        ul.tiles {
            @for (label, _, count) in parts { li { b { (count) } (label) } }
            li { b { (members) } "members" }
        }
        (stack(&parts, members))
        (html::blocks(&[table]))
    }
}

fn share(count: u64, members: u64) -> String {
    match (count * 1000 + members / 2).checked_div(members) {
        None => "–".to_owned(),
        Some(thousandths) => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

/// One bar in parts; its numbers are in the table below it.
fn stack(parts: &[(&str, &str, u64)], members: u64) -> Markup {
    let label =
        parts.iter().map(|(label, _, count)| format!("{count} {label}")).collect::<Vec<_>>().join(", ");
    let bars = parts.iter().scan(0, |x, &(_, class, count)| {
        let (from, width) = (*x, (count * 1000).checked_div(members).unwrap_or_default());
        *x += width;
        Some((from, width, class))
    });
    html! {
        svg viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-label=(label) style="height:1.75rem" {
            rect.track x="0" y="0" width="1000" height="28" {}
            @for (x, width, class) in bars { rect class=(class) x=(x) y="0" width=(width) height="28" {} }
        }
    }
}

/// A chart in a table, which a document has no word for.
fn methods(report: &Report) -> Markup {
    let most = report.methods.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    html! {
        @if report.methods.is_empty() { p { "None, or the registration report could not be read." } }
        @else {
            div.scroll { table {
                thead { tr { th scope="col" { "Method" } th.n scope="col" { "People" } th scope="col" style="width:45%" { "" } } }
                tbody { @for (method, count) in &report.methods {
                    tr {
                        th.k scope="row" { (html::inline(&line![foreign(excerpt(method, 60))])) }
                        td.n { (count) }
                        td { svg viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true" style="height:1rem" {
                            rect.bar x="0" y="0" width=(count * 1000 / most) height="28" {}
                        } }
                    }
                } }
            } }
        }
    }
}

fn log(report: &Report) -> Markup {
    let most = report.days.iter().map(|day| day.resets + day.failures).max().unwrap_or(1).max(1);
    let step = 1000 / report.days.len().max(1) as u64;
    let (resets, failures) =
        report.days.iter().fold((0, 0), |(a, b), day| (a + day.resets, b + day.failures));
    let label = format!("{resets} resets and {failures} failures over {} days", report.days.len());
    let eventful = report.days.iter().filter(|day| day.resets + day.failures > 0);
    let row =
        |day: &Day| vec![line![&day.date], line![day.resets.to_string()], line![day.failures.to_string()]];
    let table = Block::Table(&["Day", "Resets", "Failed or blocked"], eventful.map(row).collect());
    html! {
        @match report.log {
            LogState::Unread => p { "The audit log could not be read; the end of the page says why." },
            LogState::Partial => p { "Only the newest part of the log was read; earlier days may show too little." },
            LogState::Whole => {},
        }
        @if resets + failures > 0 {
            svg viewBox="0 0 1000 220" role="img" aria-label=(label) {
                @for (at, day) in report.days.iter().enumerate() {
                    @let x = at as u64 * step;
                    @let (ok, bad) = (day.resets * 200 / most, day.failures * 200 / most);
                    rect.yes x=(x) y=(210 - ok) width=(step * 4 / 5 + 1) height=(ok) {}
                    rect.no x=(x) y=(210 - ok - bad) width=(step * 4 / 5 + 1) height=(bad) {}
                }
                rect.track x="0" y="210" width="1000" height="2" {}
            }
            (html::blocks(&[table]))
        } @else if report.log != LogState::Unread {
            p { "No one tried to reset in the last " (report.days.len()) " days." }
        }
    }
}

fn nudges(report: &Report) -> Vec<Block> {
    if report.nudges.is_empty() {
        return vec![Block::Lines(vec![line!["No one."]])];
    }
    let (shown, all) = (report.nudges.len() as u64, report.nudges_in_all);
    let rest = (shown < all).then(|| {
        let rest = format!("The first {shown} of {all}; sspr people --only not-ready lists all.");
        Block::Lines(vec![line![words(Tone::Dim, rest)]])
    });
    let row = |(name, why): &(String, String)| {
        vec![line![foreign(excerpt(name, 120))], line![foreign(excerpt(why, 200))]]
    };
    let table = Block::Table(&["Person", "Why"], report.nudges.iter().map(row).collect());
    rest.into_iter().chain([table]).collect()
}

fn findings(report: &Report) -> Block {
    let row = |(severity, name, message): &(String, String, String)| {
        // In JSON, and there alone, a note is `info`.
        let severity = if severity == "info" { "note" } else { severity };
        vec![line![severity], line![message, line![" (", code(name), ")"].with(Tone::Dim)]]
    };
    match report.findings.as_slice() {
        [] => Block::Lines(vec![line!["None."]]),
        findings => Block::Table(&["Severity", "Finding"], findings.iter().map(row).collect()),
    }
}

fn settings(report: &Report) -> Block {
    let row = |(label, value): &(String, String)| vec![line![label], line![code(excerpt(value, 300))]];
    Block::Table(&["Setting", "Value"], report.settings.iter().map(row).collect())
}

fn age(report: &Report) -> Block {
    let registration = registration(report.report_from.as_deref(), report.is_report_read);
    let disabled = report.report_from.as_ref().map(|_| line![" Disabled users have no row in it."]);
    let made = line![format!("Settings, members and roles as of {}.", report.made_on)];
    let first = line![registration, disabled.unwrap_or_default()];
    Block::Lines(
        [first, made]
            .into_iter()
            .chain(unread_line(&report.unread))
            .chain(left_out_line(&report.except))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let hostile = "<script>alert(1)</script>\"'&\u{1b}[31m\u{202e}";
        let report = Report {
            tenant: hostile.to_owned(),
            group: hostile.to_owned(),
            nudges: vec![(hostile.to_owned(), hostile.to_owned())],
            methods: vec![(hostile.to_owned(), 3)],
            settings: vec![("Label".to_owned(), hostile.to_owned())],
            ..Report::default()
        };
        let page = page(&report);
        assert!(
            !page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn the_page_asks_for_nothing_and_runs_nothing() {
        let page = page(&Report::default());
        for word in ["http://", "https://", "src=", "<script", "@import", "url("] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn a_note_is_called_one() {
        let finding = |severity: &str| (severity.to_owned(), "no-helpdesk".to_owned(), "None".to_owned());
        let report = Report { findings: vec![finding("info"), finding("warning")], ..Report::default() };
        let page = page(&report);
        for word in ["note", "warning"] {
            assert!(page.contains(&format!("<th scope=\"row\">{word}</th>")), "{page}");
        }
    }

    #[test]
    fn shares_are_rounded_and_an_empty_group_has_none() {
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(share(2, 3), "66.7 %");
        assert_eq!(share(0, 0), "–");
    }
}
