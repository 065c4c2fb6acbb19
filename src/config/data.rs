//! Section `data`: the folder of the embedded default.

use std::path::PathBuf;

section! {
    /// The folder of the embedded database, object store and temporary files.
    pub struct Data in data {
        /// Created with mode 0700 when it is missing. Only what is "auto" below lives in it.
        folder: PathBuf = PathBuf::from("coreanvil-data"),
    }
}
