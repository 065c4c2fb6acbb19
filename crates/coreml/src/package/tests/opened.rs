//! Tests of `opened`: what it accepts, what it refuses, and with which words.

use crate::limits::Limits;
use crate::package::tests::made;
use crate::package::{Digest, Package, PackageFile};

fn package(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Package) {
    let home = tempfile::tempdir().unwrap();
    made::write(home.path(), files);
    let package = Package::open_folder(home.path(), &Limits::default()).unwrap();
    (home, package)
}

#[test]
fn packages_go_between_threads() {
    fn check<T: Send + Sync + Clone>() {}
    check::<Package>();
}

#[test]
fn the_digest_is_the_canonical_one() {
    // Golden values of an independent implementation (Python's hashlib) over the same files.
    let (_home, package) = package(&made::files());
    assert_eq!(package.digest().to_string(), GOLDEN);
    assert_eq!(package.digest().to_string().parse(), Ok(package.digest()));
    assert_eq!(
        package.size_bytes(),
        package
            .files()
            .iter()
            .map(PackageFile::size_bytes)
            .sum::<u64>()
    );
}

const GOLDEN: &str = "sha256:2f49f6909685514e81fa659754a34a1c3f815ad84f6a49723e943a6a869cd766";

#[test]
fn digests_are_parsed_strictly() {
    let good = format!("sha256:{}", "0f".repeat(32));
    assert_eq!(good.parse::<Digest>().unwrap().to_string(), good);
    for bad in [
        "",
        "sha256:",
        &good[..70],
        &good[7..],
        &good.to_uppercase(),
        &format!("{good}0"),
        &format!("sha256:{}", "0g".repeat(32)),
        &format!("sha256:{}", "é".repeat(32)),
    ] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
    }
}

#[test]
fn sums_of_large_files_are_those_of_their_bytes() {
    let bytes: Vec<u8> = (0..=250).cycle().take(9 << 20).collect();
    let (_home, package) = package(&made::files_with(made::WEIGHTS, &bytes));
    let file = package.file(made::WEIGHTS).unwrap();
    assert_eq!(
        (file.sha256(), file.crc32()),
        (Digest::of(&bytes), crc32fast::hash(&bytes))
    );
    assert_eq!(&*file.bytes, bytes);
}

#[test]
fn blob_references_are_resolved_inside_the_package() {
    let mut files = made::files_with("Data/com.apple.CoreML/extra.bin", b"x");
    files.push((
        "Data/com.apple.CoreML/weights/deep/other.bin",
        b"y".to_vec(),
    ));
    let (_home, package) = package(&files);
    let rows = [
        ("@model_path/weights/weight.bin", Ok(made::WEIGHTS)),
        (
            "@model_path/extra.bin",
            Ok("Data/com.apple.CoreML/extra.bin"),
        ),
        (
            "@model_path/weights/deep/other.bin",
            Ok("Data/com.apple.CoreML/weights/deep/other.bin"),
        ),
        // Only coremltools finds this one.
        ("@model_path/elsewhere/weight.bin", Ok(made::WEIGHTS)),
        (
            "@model_path/net v1.mlmodel",
            Err("it is the model file itself"),
        ),
        ("@model_path/weights", Err("the package has no such file")),
        (
            "@model_path/weights/gone.bin",
            Err("the package has no such file"),
        ),
        (
            "@model_path/weights/WEIGHT.bin",
            Err("the package has no such file"),
        ),
        (
            "@model_path/../com.apple.CoreML/weights/weight.bin",
            Err("it has an empty part, or one that is . or .."),
        ),
        ("@model_path//etc/passwd", Err("it is absolute")),
        (
            "@model_path/weights/weight.bin\0.txt",
            Err("it has control characters"),
        ),
        ("@model_path/", Err("it is empty")),
        ("@model_path", Err("it does not begin with @model_path/")),
        (
            "weights/weight.bin",
            Err("it does not begin with @model_path/"),
        ),
        ("/dev/zero", Err("it does not begin with @model_path/")),
        ("", Err("it does not begin with @model_path/")),
    ];
    for (reference, wanted) in rows {
        match (package.blob_file(reference), wanted) {
            (Ok(file), Ok(path)) => assert_eq!(file.path, path),
            (Err(error), Err(why)) => assert!(
                error.to_string().starts_with("bad blob file: ")
                    && error.to_string().ends_with(why),
                "{error}"
            ),
            (got, wanted) => panic!("{reference}: {got:?}, wanted {wanted:?}"),
        }
    }
}
