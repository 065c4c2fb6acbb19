//! The checked-in generated code is what the generators make of `proto/` today.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use prost_build::Config;
use protox::prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use protox::prost_reflect::prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn descriptors() -> FileDescriptorSet {
    protox::compile(["specification.proto"], [root().join("proto")]).unwrap()
}

#[test]
fn rust_types_are_current() {
    let out = tempfile::tempdir().unwrap();
    Config::new()
        .btree_map(["."])
        .out_dir(out.path())
        .compile_fds(descriptors())
        .unwrap();
    for (package, file, docs, uses) in [
        (
            "coreml",
            "specification.rs",
            "// @generated from proto/ by the tests of this room.\n//! Messages of `proto/specification.proto`: models, features, pipelines. They only read.\n",
            "use super::mil;\n\n",
        ),
        (
            "coreml.mil",
            "mil.rs",
            "// @generated from proto/ by the tests of this room.\n//! Messages of `proto/mil.proto`: programs, operations, types, values. They only read.\n",
            "",
        ),
    ] {
        let generated = std::fs::read_to_string(out.path().join(format!("{package}.rs"))).unwrap();
        compare(file, &format!("{docs}{uses}{generated}"));
    }
}

#[test]
fn schema_is_current() {
    let mut text = String::from(
        "// @generated from proto/ by the tests of this room.\n\
         //! Tables of the messages of `proto/` for the wire checker: numbers, kinds and decoded sizes.\n\n\
         use super::mil;\n\
         use crate::wire::schema::{Field, Kind, Message};\n",
    );
    for file in &descriptors().file {
        for message in &file.message_type {
            tables(
                file.package(),
                &format!(".{}", file.package()),
                &[],
                message,
                &mut text,
            );
        }
    }
    compare("schema.rs", &text);
}

/// Writes the table of one message and of those declared inside it.
fn tables(
    package: &str,
    scope: &str,
    outer: &[String],
    message: &DescriptorProto,
    text: &mut String,
) {
    let full = format!("{scope}.{}", message.name());
    let map_entry = message
        .options
        .as_ref()
        .is_some_and(protox::prost_reflect::prost_types::MessageOptions::map_entry);
    let mut fields: Vec<_> = message.field.iter().collect();
    fields.sort_by_key(|field| field.number());
    let shown = full
        .trim_start_matches(".coreml.")
        .trim_start_matches("mil.");
    let size = if map_entry {
        map_entry_size(message)
    } else {
        format!("size_of::<{}>()", rust_path(package, outer, message.name()))
    };
    writeln!(
        text,
        "\npub(crate) static {}: Message = Message {{\n    name: \"{shown}\",\n    size_bytes: {size},\n    map_entry: {map_entry},\n    fields: &[",
        static_name(&full)
    )
    .unwrap();
    for field in fields {
        writeln!(
            text,
            "        Field {{ number: {}, name: \"{}\", kind: {}, repeated: {}, oneof: {:?} }},",
            field.number(),
            field.name(),
            kind(field),
            field.label() == Label::Repeated,
            field.oneof_index.map_or(0, |index| index.saturating_add(1)),
        )
        .unwrap();
    }
    text.push_str("    ],\n};\n");
    let mut inner = outer.to_vec();
    inner.push(message.name().to_owned());
    for nested in &message.nested_type {
        tables(package, &full, &inner, nested, text);
    }
}

/// Bytes that one entry of a `BTreeMap` takes, from the types of its key and value.
fn map_entry_size(message: &DescriptorProto) -> String {
    let value = &message.field[1];
    if value.r#type() == Type::Message {
        let value = static_name(value.type_name());
        format!("size_of::<String>() + {value}.size_bytes")
    } else {
        "2 * size_of::<String>()".to_owned()
    }
}

fn rust_path(package: &str, outer: &[String], name: &str) -> String {
    let mut path = if package == "coreml.mil" {
        "mil::".to_owned()
    } else {
        "super::".to_owned()
    };
    for part in outer {
        path.push_str(&snake(part));
        path.push_str("::");
    }
    path + name
}

fn kind(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message => format!("Kind::Message(&{})", static_name(field.type_name())),
        Type::String => "Kind::String".to_owned(),
        Type::Bytes => "Kind::Bytes".to_owned(),
        Type::Float => "Kind::Fixed32".to_owned(),
        Type::Double => "Kind::Fixed64".to_owned(),
        Type::Bool => "Kind::Varint { size_bytes: 1 }".to_owned(),
        Type::Int32 | Type::Enum => "Kind::Varint { size_bytes: 4 }".to_owned(),
        Type::Int64 | Type::Uint64 => "Kind::Varint { size_bytes: 8 }".to_owned(),
        Type::Uint32
        | Type::Sint32
        | Type::Sint64
        | Type::Fixed32
        | Type::Fixed64
        | Type::Sfixed32
        | Type::Sfixed64
        | Type::Group => panic!("proto/ has a field of a type that the checker does not know"),
    }
}

fn static_name(full: &str) -> String {
    full.trim_start_matches(".coreml.")
        .split('.')
        .map(|part| snake(part).to_uppercase())
        .collect::<Vec<_>>()
        .join("_")
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn compare(file: &str, generated: &str) {
    let path = root().join("crates/coreml/src/spec").join(file);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        current == generated,
        "src/spec/{file} is not what proto/ gives; run this test with UPDATE_GENERATED=1"
    );
}
