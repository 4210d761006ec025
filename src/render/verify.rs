//! The result of `verify`: checks, a tester's next steps, and what the audit log shows of a reset.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::{
    Block, Document, Heading, Item, Items, Line, Mark, Names, Tone, code, foreign, line, moment, moment_of,
    words,
};
use super::end_state::{all_but, spec_name};
use super::text::Layout;
use super::values::{self, Described};
use crate::diff::Change;
use crate::outcome::Obstacle;
use crate::outcome::applied::NOT_LOOKED_AT;
use crate::outcome::verification::{
    About, Check, LastChange, SeenEvent, TestedUser, Verification, is_portal_left_out,
};
use crate::plan::Plan;
use crate::spec_file::Key;
use crate::tenant::{SETTINGS, Surface, setting};
use crate::text::{counted, excerpt, shell_word};

/// Where people register.
pub const REGISTER: &str = "https://aka.ms/ssprsetup";
/// Where people reset.
pub const RESET: &str = "https://aka.ms/sspr";

#[derive(Serialize)]
struct VerifyV1<'a> {
    format: &'static str,
    checks: &'a [Check],
    /// Only where something of the spec was left out.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    except: &'a [Key],
    /// The surfaces that were not read, if any.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    not_looked_at: &'static [Surface],
    links: BTreeMap<&'static str, &'static str>,
    events: &'a [SeenEvent],
}

/// Returns `sspr.verify/1`.
pub fn json(found: &Verification) -> String {
    let Verification { checks, events, .. } = found;
    super::json::document(&VerifyV1 {
        format: "sspr.verify/1",
        checks,
        except: found.except(),
        not_looked_at: if is_portal_left_out(checks) { &[Surface::Portal] } else { &[] },
        links: [("register", REGISTER), ("reset", RESET)].into(),
        events,
    })
}

/// Returns what was found, with what to type next.
pub fn document(found: &Verification) -> Document {
    let Verification { checks, tester, events, last_change, .. } = found;
    // The first says of the whole what others say of its parts.
    let failed = checks.iter().find(|check| check.ok == Some(false));
    let result = failed.map_or("every check that could run passed", |failed| &failed.message);
    let rest = if is_portal_left_out(checks) { format!("; {NOT_LOOKED_AT}") } else { String::new() };
    let events = (!events.is_empty()).then(|| Block::Details(line!["Audit log"], vec![self::events(events)]));
    let last_change = last_change.as_ref().map(|change| {
        let said = match change {
            LastChange::Known { at, by } => {
                let by = by.as_ref().map(|by| line![" by ", foreign(by)].private());
                line![moment(*at), by.unwrap_or_default()]
            }
            LastChange::Unknown { why } => line!["unknown (", why, ")"].with(Tone::Dim),
        };
        Block::Lines(vec![line!["Last change to password reset: ", said]])
    });
    let blocks =
        [settings(found), tested(found), tester.as_ref().map(|of| outlook(of, found)), last_change, events];
    Document {
        title: line!["sspr verify: ", result, rest],
        blocks: blocks.into_iter().flatten().collect(),
        next: next(found),
        ..Document::default()
    }
}

/// Returns whether the tenant is as the spec says: the differences, what is unknown, and how many settings match.
fn settings(found: &Verification) -> Option<Block> {
    let plan = found.plan.as_ref()?;
    let (spec, differences) = (all_but(&plan.spec_path, &plan.except), plan.changes.len());
    let half = if plan.not_looked_at().is_empty() { "" } else { "Graph's half of " };
    let tenant = line![half, foreign(&plan.tenant_name)];
    let text = match differences {
        0 => line![tenant, " matches ", spec],
        _ => line![tenant, " differs from ", spec, " in ", counted(differences, "setting")],
    };
    let heading = Heading { text, aside: line![if plan.is_sandbox { "sandbox" } else { "" }] };
    let place = |change: &Change| SETTINGS.iter().position(|setting| setting.key == change.key);
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by_key(|change| place(change));
    let differences = changes.into_iter().map(|change| difference(plan, change));
    let findings = found.checks.iter().filter(|check| check.about == About::Finding);
    let of_settings = differences.chain(findings.map(|check| finding(found, check)));
    let matching = plan.coverage.filter(|coverage| coverage.matching > 0).map(|coverage| {
        let other = if !plan.changes.is_empty() { "other " } else { "" };
        let verb = if coverage.matching == 1 { "matches" } else { "match" };
        Item {
            mark: Some(Mark::HOLDS),
            name: line![format!("{} {verb}", counted(coverage.matching, &format!("{other}setting")))],
            ..Item::default()
        }
    });
    let items =
        Items { names: Names::Column, ..Items::new(&["setting", "result"], of_settings.chain(matching)) };
    let items = (!items.items.is_empty()).then_some(Block::Items(items));
    Some(Block::Section(heading, items.into_iter().collect()))
}

