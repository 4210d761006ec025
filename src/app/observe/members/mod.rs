//! Reads a large group fast: several ranges of user principal names in flight together.
//!
//! Everyone is met, because the ranges leave no name out (see `ranges`), and met once, by id, even where a
//! name changes while the group is read. Where fewer are met than Graph counted at the start, the group is read
//! once more from front to back.

mod seen_ids;
mod ranges;

use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub(super) use seen_ids::SeenIds;

use self::ranges::{Load, PageRequest, Range};
use crate::client::{ClientError, GraphReader, MemberList, MemberPage};
use crate::ids::UserId;
use crate::people::Person;

/// How many requests are in flight together: measured (docs/performance.md), and far below what Graph's limits let
/// an application do (facts 5).
const LANES: usize = 24;

/// How many requests a reading by ranges may take for each full page of members it brought, and how many more. Where
/// the service does not keep to the ranges, cutting them makes ever more requests.
const MOST_REQUESTS: (u64, u64) = (4, 200);

/// The most members room is made for at once, on the service's word alone.
const MOST_RESERVED: u64 = 2_000_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) taken: u64,
    /// Rows that could not be read, and are members of whom nothing is known.
    pub(super) odd: u64,
}

/// What a reading of the members does with them.
pub(super) trait MemberSink {
    /// Returns whether this is the first time the user is met.
    fn meet(&mut self, user: UserId) -> bool;
    /// Takes a member; an error ends the reading.
    fn take(&mut self, person: Person) -> Result<()>;
    /// Hears how many members Graph counted, once, before the first is taken; no more than room can be made for.
    fn on_count(&mut self, count: u64);
}

/// The requests that are in flight together, over all the groups that are read at the same time.
#[derive(Clone, Debug)]
pub(super) struct Lanes(Arc<Semaphore>);

impl Default for Lanes {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LANES)))
    }
}

/// The first page of a group, and whether the service can sort it, without which no range can be cut.
#[derive(Debug)]
pub(super) struct FirstPage {
    pub(super) list: MemberList,
    pub(super) page: MemberPage,
    pub(super) is_sorted: bool,
}

/// Fetches the first page of a group; a service that cannot sort is asked plainly. A list with sign-ins is refused as such:
/// what it cannot do then may be those.
pub(super) async fn fetch_first_page(
    graph: &GraphReader,
    list: impl Into<MemberList>,
) -> Result<FirstPage, ClientError> {
    let list = list.into();
    match graph.fetch_members(list, None, list.page_size()).await {
        Ok(page) => Ok(FirstPage { list, page, is_sorted: true }),
        Err(error) if error.is_bad_request() && !list.has_sign_ins => {
            Ok(FirstPage { list, page: graph.fetch_members_plainly(list).await?, is_sorted: false })
        }
        Err(error) => Err(error),
    }
}

/// Reads every member of a group once, from its first page on. Pages arrive in no particular order where there are
/// several.
pub(super) async fn read_everyone(
    graph: &GraphReader,
    first: FirstPage,
    lanes: &Lanes,
    taker: &mut impl MemberSink,
) -> Result<Read> {
    let FirstPage { list, page, is_sorted } = first;
    let counted = page.count;
    taker.on_count(counted.unwrap_or(page.people.len() as u64).min(MOST_RESERVED));
    if !is_sorted {
        return read_plainly(graph, page, taker).await;
    }
    let reading = Reading {
        graph,
        list,
        lanes,
        counted: counted.unwrap_or_default(),
        read: Read::default(),
        requests: 0,
        taker: &mut *taker,
    };
    let (mut read, is_whole) = match reading.read_ranges(page).await {
        Ok((read, is_to_the_end)) => {
            let is_whole = counted.is_none_or(|counted| read.taken + read.odd >= counted);
            (read, is_to_the_end && is_whole)
        }
        // A service that cannot cut this way can still be read from front to back.
        Err(error)
            if error.downcast_ref::<ClientError>().is_some_and(ClientError::is_bad_request)
                && !list.has_sign_ins =>
        {
            (Read::default(), false)
        }
        Err(error) => return Err(error),
    };
    if !is_whole {
        // Someone joined, left, or sorts where no range looked: one more pass finds them.
        let rest = read_plainly(graph, graph.fetch_members_plainly(list).await?, taker).await?;
        // Ranges share their ends, and this pass has each row once.
        read = Read { taken: read.taken + rest.taken, odd: rest.odd };
    }
    Ok(read)
}

