//! Opens pipes and devices for writing, and files for reading, without waiting for ever.

#[cfg(unix)]
use super::{BETWEEN_TRIES, try_again};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Returns whether a path is a name for a stream that is open, whatever the stream leads to.
pub(super) fn is_stream(path: &Path) -> bool {
    if cfg!(windows) {
        let name = path.as_os_str().to_string_lossy().to_ascii_lowercase();
        return matches!(name.as_str(), "nul" | "con") || name.starts_with(r"\\.\");
    }
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|stream| path.starts_with(stream))
}

/// Opens a device, a pipe or a socket for writing, without waiting for ever until someone reads it.
///
/// # Errors
/// It cannot be opened. A pipe that no one reads is given a second: its reader may be starting.
pub fn open_stream(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Behind an open stream can be a file that has something in it already.
    options.append(cfg!(unix)).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let is_pipe = fs::metadata(path)?.file_type().is_fifo();
        let is_unread = |error: &io::Error| {
            is_pipe && error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
        };
        let opened = try_again(|| options.open(path), is_unread, BETWEEN_TRIES);
        let file = opened.map_err(|error| match is_unread(&error) {
            true => io::Error::new(error.kind(), "this pipe has no reader; start its reader first"),
            false => error,
        })?;
        fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

/// Returns whether two names lead to one open pipe, terminal or device, the null device apart: what goes there gets in
/// no one's way. Neither is opened. Only Unix can distinguish them.
pub fn is_same_stream(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let place = |path: &Path| fs::metadata(path).ok().map(|it| (it.dev(), it.ino(), it.rdev()));
        let null = place(Path::new("/dev/null")).map(|(.., device)| device);
        place(one).is_some_and(|(.., device)| device == 0 || Some(device) != null)
            && place(one) == place(other)
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        false
    }
}

/// Where a shell puts what it hands to a program without a name of its own: `<(…)`, standard input.
const HANDED_OVER: [&str; 3] = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"];

/// Opens a file for reading; no pipe or device, which could keep a run waiting for ever, but for what a shell hands
/// over.
///
/// # Errors
/// It is not there, cannot be opened, or is none.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    let is_handed_over =
        cfg!(unix) && path.to_str().is_some_and(|path| HANDED_OVER.iter().any(|it| path.starts_with(it)));
    let metadata = fs::metadata(path)?;
    if !(metadata.is_file() || metadata.is_dir() || is_handed_over) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a pipe or a device, not a file"));
    }
    File::open(path)
}
