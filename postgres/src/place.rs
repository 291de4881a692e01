//! The directory of the private Postgres: whose it is, who may reach it, and that it is ours.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::path::Path;
use std::process::Command;

use crate::error::{PostgresError, Result, io_error};

/// The file that says that a directory is ours; it holds the version of the layout inside.
const MARKER: &str = "ACCORD";
pub(crate) const LAYOUT: &str = "1";
/// Postgres refuses to run as root; this uid needs no account ("nobody" where it has a name).
const UNPRIVILEGED: (u32, u32) = (65534, 65534);

/// The user to run as, when we are root: the owner of the nearest directory that exists, unless that is root too.
pub(crate) fn unprivileged_owner(dir: &Path) -> Result<Option<(u32, u32)>> {
    let id = Command::new("id").arg("-u").output().map_err(io_error("ask who we are"))?;
    if id.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let owner = dir.ancestors().find_map(|place| fs::metadata(place).ok()).map(|found| (found.uid(), found.gid()));
    Ok(Some(owner.filter(|(uid, _)| *uid != 0).unwrap_or(UNPRIVILEGED)))
}

/// Whether the user may pass through every directory above `dir`.
pub(crate) fn reachable(dir: &Path, uid: u32) -> bool {
    dir.ancestors().skip(1).filter_map(|place| fs::metadata(place).ok()).all(|place| {
        let needed = if place.uid() == uid { 0o100 } else { 0o001 };
        place.mode() & needed != 0
    })
}

/// Makes the directory if it is missing, and keeps everybody else out: there are no passwords inside.
pub(crate) fn private_dir(dir: &Path, step_down: Option<(u32, u32)>) -> Result<()> {
    let what = || format!("prepare {}", dir.display());
    let parent = dir.parent().unwrap_or(dir);
    fs::create_dir_all(parent).map_err(io_error(what()))?;
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(refused) if refused.kind() != io::ErrorKind::AlreadyExists => return Err(io_error(what())(refused)),
        _ => own(dir, step_down)?,
    }
    match fs::set_permissions(dir, fs::Permissions::from_mode(0o700)) {
        Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied => {
            Err(PostgresError::OtherUser(dir.to_path_buf()))
        }
        outcome => outcome.map_err(io_error(what())),
    }
}

pub(crate) fn own(path: &Path, step_down: Option<(u32, u32)>) -> Result<()> {
    let Some((uid, gid)) = step_down else { return Ok(()) };
    lchown(path, Some(uid), Some(gid)).map_err(io_error(format!("give {} to uid {uid}", path.display())))
}

/// Takes an empty directory, or one that is ours already; looks before it changes anything.
pub(crate) fn claim(dir: &Path, step_down: Option<(u32, u32)>) -> Result<()> {
    let marker = dir.join(MARKER);
    match fs::read_to_string(&marker) {
        Ok(found) if found.trim() == LAYOUT => private_dir(dir, step_down),
        Ok(found) => Err(PostgresError::OtherLayout { dir: dir.to_path_buf(), found: found.trim().to_owned() }),
        Err(_) => {
            refuse_foreign(dir)?;
            private_dir(dir, step_down)?;
            fs::write(&marker, LAYOUT).map_err(io_error(format!("write {}", marker.display())))?;
            own(&marker, step_down)
        }
    }
}

fn refuse_foreign(dir: &Path) -> Result<()> {
    let first = fs::read_dir(dir).map(|mut entries| entries.next());
    match first {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(PostgresError::Foreign(dir.to_path_buf())),
        Err(refused) => match refused.kind() {
            io::ErrorKind::NotFound => Ok(()),
            io::ErrorKind::PermissionDenied => Err(PostgresError::OtherUser(dir.to_path_buf())),
            _ => Err(io_error(format!("read {}", dir.display()))(refused)),
        },
    }
}

pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => {
            Err(io_error(format!("remove {}", path.display()))(refused))
        }
        _ => Ok(()),
    }
}

/// FNV-1a: the same directory gets the same short name in every build, which the standard hasher does not promise.
pub(crate) fn hash(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
