//! What earlier reports counted: a small file for each group, one count a day, and no names.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::StateDir;
use super::read_run::{read_own, refuse_foreign};
use crate::files::{Existing, Readers, save};
use crate::ids::{GroupId, TenantId};
use crate::outcome::pilot_report::DayCount;

const FORMAT: &str = "sspr.report-counts/1";
/// How many days are kept; the oldest go first.
const DAYS: usize = 400;
/// No such file is longer, in bytes.
const LONGEST: usize = 256 * 1024;

#[derive(Serialize, Deserialize)]
struct Document {
    format: String,
    days: Vec<DayCount>,
}

/// What earlier reports about a group counted.
#[derive(Debug)]
pub struct ReportCounts {
    path: PathBuf,
    tenant: TenantId,
    days: Vec<DayCount>,
}

impl StateDir {
    /// Returns what earlier reports about a group counted; inside is why that is unknown.
    ///
    /// # Errors
    /// There is something in its place that cannot be relied on.
    pub fn report_counts(&self, tenant: TenantId, group: GroupId) -> Result<ReportCounts, String> {
        let folder = self.root().join(tenant.to_string());
        let path = folder.join(format!("reports-{group}.json"));
        let days = refuse_foreign(&folder)
            .map_err(|refusal| refusal.to_string())
            .and_then(|()| read(&path).map_err(|why| format!("{}: {why}", path.display())))?;
        Ok(ReportCounts { path, tenant, days })
    }
}

impl ReportCounts {
    /// Returns the counts, oldest first.
    pub fn days(&self) -> &[DayCount] {
        &self.days
    }

    /// Keeps a count, in place of one of the same day.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep(mut self, state: &StateDir, count: DayCount) -> Result<()> {
        self.days.retain(|kept| kept.day != count.day);
        self.days.push(count);
        self.days.sort_by_key(|kept| kept.day);
        self.days.drain(..self.days.len().saturating_sub(DAYS));
        let document = Document { format: FORMAT.to_owned(), days: self.days };
        let text = serde_json::to_string(&document)? + "\n";
        state.tenant(self.tenant)?;
        save(&self.path, text.as_bytes(), Readers::Owner, Existing::Replace)
            .with_context(|| format!("{} could not be written", self.path.display()))
    }
}

fn read(path: &Path) -> Result<Vec<DayCount>, String> {
    let bytes = match read_own(path) {
        Ok(bytes) => bytes?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("it cannot be read ({error})")),
    };
    let document = if bytes.len() > LONGEST { None } else { serde_json::from_slice::<Document>(&bytes).ok() };
    let is_possible = |count: &DayCount| {
        let DayCount { members, can_be, ready, unknown, .. } = *count;
        members <= u64::from(u32::MAX) && can_be <= members && ready <= can_be && unknown <= can_be
    };
    let document = document.filter(|it| it.format == FORMAT && it.days.iter().all(is_possible));
    let mut days = document.ok_or("it is damaged, or of another version")?.days;
    days.sort_by_key(|count| count.day);
    days.dedup_by_key(|count| count.day);
    Ok(days)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TENANT: &str = "204a15ea-fa2c-550c-86c1-f84caa53d849";
    const GROUP: &str = "b4cc8a36-de1e-5d5b-9644-4edc3fc96a73";

    fn opened(state: &StateDir) -> Result<ReportCounts, String> {
        state.report_counts(TENANT.parse().unwrap(), GROUP.parse().unwrap())
    }

    fn count(day: jiff::civil::Date, ready: u64) -> DayCount {
        DayCount { day, members: 9, can_be: 8, ready, unknown: 1 }
    }

    #[test]
    fn a_day_is_kept_once_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path().join("state"));
        assert_eq!(opened(&state).unwrap().days(), []);
        for ready in [3, 4] {
            opened(&state).unwrap().keep(&state, count(date(2026, 11, 25), ready)).unwrap();
        }
        // A clock that went back.
        opened(&state).unwrap().keep(&state, count(date(2026, 11, 20), 1)).unwrap();
        let kept = [count(date(2026, 11, 20), 1), count(date(2026, 11, 25), 4)];
        assert_eq!(opened(&state).unwrap().days(), kept);
        for day in date(2027, 1, 1).series(jiff::Span::new().days(1)).take(DAYS) {
            opened(&state).unwrap().keep(&state, count(day, 5)).unwrap();
        }
        let days = opened(&state).unwrap();
        assert_eq!((days.days().len(), days.days()[0].day), (DAYS, date(2027, 1, 1)));
    }

    #[test]
    fn what_is_torn_or_of_another_version_is_unknown_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path().to_owned());
        opened(&state).unwrap().keep(&state, count(date(2026, 11, 25), 3)).unwrap();
        let path = folder.path().join(TENANT).join(format!("reports-{GROUP}.json"));
        let whole = std::fs::read_to_string(&path).unwrap();
        let impossible = whole.replace("\"ready\":3", "\"ready\":18446744073709551615");
        let other = whole.replace("counts/1", "counts/2");
        for text in [&whole[..whole.len() / 2], "", "[]", &impossible, &other, &" ".repeat(LONGEST + 1)] {
            std::fs::write(&path, text).unwrap();
            let why = opened(&state).unwrap_err();
            assert!(why.ends_with("it is damaged, or of another version"), "{text}: {why}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), " ".repeat(LONGEST + 1));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it_and_what_others_may_write_is_not_relied_on() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::new(folder.path().join("state"));
        opened(&state).unwrap().keep(&state, count(date(2026, 11, 25), 3)).unwrap();
        let path = state.root().join(TENANT).join(format!("reports-{GROUP}.json"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(opened(&state).unwrap_err().contains("other users may write to it"));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert!(opened(&state).unwrap_err().contains("it is a link"));
    }
}
