//! `import`: writes a spec from what the tenant has.

use super::observe::fetch_inventory;
use super::permission_check::refuse_lacking;
use super::{Event, Observer, Session};
use crate::error::Failure;
use crate::plan::{DraftSetting, draft, imported};
use crate::spec_file;
use crate::tenant::graph_permissions;

/// A spec of what a tenant has.
#[derive(Debug)]
pub struct Imported {
    /// The file's text.
    pub text: String,
    /// What it says of each setting.
    pub settings: Vec<DraftSetting>,
}

/// Reads everything a spec can say, and writes it down: `plan` on it changes nothing.
///
/// # Errors
/// The tenant cannot be read.
pub async fn import(
    session: &Session,
    is_graph_only: bool,
    observer: &impl Observer,
) -> Result<Imported, Failure> {
    observer.on(Event::Began("reading the tenant"))?;
    let needed = [(&graph_permissions::ORGANIZATION, None)];
    refuse_lacking(session, (None, !is_graph_only), &needed).await?;
    let inventory = fetch_inventory(&session.reader, !is_graph_only).await?;
    let settings = draft(&inventory);
    let text =
        imported(&inventory, &settings, session.is_sandbox, session.snapshot.as_ref().map(|mark| mark.taken));
    // A file that its own reader would refuse must not be left behind.
    spec_file::load("the imported spec", text.as_bytes())?;
    Ok(Imported { text, settings })
}
