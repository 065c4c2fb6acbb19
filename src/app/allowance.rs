//! How much one client may ask for: requests a minute and open streams, each with its own refusal.
//!
//! Counted in this process alone: several servers allow several times as much, which protects each of them all the same.
//! The rate is a bucket per client (the cell rate algorithm: one number per client, no timer), kept here in forty lines
//! since the crates that do it bring a clock of their own, and the time is injected.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use api::ids::TokenId;

use super::error::{Error, Result};

/// Clients that are told apart; beyond that, new ones share one bucket until others have rested.
const CLIENTS: usize = 100_000;
const NS_PER_S: u64 = 1_000_000_000;
/// The window that limits are given for.
const WINDOW_S: u64 = 60;

/// The numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Requests a minute of one token.
    pub token_requests: u64,
    /// Requests a minute without a token, of one address.
    pub address_requests: u64,
    /// Requests a minute with a worthless token, of one address.
    pub failures: u64,
    /// Streams of events at once, of one token.
    pub token_streams: u64,
    /// Streams of events at once, of all.
    pub streams: u64,
}

impl Default for Allowed {
    fn default() -> Self {
        Self {
            token_requests: 60_000,
            address_requests: 12_000,
            failures: 60,
            token_streams: 256,
            streams: 2_000,
        }
    }
}

/// Which limit a request is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// A valid token.
    Token(TokenId),
    /// Nobody, from an address.
    Address(IpAddr),
    /// A worthless token, from an address.
    Failure(IpAddr),
}

impl Client {
    /// As headers name the limit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Address(_) => "address",
            Self::Failure(_) => "failures",
        }
    }

    /// Whoever has an IPv6 address has 2^64 of them.
    fn grouped(self) -> Self {
        match self {
            Self::Token(_) => self,
            Self::Address(address) => Self::Address(network(address)),
            Self::Failure(address) => Self::Failure(network(address)),
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// How a client stands after a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Against which limit.
    pub limit: &'static str,
    /// Requests in the window.
    pub quota: u64,
    /// The window.
    pub window_s: u64,
    /// Requests left now.
    pub remaining: u64,
    /// Seconds until the whole quota is there again.
    pub reset_s: u64,
    /// Seconds until one more request is allowed; 0 when this one was.
    pub retry_after_s: u64,
}

impl Standing {
    /// Refuses when the request was one too many.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub fn check(&self) -> Result<()> {
        if self.retry_after_s == 0 {
            return Ok(());
        }
        Err(Error::RateLimited {
            detail: format!("more than {} requests in {} s", self.quota, self.window_s),
            retry_after_s: u32::try_from(self.retry_after_s).unwrap_or(u32::MAX),
        })
    }
}

/// What clients have used.
#[derive(Debug)]
pub struct Allowance {
    allowed: Allowed,
    /// When each client's bucket is full again.
    full_ns: Mutex<HashMap<Option<Client>, u64>>,
    streams: Arc<Mutex<HashMap<TokenId, u64>>>,
}

impl Allowance {
    /// Nobody has asked for anything.
    pub fn new(allowed: Allowed) -> Self {
        Self {
            allowed,
            full_ns: Mutex::default(),
            streams: Arc::default(),
        }
    }

    /// Counts a request at a moment of the monotonic clock.
    pub fn count(&self, client: Client, now_ns: u64) -> Standing {
        let quota = match client {
            Client::Token(_) => self.allowed.token_requests,
            Client::Address(_) => self.allowed.address_requests,
            Client::Failure(_) => self.allowed.failures,
        }
        .max(1);
        let window_ns = WINDOW_S * NS_PER_S;
        let cost_ns = (window_ns / quota).max(1);
        let mut all = self.full_ns.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = Some(client.grouped());
        if all.len() >= CLIENTS && !all.contains_key(&key) {
            all.retain(|_, full| *full > now_ns);
            if all.len() >= CLIENTS {
                key = None;
            }
        }
        let full = all.entry(key).or_insert(now_ns);
        let after = (*full).max(now_ns).saturating_add(cost_ns);
        let over_ns = after.saturating_sub(now_ns).saturating_sub(window_ns);
        if over_ns == 0 {
            *full = after;
        }
        let owed_ns = full.saturating_sub(now_ns);
        Standing {
            limit: client.name(),
            quota,
            window_s: WINDOW_S,
            remaining: window_ns.saturating_sub(owed_ns) / cost_ns,
            reset_s: owed_ns.div_ceil(NS_PER_S),
            retry_after_s: over_ns.div_ceil(NS_PER_S),
        }
    }

    /// Streams that are open.
    pub fn streams(&self) -> u64 {
        let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.values().sum()
    }

    /// Opens a stream for a token; it is counted until the ticket goes.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when the token has too many, [`Error::Unavailable`] when the process has.
    pub fn stream(&self, token: TokenId) -> Result<Ticket> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.values().sum::<u64>() >= self.allowed.streams {
            return Err(Error::Unavailable {
                detail: "as many streams of events are open as this server serves",
                retry_after_s: 5,
            });
        }
        let held = streams.entry(token).or_insert(0);
        if *held >= self.allowed.token_streams {
            let detail = format!("this token has {held} streams of events open");
            return Err(Error::RateLimited {
                detail,
                retry_after_s: 5,
            });
        }
        *held += 1;
        Ok(Ticket {
            streams: Arc::clone(&self.streams),
            token,
        })
    }
}

/// An open stream.
#[derive(Debug)]
pub struct Ticket {
    streams: Arc<Mutex<HashMap<TokenId, u64>>>,
    token: TokenId,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = streams.get_mut(&self.token) {
            *held -= 1;
            if *held == 0 {
                streams.remove(&self.token);
            }
        }
    }
}
