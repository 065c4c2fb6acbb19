//! The program of a revision as a graph, a layer at a time. The graph is read once and kept.

use std::sync::Arc;

use api::ids::RevisionId;
use api::program::Program;

use super::access::Caller;
use super::error::{Error, Result};
use super::service::App;
use super::{looking, revisions, weights};

/// Longest search, in bytes.
const SEARCH_MAX_BYTES: usize = 200;

/// Which part of a program is wanted.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The function; the default one when not given.
    pub function: Option<String>,
    /// Path of the layer; the top when not given.
    pub layer: Option<String>,
    /// Also what has these words in its name.
    pub search: Option<String>,
}

/// A layer of the program.
///
/// # Errors
/// [`Error::NotFound`] where there is no such revision, program, function or layer.
pub async fn get(app: &App, caller: &Caller, id: RevisionId, asked: &Asked) -> Result<Program> {
    if asked
        .search
        .as_ref()
        .is_some_and(|s| s.len() > SEARCH_MAX_BYTES)
    {
        return Err(Error::bad_request(format!(
            "the search is longer than {SEARCH_MAX_BYTES} bytes"
        )));
    }
    let graph = graph(app, caller, id).await?;
    let layer = asked.layer.as_deref().unwrap_or_default();
    let search = asked.search.as_deref().filter(|words| !words.is_empty());
    graph
        .view(asked.function.as_deref(), layer, search)
        .ok_or_else(|| Error::not_found("program, function or layer", ""))
}

async fn graph(app: &App, caller: &Caller, id: RevisionId) -> Result<Arc<engine::ProgramGraph>> {
    let record = revisions::find(app, caller, id).await?;
    if let Some(known) = app.programs.get(&id) {
        return Ok(known);
    }
    let report = weights::report(app, caller, &record).await?;
    let graph = looking::look(app, "reading a program", [&record], move |[own], run| {
        let mut graph = engine::ProgramGraph::read(own, run)?;
        graph.tell_snr(|function, name| {
            let key = (function.to_owned(), name.to_owned());
            report.get(&key).and_then(|row| row.snr_db)
        });
        Ok(graph)
    })
    .await?;
    Ok(app.programs.put(id, graph))
}
