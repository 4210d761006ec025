//! The cheap half of the people: what a plan says about them, in at most two rounds of requests more than
//! the policy takes. A group of one page is counted from that page; a larger one is counted by the service.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::{ClientError, GraphReader, MemberPage, RoleAssignment};
use crate::people::{BUSINESS_STANDARD, HeldRole, P1, P2, Person, RoleBook};
use crate::tenant::{FIRST, Preflight, Tally};

/// Graph takes no more values than this behind an `in`.
const IN_FILTER: usize = 15;

/// What is read beside the policy, in the same round: it depends on no group.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) active: Option<Vec<RoleAssignment>>,
    pub(super) eligible: Option<Vec<RoleAssignment>>,
    pub(super) writeback: Option<bool>,
    pub(super) is_licensed: Option<bool>,
    pub(super) unread: Vec<String>,
}

/// Reads what depends on no group. What is refused is unknown, and noted.
pub(super) async fn fetch_surroundings(graph: &GraphReader) -> Result<Surroundings, ClientError> {
    let (around, is_licensed) = tokio::join!(fetch_roles(graph), graph.fetch_is_licensed());
    let mut around = around?;
    let what = "the tenant's licences (LicenseAssignment.Read.All)";
    around.is_licensed = known(is_licensed, what, &mut around.unread)?;
    Ok(around)
}

/// As [`fetch_surroundings`], without the tenant's licences: for one who looks at each person's.
pub(super) async fn fetch_roles(graph: &GraphReader) -> Result<Surroundings, ClientError> {
    let (active, eligible, writeback) =
        tokio::join!(graph.fetch_role_assignments(), graph.fetch_eligible_roles(), graph.fetch_writeback(),);
    let mut unread = Vec::new();
    Ok(Surroundings {
        active: known(active, "administrator roles (RoleManagement.Read.Directory)", &mut unread)?,
        eligible: known(
            eligible,
            "roles that can be activated (RoleEligibilitySchedule.Read.Directory)",
            &mut unread,
        )?,
        // Whoever has nobody synchronised need not hear that writeback is unknown; the rule about it says so.
        writeback: known(writeback, "", &mut Vec::new())?.flatten(),
        is_licensed: None,
        unread,
    })
}

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
        reading.spawn(fetch_report(graph.clone()));
        Self(reading)
    }

    async fn finish(mut self) -> Reported {
        self.0.join_next().await.and_then(Result::ok).unwrap_or(Reported::Unread)
    }
}

/// Reads the registration report where it has one page. A longer one would cost a plan its speed: five
/// requests in ten seconds is all the service gives (facts 5).
async fn fetch_report(graph: GraphReader) -> Reported {
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

/// Turns an answer the service will not give into unknown; every other failure stays one.
pub(super) fn known<T>(
    answer: Result<T, ClientError>,
    what: &str,
    unread: &mut Vec<String>,
) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_refusal() => {
            tracing::info!("unknown: {what}: {error}");
            unread.push(what.to_owned());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The roles a role-assignable group gives its members, and whether each has to be activated.
#[derive(Default)]
struct RolesThrough {
    name: String,
    roles: Vec<(Uuid, bool)>,
}

/// Finds out who holds a role, the members of role-assignable groups included.
pub(super) async fn read_roles(graph: &GraphReader, surroundings: &mut Surroundings) -> Result<RoleBook> {
    let mut book = RoleBook::default();
    (book.is_active_known, book.is_eligible_known) =
        (surroundings.active.is_some(), surroundings.eligible.is_some());
    let mut groups: JoinSet<(RolesThrough, Result<Vec<Person>, ClientError>)> = JoinSet::new();
    let all = [(&surroundings.active, false), (&surroundings.eligible, true)];
    let mut by_group = BTreeMap::<Uuid, RolesThrough>::new();
    for (assignments, is_eligible) in all {
        for assignment in assignments.iter().flatten() {
            match assignment.kind.as_str() {
                "servicePrincipal" => {}
                "group" => {
                    let group = by_group.entry(assignment.principal).or_default();
                    group.name.clone_from(&assignment.principal_name);
                    group.roles.push((assignment.role, is_eligible));
                }
                _ => book.insert(
                    assignment.principal,
                    HeldRole { role: assignment.role, is_eligible, through: None },
                ),
            }
        }
    }
    for (id, group) in by_group {
        let graph = graph.clone();
        groups.spawn(async move { (group, fetch_everyone(&graph, id).await) });
    }
    while let Some(done) = groups.join_next().await {
        let (RolesThrough { name, roles }, members) = done?;
        let what = "members of groups that hold roles (GroupMember.Read.All)";
        let Some(members) = known(members, what, &mut surroundings.unread)? else {
            book.is_active_known = false;
            book.is_eligible_known = false;
            continue;
        };
        for person in members {
            for &(role, is_eligible) in &roles {
                book.insert(person.id, HeldRole { role, is_eligible, through: Some(name.clone()) });
            }
        }
    }
    Ok(book)
}

async fn fetch_everyone(graph: &GraphReader, group: Uuid) -> Result<Vec<Person>, ClientError> {
    let mut page = fetch_first(graph, &group.to_string()).await?;
    let mut people = std::mem::take(&mut page.people);
    while let Some(next) = page.next {
        page = graph.fetch_more_members(&next).await?;
        people.append(&mut page.people);
    }
    Ok(people)
}

/// Reads the first page of a group; a service that cannot sort is asked plainly.
async fn fetch_first(graph: &GraphReader, group: &str) -> Result<MemberPage, ClientError> {
    match graph.fetch_members(group, None, 999).await {
        Err(error) if error.is_bad_request() => graph.fetch_members_plainly(group).await,
        page => page,
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
        tokio::join!(fetch_first(graph, group), read_roles(graph, &mut surroundings), report.finish());
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
    let page = match page {
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
