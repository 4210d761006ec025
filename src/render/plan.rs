//! A plan: what changes, who it affects, and what a reviewer should know.

use std::collections::BTreeSet;

use serde_json::Value;

use super::beyond::mark;
use super::document::{
    Block, Document, Heading, Item, Items, Line, Mark, Names, Tone, code, foreign, line, link, listed, words,
};
use super::end_state::{all_but, left_out, spec_name};
use super::links;
use super::portal_steps::portal_steps;
use super::values::{self, Described};
use crate::diff::Change;
use crate::outcome::Typed;
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::plan::{Beyond, Finding, People, Plan, Severity};
use crate::tenant::{PortalPage, Resource, SETTINGS, Scope, Surface, ValueKind, setting};
use crate::text::{counted, excerpt, grouped, people, shell_word};

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
        let whole = if is_whole { line![foreign(&plan.tenant_name)] } else { line!["it"] };
        let claim = line![": ", whole, " matches ", all_but(&plan.spec_path, &plan.except), "."];
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
        ..Document::default()
    }
}

/// Returns the plan for review, with what to type next; `saved` is where it was saved to.
pub fn for_review(plan: &Plan, typed: &Typed, saved: Option<&str>) -> Document {
    Document { next: next(plan, typed, saved), ..document(plan) }
}

fn next(plan: &Plan, typed: &Typed, saved: Option<&str>) -> Vec<Line> {
    let is_lacking = plan.findings.iter().any(|finding| finding.code == "apply-lacks-permission");
    if plan.is_refused() {
        return vec![line!["resolve each error above, then ", code(typed.again())]];
    }
    let file = shell_word(saved.unwrap_or(&plan.spec_path));
    let apply = line![code(format!("sspr apply {file}"))];
    let apply = if is_lacking { line!["with a sign-in that may write: ", apply] } else { apply };
    let left_out = plan.findings.iter().filter(|finding| finding.code == "left-out-lacks-permission");
    let whole = left_out.map(|finding| line!["for ", code(finding.key), " too: ", &finding.help]);
    (!plan.changes.is_empty()).then_some(apply).into_iter().chain(whole).collect()
}

/// Returns all of the plan but what became of it.
pub(super) fn blocks(plan: &Plan) -> Vec<Block> {
    let changes = (!plan.changes.is_empty()).then(|| Block::Items(changes(plan)));
    let names = |code: &str| {
        let names = plan.names.get(code)?.iter().map(|name| foreign(excerpt(name, 100)));
        Some(listed(names).with(Tone::Dim).private())
    };
    let findings = findings(&plan.findings, names);
    let steps = plan.portal_steps.iter().flat_map(|steps| portal_steps(steps));
    [summary(plan)].into_iter().chain(changes).chain(findings).chain(steps).chain([ids(plan)]).collect()
}

/// Returns what the plan comes to, in a few lines.
fn summary(plan: &Plan) -> Block {
    let (spec, tenant) = (spec_name(&plan.spec_path), foreign(&plan.tenant_name));
    let group = plan.group.as_ref().map(|group| line![foreign(&group.display_name), " in "]);
    let text = line![
        "Plan for ",
        spec,
        ": ",
        group.unwrap_or_default(),
        tenant,
        " (",
        code(&plan.tenant_domain),
        ")"
    ];
    let heading = Heading { text, aside: line![if plan.is_sandbox { "sandbox" } else { "" }] };
    // A note like others, but for that what is unknown is never folded away.
    let unread = plan.findings.iter().find(|finding| finding.code == "people-unknown");
    let unread = unread.map(|finding| line![words(Tone::Warn, &finding.message)]);
    let facts = [Some(counts(plan)), whom(plan), unread, noted(plan), left_out(&plan.except)];
    Block::Section(heading, vec![Block::Facts(facts.into_iter().flatten().collect())])
}

/// Returns how many changes there are, of which kinds, and how many of them are not about the pilot alone.
fn counts(plan: &Plan) -> Line {
    let is_method =
        |change: &&Change| matches!(Resource::from_name(&change.resource), Some(Resource::Method(_)));
    let methods = plan.changes.iter().filter(is_method).count();
    let rings = plan.changes.iter().filter(|change| is_ring(change)).count();
    let others = plan.changes.iter().filter(|change| setting(&change.key).is_none()).count() - rings;
    let settings = plan.changes.len() - methods - others - rings;
    let kinds = [(settings, "setting"), (methods, "method"), (rings, "ring"), (others, "other field")];
    let kinds: Vec<String> =
        kinds.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)).collect();
    let kinds = if kinds.len() > 1 { format!(" ({})", kinds.join(", ")) } else { String::new() };
    let half = if plan.not_looked_at().is_empty() { "" } else { " in Graph's half" };
    let changes = match plan.changes.len() {
        0 => words(Tone::Strong, "No changes"),
        changes => words(Tone::Strong, counted(changes, "change")),
    };
    let beyond = plan.changes.iter().filter(|change| plan.beyond(change).is_some()).count();
    let beyond = match (beyond, plan.changes.len()) {
        (0, _) => Line::default(),
        (1, 1) => line![", which ", words(Tone::Bad, "reaches beyond the pilot")],
        (1, _) => line![", 1 of them ", words(Tone::Bad, "reaches beyond the pilot")],
        (beyond, all) if beyond == all => {
            line![", all of which ", words(Tone::Bad, "reach beyond the pilot")]
        }
        (beyond, _) => line![format!(", {beyond} of them "), words(Tone::Bad, "reach beyond the pilot")],
    };
    line![changes, kinds, half, beyond]
}

