//! What a browser's recording of the portal shows, for people, for machines and for strangers. It names no one by what it
//! is made of, so that the report is the same document.

use serde_json::{Value, json};

use super::document::{Block, Document, Item, Items, Line, Mark, Names, Tone, code, line, listed};
use crate::evidence::{Evidence, FIELDS, Judged, Recording, Thing, Verdict};
use crate::outcome::Recorded;
use crate::text::{capitalized, counted};

/// Returns the evidence for people.
pub fn document(recorded: &Recorded) -> Document {
    let evidence = &recorded.evidence;
    let counts = counts(evidence);
    let of = |verdict| evidence.judged.iter().filter(move |judged| judged.verdict() == verdict);
    let otherwise: Vec<&Judged> = of(Verdict::Otherwise).collect();
    let seen: Vec<&str> = of(Verdict::Expected).map(|judged| judged.belief.code.as_ref()).collect();
    let is_told = |judged: &&Judged| judged.belief.kind == "field" || is_part_of(judged, &seen);
    let expected = of(Verdict::Expected).filter(|judged| !is_told(judged));
    let section = |heading: &str, block: Block| Block::Section(line![heading].into(), vec![block]);
    let mut blocks = vec![Block::Lines(said(recorded))];
    if !otherwise.is_empty() {
        blocks.push(section("Seen otherwise", Block::Items(otherwise_items(otherwise.into_iter()))));
    }
    let as_expected = items(expected.map(|judged| (judged, parts(judged, &seen))));
    let fields = fields(evidence);
    if !as_expected.items.is_empty() || !fields.is_empty() {
        let parts = vec![Block::Items(as_expected), Block::Lines(fields)];
        blocks.push(Block::Section(line!["Seen as expected"].into(), parts));
    }
    let missing: Vec<&str> = of(Verdict::NotSeen).map(|judged| judged.belief.code.as_ref()).collect();
    let is_of_missing = |judged: &&Judged| is_part_of(judged, &missing);
    let not_seen = of(Verdict::NotSeen).filter(|judged| !is_of_missing(judged));
    let not_seen: Vec<_> = not_seen.map(|judged| code(judged.belief.code.as_ref())).collect();
    if !not_seen.is_empty() {
        let refused = evidence.refused.iter().map(|(request, statuses)| {
            line![code(*request), format!(" was refused with {}.", numbers(statuses))]
        });
        let lines = [listed(not_seen)].into_iter().chain(refused).collect();
        blocks.push(section("Not seen", Block::Lines(lines)));
    }
    if !evidence.new_fields.is_empty() {
        blocks.push(section("Fields sspr does not know", Block::Lines(new_fields(evidence))));
    }
    if !evidence.unknown_requests.is_empty() {
        blocks.push(section("Requests sspr does not know", Block::Lines(unknown_requests(evidence))));
    }
    Document {
        title: line!["sspr doctor --har: ", &counts],
        blocks,
        closing: line![capitalized(&counts), "."],
        ..Document::default()
    }
}

fn counts(evidence: &Evidence) -> String {
    format!(
        "{} seen as expected, {} otherwise, {} not seen",
        counted(evidence.count(Verdict::Expected), "belief"),
        evidence.count(Verdict::Otherwise),
        evidence.count(Verdict::NotSeen)
    )
}

/// Says what the recording is, and what it lacks.
fn said(Recorded { recording, problem, .. }: &Recorded) -> Vec<Line> {
    let Recording {
        program,
        entries,
        looked_at,
        without_token,
        without_body,
        cut,
        left_out,
        clouds,
        is_sandbox,
        first: _,
    } = recording;
    let by = program.map_or_else(String::new, |program| format!(", saved by {program}"));
    let mut lines = vec![line![format!(
        "{}{by}; {looked_at} are about password reset, methods, groups or writeback, the parts of a batch each for itself.",
        capitalized(&counted(*entries, "request"))
    )]];
    if *is_sandbox {
        lines.push(line!["`sspr sandbox har` made it: of a pretend tenant, which is evidence of nothing."]);
    }
    let mut say = |is_so: bool, text: String| lines.extend(is_so.then(|| line![text]));
    if let Some(problem) = problem {
        say(true, format!("Only that much was read: {problem}."));
    }
    say(
        problem.is_none() && *looked_at == 0,
        "Nothing in the file is about those: keep the log over page loads (Preserve log), open the portal's Password reset \
         pages, and save a change."
            .to_owned(),
    );
    say(
        *without_token > 0,
        format!(
            "{without_token} of those have no token, so whom it is for is not seen: Chrome and Edge leave it out of a \
             sanitized export."
        ),
    );
    say(
        *without_body > 0,
        format!(
            "{without_body} of those have no body in the file, so its fields are not seen: export with content."
        ),
    );
    say(
        *cut > 0,
        format!("{cut} of those have a body that the browser cut off, so its fields are not seen."),
    );
    say(*left_out > 0, format!("{left_out} more are left out: there are too many to hold."));
    let others: Vec<&str> = clouds.iter().copied().filter(|cloud| *cloud != "public").collect();
    say(!others.is_empty(), format!("Cloud: {}.", clouds.join(", ")));
    lines
}

/// Returns whether a belief is about the status or the answer of a request that is in a list by itself.
fn is_part_of(judged: &Judged, listed: &[&str]) -> bool {
    let code = judged.belief.code.as_ref();
    let request = code.strip_suffix("-status").or(code.strip_suffix("-answer"));
    request.is_some_and(|request| listed.contains(&request))
}

