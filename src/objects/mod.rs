//! Bytes of packages, named by their SHA-256, in a folder or a cloud's object store.
//!
//! Written once, never changed; the same bytes are stored once. An object is complete and on disk (fsync) before its name
//! exists, so a crash leaves nothing half-written under a name. Objects are written before the rows that refer to them:
//! a crash leaves orphans for the sweeper, never rows without bytes. Bytes are compared with their name before a whole object
//! is handed out. A store that is away is an error after a bounded time. It knows nothing of revisions.

mod error;
mod local;
mod parts;
mod read;
mod remote;
mod write;

mod open;

pub use error::{Error, Result};
pub use open::{ListedObject, Objects};
pub use read::ByteStream;
pub use write::Stored;
