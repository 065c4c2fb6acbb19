//! The weight records that a program names: none may take bytes of another.

use std::collections::BTreeMap;

use crate::blob::{HEADER_BYTES, Record};
use crate::{Error, Package};

/// Records by file and offset.
#[derive(Debug, Default)]
pub(super) struct Records(BTreeMap<(usize, u64), Record>);

impl Records {
    /// Notes a record; one that several constants share is noted once.
    pub(super) fn note(&mut self, file_index: usize, record: Record) {
        self.0.insert((file_index, record.offset), record);
    }

    /// Whether headers and data of all records lie apart.
    pub(super) fn apart(&self, package: &Package) -> Result<(), Error> {
        let mut taken: Vec<(usize, u64, u64, u64)> =
            Vec::with_capacity(self.0.len().saturating_mul(2));
        for ((file, offset), record) in &self.0 {
            taken.push((*file, *offset, offset.saturating_add(HEADER_BYTES), *offset));
            if record.size_bytes > 0 {
                taken.push((*file, record.data_offset, record.end(), *offset));
            }
        }
        taken.sort_unstable();
        for pair in taken.windows(2) {
            if let [first, second] = pair
                && first.0 == second.0
                && first.2 > second.1
            {
                let path = package
                    .files()
                    .get(first.0)
                    .map_or("", |file| file.path.as_str());
                return Err(Error::BlobOverlap {
                    place: path.into(),
                    offset: second.3,
                    other: first.3,
                });
            }
        }
        Ok(())
    }
}