fn difference(plan: &Plan, change: &Change) -> Item {
    let Described { text, parts, below } = values::compared(plan, change);
    Item {
        mark: Some(Mark::FAILS),
        name: line![values::label(plan, change)],
        text,
        parts,
        below,
        ..Item::default()
    }
}

/// Returns what of the settings is unknown, or could not be applied.
fn finding(found: &Verification, check: &Check) -> Item {
    let steps = found.plan.iter().flat_map(|plan| plan.portal_steps.iter().flatten()).count();
    let why =
        if found.is_portal_closed { "not readable with this sign-in" } else { "left out by --graph-only" };
    let (name, text) = match setting(&check.name) {
        _ if check.is_portal_left_out() => {
            let settings = counted(steps, "setting");
            (line![format!("{settings} of the portal")], line![NOT_LOOKED_AT, ": ", why])
        }
        Some(setting) => (line![setting.label], line![&check.message]),
        None => (line![code(&check.name)], line![excerpt(&check.message, 400)]),
    };
    Item { mark: Some(mark(check)), name, text, ..Item::default() }
}

fn mark(check: &Check) -> Mark {
    match check.ok {
        Some(true) => Mark::HOLDS,
        Some(false) => Mark::FAILS,
        None => Mark::UNKNOWN,
    }
}

/// Returns what was checked of the tester, and of their reset.
fn tested(found: &Verification) -> Option<Block> {
    let checks: Vec<&Check> =
        found.checks.iter().filter(|check| matches!(check.about, About::Tester | About::Reset)).collect();
    let items = self::checks(&checks);
    let Some(TestedUser { account, name, .. }) = &found.tester else { return items };
    let heading = match name {
        Some(name) => line![foreign(excerpt(name, 100)), " (", foreign(excerpt(account, 120)), ")"],
        None => line![foreign(excerpt(account, 120))],
    };
    Some(Block::Section(heading.into(), items.into_iter().collect()))
}

fn checks(checks: &[&Check]) -> Option<Block> {
    let item = |check: &&Check| Item {
        mark: Some(mark(check)),
        name: line![match &*check.name {
            "account" => "Account",
            "member" => "Group",
            "ordinary-user" => "Administrator role",
            "guest" => "Guest",
            "licence" => "Licence",
            "writeback" => "Password writeback",
            "registered" => "Registered methods",
            "user" => "User",
            "reset" => "Reset",
            other => other,
        }],
        text: line![foreign(excerpt(&check.message, 400))],
        ..Item::default()
    };
    let items = Items { names: Names::Column, ..Items::new(&["check", "result"], checks.iter().map(item)) };
    (!checks.is_empty()).then_some(Block::Items(items))
}

/// Returns what became of a reset that was waited for.
pub fn reset(found: &Verification) -> Vec<Block> {
    let checks: Vec<&Check> = found.checks.iter().filter(|check| check.about == About::Reset).collect();
    self::checks(&checks).into_iter().collect()
}

