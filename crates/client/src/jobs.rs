//! Jobs: submit, look, wait, cancel.

use api::ids::JobId;
use api::jobs::{Job, NewJob};
use reqwest::Method;

use crate::{Client, Error};

impl Client {
    /// `POST /jobs`. The key makes it safe to repeat: the same key and job answer the same job.
    ///
    /// # Errors
    /// As every call.
    pub async fn submit(&self, job: &NewJob, idempotency_key: &str) -> Result<Job, Error> {
        let url = self.url(&["jobs"])?;
        self.json(&url, || {
            self.request(Method::POST, &url)
                .header("idempotency-key", idempotency_key)
                .json(job)
        })
        .await
    }

    /// `GET /jobs/{id}`.
    ///
    /// # Errors
    /// As every call.
    pub async fn job(&self, job: JobId) -> Result<Job, Error> {
        self.get(&self.url(&["jobs", &job.to_string()])?).await
    }

    /// Waits until the job has ended, and tells `seen` every state on the way.
    ///
    /// Each look lasts up to `look_seconds` on the server: few for a moving progress bar, up to 60 otherwise.
    ///
    /// # Errors
    /// As every call.
    pub async fn wait(
        &self,
        job: JobId,
        look_seconds: u32,
        mut seen: impl FnMut(&Job) + Send,
    ) -> Result<Job, Error> {
        let mut url = self.url(&["jobs", &job.to_string()])?;
        url.query_pairs_mut()
            .append_pair("wait", &look_seconds.clamp(1, 60).to_string());
        loop {
            let now: Job = self.get(&url).await?;
            seen(&now);
            if now.state.is_final() {
                return Ok(now);
            }
        }
    }

    /// `POST /jobs/{id}/cancel`.
    ///
    /// # Errors
    /// As every call.
    pub async fn cancel(&self, job: JobId) -> Result<Job, Error> {
        let url = self.url(&["jobs", &job.to_string(), "cancel"])?;
        self.json(&url, || self.request(Method::POST, &url)).await
    }
}
