//! Tests of the engine on real packages.
