//! A plan: what changes, whom it matters to, and what a reviewer should know.

use serde_json::Value;

use super::document::{Block, Document, Item, Items, Line, Mark, Tone, code, foreign, line, link, listed};
use super::{address, values};
use crate::diff::Change;
use crate::outcome::closing::NOT_LOOKED_AT;
use crate::plan::{Finding, People, Plan, Severity};
use crate::tenant::{SETTINGS, Setting, ValueKind};
use crate::text::{counted, excerpt};

/// Returns the plan for review.
pub fn document(plan: &Plan) -> Document {
    let changes = counted(plan.changes.len(), "change");
    let (refused, errors) = (plan.is_refused(), counted(plan.count(Severity::Error), "error"));
    let is_whole = plan.not_looked_at().is_empty();
    let half = if is_whole { "" } else { " in Graph's half" };
    let result = match plan.changes.is_empty() {
        true if !refused => "no changes".to_owned(),
        _ => format!("{changes}{}", if refused { ", refused" } else { "" }),
    };
    let rest = if is_whole { String::new() } else { format!("; {NOT_LOOKED_AT}") };
    let closing = match (refused, plan.changes.is_empty()) {
        (true, _) => line![
            Line::from(format!("{changes}{half} and {errors}")).with(Tone::Bad),
            ": apply would refuse this. Nothing was written."
        ],
        (false, true) => line![
            Line::from(format!("No changes{half}")).with(Tone::Good),
            if is_whole { ": the tenant matches " } else { ": it matches " },
            code(&plan.spec_path),
            "."
        ],
        (false, false) => {
            line![Line::from(format!("{changes}{half}")).with(Tone::Strong), ". Nothing was written."]
        }
    };
    Document {
        title: line![format!("sspr plan: {result}{half}{rest}")],
        note: line![if refused { "`sspr apply` would refuse this. " } else { "" }, "Nothing was written."],
        blocks: blocks(plan),
        closing: line![closing, if is_whole { "" } else { " The portal half was not looked at." }],
    }
}

/// Returns all of the plan but what became of it.
pub(super) fn blocks(plan: &Plan) -> Vec<Block> {
    let mut blocks = vec![Block::Lines(about(plan))];
    if !plan.changes.is_empty() {
        blocks.push(Block::Items(changes(plan)));
    }
    if let Some(members) = plan.people.members {
        blocks.push(Block::Section(line!["People"], vec![Block::Lines(vec![people(members, &plan.people)])]));
    }
    let names = |code: &str| {
        let names = plan.names.get(code)?;
        Some(listed(names.iter().map(|name| foreign(excerpt(name, 100)))).with(Tone::Dim).private())
    };
    match findings(&plan.findings, names) {
        none if none.is_empty() => {}
        findings => blocks.push(Block::Section(line!["Findings"], findings)),
    }
    blocks
}

fn about(plan: &Plan) -> Vec<Line> {
    let about = line![
        code(&plan.spec_path).with(Tone::Strong),
        " → ",
        foreign(&plan.tenant_name).with(Tone::Strong),
        " (",
        code(&plan.tenant_domain),
        ", ",
        code(&plan.tenant_id),
        ")"
    ];
    let count = |severity, noun| match plan.count(severity) {
        0 => None,
        count => Some(counted(count, noun)),
    };
    let counts =
        [count(Severity::Error, "error"), count(Severity::Warning, "warning"), count(Severity::Info, "note")];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let counts = (!counts.is_empty()).then(|| line![counts.join(", ")]);
    [Some(about), counts].into_iter().flatten().collect()
}

fn people(members: u64, people: &People) -> Line {
    let People { members: _, admins, unlicensed, guests, disabled, stranded } = *people;
    let some = |count: Option<u64>, word: &str| {
        count.filter(|count| *count > 0).map(|count| format!("{count} {word}"))
    };
    let parts: Vec<String> = [
        some(admins, "with an administrator role"),
        some(guests, if guests == Some(1) { "guest" } else { "guests" }),
        some(disabled, "disabled"),
        some(unlicensed, "unlicensed"),
        some(stranded, "who could no longer reset"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let members = if members == 1 { "1 person".to_owned() } else { format!("{members} people") };
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    line![format!("{members} in the group, nested groups included{parts}")]
}

/// Returns the changes in the order of the portal's pages; fields the spec has no key for, which only a way back changes,
/// come last.
fn changes(plan: &Plan) -> Items {
    let of = |setting: &Setting| {
        let changes = plan.changes.iter().filter(move |change| change.key == setting.key);
        changes.map(|change| self::change(plan, setting, change)).collect::<Vec<_>>()
    };
    let is_other = |change: &&Change| SETTINGS.iter().all(|setting| setting.key != change.key);
    let others = plan.changes.iter().filter(is_other).map(other_field);
    Items {
        heads: ("setting", "change", &["surface", "key"]),
        width: None,
        folded_help: None,
        items: SETTINGS.iter().flat_map(of).chain(others).collect(),
    }
}

fn change(plan: &Plan, setting: &Setting, change: &Change) -> Item {
    let method = values::method(change);
    let (text, below) = match setting.kind {
        _ if method.is_some() => values::described(plan, change),
        ValueKind::Methods if change.from.is_array() => values::methods_changed(plan, setting, change),
        _ => (
            from_to(values::value(plan, setting, &change.from), values::value(plan, setting, &change.to)),
            vec![],
        ),
    };
    Item {
        mark: Some(Mark::Change),
        group: Some(line![link(setting.page.title(), setting.page.url())]),
        name: line![method.unwrap_or_else(|| setting.label.to_owned())],
        text,
        tags: tags(change),
        below,
        help: None,
    }
}

fn other_field(change: &Change) -> Item {
    let value = |value: &Value| excerpt(&value.to_string(), 60);
    Item {
        mark: Some(Mark::Change),
        group: Some(line!["Other fields"]),
        name: line![code(&change.key)],
        text: from_to(value(&change.from), value(&change.to)),
        tags: tags(change),
        ..Item::default()
    }
}

fn from_to(from: String, to: String) -> Line {
    line![code(from), " → ", code(to).with(Tone::Strong)]
}

fn tags(change: &Change) -> Vec<Line> {
    vec![line![change.surface.to_string()], line![code(&change.key)]]
}

/// Returns findings, where there are any; `names` is who one of them is about.
pub(super) fn findings(findings: &[Finding], names: impl Fn(&str) -> Option<Line>) -> Vec<Block> {
    if findings.is_empty() {
        return Vec::new();
    }
    let item = |Finding { code: name, severity, key, message, help }: &Finding| Item {
        mark: Some(match severity {
            Severity::Error => Mark::Error,
            Severity::Warning => Mark::Warning,
            Severity::Info => Mark::Note,
        }),
        name: line![code(*name).leading_to(address::finding(name))],
        text: line![message, "."],
        tags: vec![line![code(*key)]],
        below: names(name).into_iter().map(|names| (None, names)).collect(),
        help: Some(line![help]),
        group: None,
    };
    vec![Block::Items(Items {
        heads: ("finding", "what is the case", &["key"]),
        width: None,
        folded_help: Some("What to do about them"),
        items: findings.iter().map(item).collect(),
    })]
}
