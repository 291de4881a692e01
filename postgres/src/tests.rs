use std::path::PathBuf;

use super::*;

/// A temporary directory for one test, removed when dropped.
struct TestDir(PathBuf);

impl TestDir {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("accord-unit-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&dir));
        Self(dir)
    }

    fn open(&self) -> Cluster {
        Cluster::open(&self.0, Durability::Throwaway).unwrap()
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn is_reachable(url: &str) -> bool {
    let psql = find_binaries()[0].program("psql");
    Command::new(psql).args(["-X", "-A", "-t", "-c", "select 1", "-d", url]).output().unwrap().status.success()
}

#[test]
fn both_roles_reach_the_database_and_the_last_user_stops_it() {
    let dir = TestDir::new("shared");
    let (first, second) = (dir.open(), dir.open());
    let urls = first.urls();
    assert!(is_reachable(&urls.owner) && is_reachable(&urls.app));
    first.stop().unwrap();
    assert!(is_reachable(&urls.app), "the second user still needs it");
    drop(second);
    assert!(!is_reachable(&urls.app));
}

#[test]
fn a_killed_server_is_started_again() {
    let dir = TestDir::new("killed");
    let cluster = dir.open();
    let pid_file = fs::read_to_string(dir.0.join("data/postmaster.pid")).unwrap();
    Command::new("kill").args(["-9", pid_file.lines().next().unwrap()]).status().unwrap();
    drop(cluster);
    assert!(is_reachable(&dir.open().urls().app));
}

#[test]
fn a_foreign_directory_is_rejected_and_left_unchanged() {
    let dir = TestDir::new("foreign");
    fs::create_dir(&dir.0).unwrap();
    fs::write(dir.0.join("thesis.txt"), "years of work").unwrap();
    let before = fs::metadata(&dir.0).unwrap().permissions();
    assert!(matches!(Cluster::open(&dir.0, Durability::Throwaway), Err(PostgresError::Foreign(_))));
    assert_eq!(fs::metadata(&dir.0).unwrap().permissions(), before);
    assert_eq!(fs::read_dir(&dir.0).unwrap().count(), 1);
}

#[test]
fn another_layout_version_is_rejected() {
    let dir = TestDir::new("layout");
    fs::create_dir(&dir.0).unwrap();
    fs::write(dir.0.join("ACCORD"), "2").unwrap();
    let result = Cluster::open(&dir.0, Durability::Throwaway);
    assert!(matches!(result, Err(PostgresError::OtherLayout { found, .. }) if found == "2"));
}

#[test]
fn a_path_that_libpq_would_misread_is_not_used_for_the_socket() {
    assert!(usable_for_socket(Path::new("/srv/accord/.data/socket")));
    assert!(!usable_for_socket(Path::new("/srv/a, b/.data/socket")));
    assert!(!usable_for_socket(&Path::new("/srv").join("a".repeat(100))));
}
