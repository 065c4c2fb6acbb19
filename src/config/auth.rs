//! Section `auth`: who may do what.

use super::value::{Auto, Secret};

section! {
    /// Access tokens.
    pub struct Auth in auth {
        /// The first administrator's token, installed when there is none yet: `ca_…` with a right checksum, for
        /// example made by `coreanvil token generate`. "auto" draws one and prints it once, on a line of its own.
        first_token: Auto<Secret> = Auto::Auto,
    }
}
