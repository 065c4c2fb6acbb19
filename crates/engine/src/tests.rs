//! The engine on real packages of `tests/models`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use api::report::Report;
use coreml::package::Publish;
use coreml::{Limits, Package};

use crate::{Error, Output, Recipe, Run};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models")
}

fn model(name: &str) -> PathBuf {
    models().join(format!("{name}.mlpackage"))
}

fn open(path: &Path) -> Package {
    Package::open(path, &std::env::temp_dir(), &Limits::default()).unwrap()
}

fn with_run<T>(threads: usize, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let limits = Limits::default();
    act(&Run {
        threads,
        limits: &limits,
        scratch: &std::env::temp_dir(),
        progress: &|_, _| {},
        cancelled: &|| false,
    })
}

fn compress(input: &Path, recipe: &Recipe, target: &Path, threads: usize) -> Result<Report, Error> {
    let output = Output {
        target,
        publish: Publish::New,
    };
    with_run(threads, |run| {
        crate::compress(&open(input), recipe, false, output, run)
    })
}

fn files(package: &Path) -> BTreeMap<String, Vec<u8>> {
    open(package)
        .files()
        .iter()
        .map(|f| (f.path.clone(), f.bytes.to_vec()))
        .collect()
}

fn all_models() -> Vec<PathBuf> {
    let is_model = |p: &PathBuf| {
        p.extension()
            .is_some_and(|e| e == "mlpackage" || e == "mlmodel")
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(models())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(is_model)
        .collect();
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths
}

#[test]
fn a_recipe_without_steps_gives_the_same_bytes() {
    let none = Recipe::parse("steps: []", "none").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for path in all_models() {
        let target = folder.path().join(path.file_name().unwrap());
        compress(&path, &none, &target, 2).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        assert_eq!(files(&path), files(&target), "{path:?}");
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    for recipe in ["int8", "palettize-4", "prune-50"] {
        for name in ["mnist_cnn", "multifunction", "tied", "misc_ops"] {
            let (one, eight) = (folder.path().join("one"), folder.path().join("eight"));
            let recipe = Recipe::named(recipe).unwrap();
            let a = compress(&model(name), &recipe, &one, 1).unwrap();
            let b = compress(&model(name), &recipe, &eight, 8).unwrap();
            assert_eq!(a, b);
            assert_eq!(files(&one), files(&eight), "{name}");
            fs::remove_dir_all(&one).unwrap();
            fs::remove_dir_all(&eight).unwrap();
        }
    }
}

#[test]
fn functions_keep_sharing_what_they_shared() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let report = compress(
        &model("multifunction"),
        &Recipe::named("int8").unwrap(),
        &target,
        2,
    )
    .unwrap();
    let shared: u64 = report
        .rows
        .iter()
        .filter(|r| r.left_because.is_none())
        .map(|r| r.bytes_after)
        .sum();
    assert_eq!(report.weights.compressed, 5);
    // Three functions name the same weights: the rows count them three times, the file once.
    assert!(
        report.size_bytes_after < shared + 40_000,
        "{} {shared}",
        report.size_bytes_after
    );
}

#[test]
fn a_program_for_ios15_is_raised_only_when_something_was_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a");
    let report = compress(
        &model("mnist_cnn"),
        &Recipe::named("int8").unwrap(),
        &target,
        2,
    )
    .unwrap();
    assert_eq!(
        (
            report.deployment_target.before.as_str(),
            report.deployment_target.after.as_str()
        ),
        ("iOS15", "iOS16")
    );
    assert!(
        report.warnings[0].contains("iOS15 is no longer supported"),
        "{:?}",
        report.warnings
    );
    let inspected = with_run(1, |run| crate::inspect(&open(&target), run)).unwrap();
    assert_eq!(
        (
            inspected.specification_version,
            inspected.requires.opset.as_deref()
        ),
        (7, Some("CoreML6"))
    );
    let target = folder.path().join("b");
    let report = compress(
        &model("control_flow"),
        &Recipe::named("int8").unwrap(),
        &target,
        2,
    )
    .unwrap();
    assert_eq!(report.weights.compressed, 0);
    assert_eq!(report.deployment_target.after, "iOS15");
    assert_eq!(files(&model("control_flow")), files(&target));
}

