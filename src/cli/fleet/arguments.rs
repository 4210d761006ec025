//! Which tenants a `fleet` command is about, and how they are gone through.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::app::Writing;
use crate::app::fleet::{MaxFailures, TenantLimits};
use crate::spec_file::fleet::{Selection, Shard};

/// How long reading may go on after it was asked to stop: a program that signs someone in may not listen.
const GRACE_TO_READ: Duration = Duration::from_secs(5);
/// The same for a write: an attempt takes at most a minute, and is looked at twice; reading back comes on top.
const GRACE_TO_WRITE: Duration = Duration::from_secs(180);

#[derive(Debug, Args)]
pub(super) struct FleetArgs {
    /// The fleet's YAML file; for `apply` also a folder saved with `sspr fleet plan --out`
    #[arg(value_name = "FILE", default_value = "fleet.yaml")]
    pub(super) file: PathBuf,
    /// Only this tenant of the file; give it again for more
    #[arg(long = "tenant", value_name = "TENANT", help_heading = TENANTS)]
    pub(super) tenants: Vec<String>,
    /// Only the tenants of this wave; give it again for more
    #[arg(long = "wave", value_name = "WAVE", help_heading = TENANTS)]
    pub(super) waves: Vec<String>,
    /// Only those that the last run of this command with this file left: failed, stopped part-way, unknown or not tried
    #[arg(long, help_heading = TENANTS)]
    pub(super) only_failed: bool,
    /// Only this part of the tenants, as in 1/4: for several machines that share them
    #[arg(long, value_name = "K/N", help_heading = TENANTS)]
    pub(super) shard: Option<Shard>,
    /// Read so many tenants together, and write so many from the second wave on; the first is written one by one
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = TENANTS)]
    pub(super) parallel: u16,
    /// Begin no further tenant or wave once more than this failed: of all while they are read, of the wave while it is
    /// written [default: any number while they are read, 0 while they are written]
    #[arg(long, value_name = "N|P%", help_heading = TENANTS)]
    pub(super) max_failures: Option<MaxFailures>,
    /// Stop reading a tenant after this time, and writing it; a write under way is finished first
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..), help_heading = TENANTS)]
    pub(super) tenant_timeout: u64,
    /// A folder with one folder of the Azure CLI for each tenant, called as the tenant is in the file: its AZURE_CONFIG_DIR
    #[arg(long, value_name = "FOLDER", help_heading = TENANTS)]
    pub(super) azure_config_root: Option<PathBuf>,
}

const TENANTS: &str = "Tenants";

impl FleetArgs {
    pub(super) fn selection(&self) -> Selection {
        Selection { tenants: self.tenants.clone(), waves: self.waves.clone(), shard: self.shard }
    }

    pub(super) fn limits(&self, writing: Writing) -> TenantLimits {
        TenantLimits {
            time: Duration::from_secs(self.tenant_timeout),
            grace_to_read: GRACE_TO_READ,
            grace_to_write: GRACE_TO_WRITE + writing.wait,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct FleetWritingFlags {
    /// Write without asking
    #[arg(long, short, visible_alias = "auto-approve")]
    pub(super) yes: bool,
    /// Wait this long for a tenant to show what was written
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
    /// Then wait until its audit log shows the change; that tenant exits with 5 if it does not in time [SECONDS: 300]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "300")]
    prove: Option<u64>,
}

impl FleetWritingFlags {
    pub(super) fn writing(&self, shows_names: bool) -> Writing {
        Writing {
            wait: Duration::from_secs(self.wait),
            prove: self.prove.map(Duration::from_secs),
            shows_names,
        }
    }
}