/// Reads what is left of a group from a page on, one page after the other.
async fn read_plainly(
    graph: &GraphReader,
    mut page: MemberPage,
    taker: &mut impl MemberSink,
) -> Result<Read> {
    let mut read = Read::default();
    loop {
        read.taken += hand_over(page.people, taker)?;
        read.odd += page.odd;
        match page.next {
            Some(next) => page = graph.fetch_more_members(&next).await?,
            None => return Ok(read),
        }
    }
}

struct Reading<'a, S> {
    graph: &'a GraphReader,
    list: MemberList,
    lanes: &'a Lanes,
    counted: u64,
    read: Read,
    requests: u64,
    taker: &'a mut S,
}

impl<S: MemberSink> Reading<'_, S> {
    /// Reads all ranges, and returns whether it came to their end: where that takes more requests than it can be worth,
    /// it is given up.
    async fn read_ranges(mut self, first: MemberPage) -> Result<(Read, bool)> {
        let mut flying = JoinSet::new();
        let mut waiting = self.take(&PageRequest::Range(Range::default()), first, 0)?;
        loop {
            while flying.len() < LANES
                && let Some(work) = take_heaviest(&mut waiting)
            {
                flying.spawn(fetch(self.graph.clone(), self.list, self.lanes.clone(), work));
                self.requests += 1;
            }
            let (times, more) = MOST_REQUESTS;
            if self.requests > (self.read.taken + self.read.odd) / self.list.page_size() as u64 * times + more
            {
                return Ok((self.read, false));
            }
            let Some(done) = flying.join_next().await else { return Ok((self.read, true)) };
            let (work, page) = done?;
            let taken = flying.len() + waiting.len();
            waiting.extend(self.take(&work, page?, taken)?);
        }
    }

    /// Hands a page's people over and returns what is left of its range.
    fn take(&mut self, work: &PageRequest, page: MemberPage, taken: usize) -> Result<Vec<PageRequest>> {
        let people = page.people.len() as u64 + page.odd;
        let (range, left) = match work {
            PageRequest::Range(range) => (range, page.count.unwrap_or_default()),
            PageRequest::Next(range, _, left) => (range, *left),
        };
        let left = left.saturating_sub(people);
        let name = |at: usize| page.people.get(at).and_then(|person| person.user_principal_name.clone());
        let names = name(page.people.len() / 2).zip(name(page.people.len().saturating_sub(1)));
        self.read.taken += hand_over(page.people, self.taker)?;
        self.read.odd += page.odd;
        let left_over_all = self.counted.saturating_sub(self.read.taken);
        let page_size = self.list.page_size() as u64;
        let busy = Load { lanes: LANES, taken, left: left_over_all, page: page_size };
        let names = names.as_ref().map(|(middle, last)| (middle.as_str(), last.as_str()));
        Ok(range.rest(page.next.as_ref(), left, names, busy))
    }
}

/// In a task of its own, so that pages are decoded side by side.
async fn fetch(
    graph: GraphReader,
    list: MemberList,
    lanes: Lanes,
    work: PageRequest,
) -> (PageRequest, Result<MemberPage, ClientError>) {
    // Never closed.
    let _lane = lanes.0.acquire().await.ok();
    let page = match &work {
        PageRequest::Range(range) => {
            graph.fetch_members(list, range.filter().as_deref(), list.page_size()).await
        }
        PageRequest::Next(_, next, _) => graph.fetch_more_members(next).await,
    };
    (work, page)
}

fn take_heaviest(waiting: &mut Vec<PageRequest>) -> Option<PageRequest> {
    let (heaviest, _) = waiting.iter().enumerate().max_by_key(|(_, work)| work.weight())?;
    Some(waiting.swap_remove(heaviest))
}

fn hand_over(people: Vec<Person>, taker: &mut impl MemberSink) -> Result<u64> {
    let mut read = 0;
    for person in people {
        if taker.meet(person.id) {
            taker.take(person)?;
            read += 1;
        }
    }
    Ok(read)
}
