//! Tests of `open`: what it accepts, what it refuses, and with which words.

use std::os::unix::fs::symlink;

use crate::error::Class;
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::number::wide;
use crate::package::Package;
use crate::package::PackageKind;
use crate::package::open::{begins_like_a_model, stem};
use crate::package::tests::made;
use std::fs;
use std::path::Path;

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn open(path: &Path) -> Result<Package, Error> {
    let scratch = scratch();
    Package::open(path, scratch.path(), &Limits::default())
}

#[test]
fn what_it_is_is_told_by_its_bytes() {
    let home = scratch();
    let folder = home.path().join("folder.zip");
    made::write(&folder, &made::files());
    let zip = home.path().join("zip.mlmodel");
    fs::write(&zip, made::zip(&made::entries("Net.mlpackage/"))).unwrap();
    let single = home.path().join("single.mlpackage");
    fs::write(&single, b"\x08\x07\x12\x00").unwrap();
    for (path, kind, name, files) in [
        (&folder, PackageKind::Mlpackage, "folder", 4),
        (&zip, PackageKind::Mlpackage, "Net", 4),
        (&single, PackageKind::Mlmodel, "single", 1),
    ] {
        let package = open(path).unwrap();
        assert_eq!(
            (package.kind(), package.name(), package.files().len()),
            (kind, name, files)
        );
    }
    let (folder, zip, single) = (
        open(&folder).unwrap(),
        open(&zip).unwrap(),
        open(&single).unwrap(),
    );
    assert_eq!(folder.digest(), zip.digest());
    assert_eq!(single.digest(), single.model().sha256());
    assert_eq!(&*folder.model().bytes, b"\x08\x07\x12\x00");
}

#[test]
fn what_is_no_package_is_refused() {
    let home = scratch();
    let path = home.path().join("x");
    for content in [
        &b""[..],
        b"hello\n",
        b"PK",
        b"PK\x05\x07aaaa",
        b"\0\0\0\0",
        &[0xff; 64],
        b"{\"fileFormatVersion\"",
        b"\x1f\x8b\x08",
    ] {
        fs::write(&path, content).unwrap();
        assert!(
            matches!(open(&path), Err(Error::NotAPackage { .. })),
            "{content:?}"
        );
    }
    for (missing, class) in [
        (home.path().join("nowhere"), Class::Io),
        (path.join("below a file"), Class::Io),
    ] {
        let error = open(&missing).unwrap_err();
        assert!(matches!(error, Error::NotFound { .. }), "{error}");
        assert_eq!(error.class(), class);
    }
}

#[test]
fn a_model_begins_with_a_field_that_models_have() {
    let tags: [(&[u8], bool); 9] = [
        (b"\x08\x07", true),          // version
        (b"\x12\x00", true),          // description
        (b"\xb2\x1f\x00", true),      // mlProgram
        (b"\xa2\x1f\x00", true),      // neuralNetwork
        (b"\xc2\xbb\x01\x00", true),  // serializedModel
        (b"\x0a\x00", false),         // version with a length
        (b"\x1a\x00", false),         // field 3
        (b"\xff\xff\xff\xff", false), // no tag
        (b"\x80", false),             // cut
    ];
    for (bytes, is_model) in tags {
        assert_eq!(begins_like_a_model(bytes), is_model, "{bytes:?}");
    }
}

#[test]
fn links_and_litter_in_folders() {
    let home = scratch();
    let folder = home.path().join("x.mlpackage");
    made::write(&folder, &made::files());
    let digest = open(&folder).unwrap().digest();
    made::write(
        &folder,
        &[
            (".DS_Store", b"x".to_vec()),
            ("Data/._a", b"x".to_vec()),
            ("__MACOSX/a", b"x".to_vec()),
        ],
    );
    assert_eq!(open(&folder).unwrap().digest(), digest);

    symlink(&folder, home.path().join("link to the package")).unwrap();
    assert_eq!(
        open(&home.path().join("link to the package"))
            .unwrap()
            .digest(),
        digest
    );

    for target in ["Manifest.json", ".", "/", "nowhere", "Data/link"] {
        let link = folder.join("Data/link");
        symlink(target, &link).unwrap();
        assert_eq!(
            open(&folder).unwrap_err().to_string(),
            "a link: Data/link: packages must not contain links"
        );
        fs::remove_file(&link).unwrap();
    }
    let socket = std::os::unix::net::UnixListener::bind(folder.join("Data/socket")).unwrap();
    assert!(matches!(open(&folder), Err(Error::SpecialFile { .. })));
    drop(socket);
}