/// Returns whom the plan is about, and how many of them can reset; `None` where it names nobody.
fn whom(plan: &Plan) -> Option<Line> {
    if let (None, Some(Scope::All), Some(everyone)) = (&plan.group, plan.scope, plan.people.everyone) {
        return Some(line![format!(
            "{} in the tenant, guests and disabled accounts aside",
            people(everyone)
        )]);
    }
    plan.group.as_ref()?;
    let members = match plan.people.members {
        Some(members) => format!("{} in the group", people(members)),
        None => "how many people are in the group is unknown".to_owned(),
    };
    if plan.scope == Some(Scope::None) {
        return Some(line![members, "; password reset is off for them after this plan"]);
    }
    let People { ready_before, ready_after, ready_unknown, .. } = plan.people;
    let count = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), grouped);
    let ready = match (ready_before, ready_after) {
        (None, None) => line!["unknown; `sspr people` counts them"],
        (before, after) => line![
            words(Tone::Strong, count(before)),
            " today, ",
            words(Tone::Strong, count(after)),
            " after",
            match ready_unknown {
                Some(unknown @ 1..) => format!(", {} unknown", grouped(unknown)),
                _ => String::new(),
            }
        ],
    };
    Some(line![members, "; ready to reset: ", ready])
}

/// Returns how many findings there are, and how many settings stay as they are.
fn noted(plan: &Plan) -> Option<Line> {
    if plan.findings.is_empty() && plan.coverage.is_none() {
        return None;
    }
    let errors = plan.count(Severity::Error);
    let errors = (errors > 0).then(|| line![words(Tone::Bad, counted(errors, "error")), ", "]);
    let warnings = counted(plan.count(Severity::Warning), "warning");
    let notes = counted(plan.count(Severity::Info), "note");
    let accepted = plan.coverage.map(|_| format!(", {} accepted", plan.accepted.len())).unwrap_or_default();
    let coverage = plan.coverage.map(|coverage| {
        let (matching, unmanaged) = (counted(coverage.matching, "setting"), coverage.unmanaged);
        let (matches, are) = (
            if coverage.matching == 1 { "matches" } else { "match" },
            if unmanaged == 1 { "is" } else { "are" },
        );
        format!("; {matching} already {matches}, {unmanaged} {are} not managed")
    });
    Some(line![errors.unwrap_or_default(), warnings, ", ", notes, accepted, coverage.unwrap_or_default()])
}

/// Returns the page of the portal that shows what changes.
fn page(change: &Change) -> Option<PortalPage> {
    match Resource::from_name(&change.resource) {
        Some(Resource::Method(_)) => Some(PortalPage::MethodsPolicy),
        _ => setting(&change.key).map(|setting| setting.page),
    }
}

/// Returns the changes in the order of the portal's pages; fields the spec has no key for, which only a way back changes,
/// come last.
fn changes(plan: &Plan) -> Items {
    let place = |change: &Change| SETTINGS.iter().position(|setting| setting.key == change.key);
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    let step =
        |change: &Change| plan.steps.iter().position(|step| step.resource().to_string() == change.resource);
    let ring = |change: &Change| is_ring(change).then(|| step(change)).flatten();
    changes.sort_by_key(|change| {
        let page = page(change);
        (page.is_none(), page, change.surface, place(change), ring(change))
    });
    let items = changes.into_iter().map(|change| item(plan, change));
    Items { names: Names::Column, ..Items::new(&["setting", "change", "surface", "key"], items) }
}

/// Returns which surface a change is on, and when it was read where the two were not read alike.
fn surface(plan: &Plan, change: &Change) -> String {
    match (plan.snapshot.as_ref().filter(|mark| mark.is_portal_only), change.surface) {
        (Some(mark), Surface::Portal) => format!("portal, as of {}", mark.taken),
        (Some(_), Surface::Graph) => "graph, read now".to_owned(),
        (None, surface) => surface.to_string(),
    }
}

fn is_ring(change: &Change) -> bool {
    matches!(Resource::from_name(&change.resource), Some(Resource::Membership { .. }))
}

