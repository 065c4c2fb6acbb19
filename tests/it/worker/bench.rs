//! A worker process whose work begins and ends when the test says so.

use std::sync::Arc;

use coreanvil::app::App;
use coreanvil::clock::{Clock, Ids};
use coreanvil::objects::Objects;
use coreanvil::queue::{Claimed, Outcome, Policy, Queue};
use coreanvil::store::Store;
use coreanvil::worker::{self, Board, Executor, Failure};
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};

use crate::http::server::settings;
use crate::store::world::World;

/// Work in the test's hands.
pub(super) struct Hands {
    begun: mpsc::UnboundedSender<(Claimed, Arc<Board>)>,
    go_on: Arc<Notify>,
    outcome: Box<dyn Fn(&Claimed) -> Outcome + Send + Sync>,
}

impl Executor for Hands {
    fn perform(
        &self,
        app: Arc<App>,
        claimed: Claimed,
        board: Arc<Board>,
        _: worker::Settings,
    ) -> BoxFuture<'static, Result<Outcome, Failure>> {
        let outcome = (self.outcome)(&claimed);
        let go_on = Arc::clone(&self.go_on);
        board.note(
            app.clock.now(),
            api::jobs::LogLevel::Info,
            "the hands are at work",
        );
        self.begun.send((claimed, Arc::clone(&board))).unwrap();
        Box::pin(async move {
            let released = go_on.notified();
            tokio::pin!(released);
            // Ends when it is let go, or when it is told to stop; what it has made it gives back all the same.
            while !board.stopped() && futures::poll!(&mut released).is_pending() {
                tokio::task::yield_now().await;
            }
            Ok(outcome)
        })
    }
}

/// A worker process and what the test leads it by.
pub(super) struct Bench {
    pub(super) app: Arc<App>,
    pub(super) begun: mpsc::UnboundedReceiver<(Claimed, Arc<Board>)>,
    pub(super) go_on: Arc<Notify>,
    hands: Option<Arc<Hands>>,
    _folder: TempDir,
}

impl Bench {
    pub(super) fn new(world: &World, clock: Arc<dyn Clock>, policy: Policy) -> Self {
        Self::on(world, world.store.clone(), clock, policy)
    }

    pub(super) fn on(world: &World, store: Store, clock: Arc<dyn Clock>, policy: Policy) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let objects = format!("file://{}", folder.path().join("objects").display());
        let ids: Arc<dyn Ids> = world.ids.clone();
        let queue = Queue::new(store.clone(), clock.clone(), ids.clone(), policy);
        let settings = settings(folder.path().join("scratch"));
        let objects = Objects::open(&objects, []).unwrap();
        let app = App::new(store, objects, queue, clock, ids, settings).unwrap();
        let (begun, receiver) = mpsc::unbounded_channel();
        let go_on = Arc::new(Notify::new());
        let package = world.package(api::ids::ModelId(world.ids.uuid()), 4_711);
        let outcome = move |claimed: &Claimed| {
            let job = &claimed.record.job;
            Outcome::Compress {
                revision: Box::new(coreanvil::store::NewRevision {
                    model_id: job.model_id,
                    parent_id: Some(job.revision_id),
                    job_id: Some(job.id),
                    ..package.clone()
                }),
                report: Box::new(crate::store::world::report()),
                measurements: Vec::new(),
            }
        };
        Self {
            app,
            begun: receiver,
            go_on: Arc::clone(&go_on),
            hands: Some(Arc::new(Hands {
                begun,
                go_on,
                outcome: Box::new(outcome),
            })),
            _folder: folder,
        }
    }

    /// The worker's loops; they end after `app.stopping`.
    pub(super) fn work(&mut self) -> impl Future<Output = ()> + use<> {
        let settings = worker::Settings {
            concurrency: 1,
            threads: 1,
            grace_ms: 0,
        };
        worker::run_with(Arc::clone(&self.app), settings, self.hands.take().unwrap())
    }
}
