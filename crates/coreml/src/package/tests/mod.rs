//! What is true of packages, and the packages that tests make.

mod manifest;
mod names;
mod open;
mod opened;
mod path;
mod write;

pub(crate) mod made;
