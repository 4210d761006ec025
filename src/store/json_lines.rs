//! A file of JSON lines that is only ever added to: each is on disk before the next step, and none is put on one that was
//! cut off.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::Serialize;

/// The file, open.
#[derive(Debug)]
pub(super) struct JsonLines {
    file: File,
    /// Whether the file may end in the middle of a line.
    is_torn: bool,
}

impl JsonLines {
    /// Opens a file that is there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::options().read(true).append(true).open(path)?)
    }

    /// Takes a file that is open to be read and added to.
    pub(super) fn of(mut file: File) -> io::Result<Self> {
        let is_torn = !is_at_a_new_line(&mut file)?;
        Ok(Self { file, is_torn })
    }

    /// Adds a record with the time it is, and waits until it is on disk.
    pub(super) fn add(&mut self, record: &impl Serialize) -> io::Result<()> {
        let mut record = serde_json::to_value(record)?;
        record["at"] = jiff::Timestamp::now().to_string().into();
        let start = if self.is_torn { "\n" } else { "" };
        // Until all of it is known to be there.
        self.is_torn = true;
        self.file.write_all(format!("{start}{record}\n").as_bytes())?;
        self.file.sync_data()?;
        self.is_torn = false;
        Ok(())
    }
}

/// Returns whether a file is empty or ends with the end of a line.
fn is_at_a_new_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
