//! Known values: sums, axes and tables by hand, and real packages.

use std::path::{Path, PathBuf};

use api::weights::WeightDetail;
use coreml::package::Publish;
use coreml::{Limits, Package};

use super::histogram::{axis, histogram};
use super::statistics::statistics;
use crate::{Output, Recipe, Run};

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/models/{name}"))
}

fn open(path: &Path) -> Package {
    Package::open(path, &std::env::temp_dir(), &Limits::default()).unwrap()
}

fn with_run<T>(act: impl FnOnce(&Run<'_>) -> T) -> T {
    let limits = Limits::default();
    act(&Run {
        threads: 2,
        limits: &limits,
        scratch: &std::env::temp_dir(),
        progress: &|_, _| {},
        cancelled: &|| false,
    })
}

/// The first weight of `mnist_cnn` after a recipe, beside what it was.
fn after(recipe: &str) -> WeightDetail {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (model("mnist_cnn.mlpackage"), folder.path().join("out"));
    let output = Output {
        target: &to,
        publish: Publish::New,
    };
    with_run(|run| {
        let (input, recipe) = (open(&from), Recipe::named(recipe).unwrap());
        let report = crate::compress(&input, &recipe, false, output, run).unwrap();
        let row = report
            .rows
            .iter()
            .filter(|r| r.left_because.is_none())
            .max_by_key(|r| r.bytes_before)
            .unwrap();
        let found = crate::weight(
            &open(&to),
            Some(&input),
            Some(&row.function),
            &row.name,
            run,
        );
        let detail = found.unwrap().unwrap();
        let before = detail.before.as_ref().unwrap();
        // The report and the look say the same of the same weight.
        let near = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-6;
        assert!(near(before.snr_db, row.snr_db), "{before:?} {row:?}");
        assert!(near(before.max_abs, row.max_abs), "{before:?} {row:?}");
        assert_eq!(
            (detail.bytes, before.bytes),
            (row.bytes_after, row.bytes_before)
        );
        detail
    })
}

#[test]
fn sums_are_those_of_the_finite_values() {
    let s = statistics(&[1.0, f32::NAN, 3.0, 0.0, -0.0, f32::INFINITY]);
    assert_eq!((s.count, s.nan, s.infinite, s.zeros), (6, 1, 1, 2));
    assert_eq!((s.min, s.max, s.mean), (Some(0.0), Some(3.0), Some(1.0)));
    // (0 + 4 + 1 + 1) / 4
    assert!((s.sd.unwrap() - 1.5f64.sqrt()).abs() < 1e-12);
    let none = statistics(&[f32::NAN; 3]);
    assert_eq!((none.min, none.mean, none.sd), (None, None, None));
    // A deviation of 1 around 10⁷ survives.
    let far = statistics(&[9_999_999.0, 10_000_001.0]);
    assert_eq!(far.sd, Some(1.0));
}

#[test]
fn every_finite_value_is_counted_once() {
    let values = [-1.0, -0.5, 0.0, 0.49, 0.5, 1.0, f32::NAN, 7.0, -9.0];
    let h = histogram(&values, -1.0, 1.0, 4);
    assert_eq!(h.counts, [1, 1, 2, 2]);
    assert_eq!((h.below, h.above), (1, 1));
}

#[test]
fn one_outlier_does_not_stretch_the_axis() {
    let mut values: Vec<f32> = (0..20_000u16)
        .map(|i| f32::from(i) / 10_000.0 - 1.0)
        .collect();
    assert!((axis(&values, &statistics(&values)).0 + 1.0).abs() < 1e-12);
    values.push(500.0);
    let (from, to) = axis(&values, &statistics(&values));
    assert!(
        (-1.3..=-1.0).contains(&from) && (1.0..1.5).contains(&to),
        "{from} {to}"
    );
    let h = histogram(&values, from, to, 96);
    assert_eq!((h.below, h.above), (0, 1));
}

#[test]
fn axes_of_nothing_and_of_one_value_have_a_width() {
    for values in [&[][..], &[f32::NAN], &[0.0], &[3.0, 3.0], &[-2.0]] {
        let (from, to) = axis(values, &statistics(values));
        assert!(from < to, "{values:?}");
        let h = histogram(values, from, to, 96);
        let finite = values.iter().filter(|v| v.is_finite()).count();
        assert_eq!(h.counts.iter().sum::<u64>(), finite as u64, "{values:?}");
    }
}

#[test]
fn a_palette_counts_every_value() {
    let detail = after("palettize-4");
    let palette = detail.palette.as_ref().unwrap();
    assert_eq!(
        (
            palette.tables,
            palette.entries_per_table,
            palette.vector_size
        ),
        (1, 16, 1)
    );
    let counted: u64 = palette.entries.iter().map(|e| e.count).sum();
    assert_eq!(counted, detail.statistics.count);
    assert_eq!(detail.histogram.counts.len(), 96);
    assert_eq!(
        detail.histogram.from.to_bits(),
        detail.before.as_ref().unwrap().histogram.from.to_bits()
    );
    assert!(detail.scale.is_none() && detail.sparsity.is_none());
}

#[test]
fn scales_and_masks_are_told() {
    let int8 = after("int8");
    let scale = int8.scale.as_ref().unwrap();
    assert!(scale.min > Some(0.0) && scale.count > 1, "{scale:?}");
    assert!(int8.palette.is_none());
    let pruned = after("prune-50");
    assert!(
        (pruned.sparsity.unwrap() - 0.5).abs() < 0.01,
        "{:?}",
        pruned.sparsity
    );
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    let zeros = pruned.statistics.zeros as f64 / pruned.statistics.count as f64;
    assert!(zeros >= pruned.sparsity.unwrap() - 1e-9);
}

#[test]
fn what_is_not_there_is_none() {
    with_run(|run| {
        let mnist = open(&model("mnist_cnn.mlpackage"));
        assert_eq!(
            crate::weight(&mnist, None, None, "no such", run).unwrap(),
            None
        );
        let old = open(&model("legacy_glm.mlmodel"));
        assert_eq!(crate::weight(&old, None, None, "w", run).unwrap(), None);
    });
}

#[test]
fn every_weight_of_every_package_can_be_looked_at() {
    let mut seen = 0;
    for entry in std::fs::read_dir(model("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "mlpackage") {
            continue;
        }
        with_run(|run| {
            let package = open(&path);
            for function in crate::inspect(&package, run).unwrap().functions {
                for w in function.weights {
                    let name = Some(function.name.as_str());
                    let found = crate::weight(&package, Some(&package), name, &w.name, run);
                    let detail = found.unwrap().unwrap();
                    let s = detail.statistics;
                    let h = &detail.histogram;
                    let counted = h.counts.iter().sum::<u64>() + h.below + h.above;
                    assert_eq!(counted + s.nan + s.infinite, s.count, "{path:?} {}", w.name);
                    // Against itself nothing differs.
                    assert_eq!(detail.before.unwrap().snr_db, None);
                    seen += 1;
                }
            }
        });
    }
    assert!(seen > 50, "{seen}");
}