fn item(plan: &Plan, change: &Change) -> Item {
    let setting = setting(&change.key);
    if let Some((ring, pilot)) = values::membership(&plan.group_names, &change.resource) {
        let (from, to) = if change.to == true { ("not in ", "in it") } else { ("in ", "not in it") };
        return Item {
            mark: Some(Mark(Tone::Warn, "~")),
            group: Some(Heading { text: line!["Roll-out"], aside: line![surface(plan, change)] }),
            name: line![foreign(ring)],
            text: line![from, foreign(pilot), " → ", to],
            tags: vec![line![surface(plan, change)], line![code(&change.key)]],
            ..Item::default()
        };
    }
    let method = values::method(change);
    let field = |value: &Value| excerpt(&value.to_string(), 60);
    let from_to = |from: String, to: String| Described {
        text: line![code(from), " → ", code(to).with(Tone::Strong)],
        ..Described::default()
    };
    let (from, to) = (&change.from, &change.to);
    let beyond = plan.beyond(change);
    let of_switch = |label: &str| match &beyond {
        Some(beyond @ Beyond::EveryoneWith { switches, .. }) if switches.contains(&label) => {
            Some(mark(plan, beyond))
        }
        _ => None,
    };
    let Described { text, parts, below } = match setting {
        None => from_to(field(from), field(to)),
        _ if method.is_some() => values::described(plan, change, of_switch),
        Some(setting) if setting.kind == ValueKind::Methods && from.is_array() => {
            values::methods_changed(from, to)
        }
        Some(setting) => from_to(
            values::value(&plan.group_names, setting, from),
            values::value(&plan.group_names, setting, to),
        ),
    };
    let beyond = beyond.filter(|beyond| !matches!(beyond, Beyond::EveryoneWith { .. }));
    let marked = beyond.map(|beyond| line!["  ", mark(plan, &beyond)]).unwrap_or_default();
    let (page, label) = match (page(change), setting) {
        (Some(page), Some(setting)) => (line![link(&page.path(), page.url())], line![setting.label]),
        _ => (line!["Other fields"], line![code(&change.key)]),
    };
    Item {
        mark: Some(Mark(Tone::Warn, "~")),
        group: Some(Heading { text: page, aside: line![surface(plan, change)] }),
        name: method.map_or(label, Line::from),
        text: line![text, marked],
        parts,
        tags: vec![line![surface(plan, change)], line![code(&change.key)]],
        below,
        help: None,
    }
}

/// Returns findings by how grave they are; `names` is who one of them is about. Errors say what to do about them;
/// of the others that is folded, and so are notes.
fn findings(findings: &[Finding], names: impl Fn(&str) -> Option<Line>) -> Vec<Block> {
    let of = |severity: Severity| {
        let of: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == severity).collect();
        let items = self::items(&of, &names);
        (!of.is_empty()).then_some((of.len(), items))
    };
    let folded = |items: Items| Block::Items(Items { folded_help: Some("What to do about them"), ..items });
    let errors = of(Severity::Error);
    let errors = errors.map(|(_, items)| Block::Section(line!["Errors"].into(), vec![Block::Items(items)]));
    let warnings = of(Severity::Warning);
    let has_warnings = warnings.is_some();
    let warnings = warnings.map(|(_, items)| Block::Section(line!["Warnings"].into(), vec![folded(items)]));
    let notes = of(Severity::Info).map(|(count, items)| {
        let (notes, them) = (counted(count, "note"), if count == 1 { "it" } else { "them" });
        let rest = if has_warnings { ", and what to do about each warning" } else { "" };
        let instead = line![words(Tone::Dim, format!("{notes}: --explain shows {them}{rest}"))];
        Block::Folded(line![notes], vec![folded(items)], Some(instead))
    });
    [errors, warnings, notes].into_iter().flatten().collect()
}

/// Returns findings as they are named and said.
pub(super) fn items(findings: &[&Finding], names: impl Fn(&str) -> Option<Line>) -> Items {
    let item = |finding: &&Finding| {
        let Finding { code: name, severity, key, message, help } = finding;
        let tone = match severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warn,
            Severity::Info => Tone::Told,
        };
        Item {
            name: line![code(*name).leading_to(links::finding(name)).with(tone)],
            text: line![message],
            tags: vec![line![code(*key)]],
            below: names(name).into_iter().map(|names| (None, names)).collect(),
            help: Some(line![help]),
            ..Item::default()
        }
    };
    Items { names: Names::Column, ..Items::new(&["finding", "result", "key"], findings.iter().map(item)) }
}

/// Returns the ids behind the names.
fn ids(plan: &Plan) -> Block {
    let mut rows = vec![vec![foreign(&plan.tenant_name).into(), line![code(plan.tenant_id.to_string())]]];
    let group = plan.group.iter().map(|group| (group.id.to_string(), &group.display_name));
    let names: BTreeSet<(String, &String)> =
        group.chain(plan.group_names.iter().map(|(id, name)| (id.clone(), name))).collect();
    rows.extend(names.into_iter().map(|(id, name)| vec![foreign(name).into(), line![code(id)]]));
    Block::Folded(line!["Ids"], vec![Block::Table(&["name", "id"], rows)], None)
}
