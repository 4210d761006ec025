//! Who is in the group and who can reset: every member judged, row by row, in memory that does not grow
//! with their number beyond 24 bytes for each row of the registration report, or 18 for each member where there is
//! none.

use std::collections::HashSet;

use anyhow::Result;
use uuid::Uuid;

use super::Refusal;
use super::crowd::{Met, Reader, read_members, read_plainly};
use super::observe::{Halves, METHODS_POLICY, find_group, refuse_two_tenants, the_wanted};
use super::preflight::{Surroundings, fetch_roles, known, read_roles};
use crate::client::{ClientError, GraphReader, MemberPage, RegistrationRow, TenantReader};
use crate::people::{Person, RegistrationBook, RoleBook, Row, Rule, Summary};
use crate::spec::Spec;
use crate::tenant::{Group, NamedGroup, Object, Preflight, Tenant};

/// Who hears of the members as they are read.
pub trait Audience {
    /// Takes a row.
    ///
    /// # Errors
    /// Where the row cannot be taken, the reading ends.
    fn take(&mut self, row: &Row) -> Result<()>;
    /// Hears how far the reading is.
    fn hear(&mut self, progress: Progress);
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The registration report comes in pages of 999, five in ten seconds; nobody says how many there are.
    Report {
        /// Rows so far.
        rows: u64,
    },
    /// Members are read.
    Members {
        /// So far.
        read: u64,
        /// As Graph counted at the start.
        of: u64,
    },
}

/// The tenant and group people are asked about.
#[derive(Debug)]
pub struct Whereabouts {
    /// The tenant; of its policies, what tells what a reset takes, where it could be read.
    pub tenant: Tenant,
    /// The group.
    pub group: Group,
    /// What could not be read, and the permission it takes or the reason.
    pub unread: Vec<String>,
    /// What was read on the way, so that a survey need not ask again.
    ahead: Option<Ahead>,
}

/// What a survey reads first and can be read before the rule of the survey is known.
#[derive(Debug)]
struct Ahead {
    surroundings: Surroundings,
    first: Result<MemberPage, ClientError>,
}

/// What a reading adds up to.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Over everybody read.
    pub summary: Summary,
    /// The time of the oldest row of the report, as it wrote it; `None` where no report was read.
    pub report_from: Option<String>,
    /// What could not be read, and the permission it takes or the reason.
    pub unread: Vec<String>,
    /// Whether it is unknown who can activate a role: a row may then leave out that somebody can.
    pub has_unknown_eligibility: bool,
}

/// Finds the tenant and the group of a spec, with no more rights than that takes.
///
/// # Errors
/// As [`super::observe()`]; also where the spec names no group.
pub async fn find(reader: &TenantReader, spec: &Spec, halves: Halves) -> Result<Whereabouts> {
    let (organization, group, policy, methods, surroundings) = tokio::join!(
        reader.graph.fetch_organization(),
        find_group(&reader.graph, spec),
        fetch_rule(reader, spec, halves),
        reader.graph.fetch_methods_policy(),
        fetch_roles(&reader.graph),
    );
    let organization = the_wanted(organization?, spec)?;
    let (policy, mut unread) = policy?;
    if policy.is_some() {
        refuse_two_tenants(reader, &organization).await?;
    }
    let mut group = group?.ok_or(Refusal::SpecWithoutGroup)?;
    let methods = known(methods, METHODS_POLICY, &mut unread)?;
    let surroundings = surroundings?;
    let (within, first) = tokio::join!(
        reader.graph.fetch_containing_groups(&group.id),
        reader.graph.fetch_members(&group.id, None, 999),
    );
    group.within = known_within(within, &mut unread)?;
    let tenant = Tenant {
        organization,
        policy,
        writeback: None,
        authorization: None,
        methods,
        group: Some(group.clone()),
        people: Preflight::default(),
    };
    Ok(Whereabouts { tenant, group, unread, ahead: Some(Ahead { surroundings, first }) })
}

