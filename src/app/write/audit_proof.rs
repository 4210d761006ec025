//! Finds the audit log's entries for the writes of a run, and for edits by others.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::app::observe::odd_rows;
use crate::client::{List, LoggedChange, TenantReader};
use crate::ids::GroupId;
use crate::outcome::{Outcome, Proof, Proofs, ProvingEvent, Write};
use crate::plan::Operation;
use crate::stop::Stop;
use crate::store::{Event, Journal, Run};
use crate::tenant::{Resource, Surface};
use crate::text::visible;

/// How far the time of a line may be from that of its write, once the service's clock is reckoned with.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Pages of a look. The log of the few minutes around the writes is short, even in a large tenant.
const PAGES: usize = 5;
/// What logs a change of password reset; people's own doings are in its category `UserManagement` (facts 4).
const SERVICE: &str = "Self-service Password Management";

/// Looks in the audit log, until it shows every write or `total` is over, and records in the journal what it
/// showed. The log is 5 to 10 minutes late, sometimes an hour (facts 4). That the proof is missing is no error:
/// the writes are read back already. What the log says about `earlier` runs proves nothing of this one.
pub(in crate::app) async fn prove(
    reader: &TenantReader,
    stop: &Stop,
    outcome: &Outcome,
    earlier: &[Run],
    (pause, total): (Duration, Duration),
) -> Proofs {
    // Its lines have the service's time, by which a machine with a wrong clock would look for them at another.
    let ahead = reader.graph.clock_ahead();
    let writes: Vec<Write> = outcome.writes.iter().map(|write| by_clock(write, ahead)).collect();
    let ours = [ids(reader, Surface::Graph).await, ids(reader, Surface::Portal).await];
    let started = tokio::time::Instant::now();
    let (mut proofs, mut why): (Vec<Proof>, String);
    let mut is_over = false;
    loop {
        let looked = match window(&writes) {
            Some(window) => reader.graph.fetch_changes(window, PAGES).await,
            None => Ok(List::default()),
        };
        (proofs, why) = match looked {
            Ok(mut changes) => {
                changes.rows.retain(|change| !earlier.iter().any(|run| is_made_by(run, change, ahead)));
                (find(&writes, &changes.rows, &ours), missing(total, &changes))
            }
            Err(error) => {
                is_over |= error.is_sign_in() || error.is_refusal() || error.is_odd();
                let stopped = error.stop_reason().map(|reason| reason.to_string());
                (find(&writes, &[], &ours), stopped.unwrap_or_else(|| error.to_string()))
            }
        };
        is_over |= started.elapsed() + pause > total;
        if is_over || stop.reason().is_some() || proofs.iter().all(|proof| proof.event.is_some()) {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            reason = stop.asked() => {
                why = reason.to_string();
                break;
            }
        }
    }
    let mut why = proofs.iter().any(|proof| proof.event.is_none()).then_some(why);
    if let Err(error) = record(outcome, &proofs) {
        why = Some(format!("{error:#}"));
    }
    Proofs { proofs, why }
}

fn missing(total: Duration, seen: &List<LoggedChange>) -> String {
    let seconds = total.as_secs();
    if let Some(odd) = odd_rows(seen.odd, "the audit log") {
        return format!("the audit log did not show it within {seconds} s, and it may be in {odd}");
    }
    match seen.is_all {
        true => format!("the audit log did not show it within {seconds} s; it is often later"),
        false => format!("the audit log is longer than sspr reads, and did not show it within {seconds} s"),
    }
}

fn record(outcome: &Outcome, proofs: &[Proof]) -> anyhow::Result<()> {
    let Some(journal) = &outcome.journal else { return Ok(()) };
    let mut journal = Journal::reopen(Path::new(journal))?;
    for Proof { resource, event } in proofs.iter().cloned() {
        journal.record(&match event {
            Some(audit) => Event::Proved { resource, audit },
            None => Event::Unproved { resource },
        })?;
    }
    journal.seal();
    Ok(())
}

/// Returns the ids that a surface is signed in as; none if the token does not say.
async fn ids(reader: &TenantReader, surface: Surface) -> (Surface, Vec<String>) {
    let claims = reader.fetch_claims(surface).await.unwrap_or_default();
    let ids = [claims.object_id, claims.application].into_iter().flatten();
    (surface, ids.map(|id| id.to_ascii_lowercase()).collect())
}

