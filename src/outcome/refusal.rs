//! Refusals by a guard. Nothing was changed when one is returned.

use super::Typed;
use crate::ids::{GroupId, TenantId};
use crate::plan::ReviewError;
use crate::stop::StopReason;
use crate::tenant::SnapshotError;
use crate::text::{commands, counted, excerpt, visible};

/// Why the tool will not go on.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The spec is for another tenant than the one signed in to.
    #[error("you are signed in to {}, but the spec is for {}", excerpt(.found, 300), excerpt(.wanted, 300))]
    WrongTenant {
        /// The tenant the spec names.
        wanted: String,
        /// The tenant that answered.
        found: String,
    },
    /// The two surfaces are signed in to different tenants.
    #[error("graph is signed in to the tenant {graph}, portal to {portal}")]
    TwoTenants {
        /// The tenant Graph answered for.
        graph: TenantId,
        /// The tenant in the admin centre's token.
        portal: TenantId,
    },
    /// Someone signed in to another tenant than the one that was named.
    #[error("the sign-in is to the tenant {found}, and {wanted} was asked for; nothing was kept")]
    SignedInElsewhere {
        /// The tenant that was named.
        wanted: TenantId,
        /// The tenant that answered.
        found: TenantId,
    },
    /// Someone else signed in than is signed in to the admin centre.
    #[error("{} signed in, and the admin centre's sign-in is {}'s; nothing was kept", excerpt(.graph, 100), excerpt(.portal, 100))]
    TwoAccounts {
        /// Who signed in to Graph.
        graph: String,
        /// Who is signed in to the admin centre.
        portal: String,
    },
    /// A sign-in to Graph that is kept is another person's than the admin centre's.
    #[error("{} is signed in to Microsoft Graph, and {} to the admin centre", excerpt(.graph, 100), excerpt(.portal, 100))]
    MixedAccounts {
        /// Who is signed in to Graph.
        graph: String,
        /// Who is signed in to the admin centre.
        portal: String,
    },
    /// No group is called what the spec says.
    #[error("there is no group `{}` in this tenant", visible(.name))]
    NoGroup {
        /// The name or id in the spec.
        name: String,
    },
    /// The spec names no group to ask about.
    #[error("the spec names no group")]
    SpecWithoutGroup,
    /// The spec has no roll-out to ask about.
    #[error("the spec has no `rollout`")]
    SpecWithoutRollout,
    /// The group keeps its members from the sign-in.
    #[error("sspr cannot read the members of {}: the group hides them", visible(.name))]
    HiddenMembers {
        /// The group's display name.
        name: String,
    },
    /// The sign-in lacks permissions without which there is nothing to do.
    #[error("this sign-in may not {}", .lacks.iter().map(Lack::to_string).collect::<Vec<_>>().join(", nor "))]
    LacksPermissions {
        /// What it may not do.
        lacks: Vec<Lack>,
        /// The command that gives a person's sign-in what it lacks, and what it is for; `None` of an application's, which
        /// no person can do for it.
        login: Option<(String, &'static str)>,
        /// Why no sign-in of this kind ever can, where that is so.
        #[source]
        fixed: Option<FixedScopes>,
    },
    /// Several groups share the display name.
    #[error("{} are called `{}`", counted(.ids.len(), "group"), visible(.name))]
    AmbiguousGroup {
        /// The name in the spec.
        name: String,
        /// The ids of the groups, sorted.
        ids: Vec<GroupId>,
    },
    /// No run of this name is there to be taken back.
    #[error("there is no run `{}` to roll back in {}", visible(.id), visible(.state))]
    NoSuchRun {
        /// The name.
        id: String,
        /// Where records are kept.
        state: String,
    },
    /// Several runs have a name that begins so.
    #[error("{} have a name that begins with `{}`", counted(.runs.len(), "run"), visible(.id))]
    AmbiguousRun {
        /// What was typed.
        id: String,
        /// The names, oldest first.
        runs: Vec<String>,
    },
    /// A record that is needed is damaged, was edited, or is not this user's.
    #[error("the record in {} cannot be used: {}", visible(.path), visible(.why))]
    Record {
        /// The file or folder.
        path: String,
        /// What is wrong with it, as a clause: "it was edited after it was saved".
        why: String,
    },
    /// Another process is writing to the tenant.
    #[error("another sspr on this machine is writing to tenant {tenant}")]
    Locked {
        /// Tenant id.
        tenant: TenantId,
    },
    /// A saved plan that must not be applied, or not any more.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// A snapshot that must not be used, or not for this.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The folder of plans has none for the tenant.
    #[error("the folder of plans has none for {}", visible(.tenant))]
    NoSavedPlan {
        /// The tenant, as the fleet file names it.
        tenant: String,
    },
    /// There is nothing to tell what an earlier run left.
    #[error("there is no record of `sspr fleet {verb}` with {} in {}", visible(.fleet), visible(.state))]
    NoFleetRecord {
        /// The command.
        verb: &'static str,
        /// The fleet file.
        fleet: String,
        /// Where records are kept.
        state: String,
    },
    /// The plan has findings that forbid applying it.
    #[error("the plan has {}", counted(*.errors, "error"))]
    PlanHasErrors {
        /// How many.
        errors: usize,
    },
    /// Nothing is known of earlier runs.
    #[error("there is no record of any apply to this tenant in {}", visible(.state))]
    NoRecord {
        /// Where records are kept.
        state: String,
    },
    /// There is no terminal to ask on.
    #[error("cannot ask for confirmation: there is no terminal")]
    NoTerminal,
    /// The person asked said no.
    #[error("not confirmed")]
    NotConfirmed,
    /// The run was asked to end before the person asked had answered.
    #[error("{reason} before the question was answered")]
    Stopped {
        /// Who asked it to end.
        reason: StopReason,
    },
    /// An object is no longer what the plan started from.
    #[error(
        "{} changed since the plan was made: {}{}",
        visible(.resource),
        visible(&.fields.join(", ")),
        .touched.as_ref().map(|who| format!("; last editor in the audit log: {who}")).unwrap_or_default()
    )]
    Moved {
        /// The object.
        resource: String,
        /// The fields that differ, wire names.
        fields: Vec<String>,
        /// Who last touched it and when, where the audit log says so; safe to show.
        touched: Option<String>,
    },
}

