//! Any bytes as a weight file; and codes of any width survive packing.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(storage) = coreml::blob::Storage::open("weight.bin", bytes) {
        for record in storage.records().take(1000).flatten() {
            assert!(storage.data(&record).len() as u64 <= bytes.len() as u64);
        }
        for offset in (0..4096).step_by(64) {
            let _record = storage.record(offset);
        }
    }
    for bits in [1, 2, 3, 4, 6, 8] {
        let codes: Vec<u8> = bytes.iter().map(|byte| byte & (0xff >> (8 - bits))).collect();
        assert_eq!(coreml::blob::unpack(&coreml::blob::pack(&codes, bits), bits, codes.len()), codes);
    }
});
