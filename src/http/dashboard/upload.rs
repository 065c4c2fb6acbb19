//! Uploading a package: with script, through the API with progress; without, as a form of several parts.

use std::pin::Pin;
use std::sync::Arc;

use api::ids::RevisionId;
use api::models::NewModel;
use api::names::ModelName;
use api::tokens::Scope;
use askama::Template;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart};
use axum::http::HeaderMap;
use futures::StreamExt as _;

use super::frame::{Frame, Section};
use super::marks::Bytes;
use super::show;
use super::visitor::{self, Visitor};
use crate::app::models::{self, ModelRef};
use crate::app::upload::{self, Order, Stop};
use crate::app::{self, App, Caller};
use crate::http::answer::Answer;
use crate::http::extract::{At, NoParams};
use crate::http::problem::Failure;

#[derive(Template)]
#[template(path = "upload.html")]
struct UploadPage {
    frame: Frame,
    model: String,
    most: String,
}

/// `GET /upload`.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor, _: NoParams) -> Answer {
    visitor.caller().need(Scope::Writer)?;
    let frame = Frame::new(&visitor, Section::Models, "Upload a package")
        .crumb("Models", Some("/models".to_owned()))
        .crumb("Upload", None);
    show::page(&of(&app, frame, String::new()))
}

/// `GET /models/{model}/upload`.
pub(crate) async fn page_for(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: NoParams,
    At(model): At<ModelRef>,
) -> Answer {
    visitor.caller().need(Scope::Writer)?;
    let model = models::get(&app, visitor.caller(), &model).await?.name;
    let frame = Frame::new(&visitor, Section::Models, format!("Upload to {model}"))
        .crumb("Models", Some("/models".to_owned()))
        .crumb(model.to_string(), Some(format!("/models/{model}")))
        .crumb("Upload", None);
    show::page(&of(&app, frame, model.to_string()))
}

fn of(app: &App, frame: Frame, model: String) -> UploadPage {
    let most = Bytes(app.settings.upload_bytes).words();
    UploadPage { frame, model, most }
}

/// `POST /upload`: the form, when there is no script.
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    mut parts: Multipart,
) -> Answer {
    let (mut form, mut model) = (String::new(), String::new());
    while let Some(part) = next(&mut parts).await? {
        match part.name().unwrap_or_default() {
            "form" => form = text(part).await?,
            "model" => model = text(part).await?,
            "package" => {
                if !visitor::from_here(&headers) || !visitor.session.owns_form(&form) {
                    return Err(visitor::foreign().into());
                }
                let id = receive(&app, visitor.caller(), &model, part).await?;
                return show::redirect(&format!("/revisions/{id}"));
            }
            _ => {}
        }
    }
    Err(app::Error::bad_request("choose a package to upload").into())
}

async fn next(parts: &mut Multipart) -> Result<Option<Field<'_>>, Failure> {
    let broken = |_why| app::Error::bad_request("the form broke off");
    Ok(parts.next_field().await.map_err(broken)?)
}

/// The text of a small field.
async fn text(mut part: Field<'_>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|_why| app::Error::bad_request("the form broke off"))?;
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 1000 {
            return Err(app::Error::bad_request("a field of the form is too long").into());
        }
    }
    String::from_utf8(bytes).map_err(|_why| app::Error::bad_request("a field is not UTF-8").into())
}

/// Takes the package in, into a model that is made when it is missing.
async fn receive(
    app: &Arc<App>,
    caller: &Caller,
    model: &str,
    part: Field<'_>,
) -> Result<RevisionId, Failure> {
    let name: ModelName = model
        .trim()
        .parse()
        .map_err(|why| app::Error::bad_field("model", format!("{why}")))?;
    let target = ModelRef::Name(name.clone());
    let new = NewModel {
        name,
        project: None,
        description: String::new(),
    };
    match models::create(app, caller, new).await {
        Ok(_) | Err(app::Error::NameTaken { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let chunks = part.map(|chunk| chunk.map_err(|_why| Stop::BrokenOff));
    let chunks: Pin<Box<dyn futures::Stream<Item = _> + Send + '_>> = Box::pin(chunks);
    let (revision, _) = upload::receive(app, caller, &target, Order::default(), chunks).await?;
    Ok(revision.id)
}
