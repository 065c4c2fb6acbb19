//! What nothing names goes after the grace period, and only that.

use coreanvil::app::sweeper::{self, Mode, Swept};
use reqwest::{Method, StatusCode};

use super::server::{Server, json, large_zip, zip};

fn objects(server: &Server) -> u64 {
    server.kept().iter().filter(|name| name.len() == 64).count() as u64
}

/// Moves the clock beyond the grace period of what was written by now, also by the file system's clock.
fn wait(server: &Server) {
    server.clock.advance(1_000_000_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_revisions_own_objects_go_and_shared_ones_stay() {
    let server = Server::start().await;
    let small = server.revision().await;
    let both = objects(&server);
    let large = json(server.upload("m", large_zip(false)), StatusCode::CREATED).await;
    let all = objects(&server);
    assert!(all > both);
    wait(&server);
    let nothing = sweeper::sweep(&server.app, Mode::Remove).await.unwrap();
    assert_eq!(nothing, Swept::default());
    let path = format!("/revisions/{}", large["id"].as_str().unwrap());
    let deleted = server.writer(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    let early = sweeper::sweep(&server.app, Mode::Remove).await.unwrap();
    assert_eq!(early, Swept::default(), "within the grace period");
    wait(&server);
    let counted = sweeper::sweep(&server.app, Mode::Count).await.unwrap();
    assert_eq!((counted.objects, objects(&server)), (all - both, all));
    let swept = sweeper::sweep(&server.app, Mode::Remove).await.unwrap();
    assert_eq!((swept, objects(&server)), (counted, both));
    let path = format!("/revisions/{}/package", small["id"].as_str().unwrap());
    let left = server.writer(Method::GET, &path).send().await.unwrap();
    assert_eq!(left.status(), 200);
    left.bytes().await.unwrap();
    // What went may come again.
    json(server.upload("m", large_zip(false)), StatusCode::CREATED).await;
    assert_eq!(objects(&server), all);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_killed_process_are_found() {
    let server = Server::start().await;
    server.revision().await;
    let before = objects(&server);
    let path = server.folder.path().join("stranger");
    std::fs::write(&path, zip("mnist_cnn.mlpackage")).unwrap();
    server.app.objects.put_file(&path, None).await.unwrap();
    wait(&server);
    let swept = sweeper::sweep(&server.app, Mode::Remove).await.unwrap();
    assert_eq!(
        (swept.objects, swept.strangers, objects(&server)),
        (0, 1, before)
    );
    server.stop().await;
}
