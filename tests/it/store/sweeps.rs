//! The sweeper against uploads: seeded interleavings of their single steps; no row is ever left without its bytes.

use std::collections::BTreeSet;

use api::digest::Digest;
use api::ids::{ModelId, RevisionId};
use api::time::Time;
use coreanvil::objects::Objects;
use coreanvil::store::{NewRevision, Reach, RevisionFile, Sweepable, Wanted};
use futures::TryStreamExt as _;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sha2::{Digest as _, Sha256};

use super::world::{World, on_every_database};

/// The grace period; the clock moves by up to twice that.
const GRACE_MS: i64 = 1000;
/// Contents that all uploads draw from, so that they meet.
const CONTENTS: u8 = 3;

fn content(number: u8) -> Vec<u8> {
    vec![number; 100 + usize::from(number)]
}

fn object(number: u8) -> (Digest, u64) {
    let bytes = content(number);
    (Digest(Sha256::digest(&bytes).into()), bytes.len() as u64)
}

/// An upload of two files, one step at a time.
#[derive(Clone, Copy)]
enum Upload {
    Want([u8; 2]),
    Put([u8; 2], usize, Time),
    Name([u8; 2], Time),
}

/// A sweep, one step at a time.
#[derive(Clone, Copy)]
enum Sweep {
    Look,
    Mark(Sweepable, Time),
    Delete(Sweepable, Time),
    Note(Sweepable, Time),
}

struct Stage<'a> {
    world: &'a World,
    objects: Objects,
    folder: tempfile::TempDir,
    model: ModelId,
    named: Vec<RevisionId>,
    random: StdRng,
    next: u64,
}

impl Stage<'_> {
    fn two(&mut self) -> [u8; 2] {
        [0, 0].map(|_: u8| self.random.random_range(0..CONTENTS))
    }

    async fn upload(&mut self, step: Upload) -> Upload {
        match step {
            Upload::Want(files) => {
                let wanted = files.map(object);
                match self
                    .world
                    .store
                    .want_objects(self.world.now(), &wanted)
                    .await
                    .unwrap()
                {
                    Wanted::Safe => Upload::Put(files, 0, self.world.now()),
                    Wanted::Deleting => step,
                }
            }
            Upload::Put(files, at, since) => {
                let path = self.folder.path().join("source");
                std::fs::write(&path, content(files[at])).unwrap();
                self.objects.put_file(&path, None).await.unwrap();
                // A link to what is stored: the next content must be another file.
                std::fs::remove_file(&path).unwrap();
                if at == 0 {
                    Upload::Put(files, 1, since)
                } else {
                    Upload::Name(files, since)
                }
            }
            Upload::Name(files, since) => {
                let mut new = self.revision(files);
                new.wanted_at = since;
                // Refused when the sweeper was here after the grace period; then it begins anew.
                if let Ok(inserted) = self
                    .world
                    .store
                    .insert_revision(self.world.now(), &new)
                    .await
                {
                    self.named.push(inserted.record.revision.id);
                }
                Upload::Want(self.two())
            }
        }
    }

    fn revision(&mut self, files: [u8; 2]) -> NewRevision {
        self.next += 1;
        let mut new = self.world.package(self.model, 1000 + self.next);
        new.files = files
            .iter()
            .enumerate()
            .map(|(number, content)| {
                let (sha256, size_bytes) = object(*content);
                RevisionFile {
                    path: format!("{number}"),
                    sha256,
                    size_bytes,
                    crc32: 0,
                }
            })
            .collect();
        new
    }

    async fn sweep(&mut self, step: Sweep) -> Sweep {
        let (store, now) = (&self.world.store, self.world.now());
        match step {
            Sweep::Look => {
                let before = now.plus_ms(-GRACE_MS);
                if self.random.random_ratio(1, 3) {
                    return self.mark_stranger().await;
                }
                let found = store.sweepable(now, before, None, 10).await.unwrap();
                if found.is_empty() {
                    return step;
                }
                Sweep::Mark(found[self.random.random_range(0..found.len())], before)
            }
            Sweep::Mark(object, before) => {
                if store
                    .begin_deleting(now, before, object.sha256)
                    .await
                    .unwrap()
                {
                    Sweep::Delete(object, now)
                } else {
                    Sweep::Look
                }
            }
            Sweep::Delete(object, marked) => {
                self.objects.delete(object.sha256).await.unwrap();
                Sweep::Note(object, marked)
            }
            Sweep::Note(object, marked) => {
                store
                    .end_deleting(now, marked, object.sha256)
                    .await
                    .unwrap();
                Sweep::Look
            }
        }
    }

    /// Bytes that no row knows: stored by an upload that took longer than the grace period.
    async fn mark_stranger(&self) -> Sweep {
        let (store, now) = (&self.world.store, self.world.now());
        let listed: Vec<_> = self.objects.list().try_collect().await.unwrap();
        for found in listed {
            let object = Sweepable {
                sha256: found.digest,
                size_bytes: found.size_bytes,
            };
            if !store.knows_object(object.sha256).await.unwrap()
                && store.begin_deleting_unknown(now, object).await.unwrap()
            {
                return Sweep::Delete(object, now);
            }
        }
        Sweep::Look
    }

    async fn remove_one(&mut self) {
        if self.named.is_empty() {
            return;
        }
        let id = self
            .named
            .swap_remove(self.random.random_range(0..self.named.len()));
        let store = &self.world.store;
        store
            .delete_revision(self.world.now(), Reach::All, id, |_| true)
            .await
            .unwrap();
    }

    async fn bytes(&self) -> BTreeSet<Digest> {
        let found: Vec<_> = self.objects.list().try_collect().await.unwrap();
        found.into_iter().map(|found| found.digest).collect()
    }

    async fn needed(&self) -> BTreeSet<Digest> {
        let mut needed = BTreeSet::new();
        for id in &self.named {
            let files = self.world.store.revision_files(*id).await.unwrap();
            needed.extend(files.iter().map(|file| file.sha256));
        }
        needed
    }
}