#[test]
fn what_an_opset_cannot_say_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let error = compress(
        &model("mnist_cnn"),
        &Recipe::named("palettize-3").unwrap(),
        &target,
        2,
    )
    .unwrap_err();
    assert_eq!(error.class(), crate::Class::Unsupported);
    assert!(error.to_string().contains("needs opset CoreML8"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn cancelled_work_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let run = Run {
        threads: 2,
        limits: &limits,
        scratch: folder.path(),
        progress: &|_, _| {},
        cancelled: &|| true,
    };
    let target = folder.path().join("out");
    let output = Output {
        target: &target,
        publish: Publish::New,
    };
    let recipe = Recipe::named("palettize-8").unwrap();
    let error =
        crate::compress(&open(&model("mnist_cnn")), &recipe, false, output, &run).unwrap_err();
    assert_eq!(error.class(), crate::Class::Cancelled);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn bad_weights_are_left_and_said_why() {
    let folder = tempfile::tempdir().unwrap();
    let text = "config_type: OpLinearQuantizerConfig\nglobal_config: {weight_threshold: 16}";
    let report = compress(
        &model("edge_values"),
        &Recipe::parse(text, "r").unwrap(),
        &folder.path().join("out"),
        2,
    )
    .unwrap();
    let reasons: Vec<&str> = report
        .rows
        .iter()
        .filter_map(|r| r.left_because.as_deref())
        .collect();
    assert!(reasons.iter().any(|r| r.contains("infinit")), "{reasons:?}");
    assert!(report.weights.compressed > 0);
}

#[test]
fn overrides_that_match_nothing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = "config_type: OpLinearQuantizerConfig\nglobal_config: {}\nop_type_configs: {linear: null, nonesuch: null}\nop_name_configs: {absent: null}";
    let recipe = Recipe::parse(text, "r").unwrap();
    let report = compress(&model("mnist_cnn"), &recipe, &folder.path().join("out"), 2).unwrap();
    assert_eq!(report.unmatched_overrides, ["absent", "nonesuch"]);
    assert!(
        report
            .rows
            .iter()
            .any(|r| r.users == ["fc1_cast_fp16"] && r.left_because.is_some())
    );
    let strict = folder.path().join("strict");
    let output = Output {
        target: &strict,
        publish: Publish::New,
    };
    let error = with_run(1, |run| {
        crate::compress(&open(&model("mnist_cnn")), &recipe, true, output, run)
    })
    .unwrap_err();
    assert_eq!(error.class(), crate::Class::Recipe);
    assert!(!strict.exists());
}

#[test]
fn decompressing_what_was_compressed_gives_the_compressed_values() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "mnist_int8",
        "mnist_lut4",
        "mnist_lut4_grouped_ios18",
        "mnist_sparse_lut4_ios18",
    ] {
        let target = folder.path().join(name);
        let output = Output {
            target: &target,
            publish: Publish::New,
        };
        let report =
            with_run(2, |run| crate::decompress(&open(&model(name)), output, run)).unwrap();
        assert!(report.weights.compressed > 0, "{name}");
        let comparison = with_run(1, |run| {
            crate::compare(&open(&model(name)), &open(&target), run)
        })
        .unwrap();
        assert!(
            comparison.unmatched.a.is_empty() && comparison.unmatched.b.is_empty(),
            "{comparison:?}"
        );
        for weight in &comparison.weights {
            assert_eq!(weight.max_abs, None, "{name} {weight:?}");
        }
        let inspected = with_run(1, |run| crate::inspect(&open(&target), run)).unwrap();
        let constexprs = inspected.functions[0]
            .op_counts
            .keys()
            .any(|op| op.starts_with("constexpr_"));
        assert!(
            !constexprs,
            "{name}: {:?}",
            inspected.functions[0].op_counts
        );
    }
}

#[test]
fn comparison_measures_what_compression_did() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let report = compress(
        &model("mnist_cnn"),
        &Recipe::named("int8").unwrap(),
        &target,
        2,
    )
    .unwrap();
    let comparison = with_run(1, |run| {
        crate::compare(&open(&model("mnist_cnn")), &open(&target), run)
    })
    .unwrap();
    assert!(comparison.size_ratio < 0.6 && !comparison.same_digest && !comparison.same_content);
    for row in report.rows.iter().filter(|r| r.snr_db.is_some()) {
        let weight = comparison
            .weights
            .iter()
            .find(|w| w.name == row.name)
            .unwrap();
        let (a, b) = (row.snr_db.unwrap(), weight.snr_db.unwrap());
        assert!((a - b).abs() < 1e-3, "{}: {a} {b}", row.name);
        assert!((row.max_abs.unwrap() - weight.max_abs.unwrap()).abs() < 1e-9);
    }
}

/// What a second export changes: manifest identifiers, the order of its items, the order of protobuf maps.
#[test]
fn two_exports_have_one_content_digest() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.mlpackage");
    let source = open(&model("mnist_cnn"));
    for file in source.files() {
        let path = copy.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let bytes = if file.path == "Manifest.json" {
            let text = String::from_utf8(file.bytes.to_vec()).unwrap();
            let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut text = text;
            for (i, id) in manifest["itemInfoEntries"]
                .as_object()
                .unwrap()
                .keys()
                .enumerate()
            {
                text = text.replace(
                    id.as_str(),
                    &format!("00000000-0000-4000-8000-{:012}", 9 - i),
                );
            }
            text.into_bytes()
        } else if file.path == source.model().path {
            // Reversed fields at every level would change repeated ones; canonical order is another order than the
            // exporter's and keeps them.
            let other = coreml::wire::canonical(&file.bytes, &|_, _| false).unwrap();
            assert_ne!(other, file.bytes.to_vec());
            other
        } else {
            file.bytes.to_vec()
        };
        fs::write(path, bytes).unwrap();
    }
    let again = open(&copy);
    let limits = Limits::default();
    assert_ne!(source.digest(), again.digest());
    assert_eq!(
        crate::content_digest(&source, &limits).unwrap(),
        crate::content_digest(&again, &limits).unwrap()
    );
    let other = open(&model("mnist_int8"));
    assert_ne!(
        crate::content_digest(&source, &limits).unwrap(),
        crate::content_digest(&other, &limits).unwrap()
    );
}

#[test]
fn the_outlook_is_near_what_comes_out() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["mnist_cnn", "mlp_fp32", "mnist_int8", "misc_ops"] {
        let inspection = with_run(1, |run| crate::inspect(&open(&model(name)), run)).unwrap();
        for recipe in crate::named().iter().filter(|one| one.built) {
            let recipe = Recipe::named(recipe.name).unwrap();
            let Some(likely) = crate::outlook(&recipe, &inspection) else {
                assert_eq!(recipe.name, "palettize-unique");
                continue;
            };
            let target = folder.path().join(format!("{name}-{}", recipe.name));
            let Ok(report) = compress(&model(name), &recipe, &target, 2) else {
                continue;
            };
            let found = report.size_bytes_after;
            // Less than 6 %.
            assert!(
                likely.abs_diff(found) * 100 < found * 6,
                "{name} {}: {likely} is not {found}",
                recipe.name
            );
        }
    }
}
