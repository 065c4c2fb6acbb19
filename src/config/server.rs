//! Section `server`: where the HTTP API listens and how it stops.

use std::net::{Ipv4Addr, SocketAddr};

use super::value::{Auto, PublicUrl};

section! {
    /// The HTTP API.
    pub struct Server in server {
        /// Address and port to listen on. Port 0 takes a free one and prints it.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        /// Address under which people and agents reach the service; goes into links.
        /// "auto" is http:// and the address it listens on.
        public_url: Auto<PublicUrl> = Auto::Auto,
        /// Seconds that the line and the headers of a request may take, and that a connection may wait for the next one.
        head_seconds: u64 = 30,
        /// Seconds that open requests and running jobs get after a signal to stop, before they are cut off
        /// (jobs are handed back and lose no attempt).
        shutdown_seconds: u64 = 30,
    }
}
