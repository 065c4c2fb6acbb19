//! Folders of processes that live, end, and were killed.

use std::fs;

use super::super::scratch::Scratch;

#[test]
fn only_the_dead_are_swept() {
    let root = tempfile::tempdir().unwrap();
    let living = Scratch::claim(root.path()).unwrap();
    fs::write(living.path().join("upload"), "x").unwrap();
    // What a killed process leaves is a folder that nobody holds.
    let dead = root.path().join("process-dead");
    fs::create_dir_all(dead.join("fetched-1")).unwrap();
    fs::write(dead.join("fetched-1/weights"), "x").unwrap();
    let strange = root.path().join("somebody-else");
    fs::create_dir(&strange).unwrap();

    let other = Scratch::claim(root.path()).unwrap();
    assert!(!dead.exists() && strange.exists());
    assert!(living.path().join("upload").exists());
    assert_ne!(living.path(), other.path());

    let path = other.path().to_owned();
    drop(other);
    assert!(!path.exists());
}
