//! Writes that are not read back yet, and what came of those that were.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::path::is_field_name;
use super::tally::Tally;
use crate::tenant::Resource;

/// An object that was written.
#[derive(Debug)]
struct Write {
    code: &'static str,
    sent: Map<String, Value>,
    answered: Option<Timestamp>,
    /// What differed when it was read last; `None` where it was not read yet.
    differing: Option<Vec<String>>,
}

/// The last write of each object, of each tenant.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pending: BTreeMap<(Option<String>, String), Write>,
}

impl Kept {
    /// Notes a write that was answered with a success.
    pub(super) fn wrote(
        &mut self,
        place: (Option<String>, String),
        code: &'static str,
        sent: &Map<String, Value>,
        answered: Option<Timestamp>,
        tally: &mut Tally,
    ) {
        let write = Write { code, sent: sent.clone(), answered, differing: None };
        if let Some(before) = self.pending.insert(place, write) {
            before.settle(tally);
        }
    }

    /// Compares an object that was read with what was sent last. A service may tell the old state for a while, so that
    /// the first reading that agrees counts, and the last one if none does.
    pub(super) fn read(
        &mut self,
        place: &(Option<String>, String),
        asked: Option<Timestamp>,
        read: &Map<String, Value>,
        tally: &mut Tally,
    ) {
        let Some(write) = self.pending.get_mut(place) else { return };
        // It was asked for before the write was answered.
        if asked.zip(write.answered).is_some_and(|(asked, answered)| asked < answered) {
            return;
        }
        let differing: Vec<String> = write
            .sent
            .iter()
            .filter(|(name, _)| !is_services(name))
            .filter(|(name, sent)| read.get(*name).is_some_and(|read| !is_same(sent, read)))
            .map(|(name, _)| if is_field_name(name) { name.clone() } else { "another field".to_owned() })
            .collect();
        write.differing = Some(differing);
        if write.differing.as_ref().is_some_and(Vec::is_empty)
            && let Some(write) = self.pending.remove(place)
        {
            write.settle(tally);
        }
    }

    /// Settles what was never read back as it was sent.
    pub(super) fn finish(self, tally: &mut Tally) {
        self.pending.into_values().for_each(|write| write.settle(tally));
    }
}

impl Write {
    fn settle(self, tally: &mut Tally) {
        let code = format!("{}-kept", self.code);
        match self.differing {
            None => {}
            Some(differing) if differing.is_empty() => tally.expected(&code),
            Some(differing) => tally.otherwise(&code, format!("changed: {}", differing.join(", "))),
        }
    }
}

/// Returns whether the service fills a field in by itself; OData's annotations are its own too.
fn is_services(name: &str) -> bool {
    Resource::PasswordReset.is_computed(name) || name == "objectId" || name.contains('@')
}

/// Returns whether two values say the same: GUIDs in any letter case, and a target with what the service fills in.
fn is_same(sent: &Value, read: &Value) -> bool {
    match (sent, read) {
        (Value::String(sent), Value::String(read)) => {
            sent == read || (super::field::is_id(sent) && sent.eq_ignore_ascii_case(read))
        }
        (Value::Array(sent), Value::Array(read)) => {
            sent.len() == read.len() && sent.iter().all(|sent| read.iter().any(|read| is_same(sent, read)))
        }
        (Value::Object(sent), Value::Object(read)) => {
            sent.iter().all(|(name, sent)| read.get(name).is_some_and(|read| is_same(sent, read)))
        }
        _ => sent == read,
    }
}
