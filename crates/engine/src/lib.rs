//! What each kind of job does, file to file; called by the command line and the worker.