/// Returns a write with its times by a clock that is so far ahead.
fn by_clock(write: &Write, ahead: SignedDuration) -> Write {
    Write { operation: write.operation.clone(), began: write.began + ahead, ended: write.ended + ahead }
}

fn window(writes: &[Write]) -> Option<(Timestamp, Timestamp)> {
    let began = writes.iter().map(|write| write.began).min()?;
    let ended = writes.iter().map(|write| write.ended).max()?;
    // Whole seconds: how many digits of a second the service reads is not documented.
    let from = Timestamp::from_second((began - SKEW).as_second()).ok()?;
    let to = Timestamp::from_second((ended + SKEW).as_second() + 1).ok()?;
    Some((from, to))
}

/// Finds the record of each write: by its name where that is known, else by what it was done to, and
/// always by time and, where the log says it, by who did it. No entry counts for two writes.
fn find(writes: &[Write], changes: &[LoggedChange], ours: &[(Surface, Vec<String>)]) -> Vec<Proof> {
    let mut taken = HashSet::new();
    let mut proofs = Vec::new();
    for write in writes {
        let surface = write.resource().surface();
        let ids = ours.iter().find(|(known, _)| *known == surface).map_or(&[][..], |(_, ids)| ids);
        let fitting = changes.iter().filter(|change| !taken.contains(&change.id));
        let fitting = fitting.filter_map(|change| Some((matched(write, change, ids)?, change)));
        let best = fitting.min_by_key(|(how, change)| {
            (*how, change.at.duration_since(write.began).unsigned_abs(), change.id.clone())
        });
        taken.extend(best.iter().map(|(_, change)| change.id.clone()));
        let event = best.map(|(how, change)| ProvingEvent {
            id: change.id.clone(),
            at: change.at.to_string(),
            activity: change.activity.clone(),
            by: change.by.name.clone(),
            matched: how.message().to_owned(),
        });
        proofs.push(Proof { resource: write.resource().to_string(), event });
    }
    proofs
}

/// What a line was recognised by, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    NameAndTarget,
    Name,
    Target,
    Service,
}

impl How {
    fn message(self) -> &'static str {
        match self {
            Self::NameAndTarget => "name, target and time",
            Self::Name => "name and time",
            Self::Target => "target and time; its name is not one sspr knows",
            Self::Service => "service and time; its name is not one sspr knows",
        }
    }
}

fn matched(write: &Write, change: &LoggedChange, ours: &[String]) -> Option<How> {
    let is_then = write.began - SKEW <= change.at && change.at <= write.ended + SKEW;
    let is_someone_elses =
        !ours.is_empty() && !change.by.ids.is_empty() && !change.by.ids.iter().any(|id| ours.contains(id));
    if !is_then || is_someone_elses || change.is_success == Some(false) {
        return None;
    }
    let is_named = write.operation.activities().contains(&change.activity.as_str());
    match (is_named, is_about(write, change)) {
        (true, true) => Some(How::NameAndTarget),
        (true, false) => Some(How::Name),
        (false, true) => Some(How::Target),
        // People who register or reset are logged there too, and are no policy.
        (false, false) => {
            let is_policy = change.service == SERVICE && change.category != "UserManagement";
            (is_policy && write.resource().surface() == Surface::Portal).then_some(How::Service)
        }
    }
}

/// Whether a line is about the object of a write: by the object's name, or by a field that was written.
fn is_about(write: &Write, change: &LoggedChange) -> bool {
    let name = write.resource().to_string();
    let own = name.rsplit('/').next().unwrap_or_default();
    if let Resource::Membership { group, member } = write.resource() {
        // The same group may go into others at the same time.
        let is_named =
            |id: &GroupId| change.targets.iter().any(|target| target.names.iter().any(|said| id.is(said)));
        return is_named(group) && is_named(member);
    }
    let fields = write.operation.fields();
    let is = |said: &String, wanted: &str| said.eq_ignore_ascii_case(wanted);
    change.targets.iter().any(|target| {
        target.names.iter().any(|said| is(said, own))
            || (write.resource().surface() == Surface::Portal
                && target.properties.iter().any(|said| fields.iter().any(|field| is(said, field))))
    })
}

