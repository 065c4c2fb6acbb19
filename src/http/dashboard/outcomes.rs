//! What came of the jobs of one revision, side by side: the recipes that were chosen together, on common scales.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::ids::RevisionId;
use api::jobs::{Job, JobResult, JobState};
use api::page::{LIMIT_MAX, PageRequest};
use api::revisions::Revision;

use super::frame::{Frame, Section};
use super::marks::{Bytes, Decibels, Smaller, plural, short};
use super::model::{Sentence, recipe_of};
use super::revision_parts::decibels;
use super::scatter::{self, Dot, Scatter};
use super::visitor::Visitor;
use crate::app::models::ModelRef;
use crate::app::quality::Snr;
use crate::app::{self, App, quality, revisions};

/// What stands above the list of a revision's jobs.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) revision: Revision,
    pub(super) name: String,
    pub(super) answer: Sentence,
    pub(super) scatter: Option<Scatter>,
    snrs: BTreeMap<RevisionId, Snr>,
}

impl Outcomes {
    /// The median ratio of what a job made.
    pub(super) fn noise(&self, job: &Job) -> Option<Decibels> {
        let JobResult::Compress(result) = job.result.as_ref()?;
        let snr = self.snrs.get(&result.revision_id)?;
        Some(Decibels(snr.median_db))
    }

    /// The frame of its page: below its model.
    pub(super) fn frame(&self, visitor: &Visitor) -> Frame {
        let model = &self.revision.model;
        let digest = short(&self.revision.digest.to_string());
        let revision = format!("/revisions/{}", self.revision.id);
        Frame::new(visitor, Section::Jobs, format!("Jobs from {model}"))
            .crumb("Models", Some("/models".to_owned()))
            .crumb(model.to_string(), Some(format!("/models/{model}")))
            .crumb(format!("{} · {digest}", self.name), Some(revision))
            .crumb("Jobs", None)
    }
}

/// Of a revision and its jobs.
pub(super) async fn of(
    app: &App,
    visitor: &Visitor,
    id: RevisionId,
    jobs: &[Job],
) -> app::Result<Outcomes> {
    let caller = visitor.caller();
    let revision = revisions::get(app, caller, id).await?;
    let filter = revisions::Filter {
        parent: Some(id),
        ..revisions::Filter::default()
    };
    let page = PageRequest {
        limit: LIMIT_MAX,
        after: None,
    };
    let model = ModelRef::Id(revision.model_id);
    let made = revisions::list(app, caller, &model, filter, page)
        .await?
        .items;
    let snrs = quality::snrs(app, caller, &made).await?;
    let wanted = |one: &&Revision| {
        let of = |job: &Job| match &job.result {
            Some(JobResult::Compress(result)) => result.revision_id == one.id,
            None => false,
        };
        jobs.iter().any(of)
    };
    let smallest = made.iter().filter(wanted).min_by_key(|one| one.size_bytes);
    let smallest_id = smallest.map(|one| one.id);
    let dot = |one: &Revision, snr_db| Dot {
        size_bytes: one.size_bytes,
        snr_db,
        label: recipe_of(one),
        href: format!("/revisions/{}", one.id),
        this: Some(one.id) == smallest_id,
    };
    let noise = |one: &Revision| snrs.get(&one.id).and_then(|snr| snr.median_db);
    let mut dots = vec![dot(&revision, None)];
    dots.extend(made.iter().filter(wanted).map(|one| dot(one, noise(one))));
    let told = smallest.map(|one| (one, noise(one)));
    Ok(Outcomes {
        name: recipe_of(&revision),
        answer: answer(&revision, jobs, told),
        scatter: (dots.iter().any(|dot| dot.snr_db.is_some())).then(|| scatter::of(&dots)),
        revision,
        snrs,
    })
}

fn answer(before: &Revision, jobs: &[Job], smallest: Option<(&Revision, Option<f64>)>) -> Sentence {
    let ended = jobs.iter().filter(|job| job.state.is_final()).count();
    let failed = jobs
        .iter()
        .filter(|job| job.state == JobState::Failed)
        .count();
    let mut lead = if ended == jobs.len() {
        format!("All {} ended", plural(jobs.len() as u64, "job"))
    } else {
        format!("{ended} of {} ended", plural(jobs.len() as u64, "job"))
    };
    if failed > 0 {
        let _written = write!(lead, ", {failed} failed");
    }
    let rest = smallest.map_or_else(
        || ".".to_owned(),
        |(one, noise)| {
            let smaller = Smaller {
                before: before.size_bytes,
                after: one.size_bytes,
            };
            let noise = noise.map_or_else(
                || ", exact".to_owned(),
                |db| format!(" at a median SNR of {}", decibels(db)),
            );
            let size = Bytes(one.size_bytes).words();
            format!(
                ". {} is the smallest so far: {size}, {smaller}{noise}.",
                recipe_of(one)
            )
        },
    );
    Sentence { lead, rest }
}
