//! `weight`: one weight looked at closely, beside what it was in another package.

mod detail;
mod histogram;
mod statistics;

#[cfg(test)]
mod tests;

pub use detail::weight;
