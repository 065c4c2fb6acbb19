//! Tests of `names`: what it accepts, what it refuses, and with which words.

use crate::package::names::Entry::{File, Folder};
use crate::package::names::{Entry, Names};

fn insert_all(paths: &[(&str, Entry)]) -> Result<(), String> {
    let mut names = Names::default();
    paths
        .iter()
        .try_for_each(|&(path, entry)| names.insert(path, entry))
        .map_err(|error| error.to_string())
}

#[test]
fn names_that_every_reader_keeps_apart_are_accepted() {
    let rows: [&[(&str, Entry)]; 5] = [
        &[("a", File), ("b", File), ("c/a", File), ("c/b", File)],
        &[("a/b", File), ("a", Folder)],
        &[("a", Folder), ("a/b", Folder), ("a/b/c", File)],
        &[("a/bc", File), ("ab/c", File)],
        &[("a-b/c", File), ("a/b", File), ("a.b", File)],
    ];
    for row in rows {
        assert_eq!(insert_all(row), Ok(()));
    }
}

#[test]
fn names_that_some_reader_takes_for_one_are_refused() {
    let twice = "is there twice";
    let spelling = "differs only in case or Unicode form";
    let rows: [(&[(&str, Entry)], &str); 13] = [
        (&[("a", File), ("a", File)], twice),
        (&[("a", Folder), ("a", Folder)], twice),
        (
            &[("a", File), ("a/b", File)],
            "needs a folder where there is the file",
        ),
        (
            &[("a", File), ("a", Folder)],
            "needs a folder where there is the file",
        ),
        (
            &[("a/b", File), ("a", File)],
            "is a file where there is the folder",
        ),
        (
            &[("a", Folder), ("a", File)],
            "is a file where there is the folder",
        ),
        (
            &[("Manifest.json", File), ("manifest.JSON", File)],
            spelling,
        ),
        (&[("Data/a", File), ("data/b", File)], spelling),
        (&[("\u{e9}", File), ("e\u{301}", File)], spelling),
        (&[("\u{c9}", File), ("e\u{301}", File)], spelling),
        (&[("straße", File), ("STRASSE", File)], spelling),
        (&[("σ", File), ("ς", File)], spelling),
        (&[("\u{212a}", File), ("k", File)], spelling),
    ];
    for (row, why) in rows {
        let error = insert_all(row).unwrap_err();
        assert!(error.contains(why), "{row:?}: {error}");
    }
    assert_eq!(
        insert_all(&[("x/Ab", File), ("x/aB", File)]).unwrap_err(),
        format!("conflicting names: x/aB: {spelling} from x/Ab")
    );
}
