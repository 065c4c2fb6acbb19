//! Pictures: SVG made on the server, from numbers to text, nothing else.
//!
//! Under the content security policy there are classes and attributes only. A chart is fluid without scaled text: x in
//! per cent, y in px; paths lie in a nested `svg` that is stretched. Each has a title that states the finding, and a
//! table stands beside it on the page.

mod cells;
mod graph;
mod histogram;
mod layout;
mod svg;
mod temper;

pub(crate) use cells::{Meter, Moved, Part, Stack};
pub(crate) use graph::{Graph, GraphEdge, GraphNode, Look};
pub(crate) use histogram::{After, Values};
pub(crate) use svg::{escaped, number, percent_encoded};
pub(crate) use temper::{BELOW_DB, temper};

#[cfg(test)]
mod tests;
