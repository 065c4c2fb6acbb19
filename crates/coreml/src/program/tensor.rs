//! A constant as bytes: from the model file or from a weight file, without copying where they lie ready.

use std::borrow::Cow;

use super::DataType;

/// A constant tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// Element type.
    pub dtype: DataType,
    /// Extent of each axis; none for a scalar.
    pub shape: Vec<u64>,
    /// Elements in row-major order, little-endian, packed where they are smaller than a byte; of texts nothing.
    pub data: Cow<'a, [u8]>,
    /// Where the data lies.
    pub storage: Stored,
}

/// Where the data of a constant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stored {
    /// In the model file.
    Immediate,
    /// In a weight file.
    Blob {
        /// The file's place among the package's files.
        file_index: usize,
        /// Where the record begins.
        offset: u64,
    },
}

impl Tensor<'_> {
    /// Number of elements; the product was checked when the document was opened.
    pub fn elements(&self) -> u64 {
        self.shape
            .iter()
            .fold(1, |product: u64, extent| product.saturating_mul(*extent))
    }
}
