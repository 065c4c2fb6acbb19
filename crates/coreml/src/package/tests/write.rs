//! Tests of `write`: what it accepts, what it refuses, and with which words.

use crate::error::Error;
use crate::limits::Limits;
use crate::package::tests::made;
use crate::package::{Package, PackageKind, PackageWriter, Publish};
use std::fs;
use std::io::Write;
use std::path::Path;

fn source() -> (tempfile::TempDir, Package) {
    let home = tempfile::tempdir().unwrap();
    made::write(home.path(), &made::files());
    fs::create_dir_all(home.path().join("Data/empty/inside")).unwrap();
    let package = Package::open_folder(home.path(), &Limits::default()).unwrap();
    (home, package)
}

fn copy_all_but(writer: &mut PackageWriter, package: &Package, changed: &str) {
    for file in package.files().iter().filter(|file| file.path != changed) {
        writer.copy(file).unwrap();
    }
    for folder in package.empty_folders() {
        writer.folder(folder).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_is_the_same_package() {
    let (_home, package) = source();
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("copy.mlpackage");
    let mut writer = PackageWriter::create(&target, PackageKind::Mlpackage, Publish::New).unwrap();
    copy_all_but(&mut writer, &package, "");
    assert!(!target.exists(), "nothing is visible before the end");
    writer.finish().unwrap();
    let copy = Package::open_folder(&target, &Limits::default()).unwrap();
    assert_eq!(
        (copy.digest(), copy.empty_folders()),
        (package.digest(), package.empty_folders())
    );
    assert_eq!(names(out.path()), ["copy.mlpackage"]);
}

#[test]
fn changed_files_are_written_by_the_caller() {
    let (_home, package) = source();
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("changed.mlpackage");
    let mut writer = PackageWriter::create(&target, PackageKind::Mlpackage, Publish::New).unwrap();
    copy_all_but(&mut writer, &package, made::WEIGHTS);
    writer
        .file(made::WEIGHTS)
        .unwrap()
        .write_all(b"new")
        .unwrap();
    assert!(
        writer.file(made::WEIGHTS).is_err(),
        "a file is written once"
    );
    for path in ["../x", "/x", "a/../../x", ""] {
        assert!(
            matches!(writer.file(path), Err(Error::UnsafePath { .. })),
            "{path}"
        );
        assert!(
            matches!(writer.folder(path), Err(Error::UnsafePath { .. })),
            "{path}"
        );
    }
    writer.finish().unwrap();
    assert_eq!(fs::read(target.join(made::WEIGHTS)).unwrap(), b"new");
    assert_eq!(
        fs::read(target.join(made::MODEL)).unwrap(),
        *package.model().bytes
    );
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let (_home, package) = source();
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("x.mlpackage");
    let mut writer = PackageWriter::create(&target, PackageKind::Mlpackage, Publish::New).unwrap();
    copy_all_but(&mut writer, &package, "");
    drop(writer);
    assert_eq!(names(out.path()), [""; 0]);
}

#[test]
fn a_taken_target_is_refused_or_replaced() {
    let out = tempfile::tempdir().unwrap();
    let target = out.path().join("x");
    let write = |publish, content: &[u8]| {
        let mut writer = PackageWriter::create(&target, PackageKind::Mlmodel, publish)?;
        writer.file("model.mlmodel")?.write_all(content).unwrap();
        writer.finish()
    };
    write(Publish::Replace, b"first").unwrap();
    assert!(matches!(
        write(Publish::New, b"second"),
        Err(Error::Exists { .. })
    ));
    assert_eq!(fs::read(&target).unwrap(), b"first");
    write(Publish::Replace, b"third").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"third");

    // A folder takes the place of a file, and a target that came up meanwhile is not touched.
    let writer = PackageWriter::create(&target, PackageKind::Mlpackage, Publish::Replace).unwrap();
    writer.finish().unwrap();
    assert!(target.is_dir());
    let late = out.path().join("late");
    let writer = PackageWriter::create(&late, PackageKind::Mlpackage, Publish::New).unwrap();
    fs::create_dir(&late).unwrap();
    assert!(matches!(writer.finish(), Err(Error::Exists { .. })));
    assert_eq!(names(out.path()), ["late", "x"]);
}

#[test]
fn a_target_without_a_parent_is_an_error_of_the_file_system() {
    let out = tempfile::tempdir().unwrap();
    let error = PackageWriter::create(
        &out.path().join("no/where"),
        PackageKind::Mlpackage,
        Publish::New,
    )
    .unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}
