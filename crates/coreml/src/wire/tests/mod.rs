//! The checker against broken messages, the splicer against a decoder, both on made-up and on real models.

mod models;

mod canonical;
mod checking;
mod random;
mod splicing;
