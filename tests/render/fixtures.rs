//! One of everything that is shown to people, in which whatever others can name is called what a test says.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sspr::diff::Change;
use sspr::evidence::{Evidence, Judged, NewField, Thing, UnknownRequest, beliefs};
use sspr::outcome::Recorded;
use sspr::outcome::applied::{After, Ending, NamedRun};
use sspr::outcome::doctor::{Check as DoctorCheck, Examination, Observation, Verdict};
use sspr::outcome::pilot_report::{Nudge, Report};
use sspr::outcome::status::{GroupNow, ScopeNow, Since, Status};
use sspr::outcome::verification::{About, Check, LastChange, SeenEvent, TestedUser, Verification};
use sspr::outcome::{Applied, ListedRun, Obstacle, Outcome, Proof, Proofs, ProvingEvent, Stands, Survey};
use sspr::people::{
    Adoption, HeldRole, LastSignIn, Licence, NotReadyReason, Person, Readiness, Row, Summary,
};
use sspr::plan::{Finding, Plan, PortalStep, Severity};
use sspr::render::document::Document;
use sspr::render::failure::{self, FailureText};
use sspr::render::history;
use sspr::render::{doctor, evidence, import, people, portal_steps, report, status, validate, verify};
use sspr::sandbox::{Seed, TenantState};
use sspr::spec_file::ProblemV1;
use sspr::tenant::{Migration, Resource, SETTINGS, Scope, Surface, Witness};

use crate::common::{Bench, NOW, spec};

/// What only the screen of whoever runs a command shows.
pub const PRIVATE: &str = "PRIVATE-PLACE";

/// Returns plans of every kind: from nothing, over what is there, refused, and of one half alone.
pub async fn plans(name: &str) -> Vec<Plan> {
    let mut plans = Vec::new();
    for seed in [Seed::Fresh, Seed::Configured] {
        let bench = Bench::start(TenantState::seeded(seed)).await;
        let pilot = include_str!("../../examples/pilot.yaml").replace("required: 1", "required: 2");
        let helpdesk = "customization:\n  helpdesk: https://help.contoso.com/x\n";
        let pilot = if pilot.contains("customization:") { pilot } else { format!("{pilot}\n{helpdesk}") };
        plans.push(called(bench.plan(&spec(&pilot)).await, name));
    }
    let mut refused = plans[0].clone();
    refused.findings.insert(0, finding("scope-all", Severity::Error, name));
    let mut half = plans[1].clone();
    half.portal_steps = Some(vec![
        PortalStep { page: "Properties", label: "Select group", value: name.to_owned(), key: "group" },
        PortalStep { page: "Properties", label: "Other", value: name.to_owned(), key: "no.such" },
    ]);
    plans.extend([refused, half]);
    plans
}

fn finding(code: &'static str, severity: Severity, name: &str) -> Finding {
    let (message, help) = (format!("{name} is called `{name}`"), format!("ask {name} or `{name}`"));
    Finding { code, severity, key: "group", message, help }
}

fn change(key: &str, from: Value, to: Value) -> Change {
    let resource = Resource::PasswordReset.to_string();
    Change { key: key.to_owned(), surface: Surface::Portal, resource, from, to }
}

/// Calls everything in a plan that others can name.
fn called(mut plan: Plan, name: &str) -> Plan {
    for text in [&mut plan.tenant_name, &mut plan.tenant_domain, &mut plan.spec_path] {
        name.clone_into(text);
    }
    if let Some(group) = &mut plan.group {
        name.clone_into(&mut group.display_name);
    }
    plan.group_names.values_mut().for_each(|group| name.clone_into(group));
    for (code, severity) in [("group-empty", Severity::Warning), ("reach", Severity::Info)] {
        plan.findings.push(finding(code, severity, name));
        plan.names.insert(code, vec![format!("{PRIVATE} {name}")]);
    }
    for (key, from, to) in
        [("customization.helpdesk", json!("none"), json!(name)), (name, json!([]), json!({name: name}))]
    {
        plan.changes.push(change(key, from, to));
    }
    plan
}

/// Returns what `verify` says of a plan: of a tester who can try, and of one who cannot.
pub fn verified(plan: &Plan, name: &str) -> Vec<Document> {
    let check = |(about, ok)| Check::new(about, name, ok, format!("{name} or `{name}`"));
    let abouts = [(About::Finding, Some(false)), (About::Tester, Some(true)), (About::Reset, None)];
    let event = SeenEvent { at: name.into(), activity: name.into(), ok: None, reason: name.into() };
    let document = |obstacle| {
        let mut found = Verification::new(plan.clone());
        found.checks.extend(abouts.clone().map(check));
        found.events.push(event.clone());
        found.last_change = Some(LastChange::Known { at: NOW, by: Some(format!("{PRIVATE} {name}")) });
        let (account, name) = (name.to_owned(), Some(name.to_owned()));
        found.tester = Some(TestedUser { account, name, obstacle, is_registered: false });
        verify::document(&found)
    };
    [None, Some(Obstacle::NotMember), Some(Obstacle::DirectoryOnly)].map(document).into()
}

