//! `--against` and `--portal-against`: a snapshot in the place of a tenant, or of the admin centre's half of it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use super::environment::{sandbox_dir, state_dir};
use super::session::{Opened, clock_of, looked_at, not_an_endpoint};
use super::signals::unless_stopped;
use super::spec_arguments::{name_of, unreadable};
use super::{Console, Global, open};
use crate::app::{Session, SnapshotFile, open_snapshot};
use crate::client::{ClientConfig, Endpoints, KeptSignIns, connect_snapshot};
use crate::error::{Exit, Failure};
use crate::files::open_to_read;
use crate::spec_file::Spec;
use crate::text::visible;

/// The most a snapshot's file may have.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct AgainstFlags {
    /// Read a snapshot instead of the tenant, without a sign-in or a network
    #[arg(long, value_name = "FILE", group = "from_snapshot")]
    pub(super) against: Option<PathBuf>,
    /// Refuse a snapshot that is more than this many days old [default: warn after 7]
    #[arg(long, value_name = "DAYS", requires = "from_snapshot")]
    pub(super) max_age: Option<u32>,
}

impl AgainstFlags {
    /// Opens the snapshot, or the tenant where none is named. What is read is then said in every form of the result.
    pub(super) async fn open(
        &self,
        global: &Global,
        console: &mut Console,
        spec: Option<&Spec>,
        is_graph_only: bool,
    ) -> Result<Opened, Failure> {
        match &self.against {
            None => open(global, spec.and_then(Spec::tenant), is_graph_only).await,
            Some(path) => self.open_snapshot(path, global, console, spec),
        }
    }

    fn open_snapshot(
        &self,
        path: &Path,
        global: &Global,
        console: &mut Console,
        spec: Option<&Spec>,
    ) -> Result<Opened, Failure> {
        let (bytes, shown) = (load(path, global)?, name_of(path));
        let file = SnapshotFile { path: &shown, bytes: &bytes, max_age: self.max_age, is_portal_only: false };
        let (snapshot, mark) = open_snapshot(file, spec, |snapshot| clock_of(global, snapshot.is_sandbox))?;
        drop(bytes);
        let is_sandbox = snapshot.is_sandbox;
        if global.sandbox && !is_sandbox {
            let error =
                anyhow!("--sandbox means the pretend tenant, and {} is of a real one", visible(&shown));
            return Err(Failure::new(Exit::Usage, error, "leave one of them out"));
        }
        let config = ClientConfig { stop: global.stop.clone(), ..ClientConfig::default() };
        let endpoints = Endpoints::new(global.cloud.cloud(), None, None).map_err(not_an_endpoint)?;
        let (reader, writer) = connect_snapshot(snapshot, &endpoints, &config)?;
        let state = if is_sandbox { sandbox_dir()? } else { state_dir()? };
        if is_sandbox {
            console.set_sandbox();
        }
        console.set_snapshot(&mark);
        let tenant = Session {
            reader,
            writer,
            kept: KeptSignIns::below(&state, None),
            state: looked_at(state),
            stop: config.stop,
            clock: clock_of(global, is_sandbox),
            pause_between_looks: std::time::Duration::ZERO,
            is_sandbox,
            snapshot: Some(mark),
        };
        Ok(Opened { tenant, _sandbox: None })
    }

    /// Opens the tenant for Graph's half, and a snapshot for the admin centre's.
    pub(super) async fn open_beside(
        &self,
        portal: &Path,
        global: &Global,
        console: &mut Console,
        spec: &Spec,
    ) -> Result<Opened, Failure> {
        let (bytes, shown) = (load(portal, global)?, name_of(portal));
        let file = SnapshotFile { path: &shown, bytes: &bytes, max_age: self.max_age, is_portal_only: true };
        let (snapshot, mark) = open_snapshot(file, Some(spec), |_| clock_of(global, global.sandbox))?;
        let Opened { mut tenant, _sandbox } = open(global, spec.tenant(), true).await?;
        let endpoints = Endpoints::new(global.cloud.cloud(), None, None).map_err(not_an_endpoint)?;
        let config = ClientConfig { stop: global.stop.clone(), ..ClientConfig::default() };
        tenant.reader = tenant.reader.with_portal_of(&snapshot, &endpoints, &config)?;
        console.set_snapshot(&mark);
        tenant.snapshot = Some(mark);
        Ok(Opened { tenant, _sandbox })
    }
}

fn load(path: &Path, global: &Global) -> Result<Vec<u8>, Failure> {
    let (named, shown) = (path.to_owned(), visible(&path.display().to_string()));
    let read = unless_stopped(&global.stop, move || {
        let mut bytes = Vec::new();
        open_to_read(&named)?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let read = read.map_err(anyhow::Error::from)?.map_err(Failure::stopped)?;
    let hint = "name a file that `sspr snapshot --out FILE` wrote";
    let failed = |error| Failure::new(Exit::Failed, error, hint);
    match read {
        Ok(bytes) if bytes.len() as u64 > MOST_BYTES => {
            Err(failed(anyhow!("{shown} is too large for a snapshot")))
        }
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(failed(unreadable(error, path, &shown))),
    }
}
