//! coreanvil: an optimization service for Core ML models.
