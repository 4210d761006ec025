//! Who is in the rings of a roll-out: counted ring by ring, each person in the first ring that has them, in memory that
//! takes some 18 bytes a person and 24 a row of the registration report.

use anyhow::Result;

use crate::app::observe::directory_context::{fetch_roles, read_roles};
use crate::app::observe::members::{FirstPage, MemberSink, SeenIds, fetch_first_page, read_everyone};
use crate::app::observe::registrations::{fetch_report, fetch_rows_of};
use crate::app::observe::survey::judge;
use crate::app::observe::unknown::{REPORT, known};
use crate::app::observer::{Event, Observer, Progress};
use crate::client::{AuditEvent, GraphReader};
use crate::ids::{GroupId, UserId};
use crate::people::{Count, Person, RegistrationIndex, ResetStage, RoleIndex, Row, Rule, Summary};
use crate::tenant::graph_permissions;
use crate::tenant::{PeopleOfRing, Resets, Ring, Share};

/// What the people of rings are read with.
pub(in crate::app) struct RingReading<'a, O> {
    pub(in crate::app) graph: &'a GraphReader,
    pub(in crate::app) pilot: GroupId,
    /// What makes someone ready.
    pub(in crate::app) rule: Rule,
    /// Resets that the audit log shows, oldest first; `None` is unknown.
    pub(in crate::app) events: Option<&'a [AuditEvent]>,
    pub(in crate::app) observer: &'a O,
}

/// Reads the people of rings, in their order, and what they did since each was opened. What is refused is unknown.
///
/// # Errors
/// As every request, and where the observer ends it.
pub(in crate::app) async fn read_ring_people(
    reading: RingReading<'_, impl Observer>,
    rings: &mut [Ring],
) -> Result<()> {
    let RingReading { graph, pilot, rule, events, observer } = reading;
    let mut context = fetch_roles(graph).await?;
    let roles = read_roles(graph, &mut context).await?;
    let rule = Rule { writeback: rule.writeback.or(context.writeback), ..rule };
    let mut first_pages = vec![fetch_first_page(graph, pilot).await?];
    for ring in rings.iter() {
        first_pages.push(fetch_first_page(graph, ring.group.id).await?);
    }
    let is_long = first_pages.iter().any(|first| first.page.next.is_some());
    let report = match is_long {
        true => graph.read_if_open(&graph_permissions::REGISTRATIONS, fetch_report(graph, observer)).await,
        false => {
            let everyone = || first_pages.iter().flat_map(|first| &first.page.people);
            let everyone: Vec<Person> = everyone().cloned().collect();
            let rows = fetch_rows_of(graph, &everyone, observer);
            graph.read_if_open(&graph_permissions::REGISTRATIONS, rows).await
        }
    };
    let book = known(report, REPORT, &mut Vec::new())?.map(|read| read.book);
    // A long report takes minutes, in which first pages grow old.
    let mut first_pages = first_pages.into_iter().map(|first| (!is_long).then_some(first));
    let mut desk = Desk {
        rule,
        roles,
        book,
        here: SeenIds::default(),
        pilot: SeenIds::default(),
        before: SeenIds::default(),
        is_open: true,
        count: Counting::default(),
        read: 0,
        of: 0,
        observer,
    };
    let of_pilot = first(graph, pilot, first_pages.next()).await?;
    read_everyone(graph, pilot, of_pilot, &mut desk).await?;
    desk.pilot = std::mem::take(&mut desk.here);
    desk.before = SeenIds::default();
    for ring in rings {
        (desk.count, desk.is_open) = (Counting::default(), ring.is_open());
        let page = first(graph, ring.group.id, first_pages.next()).await?;
        let is_hidden = ring.group.hides_members && page.page.people.is_empty();
        let read = read_everyone(graph, ring.group.id, page, &mut desk).await?;
        desk.here = SeenIds::default();
        ring.people = (!is_hidden).then(|| std::mem::take(&mut desk.count).finish(read.odd));
        let since = ring.opened.map(|opened| opened.at);
        ring.resets = events.zip(since).map(|(events, since)| {
            let theirs = events.iter().filter(|event| event.at >= since);
            resets(theirs.filter(|event| event.user.is_some_and(|user| desk.before.contains(user))))
        });
    }
    Ok(())
}

