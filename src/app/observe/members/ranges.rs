//! Chooses which ranges of names to read next. Pure, so that tests can try any tenant's names.
//!
//! A range is read in the order of names. Its first page says how many it holds. What is left behind a page is
//! followed to the next page while there is enough else to do; where it is more than its share of all that is
//! left, or requests would run out, it is cut into ranges of its own.
//!
//! **No one is left out.** A cut at the marks `m1 … mk` of the range up to `u`, behind a page that ended with `a`,
//! gives the ranges `a..m1`, `m1..m2`, …, `mk..u`, ends included. Take any name `x` the service puts between `a`
//! and `u`, in whatever order it sorts. If `x <= m1`, it is in the first. If not, then `x >= m1`; if `x <= m2`, it
//! is in the second; and so on, and at last `x >= mk` and `x <= u`. So every name is in one of them, even where the
//! service puts the marks themselves in another order than we do. Meeting someone twice (at a mark, or under two
//! names) is seen by their id.

use crate::client::{NextPage, odata};

/// Names from `from` up to `upto`, both included; open where `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    from: Option<String>,
    upto: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageRequest {
    /// The first page of a range; how many it holds is not known yet.
    Range(Range),
    /// The next page of a range, by its link, and how many are left from there on.
    Next(Range, NextPage, u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) lanes: usize,
    /// How many have something to do.
    pub(super) taken: usize,
    /// How many people are still to come, over all ranges.
    pub(super) left: u64,
    /// How many people are on a full page.
    pub(super) page: u64,
}

impl PageRequest {
    /// Returns what should be asked for first: what says most. A range that is not counted yet may be the longest.
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Range(_) => u64::MAX,
            Self::Next(_, _, left) => *left,
        }
    }
}

impl Range {
    /// Returns the range as an OData filter; `None` for all there are. `userPrincipalName` takes `ge` and `le`, and
    /// no `gt` or `lt` (facts 5).
    pub(super) fn filter(&self) -> Option<String> {
        let bound = |operator: &str, text: &Option<String>| {
            text.as_deref().map(|text| format!("userPrincipalName {operator} {}", odata::quote(text)))
        };
        match (bound("ge", &self.from), bound("le", &self.upto)) {
            (Some(from), Some(upto)) => Some(format!("{from} and {upto}")),
            (from, upto) => from.or(upto),
        }
    }

    /// Returns what of the range is to be asked for behind a page of it: `next` is where its next page is, `left` how many
    /// it has there, and `names` are those in the middle and at the end of the page.
    pub(super) fn rest(
        &self,
        next: Option<&NextPage>,
        left: u64,
        names: Option<(&str, &str)>,
        busy: Load,
    ) -> Vec<PageRequest> {
        let Some(next) = next else { return Vec::new() };
        match names.and_then(|names| self.cut(names, left, parts(left, busy), busy.page)) {
            Some(ranges) => ranges.into_iter().map(PageRequest::Range).collect(),
            None => vec![PageRequest::Next(self.clone(), next.clone(), left)],
        }
    }

    /// Cuts what is left behind a page; `None` where that makes no sense, or where no name lies in between.
    fn cut(&self, (middle, last): (&str, &str), left: u64, parts: u64, page: u64) -> Option<Vec<Self>> {
        if parts < 2 {
            return None;
        }
        let (middle, end) = (middle.to_lowercase(), last.to_lowercase());
        let marks = marks((&middle, &end), self.upto.as_deref(), left, parts, page);
        let mut from = (!marks.is_empty()).then(|| last.to_owned())?;
        let mut ranges = Vec::with_capacity(marks.len() + 1);
        for mark in marks {
            ranges.push(Self { from: Some(std::mem::replace(&mut from, mark.clone())), upto: Some(mark) });
        }
        ranges.push(Self { from: Some(from), upto: self.upto.clone() });
        Some(ranges)
    }
}

/// Into how many parts a rest is best cut: as many as its share of what is left is worth, and as are idle; less
/// than two is not at all, because the last page of each part is not full.
fn parts(left: u64, busy: Load) -> u64 {
    let lanes = busy.lanes as u64;
    let idle = busy.lanes.saturating_sub(busy.taken + 1) as u64;
    let worth = busy.page + busy.page / 3;
    let share = (busy.left / lanes).max(worth);
    if left <= worth || (left <= share && idle == 0) {
        return 1;
    }
    (left / share).max(idle + 1).min(left / busy.page + 1).min(lanes)
}

