//! Numbers to verdicts: SNR, comparison.
