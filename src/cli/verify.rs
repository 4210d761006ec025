//! `sspr verify`: the tenant against the spec, one user as a tester, and their reset seen in the audit log.

use std::time::Duration;

use clap::Args;

use super::against::AgainstFlags;
use super::except::PartOfSpec;
use super::{CommandOutput, CommandResult, Console, Front, Global, SurfaceFlags};
use crate::app::{self, Event, Observer, VerifyReport, VerifyRequest};
use crate::error::Failure;
use crate::outcome::verification::Verification;
use crate::plan::Plan;
use crate::render::{github, verify};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr verify                              does the tenant match the spec; exit 5 if not: for a nightly job
  sspr verify --except methods.allowed     all but what this sign-in may not read
  sspr verify --user ada                   can this user test, and what to do next
  sspr verify --user ada@contoso.com --watch
                                           wait until the audit log shows their reset
  sspr verify --user ada --watch --sandbox
                                           the same on the pretend tenant")]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) spec: PartOfSpec,
    /// The user who tests: user principal name, what of it is before the `@`, or object id
    #[arg(long, value_name = "UPN")]
    user: Option<String>,
    /// Follow the audit log until the user has reset; exit with 5 if they are blocked or time runs out
    #[arg(long, requires = "user", conflicts_with = "from_snapshot")]
    watch: bool,
    /// Stop following it after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    watch_for: u64,
    #[command(flatten)]
    pub(super) from: AgainstFlags,
    #[command(flatten)]
    surfaces: SurfaceFlags,
    /// With --graph-only: exit with 0 if Graph's half matches, although the other half was not read
    #[arg(long, requires = "graph_only")]
    allow_unread: bool,
}

pub(super) async fn run(args: &VerifyArgs, global: &Global, console: &mut Console) -> CommandResult {
    let spec = &args.spec.load(global)?;
    let session = args.from.open(global, console, Some(spec), args.surfaces.graph_only).await?;
    let request = VerifyRequest {
        spec,
        is_graph_only: args.surfaces.graph_only,
        allows_unread: args.allow_unread,
        user: args.user.as_deref(),
        watch: args.watch.then_some(Duration::from_secs(args.watch_for)),
    };
    let checks = Checks { front: Front::new(console) };
    let VerifyReport { found, closed, notices, exit } =
        app::verify(&session.tenant, request, &checks).await?;
    console.set_page(|| verify::document(&found));
    console.show_blocks(verify::reset(&found))?;
    if let Some(failure) = &closed {
        console.eprint_failure(failure);
    }
    for notice in notices {
        console.story.eprint(&format!("{notice}\n"));
    }
    Ok(CommandOutput { exit, json: verify::json(&found) })
}

/// Shows the checks before the audit log is watched, and then what it shows.
struct Checks<'a> {
    front: Front<'a>,
}

impl Checks<'_> {
    /// Keeps what a failed look at the tester must not hide: the page, and the annotations.
    fn keep(&self, found: &Verification) -> Result<(), Failure> {
        let mut console = self.front.console();
        console.set_page(|| verify::document(found));
        let file = found.plan.as_ref().and_then(Plan::file);
        console.annotate(file, |file| github::checks(found, file))
    }
}

impl Observer for Checks<'_> {
    fn on(&self, event: Event<'_>) -> anyhow::Result<()> {
        match event {
            Event::Compared(found) => self.keep(found)?,
            Event::Checked(found) => self.front.console().show(verify::document(found))?,
            Event::Seen(seen) => {
                let mut console = self.front.console();
                let text = verify::event_text(seen, console.layout_of_stderr());
                console.story.eprint(&text);
            }
            other => self.front.on(other)?,
        }
        Ok(())
    }
}