const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Returns names strictly between `last` and `upto`, in order, to cut at.
///
/// A name is guessed from the last one by counting up one of its letters: from the letter that changed across the
/// page, whose pace is known, to the left, each letter taking as many times as many people as there are letters.
/// The guess is right for numbered names and too wide for others, so a few marks at the first letter that may
/// differ go with it. A range that was guessed too large is cut again.
fn marks((middle, last): (&str, &str), upto: Option<&str>, left: u64, parts: u64, page: u64) -> Vec<String> {
    let shared = |other: &str| last.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let deepest = shared(middle).min(last.len().saturating_sub(1));
    let shallowest = upto.map_or(0, shared).min(deepest);
    let is_between = |mark: &str| mark > last && upto.is_none_or(|upto| mark < upto);
    let mut weight = pace(middle.as_bytes().get(deepest), last.as_bytes().get(deepest), page);
    let target = (left / parts).max(1);
    let (mut marks, mut coarse) = (Vec::new(), Vec::new());
    let (mut since_mark, mut guessed) = (0, 0);
    for depth in (shallowest..=deepest).rev() {
        let Some(&letter) = last.as_bytes().get(depth) else { continue };
        // A mark is made of whole letters.
        let Some(stem) = last.get(..depth) else { continue };
        let higher = higher(letter, depth > shallowest).map(|higher| format!("{stem}{}", char::from(higher)));
        for mark in higher.filter(|mark| is_between(mark)) {
            if guessed < left {
                (since_mark, guessed) = (since_mark + weight, guessed + weight);
                if since_mark >= target {
                    since_mark = 0;
                    marks.push(mark);
                    continue;
                }
            }
            if depth == shallowest {
                coarse.push(mark);
            }
        }
        weight = weight.saturating_mul(if letter.is_ascii_digit() { 10 } else { 26 });
    }
    let wanted = usize::try_from(parts / 2).unwrap_or(1).max(1);
    let step = coarse.len().div_ceil(wanted).max(1);
    marks.extend(coarse.into_iter().step_by(step));
    marks.sort();
    marks.dedup();
    marks
}

/// Returns the letters behind one; behind a digit its fellows alone, unless names may go on with anything.
fn higher(letter: u8, keeps_to_digits: bool) -> impl Iterator<Item = u8> {
    let all = if keeps_to_digits && letter.is_ascii_digit() { &LETTERS[..10] } else { LETTERS };
    all.iter().copied().filter(move |&other| other > letter)
}

