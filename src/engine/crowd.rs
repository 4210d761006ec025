//! Reading a large group fast: several ranges of user principal names in flight together.
//!
//! A range is read in the order of names. Its first page tells how many it holds; where that is much, what
//! is left behind the page's last name is cut into ranges of its own, and so on until each is a few pages.
//! Ranges are bounded by `ge` and `le` alone, so they cover every name there is whatever order the service
//! sorts in, and everybody is met once, by id, even where a name changes while the group is read.

use std::collections::VecDeque;

use anyhow::Result;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::{ClientError, GraphReader, MemberPage};
use crate::people::Person;

/// How many requests are in flight together. More would only queue at the service.
const LANES: usize = 8;
/// A range with no more left than this is followed page by page.
const SMALL: u64 = 2 * 999;

/// What a reading of the members does with them.
pub trait Reader {
    /// Returns whether this is the first time the user is met.
    fn meet(&mut self, user: Uuid) -> bool;
    /// Takes a member.
    ///
    /// # Errors
    /// Where the member cannot be taken, the reading ends.
    fn take(&mut self, person: Person) -> Result<()>;
    /// Hears how many members Graph counted, once, before the first is taken.
    fn hear_count(&mut self, count: u64);
}

/// Names after `after` (not itself) up to `upto` (itself too); open where `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Range {
    after: Option<String>,
    upto: Option<String>,
}

enum Work {
    Range(Range),
    Next(Range, String),
}

/// Reads every member of a group once. Pages arrive in no particular order where there are several.
///
/// # Errors
/// As every request, and where the reader ends it.
pub async fn read_members(graph: &GraphReader, group: &str, reader: &mut dyn Reader) -> Result<u64> {
    let (mut read, counted) = match read_ranges(graph, group, reader).await {
        Ok(read) => read,
        // A service that cannot sort or cut this way can still be read from front to back.
        Err(error) if error.downcast_ref::<ClientError>().is_some_and(ClientError::is_bad_request) => {
            (0, Some(u64::MAX))
        }
        Err(error) => return Err(error),
    };
    if counted.is_some_and(|counted| read < counted) {
        // Someone joined, left, or sorts where no range looked: one more pass finds them.
        let mut page = graph.fetch_members_plainly(group).await?;
        loop {
            read += hand_over(page.people, reader)?;
            match page.next {
                Some(next) => page = graph.fetch_more_members(&next).await?,
                None => break,
            }
        }
    }
    Ok(read)
}

async fn read_ranges(
    graph: &GraphReader,
    group: &str,
    reader: &mut dyn Reader,
) -> Result<(u64, Option<u64>)> {
    let mut waiting = VecDeque::from([Work::Range(Range::default())]);
    let mut flying: JoinSet<(Range, Result<MemberPage, ClientError>)> = JoinSet::new();
    let (mut read, mut counted) = (0, None);
    loop {
        while flying.len() < LANES
            && let Some(work) = waiting.pop_front()
        {
            let (graph, group) = (graph.clone(), group.to_owned());
            flying.spawn(async move {
                match work {
                    Work::Range(range) => {
                        let page = graph.fetch_members(&group, range.filter().as_deref(), 999).await;
                        (range, page)
                    }
                    Work::Next(range, next) => {
                        let page = graph.fetch_more_members(&next).await;
                        (range, page)
                    }
                }
            });
        }
        let Some(done) = flying.join_next().await else { return Ok((read, counted)) };
        let (range, page) = done?;
        let page = page?;
        if range == Range::default() && counted.is_none() {
            counted = page.count;
            reader.hear_count(page.count.unwrap_or(page.people.len() as u64));
        }
        waiting.extend(range.rest(&page));
        read += hand_over(page.people, reader)?;
    }
}

fn hand_over(people: Vec<Person>, reader: &mut dyn Reader) -> Result<u64> {
    let mut read = 0;
    for person in people {
        if reader.meet(person.id) {
            reader.take(person)?;
            read += 1;
        }
    }
    Ok(read)
}

impl Range {
    fn filter(&self) -> Option<String> {
        let quoted = |text: &str| text.replace('\'', "''");
        let bound = |operator: &str, text: &Option<String>| {
            text.as_deref().map(|text| format!("userPrincipalName {operator} '{}'", quoted(text)))
        };
        let bounds: Vec<String> =
            [bound("ge", &self.after), bound("le", &self.upto)].into_iter().flatten().collect();
        (!bounds.is_empty()).then(|| bounds.join(" and "))
    }

