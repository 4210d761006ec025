//! `sspr import`: a spec from what the tenant has.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::Global;
use super::console::{CommandOutput, Console};
use super::front::Front;
use super::half::Half;
use super::new_file::{refuse_existing, write_whole};
use super::session::open;
use crate::app::{self, Imported};
use crate::error::{Exit, Failure};
use crate::plan::{DraftSetting, DraftValue};
use crate::text::{counted, visible};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sspr import                         show a spec of what the tenant has
  sspr import pilot.yaml              write it to a file; `sspr plan` on it changes nothing
  sspr import --sandbox pilot.yaml    the same from the pretend tenant")]
pub(super) struct ImportArgs {
    /// The file to write; left out, or `-`, for stdout
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    half: Half,
}

pub(super) async fn run(
    args: &ImportArgs,
    global: &Global,
    console: &mut Console,
) -> Result<CommandOutput, Failure> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    if let Some(file) = file {
        refuse_existing(file, args.force)?;
    }
    let session = open(global).await?;
    let Imported { text, settings } =
        app::import(&session.tenant, args.half.is_graph_only(), &Front::new(console)).await?;
    match file {
        None => console.hand_over(&text)?,
        Some(file) => {
            write_whole(file, &text, args.force, console)?;
            console.say(&summary(file, &settings, args.half.is_graph_only()))?;
        }
    }
    Ok(CommandOutput { exit: Exit::Done, json: document(file, &text, &settings) })
}

fn summary(file: &Path, lines: &[DraftSetting], is_graph_only: bool) -> String {
    let count = |is: fn(&DraftValue) -> bool| lines.iter().filter(|line| is(&line.fate)).count();
    let stated = counted(count(|fate| matches!(fate, DraftValue::Stated(_))), "setting");
    let left = count(|fate| matches!(fate, DraftValue::Left { .. }));
    let shown = visible(&file.display().to_string());
    let half = if is_graph_only { " --graph-only" } else { "" };
    format!(
        "Wrote {shown}: {stated}, {left} left out with the reason in a comment.\n\
         Next: `sspr plan {shown}{half}` has no changes; `sspr schema --out pilot.schema.json` lets an editor complete it.\n"
    )
}

fn document(file: Option<&Path>, text: &str, lines: &[DraftSetting]) -> String {
    let mut stated = serde_json::Map::new();
    let mut left = Vec::new();
    for line in lines {
        match &line.fate {
            DraftValue::Stated(value) => drop(stated.insert(line.setting.key.to_owned(), value.clone())),
            DraftValue::Left { seen, why } => {
                left.push(json!({"key": line.setting.key, "seen": seen, "why": why}))
            }
            DraftValue::Unset => {}
        }
    }
    let path = file.map_or(Value::Null, |file| json!(file.display().to_string()));
    let document =
        json!({"format": "sspr.import/1", "path": path, "stated": stated, "left": left, "spec": text});
    format!("{document:#}\n")
}
