//! What a model file says: decoded, verified, and with the place of each part in the file.
//!
//! [`Document::open`] checks the bytes, decodes them, and proves what can be proven without running the program:
//! names, types, weights, features. What an operation computes is deliberately not known here, with the exception of
//! the `constexpr_*` operations, whose parameters describe stored weights.

mod data_type;
mod document;
mod model_type;
mod opset;
mod span;
mod tensor;
mod verify;

#[cfg(test)]
mod tests;

pub use data_type::DataType;
pub use document::Document;
pub use model_type::ModelType;
pub use opset::{Opset, UnknownOpset};
pub use span::{BlockEntrySpan, BlockSpan, FunctionSpan, ModelSpan, OperationSpan};
pub use tensor::{Stored, Tensor};
