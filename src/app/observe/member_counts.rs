//! Reads the counts of a group's members for a plan, in at most two rounds of requests more than the policy takes.
//! A group of one page is counted from that page; a larger one is counted by the service.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::app::observe::directory_context::{DirectoryContext, fetch_directory_context, read_roles};
use crate::app::observe::members::fetch_first_page;
use crate::app::observe::unknown::{REPORT, Subject, known, known_list, odd_rows};
use crate::client::{ClientError, GraphReader, List, MemberPage};
use crate::ids::{GroupId, UserId};
use crate::people::{BUSINESS_STANDARD, P1, P2, Person, RoleIndex};
use crate::tenant::graph_permissions;
use crate::tenant::{Candidate, FIRST, MemberCounts, Tally};

/// Graph takes no more values than this behind an `in`.
const IN_FILTER: usize = 15;

/// Holders of a role that are looked for in a group; each request takes [`IN_FILTER`] of them.
const MOST_HOLDERS: usize = 7_500;

/// What each user of the tenant registered, in the words of the report.
type Report = HashMap<UserId, Vec<String>>;

/// How the registration report could be read.
#[derive(Debug)]
enum Reported {
    /// To its end, but for so many rows of it.
    Whole(Report, u64),
    /// It has more than a page, which a plan does not read.
    TooLong,
    /// Not at all, and why.
    Unread(String),
}

/// A reading of the report under way; it ends when dropped.
#[derive(Debug)]
pub(super) struct Reporting(JoinSet<Result<Reported, ClientError>>);

impl Reporting {
    pub(super) fn begin(graph: &GraphReader) -> Self {
        Self(JoinSet::from_iter([fetch_short_report(graph.clone())]))
    }

    async fn finish(mut self) -> Result<Reported, ClientError> {
        let reported = self.0.join_next().await.and_then(Result::ok);
        reported.unwrap_or_else(|| Ok(Reported::Unread("the read failed".to_owned())))
    }
}

/// Reads the registration report where it has one page. A longer one would cost a plan its speed: five
/// requests in ten seconds is all the service gives (facts 5).
///
/// # Errors
/// The run was asked to end.
async fn fetch_short_report(graph: GraphReader) -> Result<Reported, ClientError> {
    let reading = graph.fetch_registrations(None);
    Ok(match graph.read_if_open(&graph_permissions::REGISTRATIONS, reading).await {
        Ok(page) if page.next.is_none() => {
            let all = page.rows.len() as u64 + page.odd;
            let rows: Report =
                page.rows.into_iter().filter_map(|row| Some((row.id, row.methods_registered?))).collect();
            let odd = all.saturating_sub(rows.len() as u64);
            Reported::Whole(rows, odd)
        }
        Ok(_) => Reported::TooLong,
        Err(error) if error.stop_reason().is_some() => return Err(error),
        // The plan is made all the same; what the report would have said is unknown.
        Err(error) => {
            tracing::info!("unknown: what people registered: {error}");
            Reported::Unread(error.reason(REPORT.permission))
        }
    })
}

/// Counts the people of a group, as a plan does.
///
/// # Errors
/// As every request; what is refused is unknown.
pub(in crate::app) async fn count_people(graph: &GraphReader, group: GroupId) -> Result<MemberCounts> {
    let report = Reporting::begin(graph);
    fetch_member_counts(graph, group, fetch_directory_context(graph).await?, report).await
}

pub(super) async fn fetch_member_counts(
    graph: &GraphReader,
    group: GroupId,
    mut directory_context: DirectoryContext,
    report: Reporting,
) -> Result<MemberCounts> {
    let (page, roles, report) = tokio::join!(
        fetch_first_page(graph, group),
        read_roles(graph, &mut directory_context),
        report.finish()
    );
    let (roles, report) = (roles?, report?);
    match &report {
        Reported::Whole(_, odd) => directory_context.unread.extend(odd_rows(*odd, REPORT.what)),
        Reported::TooLong => {}
        Reported::Unread(why) => directory_context.unread.push(format!("what people registered ({why})")),
    }
    let mut counts = MemberCounts {
        writeback: directory_context.writeback,
        is_tenant_licensed: directory_context.is_licensed,
        unread: directory_context.unread,
        ..MemberCounts::default()
    };
    let page = match page.map(|first| first.page) {
        // A group seen a moment ago whose members cannot be found is not yet in the index.
        Err(error) if error.is_not_found() => {
            counts.unread.push(format!("{} ({})", MEMBERS.what, error.reason(MEMBERS.permission)));
            return Ok(counts);
        }
        page => known(page, MEMBERS, &mut counts.unread)?,
    };
    let Some(page) = page else { return Ok(counts) };
    if page.next.is_none() {
        counts.count(&page.people, &roles);
        // A list that is shorter than its own count is not all there is.
        counts.members = counts.members.max(page.count);
        if page.odd > 0 {
            counts.forget_counts(page.count.filter(|count| *count >= page.people.len() as u64 + page.odd));
            counts.unread.extend(odd_rows(page.odd, MEMBERS.what));
        }
        if let Reported::Whole(report, _) = &report {
            let row = |person: &Person| report.get(&person.id).cloned();
            counts.list_candidates(&page.people, &roles, row);
            let rows = page.people.iter().map(row);
            // Who cannot be read may have registered anything.
            let odd = usize::try_from(page.odd).unwrap_or_default();
            counts.candidates.extend(std::iter::repeat_n(Candidate::default(), odd));
            counts.registered = Some(rows.chain(std::iter::repeat_n(None, odd)).collect());
        }
    } else {
        counts.members = page.count;
        count_by_service(graph, group, &roles, &mut counts).await?;
    }
    Ok(counts)
}

