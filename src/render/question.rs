//! The question before a tenant is written: the plan again in a line, and its dangers in words.

use super::beyond::dangers;
use super::document::{Block, Line, Tone, code, foreign, line, words};
use super::end_state::left_out;
use super::text::{self, Layout};
use crate::outcome::Question;
use crate::outcome::fleet::{FleetQuestion, FleetVerb};
use crate::plan::{Plan, Severity};
use crate::text::{counted, people};

/// Returns the question, up to where its answer is typed.
pub fn text(question: &Question<'_>, layout: &Layout) -> String {
    let lines = match question {
        Question::Other(text) => vec![line![*text, " [y/N]"]],
        Question::Fleet(fleet) => fleet_lines(fleet),
        Question::Apply(plan) => match question.domain() {
            None => vec![line![
                "Apply ",
                changes(plan),
                " to ",
                place(plan),
                whom(plan),
                warnings(plan),
                "? [y/N]"
            ]],
            Some(domain) => {
                let summary = line![changes(plan), whom(plan), " in ", place(plan), warnings(plan), "."];
                let dangers =
                    dangers(plan).into_iter().map(|danger| words(Tone::Bad, format!("! {danger}")).into());
                let ask = line!["Type ", code(domain).with(Tone::Strong), " to apply, anything else stops:"];
                [summary].into_iter().chain(dangers).chain([ask]).collect()
            }
        },
    };
    text::blocks(&[Block::Lines(lines)], layout).trim_end().to_owned() + " "
}

fn fleet_lines(question: &FleetQuestion) -> Vec<Line> {
    let FleetQuestion { verb, tenants, of, changes, wide, first, is_sandbox } = question;
    let sandbox = if *is_sandbox { " (sandbox)" } else { "" };
    let of = if tenants == of { String::new() } else { format!(" of {of}") };
    let summary = format!("{} in {tenants}{of} {}{sandbox}.", counted(*changes, "change"), noun(*tenants));
    let wide = match wide {
        0 => None,
        1 => Some("! In 1 tenant something reaches beyond the pilot.".to_owned()),
        wide => Some(format!("! In {wide} tenants something reaches beyond the pilot.")),
    };
    let first = first.as_ref().map(|(wave, tenants)| {
        let tenants = counted(*tenants, "tenant");
        line!["The wave ", code(wave), format!(" ({tenants}) is written first, one tenant at a time.")]
    });
    let typed = code(tenants.to_string()).with(Tone::Strong);
    let what = match verb {
        FleetVerb::Cleanup => "to set password reset to None in them",
        _ => "to apply",
    };
    let ask = line!["Type ", typed, format!(" {what}, anything else stops:")];
    let wide = wide.map(|wide| words(Tone::Bad, wide).into());
    [Some(line![summary]), first, wide, Some(ask)].into_iter().flatten().collect()
}

fn noun(tenants: usize) -> &'static str {
    if tenants == 1 { "tenant" } else { "tenants" }
}

fn changes(plan: &Plan) -> Line {
    let left_out = left_out(&plan.except).map(|keys| line![" (", keys, ")"]);
    line![counted(plan.changes.len(), "change"), left_out.unwrap_or_default()]
}

fn place(plan: &Plan) -> Line {
    let sandbox = if plan.is_sandbox { ", sandbox" } else { "" };
    line![foreign(&plan.tenant_name), " (", code(&plan.tenant_domain), sandbox, ")"]
}

fn whom(plan: &Plan) -> Line {
    let Some(group) = &plan.group else { return Line::default() };
    let members = plan.people.members.map_or_else(|| "unknown how many people".to_owned(), people);
    line![" for ", foreign(&group.display_name), format!(" ({members})")]
}

fn warnings(plan: &Plan) -> Line {
    match plan.count(Severity::Warning) {
        0 => Line::default(),
        warnings => line![", ", counted(warnings, "warning")],
    }
}
