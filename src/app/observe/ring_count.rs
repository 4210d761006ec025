//! Counts the people of rings, each person in the first ring that has them.

use jiff::Timestamp;

use crate::app::observe::members::SeenIds;
use crate::client::AuditEvent;
use crate::ids::UserId;
use crate::people::{Count, NotReadyReason, ResetStage, Row};
use crate::tenant::{PeopleOfRing, Resets, Ring, Share};

/// Who is in the rings of a roll-out, and in the pilot group beside them.
#[derive(Debug)]
pub(in crate::app) struct RingPeople {
    /// How many are in the pilot group directly; `None` where that was not told apart.
    pub(in crate::app) direct: Option<u64>,
    /// Everyone in the pilot group but the people of open rings, or those too.
    pub(super) besides: Vec<Members>,
    pub(super) rings: Vec<Members>,
}

/// The people of a group.
#[derive(Debug)]
pub(super) struct Members {
    /// Whether no one was listed at first, as of a group that hides its members.
    pub(super) is_empty: bool,
    /// Members whose row could not be read.
    pub(super) odd: u64,
    pub(super) people: Vec<(UserId, Verdict)>,
}

/// What counts of a person; `None` is unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    /// Whether they could ever reset under the spec: no guest, no administrator, no disabled account.
    can: Option<bool>,
    is_ready: Option<bool>,
    is_registered: Option<bool>,
    has_signed_in: Option<bool>,
    /// Whether Graph said when they did.
    is_sign_in_told: bool,
    is_admin: Option<bool>,
    is_guest: Option<bool>,
    is_disabled: Option<bool>,
    is_unlicensed: Option<bool>,
}

impl Verdict {
    pub(super) fn of(row: &Row, now: Timestamp) -> Self {
        let person = &row.person;
        let is_disabled = person.is_enabled.map(|is_enabled| !is_enabled);
        let never = [person.is_guest, row.is_administrator, is_disabled];
        let is_without_row = row.readiness.why.contains(&NotReadyReason::NoReportRow);
        Self {
            can: match () {
                () if never.contains(&Some(true)) => Some(false),
                () if never.contains(&None) => None,
                () => Some(true),
            },
            is_ready: row.readiness.is_ready,
            is_registered: if is_without_row { Some(false) } else { row.is_registered },
            has_signed_in: person.last_sign_in.is_recent(now),
            is_sign_in_told: person.last_sign_in.is_at_a_time(),
            is_admin: row.is_administrator,
            is_guest: person.is_guest,
            is_disabled,
            is_unlicensed: person.licence.covers(person.is_synced).map(|is_covered| !is_covered),
        }
    }
}

impl Members {
    pub(super) fn count(&self) -> u64 {
        self.people.len() as u64 + self.odd
    }
}

impl RingPeople {
    /// Counts the people of the rings that were read, in their order, and what they did since each was opened; `events` are
    /// those of the audit log, and `None` is unknown.
    pub(in crate::app) fn count(&self, rings: &mut [Ring], events: Option<&[AuditEvent]>) {
        let mut pilot = SeenIds::default();
        let open = rings.iter().zip(&self.rings).filter(|(ring, _)| ring.is_open()).map(|(_, read)| read);
        for (user, _) in self.besides.iter().chain(open).flat_map(|read| &read.people) {
            pilot.insert(*user);
        }
        // Where no one at all has a time, Graph does not tell it here.
        let everyone = || self.rings.iter().flat_map(|read| &read.people);
        let tells_sign_ins = everyone().any(|(_, verdict)| verdict.is_sign_in_told);
        let mut before = SeenIds::default();
        for (ring, read) in rings.iter_mut().zip(&self.rings) {
            let mut count = Counting { tells_sign_ins, ..Counting::default() };
            for (user, verdict) in &read.people {
                let is_new = before.insert(*user) && (ring.is_open() || !pilot.contains(*user));
                count.add(is_new.then_some(verdict));
            }
            let is_hidden = ring.group.hides_members && read.is_empty;
            ring.people = (!is_hidden).then(|| count.finish(read.odd));
            let since = ring.opened.map(|opened| opened.at);
            ring.resets = events.zip(since).map(|(events, since)| {
                let theirs = events.iter().filter(|event| event.at >= since);
                resets(theirs.filter(|event| event.user.is_some_and(|user| before.contains(user))))
            });
        }
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

/// What the people of a ring add up to.
#[derive(Default)]
struct Counting {
    tells_sign_ins: bool,
    members: u64,
    already_in: u64,
    share: Share,
    unregistered: Count,
    unreachable: Count,
    admins: Count,
    guests: Count,
    disabled: Count,
    unlicensed: Count,
}

impl Counting {
    /// Counts a member; `None` is one who is in the pilot group by another way.
    fn add(&mut self, verdict: Option<&Verdict>) {
        self.members += 1;
        let Some(verdict) = verdict else {
            self.already_in += 1;
            return;
        };
        match (verdict.can, verdict.is_ready) {
            (Some(false), _) => {}
            (Some(true), Some(true)) => self.share.ready += 1,
            (Some(true), Some(false)) => self.share.not_ready += 1,
            _ => self.share.unknown += 1,
        }
        let has_signed_in = verdict.has_signed_in.filter(|_| self.tells_sign_ins);
        let is_unregistered = both(verdict.can, verdict.is_registered.map(|is| !is));
        self.unregistered.add(is_unregistered);
        self.unreachable.add(both(is_unregistered, has_signed_in.map(|has| !has)));
        self.admins.add(verdict.is_admin);
        self.guests.add(verdict.is_guest);
        self.disabled.add(verdict.is_disabled);
        self.unlicensed.add(verdict.is_unlicensed);
    }

    /// Returns the counts, with so many more members of whom nothing is known.
    fn finish(mut self, odd: u64) -> PeopleOfRing {
        self.share.unknown += odd;
        let known = |count: Count| Count { unknown: count.unknown + odd, ..count }.known();
        PeopleOfRing {
            members: self.members + odd,
            already_in: self.already_in,
            share: self.share,
            unregistered: known(self.unregistered),
            unreachable: known(self.unreachable),
            admins: known(self.admins),
            guests: known(self.guests),
            disabled: known(self.disabled),
            unlicensed: known(self.unlicensed),
        }
    }
}

/// Returns whether both are so; one that is not decides it, whatever the other.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
