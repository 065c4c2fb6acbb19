//! Objects: in a folder always; in an S3 store too when `COREANVIL_TEST_S3_ENDPOINT` names one with a bucket `models`.

use std::collections::BTreeMap;
use std::path::Path;

use api::digest::Digest;
use coreanvil::objects::{Error, Objects};
use futures::TryStreamExt;
use sha2::{Digest as _, Sha256};

use crate::s3;

fn on_every_store(test: &impl AsyncFn(Objects, &Path)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().join("deep/objects").display());
        test(Objects::open(&url, []).unwrap(), folder.path()).await;
        let Some(endpoint) = s3::endpoint() else {
            return;
        };
        let work = tempfile::tempdir().unwrap();
        test(
            Objects::open(&s3::place(), s3::variables(&endpoint)).unwrap(),
            work.path(),
        )
        .await;
    });
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

async fn read(
    objects: &Objects,
    digest: Digest,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, Error> {
    let mut stream = objects.get_range(digest, range).await?;
    let mut all = Vec::new();
    while let Some(bytes) = stream.try_next().await? {
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}

async fn listed(objects: &Objects) -> BTreeMap<Digest, u64> {
    objects
        .list()
        .map_ok(|found| (found.digest, found.size_bytes))
        .try_collect()
        .await
        .unwrap()
}

#[test]
fn bytes_come_back_under_their_hash() {
    on_every_store(&async |objects, folder| {
        objects.ping().await.unwrap();
        let large: Vec<u8> = (0..40_000_000_u32)
            .map(|i| u8::try_from(i.wrapping_mul(2_654_435_761) >> 24).unwrap())
            .collect();
        for (name, bytes) in [("empty", &[][..]), ("small", b"hello"), ("large", &large)] {
            let path = write(folder, name, bytes);
            let stored = objects.put_file(&path, None).await.unwrap();
            assert_eq!(
                stored.digest,
                Digest(Sha256::digest(bytes).into()),
                "{name}"
            );
            assert_eq!(
                (stored.size_bytes, stored.existed),
                (u64::try_from(bytes.len()).unwrap(), false),
                "{name}"
            );
            assert_eq!(stored.crc32, crc32fast::hash(bytes), "{name}");
            let again = objects.put_file(&path, Some(stored.digest)).await.unwrap();
            assert!(again.existed, "{name}");
            std::fs::remove_file(&path).unwrap();
            let size = stored.size_bytes;
            assert_eq!(objects.size_bytes(stored.digest).await.unwrap(), Some(size));
            assert!(
                read(&objects, stored.digest, 0..size).await.unwrap() == bytes,
                "{name}"
            );
            if size > 4 {
                let part = read(&objects, stored.digest, 1..size - 1).await.unwrap();
                assert!(part == bytes[1..bytes.len() - 1], "{name}");
            }
            let target = folder.join(format!("{name}.out"));
            objects.fetch(stored.digest, size, &target).await.unwrap();
            assert!(std::fs::read(&target).unwrap() == bytes, "{name}");
            let twice = objects.fetch(stored.digest, size, &target).await;
            assert!(matches!(twice, Err(Error::Io { .. })), "{name} {twice:?}");
        }
        assert_eq!(
            listed(&objects)
                .await
                .values()
                .copied()
                .collect::<std::collections::BTreeSet<_>>(),
            [0, 5, 40_000_000].into()
        );
    });
}

#[test]
fn what_is_not_there_is_said_so() {
    on_every_store(&async |objects, folder| {
        let absent = Digest([9; 32]);
        assert_eq!(objects.size_bytes(absent).await.unwrap(), None);
        let got = read(&objects, absent, 0..5).await;
        assert!(
            matches!(got, Err(Error::NotFound { digest }) if digest == absent),
            "{got:?}"
        );
        let fetched = objects.fetch(absent, 5, &folder.join("x")).await;
        assert!(
            matches!(fetched, Err(Error::NotFound { .. })),
            "{fetched:?}"
        );
        objects.delete(absent).await.unwrap();
        let unreadable = objects.put_file(&folder.join("nothing"), None).await;
        assert!(
            matches!(unreadable, Err(Error::Io { .. })),
            "{unreadable:?}"
        );
    });
}

#[test]
fn a_stream_is_complete_or_ends_in_an_error() {
    on_every_store(&async |objects, folder| {
        let stored = objects
            .put_file(&write(folder, "a", b"hello"), None)
            .await
            .unwrap();
        let short = read(&objects, stored.digest, 0..9).await;
        assert!(
            matches!(
                short,
                Err(Error::WrongLength {
                    expected_bytes: 9,
                    found_bytes: 5,
                    ..
                })
            ),
            "{short:?}"
        );
        objects.delete(stored.digest).await.unwrap();
        assert_eq!(listed(&objects).await.len(), 0);
    });
}

#[test]
fn an_object_of_the_wrong_length_is_not_taken_for_ours() {
    on_every_store(&async |objects, folder| {
        let stored = objects
            .put_file(&write(folder, "a", b"hello"), None)
            .await
            .unwrap();
        let other = objects
            .put_file(&write(folder, "b", b"hello!"), Some(stored.digest))
            .await;
        assert!(
            matches!(
                other,
                Err(Error::WrongLength {
                    expected_bytes: 6,
                    found_bytes: 5,
                    ..
                })
            ),
            "{other:?}"
        );
    });
}

/// Changes a byte of an object behind the store's back.
async fn damage(objects: &Objects, folder: &Path, good: &[u8]) -> Digest {
    let mut bad = good.to_vec();
    bad[0] ^= 1;
    // The caller is trusted with the hash of what it stores: here it lies.
    let digest = Digest(Sha256::digest(good).into());
    let path = write(folder, "bad", &bad);
    objects.put_file(&path, Some(digest)).await.unwrap();
    digest
}

#[test]
fn damaged_bytes_are_not_handed_out() {
    on_every_store(&async |objects, folder| {
        let good = vec![7; 3 << 20];
        let digest = damage(&objects, folder, &good).await;
        let target = folder.join("out");
        let fetched = objects.fetch(digest, 3 << 20, &target).await;
        assert!(matches!(fetched, Err(Error::Damaged { .. })), "{fetched:?}");
        assert!(!target.exists());
        let mut stream = objects.get(digest, 3 << 20).await.unwrap();
        let (mut seen, mut error) = (0, None);
        while error.is_none() {
            match stream.try_next().await {
                Ok(Some(bytes)) => seen += bytes.len(),
                Ok(None) => break,
                Err(why) => error = Some(why),
            }
        }
        assert!(matches!(error, Some(Error::Damaged { .. })), "{error:?}");
        assert!(seen < 3 << 20, "all bytes were handed out");
    });
}

#[test]
fn sixteen_at_once_store_one_object() {
    on_every_store(&async |objects, folder| {
        let outcomes = futures::future::join_all((0..16).map(|number| {
            let (objects, path) = (
                objects.clone(),
                write(folder, &format!("f{number}"), b"the same"),
            );
            async move { objects.put_file(&path, None).await.unwrap() }
        }))
        .await;
        assert!(outcomes.iter().filter(|stored| !stored.existed).count() >= 1);
        assert_eq!(listed(&objects).await.len(), 1);
    });
}

#[test]
fn a_folder_holds_nothing_but_named_objects() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("objects");
        let objects = Objects::open(&format!("file://{}", root.display()), []).unwrap();
        // /dev/shm is another file system on most machines: there a copy is made instead of a link.
        let elsewhere = tempfile::tempdir_in(if Path::new("/dev/shm").is_dir() {
            "/dev/shm"
        } else {
            "/tmp"
        })
        .unwrap();
        for (number, place) in [folder.path(), elsewhere.path()].into_iter().enumerate() {
            let stored = objects
                .put_file(
                    &write(place, "a", &[u8::try_from(number).unwrap(); 99]),
                    None,
                )
                .await
                .unwrap();
            let path = objects.local_path(stored.digest).unwrap();
            assert_eq!(std::fs::read(&path).unwrap().len(), 99);
            assert!(
                path.ends_with(format!(
                    "sha256/{}/{}",
                    &stored.digest.hex()[..2],
                    stored.digest.hex()
                )),
                "{path:?}"
            );
        }
        let staging = root.join("staging");
        assert!(!staging.exists() || std::fs::read_dir(staging).unwrap().next().is_none());
    });
}

#[test]
fn addresses_are_understood_or_named() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _guard = runtime.enter();
    for url in [
        "",
        "objects",
        "file:objects",
        "file://host/objects",
        "ftp://x/y",
        "memory:///",
        "http://x/y",
    ] {
        let opened = Objects::open(url, []);
        assert!(
            matches!(&opened, Err(Error::Address { url: named, .. }) if named == url),
            "{url} {opened:?}"
        );
    }
}
