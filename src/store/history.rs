//! The list of earlier runs: when, from which spec, how they ended, and which still stand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use serde_json::Value;

use crate::files::is_nothing_there;
use crate::ids::TenantId;
use crate::outcome::applied::NamedRun;
use crate::plan::{Purpose, WriteStatus};
use crate::store::StateDir;
use crate::store::journal_event::Event;
use crate::store::read_run::{JOURNAL, Lines, Record, SEAL, Sent, read_journal, refuse_foreign, sent};

/// How a run ended, as far as its journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// Every write was proved by reading back.
    Done,
    /// It stopped by itself; the reason is in its journal.
    Stopped {
        /// What it said.
        reason: String,
        /// Whether a write was sent, and not seen not to have landed.
        is_touched: bool,
    },
    /// It has not ended: it holds its tenant's lock.
    UnderWay,
    /// It was cut off: killed, or the machine went down.
    CutOff {
        /// The object it was writing, where it had begun to.
        writing: Option<String>,
    },
    /// Its journal is of another version of this tool, damaged or not this user's; it is left alone.
    Unreadable,
}

/// What a run wrote, as far as its journal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// No write was sent, or each was seen not to land, or none changed anything: there is nothing to go back from.
    Nothing,
    /// A write was sent, or may have been, and none was seen to land.
    Perhaps,
    /// At least one write was seen to land.
    Something,
}

/// How far a run came with its changes, as far as its journal says; the others were not reached, or seen not to land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Changes that were seen to land.
    pub done: usize,
    /// Changes of writes that were sent, or may have been, and were not seen to land.
    pub unknown: usize,
}

/// What is left of a run after those that came later, as far as the records say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What it wrote was not taken back.
    Stands,
    /// As [`Standing::Stands`], if it wrote at all, and if a later run whose record cannot be used did not take it back.
    MayStand,
    /// It wrote nothing that could be taken back.
    Nothing,
    /// A later run took it back.
    TakenBack,
    /// It is a way back itself.
    WayBack,
    /// Its record cannot be used.
    Unknown,
}

/// One run that wrote, or was about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Name of its directory; sorts by time.
    pub id: String,
    /// Tenant id.
    pub tenant: TenantId,
    /// When it began, RFC 3339; empty where the journal does not say.
    pub started: String,
    /// When its plan was made, by the clock that went by; `None` where the journal does not say.
    pub made: Option<Timestamp>,
    /// The spec it came from, as it was given; the command, where there was none.
    pub spec: String,
    /// What of the spec was left out.
    pub except: Vec<String>,
    /// What it was for; `None` where the journal does not say.
    pub purpose: Option<Purpose>,
    /// The run before which it brought the tenant back to; `None` where it is no way back, or all the way.
    pub back_to: Option<String>,
    /// How many changes it was to make.
    pub changes: usize,
    /// How far it came with them; `None` where its journal cannot be used.
    pub reached: Option<Reached>,
    /// Who made them, as far as the sign-in says.
    pub by: Vec<String>,
    /// When it last wrote or ended, RFC 3339.
    pub ended: String,
    /// Ids of the audit log's records of the writes.
    pub proof: Vec<String>,
    /// How it ended.
    pub end: RunEnd,
    /// What it wrote.
    pub wrote: Wrote,
    /// What is left of it. [`Standing::Unknown`] until it is seen among the other runs of its tenant.
    pub standing: Standing,
    /// Why its record cannot be used, where it cannot.
    pub problem: Option<String>,
    /// Its directory.
    pub directory: PathBuf,
}

impl Run {
    /// Returns the run as it is spoken of.
    pub fn named(&self) -> NamedRun {
        let command = if self.spec == "cleanup" { "cleanup" } else { "apply" };
        let is_doubtful = self.wrote != Wrote::Something || self.standing == Standing::MayStand;
        NamedRun { id: self.id.clone(), command, is_doubtful }
    }

    /// Returns what a run that was cut off means for the one that finds it.
    pub fn message(&self) -> String {
        let when = if self.started.is_empty() { self.id.as_str() } else { self.started.as_str() };
        let what = match &self.end {
            RunEnd::CutOff { writing: Some(resource) } => {
                format!(
                    "was interrupted while it wrote {resource}, so that write may or may not have been applied"
                )
            }
            _ => "was interrupted before it wrote anything".to_owned(),
        };
        format!(
            "the run of {when} {what}; its baseline is in {}. This run starts from the tenant's current state",
            self.directory.display()
        )
    }
}

