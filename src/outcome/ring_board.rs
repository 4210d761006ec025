//! A roll-out at a glance: each ring, since when it is open, who is in it, and what the next one waits for.

use crate::ids::{GroupId, TenantId};
use crate::plan::GateState;
use crate::spec_file::Key;
use crate::tenant::{NamedGroup, Opened, PeopleOfRing, Resets, Share};

/// The board.
#[derive(Clone, Debug)]
pub struct RingBoard {
    /// Tenant id.
    pub tenant_id: TenantId,
    /// Tenant display name; foreign text.
    pub tenant_name: String,
    /// The spec's path.
    pub spec_path: String,
    /// What of it is left out.
    pub except: Vec<Key>,
    /// The pilot group's id.
    pub group_id: GroupId,
    /// Its display name; foreign text.
    pub group_name: String,
    /// How many of the rings the spec wants open.
    pub wanted: usize,
    /// The rings, in order.
    pub rings: Vec<BoardRing>,
    /// What else is in the pilot group.
    pub besides: Besides,
}

/// What is in the pilot group and is no ring: testers, and groups of others. It is never touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Besides {
    /// How many people are in it directly; `None` is unknown.
    pub people: Option<u64>,
    /// The groups that are nested into it; `None` is unknown.
    pub groups: Option<Vec<NamedGroup>>,
}

/// A ring on the board.
#[derive(Clone, Debug)]
pub struct BoardRing {
    /// Its group's id.
    pub id: GroupId,
    /// Its group's display name; foreign text.
    pub name: String,
    /// Whether it is in the pilot group.
    pub is_open: bool,
    /// Since when, where that is known.
    pub opened: Option<Opened>,
    /// Its people; `None` is unknown.
    pub people: Option<PeopleOfRing>,
    /// What the people up to this ring did since it was opened; `None` is unknown, or that it is not open.
    pub resets: Option<Resets>,
    /// How far what it waits for is.
    pub gate: GateState,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextRing {
    /// Every ring is open.
    None,
    /// The tenant is not as the spec has it: this ring, by its place, is open and should not be, or the other way.
    NotApplied(usize),
    /// This ring, by its place, is the next to open.
    Ring(usize),
}

impl RingBoard {
    /// Returns how many rings are open.
    pub fn open(&self) -> usize {
        self.rings.iter().filter(|ring| ring.is_open).count()
    }

    /// Returns how many of the rings are open, in words.
    pub fn how_far(&self) -> String {
        format!("{} of {} open", self.open(), self.rings.len())
    }

    /// Returns the share of the people of the open rings; `None` where it is unknown of one.
    pub fn share(&self) -> Option<Share> {
        let mut all = Share::default();
        for ring in self.rings.iter().filter(|ring| ring.is_open) {
            all.add(ring.people.as_ref()?.share);
        }
        Some(all)
    }

    /// Returns how many people the open rings bring in; `None` where it is unknown of one.
    pub fn people(&self) -> Option<u64> {
        let open = self.rings.iter().filter(|ring| ring.is_open);
        open.map(|ring| Some(ring.people.as_ref()?.new_people())).sum()
    }

    /// Returns what is to be done next.
    pub fn next(&self) -> NextRing {
        let is_as_wanted = |(at, ring): (usize, &BoardRing)| ring.is_open == (at < self.wanted);
        match self.rings.iter().enumerate().position(|ring| !is_as_wanted(ring)) {
            Some(at) => NextRing::NotApplied(at),
            None if self.wanted >= self.rings.len() => NextRing::None,
            None => NextRing::Ring(self.wanted),
        }
    }

    /// Returns whether the next ring may be opened: by a change of the spec, as soon as it is merged. Unknown is no.
    pub fn is_time(&self) -> bool {
        match self.next() {
            NextRing::Ring(at) => self.rings[at].gate.holds() == Some(true),
            NextRing::None | NextRing::NotApplied(_) => false,
        }
    }
}