/// Returns what a recording shows whose names got by.
fn recorded(name: &str) -> Recorded {
    let unknown = UnknownRequest {
        surface: Surface::Portal,
        method: "GET",
        path: name.to_owned(),
        statuses: vec![200],
        times: 1,
    };
    let field = NewField { thing: Thing::Policy, name: Some(name.to_owned()), kind: name.to_owned() };
    let judged = |belief| Judged { belief, expected: 0, otherwise: 1, seen: vec![name.to_owned()] };
    Recorded {
        evidence: Evidence {
            judged: beliefs().into_iter().take(1).map(judged).collect(),
            refused: vec![("policy-read", vec![403])],
            new_fields: vec![field],
            unknown_requests: vec![unknown],
        },
        problem: Some(name.to_owned()),
        ..Recorded::default()
    }
}

/// Returns the documents of all commands but those of plans.
pub fn others(name: &str) -> Vec<Document> {
    let examination = {
        let mut seen = Examination::default();
        for verdict in [Verdict::Holds, Verdict::Fails, Verdict::Unknown, Verdict::Told] {
            let check = DoctorCheck::new(name, verdict, name.to_owned());
            let moment = Some(format!("{PRIVATE} {name}"));
            seen.checks.push(DoctorCheck { moment, ..check.with_help(name) });
        }
        seen.observations.push(Observation::new(name, json!({name: name})));
        seen
    };
    let problem =
        ProblemV1 { path: name, line: 1, column: 2, key: Some(name), message: name, help: Some(name) };
    let hints = [name.to_owned()];
    let stands = Stands {
        written: vec![name.to_owned(), name.to_owned()],
        unknown: vec![name.to_owned()],
        not_written: vec![name.to_owned()],
    };
    let failed = FailureText {
        brief: None,
        error: name.to_owned(),
        causes: vec![name.to_owned()],
        hints: hints.into(),
        problems: vec![problem],
        is_unchanged: true,
        stands: Some(&stands),
    };
    let (survey, mut page) =
        (Survey { unread: vec![name.to_owned()], ..Survey::default() }, people::Page::default());
    rows(name).iter().for_each(|row| page.take(row));
    let about = people::About {
        group: name,
        tenant: name,
        today: NOW.to_zoned(TimeZone::UTC).date(),
        is_complete: false,
    };
    vec![
        doctor::document(&examination),
        evidence::document(&recorded(name)),
        failure::document(&failed),
        history::document(&[run(name)]),
        history::document(&[]),
        validate::document(name, &[finding("reach", Severity::Warning, name)]),
        page.document(&survey, about),
        Document { blocks: portal_steps(&[]), ..Document::default() },
        import::document(name, &[]),
        report::written(name, &pilot_report(name)),
        report::document(&pilot_report(name)),
        status::document(&pilot_status(name)),
    ]
}

/// Returns how a pilot stands, where whatever others can name is called that.
pub fn pilot_status(name: &str) -> Status {
    let by = || format!("{PRIVATE} {name}");
    let groups = [("1", None), ("2", Some(name.to_owned()))];
    let group = |(id, name): (&str, Option<String>)| GroupNow { id: id.to_owned(), name };
    Status {
        scope: ScopeNow::Groups(groups.map(group).into()),
        since: Some(Since::Known { at: NOW, by: vec![by()], witness: Witness::Journal }),
        last_change: Some(LastChange::Known { at: NOW + SignedDuration::from_hours(1), by: Some(by()) }),
        report: Report { group_id: "3".to_owned(), ..pilot_report(name) },
        days: 7,
        no_people: None,
        not_looked_at: &[Surface::Portal],
        last_run: Some(run(name)),
    }
}

