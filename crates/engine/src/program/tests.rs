//! Names, folding, and the programs of real packages.

use std::path::{Path, PathBuf};

use api::program::{NodeKind, Program};
use coreml::{Limits, Package};

use super::scope::path_of;
use super::{LAYER_NODES, ProgramGraph};
use crate::Run;

fn read(path: &Path) -> ProgramGraph {
    let limits = Limits::default();
    let run = Run {
        threads: 1,
        limits: &limits,
        scratch: &std::env::temp_dir(),
        progress: &|_, _| {},
        cancelled: &|| false,
    };
    let package = Package::open(path, &std::env::temp_dir(), &limits).unwrap();
    ProgramGraph::read(&package, &run).unwrap()
}

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/models/{name}"))
}

#[test]
fn a_layer_is_told_by_the_number_inside_a_path() {
    for (name, op_type, layer) in [
        (
            "encoder_layer_0_attention_self_query_weight_0",
            "linear",
            Some("encoder_layer_0"),
        ),
        (
            "encoder.layer.11.output.dense",
            "linear",
            Some("encoder.layer.11"),
        ),
        ("features_3_conv_weight_to_fp16", "conv", Some("features_3")),
        ("linear_7_cast_fp16", "linear", None),
        ("linear_7", "linear", None),
        ("input_12_dilations", "conv", None),
        ("conv1_weight", "conv", None),
        ("embed_x_0", "gather", None),
        ("_3_a", "add", None),
        ("", "add", None),
        ("größe_1_ß", "add", Some("größe_1")),
    ] {
        assert_eq!(path_of(name, op_type), layer, "{name}");
    }
}

/// Every layer of a function, from the top.
fn all(graph: &ProgramGraph, function: &str) -> Vec<Program> {
    let mut open = vec![String::new()];
    let mut seen = Vec::new();
    while let Some(path) = open.pop() {
        let view = graph.view(Some(function), &path, None).unwrap();
        let inner = view.nodes.iter().filter(|n| n.opens);
        open.extend(inner.filter_map(|n| n.path.clone()));
        seen.push(view);
    }
    seen
}

#[test]
fn every_operation_stands_in_exactly_one_layer() {
    let mut functions = 0;
    for entry in std::fs::read_dir(model("")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_none_or(|e| e != "mlpackage" && e != "mlmodel")
        {
            continue;
        }
        let graph = read(&path);
        for f in &graph.functions {
            functions += 1;
            let views = all(&graph, &f.name);
            let mut paths: Vec<String> = Vec::new();
            for view in &views {
                let own = view.nodes.iter().filter(|n| n.kind == NodeKind::Operation);
                paths.extend(own.filter_map(|n| n.path.clone()));
                let children = view.nodes.iter().filter(|n| n.path.is_some()).count();
                assert!(children <= LAYER_NODES + 26, "{path:?} {children}");
                for edge in &view.edges {
                    assert!(edge.from < view.nodes.len() && edge.to < view.nodes.len());
                    assert_ne!(edge.from, edge.to);
                }
            }
            paths.sort();
            let count = paths.len();
            paths.dedup();
            assert_eq!((paths.len(), count), (f.ops.len(), f.ops.len()), "{path:?}");
        }
    }
    assert!(functions > 15, "{functions}");
}

#[test]
fn a_small_program_is_shown_as_it_is() {
    let view = read(&model("mnist_cnn.mlpackage"))
        .view(None, "", None)
        .unwrap();
    let kinds = |kind| view.nodes.iter().filter(|n| n.kind == kind).count();
    assert_eq!(kinds(NodeKind::Layer), 0);
    assert_eq!(kinds(NodeKind::Operation) as u64, view.operations);
    assert_eq!((kinds(NodeKind::Source), kinds(NodeKind::Sink)), (1, 1));
    let conv = view
        .nodes
        .iter()
        .find(|n| n.op_type.as_deref() == Some("conv"))
        .unwrap();
    assert!(conv.weight_bytes > 0 && conv.weights.len() == 2, "{conv:?}");
    let stride = conv
        .inputs
        .iter()
        .find(|i| i.parameter == "strides")
        .unwrap();
    assert_eq!(stride.constant.as_deref(), Some("[1, 1]"));
}

#[test]
fn nested_blocks_open() {
    let graph = read(&model("control_flow.mlpackage"));
    let name = graph.functions[0].name.clone();
    let views = all(&graph, &name);
    let blocks: Vec<&str> = views
        .iter()
        .flat_map(|v| &v.nodes)
        .filter(|n| n.kind == NodeKind::Block)
        .map(|n| n.name.as_str())
        .collect();
    assert!(
        blocks.contains(&"true branch") && blocks.contains(&"body"),
        "{blocks:?}"
    );
    // Inside a branch the outputs of the branch are drawn, and what it reads from outside.
    let inside = views
        .iter()
        .find(|v| v.trail.last().is_some_and(|t| t.name == "true branch"));
    let inside = inside.unwrap();
    assert!(
        inside.nodes.iter().any(|n| n.kind == NodeKind::Sink),
        "{inside:?}"
    );
}

#[test]
fn search_finds_by_name_type_and_weight() {
    let graph = read(&model("mnist_cnn.mlpackage"));
    let by = |words| {
        let found = graph.view(None, "", Some(words)).unwrap().found;
        found.into_iter().map(|f| f.by).collect::<Vec<_>>()
    };
    assert!(by("CONV").len() >= 2);
    assert!(by("weight").contains(&"weight".to_owned()));
    assert!(by("<nothing>").is_empty());
}

#[test]
fn a_path_that_is_none_is_none() {
    let graph = read(&model("mnist_cnn.mlpackage"));
    for path in [
        "99",
        "0.0",
        "-1",
        "00",
        "+0",
        "a",
        ".",
        "0.",
        "18446744073709551616",
    ] {
        assert_eq!(graph.view(None, path, None), None, "{path}");
    }
    assert_eq!(graph.view(Some("no such"), "", None), None);
    assert_eq!(
        read(&model("legacy_glm.mlmodel")).view(None, "", None),
        None
    );
}