/// Returns who last changed an object and when, as far as the audit log shows it in time.
/// What was done during `runs` by the account signed in now is this tool's own.
pub(super) async fn last_touched(
    reader: &TenantReader,
    operation: &Operation,
    since: Timestamp,
    runs: &[Run],
) -> Option<String> {
    let activity = operation.activities().first()?;
    let ahead = reader.graph.clock_ahead();
    let asked = reader.graph.fetch_changes_called(activity, since + ahead);
    let changes = tokio::time::timeout(Duration::from_secs(15), asked).await.ok()?.ok()?;
    let (_, ours) = ids(reader, operation.resource().surface()).await;
    let is_ours = |change: &&LoggedChange| {
        change.by.ids.iter().any(|id| ours.contains(id))
            && runs.iter().any(|run| is_during(run, change.at, ahead))
    };
    let last = changes.iter().filter(|change| !is_ours(change)).max_by_key(|change| change.at)?;
    let who = last.by.name.as_deref().map_or("someone it does not name".into(), visible);
    Some(format!("{who} at {}", last.at))
}

/// Whether a line is one that proved an earlier run, or of the time of one; the log's clock is `ahead`.
fn is_made_by(run: &Run, change: &LoggedChange, ahead: SignedDuration) -> bool {
    let is_then =
        |(started, ended): (Timestamp, Timestamp)| started + ahead <= change.at && change.at <= ended + ahead;
    run.proof.contains(&change.id) || times(run).is_some_and(is_then)
}

fn is_during(run: &Run, at: Timestamp, ahead: SignedDuration) -> bool {
    times(run).is_some_and(|(started, ended)| started + ahead - SKEW <= at && at <= ended + ahead + SKEW)
}

