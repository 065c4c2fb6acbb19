//! What the checker knows of a message: the shape of the generated tables in `spec`.
//!
//! The tables are made from `proto/` by the same test that makes the prost types, so the two cannot disagree.

/// A message type.
#[derive(Debug)]
pub(crate) struct Message {
    /// Name for people, for example `Operation`.
    pub(crate) name: &'static str,
    /// Bytes that one decoded message takes before what its vectors and strings hold.
    pub(crate) size_bytes: usize,
    /// Whether it is an entry of a map: its parent may then hold each key only once.
    pub(crate) map_entry: bool,
    /// Its fields, ascending by number.
    pub(crate) fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// Field number.
    pub(crate) number: u32,
    /// Name for people, for example `inputs`.
    pub(crate) name: &'static str,
    /// What its payload is.
    pub(crate) kind: Kind,
    /// Whether it may appear more than once.
    pub(crate) repeated: bool,
    /// Members of one oneof share a number above 0; at most one of them may appear.
    pub(crate) oneof: u8,
}

/// What the payload of a field is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A varint; in a repeated field also a packed run of them. The decoded size is that of one element.
    Varint {
        /// Bytes of a decoded element.
        size_bytes: usize,
    },
    /// Four bytes, or a packed run.
    Fixed32,
    /// Eight bytes, or a packed run.
    Fixed64,
    /// Bytes.
    Bytes,
    /// UTF-8.
    String,
    /// A message.
    Message(&'static Message),
}

impl Message {
    /// The field of that number and its place in the table, or none where `proto/` does not list it.
    pub(crate) fn field(&self, number: u32) -> Option<(usize, &'static Field)> {
        let index = self
            .fields
            .binary_search_by_key(&number, |field| field.number)
            .ok()?;
        Some((index, self.fields.get(index)?))
    }
}