/// Returns a report in which whatever others can name is called that.
pub fn pilot_report(name: &str) -> Report {
    let text = || name.to_owned();
    let why = [(NotReadyReason::TooFewMethods, 1)];
    Report {
        tenant: text(),
        group: text(),
        spec: text(),
        pending: 1,
        is_report_read: true,
        settings: SETTINGS.iter().map(|setting| (setting, Some(json!(name)))).collect(),
        migration: Some(Migration::Complete),
        summary: Summary { members: 3, ..Summary::default() },
        adoption: Adoption { ready: 1, not_ready: 1, to_nudge: why.into(), ..Adoption::default() },
        methods: vec![(text(), 3)],
        nudges: vec![Nudge { account: text(), name: Some(text()), why: vec![why[0].0] }],
        findings: vec![(text(), text(), text())],
        unread: vec![text()],
        ..Report::default()
    }
}

/// Returns what a run did that is proved, and proved in part.
fn outcome(name: &str) -> Outcome {
    let event = ProvingEvent {
        id: name.to_owned(),
        at: name.to_owned(),
        activity: name.to_owned(),
        by: Some(format!("{PRIVATE} {name}")),
        matched: "name and time".into(),
    };
    let proof = |event| Proof { resource: name.to_owned(), event };
    Outcome {
        applied: vec![change(name, json!(1), json!(2))],
        also_changed: vec![name.to_owned()],
        volatile: BTreeMap::from([(Resource::PasswordReset, [name.to_owned()].into())]),
        journal: Some(format!("{PRIVATE} {name}/1/journal.jsonl")),
        baseline: Some(format!("{PRIVATE} {name}")),
        writes: Vec::new(),
        proofs: Some(Proofs { proofs: vec![proof(Some(event)), proof(None)], why: Some(name.to_owned()) }),
    }
}

/// Returns what came of a plan, and of none.
pub fn applied(plan: &Plan, name: &str) -> Vec<Applied> {
    let runs: Vec<NamedRun> = ["apply", "cleanup"]
        .map(|command| NamedRun { id: format!("{PRIVATE} {name}"), command, is_doubtful: false })
        .into();
    let after = After {
        tenant: name.to_owned(),
        scope: Some(Scope::Selected),
        groups: vec![name.to_owned()],
        spec: Some(name.to_owned()),
        standing: runs.clone(),
        unknown: Some(format!("{PRIVATE} {name}")),
    };
    let endings = [
        Ending::Applied { spec: name.to_owned(), is_graph_only: false, except: Vec::new() },
        Ending::Applied { spec: name.to_owned(), is_graph_only: true, except: Vec::new() },
        Ending::CleanedUp,
        Ending::TakenBack { runs: runs[..1].to_vec(), is_all: false },
        Ending::TakenBack { runs, is_all: true },
    ];
    let applied = |ending| Applied {
        plan: plan.clone(),
        outcome: outcome(name),
        after: after.clone(),
        ending,
        notices: Vec::new(),
    };
    let mut applied: Vec<Applied> = endings.into_iter().map(applied).collect();
    applied.extend(applied.last().cloned().map(|last| {
        let after = After { unknown: None, ..last.after };
        let outcome = Outcome { applied: Vec::new(), ..last.outcome };
        Applied { outcome, after, ..last }
    }));
    applied
}

fn run(name: &str) -> ListedRun {
    ListedRun {
        id: name.to_owned(),
        short: name.to_owned(),
        tenant: name.to_owned(),
        started: name.to_owned(),
        spec: name.to_owned(),
        except: Vec::new(),
        changes: 1,
        changes_done: Some(1),
        changes_unknown: Some(0),
        by: vec![format!("{PRIVATE} {name}")],
        outcome: "done",
        standing: "stands",
        problem: Some(format!("{PRIVATE} {name}")),
        proof: vec![format!("{PRIVATE} {name}")],
        directory: format!("{PRIVATE} {name}"),
    }
}

/// Returns someone who is ready, someone who is not, and someone of whom no one knows.
pub fn rows(name: &str) -> Vec<Row> {
    let row = |(at, is_ready): (u128, Option<bool>)| Row {
        person: Person {
            id: uuid::Uuid::from_u128(at).into(),
            user_principal_name: Some(name.to_owned()),
            display_name: Some(name.to_owned()),
            is_enabled: None,
            is_guest: None,
            is_synced: false,
            licence: Licence::Unknown,
            mail: None,
            directory: None,
            last_sign_in: LastSignIn::Unknown,
        },
        roles: vec![HeldRole { role: uuid::Uuid::nil(), is_eligible: true, through: Some(name.to_owned()) }],
        is_administrator: None,
        methods: Some(vec![name.to_owned()]),
        is_registered: None,
        is_sspr_enabled: None,
        is_capable: None,
        readiness: Readiness {
            is_ready,
            why: vec![NotReadyReason::Guest],
            is_locked_out: false,
            is_directory_only: None,
        },
    };
    [(1, Some(true)), (2, Some(false)), (3, None)].map(row).into()
}
