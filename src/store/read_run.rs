//! Reads the journal and the baseline that a run left on disk.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::digest::sha256;
use crate::ids::TenantId;
use crate::outcome::Refusal;
use crate::plan::{WriteStatus, digest};
use crate::store::journal_event::{ALREADY_SO, Event, FORMAT, Verified, Writing};
use crate::store::ownership::{Kind, problem};

pub(in crate::store) const JOURNAL: &str = "journal.jsonl";
pub(in crate::store) const BASELINE: &str = "baseline.json";
/// Name of the seal in the directory of a run that is over.
pub(in crate::store) const SEAL: &str = "seal.json";
const SEAL_FORMAT: &str = "sspr.seal/1";
pub(in crate::store) const BASELINE_FORMAT: &str = "sspr.baseline/1";
/// Bytes of a journal or a baseline, at most. An object comes over the wire in at most 64 MiB; what is larger here was
/// not written by sspr.
pub(in crate::store) const MAX_BYTES: u64 = 64 << 20;

/// The lines of a journal, as far as they can be relied on.
#[derive(Debug, Default)]
pub(in crate::store) struct Lines {
    pub(in crate::store) records: Vec<Record>,
    /// Why its record of the writes is incomplete; the path is named by the caller.
    pub(in crate::store) damage: Option<String>,
}

#[derive(Debug)]
pub(in crate::store) struct Record {
    /// When it was written, RFC 3339; empty where the line does not say.
    pub(in crate::store) at: String,
    pub(in crate::store) event: Event,
}

impl Record {
    fn parse(line: Value) -> Option<Self> {
        // An event could be read from a list too.
        let at = line.as_object()?.get("at").and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { at, event: serde_json::from_value(line).ok()? })
    }
}

/// A write that was sent, or may have been.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Sent<'a> {
    /// The record from before it.
    pub(in crate::store) writing: &'a Writing,
    /// The record of reading back, where that showed it.
    pub(in crate::store) verified: Option<&'a Verified>,
}

impl Sent<'_> {
    /// Returns what became of it, as far as the journal says.
    pub(in crate::store) fn status(&self) -> WriteStatus {
        // A write of what was there already, which a probe makes, changes nothing.
        match self.writing.record.as_ref().is_some_and(|record| record.to.is_empty()) {
            true => WriteStatus::AlreadySo,
            false if self.verified.is_some() => WriteStatus::Done,
            false => WriteStatus::Sent,
        }
    }
}

pub(in crate::store) fn read_journal(directory: &Path) -> Lines {
    let path = directory.join(JOURNAL);
    let damaged = |damage: String| Lines { damage: Some(damage), ..Lines::default() };
    match problem(directory, Kind::Folder).and_then(|folder| match folder {
        Some(problem) => Ok(Err(problem)),
        None => read_own(&path),
    }) {
        Ok(Ok(bytes)) => {
            let lines = lines(&bytes);
            let damage = lines.damage.or_else(|| broken_seal(directory, &bytes));
            Lines { damage, ..lines }
        }
        Ok(Err(problem)) => damaged(problem),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            damaged(format!("{JOURNAL} was deleted after the run ended"))
        }
        Err(error) => damaged(format!("{JOURNAL} cannot be read: {error}")),
    }
}

/// Returns what seals the journal of a run that is over: each line was on disk before what it records, so that a
/// crash leaves a journal that can be relied on, but nothing in a journal shows that its end was lost later.
pub(in crate::store) fn seal_of(journal: &[u8]) -> Value {
    json!({"format": SEAL_FORMAT, "bytes": journal.len(), "sha256": sha256(journal)})
}

/// Returns why a journal is not the one that was sealed; `None` where it is, and where none was: the run was cut off,
/// or an early version's. What the audit log showed may have been added since.
fn broken_seal(directory: &Path, journal: &[u8]) -> Option<String> {
    let seal: Value = match read_own(&directory.join(SEAL)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("{SEAL} cannot be read: {error}")),
        Ok(Err(problem)) => return Some(format!("{SEAL}: {problem}")),
        Ok(Ok(bytes)) => serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    let sealed = seal["bytes"].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
    let (Some(sealed), true) = (sealed, seal["format"] == SEAL_FORMAT) else {
        return Some(format!("{SEAL} is damaged, or of another version"));
    };
    match journal.get(..sealed) {
        Some(journal) if seal["sha256"] == sha256(journal) => None,
        Some(_) => Some("its journal was changed after the run ended".to_owned()),
        None => Some(format!(
            "its journal was truncated after the run ended: {} of {sealed} bytes are left",
            journal.len()
        )),
    }
}

