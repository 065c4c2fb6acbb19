//! Models and their aliases.

use api::aliases::Alias;
use api::models::{Model, NewModel};
use api::problem::Code;
use reqwest::Method;

use crate::{Client, Error};

impl Client {
    /// `GET /models/{model}`, by id or name.
    ///
    /// # Errors
    /// As every call.
    pub async fn model(&self, model: &str) -> Result<Model, Error> {
        self.get(&self.url(&["models", model])?).await
    }

    /// `POST /models`.
    ///
    /// # Errors
    /// As every call; `name_taken` when it is there.
    pub async fn create_model(&self, new: &NewModel) -> Result<Model, Error> {
        let url = self.url(&["models"])?;
        self.json(&url, || self.request(Method::POST, &url).json(new))
            .await
    }

    /// The model of this name, made when it is not there yet.
    ///
    /// # Errors
    /// As every call.
    pub async fn ensure_model(&self, new: &NewModel) -> Result<Model, Error> {
        match self.create_model(new).await {
            Err(Error::Refused { problem, .. }) if problem.code == Code::NameTaken => {
                self.model(new.name.as_str()).await
            }
            other => other,
        }
    }

    /// `GET /models/{model}/aliases/{alias}`.
    ///
    /// # Errors
    /// As every call.
    pub async fn alias(&self, model: &str, alias: &str) -> Result<Alias, Error> {
        self.get(&self.url(&["models", model, "aliases", alias])?)
            .await
    }
}