/// Says of each run of one tenant, oldest first, what is left of it.
fn settle(runs: &mut [Run]) {
    for at in 0..runs.len() {
        let (earlier, later) = runs.split_at_mut(at);
        let run = &mut later[0];
        run.standing = match (&run.problem, run.purpose, run.wrote) {
            (Some(_), ..) => Standing::Unknown,
            (_, Some(Purpose::Restore), _) => Standing::WayBack,
            (.., Wrote::Nothing) => Standing::Nothing,
            (.., Wrote::Perhaps) => Standing::MayStand,
            (.., Wrote::Something) => Standing::Stands,
        };
        // What cannot be read may have been a way back.
        if run.standing == Standing::Unknown && run.purpose.is_none_or(|purpose| purpose == Purpose::Restore)
        {
            let standing = earlier.iter_mut().filter(|earlier| earlier.standing == Standing::Stands);
            standing.for_each(|earlier| earlier.standing = Standing::MayStand);
        }
        // A way back that stopped half-way is gone over again; it added nothing.
        if run.standing == Standing::WayBack && run.end == RunEnd::Done {
            let is_undone = |earlier: &&mut Run| {
                matches!(earlier.standing, Standing::Stands | Standing::MayStand | Standing::Unknown)
                    && run.back_to.as_ref().is_none_or(|back_to| earlier.id >= *back_to)
            };
            earlier.iter_mut().filter(is_undone).for_each(|earlier| earlier.standing = Standing::TakenBack);
        }
    }
}

impl StateDir {
    /// Returns every run of every tenant, oldest first.
    ///
    /// # Errors
    /// The state directory cannot be read. One that does not exist holds no runs.
    pub fn load_history(&self) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        let names = entries(self.root()).with_context(|| cannot_read(self.root()))?;
        for tenant in names.iter().filter_map(|name| name.parse::<TenantId>().ok()) {
            // One tenant's trouble hides no other's runs.
            if let Err(refusal) = refuse_foreign(&self.root().join(tenant.to_string())) {
                tracing::warn!("{refusal}");
                continue;
            }
            runs.extend(self.load_history_of(tenant)?);
        }
        runs.sort_by(|a, b| (&a.id, &a.tenant).cmp(&(&b.id, &b.tenant)));
        Ok(runs)
    }

    /// Returns the runs of one tenant, oldest first; one that has not ended is under way while the tenant is locked.
    ///
    /// # Errors
    /// As [`StateDir::load_runs`].
    pub fn load_history_of(&self, tenant: TenantId) -> Result<Vec<Run>> {
        let mut runs = self.load_runs(tenant)?;
        if let Some(last) = runs.last_mut()
            && matches!(last.end, RunEnd::CutOff { .. })
            && self.is_locked(tenant)
        {
            last.end = RunEnd::UnderWay;
        }
        Ok(runs)
    }

    /// Returns the runs of one tenant, oldest first.
    ///
    /// # Errors
    /// As [`StateDir::load_history`]; also where the tenant's directory is not this user's own.
    pub fn load_runs(&self, tenant: TenantId) -> Result<Vec<Run>> {
        let directory = self.root().join(tenant.to_string());
        refuse_foreign(&directory)?;
        // Without any of them nothing was sent.
        let is_on_record = |id: &String| {
            [JOURNAL, SEAL].iter().any(|name| directory.join(id).join(name).symlink_metadata().is_ok())
        };
        let runs = names_of_runs(&directory)?.into_iter().filter(is_on_record);
        let mut runs: Vec<Run> = runs.map(|id| load_run(tenant, id, &directory)).collect();
        settle(&mut runs);
        Ok(runs)
    }
}

/// Returns the names of the folders of runs in a tenant's directory, oldest first. A copy someone made beside one has
/// another name, and is no run.
pub(in crate::store) fn names_of_runs(directory: &Path) -> Result<Vec<String>> {
    let mut names = entries(directory).with_context(|| cannot_read(directory))?;
    names.retain(|name| is_name_of_run(name));
    names.sort();
    Ok(names)
}

