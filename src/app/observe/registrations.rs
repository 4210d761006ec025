//! Reads the registration report, whole or for some people only.

use std::collections::HashSet;

use crate::ids::UserId;

use crate::app::observer::{Event, Observer, Progress};
use crate::client::{ClientError, GraphReader, NextPage, RegistrationRow};
use crate::people::{Person, RegistrationIndex};

/// Adds a row of the report; returns whether it tells what is registered.
pub(in crate::app) fn note(book: &mut RegistrationIndex, row: &RegistrationRow) -> bool {
    let Some(methods) = &row.methods_registered else {
        book.insert_unreadable(Some(row.id));
        return false;
    };
    let flags = [row.is_sspr_registered, row.is_sspr_enabled, row.is_sspr_capable];
    book.insert(row.id, methods, flags, row.last_updated_date_time.as_deref());
    true
}

/// What was read of the report.
#[derive(Debug, Default)]
pub(in crate::app) struct Read {
    pub(in crate::app) book: RegistrationIndex,
    /// How many rows could not be read; whose they are may be unknown too.
    pub(in crate::app) odd: u64,
}

impl Read {
    fn note_nameless(&mut self, odd: u64) {
        self.odd += odd;
        if odd > 0 {
            self.book.insert_unreadable(None);
        }
    }

    fn note(&mut self, row: &RegistrationRow) {
        self.odd += u64::from(!note(&mut self.book, row));
    }
}

/// Reads the whole tenant's report.
///
/// # Errors
/// As every request.
pub(in crate::app) async fn fetch_report(
    graph: &GraphReader,
    observer: &dyn Observer,
) -> Result<Read, ClientError> {
    let mut read = Read::default();
    let mut next: Option<NextPage> = None;
    loop {
        let page = graph.fetch_registrations(next.as_ref()).await?;
        read.note_nameless(page.odd);
        page.rows.iter().for_each(|row| read.note(row));
        let _ = observer.on(Event::Progress(Progress::Report { rows: read.book.len() as u64 }));
        next = page.next;
        if next.is_none() {
            read.book.sort();
            return Ok(read);
        }
    }
}

/// Reads the rows of these people. The report is the whole tenant's, a page for every 999 users, so that
/// asking for each person can take fewer requests: it is done as soon as as many pages were read in vain as
/// people are missing, which is never more than twice what the better way would have taken.
///
/// # Errors
/// As every request.
pub(in crate::app) async fn fetch_rows_of(
    graph: &GraphReader,
    people: &[Person],
    observer: &dyn Observer,
) -> Result<Read, ClientError> {
    let wanted: HashSet<UserId> = people.iter().map(|person| person.id).collect();
    // Disabled users have no row (facts 4).
    let mut missing: HashSet<UserId> =
        people.iter().filter(|person| person.is_enabled != Some(false)).map(|person| person.id).collect();
    let mut read = Read::default();
    let (mut next, mut pages): (Option<NextPage>, usize) = (None, 0);
    loop {
        let page = graph.fetch_registrations(next.as_ref()).await?;
        pages += 1;
        read.note_nameless(page.odd);
        for row in page.rows.iter().filter(|row| wanted.contains(&row.id)) {
            missing.remove(&row.id);
            read.note(row);
        }
        let _ = observer.on(Event::Progress(Progress::Report { rows: read.book.len() as u64 }));
        next = page.next;
        if next.is_none() || missing.is_empty() {
            break;
        }
        if missing.len() <= pages {
            for user in missing {
                match graph.fetch_registration(user).await {
                    Ok(row) => row.iter().for_each(|row| read.note(row)),
                    Err(error) if error.is_odd() => {
                        read.odd += 1;
                        read.book.insert_unreadable(Some(user));
                    }
                    Err(error) => return Err(error),
                }
                let _ = observer.on(Event::Progress(Progress::Report { rows: read.book.len() as u64 }));
            }
            break;
        }
    }
    read.book.sort();
    Ok(read)
}
