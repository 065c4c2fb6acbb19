// @generated from proto/ by the tests of this room.
//! Tables of the messages of `proto/` for the wire checker: numbers, kinds and decoded sizes.

use super::mil;
use crate::wire::schema::{Field, Kind, Message};

pub(crate) static MIL_PROGRAM: Message = Message {
    name: "Program",
    size_bytes: size_of::<mil::Program>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "version", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "functions", kind: Kind::Message(&MIL_PROGRAM_FUNCTIONS_ENTRY), repeated: true, oneof: 0 },
        Field { number: 3, name: "doc_string", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 4, name: "attributes", kind: Kind::Message(&MIL_PROGRAM_ATTRIBUTES_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_PROGRAM_FUNCTIONS_ENTRY: Message = Message {
    name: "Program.FunctionsEntry",
    size_bytes: size_of::<String>() + MIL_FUNCTION.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_FUNCTION), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_PROGRAM_ATTRIBUTES_ENTRY: Message = Message {
    name: "Program.AttributesEntry",
    size_bytes: size_of::<String>() + MIL_VALUE.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_FUNCTION: Message = Message {
    name: "Function",
    size_bytes: size_of::<mil::Function>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "inputs", kind: Kind::Message(&MIL_NAMED_VALUE_TYPE), repeated: true, oneof: 0 },
        Field { number: 2, name: "opset", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 3, name: "block_specializations", kind: Kind::Message(&MIL_FUNCTION_BLOCK_SPECIALIZATIONS_ENTRY), repeated: true, oneof: 0 },
        Field { number: 4, name: "attributes", kind: Kind::Message(&MIL_FUNCTION_ATTRIBUTES_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_FUNCTION_BLOCK_SPECIALIZATIONS_ENTRY: Message = Message {
    name: "Function.BlockSpecializationsEntry",
    size_bytes: size_of::<String>() + MIL_BLOCK.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_BLOCK), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_FUNCTION_ATTRIBUTES_ENTRY: Message = Message {
    name: "Function.AttributesEntry",
    size_bytes: size_of::<String>() + MIL_VALUE.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_BLOCK: Message = Message {
    name: "Block",
    size_bytes: size_of::<mil::Block>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "inputs", kind: Kind::Message(&MIL_NAMED_VALUE_TYPE), repeated: true, oneof: 0 },
        Field { number: 2, name: "outputs", kind: Kind::String, repeated: true, oneof: 0 },
        Field { number: 3, name: "operations", kind: Kind::Message(&MIL_OPERATION), repeated: true, oneof: 0 },
        Field { number: 4, name: "attributes", kind: Kind::Message(&MIL_BLOCK_ATTRIBUTES_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_BLOCK_ATTRIBUTES_ENTRY: Message = Message {
    name: "Block.AttributesEntry",
    size_bytes: size_of::<String>() + MIL_VALUE.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_ARGUMENT: Message = Message {
    name: "Argument",
    size_bytes: size_of::<mil::Argument>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "arguments", kind: Kind::Message(&MIL_ARGUMENT_BINDING), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_ARGUMENT_BINDING: Message = Message {
    name: "Argument.Binding",
    size_bytes: size_of::<mil::argument::Binding>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "name", kind: Kind::String, repeated: false, oneof: 1 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_OPERATION: Message = Message {
    name: "Operation",
    size_bytes: size_of::<mil::Operation>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "type", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "inputs", kind: Kind::Message(&MIL_OPERATION_INPUTS_ENTRY), repeated: true, oneof: 0 },
        Field { number: 3, name: "outputs", kind: Kind::Message(&MIL_NAMED_VALUE_TYPE), repeated: true, oneof: 0 },
        Field { number: 4, name: "blocks", kind: Kind::Message(&MIL_BLOCK), repeated: true, oneof: 0 },
        Field { number: 5, name: "attributes", kind: Kind::Message(&MIL_OPERATION_ATTRIBUTES_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_OPERATION_INPUTS_ENTRY: Message = Message {
    name: "Operation.InputsEntry",
    size_bytes: size_of::<String>() + MIL_ARGUMENT.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_ARGUMENT), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_OPERATION_ATTRIBUTES_ENTRY: Message = Message {
    name: "Operation.AttributesEntry",
    size_bytes: size_of::<String>() + MIL_VALUE.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_NAMED_VALUE_TYPE: Message = Message {
    name: "NamedValueType",
    size_bytes: size_of::<mil::NamedValueType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_VALUE_TYPE: Message = Message {
    name: "ValueType",
    size_bytes: size_of::<mil::ValueType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "tensor_type", kind: Kind::Message(&MIL_TENSOR_TYPE), repeated: false, oneof: 1 },
        Field { number: 2, name: "list_type", kind: Kind::Message(&MIL_LIST_TYPE), repeated: false, oneof: 1 },
        Field { number: 3, name: "tuple_type", kind: Kind::Message(&MIL_TUPLE_TYPE), repeated: false, oneof: 1 },
        Field { number: 4, name: "dictionary_type", kind: Kind::Message(&MIL_DICTIONARY_TYPE), repeated: false, oneof: 1 },
        Field { number: 5, name: "state_type", kind: Kind::Message(&MIL_STATE_TYPE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_TENSOR_TYPE: Message = Message {
    name: "TensorType",
    size_bytes: size_of::<mil::TensorType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "data_type", kind: Kind::Varint { size_bytes: 4 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "rank", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 3, name: "dimensions", kind: Kind::Message(&MIL_DIMENSION), repeated: true, oneof: 0 },
        Field { number: 4, name: "attributes", kind: Kind::Message(&MIL_TENSOR_TYPE_ATTRIBUTES_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_TYPE_ATTRIBUTES_ENTRY: Message = Message {
    name: "TensorType.AttributesEntry",
    size_bytes: size_of::<String>() + MIL_VALUE.size_bytes,
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_TUPLE_TYPE: Message = Message {
    name: "TupleType",
    size_bytes: size_of::<mil::TupleType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "types", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_LIST_TYPE: Message = Message {
    name: "ListType",
    size_bytes: size_of::<mil::ListType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
        Field { number: 2, name: "length", kind: Kind::Message(&MIL_DIMENSION), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_DICTIONARY_TYPE: Message = Message {
    name: "DictionaryType",
    size_bytes: size_of::<mil::DictionaryType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "key_type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
        Field { number: 2, name: "value_type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_STATE_TYPE: Message = Message {
    name: "StateType",
    size_bytes: size_of::<mil::StateType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "wrapped_type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_DIMENSION: Message = Message {
    name: "Dimension",
    size_bytes: size_of::<mil::Dimension>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "constant", kind: Kind::Message(&MIL_DIMENSION_CONSTANT_DIMENSION), repeated: false, oneof: 1 },
        Field { number: 2, name: "unknown", kind: Kind::Message(&MIL_DIMENSION_UNKNOWN_DIMENSION), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_DIMENSION_CONSTANT_DIMENSION: Message = Message {
    name: "Dimension.ConstantDimension",
    size_bytes: size_of::<mil::dimension::ConstantDimension>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "size", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_DIMENSION_UNKNOWN_DIMENSION: Message = Message {
    name: "Dimension.UnknownDimension",
    size_bytes: size_of::<mil::dimension::UnknownDimension>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "variadic", kind: Kind::Varint { size_bytes: 1 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_VALUE: Message = Message {
    name: "Value",
    size_bytes: size_of::<mil::Value>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "doc_string", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "type", kind: Kind::Message(&MIL_VALUE_TYPE), repeated: false, oneof: 0 },
        Field { number: 3, name: "immediate_value", kind: Kind::Message(&MIL_VALUE_IMMEDIATE_VALUE), repeated: false, oneof: 1 },
        Field { number: 5, name: "blob_file_value", kind: Kind::Message(&MIL_VALUE_BLOB_FILE_VALUE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_VALUE_IMMEDIATE_VALUE: Message = Message {
    name: "Value.ImmediateValue",
    size_bytes: size_of::<mil::value::ImmediateValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "tensor", kind: Kind::Message(&MIL_TENSOR_VALUE), repeated: false, oneof: 1 },
        Field { number: 2, name: "tuple", kind: Kind::Message(&MIL_TUPLE_VALUE), repeated: false, oneof: 1 },
        Field { number: 3, name: "list", kind: Kind::Message(&MIL_LIST_VALUE), repeated: false, oneof: 1 },
        Field { number: 4, name: "dictionary", kind: Kind::Message(&MIL_DICTIONARY_VALUE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_VALUE_BLOB_FILE_VALUE: Message = Message {
    name: "Value.BlobFileValue",
    size_bytes: size_of::<mil::value::BlobFileValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "file_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "offset", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE: Message = Message {
    name: "TensorValue",
    size_bytes: size_of::<mil::TensorValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "floats", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_FLOATS), repeated: false, oneof: 1 },
        Field { number: 2, name: "ints", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_INTS), repeated: false, oneof: 1 },
        Field { number: 3, name: "bools", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_BOOLS), repeated: false, oneof: 1 },
        Field { number: 4, name: "strings", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_STRINGS), repeated: false, oneof: 1 },
        Field { number: 5, name: "long_ints", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_LONG_INTS), repeated: false, oneof: 1 },
        Field { number: 6, name: "doubles", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_DOUBLES), repeated: false, oneof: 1 },
        Field { number: 7, name: "bytes", kind: Kind::Message(&MIL_TENSOR_VALUE_REPEATED_BYTES), repeated: false, oneof: 1 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_FLOATS: Message = Message {
    name: "TensorValue.RepeatedFloats",
    size_bytes: size_of::<mil::tensor_value::RepeatedFloats>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Fixed32, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_DOUBLES: Message = Message {
    name: "TensorValue.RepeatedDoubles",
    size_bytes: size_of::<mil::tensor_value::RepeatedDoubles>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Fixed64, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_INTS: Message = Message {
    name: "TensorValue.RepeatedInts",
    size_bytes: size_of::<mil::tensor_value::RepeatedInts>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Varint { size_bytes: 4 }, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_LONG_INTS: Message = Message {
    name: "TensorValue.RepeatedLongInts",
    size_bytes: size_of::<mil::tensor_value::RepeatedLongInts>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Varint { size_bytes: 8 }, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_BOOLS: Message = Message {
    name: "TensorValue.RepeatedBools",
    size_bytes: size_of::<mil::tensor_value::RepeatedBools>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Varint { size_bytes: 1 }, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_STRINGS: Message = Message {
    name: "TensorValue.RepeatedStrings",
    size_bytes: size_of::<mil::tensor_value::RepeatedStrings>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::String, repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_TENSOR_VALUE_REPEATED_BYTES: Message = Message {
    name: "TensorValue.RepeatedBytes",
    size_bytes: size_of::<mil::tensor_value::RepeatedBytes>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Bytes, repeated: false, oneof: 0 },
    ],
};

pub(crate) static MIL_TUPLE_VALUE: Message = Message {
    name: "TupleValue",
    size_bytes: size_of::<mil::TupleValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Message(&MIL_VALUE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_LIST_VALUE: Message = Message {
    name: "ListValue",
    size_bytes: size_of::<mil::ListValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Message(&MIL_VALUE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_DICTIONARY_VALUE: Message = Message {
    name: "DictionaryValue",
    size_bytes: size_of::<mil::DictionaryValue>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "values", kind: Kind::Message(&MIL_DICTIONARY_VALUE_KEY_VALUE_PAIR), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MIL_DICTIONARY_VALUE_KEY_VALUE_PAIR: Message = Message {
    name: "DictionaryValue.KeyValuePair",
    size_bytes: size_of::<mil::dictionary_value::KeyValuePair>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::Message(&MIL_VALUE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static OPAQUE: Message = Message {
    name: "Opaque",
    size_bytes: size_of::<super::Opaque>(),
    map_entry: false,
    fields: &[
    ],
};

pub(crate) static SIZE_RANGE: Message = Message {
    name: "SizeRange",
    size_bytes: size_of::<super::SizeRange>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "lower_bound", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "upper_bound", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static IMAGE_FEATURE_TYPE: Message = Message {
    name: "ImageFeatureType",
    size_bytes: size_of::<super::ImageFeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "width", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "height", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 3, name: "color_space", kind: Kind::Varint { size_bytes: 4 }, repeated: false, oneof: 0 },
        Field { number: 21, name: "enumerated_sizes", kind: Kind::Message(&IMAGE_FEATURE_TYPE_ENUMERATED_IMAGE_SIZES), repeated: false, oneof: 1 },
        Field { number: 31, name: "image_size_range", kind: Kind::Message(&IMAGE_FEATURE_TYPE_IMAGE_SIZE_RANGE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static IMAGE_FEATURE_TYPE_IMAGE_SIZE: Message = Message {
    name: "ImageFeatureType.ImageSize",
    size_bytes: size_of::<super::image_feature_type::ImageSize>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "width", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "height", kind: Kind::Varint { size_bytes: 8 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static IMAGE_FEATURE_TYPE_ENUMERATED_IMAGE_SIZES: Message = Message {
    name: "ImageFeatureType.EnumeratedImageSizes",
    size_bytes: size_of::<super::image_feature_type::EnumeratedImageSizes>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "sizes", kind: Kind::Message(&IMAGE_FEATURE_TYPE_IMAGE_SIZE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static IMAGE_FEATURE_TYPE_IMAGE_SIZE_RANGE: Message = Message {
    name: "ImageFeatureType.ImageSizeRange",
    size_bytes: size_of::<super::image_feature_type::ImageSizeRange>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "width_range", kind: Kind::Message(&SIZE_RANGE), repeated: false, oneof: 0 },
        Field { number: 2, name: "height_range", kind: Kind::Message(&SIZE_RANGE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static ARRAY_FEATURE_TYPE: Message = Message {
    name: "ArrayFeatureType",
    size_bytes: size_of::<super::ArrayFeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "shape", kind: Kind::Varint { size_bytes: 8 }, repeated: true, oneof: 0 },
        Field { number: 2, name: "data_type", kind: Kind::Varint { size_bytes: 4 }, repeated: false, oneof: 0 },
        Field { number: 21, name: "enumerated_shapes", kind: Kind::Message(&ARRAY_FEATURE_TYPE_ENUMERATED_SHAPES), repeated: false, oneof: 1 },
        Field { number: 31, name: "shape_range", kind: Kind::Message(&ARRAY_FEATURE_TYPE_SHAPE_RANGE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static ARRAY_FEATURE_TYPE_SHAPE: Message = Message {
    name: "ArrayFeatureType.Shape",
    size_bytes: size_of::<super::array_feature_type::Shape>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "shape", kind: Kind::Varint { size_bytes: 8 }, repeated: true, oneof: 0 },
    ],
};

pub(crate) static ARRAY_FEATURE_TYPE_ENUMERATED_SHAPES: Message = Message {
    name: "ArrayFeatureType.EnumeratedShapes",
    size_bytes: size_of::<super::array_feature_type::EnumeratedShapes>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "shapes", kind: Kind::Message(&ARRAY_FEATURE_TYPE_SHAPE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static ARRAY_FEATURE_TYPE_SHAPE_RANGE: Message = Message {
    name: "ArrayFeatureType.ShapeRange",
    size_bytes: size_of::<super::array_feature_type::ShapeRange>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "size_ranges", kind: Kind::Message(&SIZE_RANGE), repeated: true, oneof: 0 },
    ],
};

pub(crate) static DICTIONARY_FEATURE_TYPE: Message = Message {
    name: "DictionaryFeatureType",
    size_bytes: size_of::<super::DictionaryFeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "int64_key_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2, name: "string_key_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static SEQUENCE_FEATURE_TYPE: Message = Message {
    name: "SequenceFeatureType",
    size_bytes: size_of::<super::SequenceFeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "int64_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 3, name: "string_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 101, name: "size_range", kind: Kind::Message(&SIZE_RANGE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static STATE_FEATURE_TYPE: Message = Message {
    name: "StateFeatureType",
    size_bytes: size_of::<super::StateFeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "array_type", kind: Kind::Message(&ARRAY_FEATURE_TYPE), repeated: false, oneof: 1 },
    ],
};

pub(crate) static FEATURE_TYPE: Message = Message {
    name: "FeatureType",
    size_bytes: size_of::<super::FeatureType>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "int64_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2, name: "double_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 3, name: "string_type", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 4, name: "image_type", kind: Kind::Message(&IMAGE_FEATURE_TYPE), repeated: false, oneof: 1 },
        Field { number: 5, name: "multi_array_type", kind: Kind::Message(&ARRAY_FEATURE_TYPE), repeated: false, oneof: 1 },
        Field { number: 6, name: "dictionary_type", kind: Kind::Message(&DICTIONARY_FEATURE_TYPE), repeated: false, oneof: 1 },
        Field { number: 7, name: "sequence_type", kind: Kind::Message(&SEQUENCE_FEATURE_TYPE), repeated: false, oneof: 1 },
        Field { number: 8, name: "state_type", kind: Kind::Message(&STATE_FEATURE_TYPE), repeated: false, oneof: 1 },
        Field { number: 1000, name: "is_optional", kind: Kind::Varint { size_bytes: 1 }, repeated: false, oneof: 0 },
    ],
};

pub(crate) static FEATURE_DESCRIPTION: Message = Message {
    name: "FeatureDescription",
    size_bytes: size_of::<super::FeatureDescription>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "short_description", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 3, name: "type", kind: Kind::Message(&FEATURE_TYPE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static METADATA: Message = Message {
    name: "Metadata",
    size_bytes: size_of::<super::Metadata>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "short_description", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "version_string", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 3, name: "author", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 4, name: "license", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 100, name: "user_defined", kind: Kind::Message(&METADATA_USER_DEFINED_ENTRY), repeated: true, oneof: 0 },
    ],
};

pub(crate) static METADATA_USER_DEFINED_ENTRY: Message = Message {
    name: "Metadata.UserDefinedEntry",
    size_bytes: 2 * size_of::<String>(),
    map_entry: true,
    fields: &[
        Field { number: 1, name: "key", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "value", kind: Kind::String, repeated: false, oneof: 0 },
    ],
};

pub(crate) static FUNCTION_DESCRIPTION: Message = Message {
    name: "FunctionDescription",
    size_bytes: size_of::<super::FunctionDescription>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "input", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 3, name: "output", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 4, name: "predicted_feature_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 5, name: "predicted_probabilities_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 6, name: "state", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MODEL_DESCRIPTION: Message = Message {
    name: "ModelDescription",
    size_bytes: size_of::<super::ModelDescription>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "input", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 10, name: "output", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 11, name: "predicted_feature_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 12, name: "predicted_probabilities_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 13, name: "state", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 20, name: "functions", kind: Kind::Message(&FUNCTION_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 21, name: "default_function_name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 50, name: "training_input", kind: Kind::Message(&FEATURE_DESCRIPTION), repeated: true, oneof: 0 },
        Field { number: 100, name: "metadata", kind: Kind::Message(&METADATA), repeated: false, oneof: 0 },
    ],
};

pub(crate) static PIPELINE: Message = Message {
    name: "Pipeline",
    size_bytes: size_of::<super::Pipeline>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "models", kind: Kind::Message(&MODEL), repeated: true, oneof: 0 },
        Field { number: 2, name: "names", kind: Kind::String, repeated: true, oneof: 0 },
    ],
};

pub(crate) static PIPELINE_WRAPPER: Message = Message {
    name: "PipelineWrapper",
    size_bytes: size_of::<super::PipelineWrapper>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "pipeline", kind: Kind::Message(&PIPELINE), repeated: false, oneof: 0 },
    ],
};

pub(crate) static NEURAL_NETWORK_LAYER: Message = Message {
    name: "NeuralNetworkLayer",
    size_bytes: size_of::<super::NeuralNetworkLayer>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "name", kind: Kind::String, repeated: false, oneof: 0 },
        Field { number: 2, name: "input", kind: Kind::String, repeated: true, oneof: 0 },
        Field { number: 3, name: "output", kind: Kind::String, repeated: true, oneof: 0 },
    ],
};

pub(crate) static NEURAL_NETWORK: Message = Message {
    name: "NeuralNetwork",
    size_bytes: size_of::<super::NeuralNetwork>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "layers", kind: Kind::Message(&NEURAL_NETWORK_LAYER), repeated: true, oneof: 0 },
    ],
};

pub(crate) static MODEL: Message = Message {
    name: "Model",
    size_bytes: size_of::<super::Model>(),
    map_entry: false,
    fields: &[
        Field { number: 1, name: "specification_version", kind: Kind::Varint { size_bytes: 4 }, repeated: false, oneof: 0 },
        Field { number: 2, name: "description", kind: Kind::Message(&MODEL_DESCRIPTION), repeated: false, oneof: 0 },
        Field { number: 10, name: "is_updatable", kind: Kind::Varint { size_bytes: 1 }, repeated: false, oneof: 0 },
        Field { number: 200, name: "pipeline_classifier", kind: Kind::Message(&PIPELINE_WRAPPER), repeated: false, oneof: 1 },
        Field { number: 201, name: "pipeline_regressor", kind: Kind::Message(&PIPELINE_WRAPPER), repeated: false, oneof: 1 },
        Field { number: 202, name: "pipeline", kind: Kind::Message(&PIPELINE), repeated: false, oneof: 1 },
        Field { number: 300, name: "glm_regressor", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 301, name: "support_vector_regressor", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 302, name: "tree_ensemble_regressor", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 303, name: "neural_network_regressor", kind: Kind::Message(&NEURAL_NETWORK), repeated: false, oneof: 1 },
        Field { number: 304, name: "bayesian_probit_regressor", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 400, name: "glm_classifier", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 401, name: "support_vector_classifier", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 402, name: "tree_ensemble_classifier", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 403, name: "neural_network_classifier", kind: Kind::Message(&NEURAL_NETWORK), repeated: false, oneof: 1 },
        Field { number: 404, name: "k_nearest_neighbors_classifier", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 500, name: "neural_network", kind: Kind::Message(&NEURAL_NETWORK), repeated: false, oneof: 1 },
        Field { number: 501, name: "item_similarity_recommender", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 502, name: "ml_program", kind: Kind::Message(&MIL_PROGRAM), repeated: false, oneof: 1 },
        Field { number: 555, name: "custom_model", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 556, name: "linked_model", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 560, name: "class_confidence_thresholding", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 600, name: "one_hot_encoder", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 601, name: "imputer", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 602, name: "feature_vectorizer", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 603, name: "dict_vectorizer", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 604, name: "scaler", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 606, name: "categorical_mapping", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 607, name: "normalizer", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 609, name: "array_feature_extractor", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 610, name: "non_maximum_suppression", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 900, name: "identity", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2000, name: "text_classifier", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2001, name: "word_tagger", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2002, name: "vision_feature_print", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2003, name: "sound_analysis_preprocessing", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2004, name: "gazetteer", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2005, name: "word_embedding", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 2006, name: "audio_feature_print", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
        Field { number: 3000, name: "serialized_model", kind: Kind::Message(&OPAQUE), repeated: false, oneof: 1 },
    ],
};
