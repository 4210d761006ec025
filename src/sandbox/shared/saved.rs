//! Loads and saves the sandbox's file: the tenant and its audit log.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::files::{self, Existing, Readers, create_private_folder};
use crate::sandbox::tenant::{AuditLog, TenantState};

const FORMAT: &str = "sspr.sandbox/1";

/// The sandbox's file, distinguished from other versions by its format.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: String,
    #[serde(rename = "world")]
    tenant: TenantState,
    #[serde(default)]
    audits: AuditLog,
}

/// How deep a field may be nested: the parser that reads the file again goes to 128, a few of which are around it.
const DEEPEST: usize = 100;

/// Returns whether a file with this in it can be read again.
pub(crate) fn can_be_kept(fields: &Map<String, Value>) -> bool {
    fn is_within(value: &Value, levels: usize) -> bool {
        match value {
            Value::Array(values) => levels > 0 && values.iter().all(|value| is_within(value, levels - 1)),
            Value::Object(fields) => levels > 0 && fields.values().all(|value| is_within(value, levels - 1)),
            _ => true,
        }
    }
    fields.values().all(|value| is_within(value, DEEPEST))
}

/// Returns what is kept in a file; `None` where there is no such file.
///
/// # Errors
/// The file cannot be read, or is not a sandbox this version knows.
pub(crate) fn load(file: &Path) -> io::Result<Option<(TenantState, AuditLog)>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if files::is_nothing_there(file, &error) => return Ok(None),
        Err(error) => return Err(error),
    };
    match serde_json::from_str::<Saved>(&text) {
        Ok(saved) if saved.format == FORMAT => Ok(Some((saved.tenant, saved.audits))),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "{} is not a sandbox of this version; `sspr sandbox reset` makes a new one",
                file.display()
            ),
        )),
    }
}

/// Puts a tenant into a file, whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn save(file: &Path, tenant: &TenantState, audits: &AuditLog) -> io::Result<()> {
    create_private_folder(file.parent().unwrap_or(Path::new(".")))?;
    let saved = Saved { format: FORMAT.to_owned(), tenant: tenant.clone(), audits: audits.clone() };
    let text = serde_json::to_vec_pretty(&saved)?;
    // What a client sent may be nested just too deep to be read back a few levels further down.
    serde_json::from_slice::<serde_json::Value>(&text)?;
    files::save(file, &text, Readers::Owner, Existing::Replace)
}
