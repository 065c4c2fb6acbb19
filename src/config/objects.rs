//! Section `objects`: where the bytes of packages are.

use super::value::{Auto, ObjectsUrl};

section! {
    /// The object store. Endpoint and credentials of S3, Google Cloud and Azure come from the provider's usual
    /// environment variables, such as `AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, `AWS_ALLOW_HTTP`.
    pub struct Objects in objects {
        /// `file:///PATH`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`.
        /// "auto" is a folder in `data.folder`.
        url: Auto<ObjectsUrl> = Auto::Auto,
        /// Hours that bytes are kept which no revision names: time for what is on its way, and for a restored database.
        sweep_after_hours: u64 = 24,
        /// Minutes between two sweeps.
        sweep_every_minutes: u64 = 60,
    }
}
