//! How people name a run: by as much of its id as they care to type.

/// Lengths at which a shortened id ends: after its minute, and after its second.
const SHORT: [usize; 2] = [12, 14];

/// Returns what of an id, or of a part of one, distinguishes runs: `20261125T201402Z-000000` and `20261125-2014` begin alike.
fn key(id: &str) -> String {
    let id = id.to_ascii_lowercase();
    id.chars().filter(|c| c.is_ascii_alphanumeric() && !"tz".contains(*c)).collect()
}

/// Returns the ids that somebody means who typed the begin of one. A whole id means its run alone.
pub fn meant<'a>(typed: &str, ids: impl Iterator<Item = &'a str> + Clone) -> Vec<&'a str> {
    if let Some(whole) = ids.clone().find(|id| *id == typed) {
        return vec![whole];
    }
    let wanted = key(typed);
    ids.filter(|id| !wanted.is_empty() && key(id).starts_with(&wanted)).collect()
}

/// Returns the shortest name that means a run alone among these ids: `20261125-2014` where no other began in that minute.
pub fn short<'a>(id: &str, ids: impl Iterator<Item = &'a str> + Clone) -> String {
    let whole = key(id);
    let names = SHORT.iter().filter_map(|length| {
        let (day, time) = whole.get(..*length)?.split_at_checked(8)?;
        Some(format!("{day}-{time}"))
    });
    let is_alone = |name: &String| meant(name, ids.clone()).len() == 1;
    names.into_iter().find(is_alone).unwrap_or_else(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: [&str; 4] = [
        "20261125T201402Z-000000",
        "20261125T201431Z-000000",
        "20261125T201431Z-000001",
        "20261126T080000Z-ab12cd",
    ];

    #[test]
    fn the_begin_of_an_id_means_every_run_that_has_it() {
        for (typed, meant_by_it) in [
            ("20261126", &IDS[3..]),
            ("20261125-201402", &IDS[..1]),
            ("20261125T2014", &IDS[..3]),
            ("20261125-2014", &IDS[..3]),
            ("20261125T201431Z-000000", &IDS[1..2]),
            ("20261126-080000-AB", &IDS[3..]),
            ("2027", &[]),
            ("", &[]),
            ("-", &[]),
            ("../..", &[]),
        ] {
            assert_eq!(meant(typed, IDS.into_iter()), meant_by_it, "{typed}");
        }
    }

    #[test]
    fn a_short_name_means_its_run_alone() {
        let short = IDS.map(|id| short(id, IDS.into_iter()));
        assert_eq!(short, ["20261125-201402", IDS[1], IDS[2], "20261126-0800"]);
        for (name, id) in short.iter().zip(IDS) {
            assert_eq!(meant(name, IDS.into_iter()), [id]);
        }
        assert_eq!(super::short("odd", IDS.into_iter()), "odd");
    }
}
