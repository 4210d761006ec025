//! A plan: what changes, who it affects, and what a reviewer should know.

use serde_json::Value;

use super::document::{
    Block, Document, Item, Items, Line, Mark, Tone, code, foreign, line, link, listed, words,
};
use super::end_state::{all_but, left_out};
use super::{links, values};
use crate::diff::Change;
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::plan::{Finding, People, Plan, Severity};
use crate::tenant::{SETTINGS, Setting, ValueKind};
use crate::text::{counted, excerpt};

/// Returns the plan for review.
pub fn document(plan: &Plan) -> Document {
    let (is_refused, is_whole) = (plan.is_refused(), plan.not_looked_at().is_empty());
    let half = if is_whole { "" } else { " in Graph's half" };
    let changes = match (plan.changes.len(), is_refused) {
        (0, false) => "no changes".to_owned(),
        (changes, _) => counted(changes, "change"),
    };
    let refused = if is_refused { ", refused" } else { "" };
    let rest = if is_whole { String::new() } else { format!("; {NOT_LOOKED_AT}") };
    let (result, claim) = if is_refused {
        let errors = counted(plan.count(Severity::Error), "error");
        let result = words(Tone::Bad, format!("{changes}{half} and {errors}"));
        (result, line![": apply would refuse this. Nothing was written."])
    } else if plan.changes.is_empty() {
        let whole = if is_whole { "the tenant" } else { "it" };
        let claim = line![format!(": {whole} matches "), all_but(&plan.spec_path, &plan.except), "."];
        (words(Tone::Good, format!("No changes{half}")), claim)
    } else {
        (words(Tone::Strong, format!("{changes}{half}")), line![". Nothing was written."])
    };
    let left_out = left_out(&plan.except).map(|keys| line!["; ", keys]).unwrap_or_default();
    Document {
        title: line![format!("sspr plan: {changes}{refused}{half}{rest}"), left_out],
        note: line![if is_refused { "`sspr apply` would refuse this. " } else { "" }, "Nothing was written."],
        blocks: blocks(plan),
        closing: line![result, claim, if is_whole { "" } else { " The portal half was not read." }],
    }
}

/// Returns all of the plan but what became of it.
pub(super) fn blocks(plan: &Plan) -> Vec<Block> {
    let changes = (!plan.changes.is_empty()).then(|| Block::Items(changes(plan)));
    let people = plan.people.members.map(|members| {
        Block::Section(line!["People"], vec![Block::Lines(vec![people(members, &plan.people)])])
    });
    let names = |code: &str| {
        let names = plan.names.get(code)?.iter().map(|name| foreign(excerpt(name, 100)));
        Some(listed(names).with(Tone::Dim).private())
    };
    let findings = findings(&plan.findings, names);
    let findings = findings.map(|findings| Block::Section(line!["Findings"], vec![findings]));
    [Some(Block::Lines(about(plan))), changes, people, findings].into_iter().flatten().collect()
}

fn about(plan: &Plan) -> Vec<Line> {
    let (spec, tenant) =
        (code(&plan.spec_path).with(Tone::Strong), foreign(&plan.tenant_name).with(Tone::Strong));
    let tenant_id = code(plan.tenant_id.to_string());
    let about = line![spec, " → ", tenant, " (", code(&plan.tenant_domain), ", ", tenant_id, ")"];
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let counts = counts.map(|(severity, noun)| (plan.count(severity), noun)).into_iter();
    let counts: Vec<String> =
        counts.filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)).collect();
    let counts = (!counts.is_empty()).then(|| line![counts.join(", ")]);
    [about].into_iter().chain(left_out(&plan.except)).chain(counts).collect()
}

fn people(members: u64, people: &People) -> Line {
    let People { members: _, admins, unlicensed, guests, disabled, locked_out } = *people;
    let parts = [
        (admins, "with an administrator role"),
        (guests, if guests == Some(1) { "guest" } else { "guests" }),
        (disabled, "disabled"),
        (unlicensed, "unlicensed"),
        (locked_out, "who could no longer reset"),
    ];
    let some =
        |(count, word): (Option<u64>, &str)| Some(format!("{} {word}", count.filter(|count| *count > 0)?));
    let parts = parts.into_iter().filter_map(some).collect::<Vec<_>>().join(", ");
    let members = if members == 1 { "1 person".to_owned() } else { format!("{members} people") };
    let colon = if parts.is_empty() { "" } else { ": " };
    line![format!("{members} in the group, nested groups included{colon}{parts}")]
}

/// Returns the changes in the order of the portal's pages; fields the spec has no key for, which only a way back changes,
/// come last.
fn changes(plan: &Plan) -> Items {
    let setting = |change: &Change| SETTINGS.iter().position(|setting| setting.key == change.key);
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by_key(|change| setting(change).unwrap_or(SETTINGS.len()));
    let item = |change| item(plan, change, setting(change).map(|at| &SETTINGS[at]));
    Items::new(&["setting", "change", "surface", "key"], changes.into_iter().map(item))
}

fn item(plan: &Plan, change: &Change, setting: Option<&Setting>) -> Item {
    let method = values::method(change);
    let field = |value: &Value| excerpt(&value.to_string(), 60);
    let from_to = |from: String, to: String| (line![code(from), " → ", code(to).with(Tone::Strong)], vec![]);
    let (from, to) = (&change.from, &change.to);
    let (text, below) = match setting {
        None => from_to(field(from), field(to)),
        _ if method.is_some() => values::described(plan, change),
        Some(setting) if setting.kind == ValueKind::Methods && from.is_array() => {
            values::methods_changed(from, to)
        }
        Some(setting) => from_to(
            values::value(&plan.group_names, setting, from),
            values::value(&plan.group_names, setting, to),
        ),
    };
    let (group, label) = match setting {
        Some(setting) => (line![link(setting.page.title(), setting.page.url())], line![setting.label]),
        None => (line!["Other fields"], line![code(&change.key)]),
    };
    Item {
        mark: Some(Mark(Tone::Warn, "~")),
        group: Some(group),
        name: method.map_or(label, Line::from),
        text,
        tags: vec![line![change.surface.to_string()], line![code(&change.key)]],
        below,
        help: None,
    }
}

/// Returns findings, where there are any; `names` is who one of them is about.
pub(super) fn findings(findings: &[Finding], names: impl Fn(&str) -> Option<Line>) -> Option<Block> {
    let item = |Finding { code: name, severity, key, message, help }: &Finding| Item {
        mark: Some(match severity {
            Severity::Error => Mark(Tone::Bad, "error"),
            Severity::Warning => Mark(Tone::Warn, "warning"),
            Severity::Info => Mark(Tone::Told, "note"),
        }),
        name: line![code(*name).leading_to(links::finding(name))],
        text: line![message, "."],
        tags: vec![line![code(*key)]],
        below: names(name).into_iter().map(|names| (None, names)).collect(),
        help: Some(line![help]),
        group: None,
    };
    let items = Items::new(&["finding", "result", "key"], findings.iter().map(item));
    let items = Items { folded_help: Some("What to do about them"), ..items };
    (!findings.is_empty()).then_some(Block::Items(items))
}
