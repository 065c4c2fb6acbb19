//! Tests of `map`: what it accepts, what it refuses, and with which words.

use std::io::Write;

use crate::map::Mapped;

#[test]
fn maps_files_also_empty_ones_and_outlives_them() {
    for content in [&b""[..], b"x", &vec![7; 100_000]] {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let mapped = Mapped::map(&file).unwrap();
        drop(file);
        assert_eq!(&*mapped, content);
        let clone = mapped.clone();
        drop(mapped);
        assert_eq!(&*clone, content);
    }
}

#[test]
fn released_bytes_come_back() {
    let mut file = tempfile::tempfile().unwrap();
    let content: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    file.write_all(&content).unwrap();
    let mapped = Mapped::map(&file).unwrap();
    assert_eq!(&*mapped, content);
    for range in [
        0..1 << 20,
        5..70_000,
        0..0,
        10..usize::MAX,
        (2 << 20)..(3 << 20),
    ] {
        mapped.release(range);
        assert_eq!(&*mapped, content);
    }
}
