//! One test binary for everything that crosses rooms.
//!
//! Modules are `#[cfg(test)]` so that the lints know them as tests: there, `unwrap` is a way to fail.

#[cfg(test)]
mod cli;
#[cfg(test)]
mod http;
#[cfg(test)]
mod s3;
#[cfg(test)]
mod tidy;

#[cfg(test)]
mod store;

#[cfg(test)]
mod operations;

#[cfg(test)]
mod sim;

#[cfg(test)]
mod worker;
