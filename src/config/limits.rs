//! Section `limits`: what a request and a package may be. Each limit has an error of its own.

use coreml::Limits as Package;

section! {
    /// Limits on input, which is hostile until proven. Each has an error that names it.
    pub struct Limits in limits {
        /// Most bytes of one uploaded package.
        upload_bytes: u64 = 8 << 30,
        /// Hours that a resumable upload may take, from its beginning.
        upload_hours: u64 = 24,
        /// Most bytes of the JSON body of a request.
        request_bytes: u64 = 1 << 20,
        /// Requests a minute of one token, all of which may come at once. Each server counts for itself, here and below.
        requests_per_token: u64 = 60_000,
        /// Requests a minute without a token, of one address (of one /64 network in IPv6).
        requests_per_address: u64 = 12_000,
        /// Requests a minute with a worthless token, of one address; valid tokens are not held up by it.
        failures_per_address: u64 = 60,
        /// Connections at once; one more is answered 503. Each needs a file descriptor (`ulimit -n`).
        connections: u64 = 4_096,
        /// Streams of job events open at once, of one token.
        event_streams_per_token: u64 = 256,
        /// Streams of job events open at once, of all.
        event_streams: u64 = 2_000,
        /// Jobs of one project that are not finished, with all that are still to follow them (`then`); one more is answered
        /// 429. 0 is any number. Counted in the database, for all servers together.
        jobs_in_flight: u64 = 10_000,
        /// Entries of an archive, folders and litter included.
        archive_entries: u64 = Package::default().archive_entries,
        /// Bytes of all files of an archive together, when unpacked.
        archive_unpacked_bytes: u64 = Package::default().archive_unpacked_bytes,
        /// Unpacked bytes of an entry per byte in the archive, counted while inflating.
        archive_ratio: u64 = Package::default().archive_ratio,
        /// An entry of at most so many unpacked bytes may have any ratio; small files of zeros are honest.
        archive_ratio_free_bytes: u64 = Package::default().archive_ratio_free_bytes,
        /// Files and folders of a package.
        package_files: u64 = Package::default().package_files,
        /// Bytes of all files of a package together.
        package_bytes: u64 = Package::default().package_bytes,
        /// Bytes of one file of a package.
        file_bytes: u64 = Package::default().file_bytes,
        /// Bytes of a path inside a package or archive; more than 4,096 are never allowed.
        path_bytes: u64 = Package::default().path_bytes,
        /// Folders and file of such a path.
        path_depth: u64 = Package::default().path_depth,
        /// Bytes of `Manifest.json`.
        manifest_bytes: u64 = Package::default().manifest_bytes,
        /// Objects and arrays inside each other in `Manifest.json`; more than 100 are never allowed.
        manifest_depth: u64 = Package::default().manifest_depth,
        /// Items that `Manifest.json` lists.
        manifest_items: u64 = Package::default().manifest_items,
        /// Bytes of the model file (the protobuf message, without weights).
        model_bytes: u64 = Package::default().model_bytes,
        /// Messages inside each other in the model file; more than 90 are never allowed.
        message_depth: u64 = Package::default().message_depth,
        /// Estimated bytes of the model file when decoded (without weights).
        decoded_bytes: u64 = Package::default().decoded_bytes,
        /// Models of a pipeline, those of pipelines inside it included.
        pipeline_models: u64 = Package::default().pipeline_models,
        /// Bytes of a name in a program or description.
        name_bytes: u64 = Package::default().name_bytes,
        /// Axes of a tensor.
        tensor_rank: u64 = Package::default().tensor_rank,
    }
}

impl Limits {
    /// Those that the package room enforces.
    #[expect(
        clippy::needless_update,
        reason = "a limit that the package room gains keeps its default until it has a key; a test then fails"
    )]
    pub fn package(&self) -> Package {
        Package {
            archive_entries: self.archive_entries,
            archive_unpacked_bytes: self.archive_unpacked_bytes,
            archive_ratio: self.archive_ratio,
            archive_ratio_free_bytes: self.archive_ratio_free_bytes,
            package_files: self.package_files,
            package_bytes: self.package_bytes,
            file_bytes: self.file_bytes,
            path_bytes: self.path_bytes,
            path_depth: self.path_depth,
            manifest_bytes: self.manifest_bytes,
            manifest_depth: self.manifest_depth,
            manifest_items: self.manifest_items,
            model_bytes: self.model_bytes,
            message_depth: self.message_depth,
            decoded_bytes: self.decoded_bytes,
            pipeline_models: self.pipeline_models,
            name_bytes: self.name_bytes,
            tensor_rank: self.tensor_rank,
            ..Package::default()
        }
    }
}
