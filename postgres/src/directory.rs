//! The directory of the private Postgres: its owner, its permissions, and the marker that it is ours.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::Path;
use std::process::Command;

use crate::error::{PostgresError, Result, io_error};

/// The file that marks a directory as ours; it contains the layout version.
const MARKER: &str = "ACCORD";
pub(crate) const LAYOUT: &str = "1";
/// Postgres does not run as root. This uid needs no account; it is usually called "nobody".
const UNPRIVILEGED: (u32, u32) = (65534, 65534);

/// The user to run as if we are root: the owner of the nearest existing directory, unless that is root too.
pub(crate) fn unprivileged_owner(dir: &Path) -> Result<Option<(u32, u32)>> {
    let id = Command::new("id").arg("-u").output().map_err(io_error("get the current uid"))?;
    if id.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let owner = dir.ancestors().find_map(|parent| fs::metadata(parent).ok()).map(|found| (found.uid(), found.gid()));
    Ok(Some(owner.filter(|(uid, _)| *uid != 0).unwrap_or(UNPRIVILEGED)))
}

/// True if the user may traverse all directories above `dir`.
pub(crate) fn is_reachable(dir: &Path, uid: u32) -> bool {
    dir.ancestors().skip(1).filter_map(|parent| fs::metadata(parent).ok()).all(|parent| {
        let needed = if parent.uid() == uid { 0o100 } else { 0o001 };
        parent.mode() & needed != 0
    })
}

/// Creates the directory if it is missing, and denies access to everyone else, because the server needs no password.
pub(crate) fn make_private_dir(dir: &Path, run_as: Option<(u32, u32)>) -> Result<()> {
    let action = || format!("prepare {}", dir.display());
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).map_err(io_error(action()))?;
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(io_error(action())(error)),
        _ => set_owner(dir, run_as)?,
    }
    match fs::set_permissions(dir, fs::Permissions::from_mode(0o700)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(PostgresError::OtherUser(dir.to_path_buf()))
        }
        result => result.map_err(io_error(action())),
    }
}

pub(crate) fn set_owner(path: &Path, run_as: Option<(u32, u32)>) -> Result<()> {
    let Some((uid, gid)) = run_as else { return Ok(()) };
    lchown(path, Some(uid), Some(gid)).map_err(io_error(format!("give {} to uid {uid}", path.display())))
}

/// Claims a directory that is empty or already ours. Checks this before changing anything.
pub(crate) fn claim(dir: &Path, run_as: Option<(u32, u32)>) -> Result<()> {
    let marker = dir.join(MARKER);
    match fs::read_to_string(&marker) {
        Ok(found) if found.trim() == LAYOUT => make_private_dir(dir, run_as),
        Ok(found) => Err(PostgresError::OtherLayout { dir: dir.to_path_buf(), found: found.trim().to_owned() }),
        Err(_) => {
            reject_foreign(dir)?;
            make_private_dir(dir, run_as)?;
            fs::write(&marker, LAYOUT).map_err(io_error(format!("write {}", marker.display())))?;
            set_owner(&marker, run_as)
        }
    }
}

fn reject_foreign(dir: &Path) -> Result<()> {
    let first = fs::read_dir(dir).map(|mut entries| entries.next());
    match first {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(PostgresError::Foreign(dir.to_path_buf())),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            io::ErrorKind::PermissionDenied => Err(PostgresError::OtherUser(dir.to_path_buf())),
            _ => Err(io_error(format!("read {}", dir.display()))(error)),
        },
    }
}

pub(crate) fn remove_if_present(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error(format!("remove {}", path.display()))(error))
        }
        _ => Ok(()),
    }
}

/// FNV-1a. Gives a directory the same short name in every build, which the standard hasher does not guarantee.
pub(crate) fn hash(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
