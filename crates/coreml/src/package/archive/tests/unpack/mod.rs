//! Tests of `unpack`: what it accepts, what it refuses, and with which words.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

mod attempt;

mod finding;
mod limits;
mod names;
mod random;
mod records;
