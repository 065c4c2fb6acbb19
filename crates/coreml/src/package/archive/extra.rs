//! The extra field of a header: 64-bit sizes, the other spelling of a name, and signs of encryption.
//!
//! It has to be well formed, since readers differ in what they make of one that is not. Fields that we do not know
//! (times, owners, alignment) are passed over.

use super::fields::Fields;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;
const AES: u16 = 0x9901;

/// What an extra field says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extra<'a> {
    /// The content of the zip64 field.
    pub(super) zip64: Option<&'a [u8]>,
    /// The name in UTF-8 that belongs to the header's name, whose CRC-32 is before it.
    pub(super) unicode_path: Option<(u32, &'a [u8])>,
    /// Whether the entry is encrypted with AES.
    pub(super) aes: bool,
}

/// Sizes and offset of a header; 32-bit fields that are full are in the zip64 field instead, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) unpacked_bytes: u64,
    pub(super) packed_bytes: u64,
    pub(super) header_at: u64,
}

/// Reads an extra field.
pub(super) fn parse(bytes: &[u8]) -> Result<Extra<'_>, &'static str> {
    const BROKEN: &str = "its extra field is longer than its space";
    let mut extra = Extra::default();
    let mut fields = Fields(bytes);
    while !fields.0.is_empty() {
        let id = fields.u16().ok_or(BROKEN)?;
        let length = fields.u16().ok_or(BROKEN)?;
        let mut content = Fields(fields.bytes(length).ok_or(BROKEN)?);
        match id {
            ZIP64 if extra.zip64.is_some() => return Err("it has two zip64 fields"),
            ZIP64 => extra.zip64 = Some(content.0),
            UNICODE_PATH if extra.unicode_path.is_some() => return Err("it has two Unicode names"),
            UNICODE_PATH => {
                let (Some(_version), Some(crc32)) = (content.bytes(1), content.u32()) else {
                    return Err("its Unicode name is cut");
                };
                extra.unicode_path = Some((crc32, content.0));
            }
            AES => extra.aes = true,
            _ => {}
        }
    }
    Ok(extra)
}

impl Extra<'_> {
    /// The sizes with the 64-bit values where the 32-bit ones are full.
    pub(super) fn sizes(
        &self,
        unpacked: u32,
        packed: u32,
        header_at: u32,
    ) -> Result<Sizes, &'static str> {
        let mut zip64 = Fields(self.zip64.unwrap_or_default());
        let mut wide = |narrow: u32| match (narrow, self.zip64) {
            (u32::MAX, Some(_)) => zip64.u64().ok_or("its zip64 field is too short"),
            _ => Ok(narrow.into()),
        };
        Ok(Sizes {
            unpacked_bytes: wide(unpacked)?,
            packed_bytes: wide(packed)?,
            header_at: wide(header_at)?,
        })
    }
}
