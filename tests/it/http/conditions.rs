//! `If-Match` on what moves, pages of what is short, and projects.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, Who, json as expect, refused};
use crate::store::world::on_every_database;

/// Ten clients read an alias and each moves it "if it is still so": one wins. The check stands in the transaction.
#[test]
fn one_of_many_conditional_moves_wins() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let revision = server.revision().await;
        let body = json!({"revision": revision["id"]});
        let path = "/models/m/aliases/prod";
        let made = server
            .writer(Method::PUT, path)
            .json(&body)
            .send()
            .await
            .unwrap();
        let tag = made.headers()["etag"].to_str().unwrap().to_owned();
        server.clock.advance(5);
        let moves = (0..10).map(|_| {
            server
                .writer(Method::PUT, path)
                .header("if-match", &tag)
                .json(&body)
                .send()
        });
        let answers = futures::future::join_all(moves).await;
        let count = |status: u16| {
            answers
                .iter()
                .filter(|one| one.as_ref().unwrap().status() == status)
                .count()
        };
        assert_eq!((count(200), count(412)), (1, 9));
        let stale = server.writer(Method::DELETE, path).header("if-match", &tag);
        assert_eq!(refused(stale, 412).await["code"], "precondition_failed");
        // What is not there has no tag.
        let new = server
            .writer(Method::PUT, "/models/m/aliases/new")
            .header("if-match", "*")
            .json(&body);
        refused(new, 412).await;
    });
}

async fn pages(server: &Server, path: &str, field: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("{path}?limit=2{cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        found.extend(items.iter().map(|item| item[field].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[test]
fn aliases_and_attempts_come_in_pages() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let revision = server.revision().await;
        let body = json!({"revision": revision["id"]});
        for name in ["b", "B", "a.1", "a-1", "c"] {
            let put = server.writer(Method::PUT, &format!("/models/m/aliases/{name}"));
            expect(put.json(&body), StatusCode::OK).await;
        }
        assert_eq!(
            pages(&server, "/models/m/aliases", "name").await,
            ["B", "a-1", "a.1", "b", "c"]
        );
        let new = json!({"kind": "compress", "revision": revision["id"], "recipe": "int8"});
        let job = expect(
            server.writer(Method::POST, "/jobs").json(&new),
            StatusCode::ACCEPTED,
        )
        .await;
        for _ in 0..3 {
            let kinds = [api::jobs::JobKind::Compress];
            let claimed = server
                .app
                .queue
                .claim(world.worker(), &kinds)
                .await
                .unwrap()
                .unwrap();
            server.app.queue.release(&claimed.lease, &[]).await.unwrap();
        }
        let path = format!("/jobs/{}/attempts", job["id"].as_str().unwrap());
        assert_eq!(pages(&server, &path, "fence").await, [1, 2, 3]);
        for wrong in ["/models/m/aliases?cursor=x", "/models/m/aliases?limit=0"] {
            refused(server.request(Who::Reader, Method::GET, wrong), 400).await;
        }
    });
}

#[test]
fn a_project_is_made_found_and_renamed() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let admin = |method: Method, path: &str| server.request(Who::Admin, method, path);
        let new = json!({"name": "vision"});
        let made = expect(
            admin(Method::POST, "/projects").json(&new),
            StatusCode::CREATED,
        )
        .await;
        assert_eq!(
            refused(admin(Method::POST, "/projects").json(&new), 409).await["code"],
            "name_taken"
        );
        let id = made["id"].as_str().unwrap();
        let renamed =
            admin(Method::PATCH, &format!("/projects/{id}")).json(&json!({"name": "sight"}));
        assert_eq!(expect(renamed, StatusCode::OK).await["name"], "sight");
        let taken = admin(Method::PATCH, "/projects/sight").json(&json!({"name": "default"}));
        assert_eq!(refused(taken, 409).await["code"], "name_taken");
        let default = admin(Method::PATCH, "/projects/default").json(&json!({"name": "x"}));
        assert_eq!(refused(default, 409).await["code"], "in_use");
        let old = admin(Method::PATCH, "/projects/sight")
            .header("if-match", "\"x\"")
            .json(&json!({"name": "y"}));
        refused(old, 412).await;
        // A token of the new project reaches it and nothing else.
        let token = json!({"name": "x", "scope": "writer", "project": "sight"});
        let token = expect(
            admin(Method::POST, "/tokens").json(&token),
            StatusCode::CREATED,
        )
        .await;
        let bearer = |method: Method, path: &str| {
            let request = server.request(Who::Nobody, method, path);
            request.bearer_auth(token["secret"].as_str().unwrap())
        };
        expect(
            bearer(Method::POST, "/models").json(&json!({"name": "m"})),
            StatusCode::CREATED,
        )
        .await;
        let seen = expect(bearer(Method::GET, "/projects"), StatusCode::OK).await;
        assert_eq!(seen["items"].as_array().unwrap().len(), 1);
        refused(bearer(Method::GET, "/projects/default"), 404).await;
        assert_eq!(server.get("/models").await["items"], json!([]));
    });
}