/// Reads the baseline of a run, and checks that it is this tenant's and as it was saved. `expected` is the digest its
/// journal records, if it does. Also returns whether that could be checked: early versions kept no digest.
pub(in crate::store) fn read_baseline(
    directory: &Path,
    tenant: TenantId,
    expected: Option<&str>,
) -> Result<(Value, bool), Refusal> {
    let path = directory.join(BASELINE);
    let refused = |why: String| Refusal::Record { path: path.display().to_string(), why };
    let bytes = match read_own(&path) {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(problem)) => return Err(refused(problem)),
        Err(error) => return Err(refused(error.to_string())),
    };
    parse_baseline(&bytes, tenant, expected).map_err(refused)
}

/// As [`read_baseline`], of bytes.
pub(in crate::store) fn parse_baseline(
    bytes: &[u8],
    tenant: TenantId,
    expected: Option<&str>,
) -> Result<(Value, bool), String> {
    let baseline: Value =
        serde_json::from_slice(bytes).map_err(|error| format!("it is damaged ({error})"))?;
    if baseline["format"] != BASELINE_FORMAT {
        return Err("it is not a baseline of this version".to_owned());
    }
    match baseline["tenant"]["id"].as_str() {
        Some(id) if tenant.is(id) => {}
        Some(_) => return Err("it belongs to another tenant".to_owned()),
        None => return Err("it does not name its tenant".to_owned()),
    }
    let found = digest(&baseline);
    let message = [expected, baseline["digest"].as_str()];
    if message.iter().flatten().any(|message| *message != found) {
        return Err("it was edited after it was saved".to_owned());
    }
    let is_checked = message.iter().any(Option::is_some) || is_fingerprinted(&baseline);
    Ok((baseline, is_checked))
}

/// Whether the fingerprint of the state that was planned from, which early versions kept alone, covers exactly what is
/// in the baseline. It covers all that was read, and the baseline holds what was written, so that it often covers more.
fn is_fingerprinted(baseline: &Value) -> bool {
    let policy = crate::tenant::Resource::PasswordReset;
    let Some(objects) = baseline["objects"].as_object().filter(|objects| objects.len() == 1) else {
        return false;
    };
    let object = objects.get(&policy.to_string()).cloned().unwrap_or_default();
    crate::tenant::Object::from_json(policy, object)
        .is_ok_and(|object| baseline["fingerprint"] == object.fingerprint().as_str())
}

/// Reads a file that must be this user's own and no larger than [`MAX_BYTES`]; inside is why it is not.
pub(in crate::store) fn read_own(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    if let Some(problem) = problem(path, Kind::File)? {
        return Ok(Err(problem));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(match bytes.len() as u64 > MAX_BYTES {
        true => Err(format!("it is larger than {} MiB, so it is not a record of sspr", MAX_BYTES >> 20)),
        false => Ok(bytes),
    })
}

/// Parses a journal. A line that is cut off was not yet on disk when the process ended or the disk was full, and what
/// it would have recorded did not follow; any other line that is no record is damage. The first line gives a journal's
/// version; what another version says of the run is read as far as it can be.
pub(in crate::store) fn lines(bytes: &[u8]) -> Lines {
    let mut records: Vec<Record> = Vec::new();
    let mut damage = None;
    let mut rest = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((at, line)) = rest.next() {
        let value = match serde_json::from_slice::<Value>(line) {
            Ok(value) => value,
            // Empty, or cut off.
            Err(error) if error.is_eof() && (rest.peek().is_none() || !is_glued(line)) => {
                // With nothing before it, it is none of the run's.
                if !line.is_empty() && !records.is_empty() {
                    records.push(Record { at: String::new(), event: Event::CutOff });
                }
                continue;
            }
            Err(_) => Value::Null,
        };
        if records.is_empty() && value.is_object() && value["format"] != FORMAT {
            damage = Some("it is not a journal of this version".to_owned());
        }
        match Record::parse(value) {
            Some(record) => records.push(record),
            // Behind its end a journal has the audit log's words alone.
            None if records.iter().any(|record| record.event.is_end()) => {}
            None => {
                damage = damage.or_else(|| Some(format!("line {} of its journal is damaged", at + 1)));
                break;
            }
        }
    }
    Lines { records, damage }
}

/// Whether a line that breaks off may hide a whole record, which an early version added to one that was cut off.
fn is_glued(line: &[u8]) -> bool {
    const EVENT: &[u8] = br#""event":""#;
    line.ends_with(b"}") && line.windows(EVENT.len()).any(|window| window == EVENT)
}

/// Returns the writes that were sent or may have been: all that began, less those that were refused, that someone else had
/// made, or that were seen not to land.
pub(in crate::store) fn sent(records: &[Record]) -> Vec<Sent<'_>> {
    let mut sent = Vec::new();
    let mut begun: Option<Sent<'_>> = None;
    let mut is_sent = false;
    for record in records {
        match &record.event {
            Event::Writing(writing) => {
                sent.extend(begun.take());
                (begun, is_sent) = (Some(Sent { writing, verified: None }), false);
            }
            Event::Written { answer, .. } if answer == ALREADY_SO => begun = None,
            // The record that could not be finished may have been that of the answer.
            Event::Written { .. } | Event::CutOff => is_sent = true,
            Event::Verified(verified) => {
                if let Some(begun) = begun.as_mut() {
                    begun.verified = Some(verified);
                }
            }
            Event::NotLanded { .. } => begun = None,
            // The record that it was sent may be what could not be written.
            Event::Stopped { sent: false, .. } if !is_sent => begun = None,
            _ => {}
        }
    }
    sent.extend(begun);
    sent
}

