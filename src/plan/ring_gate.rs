//! Whether what a ring waits for is so: of the people in the rings before it.

use jiff::Timestamp;

use crate::spec_file::RingGate;
use crate::tenant::{Ring, Share};
use crate::text::{counted, visible};

const HOURS_A_DAY: i64 = 24;

/// What a ring waits for, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GateState {
    /// Each part; none where it waits for nothing.
    pub parts: Vec<GatePart>,
}

/// One part of what a ring waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatePart {
    /// Whether it is so; `None` is unknown.
    pub is_met: Option<bool>,
    /// How far it is: "86 % of 90 % ready"; foreign names are made visible.
    pub text: String,
}

impl GateState {
    /// Returns whether all of it is so; `None` is unknown.
    pub fn holds(&self) -> Option<bool> {
        let is = |wanted| self.parts.iter().any(|part| part.is_met == wanted);
        match (is(Some(false)), is(None)) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
        }
    }

    /// Returns what is not so, or unknown, with commas between.
    pub fn lacking(&self) -> String {
        let lacking = self.parts.iter().filter(|part| part.is_met != Some(true));
        lacking.map(|part| part.text.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Returns how far what a ring waits for is; `before` are the rings before it, in order.
pub fn gate_state(gate: RingGate, before: &[Ring], now: Timestamp) -> GateState {
    let Some(last) = before.last().filter(|_| !gate.is_none()) else { return GateState::default() };
    if let Some(closed) = before.iter().find(|ring| !ring.is_open()) {
        let text = format!("after {}", visible(&closed.group.display_name));
        return GateState { parts: vec![GatePart { is_met: Some(false), text }] };
    }
    let share = gate.ready.map(|wanted| ready(share_of(before), wanted));
    let days = gate.days.map(|wanted| days(last, wanted, now));
    let resets = gate.resets.map(|wanted| resets(last, wanted));
    GateState { parts: [share, days, resets].into_iter().flatten().collect() }
}

/// Returns the share of the people of several rings; `None` where those of one were not counted.
pub fn share_of(rings: &[Ring]) -> Option<Share> {
    let mut all = Share::default();
    for ring in rings {
        all.add(ring.people.as_ref()?.share);
    }
    Some(all)
}

fn ready(share: Option<Share>, wanted: u64) -> GatePart {
    let Some(share) = share else {
        return GatePart { is_met: None, text: format!("unknown of {wanted} % ready") };
    };
    let is_met = share.reaches(wanted);
    let text = match (share.percent(), is_met) {
        (None, _) => "no one in the rings before it who could be ready".to_owned(),
        (Some(percent), None) => format!(
            "{percent} % of {wanted} % known to be ready, and unknown of {}",
            counted_people(share.unknown)
        ),
        (Some(percent), Some(true)) => format!("{percent} % of {wanted} % ready"),
        (Some(percent), Some(false)) => {
            let short = (wanted * share.all()).div_ceil(100).saturating_sub(share.ready);
            format!("{percent} % of {wanted} % ready ({} short)", counted_people(short))
        }
    };
    GatePart { is_met, text }
}

fn days(last: &Ring, wanted: u64, now: Timestamp) -> GatePart {
    let Some(opened) = last.opened else {
        let name = visible(&last.group.display_name);
        return GatePart { is_met: None, text: format!("unknown since when {name} is open") };
    };
    let passed = u64::try_from(now.duration_since(opened.at).as_hours() / HOURS_A_DAY).unwrap_or_default();
    GatePart { is_met: Some(passed >= wanted), text: format!("{passed} of {}", counted(wanted, "day")) }
}

fn resets(last: &Ring, wanted: u64) -> GatePart {
    match last.resets {
        None => GatePart { is_met: None, text: format!("unknown of {}", counted(wanted, "reset")) },
        Some(seen) => GatePart {
            is_met: Some(seen.done >= wanted),
            text: format!("{} of {}", seen.done, counted(wanted, "reset")),
        },
    }
}

/// Returns a number of people in words.
pub fn counted_people(count: u64) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}