/// Asks the service to count, in one round: a large group is not read for a plan.
async fn count_by_service(
    graph: &GraphReader,
    group: GroupId,
    roles: &RoleIndex,
    counts: &mut MemberCounts,
) -> Result<()> {
    let unlicensed = unlicensed_filter();
    let (guests, disabled, unlicensed, synced, holders) = tokio::join!(
        graph.fetch_members(group, Some("userType eq 'Guest'"), FIRST),
        graph.fetch_members(group, Some("accountEnabled eq false"), FIRST),
        graph.fetch_members(group, Some(&unlicensed), FIRST),
        graph.fetch_members(group, Some("onPremisesSyncEnabled eq true"), FIRST),
        fetch_holders(graph, group, roles),
    );
    let mut tally = |answer: Result<MemberPage, ClientError>, what| -> Result<Tally, ClientError> {
        let page = known(answer, of_users(what), &mut counts.unread)?;
        let names = |people: &[Person]| people.iter().map(Person::name).collect();
        Ok(page.map(|page| Tally { count: page.count, first: names(&page.people) }).unwrap_or_default())
    };
    counts.guests = tally(guests, "guests")?;
    counts.disabled = tally(disabled, "disabled accounts")?;
    counts.unlicensed = tally(unlicensed, "licences")?;
    counts.synced = tally(synced, "synchronised accounts")?;
    let subject = of_users("which members hold a role");
    if let Some(holders) = known_list(holders?, subject, &mut counts.unread)?.filter(|list| list.odd == 0) {
        counts.count_roles(&holders.rows, roles);
    }
    Ok(())
}

const MEMBERS: Subject = Subject::new("the group's members", "GroupMember.Read.All, User.Read.All");

fn of_users(what: &'static str) -> Subject {
    Subject::new(what, graph_permissions::USERS.permission.name)
}

fn unlicensed_filter() -> String {
    let lacks = |plan: Uuid| {
        format!("not(assignedPlans/any(p:p/servicePlanId eq {plan} and p/capabilityStatus eq 'Enabled'))")
    };
    format!(
        "{} and {} and (not(assignedLicenses/any(l:l/skuId eq {BUSINESS_STANDARD})) or onPremisesSyncEnabled eq true)",
        lacks(P1),
        lacks(P2)
    )
}

/// Returns those of the group who hold a role: the few holders are looked for, not the many members.
async fn fetch_holders(
    graph: &GraphReader,
    group: GroupId,
    roles: &RoleIndex,
) -> Result<Result<List<Person>, ClientError>> {
    let mut asked = JoinSet::new();
    let all = roles.holders();
    if all.len() > MOST_HOLDERS {
        return Ok(Ok(List { odd: (all.len() - MOST_HOLDERS) as u64, ..List::default() }));
    }
    for ids in all.chunks(IN_FILTER) {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let filter = format!("id in ({})", ids.join(","));
        let graph = graph.clone();
        asked.spawn(async move { graph.fetch_members(group, Some(&filter), IN_FILTER).await });
    }
    let (mut holders, mut seen) = (List::default(), HashSet::new());
    while let Some(found) = asked.join_next().await {
        match found? {
            Ok(page) => {
                holders.odd += page.odd;
                holders.rows.extend(page.people.into_iter().filter(|person| seen.insert(person.id)));
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    holders.rows.sort_by_key(|person| person.user_principal_name.as_deref().map(str::to_lowercase));
    Ok(Ok(holders))
}
