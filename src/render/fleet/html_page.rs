//! One HTML page about all pilots, a row for each tenant: no script, nothing fetched from anywhere.

use maud::{DOCTYPE, Markup, html};

use super::words::{about, counts, note, number, ready, result, scope};
use crate::outcome::fleet::{FleetRun, TenantRow};
use crate::plan::utc_day;
use crate::render::html::inline;
use crate::render::report::page::{footer, head};
use crate::text::{capitalized, grouped, visible};

/// Returns the page.
pub fn html_page(run: &FleetRun) -> String {
    let day = utc_day(run.made);
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("Password reset: {}", about(run))))
            body {
                header {
                    p.dim { "Self-service password reset" }
                    h1 { (capitalized(&about(run))) }
                    p { (visible(&run.fleet.path)) span.dim { " · " (day) }
                        @if run.is_sandbox { " " span.badge { "Sandbox: pretend tenants" } } }
                }
                main {
                    section aria-labelledby="all" { h2 id="all" { "All together" } (headline(run)) }
                    section aria-labelledby="tenants" { h2 id="tenants" { "Tenants" } (table(run)) }
                }
                (footer(&day.to_string()))
            }
        }
    }
    .into_string()
}

/// What holds of all tenants together: of those that were read.
fn headline(run: &FleetRun) -> Markup {
    let known: Vec<(u64, u64)> =
        run.rows.iter().filter_map(|row| Some((row.ready?, row.can_be_ready?))).collect();
    let (ready, all) = known.iter().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    html! {
        @if all > 0 {
            p.headline { b { (ready * 100 / all) " %" } span { "of those who can be are ready: " (grouped(ready)) " of " (grouped(all)) } }
        }
        @if known.len() < run.rows.len() {
            p { "Unknown how many are ready in " (run.rows.len() - known.len()) " of " (run.rows.len()) " tenants." }
        }
        p { (capitalized(&counts(run))) "." }
        @if let Some(why) = &run.stopped { p { "Not every tenant was tried: " (visible(why)) "." } }
    }
}

fn table(run: &FleetRun) -> Markup {
    const HEADS: [(&str, bool); 9] = [
        ("tenant", false),
        ("wave", false),
        ("password reset", false),
        ("people", true),
        ("ready", true),
        ("resets", true),
        ("differences", true),
        ("result", false),
        ("note", false),
    ];
    html! {
        div.scroll { table {
            thead { tr { @for (head, is_number) in HEADS { th class=[is_number.then_some("n")] scope="col" { (head) } } } }
            tbody { @for row in &run.rows { (self::row(row)) } }
        } }
    }
}

fn row(row: &TenantRow) -> Markup {
    let numbers = [number(row.people), ready(row), number(row.resets), number(row.changes)];
    html! { tr {
        th scope="row" {
            bdi { (visible(&row.tenant)) }
            @if let Some(name) = &row.name { br; span.dim { bdi { (visible(name)) } } }
        }
        td { (visible(&row.wave)) }
        td { (scope(row)) }
        @for number in &numbers { td.n { (inline(number)) } }
        td { (inline(&result(row))) }
        td { (inline(&note(row))) }
    } }
}
