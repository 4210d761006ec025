//! Flags that override guards, such as `--allow-all-users`.

use std::fmt;
use std::str::FromStr;

use clap::Args;

use crate::plan::Overrides;

#[derive(Debug, Args)]
#[command(next_help_heading = "Guards")]
pub(super) struct GuardFlags {
    /// Allow `scope: all`: every user of the tenant
    #[arg(long)]
    allow_all_users: bool,
    /// Allow requiring more methods than today
    #[arg(long)]
    allow_raising_required: bool,
    /// Allow locking out people who can reset today
    #[arg(long, alias = "allow-stranding")]
    allow_lockout: bool,
    /// Allow opening a ring of the roll-out before its gate holds
    #[arg(long)]
    allow_early: bool,
    /// Refuse a changed scope or group that reaches more people, or an unknown number of them; `any` allows both
    #[arg(long, value_name = "N|any", default_value_t = MaxPeople(Some(MOST_PEOPLE)))]
    max_people: MaxPeople,
}

/// How many people a pilot may reach without another word.
const MOST_PEOPLE: u64 = 1000;

#[derive(Clone, Copy, Debug)]
struct MaxPeople(Option<u64>);

impl fmt::Display for MaxPeople {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => limit.fmt(f),
            None => f.write_str("any"),
        }
    }
}

impl FromStr for MaxPeople {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "any" => Ok(Self(None)),
            number => number.parse().map(|number| Self(Some(number))).map_err(|_| "not a number, nor `any`"),
        }
    }
}

impl GuardFlags {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            all_users: self.allow_all_users,
            raising_required: self.allow_raising_required,
            lockout: self.allow_lockout,
            early: self.allow_early,
            max_people: self.max_people.0,
        }
    }
}