fn known_within(
    within: Result<Option<Vec<NamedGroup>>, ClientError>,
    unread: &mut Vec<String>,
) -> Result<Option<Vec<NamedGroup>>, ClientError> {
    Ok(known(within, "the groups around the group", unread)?.flatten())
}

/// Fetches the policy where what a reset takes is not in the spec, and says why it is unknown where it is.
async fn fetch_rule(
    reader: &TenantReader,
    spec: &Spec,
    halves: Halves,
) -> Result<(Option<Object>, Vec<String>), ClientError> {
    if spec.allowed().is_some() && spec.required().is_some() {
        return Ok((None, Vec::new()));
    }
    if halves == Halves::GraphAlone {
        return Ok((None, vec!["the password reset policy (left out by --graph-only)".to_owned()]));
    }
    match reader.portal.fetch_policy().await {
        Ok(policy) => Ok((Some(policy), Vec::new())),
        Err(error) if halves == Halves::WhatIsOpen && error.is_closed_portal() => {
            Ok((None, vec![format!("the password reset policy ({})", error.with_causes())]))
        }
        Err(error) => Err(error),
    }
}

impl Whereabouts {
    /// Takes a tenant that was looked at, with what is already known to be unread, and reads what it lacks to
    /// tell what a reset takes. What is refused is unknown.
    ///
    /// # Errors
    /// As every request; also where the tenant was looked at without a group.
    pub async fn new(reader: &TenantReader, mut tenant: Tenant, mut unread: Vec<String>) -> Result<Self> {
        let mut group = tenant.group.take().ok_or(Refusal::SpecWithoutGroup)?;
        if tenant.methods.is_none() {
            let (methods, within) = tokio::join!(
                reader.graph.fetch_methods_policy(),
                reader.graph.fetch_containing_groups(&group.id),
            );
            tenant.methods = known(methods, METHODS_POLICY, &mut unread)?;
            group.within = known_within(within, &mut unread)?;
        }
        tenant.group = Some(group.clone());
        Ok(Self { tenant, group, unread, ahead: None })
    }
}

/// Reads and judges every member. What was covered before a failure is in `survey`.
///
/// # Errors
/// As every request, and where the audience ends it. A report that is refused is none: unknown.
pub async fn survey(
    graph: &GraphReader,
    place: &mut Whereabouts,
    rule: Rule,
    wants_report: bool,
    audience: &mut dyn Audience,
    survey: &mut Survey,
) -> Result<()> {
    let group = place.group.id.as_str();
    let (mut surroundings, first) = match place.ahead.take() {
        Some(Ahead { surroundings, first }) => (surroundings, Some(first)),
        None => (fetch_roles(graph).await?, None),
    };
    let (roles, first) = tokio::join!(read_roles(graph, &mut surroundings), fetch_first(graph, group, first));
    let (roles, first) = (roles?, first?);
    let Surroundings { writeback, unread, .. } = surroundings;
    survey.unread.extend(unread);
    survey.has_unknown_eligibility = !roles.is_eligible_known;
    let rule = Rule { writeback: rule.writeback.or(writeback), ..rule };
    let is_long = first.page.next.is_some();
    let book = match (wants_report, is_long) {
        (false, _) => None,
        (true, false) => Some(fetch_rows_of(graph, &first.page.people, audience).await),
        (true, true) => Some(fetch_report(graph, audience).await),
    };
    let what = "the registration report (AuditLog.Read.All)";
    let book = book.map_or(Ok(None), |book| known(book, what, &mut survey.unread))?;
    survey.report_from = book.as_ref().and_then(RegistrationBook::oldest).map(str::to_owned);
    // A long report takes minutes, in which the first page grows old.
    let is_stale = wants_report && is_long;
    let First { page, is_sorted } = if is_stale { fetch_first(graph, group, None).await? } else { first };
    let summary = &mut survey.summary;
    let mut desk = Desk { rule, roles, book, met: Met::default(), of: 0, audience, summary };
    match is_sorted {
        true => read_members(graph, group, page, &mut desk).await?,
        false => {
            desk.hear_count(page.count.unwrap_or(page.people.len() as u64));
            read_plainly(graph, page, &mut desk).await?
        }
    };
    Ok(())
}

