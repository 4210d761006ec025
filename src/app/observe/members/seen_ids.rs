//! A compact set of user ids already read.
//! At a million members it is most of what the program holds.
//!
//! The ids are kept whole. A shorter digest would do with half the room, and would leave out, once in many years
//! and without a word, someone who happens to share it.

use crate::ids::UserId;

/// A set of user ids. Open addressing: each id is in the first free slot from its own place on.
#[derive(Debug, Default)]
pub(crate) struct SeenIds {
    /// 0 is free.
    slots: Vec<u128>,
    len: usize,
    /// The id that looks like a free slot.
    has_nil: bool,
}

/// Slots for each eight ids; one in nine is free, and an id is found in five looks.
const SLOTS_FOR_EIGHT: usize = 9;

impl SeenIds {
    /// Makes room for so many ids at once: growing step by step would take twice as much for a moment.
    pub(crate) fn reserve(&mut self, ids: usize) {
        let slots = ids / 8 * SLOTS_FOR_EIGHT + SLOTS_FOR_EIGHT + 64;
        if slots > self.slots.len() {
            let old = std::mem::replace(&mut self.slots, vec![0; slots]);
            for id in old.into_iter().filter(|&id| id != 0) {
                self.put(id);
            }
        }
    }

    /// Adds an id; returns whether it is new.
    pub(crate) fn insert(&mut self, id: UserId) -> bool {
        let id = id.guid().as_u128();
        if id == 0 {
            return !std::mem::replace(&mut self.has_nil, true);
        }
        if (self.len + 1) * SLOTS_FOR_EIGHT > self.slots.len() * 8 {
            self.reserve(self.len + self.len / 2 + 64);
        }
        let is_new = self.put(id);
        self.len += usize::from(is_new);
        is_new
    }

    /// Returns whether an id was added.
    pub(crate) fn contains(&self, id: UserId) -> bool {
        let (id, slots) = (id.guid().as_u128(), self.slots.len());
        if id == 0 {
            return self.has_nil;
        }
        let mut at = if slots == 0 { return false } else { place(id, slots) };
        while self.slots[at] != 0 {
            if self.slots[at] == id {
                return true;
            }
            at = if at + 1 == slots { 0 } else { at + 1 };
        }
        false
    }

    fn put(&mut self, id: u128) -> bool {
        let slots = self.slots.len();
        let mut at = place(id, slots);
        loop {
            match self.slots[at] {
                0 => {
                    self.slots[at] = id;
                    return true;
                }
                known if known == id => return false,
                _ => at = if at + 1 == slots { 0 } else { at + 1 },
            }
        }
    }
}

/// Spreads ids over the slots, those made by counting too (Fibonacci hashing).
fn place(id: u128, slots: usize) -> usize {
    let mixed = (id as u64 ^ (id >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((u128::from(mixed) * slots as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn sequential_ids_are_distinct() {
        let mut met = SeenIds::default();
        met.reserve(100);
        assert!((0..5000).all(|i| met.insert(UserId::from(Uuid::from_u128(i)))));
        assert!((0..5000).all(|i| !met.insert(UserId::from(Uuid::from_u128(i)))));
        assert_eq!(met.slots.iter().filter(|&&id| id != 0).count(), 4999);
    }

    proptest! {
        #[test]
        fn is_as_any_other_set(ids in proptest::collection::vec(0_u128..50, 0..200)) {
            let (mut met, mut known) = (SeenIds::default(), HashSet::new());
            for id in ids {
                prop_assert_eq!(met.insert(UserId::from(Uuid::from_u128(id))), known.insert(id));
            }
        }
    }
}