async fn first(graph: &GraphReader, group: GroupId, read: Option<Option<FirstPage>>) -> Result<FirstPage> {
    match read.flatten() {
        Some(first) => Ok(first),
        None => Ok(fetch_first_page(graph, group).await?),
    }
}

fn resets<'a>(events: impl Iterator<Item = &'a AuditEvent>) -> Resets {
    let mut resets = Resets::default();
    for event in events {
        match ResetStage::read(&event.activity, event.is_success) {
            Some(ResetStage::Reset) => resets.done += 1,
            Some(ResetStage::Blocked) => resets.blocked += 1,
            _ => {}
        }
    }
    resets
}

/// Where each member of a group passes.
struct Desk<'a, O> {
    rule: Rule,
    roles: RoleIndex,
    book: Option<RegistrationIndex>,
    /// Who was met in the group that is read.
    here: SeenIds,
    /// Who is in the pilot group.
    pilot: SeenIds,
    /// Who is in the rings up to this one.
    before: SeenIds,
    is_open: bool,
    count: Counting,
    read: u64,
    of: u64,
    observer: &'a O,
}

impl<O: Observer> MemberSink for Desk<'_, O> {
    fn meet(&mut self, user: UserId) -> bool {
        self.here.insert(user)
    }

    fn take(&mut self, person: Person) -> Result<()> {
        self.read += 1;
        if self.read.is_multiple_of(500) {
            self.observer.on(Event::Progress(Progress::Members { read: self.read, of: self.of }))?;
        }
        let is_new = self.before.insert(person.id) && (self.is_open || !self.pilot.contains(person.id));
        self.count.add(is_new.then(|| judge(&self.rule, &self.roles, self.book.as_ref(), person)).as_ref());
        Ok(())
    }

    fn on_count(&mut self, count: u64) {
        self.of = self.read + count;
        self.here.reserve(usize::try_from(count).unwrap_or_default());
    }
}

/// What the people of a ring add up to.
#[derive(Default)]
struct Counting {
    already_in: u64,
    of_new: Summary,
    share: Share,
    unregistered: Count,
}

impl Counting {
    /// Counts a member; `None` is one who is in the pilot group by another way.
    fn add(&mut self, row: Option<&Row>) {
        let Some(row) = row else {
            self.already_in += 1;
            return;
        };
        self.of_new.add(row);
        let can = can_reset(row);
        match (can, row.readiness.is_ready) {
            (Some(false), _) => {}
            (Some(true), Some(true)) => self.share.ready += 1,
            (Some(true), Some(false)) => self.share.not_ready += 1,
            _ => self.share.unknown += 1,
        }
        match (can, row.is_registered) {
            (Some(false), _) | (_, Some(true)) => {}
            (Some(true), Some(false)) => self.unregistered.yes += 1,
            _ => self.unregistered.unknown += 1,
        }
    }

    /// Returns the counts, with so many more members of whom nothing is known.
    fn finish(mut self, odd: u64) -> PeopleOfRing {
        self.of_new.add_unreadable(odd);
        self.share.unknown += odd;
        self.unregistered.unknown += odd;
        let Summary { members, admins, guests, disabled, unlicensed, .. } = self.of_new;
        PeopleOfRing {
            members: members + self.already_in,
            already_in: self.already_in,
            share: self.share,
            unregistered: self.unregistered.known(),
            admins: admins.known(),
            guests: guests.known(),
            disabled: disabled.known(),
            unlicensed: unlicensed.known(),
        }
    }
}

/// Returns whether someone could ever reset under the spec: no guest, no administrator, no disabled account.
fn can_reset(row: &Row) -> Option<bool> {
    let never = [row.person.is_guest, row.is_administrator, row.person.is_enabled.map(|is_on| !is_on)];
    match () {
        () if never.contains(&Some(true)) => Some(false),
        () if never.contains(&None) => None,
        () => Some(true),
    }
}
