//! Reads the registration report, whole or for some people only.

use std::collections::HashSet;

use crate::ids::UserId;

use crate::app::observer::{Event, Observer, Progress};
use crate::client::{ClientError, GraphReader, NextPage, RegistrationRow};
use crate::people::{Person, RegistrationIndex};

#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) book: RegistrationIndex,
    /// How many rows could not be read; whose they are may be unknown too.
    pub(super) odd: u64,
}

impl Read {
    /// Adds a row of the report; returns whether it says what is registered.
    pub(super) fn note(&mut self, row: &RegistrationRow) -> bool {
        let Some(methods) = &row.methods_registered else {
            self.odd += 1;
            self.book.insert_unreadable(Some(row.id));
            return false;
        };
        let flags = [row.is_sspr_registered, row.is_sspr_enabled, row.is_sspr_capable];
        self.book.insert(row.id, methods, flags, row.last_updated_date_time.as_deref());
        true
    }

    /// Adds the wanted rows of the next page; returns where the one behind it is.
    async fn add_page(
        &mut self,
        graph: &GraphReader,
        next: Option<&NextPage>,
        mut is_wanted: impl FnMut(UserId) -> bool,
    ) -> Result<Option<NextPage>, ClientError> {
        let page = graph.fetch_registrations(next).await?;
        self.odd += page.odd;
        if page.odd > 0 {
            self.book.insert_unreadable(None);
        }
        for row in page.rows.iter().filter(|row| is_wanted(row.id)) {
            self.note(row);
        }
        Ok(page.next)
    }

    fn report(&self, observer: &impl Observer) {
        let _ = observer.on(Event::Progress(Progress::Report { rows: self.book.len() as u64 }));
    }
}

pub(super) async fn fetch_report(graph: &GraphReader, observer: &impl Observer) -> Result<Read, ClientError> {
    let (mut read, mut next) = (Read::default(), None);
    loop {
        next = read.add_page(graph, next.as_ref(), |_| true).await?;
        read.report(observer);
        if next.is_none() {
            read.book.sort();
            return Ok(read);
        }
    }
}

/// Reads the rows of these people. The report is the whole tenant's, a page for every 999 users, so that
/// asking for each person can take fewer requests: it is done as soon as as many pages were read in vain as
/// people are missing, which is never more than twice what the better way would have taken.
pub(super) async fn fetch_rows_of(
    graph: &GraphReader,
    people: &[Person],
    observer: &impl Observer,
) -> Result<Read, ClientError> {
    let wanted: HashSet<UserId> = people.iter().map(|person| person.id).collect();
    // Disabled users have no row (facts 4).
    let mut missing: HashSet<UserId> =
        people.iter().filter(|person| person.is_enabled != Some(false)).map(|person| person.id).collect();
    let (mut read, mut next, mut pages) = (Read::default(), None, 0);
    loop {
        let is_wanted = |user| {
            missing.remove(&user);
            wanted.contains(&user)
        };
        next = read.add_page(graph, next.as_ref(), is_wanted).await?;
        read.report(observer);
        pages += 1;
        if next.is_none() || missing.is_empty() {
            break;
        }
        if missing.len() <= pages {
            for user in missing {
                match graph.fetch_registration(user).await {
                    Ok(row) => row.iter().for_each(|row| _ = read.note(row)),
                    Err(error) if error.is_odd() => {
                        read.odd += 1;
                        read.book.insert_unreadable(Some(user));
                    }
                    Err(error) => return Err(error),
                }
                read.report(observer);
            }
            break;
        }
    }
    read.book.sort();
    Ok(read)
}
