//! The people as Markdown: everybody counted, those to nudge by name.

use std::collections::BTreeSet;

use super::escape::{code, details, head, prose, row};
use crate::people::{HeldRole, Row, Summary};
use crate::render::people::NO_TIME;
use crate::text::counted;

/// How many people are named: GitHub takes 65,536 characters in a comment.
pub const ROWS: usize = 100;

/// Collects rows, whatever their order, into the same page. Holds no more than [`ROWS`] of them.
#[derive(Debug, Default)]
pub struct People {
    /// By readiness, then by name.
    rows: BTreeSet<(Rank, String, String)>,
    shown: u64,
}

/// Those who are not ready come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    No,
    Unknown,
    Ready,
}

impl People {
    /// Takes a row.
    pub fn take(&mut self, person: &Row) {
        self.shown += 1;
        let rank = match person.readiness.is_ready {
            Some(false) => Rank::No,
            None => Rank::Unknown,
            Some(true) => Rank::Ready,
        };
        let name = person.person.name();
        let is_late = self.rows.len() == ROWS
            && self.rows.last().is_some_and(|(last, last_name, _)| (*last, last_name) < (rank, &name));
        if !is_late {
            self.rows.insert((rank, name, line(person, rank)));
        }
        if self.rows.len() > ROWS {
            self.rows.pop_last();
        }
    }

    /// Returns the page, headed by the names of the group and the tenant. `is_report_read` is whether the report was read,
    /// `report_from` its own time; `is_complete` is whether everybody was read.
    pub fn page(
        &self,
        (group, tenant): (&str, &str),
        summary: &Summary,
        (is_report_read, report_from): (bool, Option<&str>),
        unread: &[String],
        is_complete: bool,
    ) -> String {
        let Summary { members, admins, guests, disabled, unlicensed, registered, unknown, ready, stranded } =
            *summary;
        let no = members - ready - unknown;
        let mut text = format!("### sspr people: {ready} of {members} ready\n\n");
        if !is_complete {
            text.push_str(&format!("**Incomplete**: these are the {members} read before it stopped.\n\n"));
        }
        text.push_str(&format!(
            "{} in {}. {ready} ready, {no} not ready, {unknown} unknown.\n",
            code(group),
            code(tenant)
        ));
        text.push_str(&format!(
            "{}; {}; {}; {}; {}; {}.\n",
            registered.message("registered"),
            stranded.message("registered and stranded"),
            admins.counted("administrator"),
            guests.counted("guest"),
            disabled.message("disabled"),
            unlicensed.message("unlicensed"),
        ));
        text.push_str(&match report_from {
            Some(time) => format!("Registration as of {}; the report can be 36 hours late.\n", code(time)),
            None if is_report_read => format!("{NO_TIME}\n"),
            None => "Registration was not read: who is ready is unknown.\n".to_owned(),
        });
        if !unread.is_empty() {
            text.push_str(&format!(
                "Unknown, because it could not be read: {}.\n",
                prose(&unread.join("; "))
            ));
        }
        if self.rows.is_empty() {
            return text;
        }
        let mut table = head(&["ready", "who", "registered", "why", "roles"]);
        table.extend(self.rows.iter().map(|(_, _, line)| line.as_str()));
        let named = self.rows.len() as u64;
        let summary = match self.shown > named {
            true => format!(
                "{named} of {}, those not ready first; the CSV form has all",
                counted(self.shown, "member")
            ),
            false => counted(named, "member"),
        };
        text.push_str(&details(&summary, &table));
        text
    }
}

fn line(person: &Row, rank: Rank) -> String {
    let word = match rank {
        Rank::No => "**no**",
        Rank::Unknown => "unknown",
        Rank::Ready => "ready",
    };
    let words = |words: Vec<String>| words.into_iter().map(|word| code(&word)).collect::<Vec<_>>().join(", ");
    let methods = match person.methods.clone() {
        None => String::new(),
        Some(methods) if methods.is_empty() => "no methods".to_owned(),
        Some(methods) => words(methods),
    };
    let why = person.readiness.why.iter().map(|why| why.message()).collect::<Vec<_>>().join("; ");
    let roles = words(person.roles.iter().map(HeldRole::name).collect());
    row(&[word.to_owned(), code(&person.person.name()), methods, prose(&why), roles])
}
