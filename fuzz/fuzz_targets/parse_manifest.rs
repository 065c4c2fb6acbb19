//! Any bytes as `Manifest.json`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = coreml::package::Manifest::parse(bytes, &coreml::Limits::default()) {
        let _root = manifest.root_item();
        let _weights = manifest.weights_item();
    }
});
