//! Worker processes on both databases, with work that the test leads by the hand.

mod attempts;
mod bench;