#[test]
fn the_manifest_is_followed() {
    let home = scratch();
    let rows = [
        (
            "com.apple.CoreML/net v1.mlmodel\"",
            "com.apple.CoreML/weights\"",
            "no root model: Data/com.apple.CoreML/weights: it is a folder",
        ),
        (
            "org.example/notes.txt",
            "gone.txt",
            "bad manifest: Data/gone.txt: an item of the manifest is not in the package",
        ),
        (
            "com.apple.CoreML/weights\"",
            "com.apple.CoreML/weight\"",
            "bad manifest: Data/com.apple.CoreML/weight: an item of the manifest is not in the package",
        ),
    ];
    for (row, (old, new, message)) in rows.into_iter().enumerate() {
        let folder = home.path().join(row.to_string());
        made::write(
            &folder,
            &made::files_with(
                "Manifest.json",
                made::MANIFEST.replacen(old, new, 1).as_bytes(),
            ),
        );
        assert_eq!(open(&folder).unwrap_err().to_string(), message);
    }
    let other_root = made::MANIFEST.replace(
        "\"rootModelIdentifier\": \"M\"",
        "\"rootModelIdentifier\": \"N\"",
    );
    let folder = home.path().join("other root");
    made::write(
        &folder,
        &made::files_with("Manifest.json", other_root.as_bytes()),
    );
    assert_eq!(
        open(&folder).unwrap().model().path,
        "Data/org.example/notes.txt"
    );
}

#[test]
fn an_empty_weights_folder_is_a_folder() {
    let home = scratch();
    let mut files = made::files();
    files.retain(|(path, _)| *path != made::WEIGHTS);
    made::write(home.path(), &files);
    let weights = home.path().join("Data/com.apple.CoreML/weights");
    assert!(matches!(open(home.path()), Err(Error::Manifest { .. })));
    fs::create_dir(&weights).unwrap();
    let package = open(home.path()).unwrap();
    assert_eq!(package.empty_folders(), ["Data/com.apple.CoreML/weights"]);
    assert_eq!(
        package.zip_entries().last().unwrap().path,
        "Data/com.apple.CoreML/weights/"
    );
}

#[test]
fn each_limit_of_a_folder_has_its_own_error() {
    type Set = fn(&mut Limits, u64);
    let home = scratch();
    made::write(home.path(), &made::files());
    let total = made::files()
        .iter()
        .map(|(_, bytes)| wide(bytes.len()))
        .sum();
    // What passes at this number is refused one below it.
    let rows: [(Set, u64, Limit); 9] = [
        (
            |limits, most| limits.package_files = most,
            8,
            Limit::PackageFiles,
        ),
        (
            |limits, most| limits.package_bytes = most,
            total,
            Limit::PackageBytes,
        ),
        (
            |limits, most| limits.file_bytes = most,
            5_000,
            Limit::FileBytes,
        ),
        (
            |limits, most| limits.path_bytes = most,
            40,
            Limit::PathBytes,
        ),
        (|limits, most| limits.path_depth = most, 4, Limit::PathDepth),
        (
            |limits, most| limits.manifest_bytes = most,
            wide(made::MANIFEST.len()),
            Limit::ManifestBytes,
        ),
        (
            |limits, most| limits.manifest_depth = most,
            3,
            Limit::ManifestDepth,
        ),
        (
            |limits, most| limits.manifest_items = most,
            3,
            Limit::ManifestItems,
        ),
        (
            |limits, most| limits.model_bytes = most,
            4,
            Limit::ModelBytes,
        ),
    ];
    for (set, enough, wanted) in rows {
        let mut limits = Limits::default();
        set(&mut limits, enough);
        Package::open_folder(home.path(), &limits).unwrap();
        set(&mut limits, enough.saturating_sub(1));
        match Package::open_folder(home.path(), &limits) {
            Err(error @ Error::TooMuch { limit, .. }) if limit == wanted => {
                assert!(
                    error
                        .to_string()
                        .ends_with(&format!("(limits.{})", wanted.key())),
                    "{error}"
                );
                assert_eq!(error.class(), Class::Malformed);
            }
            other => panic!("{wanted:?}: {other:?}"),
        }
    }
}

#[test]
fn a_name_loses_the_extensions_that_say_what_it_is() {
    for (path, name) in [
        ("a/Net.mlpackage", "Net"),
        ("a/Net.mlpackage/", "Net"),
        ("Net.mlpackage.ZIP", "Net"),
        ("v1.2.mlmodel", "v1.2"),
        (".zip", ".zip"),
        ("plain", "plain"),
    ] {
        assert_eq!(stem(Path::new(path)), name);
    }
}
