//! [`App`]: everything that the functions of this room need, in one place.
//!
//! Made once at the start and shared. It starts nothing by itself; `serve` and `worker` do.

use std::path::PathBuf;
use std::sync::Arc;

use api::comparison::Comparison;
use api::ids::RevisionId;
use api::weights::WeightDetail;
use coreml::Limits;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::allowance::{Allowance, Allowed};
use super::downloads::ZipHashes;
use super::error::{Error, Result};
use super::kept::Kept;
use super::scratch::Scratch;
use super::sessions::Failures;
use super::weights;
use crate::clock::{Clock, Ids};
use crate::objects::Objects;
use crate::queue::Queue;
use crate::store::Store;

/// Uploads at once; each has a thread of the blocking pool for itself.
const UPLOADS: usize = 64;
/// Packages looked into at once, besides the jobs.
const INSPECTIONS: usize = 2;

/// Comparisons that are kept in memory; of a model of thousands of weights about a megabyte each.
const COMPARISONS: usize = 16;
/// Looks at a weight that are kept, about ten kilobytes each.
const WEIGHTS: usize = 256;
/// Programs that are kept, about a kilobyte per operation.
const PROGRAMS: usize = 6;

/// What may be chosen.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder for uploads and packages in work; the file system of a local object store spares a copy. Within it, a
    /// process has a folder of its own, which is what stands here once the service is put together.
    pub scratch: PathBuf,
    /// Most bytes of an upload.
    pub upload_bytes: u64,
    /// Most bytes of a JSON body.
    pub request_bytes: u64,
    /// Engine threads of one inspection or comparison.
    pub threads: usize,
    /// How long bytes that nothing names are kept.
    pub sweep_after_ms: u64,
    /// How long an upload may take, from its beginning.
    pub upload_ms: u64,
    /// What a package may be.
    pub package: Limits,
    /// Whether browsers reach the service by https alone, so that cookies are never sent otherwise.
    pub https: bool,
    /// What one client may ask for.
    pub allowed: Allowed,
    /// Connections at once.
    pub connections: usize,
    /// Seconds that the head of a request may take, and a connection may idle.
    pub head_seconds: u64,
}

/// The service.
#[derive(Debug)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The bytes.
    pub objects: Objects,
    /// The jobs.
    pub queue: Queue,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// What may be chosen.
    pub settings: Settings,
    /// Cancelled when the process shall stop: whoever waits, ends.
    pub stopping: CancellationToken,
    /// Work that outlives its request; the shutdown awaits it.
    pub tasks: TaskTracker,
    pub(super) sign_in_failures: Failures,
    /// What clients have used of what they may ask for.
    pub allowance: Allowance,
    pub(super) uploads: Arc<Semaphore>,
    pub(super) inspections: Semaphore,
    pub(super) zip_hashes: ZipHashes,
    pub(super) comparisons: Kept<(RevisionId, RevisionId), Comparison>,
    pub(super) weights: Kept<weights::Asked, WeightDetail>,
    pub(super) programs: Kept<RevisionId, engine::ProgramGraph>,
    pub(super) looked: super::gauges::Looked,
    _scratch: Scratch,
}

impl App {
    /// Puts the parts together and removes what a killed process left in the scratch folder.
    ///
    /// # Errors
    /// When the scratch folder cannot be made or read.
    pub fn new(
        store: Store,
        objects: Objects,
        queue: Queue,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Result<Arc<Self>> {
        let scratch = Scratch::claim(&settings.scratch).map_err(|error| {
            Error::internal(format!("preparing {}", settings.scratch.display()), error)
        })?;
        let settings = Settings {
            scratch: scratch.path().to_owned(),
            ..settings
        };
        Ok(Arc::new(Self {
            allowance: Allowance::new(settings.allowed.clone()),
            store,
            objects,
            queue,
            clock,
            ids,
            settings,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            looked: super::gauges::Looked::default(),
            _scratch: scratch,
            sign_in_failures: Failures::default(),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            inspections: Semaphore::new(INSPECTIONS),
            zip_hashes: ZipHashes::default(),
            comparisons: Kept::new(COMPARISONS),
            weights: Kept::new(WEIGHTS),
            programs: Kept::new(PROGRAMS),
        }))
    }
}
