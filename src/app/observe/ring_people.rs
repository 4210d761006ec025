//! Reads who is in the rings of a roll-out and in the pilot group beside them: all groups at the same time, in memory that
//! takes some 42 bytes a person and 24 a row of the registration report.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::app::observe::directory_context::{fetch_roles, read_roles};
use crate::app::observe::members::{FirstPage, Lanes, MemberSink, SeenIds, fetch_first_page, read_everyone};
use crate::app::observe::registrations::{fetch_report, fetch_rows_of};
use crate::app::observe::ring_count::{Members, RingPeople, Verdict};
use crate::app::observe::survey::judge;
use crate::app::observe::tenant::in_order;
use crate::app::observe::unknown::{REPORT, known};
use crate::app::observer::{Event, Observer, Progress};
use crate::client::{ClientError, GraphReader, MemberList};
use crate::ids::{GroupId, UserId};
use crate::people::{Person, RegistrationIndex, RoleIndex, Rule};
use crate::tenant::Ring;
use crate::tenant::graph_permissions::{REGISTRATIONS, SIGN_INS};

/// How many people are read between two words of how far it is.
const TOLD_EACH: usize = 500;

/// What the people of rings are read with.
pub(in crate::app) struct RingReading<'a, O> {
    pub(in crate::app) graph: &'a GraphReader,
    pub(in crate::app) pilot: GroupId,
    /// The groups in the pilot group that are none of the rings that are read; `None` is unknown.
    pub(in crate::app) besides: Option<Vec<GroupId>>,
    /// What makes someone ready.
    pub(in crate::app) rule: Rule,
    pub(in crate::app) now: Timestamp,
    pub(in crate::app) observer: &'a O,
}

/// Reads the people of rings, and of the pilot group beside them. What is refused is unknown.
///
/// # Errors
/// As every request, and where the observer ends it.
pub(in crate::app) async fn read_ring_people(
    reading: RingReading<'_, impl Observer>,
    rings: &[Ring],
) -> Result<RingPeople> {
    let RingReading { graph, pilot, besides, rule, now, observer } = reading;
    let is_direct = besides.is_some();
    // What is open is read as a ring; so of the pilot group it is enough to read what else is in it.
    let pilot = MemberList { group: pilot, is_direct, has_sign_ins: false };
    let besides = besides.into_iter().flatten().map(MemberList::from);
    let of_rings = rings.iter().map(|ring| MemberList { has_sign_ins: true, ..ring.group.id.into() });
    let lists: Vec<MemberList> = [pilot].into_iter().chain(besides).chain(of_rings).collect();
    let roles = async {
        let mut context = fetch_roles(graph).await?;
        anyhow::Ok((read_roles(graph, &mut context).await?, context.writeback))
    };
    let (roles, first_pages) = tokio::join!(roles, fetch_first_pages(graph, &lists));
    let ((roles, writeback), mut first_pages) = (roles?, first_pages?);
    let is_long = first_pages.iter().any(|first| first.page.next.is_some());
    let report = match is_long {
        true => graph.read_if_open(&REGISTRATIONS, fetch_report(graph, observer)).await,
        false => {
            let everyone = || first_pages.iter().flat_map(|first| &first.page.people);
            let everyone: Vec<Person> = everyone().cloned().collect();
            graph.read_if_open(&REGISTRATIONS, fetch_rows_of(graph, &everyone, observer)).await
        }
    };
    let book = known(report, REPORT, &mut Vec::new())?.map(|read| read.book);
    if is_long && book.is_some() {
        // A long report takes minutes, in which first pages grow old.
        first_pages = fetch_first_pages(graph, &lists).await?;
    }
    let rule = Rule { writeback: rule.writeback.or(writeback), ..rule };
    let judge = Arc::new(Judge { rule, roles, book, now });
    let mut groups = read_all(graph, first_pages, &judge, observer).await?;
    let rings = groups.split_off(lists.len() - rings.len());
    Ok(RingPeople { direct: is_direct.then(|| groups[0].count()), besides: groups, rings })
}

/// Fetches the first page of each list.
async fn fetch_first_pages(graph: &GraphReader, lists: &[MemberList]) -> Result<Vec<FirstPage>, ClientError> {
    let fetching = lists.iter().map(|&list| {
        let graph = graph.clone();
        async move {
            let page = fetch_first_page(&graph, list);
            match if_told(&graph, list, page).await? {
                Some(page) => Ok(page),
                None => fetch_first_page(&graph, without_sign_ins(list)).await,
            }
        }
    });
    in_order(fetching).await.into_iter().collect()
}