/// Something a sign-in may not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{verb} {what} ({permission})")]
pub struct Lack {
    /// "read" or "change".
    pub verb: &'static str,
    /// What it may not read or change.
    pub what: &'static str,
    /// The permission it takes.
    pub permission: &'static str,
    /// The key of the spec that asks for it; `None` where leaving out a key does not help.
    pub key: Option<&'static str>,
}

/// The scopes of a program that Microsoft fixed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the Azure CLI's sign-in to Microsoft Graph never can: its scopes are fixed")]
pub struct FixedScopes;

/// Says what gives what the sign-in lacks, and what goes on without.
fn permission_hints(
    lacks: &[Lack],
    login: Option<&(String, &'static str)>,
    instead: Option<String>,
) -> Vec<String> {
    let granted = || {
        let mut permissions: Vec<&str> = lacks.iter().map(|lack| lack.permission).collect();
        permissions.dedup();
        format!("have an administrator grant the application {} on Microsoft Graph", permissions.join(", "))
    };
    let instead = instead.map(|command| (command, "everything else, now"));
    let typed: Vec<_> = login.cloned().into_iter().chain(instead).collect();
    login.is_none().then(granted).into_iter().chain(commands(&typed)).collect()
}

impl Refusal {
    /// Returns what to do next, as it is typed after a command.
    pub fn hints_after(&self, typed: &Typed) -> Vec<String> {
        match self {
            Self::LacksPermissions { lacks, login, fixed: _ } => {
                permission_hints(lacks, login.as_ref(), typed.without(lacks))
            }
            _ => self.hints(),
        }
    }

    /// Returns what to do next.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::WrongTenant { wanted, .. } => {
                vec![format!(
                    "sign in to {} (`az login --tenant {0}`), or correct `tenant:` in the spec",
                    excerpt(wanted, 300)
                )]
            }
            Self::TwoTenants { graph, .. } => {
                vec![format!(
                    "sign in to one tenant for both: `az login --tenant {graph}`; see --graph-auth and --portal-auth"
                )]
            }
            Self::SignedInElsewhere { wanted, .. } => {
                vec![format!(
                    "sign in with an account of that tenant: `sspr login --tenant {wanted}`"
                )]
            }
            Self::TwoAccounts { portal, .. } | Self::MixedAccounts { portal, .. } => vec![
                format!("sign in as {} with `sspr login`, or", excerpt(portal, 100)),
                "sign the Azure CLI in as the other: `az login`".to_owned(),
            ],
            Self::NoGroup { .. } => vec![
                "check the spelling: `group:` takes the whole display name or the object id"
                    .to_owned(),
            ],
            Self::AmbiguousGroup { ids, .. } => {
                vec![format!("set `group:` to the id of one of them: {}", first_few(ids))]
            }
            Self::LacksPermissions { .. } => self.hints_after(&Typed::default()),
            Self::HiddenMembers { .. } => vec![
                "sign in with the permission Member.Read.Hidden, or name a group that shows its members"
                    .to_owned(),
            ],
            Self::NoSuchRun { .. } => {
                vec![
                    "`sspr history` lists the runs; a run that was rolled back cannot be rolled back again"
                        .to_owned(),
                ]
            }
            Self::AmbiguousRun { runs, .. } => vec![format!("type more of one of them: {}", first_few(runs))],
            Self::Record { .. } => vec![
                "`sspr history` lists the runs; a rollback to before a newer one does not need this record".to_owned(),
                "otherwise restore the settings by hand, and move the folder out of the state directory"
                    .to_owned(),
            ],
            Self::Locked { .. } => vec!["wait until it has finished, then run `sspr plan` again".to_owned()],
            Self::Review(error) => vec![review_hint(error).to_owned()],
            Self::Snapshot(error) => vec![error.hint().to_owned()],
            Self::NoSavedPlan { .. } => {
                vec!["plan it too: `sspr fleet plan --out FOLDER`, and review what it saves".to_owned()]
            }
            Self::NoFleetRecord { .. } => vec![
                "leave out --only-failed; or run it where the last run was, with the same SSPR_STATE_DIR".to_owned(),
            ],
            Self::PlanHasErrors { .. } => vec!["the plan above says how to resolve each error".to_owned()],
            Self::NoRecord { .. } => vec![
                "run it on the machine that applied the pilot, or set SSPR_STATE_DIR to a copy of its records".to_owned(),
                "`sspr cleanup` without --restore sets password reset to None".to_owned(),
            ],
            Self::SpecWithoutGroup => vec!["set `group:` in the spec to the pilot's group".to_owned()],
            Self::SpecWithoutRollout => vec!["list the rings under `rollout:` in the spec".to_owned()],
            Self::NoTerminal => vec!["pass --yes to go on without confirmation".to_owned()],
            Self::NotConfirmed | Self::Stopped { .. } => {
                vec!["nothing was written; run the command again to see the plan".to_owned()]
            }
            Self::Moved { .. } => {
                vec![
                    "someone else is changing the tenant; run `sspr plan` again and review the new plan"
                        .to_owned(),
                ]
            }
        }
    }
}

/// How many of a list are named.
const NAMED: usize = 10;

fn first_few(all: &[impl ToString]) -> String {
    let named = all.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}, and {more} more"),
    }
}

fn review_hint(error: &ReviewError) -> &'static str {
    match error {
        ReviewError::OtherFormat(_) => "use the version of sspr that made it, or plan again with this one",
        ReviewError::Unreadable(_) | ReviewError::Edited => {
            "make and review a new plan: `sspr plan --out FILE`; change the spec, never the plan"
        }
        ReviewError::OtherTenant { .. } => "sign in to the tenant it was made for",
        ReviewError::OtherExcept { .. } => {
            "leave --except away, which takes the plan's own; or make and review a new plan: `sspr plan --out FILE`"
        }
        ReviewError::OtherSpec(_) | ReviewError::Differs(_) => {
            "make and review a new plan: `sspr plan --out FILE`"
        }
        ReviewError::TooOld { .. } => "make and review a new plan, or pass --max-age DAYS",
        ReviewError::FromFuture { .. } => {
            "the clock of this machine, or of the one that made the plan, is wrong: set it and plan again"
        }
    }
}
