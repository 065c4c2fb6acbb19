//! The package: reads hostile Core ML files, writes lossless ones.
