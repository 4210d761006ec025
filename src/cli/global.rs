//! Flags that every command takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::sign_in_flags::{AuthName, CloudName};
use crate::app::Clock;
use crate::stop::Stop;

const RUN: &str = "Run";
pub(super) const OUTPUT: &str = "Output";
const SIGN_IN: &str = "Sign-in";

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Global {
    /// Use the built-in pretend tenant instead of a real one
    #[arg(long, global = true, help_heading = RUN)]
    pub(super) sandbox: bool,
    #[command(flatten)]
    pub(super) output: OutputFlags,
    /// How to sign in
    #[arg(long, global = true, value_enum, default_value_t = AuthName::Auto, value_name = "WAY", help_heading = SIGN_IN)]
    pub(super) auth: AuthName,
    /// How to sign in to Microsoft Graph, if different from --auth
    #[arg(long, global = true, value_enum, value_name = "WAY", hide_possible_values = true, help_heading = SIGN_IN)]
    pub(super) graph_auth: Option<AuthName>,
    /// How to sign in to the admin centre, if different from --auth; it accepts only people
    #[arg(long, global = true, value_enum, value_name = "WAY", hide_possible_values = true, help_heading = SIGN_IN)]
    pub(super) portal_auth: Option<AuthName>,
    /// The Microsoft cloud that the tenant is in
    #[arg(long, global = true, value_enum, default_value_t = CloudName::Public, value_name = "CLOUD", help_heading = SIGN_IN)]
    pub(super) cloud: CloudName,
    /// End the run after this many seconds; a write under way is finished first
    #[arg(long, global = true, value_name = "SECONDS", help_heading = RUN, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: Option<u64>,
    /// The wait before a request is sent a second time, where the service names none; and the time for five reports
    #[arg(long, global = true, hide = true, value_name = "MILLISECONDS")]
    pub(super) pace: Option<u64>,
    /// How long a sign-in may take: 15 s, and 45 s for `az` and `azd`
    #[arg(long, global = true, hide = true, value_name = "MILLISECONDS")]
    pub(super) sign_in_limit: Option<u64>,
    /// The day, or the instant, that dated findings and the age of plans are compared with, instead of now
    #[arg(long, global = true, hide = true, value_name = "YYYY-MM-DD", value_parser = moment)]
    pub(super) today: Option<Timestamp>,
    /// Asked by signals and by the end of `timeout`.
    #[arg(skip)]
    pub(super) stop: Stop,
}

impl Global {
    pub(super) fn clock(&self) -> Clock {
        Clock { fixed: self.today, ..Clock::default() }
    }
}

/// Reads an instant, or a day for its beginning in UTC.
fn moment(text: &str) -> Result<Timestamp, jiff::Error> {
    text.parse().or_else(|_| {
        let day: jiff::civil::Date = text.parse()?;
        Ok(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
    })
}

/// Where the result goes, and what is printed beside it.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct OutputFlags {
    /// Format of the result on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) format: Format,
    /// Also write the result as JSON to a file
    #[arg(long, global = true, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) json_into: Option<PathBuf>,
    /// Also write the result as Markdown to a file
    #[arg(long, global = true, value_name = "FILE", help_heading = OUTPUT)]
    pub(super) markdown_into: Option<PathBuf>,
    /// Print more on stderr: requests (-v), their ids (-vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = OUTPUT)]
    pub(super) verbose: u8,
    /// Print only questions and errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(super) quiet: bool,
    /// Hide the progress line; it shows only on a terminal, and never where `CI` is set
    #[arg(long, global = true, help_heading = OUTPUT)]
    pub(super) no_progress: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document, on failure too
    Json,
    /// For a comment on a pull request, or the summary of a job
    Markdown,
    /// For a log of GitHub Actions: text, and annotations at lines of the spec
    Github,
    /// For a spreadsheet; `people` only
    Csv,
}

#[derive(Debug, Args)]
pub(super) struct SpecFile {
    /// The pilot's YAML file
    #[arg(value_name = "FILE", default_value = "pilot.yaml")]
    pub(super) file: PathBuf,
}
