//! Worker processes on both databases, with work that the test leads by the hand.

#![expect(
    clippy::future_not_send,
    reason = "a test stays on the thread that blocks on it"
)]

mod attempts;
mod bench;
