//! The command line: a file per command, and what they have in common.
//!
//! A command parses its flags, calls one room (`engine` for local work, `client` for a server, the service's rooms for
//! operations) and shows what came out, for people or as JSON. It decides nothing about packages or jobs.
//! Every error becomes one line and an exit status in `exit`; nothing else ends the process.

mod command;
mod exit;
mod interrupt;
mod options;
mod output;
mod progress;
mod reference;
mod report;
mod service;
mod snapshots;
mod supervisor;
mod target;
mod units;
mod zip;

mod backup;
mod compress;
mod decompress;
mod demo;
mod doctor;
mod inspect;
mod migrate;
mod pull;
mod push;
mod recipes;
mod restore;
mod serve;
mod submit;
mod sweep;
mod token;
mod wait;
mod worker;

#[cfg(test)]
mod tests;

pub use command::run;
