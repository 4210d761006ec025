//! The registration report, read whole or as far as some people need it.

use std::collections::HashSet;

use uuid::Uuid;

use super::listener::{Listener, Progress};
use crate::client::{ClientError, GraphReader, RegistrationRow};
use crate::people::{Person, RegistrationBook};

/// Adds a row of the report.
pub(super) fn note(book: &mut RegistrationBook, row: &RegistrationRow) {
    let flags = [row.is_sspr_registered, row.is_sspr_enabled, row.is_sspr_capable];
    book.insert(row.id, &row.methods_registered, flags, row.last_updated_date_time.as_deref());
}

/// Reads the whole tenant's report.
///
/// # Errors
/// As every request.
pub(super) async fn fetch_report(
    graph: &GraphReader,
    listener: &mut dyn Listener,
) -> Result<RegistrationBook, ClientError> {
    let mut book = RegistrationBook::default();
    let mut next: Option<String> = None;
    loop {
        let page = graph.fetch_registrations(next.as_deref()).await?;
        page.rows.iter().for_each(|row| note(&mut book, row));
        listener.hear(Progress::Report { rows: book.len() as u64 });
        next = page.next;
        if next.is_none() {
            book.sort();
            return Ok(book);
        }
    }
}

/// Reads the rows of these people. The report is the whole tenant's, a page for every 999 users, so that
/// asking for each person can take fewer requests: it is done as soon as as many pages were read in vain as
/// people are missing, which is never more than twice what the better way would have taken.
///
/// # Errors
/// As every request.
pub(super) async fn fetch_rows_of(
    graph: &GraphReader,
    people: &[Person],
    listener: &mut dyn Listener,
) -> Result<RegistrationBook, ClientError> {
    let wanted: HashSet<Uuid> = people.iter().map(|person| person.id).collect();
    // Disabled users have no row (facts 4).
    let mut missing: HashSet<Uuid> =
        people.iter().filter(|person| person.is_enabled != Some(false)).map(|person| person.id).collect();
    let mut book = RegistrationBook::default();
    let (mut next, mut pages): (Option<String>, usize) = (None, 0);
    loop {
        let page = graph.fetch_registrations(next.as_deref()).await?;
        pages += 1;
        for row in page.rows.iter().filter(|row| wanted.contains(&row.id)) {
            missing.remove(&row.id);
            note(&mut book, row);
        }
        listener.hear(Progress::Report { rows: book.len() as u64 });
        next = page.next;
        if next.is_none() || missing.is_empty() {
            break;
        }
        if missing.len() <= pages {
            for user in missing {
                if let Some(row) = graph.fetch_registration(user).await? {
                    note(&mut book, &row);
                }
                listener.hear(Progress::Report { rows: book.len() as u64 });
            }
            break;
        }
    }
    book.sort();
    Ok(book)
}
