//! HTTP client of the API, for the command line and the agent.