/// Whether a name is like `20261122T225641Z-000000`; early versions had letters too behind the dash.
fn is_name_of_run(name: &str) -> bool {
    const STAMP: &[u8] = b"00000000T000000Z";
    let Some((stamp, number)) = name.split_once('-') else { return false };
    let is_like = |(byte, like): (u8, &u8)| if *like == b'0' { byte.is_ascii_digit() } else { byte == *like };
    stamp.len() == STAMP.len()
        && stamp.bytes().zip(STAMP).all(is_like)
        && number.len() >= 6
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(in crate::store) fn cannot_read(directory: &Path) -> String {
    format!("{} could not be read", directory.display())
}

/// Returns the names of the directories, and of the links, in a directory; none where there is none.
pub(in crate::store) fn entries(directory: &Path) -> io::Result<Vec<String>> {
    let read = match fs::read_dir(directory) {
        Ok(read) => read,
        Err(error) if is_nothing_there(directory, &error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in read {
        let entry = entry?;
        let kind = entry.file_type()?;
        // A link is reported and not followed.
        if kind.is_dir() || kind.is_symlink() {
            names.extend(entry.file_name().into_string().ok());
        }
    }
    Ok(names)
}

fn load_run(tenant: TenantId, id: String, parent: &Path) -> Run {
    let directory = parent.join(&id);
    let Lines { records, damage } = read_journal(&directory);
    // What the audit log showed is no part of the run itself.
    let (proofs, records): (Vec<Record>, Vec<Record>) =
        records.into_iter().partition(|record| record.event.is_proof());
    let (started, start) = match records.first() {
        Some(Record { at, event: Event::Started(start) }) => (at.clone(), start.clone()),
        _ => Default::default(),
    };
    let sent = sent(&records);
    let (purpose, wrote) = (start.purpose.parse::<Purpose>().ok(), wrote(&sent));
    let is_nameless = purpose.is_none() && wrote != Wrote::Nothing;
    let nameless = is_nameless.then(|| "it does not say what kind of run it was".to_owned());
    let proof = proofs.into_iter().filter_map(|record| match record.event {
        Event::Proved { audit, .. } => Some(audit.id),
        _ => None,
    });
    Run {
        tenant,
        made: start.made.parse().or_else(|_| started.parse()).ok(),
        started,
        spec: start.spec.path,
        except: start.spec.except,
        purpose,
        back_to: start.back_to,
        changes: start.changes.len(),
        reached: damage.is_none().then(|| reached(&start.changes, &sent)),
        by: start.by,
        ended: records.last().map(|record| record.at.clone()).unwrap_or_default(),
        proof: proof.collect(),
        end: if damage.is_some() { RunEnd::Unreadable } else { end(&records, &sent) },
        wrote,
        standing: Standing::Unknown,
        problem: damage.or(nameless),
        id,
        directory,
    }
}

/// Counts the changes by what became of the write of their object.
fn reached(changes: &[Value], sent: &[Sent<'_>]) -> Reached {
    let count = |wanted: WriteStatus| {
        let last = |change: &Value| {
            let of_object = sent.iter().rev().find(|sent| change["resource"] == *sent.writing.resource);
            of_object.map(Sent::status)
        };
        changes.iter().filter(|change| last(change) == Some(wanted)).count()
    };
    Reached { done: count(WriteStatus::Done), unknown: count(WriteStatus::Sent) }
}

fn wrote(sent: &[Sent<'_>]) -> Wrote {
    let statuses: Vec<WriteStatus> =
        sent.iter().map(Sent::status).filter(|status| *status != WriteStatus::AlreadySo).collect();
    match statuses.contains(&WriteStatus::Done) {
        true => Wrote::Something,
        false if statuses.is_empty() => Wrote::Nothing,
        false => Wrote::Perhaps,
    }
}

fn end(records: &[Record], sent: &[Sent<'_>]) -> RunEnd {
    let writing = || {
        records.iter().rev().find_map(|record| match &record.event {
            Event::Writing(writing) => Some(writing.resource.clone()),
            _ => None,
        })
    };
    match records.iter().map(|record| &record.event).find(|event| event.is_end()) {
        Some(Event::Stopped { reason, .. }) => {
            RunEnd::Stopped { reason: reason.clone(), is_touched: !sent.is_empty() }
        }
        Some(_) => RunEnd::Done,
        None => RunEnd::CutOff { writing: writing() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::files::create_private_folder;
    use crate::store::journal_event::FORMAT;

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

    /// A run as its journal records it: what it was for, the run it went back to, and its events.
    type Told<'a> = (&'a str, Option<&'a str>, &'a [&'a str]);

    fn standing(runs: &[Told<'_>]) -> Vec<Standing> {
        let state = tempfile::tempdir().unwrap();
        for (at, (purpose, back_to, events)) in runs.iter().enumerate() {
            let directory = state.path().join(TENANT).join(format!("2026112{at}T100000Z-000000"));
            create_private_folder(&directory).unwrap();
            let started =
                json!({"event": "started", "format": FORMAT, "purpose": purpose, "back_to": back_to});
            let mut journal = format!("{started}\n");
            for event in *events {
                let to = if *event == "writing" { json!({"a": 1}) } else { json!({}) };
                let event = if *event == "writing nothing" { "writing" } else { event };
                journal.push_str(&format!("{}\n", json!({"event": event, "to": to})));
            }
            fs::write(directory.join(JOURNAL), journal.replace("\"damage\"", "damage")).unwrap();
        }
        let runs = StateDir::new(state.path().to_owned()).load_runs(TENANT.parse().unwrap()).unwrap();
        runs.into_iter().map(|run| run.standing).collect()
    }

    #[test]
    fn how_far_a_run_came_is_counted_in_changes_by_its_writes() {
        let state = tempfile::tempdir().unwrap();
        let directory = state.path().join(TENANT).join("20261121T100000Z-000000");
        create_private_folder(&directory).unwrap();
        let changes: Vec<Value> =
            ["sms", "voice", "policy", "policy", "later"].iter().map(|it| json!({"resource": it})).collect();
        let started = json!({"event": "started", "format": FORMAT, "purpose": "apply", "changes": changes});
        let event =
            |event: &str, resource: &str| json!({"event": event, "resource": resource, "to": {"a": 1}});
        let reached = |events: &[Value]| {
            let lines =
                [started.clone()].iter().chain(events).map(|it| format!("{it}\n")).collect::<String>();
            fs::write(directory.join(JOURNAL), lines).unwrap();
            let run = StateDir::new(state.path().to_owned()).load_runs(TENANT.parse().unwrap()).unwrap();
            run[0].reached.map(|reached| (reached.done, reached.unknown))
        };
        let [sms, voice, policy] = ["sms", "voice", "policy"].map(|it| event("writing", it));
        let seen = |resource| event("verified", resource);
        assert_eq!(reached(&[]), Some((0, 0)));
        assert_eq!(reached(&[sms.clone(), seen("sms"), voice.clone()]), Some((1, 1)));
        let killed = [sms.clone(), seen("sms"), voice, seen("voice"), policy.clone()];
        assert_eq!(reached(&killed), Some((2, 2)), "one write has two changes");
        let stopped = json!({"event": "stopped", "reason": "refused", "sent": false});
        assert_eq!(reached(&[sms, seen("sms"), policy.clone(), stopped]), Some((1, 0)), "seen not to land");
        assert_eq!(reached(&[policy, json!("damage")]), None);
    }

    #[test]
    fn what_is_left_of_a_run_follows_from_what_it_wrote_and_from_later_ways_back() {
        use Standing::{MayStand, Nothing, Stands, TakenBack, Unknown, WayBack};
        const WROTE: &[&str] = &["writing", "written", "verified", "finished"];
        let (done, refused) = (("apply", None, WROTE), ("apply", None, &["writing", "stopped"][..]));
        let killed = ("apply", None, &["writing"][..]);
        let probed = ("apply", None, &["writing nothing", "written", "verified", "finished"][..]);
        let damaged = ("apply", None, &["damage", "writing"][..]);
        let back = |to| ("restore", to, WROTE);
        let half_back = ("restore", None, &["writing", "written", "stopped"][..]);
        let second = Some("20261121T100000Z-000000");
        for (runs, expected) in [
            (&[done, refused, killed, probed][..], &[Stands, Nothing, MayStand, Nothing][..]),
            (&[done, ("apply", None, &[])], &[Stands, Nothing]),
            (&[done, back(None)], &[TakenBack, WayBack]),
            (&[done, half_back], &[Stands, WayBack]),
            (&[done, done, back(second)], &[Stands, TakenBack, WayBack]),
            (&[done, refused, done, back(second)], &[Stands, Nothing, TakenBack, WayBack]),
            (&[done, back(None), done], &[TakenBack, WayBack, Stands]),
            (&[damaged, done], &[Unknown, Stands]),
            (&[damaged, back(None), done], &[TakenBack, WayBack, Stands]),
            (&[done, back(Some("20261120T235959Z-000000"))], &[Stands, WayBack]),
            (&[done, ("apply", None, &["writing", "damage"])], &[Stands, Unknown]),
            (&[done, ("restore", None, &["writing", "damage"])], &[MayStand, Unknown]),
        ] {
            assert_eq!(standing(runs), expected, "{runs:?}");
        }
        assert_eq!(standing(&[]), []);
    }
}