fn times(run: &Run) -> Option<(Timestamp, Timestamp)> {
    Some((run.started.parse().ok()?, run.ended.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::client::{LoggedTarget, LoggedWho};
    use crate::tenant::Object;

    const OURS: &str = "11111111-1111-1111-1111-111111111111";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn write(resource: Resource) -> Write {
        let object = |state: u8| {
            let json = json!({"objectId": "default", "enablementType": state});
            Object::from_json(resource.clone(), json).unwrap()
        };
        Write { operation: Operation::between(object(0), object(1)), began: at(0), ended: at(2) }
    }

    fn change(id: &str, activity: &str) -> LoggedChange {
        let by = LoggedWho { name: Some("ada@contoso.com".to_owned()), ids: vec![OURS.to_owned()] };
        LoggedChange {
            id: id.to_owned(),
            at: at(1),
            activity: activity.to_owned(),
            by,
            ..LoggedChange::default()
        }
    }

    fn found(write: Write, change: LoggedChange) -> Option<String> {
        let ours = [(Surface::Graph, vec![OURS.to_owned()]), (Surface::Portal, vec![OURS.to_owned()])];
        find(&[write], &[change], &ours).remove(0).event.map(|event| event.matched)
    }

    #[test]
    fn a_line_is_known_by_name_or_target_and_by_time_and_hand() {
        let named = || change("1", "Update SSPR Settings");
        let about = |name: &str, property: &str| {
            vec![LoggedTarget { names: vec![name.to_owned()], properties: vec![property.to_owned()] }]
        };
        let portal = || write(Resource::PasswordReset);
        assert_eq!(found(portal(), named()).as_deref(), Some("name and time"));
        let full = LoggedChange { targets: about("x", "EnablementType"), ..named() };
        assert_eq!(found(portal(), full.clone()).as_deref(), Some("name, target and time"));
        let unnamed = LoggedChange { activity: "Set a thing".to_owned(), ..full };
        assert!(found(portal(), unnamed).unwrap().starts_with("target and time"));
        let by_service = LoggedChange {
            service: SERVICE.to_owned(),
            category: "DirectoryManagement".to_owned(),
            ..change("1", "Set a thing")
        };
        assert!(found(portal(), by_service.clone()).unwrap().starts_with("service and time"));
        let of_a_person = LoggedChange { category: "UserManagement".to_owned(), ..by_service.clone() };
        assert_eq!(found(portal(), of_a_person), None);
        assert_eq!(found(write(Resource::Method("Sms".to_owned())), by_service), None);
        assert_eq!(found(portal(), change("1", "Set a thing")), None);
    }

    #[test]
    fn what_someone_else_did_or_failed_or_was_at_another_time_is_no_proof() {
        let named = || change("1", "Update SSPR Settings");
        let portal = || write(Resource::PasswordReset);
        for (second, is_found) in [(-61, false), (-60, true), (62, true), (63, false)] {
            let change = LoggedChange { at: at(second), ..named() };
            assert_eq!(found(portal(), change).is_some(), is_found, "{second}");
        }
        let theirs = LoggedWho { name: None, ids: vec!["2".to_owned()] };
        assert_eq!(found(portal(), LoggedChange { by: theirs, ..named() }), None);
        assert!(found(portal(), LoggedChange { by: LoggedWho::default(), ..named() }).is_some());
        assert_eq!(found(portal(), LoggedChange { is_success: Some(false), ..named() }), None);
    }

    fn run(started: String, ended: String) -> Run {
        Run {
            id: "20261122T100000Z-000000".to_owned(),
            tenant: uuid::Uuid::nil().into(),
            made: None,
            started,
            spec: String::new(),
            except: Vec::new(),
            purpose: None,
            back_to: None,
            changes: 1,
            reached: None,
            by: Vec::new(),
            ended,
            proof: Vec::new(),
            end: crate::store::RunEnd::Done,
            wrote: crate::store::Wrote::Something,
            standing: crate::store::Standing::Stands,
            problem: None,
            directory: std::path::PathBuf::new(),
        }
    }

    #[test]
    fn what_proved_an_earlier_run_or_happened_in_it_proves_no_other() {
        let run = |proof: &str, started: i64, ended: i64| Run {
            proof: vec![proof.to_owned()],
            ..run(at(started).to_string(), at(ended).to_string())
        };
        let line = change("1", "Update SSPR Settings");
        for (ahead, clock) in [0, 3600, -3600].map(|ahead| (ahead, SignedDuration::from_secs(ahead))) {
            let is_made_by = |run: &Run| is_made_by(run, &line, clock);
            assert!(is_made_by(&run("1", -30, -20)));
            assert!(is_made_by(&run("2", -30 - ahead, 1 - ahead)));
            assert!(!is_made_by(&run("2", -30 - ahead, -ahead)));
            assert!(!is_made_by(&run("2", 2 - ahead, 3 - ahead)));
        }
    }

    #[test]
    fn no_line_proves_two_writes_and_the_surest_is_taken() {
        let method = |id: &str| write(Resource::Method(id.to_owned()));
        let line = |id: &str, name: &str| LoggedChange {
            targets: vec![LoggedTarget { names: vec![name.to_owned()], properties: Vec::new() }],
            ..change(id, "Authentication Methods Policy Update")
        };
        let lines = [line("a", "Email"), line("b", "sms")];
        let proofs = find(&[method("Sms"), method("Email"), method("Voice")], &lines, &[]);
        let ids: Vec<_> = proofs.into_iter().map(|proof| proof.event.map(|event| event.id)).collect();
        assert_eq!(ids, [Some("b".to_owned()), Some("a".to_owned()), None]);
    }

    #[test]
    fn the_log_is_read_a_little_before_the_first_write_and_after_the_last() {
        let later = Write { began: at(10), ended: at(12), ..write(Resource::Authorization) };
        assert_eq!(window(&[later, write(Resource::PasswordReset)]), Some((at(-60), at(73))));
        assert_eq!(window(&[]), None);
    }

    #[test]
    fn a_line_is_of_a_run_that_was_under_way() {
        let known = run(at(0).to_string(), at(10).to_string());
        for (second, expected) in [(-61, false), (-60, true), (5, true), (70, true), (71, false)] {
            for ahead in [0, 3600, -3600] {
                let clock = SignedDuration::from_secs(ahead);
                assert_eq!(is_during(&known, at(second + ahead), clock), expected, "{second} {ahead}");
            }
        }
        assert!(!is_during(&run(String::new(), at(10).to_string()), at(5), SignedDuration::ZERO));
    }
}
