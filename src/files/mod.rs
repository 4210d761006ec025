//! Writes files whole or not at all, and makes folders that only their owner can open.

mod streams;

use streams::is_stream;
pub use streams::{is_same_stream, open_stream, open_to_read};

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone: what can hold people's names, or the state of a tenant.
    Owner,
    /// Everyone the folder lets in: what is to be reviewed and committed.
    Everyone,
}

/// What becomes of a file that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It goes.
    Replace,
    /// It stays, and writing fails with [`io::ErrorKind::AlreadyExists`].
    Keep,
}

/// What is at a path that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing.
    Free,
    /// A file, which is replaced whole.
    File,
    /// A device, a pipe or a socket: what is written passes through it.
    Stream,
    /// A link to a file, or to nothing: putting a file in its place would cut the link, writing through it would lose
    /// a file that was not named.
    Link,
    /// A folder.
    Folder,
}

impl Target {
    /// Looks at a path without opening it: opening and closing a pipe ends it.
    ///
    /// # Errors
    /// The path cannot be looked at.
    pub fn at(path: &Path) -> io::Result<Self> {
        if is_stream(path) {
            return Ok(Self::Stream);
        }
        let of = |kind: fs::FileType| match (kind.is_file(), kind.is_dir()) {
            (true, _) => Self::File,
            (_, true) => Self::Folder,
            _ => Self::Stream,
        };
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Free),
            Err(error) => Err(error),
            Ok(found) if !found.is_symlink() => Ok(of(found.file_type())),
            // A link to a device is as good as the device.
            Ok(_) => match fs::metadata(path).map(|behind| of(behind.file_type())) {
                Ok(Self::Stream) => Ok(Self::Stream),
                _ => Ok(Self::Link),
            },
        }
    }
}

/// How often, and how long apart, a file someone else has open is tried again: a virus scanner lets go of a new
/// file within a second.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Writes a file that appears whole or not at all, and waits until it and its name are on disk.
///
/// # Errors
/// As [`PendingFile`]. What was there is then still there.
pub fn save(path: &Path, bytes: &[u8], readers: Readers, existing: Existing) -> io::Result<()> {
    let mut file = PendingFile::create(path, readers, existing)?;
    file.write_all(bytes)?;
    file.finish()
}

/// Finds out whether a file can be put at a path, and leaves the path as it is.
///
/// # Errors
/// The folder is not there or takes no file, or what is there is a link, a folder, or not to be written.
pub fn try_out(path: &Path) -> io::Result<()> {
    // Dropped, it leaves nothing. What passes through a stream cannot be taken back, so that one is not tried.
    match Target::at(path)? {
        Target::Stream => Ok(()),
        _ => PendingFile::create(path, Readers::Owner, Existing::Replace).map(drop),
    }
}

/// A file that is written piece by piece and put in its place when it is whole; dropped before, it never was.
#[derive(Debug)]
pub struct PendingFile {
    path: PathBuf,
    existing: Existing,
    // The order matters: Windows removes no file that is open.
    file: BufWriter<File>,
    /// The file beside the path; `None` where everything goes through a stream.
    temporary: Option<Temporary>,
}

/// A file that is gone when this is, unless it was moved.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Best effort: the failure that led here is what is reported.
        let _ = fs::remove_file(&self.0);
    }
}

impl PendingFile {
    /// Begins a file.
    ///
    /// # Errors
    /// The folder takes no file, or what is there already is to be kept, is a link or a folder, or is not to be
    /// written.
    pub fn create(path: &Path, readers: Readers, existing: Existing) -> io::Result<Self> {
        let target = Target::at(path)?;
        let fit = match (target, existing) {
            (Target::Free | Target::Stream, _) => Ok(()),
            (_, Existing::Keep) => Err(io::ErrorKind::AlreadyExists.into()),
            (Target::Link, _) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link")),
            (Target::Folder, _) => Err(io::ErrorKind::IsADirectory.into()),
            (Target::File, _) if fs::metadata(path)?.permissions().readonly() => {
                Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"))
            }
            (Target::File, _) => Ok(()),
        };
        fit?;
        let (temporary, file) = match target {
            // Nothing is held back: dropping what is left would wait for the reader too.
            Target::Stream => (None, BufWriter::with_capacity(0, open_stream(path)?)),
            _ => create_beside(&folder_of(path), readers)
                .map(|(name, file)| (Some(name), BufWriter::new(file)))?,
        };
        Ok(Self { path: path.to_owned(), existing, file, temporary })
    }

    /// Returns whether what is written waits for someone to take it.
    pub fn is_stream(&self) -> bool {
        self.temporary.is_none()
    }

