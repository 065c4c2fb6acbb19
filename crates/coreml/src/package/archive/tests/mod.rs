//! What is true of archives, read and written.

mod layout;
mod unpack;