/// Returns how many people there are to each letter between two letters half a page apart.
fn pace(middle: Option<&u8>, last: Option<&u8>, page: u64) -> u64 {
    let place = |letter: Option<&u8>| LETTERS.iter().position(|other| Some(other) == letter);
    let steps = match (place(middle), place(last)) {
        (Some(middle), Some(last)) if last > middle => (last - middle) as u64,
        _ => 1,
    };
    (page / 2 / steps).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: u64 = 999;

    fn all_marks(middle: &str, last: &str, upto: Option<&str>) -> Vec<String> {
        marks((middle, last), upto, 50_000, 16, PAGE)
    }

    #[test]
    fn numbered_names_are_cut_where_the_numbers_go_on() {
        let marks = all_marks("smith.00010500", "smith.00010998", Some("t"));
        assert!(marks.contains(&"smith.00013".to_owned()), "{marks:?}");
        assert!(marks.contains(&"smith.0002".to_owned()), "{marks:?}");
    }

    #[test]
    fn a_whole_tenant_is_cut_at_first_letters() {
        let marks = all_marks("ada@contoso.com", "anna@contoso.com", None);
        let first: Vec<&String> = marks.iter().filter(|mark| mark.len() == 1).collect();
        assert!(first.len() >= 8, "{marks:?}");
    }

    #[test]
    fn where_no_name_lies_between_nothing_is_cut() {
        assert!(all_marks("a", "a", Some("a")).is_empty());
        assert!(all_marks("", "", None).len() < 40);
        assert!(all_marks("日本", "日本語", Some("日本語")).is_empty());
    }

    #[test]
    fn quotes_are_doubled_as_odata_wants_them() {
        let range = Range { from: Some("o'neil".to_owned()), upto: None };
        assert_eq!(range.filter().as_deref(), Some("userPrincipalName ge 'o''neil'"));
        assert_eq!(Range::default().filter(), None);
    }

    /// A service that sorts by bytes, and a reading of it: how many requests it takes, and how many follow one
    /// another where each takes as long as the next.
    fn read(names: &[String], lanes: usize) -> (usize, usize) {
        let mut waiting = vec![PageRequest::Range(Range::default())];
        let (mut met, mut requests, mut rounds) = (std::collections::BTreeSet::new(), 0, 0);
        while !waiting.is_empty() {
            rounds += 1;
            waiting.sort_by_key(|work| std::cmp::Reverse(work.weight()));
            let flying: Vec<PageRequest> = waiting.drain(..waiting.len().min(lanes)).collect();
            let mut taken = flying.len() + waiting.len();
            for work in flying {
                requests += 1;
                taken -= 1;
                let (range, start) = match &work {
                    PageRequest::Range(range) => (range, 0),
                    PageRequest::Next(range, next, _) => (range, next.link().parse().unwrap()),
                };
                let holds = |name: &&String| {
                    range.from.as_ref().is_none_or(|from| *name >= from)
                        && range.upto.as_ref().is_none_or(|upto| *name <= upto)
                };
                let all: Vec<&String> = names.iter().filter(holds).collect();
                let page = &all[start..all.len().min(start + PAGE as usize)];
                met.extend(page.iter().copied());
                let end = start + page.len();
                let next = (end < all.len()).then(|| NextPage::at(&end.to_string()));
                let busy = Load { lanes, taken, left: (names.len() - met.len()) as u64, page: PAGE };
                let names = page.last().map(|last| (page[page.len() / 2].as_str(), last.as_str()));
                let rest = range.rest(next.as_ref(), (all.len() - end) as u64, names, busy);
                taken += rest.len();
                waiting.extend(rest);
            }
        }
        assert_eq!(met.len(), names.len(), "everyone is met");
        (requests, rounds)
    }

    #[test]
    fn names_of_every_kind_take_little_more_than_full_pages_and_few_rounds() {
        const PEOPLE: usize = 30_000;
        const SURNAMES: [&str; 8] = ["adams", "bauer", "chen", "garcia", "kim", "nguyen", "smith", "zhou"];
        type Kind = (&'static str, fn(usize) -> String);
        let kinds: [Kind; 4] = [
            ("one surname for most", |i| format!("{}.{i:08}@x.com", SURNAMES[(i * 15 / PEOPLE).min(7)])),
            ("student numbers", |i| format!("s{:07}@school.edu", 1_000_000 + 3 * i)),
            ("scattered", |i| format!("{:08x}@x.com", (i as u32).wrapping_mul(2_654_435_761))),
            ("first names", |i| format!("{}{}.{i:05}@x.com", SURNAMES[i % 8], SURNAMES[i / 8 % 8])),
        ];
        for (kind, name) in kinds {
            let mut names: Vec<String> = (0..PEOPLE).map(name).collect();
            names.sort();
            let (requests, rounds) = read(&names, 16);
            // 31 full pages; one after the other they would be 31 rounds.
            assert!(requests <= 62, "{kind}: {requests} requests");
            assert!(rounds <= 8, "{kind}: {rounds} rounds");
        }
    }

    proptest! {
        /// Whatever is cut, every name behind the page is in one of the parts.
        #[test]
        fn parts_leave_no_name_out(
            middle in "[a-z0-9._@-]{0,8}", last in "[a-z0-9._@-]{0,8}", upto in proptest::option::of("[a-z0-9._@-]{0,8}"),
            name in "[a-z0-9._@-]{0,10}", left in 0_u64..1_000_000, parts in 0_u64..40,
        ) {
            let (middle, last) = if middle < last { (middle, last) } else { (last, middle) };
            let is_in = |range: &Range| {
                range.from.as_ref().is_none_or(|from| &name >= from) && range.upto.as_ref().is_none_or(|upto| &name <= upto)
            };
            let whole = Range { from: None, upto };
            let is_left = name > last && is_in(&whole);
            if let Some(ranges) = whole.cut((&middle, &last), left, parts, PAGE) {
                prop_assert!(ranges.len() as u64 <= 64);
                prop_assert!(!is_left || ranges.iter().any(is_in), "{name} is lost");
            }
        }

        #[test]
        fn marks_lie_strictly_between_the_ends(
            middle in "\\PC{0,6}", last in "\\PC{0,6}", upto in proptest::option::of("\\PC{0,6}"), left in 0_u64..1_000_000,
        ) {
            for mark in marks((&middle, &last), upto.as_deref(), left, 16, PAGE) {
                prop_assert!(mark > last && upto.as_ref().is_none_or(|upto| mark < *upto), "{mark}");
            }
        }
    }
}
