//! Any bytes as an upload: a zip, a single model, or neither. Whatever happens, nothing stays in the scratch folder.
#![no_main]

use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = coreml::Limits { archive_unpacked_bytes: 1 << 20, ..coreml::Limits::default() };
    let (upload, scratch) = (FOLDER.path().join("upload"), FOLDER.path().join("scratch"));
    std::fs::create_dir_all(&scratch).expect("a folder");
    std::fs::write(&upload, bytes).expect("a file");
    if let Ok(package) = coreml::Package::open(&upload, &scratch, &limits) {
        let _digest = package.digest();
        let _document = coreml::program::Document::open(&package, &limits);
    }
    assert_eq!(std::fs::read_dir(&scratch).expect("a folder").count(), 0, "something was left");
});