/// The first page of a group, and whether the service can sort, without which no range can be cut.
struct First {
    page: MemberPage,
    is_sorted: bool,
}

async fn fetch_first(
    graph: &GraphReader,
    group: &str,
    ahead: Option<Result<MemberPage, ClientError>>,
) -> Result<First, ClientError> {
    let page = match ahead {
        Some(page) => page,
        None => graph.fetch_members(group, None, 999).await,
    };
    match page {
        Ok(page) => Ok(First { page, is_sorted: true }),
        Err(error) if error.is_bad_request() => {
            Ok(First { page: graph.fetch_members_plainly(group).await?, is_sorted: false })
        }
        Err(error) => Err(error),
    }
}

/// Where each member passes: judged, counted, handed on.
struct Desk<'a> {
    rule: Rule,
    roles: RoleBook,
    book: Option<RegistrationBook>,
    /// Members without a row of the report; those with one are marked there.
    met: Met,
    of: u64,
    audience: &'a mut dyn Audience,
    summary: &'a mut Summary,
}

impl Reader for Desk<'_> {
    fn meet(&mut self, user: Uuid) -> bool {
        let by_row = self.book.as_mut().and_then(|book| book.meet(user));
        by_row.unwrap_or_else(|| self.met.insert(user))
    }

    fn take(&mut self, person: Person) -> Result<()> {
        let row = judge(&self.rule, &self.roles, self.book.as_ref(), person);
        self.summary.add(&row);
        // Whoever hears of each would be told a million times.
        if self.summary.members.is_multiple_of(500) {
            self.audience.hear(Progress::Members { read: self.summary.members, of: self.of });
        }
        self.audience.take(&row)
    }

    fn hear_count(&mut self, count: u64) {
        self.of = count;
        if self.book.is_none() {
            self.met.reserve(usize::try_from(count).unwrap_or_default());
        }
    }
}

pub(super) fn judge(rule: &Rule, roles: &RoleBook, book: Option<&RegistrationBook>, person: Person) -> Row {
    let registration = book.and_then(|book| book.row(person.id));
    let words = book.zip(registration).map(|(book, row)| book.names().words(row.methods));
    let is_administrator = roles.is_administrator(person.id);
    let facts =
        words.as_deref().zip(registration).map(|(words, row)| (words, row.is_registered, row.is_capable));
    let readiness = rule.judge(&person, is_administrator, facts, book.is_some());
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

pub(super) fn note(book: &mut RegistrationBook, row: &RegistrationRow) {
    let flags = [row.is_sspr_registered, row.is_sspr_enabled, row.is_sspr_capable];
    book.insert(row.id, &row.methods_registered, flags, row.last_updated_date_time.as_deref());
}

/// Reads the whole tenant's report.
///
/// # Errors
/// As every request.
pub async fn fetch_report(
    graph: &GraphReader,
    audience: &mut dyn Audience,
) -> Result<RegistrationBook, ClientError> {
    let mut book = RegistrationBook::default();
    let mut next: Option<String> = None;
    loop {
        let page = graph.fetch_registrations(next.as_deref()).await?;
        page.rows.iter().for_each(|row| note(&mut book, row));
        audience.hear(Progress::Report { rows: book.len() as u64 });
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
pub async fn fetch_rows_of(
    graph: &GraphReader,
    people: &[Person],
    audience: &mut dyn Audience,
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
        audience.hear(Progress::Report { rows: book.len() as u64 });
        next = page.next;
        if next.is_none() || missing.is_empty() {
            break;
        }
        if missing.len() <= pages {
            for user in missing {
                if let Some(row) = graph.fetch_registration(user).await? {
                    note(&mut book, &row);
                }
                audience.hear(Progress::Report { rows: book.len() as u64 });
            }
            break;
        }
    }
    book.sort();
    Ok(book)
}
