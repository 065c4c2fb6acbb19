//! `program`: the operations of a program as a graph, folded into layers, so that one layer at a time can be shown.
//!
//! Reading order: [`walk`] finds operations and what flows between them, [`scope`] says which belong together,
//! [`fold`] makes a tree of them in which nothing has more than [`LAYER_NODES`] children, [`view`] shows one layer.

mod constant;
mod fold;
mod graph;
mod scope;
mod view;
mod walk;

#[cfg(test)]
mod tests;

pub use fold::LAYER_NODES;
pub use graph::ProgramGraph;