/// Returns what of a request is in the list beside it.
fn parts(judged: &Judged, listed: &[&str]) -> &'static str {
    let has = |part: &str| listed.contains(&format!("{}-{part}", judged.belief.code).as_str());
    match (has("status"), has("answer")) {
        (true, true) => "; its status and its answer too",
        (true, false) => "; its status too",
        (false, true) => "; its answer too",
        (false, false) => "",
    }
}

/// Returns beliefs that were seen otherwise.
pub(super) fn otherwise_items<'a>(judged: impl Iterator<Item = &'a Judged>) -> Items {
    items(judged.map(|judged| (judged, "")))
}

fn items<'a>(judged: impl Iterator<Item = (&'a Judged, &'static str)>) -> Items {
    let item = |(judged, more): (&Judged, &str)| {
        let mark = match judged.verdict() {
            Verdict::Expected => Mark::HOLDS,
            Verdict::Otherwise => Mark::FAILS,
            Verdict::NotSeen => Mark::UNKNOWN,
        };
        let seen = match (judged.otherwise, judged.expected) {
            (0, _) => None,
            (_, 0) => Some(format!("seen: {}", judged.seen.join("; "))),
            (otherwise, expected) => {
                let all = otherwise + expected;
                Some(format!("seen: {} ({otherwise} of {})", judged.seen.join("; "), counted(all, "time")))
            }
        };
        Item {
            mark: Some(mark),
            name: line![code(judged.belief.code.as_ref())],
            text: line![&judged.belief.statement, more],
            below: seen.into_iter().map(|seen| (None, line![seen].with(Tone::Warn))).collect(),
            ..Item::default()
        }
    };
    Items { names: Names::Column, ..Items::new(&["belief", "what is believed"], judged.map(item)) }
}

/// Says of how many fields of each object everything seen was as expected.
fn fields(evidence: &Evidence) -> Vec<Line> {
    let mut things: Vec<Thing> = FIELDS.iter().map(|field| field.thing).collect();
    things.dedup();
    let line = |thing: Thing| {
        let begin = format!("{}.", thing.as_str());
        let all = evidence.judged.iter().filter(|judged| judged.belief.code.starts_with(&begin));
        let (mut expected, mut count) = (0, 0);
        for judged in all {
            count += 1;
            expected += usize::from(judged.verdict() == Verdict::Expected);
        }
        (expected > 0)
            .then(|| line![format!("{expected} of {} of {}.", counted(count, "field"), thing.label())])
    };
    things.into_iter().filter_map(line).collect()
}

fn new_fields(evidence: &Evidence) -> Vec<Line> {
    let line = |field: &crate::evidence::NewField| {
        let name = match &field.name {
            Some(name) => line![code(name.as_str())],
            None => line!["a field whose name is not shown"],
        };
        line![name, format!(" of {}: {}", field.thing.label(), field.kind)]
    };
    evidence.new_fields.iter().map(line).collect()
}

fn unknown_requests(evidence: &Evidence) -> Vec<Line> {
    let line = |request: &crate::evidence::UnknownRequest| {
        let answered = match request.statuses.as_slice() {
            [] => String::new(),
            statuses => format!(", answered with {}", numbers(statuses)),
        };
        let asked = code(format!("{} {}", request.method, request.path));
        line![
            format!("{}: ", request.surface),
            asked,
            format!(" ({}{answered})", counted(request.times, "time"))
        ]
    };
    evidence.unknown_requests.iter().map(line).collect()
}

fn numbers(statuses: &[u16]) -> String {
    statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns the evidence as `sspr.evidence/1`.
pub fn json(recorded: &Recorded) -> Value {
    let Recorded { recording, evidence, problem } = recorded;
    let new_fields = evidence
        .new_fields
        .iter()
        .map(|field| json!({"object": field.thing.as_str(), "name": field.name, "kind": field.kind}));
    let refused = evidence.refused.iter().map(|(code, statuses)| json!({"code": code, "statuses": statuses}));
    let unknown = evidence.unknown_requests.iter().map(|request| {
        json!({
            "surface": request.surface, "method": request.method, "path": request.path,
            "statuses": request.statuses, "times": request.times,
        })
    });
    json!({
        "format": "sspr.evidence/1",
        "version": env!("CARGO_PKG_VERSION"),
        "recording": {
            "program": recording.program,
            "day": recording.first.map(|at| at.strftime("%Y-%m-%d").to_string()),
            "clouds": recording.clouds,
            "sandbox": recording.is_sandbox,
            "requests": recording.entries,
            "looked_at": recording.looked_at,
            "without_token": recording.without_token,
            "without_body": recording.without_body,
            "cut": recording.cut,
            "left_out": recording.left_out,
            "problem": problem,
        },
        "as_expected": evidence.count(Verdict::Expected),
        "otherwise": evidence.count(Verdict::Otherwise),
        "not_seen": evidence.count(Verdict::NotSeen),
        "beliefs": beliefs_json(&evidence.judged),
        "refused": refused.collect::<Vec<_>>(),
        "new_fields": new_fields.collect::<Vec<_>>(),
        "unknown_requests": unknown.collect::<Vec<_>>(),
    })
}

/// Returns beliefs with what was seen of each.
pub(super) fn beliefs_json(judged: &[Judged]) -> Value {
    let one = |judged: &Judged| {
        json!({
            "code": judged.belief.code,
            "verdict": judged.verdict().as_str(),
            "expected": judged.expected,
            "otherwise": judged.otherwise,
            "seen": judged.seen,
            "kind": judged.belief.kind,
            "statement": judged.belief.statement,
            "source": judged.belief.source,
        })
    };
    judged.iter().map(one).collect()
}