/// Three uploads, two sweepers, deletions and the clock, in an order that the seed draws.
async fn play(world: &World, seed: u64, steps: u32) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().join("objects").display());
    let model = world.model(&format!("m{seed}")).await.model.id;
    let mut stage = Stage {
        world,
        objects: Objects::open(&url, []).unwrap(),
        folder,
        model,
        named: Vec::new(),
        random: StdRng::seed_from_u64(seed),
        next: seed * 10_000,
    };
    let mut uploads = [0, 1, 2].map(|_: u8| Upload::Want(stage.two()));
    let mut sweeps = [Sweep::Look; 2];
    let mut deletions = 0;
    for _ in 0..steps {
        match stage.random.random_range(0..12) {
            0..=4 => {
                let who = stage.random.random_range(0..uploads.len());
                uploads[who] = stage.upload(uploads[who]).await;
            }
            5..=8 => {
                let who = stage.random.random_range(0..sweeps.len());
                sweeps[who] = stage.sweep(sweeps[who]).await;
                deletions += u32::from(matches!(sweeps[who], Sweep::Note(..)));
            }
            9 => world
                .clock
                .advance(stage.random.random_range(1..2 * GRACE_MS.unsigned_abs())),
            _ => stage.remove_one().await,
        }
        let (needed, bytes) = (stage.needed().await, stage.bytes().await);
        assert!(
            needed.is_subset(&bytes),
            "seed {seed}: a row names {:?}",
            needed.difference(&bytes)
        );
    }
    // Everybody ends what they do; then nothing is left but what is named.
    for sweep in &mut sweeps {
        while !matches!(sweep, Sweep::Look) {
            *sweep = stage.sweep(*sweep).await;
        }
    }
    world.clock.advance(2 * GRACE_MS.unsigned_abs());
    let mut last = Sweep::Look;
    for _ in 0..200 {
        last = stage.sweep(last).await;
    }
    assert_eq!(stage.bytes().await, stage.needed().await, "seed {seed}");
    while !stage.named.is_empty() {
        stage.remove_one().await;
    }
    deletions
}

#[test]
fn no_interleaving_loses_bytes_that_a_row_names() {
    on_every_database(async |world| {
        let mut deletions = 0;
        for seed in 0..40 {
            deletions += play(&world, seed, 120).await;
        }
        assert!(
            deletions > 100,
            "only {deletions} deletions: nothing was tried"
        );
    });
}

#[test]
fn who_names_an_object_too_late_is_told_and_a_dead_sweepers_mark_passes() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        let one = (digest_of(1), 400);
        let want =
            async |world: &World| world.store.want_objects(world.now(), &[one]).await.unwrap();
        assert_eq!(want(&world).await, Wanted::Safe);
        world.clock.advance(1);
        assert!(
            world
                .store
                .begin_deleting(world.now(), world.now(), one.0)
                .await
                .unwrap()
        );
        assert!(
            !world
                .store
                .begin_deleting(world.now(), world.now(), one.0)
                .await
                .unwrap(),
            "two delete"
        );
        assert_eq!(want(&world).await, Wanted::Deleting);
        let named = world
            .store
            .insert_revision(world.now(), &world.package(model.id, 1))
            .await;
        assert!(named.unwrap_err().is_transient());
        world.clock.advance(11 * 60_000);
        assert_eq!(want(&world).await, Wanted::Safe);
        world.revision(model.id, 1).await;
    });
}

fn digest_of(number: u64) -> Digest {
    super::world::digest(number)
}