    /// Puts the file in its place, and waits until it and its name are on disk.
    ///
    /// # Errors
    /// It cannot be written, or something is there that is to be kept. What was there is then still there.
    pub fn finish(self) -> io::Result<()> {
        let Self { path, existing, file, temporary } = self;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Some(temporary) = temporary else { return Ok(()) };
        file.sync_all()?;
        // Windows moves no file that is open.
        drop(file);
        put_in_place(&temporary.0, &path, existing)?;
        sync_folder(&folder_of(&path))
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes a folder, and those above it that are missing, that only the owner can look into, and waits until their names are
/// on disk.
///
/// # Errors
/// It cannot be made.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    private_folders(true).create(path)?;
    for folder in missing {
        match sync_folder(&folder_of(folder)) {
            // One that its owner alone can open: it has the name, and when it is on disk no one can say.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Makes a folder where others may have put something first, such as in `/tmp`, or takes the one that is there.
///
/// # Errors
/// It cannot be made; what is there is a link or no folder, another user's, or open to others. On Windows it is to lie
/// in the user's profile, whose access list it inherits.
pub fn claim_private_folder(path: &Path) -> io::Result<()> {
    match private_folders(cfg!(windows)).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = path.symlink_metadata()?;
        let refused = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if !found.is_dir() {
            return refused("it is not a folder");
        }
        if found.uid() != rustix::process::geteuid().as_raw() {
            return refused("it belongs to another user");
        }
        if found.mode() & 0o077 != 0 {
            return refused("other users can read it");
        }
    }
    Ok(())
}

/// Makes a folder that only the owner can look into.
///
/// # Errors
/// It cannot be made; also where something is there.
pub(crate) fn new_private_folder(path: &Path) -> io::Result<()> {
    private_folders(false).create(path)
}

/// As [`claim_private_folder`], where folders above it may be missing: these are made as by [`create_private_folder`].
///
/// # Errors
/// As both.
pub fn claim_private_folder_below(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), create_private_folder)?;
    claim_private_folder(path)
}

fn private_folders(is_recursive: bool) -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(is_recursive);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Waits until the names in a folder are on disk; Windows has no such call.
///
/// # Errors
/// The folder cannot be opened, or the disk fails.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// Returns the options to make a file that its owner alone can read, where no link is followed.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    options
}

