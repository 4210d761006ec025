//! The cheap half of the people: what a plan says about them, in at most two rounds of requests more than
//! the policy takes. A group of one page is counted from that page; a larger one is counted by the service.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::crowd::fetch_first_page;
use super::surroundings::{Surroundings, read_roles};
use super::unknown::known;
use crate::client::{ClientError, GraphReader, MemberPage};
use crate::people::{BUSINESS_STANDARD, P1, P2, Person, RoleBook};
use crate::tenant::{FIRST, Preflight, Tally};

/// Graph takes no more values than this behind an `in`.
const IN_FILTER: usize = 15;

/// What each user of the tenant registered, in the words of the report.
type Report = HashMap<Uuid, Vec<String>>;

/// How the registration report could be read.
#[derive(Debug)]
enum Reported {
    /// To its end.
    Whole(Report),
    /// It has more than a page, which a plan does not read.
    TooLong,
    /// Not at all.
    Unread,
}

/// A reading of the report under way; it ends when dropped.
#[derive(Debug)]
pub(super) struct Reporting(JoinSet<Reported>);

impl Reporting {
    /// Begins to read.
    pub(super) fn begin(graph: &GraphReader) -> Self {
        let mut reading = JoinSet::new();
        reading.spawn(fetch_short_report(graph.clone()));
        Self(reading)
    }

    async fn finish(mut self) -> Reported {
        self.0.join_next().await.and_then(Result::ok).unwrap_or(Reported::Unread)
    }
}

/// Reads the registration report where it has one page. A longer one would cost a plan its speed: five
/// requests in ten seconds is all the service gives (facts 5).
async fn fetch_short_report(graph: GraphReader) -> Reported {
    match graph.fetch_registrations(None).await {
        Ok(page) if page.next.is_none() => {
            let rows = page.rows.into_iter();
            Reported::Whole(rows.map(|row| (row.id, row.methods_registered)).collect())
        }
        Ok(_) => Reported::TooLong,
        // The plan is made all the same; what the report would have told is unknown.
        Err(error) => {
            tracing::info!("unknown: what people registered: {error}");
            Reported::Unread
        }
    }
}

/// Counts the people of a group.
pub(super) async fn preflight(
    graph: &GraphReader,
    group: &str,
    mut surroundings: Surroundings,
    report: Reporting,
) -> Result<Preflight> {
    let (page, roles, report) =
        tokio::join!(fetch_first_page(graph, group), read_roles(graph, &mut surroundings), report.finish());
    let roles = roles?;
    if matches!(report, Reported::Unread) {
        surroundings.unread.push("what people registered (AuditLog.Read.All)".to_owned());
    }
    let mut preflight = Preflight {
        writeback: surroundings.writeback,
        is_tenant_licensed: surroundings.is_licensed,
        unread: surroundings.unread,
        ..Preflight::default()
    };
    let page = match page.map(|first| first.page) {
        // A group seen a moment ago whose members cannot be found is not yet in the index.
        Err(error) if error.is_not_found() => return Ok(preflight),
        page => {
            known(page, "the group's members (GroupMember.Read.All, User.Read.All)", &mut preflight.unread)?
        }
    };
    let Some(page) = page else { return Ok(preflight) };
    if page.next.is_none() {
        preflight.count(&page.people, &roles);
        if let Reported::Whole(report) = &report {
            preflight.registered =
                Some(page.people.iter().map(|person| report.get(&person.id).cloned()).collect());
        }
    } else {
        preflight.members = page.count;
        count_by_service(graph, group, &roles, &mut preflight).await?;
    }
    Ok(preflight)
}

/// Asks the service to count, in one round: a large group is not read for a plan.
async fn count_by_service(
    graph: &GraphReader,
    group: &str,
    roles: &RoleBook,
    preflight: &mut Preflight,
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
        let page = known(answer, what, &mut preflight.unread)?;
        let names = |people: &[Person]| people.iter().map(Person::name).collect();
        Ok(page.map(|page| Tally { count: page.count, first: names(&page.people) }).unwrap_or_default())
    };
    preflight.guests = tally(guests, "guests (User.Read.All)")?;
    preflight.disabled = tally(disabled, "disabled accounts (User.Read.All)")?;
    preflight.unlicensed = tally(unlicensed, "licences (User.Read.All)")?;
    preflight.synced = tally(synced, "synchronised accounts (User.Read.All)")?;
    let what = "who of the group holds a role (User.Read.All)";
    if let Some(holders) = known(holders?, what, &mut preflight.unread)? {
        preflight.count_roles(&holders, roles);
    }
    Ok(())
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
    group: &str,
    roles: &RoleBook,
) -> Result<Result<Vec<Person>, ClientError>> {
    let mut asked: JoinSet<Result<Vec<Person>, ClientError>> = JoinSet::new();
    for ids in roles.holders().chunks(IN_FILTER) {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let filter = format!("id in ({})", ids.join(","));
        let (graph, group) = (graph.clone(), group.to_owned());
        asked.spawn(async move {
            let page = graph.fetch_members(&group, Some(&filter), IN_FILTER).await?;
            Ok(page.people)
        });
    }
    let (mut holders, mut seen) = (Vec::new(), HashSet::new());
    while let Some(found) = asked.join_next().await {
        match found? {
            Ok(found) => holders.extend(found.into_iter().filter(|person| seen.insert(person.id))),
            Err(error) => return Ok(Err(error)),
        }
    }
    holders.sort_by_key(|person| person.user_principal_name.as_deref().map(str::to_lowercase));
    Ok(Ok(holders))
}
