//! Inspects one user, and follows their reset through the audit log.

use std::collections::HashSet;
use std::time::Duration;

use crate::ids::{GroupId, UserId};
use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use crate::app::observe::directory_context::{fetch_roles, read_roles};
use crate::app::observe::pilot_context::PilotContext;
use crate::app::observe::registrations::Read;
use crate::app::observe::survey::judge;
use crate::app::observe::unknown::{REPORT, known, odd_rows};
use crate::client::{AuditEvent, ClientError, GraphReader};
use crate::outcome::{NoSuchUser, Tester};
use crate::people::{Person, ResetStage, Rule};
use crate::stop::Stop;
use crate::tenant::graph_permissions;

/// How a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchEnd {
    /// A successful reset was seen.
    Reset,
    /// The service blocked the user.
    Blocked,
    /// Time ran out; with the furthest step seen.
    OutOfTime(Option<ResetStage>),
}

/// Looks at one user, by object id, principal name or the part of it before the `@`.
///
/// # Errors
/// As every request.
pub async fn inspect_user(
    graph: &GraphReader,
    place: &PilotContext,
    rule: Rule,
    user: &str,
) -> Result<Result<Tester, NoSuchUser>> {
    let (person, directory_context) = tokio::join!(find_user(graph, user), fetch_roles(graph));
    let person = match person? {
        Ok(person) => person,
        Err(no_such_user) => return Ok(Err(no_such_user)),
    };
    let mut directory_context = directory_context?;
    let rule = Rule { writeback: rule.writeback.or(directory_context.writeback), ..rule };
    let filter = format!("id eq '{}'", person.id);
    let (roles, found, row) = tokio::join!(
        read_roles(graph, &mut directory_context),
        graph.fetch_members(place.group.id, Some(&filter), 1),
        graph.read_if_open(&graph_permissions::REGISTRATIONS, graph.fetch_registration(person.id)),
    );
    let roles = roles?;
    let is_member = !found?.people.is_empty();
    let is_membership_known = is_member || !place.group.hides_members;
    let book = match known(row, REPORT, &mut directory_context.unread)? {
        None => None,
        Some(row) => {
            let mut read = Read::default();
            if row.is_some_and(|row| !read.note(&row)) {
                let line = format!("{} (the row does not tell what is registered)", REPORT.what);
                directory_context.unread.push(line);
            }
            read.book.sort();
            Some(read.book)
        }
    };
    let path = match is_member {
        true => Some(find_path(graph, person.id, place.group.id).await?),
        false => None,
    };
    Ok(Ok(Tester {
        row: judge(&rule, &roles, book.as_ref(), person),
        path,
        is_membership_known,
        writeback: rule.writeback,
        is_eligibility_known: roles.is_eligible_known,
        unread: directory_context.unread,
    }))
}

/// Finds whom an id, a principal name or the begin of one means.
async fn find_user(graph: &GraphReader, asked: &str) -> Result<Result<Person, NoSuchUser>, ClientError> {
    if asked.contains('@') || asked.parse::<UserId>().is_ok() {
        return Ok(graph.fetch_user(asked).await?.ok_or_else(NoSuchUser::default));
    }
    let alias = format!("{asked}@");
    let (called, near) =
        tokio::join!(graph.fetch_users_beginning(&alias), graph.fetch_users_beginning(asked));
    let (mut called, near) = (called?, near?);
    // Of a row that could not be read no one knows whose it is.
    let is_only = called.odd == 0 && called.is_all && called.rows.len() == 1;
    if is_only && let Some(person) = called.rows.pop() {
        return Ok(Ok(person));
    }
    let is_ambiguous = !called.rows.is_empty();
    let near = if is_ambiguous { called } else { near };
    Ok(Err(NoSuchUser { near: near.rows.iter().map(Person::name).collect(), is_ambiguous }))
}

/// Climbs from a user to a group, nearest groups first. A user in very many groups gets no path.
async fn find_path(graph: &GraphReader, user: UserId, pilot: GroupId) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut level: Vec<(&str, Uuid, Vec<String>)> = vec![("users", user.guid(), Vec::new())];
    let mut asked = 0;
    while !level.is_empty() {
        let mut next = Vec::new();
        for (kind, id, path) in level {
            asked += 1;
            if asked > 60 {
                return Ok(vec!["…".to_owned()]);
            }
            let groups = match graph.fetch_groups_holding(kind, id).await {
                // A snapshot has no way from each person to the group.
                Err(error) if error.is_outside_the_snapshot() => return Ok(vec!["…".to_owned()]),
                groups => groups?,
            };
            if groups.iter().any(|group| group.id == pilot) {
                return Ok(path);
            }
            for group in groups {
                if seen.insert(group.id) {
                    let mut path = path.clone();
                    path.push(group.display_name);
                    next.push(("groups", group.id.guid(), path));
                }
            }
        }
        level = next;
    }
    Ok(vec!["…".to_owned()])
}

/// Follows the audit log until the user has reset, is blocked, or `total` is over. The log is 5 to 10
/// minutes late, sometimes an hour (facts 4). Each event is reported once, in the order of the log.
///
/// # Errors
/// As every request; also where the run is to stop.
pub async fn watch(
    graph: &GraphReader,
    stop: &Stop,
    user: UserId,
    since: Timestamp,
    (pause, total): (Duration, Duration),
    on_event: &mut impl FnMut(&AuditEvent, ResetStage),
) -> Result<WatchEnd> {
    let started = tokio::time::Instant::now();
    let (mut message, mut furthest, mut is_oddness_told) = (HashSet::new(), None, false);
    loop {
        let events = graph.fetch_reset_events(since, Some(user), 1).await?;
        if let Some(odd) = odd_rows(events.odd, "the audit log").filter(|_| !is_oddness_told) {
            is_oddness_told = true;
            tracing::warn!("unknown: {odd}");
        }
        for event in events.rows {
            let Some(step) = ResetStage::read(&event.activity, event.is_success) else { continue };
            if !message.insert(event.id.clone()) {
                continue;
            }
            on_event(&event, step);
            furthest = furthest.max(Some(step));
            match step {
                ResetStage::Reset => return Ok(WatchEnd::Reset),
                ResetStage::Blocked => return Ok(WatchEnd::Blocked),
                _ => {}
            }
        }
        if started.elapsed() + pause > total {
            return Ok(WatchEnd::OutOfTime(furthest));
        }
        // A stopped run waits for no reading; the next one says why there is none.
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.asked() => {}
        }
    }
}
