//! The HTTP API as a client sees it: the real router on a real listener, over SQLite and files, and over Postgres where
//! `COREANVIL_TEST_POSTGRES_URL` names one. Time stands still and ids count up, so that answers are the same every time.

mod access;
mod conditions;
mod dashboard;
mod download;
mod events;
mod evidence;
mod idempotency;
mod jobs;
mod limits;
mod lists;
mod models;
mod openapi;
mod problems;
mod resumable;
pub(crate) mod server;
mod sweeper;
mod tokens;
mod upload;
mod weights;
