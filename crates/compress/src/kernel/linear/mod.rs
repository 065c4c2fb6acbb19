//! Linear quantization to eight bits, as coremltools 9.0 does it.
//!
//! All steps run in the type of the weights: on halves each operation is computed in single
//! precision and rounded to half, the quotient too. `element` holds that difference between the
//! types, `channel` the scale and zero point of one channel, `run` the loop over weights, and
//! `layout` walks a tensor by its channels.
//!
//! What it does not do: blocks, four bits, choosing the axis.

mod channel;
mod element;
mod layout;
mod quantize;
mod run;

pub use quantize::{CodeType, Mode, Quantized, Scheme, quantize};

#[cfg(test)]
mod tests;