/// Returns what the tester can do now, or why they cannot try a reset.
fn outlook(user: &TestedUser, found: &Verification) -> Block {
    let TestedUser { account, obstacle, is_registered, .. } = user;
    if let Some(obstacle) = obstacle {
        let group = found
            .plan
            .as_ref()
            .and_then(|plan| plan.group.as_ref())
            .map(|group| foreign(&group.display_name));
        let why = match obstacle {
            Obstacle::Disabled => line!["the account is disabled"],
            Obstacle::Guest => line!["guests reset their password in their home tenant"],
            Obstacle::NotMember => {
                line!["they are not in ", group.map_or_else(|| line!["the group"], Line::from)]
            }
            Obstacle::Administrator => {
                line!["Microsoft's own policy applies to administrators, not the spec"]
            }
            Obstacle::Unlicensed => line!["they have no licence that covers password reset"],
            Obstacle::NoWriteback => line!["passwords are not written back to the on-premises directory"],
            Obstacle::DirectoryOnly => {
                line![
                    "their numbers and addresses are only in the directory, and none is registered that is enough"
                ]
            }
        };
        return Block::Lines(vec![line![
            foreign(account),
            words(Tone::Warn, " cannot test this pilot"),
            ": ",
            why,
            "."
        ]]);
    }
    let opens = |plan: &&Plan| plan.changes.iter().any(|change| matches!(&*change.key, "scope" | "group"));
    if let Some(plan) = found.plan.as_ref().filter(opens) {
        let spec = spec_name(&plan.spec_path);
        return Block::Lines(vec![line![foreign(account), " can test once ", spec, " is applied."]]);
    }
    let register = (!is_registered).then(|| line![format!("register at {REGISTER}")]);
    let steps = [
        register,
        Some(line![format!("sign out, then reset the password at {RESET}")]),
        (!found.is_watched)
            .then(|| line!["5 to 10 minutes later the audit log shows it: ", code(watch(account, found))]),
    ];
    let intro = line!["In a private browser window, as ", foreign(account), ":"];
    Block::Steps(intro, steps.into_iter().flatten().collect())
}

/// Returns a command about the same spec.
fn about_spec(command: &str, found: &Verification) -> String {
    let spec = found.plan.as_ref().map(|plan| format!(" {}", shell_word(&plan.spec_path)));
    format!("sspr {command}{}", spec.unwrap_or_default())
}

fn watch(account: &str, found: &Verification) -> String {
    format!("{} --user {} --watch", about_spec("verify", found), shell_word(account))
}

/// Returns what to type next.
fn next(found: &Verification) -> Vec<Line> {
    let differs = found.plan.as_ref().is_some_and(|plan| !plan.changes.is_empty());
    let plan = differs.then(|| line![code(about_spec("plan", found))]);
    let others = || code(about_spec("people", found) + " --only ready");
    let user = found.tester.as_ref();
    let of_user = user.and_then(|user| Some((user, user.obstacle?))).map(|(user, obstacle)| match obstacle {
        Obstacle::Disabled => line!["enable the account, or choose someone else: ", others()],
        Obstacle::Guest | Obstacle::Administrator => line!["choose someone else: ", others()],
        Obstacle::NotMember => line!["add them to the group, or choose someone else: ", others()],
        Obstacle::Unlicensed => line!["assign them a licence, or choose someone else: ", others()],
        Obstacle::NoWriteback => line!["turn on password writeback, or choose someone else: ", others()],
        Obstacle::DirectoryOnly => line![
            format!("have them register at {REGISTER}, or register a method for them, then "),
            code(watch(&user.account, found))
        ],
    });
    plan.into_iter().chain(of_user).collect()
}

/// Returns a difference in one line of plain text, for an annotation.
pub(super) fn plain_difference(plan: &Plan, change: &Change) -> String {
    let plain = |line: &Line| line.0.iter().map(|span| span.text.as_str()).collect::<String>();
    let Described { text, parts, .. } = values::compared(plan, change);
    let parts = parts.iter().map(|(name, text)| format!("{}: {}", plain(name), plain(text)));
    let all: Vec<String> =
        Some(plain(&text)).filter(|text| !text.is_empty()).into_iter().chain(parts).collect();
    format!("{}: {}", values::label(plan, change), all.join("; "))
}

fn events(events: &[SeenEvent]) -> Block {
    let row = |SeenEvent { at, activity, ok: _, reason }: &SeenEvent| {
        vec![
            line![moment_of(at)],
            line![foreign(excerpt(activity, 100))],
            line![foreign(excerpt(reason, 200))],
        ]
    };
    Block::Table(&["when", "what", "why"], events.iter().map(row).collect())
}

/// Returns a line of the audit log as a screen shows it.
pub fn event_text(event: &SeenEvent, layout: &Layout) -> String {
    let SeenEvent { at, activity, ok: _, reason } = event;
    let (activity, reason) = (foreign(excerpt(activity, 100)), foreign(excerpt(reason, 200)));
    super::text::line(&line![moment_of(at), "  ", activity, "  ", reason], layout)
}
