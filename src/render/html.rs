//! The report for a steering committee: one HTML file, no script, nothing fetched from anywhere. Every
//! chart has its numbers in a table beside it. All text is escaped by the template; control characters are
//! spelled out.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::people::NO_TIME;
use crate::outcome::pilot_report::{LogState, Report};
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
                    (adoption(report))
                    (methods(report))
                    (log(report))
                    (nudges(report))
                    (findings(report))
                    (settings(report))
                    (age(report))
                }
            }
        }
    }
    .into_string()
}

fn adoption(report: &Report) -> Markup {
    let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, stranded } =
        report.summary;
    let no = members - ready - unknown;
    let parts = [("ready", "yes", ready), ("not ready", "no", no), ("unknown", "maybe", unknown)];
    html! {
        section aria-labelledby="adoption" {
            h2 id="adoption" { "Adoption" }
            ul.tiles {
                @for (label, _, count) in parts { li { b { (count) } (label) } }
                li { b { (members) } "members" }
            }
            (stack(&parts, members))
            div.scroll { table {
                thead { tr { th scope="col" { "Of the members" } th.n scope="col" { "People" } th.n scope="col" { "Share" } } }
                tbody {
                    @for (label, count) in [
                        ("ready to reset under the spec", Count::certain(ready)), ("not ready", Count::certain(no)),
                        ("unknown", Count::certain(unknown)),
                        ("registered, as the report says", registered), ("registered, and stranded under the spec", stranded),
                        ("administrators: two-gate policy", admins), ("guests", guests), ("disabled accounts", disabled),
                        ("without a licence that covers it", unlicensed),
                    ] {
                        tr { th scope="row" { (label) } td.n { (count) } td.n { (count.known().map_or_else(|| "–".to_owned(), |count| share(count, members))) } }
                    }
                }
            } }
        }
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
    let mut x = 0;
    let bars: Vec<(u64, u64, &str)> = parts
        .iter()
        .map(|&(_, class, count)| {
            let width = (count * 1000).checked_div(members).unwrap_or_default();
            let bar = (x, width, class);
            x += width;
            bar
        })
        .collect();
    html! {
        svg viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-label=(label) style="height:1.75rem" {
            rect.track x="0" y="0" width="1000" height="28" {}
            @for (x, width, class) in bars { rect class=(class) x=(x) y="0" width=(width) height="28" {} }
        }
    }
}

fn methods(report: &Report) -> Markup {
    let most = report.methods.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    html! {
        section aria-labelledby="methods" {
            h2 id="methods" { "Methods registered" }
            @if report.methods.is_empty() { p { "None, or the registration report could not be read." } }
            @else {
                div.scroll { table {
                    thead { tr { th scope="col" { "Method" } th.n scope="col" { "People" } th scope="col" style="width:45%" { "" } } }
                    tbody { @for (method, count) in &report.methods {
                        tr {
                            th.k scope="row" { (excerpt(method, 60)) }
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
}

fn log(report: &Report) -> Markup {
    let most = report.days.iter().map(|day| day.resets + day.failures).max().unwrap_or(1).max(1);
    let count = report.days.len().max(1) as u64;
    let step = 1000 / count;
    let (resets, failures) =
        report.days.iter().fold((0, 0), |(a, b), day| (a + day.resets, b + day.failures));
    let label = format!("{resets} resets and {failures} failures over {} days", report.days.len());
    html! {
        section aria-labelledby="log" {
            h2 id="log" { "Resets and failures" }
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
                div.scroll { table {
                    thead { tr { th scope="col" { "Day" } th.n scope="col" { "Resets" } th.n scope="col" { "Failed or blocked" } } }
                    tbody { @for day in report.days.iter().filter(|day| day.resets + day.failures > 0) {
                        tr { th scope="row" { (day.date) } td.n { (day.resets) } td.n { (day.failures) } }
                    } }
                } }
            } @else if report.log != LogState::Unread {
                p { "Nobody has tried to reset in the last " (report.days.len()) " days." }
            }
        }
    }
}

/// A table of two columns of words.
fn pairs(heads: [&str; 2], rows: impl Iterator<Item = (String, String)>) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { @for (name, described) in rows { tr { th scope="row" { (name) } td { (described) } } } }
        } }
    }
}

fn nudges(report: &Report) -> Markup {
    let shown = report.nudges.len() as u64;
    html! {
        section aria-labelledby="nudges" {
            h2 id="nudges" { "Who still needs a nudge" }
            @if report.nudges.is_empty() { p { "Nobody." } }
            @else {
                @if shown < report.nudges_in_all {
                    p.dim { "The first " (shown) " of " (report.nudges_in_all) "; sspr people --only not-ready lists all." }
                }
                (pairs(["Person", "Why"], report.nudges.iter().map(|(name, why)| (excerpt(name, 120), excerpt(why, 200)))))
            }
        }
    }
}

fn findings(report: &Report) -> Markup {
    html! {
        section aria-labelledby="findings" {
            h2 id="findings" { "Findings" }
            @if report.findings.is_empty() { p { "None." } }
            @else {
                div.scroll { table {
                    thead { tr { th.k scope="col" { "Severity" } th scope="col" { "Finding" } } }
                    tbody { @for (severity, code, message) in &report.findings {
                        tr { th.k scope="row" { (severity) } td { (visible(message)) " " span.dim { "(" (code) ")" } } }
                    } }
                } }
            }
        }
    }
}

fn settings(report: &Report) -> Markup {
    html! {
        section aria-labelledby="settings" {
            h2 id="settings" { "Settings as the tenant has them" }
            (pairs(["Setting", "Value"], report.settings.iter().map(|(label, value)| (label.clone(), excerpt(value, 300)))))
        }
    }
}

fn age(report: &Report) -> Markup {
    html! {
        section aria-labelledby="age" {
            h2 id="age" { "How old this is" }
            @match &report.report_from {
                Some(from) => p { "Registration as of " (visible(from)) "; Microsoft's report can be 36 hours late. Disabled users have no row in it." },
                None if report.is_report_read => p { (NO_TIME) },
                None => p { "Registration was not read: who is ready is unknown." },
            }
            p { "Settings, members and roles as of " (report.made_on) "." }
            @if !report.unread.is_empty() { p { "Unknown, because it could not be read: " (report.unread.join("; ")) "." } }
        }
    }
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
    fn shares_are_rounded_and_nobody_has_none() {
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(share(2, 3), "66.7 %");
        assert_eq!(share(0, 0), "–");
    }
}
