//! Any bytes as the model file of a package whose other files are good: well-formedness, spans, verification.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

static PACKAGE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile/base.mlpackage");
    let data = "Data/com.apple.CoreML";
    std::fs::create_dir_all(folder.path().join(data).join("weights")).expect("a folder");
    for file in ["Manifest.json".to_owned(), format!("{data}/weights/weight.bin")] {
        std::fs::copy(base.join(&file), folder.path().join(&file)).expect("a copy");
    }
    folder
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = coreml::Limits::default();
    if coreml::wire::check(bytes, &limits).is_ok() {
        let same = coreml::wire::splice(bytes, &[]).expect("no edits always fit");
        assert_eq!(same, bytes);
    }
    std::fs::write(PACKAGE.path().join("Data/com.apple.CoreML/model.mlmodel"), bytes).expect("a file");
    if let Ok(package) = coreml::Package::open_folder(PACKAGE.path(), &limits) {
        let _document = coreml::program::Document::open(&package, &limits);
    }
});