    /// Returns what of a range is left to read behind a page of it.
    fn rest(&self, page: &MemberPage) -> Vec<Work> {
        let Some(next) = &page.next else { return Vec::new() };
        let left = page.count.map(|count| count.saturating_sub(page.people.len() as u64));
        let last = page.people.last().and_then(|person| person.user_principal_name.as_deref());
        match (left, last) {
            (Some(left), Some(last)) if left > SMALL => {
                let after = Self { after: Some(last.to_lowercase()), upto: self.upto.clone() };
                let parts = usize::try_from(left.div_ceil(SMALL)).unwrap_or(usize::MAX);
                let cut = after.cut(parts);
                // Where no name lies between the two ends, only following the pages gets on.
                match cut.len() {
                    1 => vec![Work::Next(self.clone(), next.clone())],
                    _ => cut.into_iter().map(Work::Range).collect(),
                }
            }
            _ => vec![Work::Next(self.clone(), next.clone())],
        }
    }

    /// Cuts a range into at most so many, at names made of one character more than its ends share.
    fn cut(&self, parts: usize) -> Vec<Self> {
        let marks = marks(self.after.as_deref().unwrap_or_default(), self.upto.as_deref());
        let step = marks.len().div_ceil(parts.saturating_sub(1).max(1)).max(1);
        let mut after = self.after.clone();
        let mut ranges = Vec::new();
        for mark in marks.into_iter().step_by(step) {
            ranges.push(Self { after: after.replace(mark.clone()), upto: Some(mark) });
        }
        ranges.push(Self { after, upto: self.upto.clone() });
        ranges
    }
}

const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Returns names strictly between the two ends, in order: at the first place where the ends differ, and, so
/// that a crowd close behind `after` is cut too, at the place after it.
fn marks(after: &str, upto: Option<&str>) -> Vec<String> {
    let shared = match upto {
        Some(upto) => after.bytes().zip(upto.bytes()).take_while(|(a, b)| a == b).count(),
        None => 0,
    };
    // Only letters and digits are cut at: every order there is agrees about those.
    let Some(stem) = after.get(..shared) else { return Vec::new() };
    let is_between = |mark: &String| mark.as_str() > after && upto.is_none_or(|upto| mark.as_str() < upto);
    let with_letters = |stem: &str| {
        LETTERS.iter().map(|&letter| format!("{stem}{}", char::from(letter))).collect::<Vec<_>>()
    };
    let mut marks: Vec<String> = with_letters(stem);
    let mut deeper = shared;
    // As deep as the names of a crowd agree with the last one read.
    while let Some(stem) = after.get(..deeper + 1).filter(|_| deeper < shared + 4) {
        marks.extend(with_letters(stem));
        deeper += 1;
    }
    marks.retain(is_between);
    marks.sort();
    marks.dedup();
    marks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_lie_strictly_between_the_ends() {
        let marks = marks("smith.0001", Some("smith.0003"));
        assert!(marks.contains(&"smith.0002".to_owned()) && marks.contains(&"smith.00015".to_owned()));
        assert!(marks.iter().all(|mark| mark.as_str() > "smith.0001" && mark.as_str() < "smith.0003"));
        assert!(super::marks("a", Some("a")).is_empty());
    }

    proptest! {
        /// Whatever is cut, every name of the range is in exactly one of the parts.
        #[test]
        fn parts_cover_the_range_without_overlap(
            after in "[a-z0-9._-]{0,8}", upto in "[a-z0-9._-]{0,8}", name in "[a-z0-9._-]{0,10}", parts in 1_usize..40,
        ) {
            let (after, upto) = if after < upto { (after, upto) } else { (upto, after) };
            let whole = Range { after: Some(after), upto: Some(upto) };
            let is_in = |range: &Range| {
                range.after.as_ref().is_none_or(|after| &name > after) && range.upto.as_ref().is_none_or(|upto| &name <= upto)
            };
            let parts = whole.cut(parts);
            prop_assert_eq!(parts.iter().filter(|part| is_in(part)).count(), usize::from(is_in(&whole)));
        }
    }
}