/// Refuses a folder of the state directory that is not to be relied on. One that cannot be checked passes: using it
/// fails with the reason.
pub(in crate::store) fn refuse_foreign(folder: &Path) -> Result<(), Refusal> {
    match problem(folder, Kind::Folder) {
        Ok(Some(why)) => Err(Refusal::Record { path: folder.display().to_string(), why }),
        Ok(None) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Existing, Readers};

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";

    /// Returns the objects whose writes a run made or may have made; `policy` and `admins` begin a write.
    fn written(words: &[&str]) -> Vec<String> {
        let record = |word: &&str| {
            let line = match *word {
                "policy" => json!({"event": "writing", "resource": "policy"}),
                "admins" => json!({"event": "writing", "resource": "admins"}),
                "already so" => json!({"event": "written", "answer": ALREADY_SO}),
                "stopped after sending" => json!({"event": "stopped", "sent": true}),
                "cut off" => return Record { at: String::new(), event: Event::CutOff },
                other => json!({"event": other}),
            };
            Record::parse(line).unwrap()
        };
        let records: Vec<Record> = words.iter().map(record).collect();
        sent(&records).into_iter().map(|sent| sent.writing.resource.clone()).collect()
    }

    #[test]
    fn what_landed_or_may_have_is_rolled_back_and_nothing_else() {
        for (words, expected) in [
            (&["started"][..], &[][..]),
            // Killed: it may have been sent.
            (&["policy"], &["policy"]),
            (&["policy", "written"], &["policy"]),
            // Refused, or never sent.
            (&["policy", "stopped"], &[]),
            // Sent, and not proven.
            (&["policy", "written", "stopped"], &["policy"]),
            // The record of the answer could not be written, or not be finished.
            (&["policy", "stopped after sending"], &["policy"]),
            (&["policy", "cut off", "stopped"], &["policy"]),
            (&["policy", "written", "verified", "finished"], &["policy"]),
            // Seen not to have landed, and sent once more.
            (&["policy", "written", "not landed", "policy", "written", "verified"], &["policy"]),
            (&["policy", "written", "not landed", "stopped"], &[]),
            // Someone else had made it, whether or not that was seen before the end.
            (&["policy", "already so", "admins", "written", "verified", "finished"], &["admins"]),
            (&["policy", "already so"], &[]),
            (&["policy", "written", "not landed", "policy", "stopped"], &[]),
            (&["admins", "written", "verified", "policy", "stopped"], &["admins"]),
            (&["admins", "written", "verified", "policy", "written", "stopped"], &["admins", "policy"]),
        ] {
            assert_eq!(written(words), expected, "{words:?}");
        }
    }

    #[test]
    fn a_line_that_is_cut_off_is_expected_and_any_other_that_is_no_record_is_damage() {
        let started = r#"{"event":"started","format":"sspr.journal/1"}"#;
        let writing = r#"{"event":"writing","resource":"policy","to":{}}"#;
        for (journal, damage) in [
            (String::new(), None),
            (started[..20].to_owned(), None),
            (format!("{started}\n{}", &writing[..30]), None),
            (format!("{started}\n{}\n{{\"event\":\"stopped\"}}\n", &writing[..30]), None),
            (format!("{started}\n{}{writing}\n", &writing[..30]), Some("line 2 of its journal is damaged")),
            (format!("{started}\nnonsense\n{writing}\n"), Some("line 2 of its journal is damaged")),
            (format!("{started}\n[]\n"), Some("line 2 of its journal is damaged")),
            (format!("{started}\n{{\"event\":\"finished\"}}\nnonsense\n"), None),
            (writing.to_owned(), Some("it is not a journal of this version")),
        ] {
            assert_eq!(lines(journal.as_bytes()).damage.as_deref(), damage, "{journal}");
        }
    }

    #[test]
    fn a_baseline_is_as_it_was_saved_or_is_refused() {
        let mut baseline = json!({
            "format": BASELINE_FORMAT, "tenant": {"id": TENANT.to_uppercase()}, "fingerprint": "sha256:of more than this",
            "objects": {"PasswordResetPolicies": {"objectId": "default", "enablementType": 0}},
        });
        let read = |baseline: &Value, expected: Option<&str>| {
            parse_baseline(baseline.to_string().as_bytes(), TENANT.parse().unwrap(), expected)
                .map(|(_, is_checked)| is_checked)
        };
        let edited = || Err("it was edited after it was saved".to_owned());
        assert_eq!(read(&baseline, None), Ok(false), "an early version kept no digest");
        let saved = digest(&baseline);
        assert_eq!(read(&baseline, Some(&saved)), Ok(true));
        baseline["digest"] = json!(saved);
        assert_eq!(read(&baseline, None), Ok(true));

        baseline["objects"]["PasswordResetPolicies"]["enablementType"] = json!(2);
        assert_eq!(read(&baseline, None), edited());
        baseline.as_object_mut().unwrap().remove("digest");
        assert_eq!(read(&baseline, Some(&saved)), edited(), "nor does it help to take the digest out");
        baseline["digest"] = json!(digest(&baseline));
        assert_eq!(read(&baseline, Some(&saved)), edited(), "nor to make a new one");

        baseline["tenant"]["id"] = json!("another");
        assert_eq!(read(&baseline, None), Err("it belongs to another tenant".to_owned()));
    }

    #[test]
    fn the_fingerprint_of_an_early_version_is_checked_where_it_covers_what_is_there() {
        let object = json!({"objectId": "default", "enablementType": 0});
        let policy = crate::tenant::Resource::PasswordReset;
        let fingerprint = crate::tenant::Object::from_json(policy, object.clone()).unwrap().fingerprint();
        let baseline = |objects: Value| json!({"format": BASELINE_FORMAT, "tenant": {"id": TENANT}, "fingerprint": fingerprint, "objects": objects});
        let is_checked = |objects: Value| {
            parse_baseline(baseline(objects).to_string().as_bytes(), TENANT.parse().unwrap(), None)
                .map(|(_, is_checked)| is_checked)
        };
        assert_eq!(is_checked(json!({"PasswordResetPolicies": object})), Ok(true));
        let other = json!({"objectId": "default", "enablementType": 2});
        assert_eq!(is_checked(json!({"PasswordResetPolicies": other})), Ok(false));
        assert_eq!(
            is_checked(json!({"PasswordResetPolicies": object, "authorizationPolicy": {}})),
            Ok(false)
        );
    }

    #[test]
    fn a_sealed_journal_may_get_longer_and_is_damaged_where_it_is_shorter_changed_or_gone() {
        let folder = tempfile::tempdir().unwrap();
        let journal = concat!(
            r#"{"event":"started","format":"sspr.journal/1"}"#,
            "\n",
            r#"{"event":"finished"}"#,
            "\n"
        );
        let put = |name: &str, bytes: &[u8]| {
            crate::files::save(&folder.path().join(name), bytes, Readers::Owner, Existing::Replace).unwrap();
        };
        let damage = |journal: &str| {
            put(JOURNAL, journal.as_bytes());
            read_journal(folder.path()).damage.unwrap_or_default()
        };
        for at in 0..journal.len() {
            assert_eq!(damage(&journal[..at]), "", "unsealed: a crash may leave that");
        }
        put(SEAL, seal_of(journal.as_bytes()).to_string().as_bytes());
        assert_eq!(damage(journal), "");
        assert_eq!(damage(&format!("{journal}{{\"event\":\"proved\"}}\n")), "");
        for at in 0..journal.len() {
            let said = format!(
                "its journal was truncated after the run ended: {at} of {} bytes are left",
                journal.len()
            );
            assert_eq!(damage(&journal[..at]), said);
        }
        assert_eq!(
            damage(&journal.replace("finished", "stopped!")),
            "its journal was changed after the run ended"
        );
        std::fs::remove_file(folder.path().join(JOURNAL)).unwrap();
        let gone = read_journal(folder.path()).damage.unwrap();
        assert_eq!(gone, "journal.jsonl was deleted after the run ended");
        put(SEAL, b"{}");
        assert_eq!(damage(journal), "seal.json is damaged, or of another version");
    }

    #[test]
    fn a_record_that_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join(JOURNAL)).unwrap();
        file.set_len(100 << 20).unwrap();
        let damage = read_journal(folder.path()).damage.unwrap();
        assert_eq!(damage, "it is larger than 64 MiB, so it is not a record of sspr");
    }
}
