use std::path::PathBuf;

use super::*;

/// A directory of its own for each test, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("accord-unit-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&dir));
        Self(dir)
    }

    fn open(&self) -> Cluster {
        Cluster::open(&self.0, Durability::Throwaway).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn answers(url: &str) -> bool {
    let psql = find_binaries()[0].program("psql");
    Command::new(psql).args(["-X", "-A", "-t", "-c", "select 1", "-d", url]).output().unwrap().status.success()
}

#[test]
fn both_roles_reach_the_database_and_whoever_leaves_last_stops_it() {
    let place = Place::new("shared");
    let (first, second) = (place.open(), place.open());
    let urls = first.urls();
    assert!(answers(&urls.owner) && answers(&urls.app));
    first.stop().unwrap();
    assert!(answers(&urls.app), "the second user still needs it");
    drop(second);
    assert!(!answers(&urls.app));
}

#[test]
fn a_killed_server_is_started_again() {
    let place = Place::new("killed");
    let cluster = place.open();
    let pid_file = fs::read_to_string(place.0.join("data/postmaster.pid")).unwrap();
    Command::new("kill").args(["-9", pid_file.lines().next().unwrap()]).status().unwrap();
    drop(cluster);
    assert!(answers(&place.open().urls().app));
}

#[test]
fn a_foreign_directory_is_refused_and_left_alone() {
    let place = Place::new("foreign");
    fs::create_dir(&place.0).unwrap();
    fs::write(place.0.join("thesis.txt"), "years of work").unwrap();
    let before = fs::metadata(&place.0).unwrap().permissions();
    assert!(matches!(Cluster::open(&place.0, Durability::Throwaway), Err(PostgresError::Foreign(_))));
    assert_eq!(fs::metadata(&place.0).unwrap().permissions(), before);
    assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);
}

#[test]
fn a_layout_of_another_version_is_refused() {
    let place = Place::new("layout");
    fs::create_dir(&place.0).unwrap();
    fs::write(place.0.join("ACCORD"), "2").unwrap();
    let refused = Cluster::open(&place.0, Durability::Throwaway);
    assert!(matches!(refused, Err(PostgresError::OtherLayout { found, .. }) if found == "2"));
}

#[test]
fn a_path_that_libpq_would_misread_is_not_used_for_the_socket() {
    assert!(usable_for_socket(Path::new("/srv/accord/.data/socket")));
    assert!(!usable_for_socket(Path::new("/srv/a, b/.data/socket")));
    assert!(!usable_for_socket(&Path::new("/srv").join("a".repeat(100))));
}
