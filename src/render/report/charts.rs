//! The report's charts. Each repeats what stands in words beside it, and is named for those who do not see it.

use maud::{Markup, html};

use super::{attempts, counts, method_line, parts, share, short};
use crate::outcome::pilot_report::{DayCount, Report};
use crate::outcome::{BoardRing, RingBoard};
use crate::render::document::{foreign, line};
use crate::render::html::inline;
use crate::text::grouped;

/// Width that charts are drawn in, whatever the screen's is.
const WIDTH: u64 = 1000;
/// Height of the charts over time.
const HEIGHT: u64 = 200;

/// Returns the parts of those who can be ready: one bar, and what its colours mean.
pub(super) fn ready(report: &Report) -> Markup {
    let (parts, all) = (parts(report), report.adoption.can_be());
    let classes = ["yes", "no", "maybe"];
    let drawn = parts.iter().zip(classes).filter(|((_, count, _), _)| *count > 0);
    let bars: Vec<(&str, u64)> = drawn.map(|((_, count, _), class)| (class, *count)).collect();
    // A few among many are seen too.
    let (least, gap) = (10, 4);
    let room = (WIDTH + gap).saturating_sub(bars.len() as u64 * (least + gap));
    let bars = bars.into_iter().scan(0, |x, (class, count)| {
        let (from, width) = (*x, least + (count * room).checked_div(all).unwrap_or_default());
        *x += width + gap;
        Some((class, from, width))
    });
    html! {
        svg.stack viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            @for (class, x, width) in bars { rect class=(class) x=(x) y="0" width=(width) height="10" {} }
        }
        ul.legend { @for ((name, count, meaning), class) in parts.iter().zip(classes) {
            li { (swatch(class)) b { (name) " " (grouped(*count)) } " " span.dim { (share(*count, all)) " · " (inline(meaning)) } }
        } }
    }
}

fn swatch(class: &str) -> Markup {
    html! { svg.swatch viewBox="0 0 10 10" aria-hidden="true" { rect class=(class) width="10" height="10" {} } }
}

/// Returns how far each ring is: a bar below its name, as wide as the share of those who are ready.
pub(super) fn rings(board: &RingBoard) -> Markup {
    let percent = |ring: &BoardRing| ring.people.as_ref().and_then(|people| people.share.percent());
    html! {
        ul.bars { @for ring in &board.rings {
            @let (share, ready) = (percent(ring), ring.people.as_ref().map(|people| people.share.ready));
            li {
                div {
                    span { (inline(&line![foreign(&ring.name)])) span.dim { (if ring.is_open { ", open" } else { ", not open yet" }) } }
                    @match (share, ready) {
                        (Some(share), Some(ready)) => b { (grouped(ready)) " ready (" (share) " %)" },
                        (None, Some(_)) => span.dim { "no one can be ready" },
                        (_, None) => span.dim { "unknown how many are ready" },
                    }
                }
                svg viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
                    rect.track width=(WIDTH) height="10" {}
                    @if let Some(share) = share {
                        rect class=(if ring.is_open { "yes" } else { "maybe" }) width=(share * WIDTH / 100) height="10" {}
                    }
                }
            }
        } }
    }
}

/// Returns how many registered which method: a bar below each name.
pub(super) fn methods(report: &Report) -> Markup {
    let most = report.methods.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    html! {
        ul.bars { @for (word, count) in &report.methods {
            @let said = counts(report, word);
            li {
                div { span { (inline(&method_line(word))) @if said != "counts" { span.dim { ", " (said) } } } b { (grouped(*count)) } }
                svg viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
                    rect.track width=(WIDTH) height="10" {}
                    rect class=(if said == "counts" { "bar" } else { "maybe" }) width=(count * WIDTH / most) height="10" {}
                }
            }
        } }
    }
}

/// Returns the share of those who are ready over the days of the reports; nothing where there is one alone.
pub(super) fn trend(report: &Report) -> Markup {
    let today = report.day_count();
    let counts: Vec<&DayCount> =
        report.trend.earlier.iter().chain(&today).filter(|count| count.can_be > 0).collect();
    let [first, .., last] = counts.as_slice() else { return html! {} };
    let span = days_between(first, last).max(1);
    let place = |count: &&DayCount| {
        let y = HEIGHT - count.ready * HEIGHT / count.can_be;
        (days_between(first, count) * WIDTH / span, y)
    };
    let places: Vec<(u64, u64)> = counts.iter().map(place).collect();
    let line = places.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    // A line of no length has round ends, whatever its chart is stretched to.
    let dots: String = places.iter().map(|(x, y)| format!("M{x} {y}h0")).collect();
    let named = format!(
        "Ready: {} on {}, {} on {}",
        share(first.ready, first.can_be),
        short(first.day),
        share(last.ready, last.can_be),
        short(last.day)
    );
    let drawn = html! {
        polygon.area points={ "0," (HEIGHT) " " (line) " " (WIDTH) "," (HEIGHT) } {}
        polyline.line points=(line) {}
        // More than this many run into each other.
        @if places.len() <= 60 { path.dots d=(dots) {} }
    };
    chart(&named, ["100 %", "50 %", "0 %"], [&short(first.day), &short(last.day)], &drawn)
}

fn days_between(first: &DayCount, other: &DayCount) -> u64 {
    first.day.until(other.day).map_or(0, |span| span.get_days().unsigned_abs().into())
}

/// Returns the resets of each day, and above them what failed or was blocked; nothing where no one tried.
pub(super) fn resets(report: &Report) -> Markup {
    let (resets, failures) = attempts(report);
    let ([first, .., last], 1..) = (report.days.as_slice(), resets + failures) else { return html! {} };
    let most = report.days.iter().map(|day| day.resets + day.failures).max().unwrap_or(1).max(1);
    let step = WIDTH / report.days.len() as u64;
    let named = format!("{resets} successful resets and {failures} failed or blocked attempts");
    let drawn = html! {
        @for (day, x) in report.days.iter().zip((0..).step_by(step as usize)) {
            @let (ok, bad) = (day.resets * HEIGHT / most, day.failures * HEIGHT / most);
            @if ok > 0 { rect.yes x=(x) y=(HEIGHT - ok) width=(step * 4 / 5) height=(ok) {} }
            @if bad > 0 { rect.bad x=(x) y=(HEIGHT - ok - bad) width=(step * 4 / 5) height=(bad) {} }
        }
    };
    html! {
        (chart(&named, [&grouped(most), "", "0"], [&short(first.date), &short(last.date)], &drawn))
        ul.legend.row {
            li { (swatch("yes")) "successful" }
            li { (swatch("bad")) "failed or blocked" }
        }
    }
}

/// Returns a chart over time with what its edges mean: heights from the top, days from the left.
fn chart(named: &str, heights: [&str; 3], days: [&str; 2], drawn: &Markup) -> Markup {
    html! {
        div.chart {
            div.heights aria-hidden="true" { @for height in heights { span { (height) } } }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(named) {
                path.grid d={ "M0 0H" (WIDTH) "M0 " (HEIGHT / 2) "H" (WIDTH) "M0 " (HEIGHT) "H" (WIDTH) } {}
                (drawn)
            }
            div.days aria-hidden="true" { @for day in days { span { (day) } } }
        }
    }
}
