//! Reads every group member and judges whether they can reset, row by row.
//! Memory grows only by 24 bytes for each row of the registration report, or 18 for each member where there is none.

use crate::ids::UserId;
use anyhow::Result;

use crate::app::observe::directory_context::{DirectoryContext, fetch_roles, read_roles};
use crate::app::observe::members::{Lanes, MemberSink, SeenIds, fetch_first_page, read_everyone};
use crate::app::observe::pilot_context::PilotContext;
use crate::app::observe::registrations::{fetch_report, fetch_rows_of};
use crate::app::observe::unknown::{REPORT, known, odd_rows};
use crate::app::observer::{Event, Observer, Progress};
use crate::client::GraphReader;
use crate::outcome::{Refusal, Survey};
use crate::people::{Adoption, NotReadyReason, Person, RegistrationIndex, RoleIndex, Row, Rule, Summary};
use crate::tenant::graph_permissions;

/// Reads and judges every member. What was covered before a failure is in `survey`.
///
/// # Errors
/// As every request, and where the observer ends it. A report that is refused is none: unknown.
pub async fn survey(
    graph: &GraphReader,
    place: &mut PilotContext,
    rule: Rule,
    wants_report: bool,
    observer: &impl Observer,
    survey: &mut Survey,
) -> Result<()> {
    let group = place.group.id;
    let (mut directory_context, first) = match place.ahead.take() {
        Some((directory_context, first)) => (directory_context, Some(first)),
        None => (fetch_roles(graph).await?, None),
    };
    let first = async {
        match first {
            Some(first) => first,
            None => fetch_first_page(graph, group).await,
        }
    };
    let (roles, first) = tokio::join!(read_roles(graph, &mut directory_context), first);
    let (roles, first) = (roles?, first?);
    if place.group.hides_members && first.page.people.is_empty() {
        return Err(Refusal::HiddenMembers { name: place.group.display_name.clone() }.into());
    }
    let DirectoryContext { writeback, unread, .. } = directory_context;
    survey.unread.extend(unread);
    survey.has_unknown_eligibility = !roles.is_eligible_known;
    let rule = Rule { writeback: rule.writeback.or(writeback), ..rule };
    let is_long = first.page.next.is_some();
    let read = match (wants_report, is_long) {
        (false, _) => Ok(None),
        (true, false) => {
            let rows = fetch_rows_of(graph, &first.page.people, observer);
            graph.read_if_open(&graph_permissions::REGISTRATIONS, rows).await.map(Some)
        }
        (true, true) => graph
            .read_if_open(&graph_permissions::REGISTRATIONS, fetch_report(graph, observer))
            .await
            .map(Some),
    };
    let read = known(read, REPORT, &mut survey.unread)?.flatten();
    survey.unread.extend(read.as_ref().and_then(|read| odd_rows(read.odd, REPORT.what)));
    let book = read.map(|read| read.book);
    survey.is_report_read = book.is_some();
    survey.report_from = book.as_ref().and_then(RegistrationIndex::oldest).map(str::to_owned);
    // A long report takes minutes, in which the first page grows old.
    let first = if wants_report && is_long { fetch_first_page(graph, group).await? } else { first };
    let without_phones = rule.without_phones();
    let counts = (&mut survey.summary, &mut survey.adoption);
    let mut desk =
        Desk { rule, without_phones, roles, book, met: SeenIds::default(), of: 0, observer, counts };
    let read = read_everyone(graph, first, &Lanes::default(), &mut desk).await?;
    survey.add_unreadable(read.odd);
    survey.unread.extend(odd_rows(read.odd, "the group's members"));
    Ok(())
}

/// Where each member passes: judged, counted, handed on.
struct Desk<'a, O> {
    rule: Rule,
    without_phones: Rule,
    roles: RoleIndex,
    book: Option<RegistrationIndex>,
    /// Members without a row of the report; those with one are marked there.
    met: SeenIds,
    of: u64,
    observer: &'a O,
    counts: (&'a mut Summary, &'a mut Adoption),
}

impl<O: Observer> MemberSink for Desk<'_, O> {
    fn meet(&mut self, user: UserId) -> bool {
        let by_row = self.book.as_mut().and_then(|book| book.meet(user));
        by_row.unwrap_or_else(|| self.met.insert(user))
    }

    fn take(&mut self, person: Person) -> Result<()> {
        let row = judge(&self.rule, &self.roles, self.book.as_ref(), person);
        let (summary, adoption) = &mut self.counts;
        summary.add(&row);
        adoption.add(&row, &self.rule, &self.without_phones);
        let read = summary.members;
        // An observer of each would get a million events.
        if read.is_multiple_of(500) {
            let progress = Progress::Members { read, of: self.of };
            self.observer.on(Event::Progress(progress))?;
        }
        self.observer.on(Event::Row(&row))
    }

    fn on_count(&mut self, count: u64) {
        self.of = count;
        if self.book.is_none() {
            self.met.reserve(usize::try_from(count).unwrap_or_default());
        }
    }
}

pub(super) fn judge(rule: &Rule, roles: &RoleIndex, book: Option<&RegistrationIndex>, person: Person) -> Row {
    let registration = book.and_then(|book| book.row(person.id));
    let words = book.zip(registration).map(|(book, row)| book.names().words(row.methods));
    let is_administrator = roles.is_administrator(person.id);
    let facts =
        words.as_deref().zip(registration).map(|(words, row)| (words, row.is_registered, row.is_capable));
    let without = book.map_or(NotReadyReason::ReportNotRead, |book| book.lack(person.id));
    let readiness = rule.judge(&person, is_administrator, facts, without);
    Row {
        roles: roles.of(person.id).to_vec(),
        is_administrator,
        methods: words.map(|words| words.into_iter().map(str::to_owned).collect()),
        is_registered: registration.and_then(|row| row.is_registered),
        is_sspr_enabled: registration.and_then(|row| row.is_enabled),
        is_capable: registration.and_then(|row| row.is_capable),
        readiness,
        person,
    }
}