fn create_beside(folder: &Path, readers: Readers) -> io::Result<(Temporary, File)> {
    let temporary = folder.join(format!(".sspr-{}.tmp", uuid::Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        &mut options,
        match readers {
            Readers::Owner => 0o600,
            Readers::Everyone => 0o644,
        },
    );
    #[cfg(not(unix))]
    let _ = readers;
    let file = options.open(&temporary)?;
    Ok((Temporary(temporary), file))
}

fn put_in_place(temporary: &Path, path: &Path, existing: Existing) -> io::Result<()> {
    let is_held = |error: &io::Error| is_held_open(error) && !path.is_dir();
    if existing == Existing::Replace {
        return while_held(|| fs::rename(temporary, path), is_held, BETWEEN_TRIES);
    }
    let link = || fs::hard_link(temporary, path);
    let rename = || fs::rename(temporary, path);
    if while_held(|| keep_what_is_there(path, link, rename), is_held, BETWEEN_TRIES)? {
        // The file is where it belongs; a first name that someone holds on to is no failure.
        let _ = while_held(|| fs::remove_file(temporary), is_held_open, BETWEEN_TRIES);
    }
    Ok(())
}

/// Gives a file a name that nothing has yet, by a second link. Returns whether that was possible: where a file system
/// has no links (FAT, some shares), the name is taken by an empty file, which the rename then replaces.
fn keep_what_is_there(
    path: &Path,
    link: impl FnOnce() -> io::Result<()>,
    rename: impl FnOnce() -> io::Result<()>,
) -> io::Result<bool> {
    match link() {
        Ok(()) => return Ok(true),
        Err(error) if [io::ErrorKind::AlreadyExists, io::ErrorKind::NotFound].contains(&error.kind()) => {
            return Err(error);
        }
        Err(_) => {}
    }
    drop(OpenOptions::new().write(true).create_new(true).open(path)?);
    let renamed = rename();
    if renamed.is_err() {
        // Best effort: the failure itself is what is reported.
        let _ = fs::remove_file(path);
    }
    renamed.map(|()| false)
}

/// Windows: someone has the file open, or a range of it locked (`ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION`,
/// `ERROR_LOCK_VIOLATION`). Elsewhere a refusal is the folder's own no, for good.
fn is_held_open(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// Tries again while someone holds a file open, and says who that may be where they keep it.
fn while_held<T>(
    attempt: impl FnMut() -> io::Result<T>,
    is_held: impl Fn(&io::Error) -> bool,
    pause: Duration,
) -> io::Result<T> {
    try_again(attempt, &is_held, pause).map_err(|error| match is_held(&error) {
        true => io::Error::new(
            error.kind(),
            format!("{error}; a virus scanner, an editor or a second run may have it open"),
        ),
        false => error,
    })
}

/// Tries [`TRIES`] times while the error is one that may pass.
fn try_again<T>(
    mut attempt: impl FnMut() -> io::Result<T>,
    may_pass: impl Fn(&io::Error) -> bool,
    pause: Duration,
) -> io::Result<T> {
    for _ in 1..TRIES {
        match attempt() {
            Err(error) if may_pass(&error) => thread::sleep(pause),
            done => return done,
        }
    }
    attempt()
}

/// Returns whether an error says that nothing is at a path: not that a file stands where one of its folders should be,
/// which Windows reports in the same words, nor that a link leads nowhere.
pub fn is_nothing_there(path: &Path, error: &io::Error) -> bool {
    let first = || path.ancestors().find(|part| part.symlink_metadata().is_ok());
    error.kind() == io::ErrorKind::NotFound && first().is_none_or(|part| part != path && part.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn no_device_is_read_as_a_file_but_what_a_shell_hands_over() {
        let error = open_to_read(Path::new("/dev/null")).unwrap_err();
        assert_eq!(error.to_string(), "it is a pipe or a device, not a file");
        let (reader, _writer) = io::pipe().unwrap();
        let handed_over = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        assert!(open_to_read(Path::new(&handed_over)).is_ok());
        assert!(open_to_read(Path::new("Cargo.toml")).is_ok());
        assert_eq!(open_to_read(Path::new("no such file")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        save(&path, b"first", Readers::Everyone, Existing::Keep).unwrap();
        save(&path, b"second", Readers::Everyone, Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let kept = save(&path, b"third", Readers::Everyone, Existing::Keep).unwrap_err();
        assert_eq!(kept.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names_in(folder.path()), ["plan.json"]);
    }

    #[test]
    fn a_file_that_cannot_be_put_in_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        assert!(save(&path, b"x", Readers::Owner, Existing::Replace).is_err());
        assert_eq!(names_in(folder.path()), ["taken"]);
    }

    #[test]
    fn a_file_someone_has_open_is_tried_again_and_then_reported() {
        let held = || io::Result::<()>::Err(io::Error::from(io::ErrorKind::PermissionDenied));
        let is_held = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let mut tries = 0;
        let let_go = || {
            tries += 1;
            if tries < TRIES { held() } else { Ok(()) }
        };
        while_held(let_go, is_held, Duration::ZERO).unwrap();
        let error = while_held(held, is_held, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let said = "; a virus scanner, an editor or a second run may have it open";
        assert!(error.to_string().ends_with(said), "{error}");
        // Another error is returned at once, unchanged.
        let other = while_held(|| io::Result::<()>::Err(io::Error::other("broken")), is_held, Duration::MAX)
            .unwrap_err();
        assert_eq!(other.to_string(), "broken");
    }

    #[cfg(windows)]
    #[test]
    fn a_file_that_stays_open_is_kept_and_can_be_replaced_once_it_is_closed() {
        use std::os::windows::fs::OpenOptionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tenant.json");
        fs::write(&path, "first").unwrap();
        // Others may read and write, and not replace it.
        let open = OpenOptions::new().read(true).share_mode(3).open(&path).unwrap();
        let error = save(&path, b"second", Readers::Owner, Existing::Replace).unwrap_err();
        assert!(error.to_string().contains("may have it open"), "{error}");
        let kept = save(&path, b"second", Readers::Owner, Existing::Keep).unwrap_err();
        assert_eq!(kept.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(names_in(folder.path()), ["tenant.json"]);
        drop(open);
        save(&path, b"second", Readers::Owner, Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
    }

    #[test]
    fn where_there_are_no_links_nothing_is_overwritten_either() {
        let folder = tempfile::tempdir().unwrap();
        let (temporary, path) = (folder.path().join("temporary"), folder.path().join("baseline.json"));
        let keep = || {
            fs::write(&temporary, "new").unwrap();
            let no_links = || Err(io::Error::from(io::ErrorKind::Unsupported));
            keep_what_is_there(&path, no_links, || fs::rename(&temporary, &path))
        };
        assert!(!keep().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        fs::write(&path, "somebody's").unwrap();
        assert_eq!(keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"somebody's");
    }

    /// Windows' own limit is 260 characters unless a path is written in another way, which not every call does.
    #[test]
    fn a_path_may_be_longer_than_windows_likes() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a".repeat(120)).join("b".repeat(120)).join("c".repeat(120));
        create_private_folder(&deep).unwrap();
        let path = deep.join("tenant.json");
        for (content, existing) in
            [("first", Existing::Keep), ("second", Existing::Replace), ("third", Existing::Replace)]
        {
            save(&path, content.as_bytes(), Readers::Owner, existing).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_file_in_the_way_is_something() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let not_found = io::Error::from(io::ErrorKind::NotFound);
        for (path, is_nothing) in [("no", true), ("no/such", true), ("file/state", false), ("file", false)] {
            assert_eq!(is_nothing_there(&folder.path().join(path), &not_found), is_nothing, "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
            assert!(!is_nothing_there(&folder.path().join("link"), &not_found));
        }
        assert!(!is_nothing_there(folder.path(), &io::Error::other("broken")));
    }

    #[test]
    fn a_file_in_pieces_is_not_there_before_it_is_whole_and_never_was_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.json");
        fs::write(&path, "before").unwrap();
        let mut pieces = PendingFile::create(&path, Readers::Owner, Existing::Replace).unwrap();
        pieces.write_all(b"half").unwrap();
        drop(pieces);
        assert_eq!((fs::read(&path).unwrap().as_slice(), names_in(folder.path()).len()), (&b"before"[..], 1));
        let mut pieces = PendingFile::create(&path, Readers::Owner, Existing::Replace).unwrap();
        pieces.write_all(b"wh").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"before");
        pieces.write_all(b"ole").unwrap();
        pieces.finish().unwrap();
        assert_eq!((fs::read(&path).unwrap().as_slice(), names_in(folder.path()).len()), (&b"whole"[..], 1));
    }

    #[test]
    fn trying_out_leaves_everything_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (free, file) = (folder.path().join("free"), folder.path().join("file"));
        fs::write(&file, "kept").unwrap();
        try_out(&free).unwrap();
        try_out(&file).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"kept");
        assert_eq!(names_in(folder.path()), ["file"]);
        let mut read_only = fs::metadata(&file).unwrap().permissions();
        read_only.set_readonly(true);
        fs::set_permissions(&file, read_only).unwrap();
        for unfit in [file.as_path(), folder.path(), &file.join("below"), &folder.path().join("no/where")] {
            assert!(try_out(unfit).is_err(), "{}", unfit.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_neither_cut_nor_written_through_unless_it_leads_to_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, nowhere) =
            (folder.path().join("file"), folder.path().join("link"), folder.path().join("nowhere"));
        fs::write(&file, "kept").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        std::os::unix::fs::symlink(folder.path().join("gone"), &nowhere).unwrap();
        for path in [&link, &nowhere] {
            assert_eq!(Target::at(path).unwrap(), Target::Link);
            assert!(save(path, b"x", Readers::Everyone, Existing::Replace).is_err());
            assert!(fs::symlink_metadata(path).unwrap().is_symlink());
        }
        assert_eq!(fs::read(&file).unwrap(), b"kept");
        let null = folder.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &null).unwrap();
        for path in [null.as_path(), Path::new("/dev/null"), Path::new("/dev/stdout")] {
            assert_eq!(Target::at(path).unwrap(), Target::Stream);
        }
        save(&null, b"x", Readers::Owner, Existing::Replace).unwrap();
        assert!(fs::symlink_metadata(&null).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_among_others_is_taken_only_if_it_is_ours_alone() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let shared = tempfile::tempdir().unwrap();
        let ours = shared.path().join("ours");
        claim_private_folder(&ours).unwrap();
        claim_private_folder(&ours).unwrap();
        assert_eq!(fs::metadata(&ours).unwrap().permissions().mode() & 0o777, 0o700);
        symlink(&ours, shared.path().join("link")).unwrap();
        fs::write(shared.path().join("file"), "").unwrap();
        for planted in ["link", "file", "no/such"] {
            assert!(claim_private_folder(&shared.path().join(planted)).is_err(), "{planted}");
        }
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(claim_private_folder(&ours).is_err());
        if rustix::process::geteuid().is_root() {
            fs::set_permissions(&ours, fs::Permissions::from_mode(0o700)).unwrap();
            std::os::unix::fs::chown(&ours, Some(65534), None).unwrap();
            assert!(claim_private_folder(&ours).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_can_hold_names_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.json");
        save(&path, b"x", Readers::Owner, Existing::Replace).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
