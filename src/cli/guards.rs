//! The flags that lift a guard: each is one sentence said by a person.

use std::str::FromStr;

use clap::Args;

use crate::plan::Overrides;

/// What the person says is meant, beside the spec.
#[derive(Debug, Args)]
#[command(next_help_heading = "Guards")]
pub(super) struct GuardFlags {
    /// Reaching every user of the tenant (`scope: all`) is meant
    #[arg(long)]
    allow_all_users: bool,
    /// Requiring more methods than today is meant
    #[arg(long)]
    allow_raising_required: bool,
    /// Taking the ability to reset from people who have it is meant
    #[arg(long)]
    allow_stranding: bool,
    /// How many people a changed scope or group may reach; `any` also where that is unknown
    #[arg(long, value_name = "N|any", default_value = "1000")]
    max_people: MaxPeople,
}

/// A number of people, or `any`.
#[derive(Clone, Copy, Debug)]
struct MaxPeople(Option<u64>);

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
    /// Returns the guards that are lifted.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            all_users: self.allow_all_users,
            raising_required: self.allow_raising_required,
            stranding: self.allow_stranding,
            max_people: self.max_people.0,
        }
    }
}
