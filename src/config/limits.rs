//! Section `limits`: what a request and a package may be. Each limit has an error of its own.

section! {
    /// Limits on input, which is hostile until proven.
    pub struct Limits in limits {
        /// Most bytes of one uploaded package.
        upload_bytes: u64 = 8 * 1024 * 1024 * 1024,
        /// Most bytes of the JSON body of a request.
        request_bytes: u64 = 1024 * 1024,
    }
}