/// Returns what came, or `None` where a list with sign-ins was refused: it is asked for without them then.
async fn if_told<T>(
    graph: &GraphReader,
    list: MemberList,
    reading: impl Future<Output = Result<T, ClientError>>,
) -> Result<Option<T>, ClientError> {
    if !list.has_sign_ins {
        return reading.await.map(Some);
    }
    match graph.read_if_open(&SIGN_INS, reading).await {
        Err(error) if error.is_refusal() => {
            tracing::info!("unknown: {}: {error}", SIGN_INS.what);
            Ok(None)
        }
        read => read.map(Some),
    }
}

fn without_sign_ins(list: MemberList) -> MemberList {
    MemberList { has_sign_ins: false, ..list }
}

/// Reads everyone of each group, and tells how far it is.
async fn read_all(
    graph: &GraphReader,
    first_pages: Vec<FirstPage>,
    judge: &Arc<Judge>,
    observer: &impl Observer,
) -> Result<Vec<Members>> {
    let of = first_pages.iter().filter_map(|first| first.page.count).sum();
    let (tell, mut told) = mpsc::unbounded_channel();
    let lanes = Lanes::default();
    let reading = first_pages.into_iter().map(|first| {
        let desk =
            Desk { judge: judge.clone(), here: SeenIds::default(), people: Vec::new(), tell: tell.clone() };
        read_group(graph.clone(), first, lanes.clone(), desk)
    });
    let reading: Vec<_> = reading.collect();
    // The last desk to close ends the telling.
    drop(tell);
    let telling = async {
        let mut read = 0;
        while let Some(more) = told.recv().await {
            read += more;
            observer.on(Event::Progress(Progress::Members { read, of }))?;
        }
        Ok(())
    };
    let (groups, ()) = tokio::try_join!(async { anyhow::Ok(in_order(reading.into_iter()).await) }, telling)?;
    groups.into_iter().collect()
}

/// Reads everyone of a group; where sign-ins are refused on the way, once more without them.
async fn read_group(graph: GraphReader, first: FirstPage, lanes: Lanes, mut desk: Desk) -> Result<Members> {
    let list = first.list;
    let is_empty = first.page.people.is_empty();
    let read = match read_everyone(&graph, first, &lanes, &mut desk).await {
        Err(error) if list.has_sign_ins && is_refusal(&error) => {
            tracing::info!("unknown: {}: {error:#}", SIGN_INS.what);
            desk = Desk { here: SeenIds::default(), people: Vec::new(), ..desk };
            let first = fetch_first_page(&graph, without_sign_ins(list)).await?;
            read_everyone(&graph, first, &lanes, &mut desk).await?
        }
        read => read?,
    };
    Ok(Members { is_empty, odd: read.odd, people: desk.people })
}

fn is_refusal(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ClientError>().is_some_and(ClientError::is_refusal)
}

/// What people are judged by.
struct Judge {
    rule: Rule,
    roles: RoleIndex,
    book: Option<RegistrationIndex>,
    now: Timestamp,
}

/// Where each member of a group passes.
struct Desk {
    judge: Arc<Judge>,
    /// Who was met in the group.
    here: SeenIds,
    people: Vec<(UserId, Verdict)>,
    tell: mpsc::UnboundedSender<u64>,
}

impl MemberSink for Desk {
    fn meet(&mut self, user: UserId) -> bool {
        self.here.insert(user)
    }

    fn take(&mut self, person: Person) -> Result<()> {
        let Judge { rule, roles, book, now } = &*self.judge;
        let row = judge(rule, roles, book.as_ref(), person);
        self.people.push((row.person.id, Verdict::of(&row, *now)));
        if self.people.len().is_multiple_of(TOLD_EACH) {
            // Where no one listens any more, the reading ends too.
            let _ = self.tell.send(TOLD_EACH as u64);
        }
        Ok(())
    }

    fn on_count(&mut self, count: u64) {
        let count = usize::try_from(count).unwrap_or_default();
        self.here.reserve(count);
        self.people.reserve(count);
    }
}
