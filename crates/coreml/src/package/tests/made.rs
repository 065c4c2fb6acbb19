//! Packages and archives that tests make: good ones, and ones that lie in one chosen field.
#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

use std::fs;
use std::path::Path;

pub(crate) const MANIFEST: &str = r#"{
  "fileFormatVersion": "1.0.0",
  "itemInfoEntries": {
    "M": {"author": "com.apple.CoreML", "description": "model", "name": "net v1.mlmodel", "path": "com.apple.CoreML/net v1.mlmodel"},
    "N": {"author": "org.example", "name": "notes", "path": "org.example/notes.txt"},
    "W": {"author": "com.apple.CoreML", "description": "weights", "name": "weights", "path": "com.apple.CoreML/weights"}
  },
  "rootModelIdentifier": "M",
  "x-unknown": [1, {"keep": null}]
}"#;
pub(crate) const MODEL: &str = "Data/com.apple.CoreML/net v1.mlmodel";
pub(crate) const WEIGHTS: &str = "Data/com.apple.CoreML/weights/weight.bin";

/// The files of a small good package whose model has an unusual name, sorted by path.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (MODEL, b"\x08\x07\x12\x00".to_vec()),
        (WEIGHTS, (0..=255).cycle().take(5_000).collect()),
        ("Data/org.example/notes.txt", b"kept".to_vec()),
        ("Manifest.json", MANIFEST.as_bytes().to_vec()),
    ]
}

/// The files with one of them replaced or added.
pub(crate) fn files_with(path: &'static str, bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut files: Vec<_> = files()
        .into_iter()
        .filter(|(other, _)| *other != path)
        .collect();
    files.push((path, bytes.to_vec()));
    files.sort();
    files
}

/// Writes files below a folder.
pub(crate) fn write(folder: &Path, files: &[(&str, Vec<u8>)]) {
    fs::create_dir_all(folder).unwrap();
    for (path, bytes) in files {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

/// An entry of an archive; every field goes into the headers as it is.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// In the directory, where it should be the same.
    pub(crate) directory_name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc32: u32,
    pub(crate) packed: u32,
    pub(crate) unpacked: u32,
    pub(crate) local_unpacked: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) attributes: u32,
    /// Written behind the data.
    pub(crate) descriptor: Vec<u8>,
    /// Instead of where it is.
    pub(crate) header_at: Option<u32>,
}

/// A stored entry that tells the truth.
pub(crate) fn stored(name: &str, content: &[u8]) -> Entry {
    let length = u32::try_from(content.len()).unwrap();
    Entry {
        name: name.into(),
        directory_name: name.into(),
        data: content.to_vec(),
        flags: 0,
        method: 0,
        crc32: crc32fast::hash(content),
        packed: length,
        unpacked: length,
        local_unpacked: length,
        extra: Vec::new(),
        attributes: 0o100_644 << 16,
        descriptor: Vec::new(),
        header_at: None,
    }
}

/// A deflated entry that tells the truth.
pub(crate) fn deflated(name: &str, content: &[u8]) -> Entry {
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut data = Vec::with_capacity(content.len() + 1_000);
    deflate
        .compress_vec(content, &mut data, flate2::FlushCompress::Finish)
        .unwrap();
    let packed = u32::try_from(data.len()).unwrap();
    Entry {
        data,
        method: 8,
        packed,
        ..stored(name, content)
    }
}

/// The good package below `top`, every second file deflated.
pub(crate) fn entries(top: &str) -> Vec<Entry> {
    let name = |path: &str| format!("{top}{path}");
    let entry = |(index, (path, bytes)): (usize, (&str, Vec<u8>))| match index % 2 {
        0 => stored(&name(path), &bytes),
        _ => deflated(&name(path), &bytes),
    };
    files().into_iter().enumerate().map(entry).collect()
}

/// The numbers of an end record, to be lied about.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) disk: u16,
    pub(crate) here: u16,
    pub(crate) entries: u16,
    pub(crate) bytes: u32,
    pub(crate) at: u32,
    /// Written between the directory and the end record.
    pub(crate) before: Vec<u8>,
    pub(crate) comment: Vec<u8>,
}

pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    zip_with(entries, |_| {})
}

/// An archive whose end record is changed by `lie`.
pub(crate) fn zip_with(entries: &[Entry], lie: impl FnOnce(&mut End)) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for entry in entries {
        let at = entry.header_at.unwrap_or(u32::try_from(out.len()).unwrap());
        put(
            &mut out,
            &[&0x0403_4b50_u32.to_le_bytes(), &20_u16.to_le_bytes()],
        );
        put_common(&mut out, entry, entry.local_unpacked, &entry.name);
        put(
            &mut out,
            &[&entry.name, &entry.extra, &entry.data, &entry.descriptor],
        );
        put(
            &mut directory,
            &[&0x0201_4b50_u32.to_le_bytes(), &[20, 3, 20, 0]],
        );
        put_common(&mut directory, entry, entry.unpacked, &entry.directory_name);
        put(
            &mut directory,
            &[&[0; 6], &entry.attributes.to_le_bytes(), &at.to_le_bytes()],
        );
        put(&mut directory, &[&entry.directory_name, &entry.extra]);
    }
    let count = u16::try_from(entries.len()).unwrap();
    let (bytes, at) = (
        u32::try_from(directory.len()).unwrap(),
        u32::try_from(out.len()).unwrap(),
    );
    let mut end = End {
        disk: 0,
        here: count,
        entries: count,
        bytes,
        at,
        before: Vec::new(),
        comment: Vec::new(),
    };
    lie(&mut end);
    let comment = u16::try_from(end.comment.len()).unwrap();
    put(
        &mut out,
        &[
            &directory,
            &end.before,
            &0x0605_4b50_u32.to_le_bytes(),
            &end.disk.to_le_bytes(),
            &[0; 2],
        ],
    );
    put(
        &mut out,
        &[
            &end.here.to_le_bytes(),
            &end.entries.to_le_bytes(),
            &end.bytes.to_le_bytes(),
            &end.at.to_le_bytes(),
        ],
    );
    put(&mut out, &[&comment.to_le_bytes(), &end.comment]);
    out
}

fn put_common(out: &mut Vec<u8>, entry: &Entry, unpacked: u32, name: &[u8]) {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_le_bytes();
    put(
        out,
        &[
            &entry.flags.to_le_bytes(),
            &entry.method.to_le_bytes(),
            &[0, 0, 0x21, 0],
            &entry.crc32.to_le_bytes(),
        ],
    );
    put(
        out,
        &[
            &entry.packed.to_le_bytes(),
            &unpacked.to_le_bytes(),
            &length(name),
            &length(&entry.extra),
        ],
    );
}

pub(crate) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}
