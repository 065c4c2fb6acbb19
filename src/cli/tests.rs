//! Rows for what needs no process: numbers as people read them, names of outputs, the statuses of errors, the report.

use std::path::Path;

use api::report::{RecipeEcho, Report, ReportRow, TargetChange, WeightCounts};
use coreml::Limit;

use super::exit::{Exit, Failure};
use super::output::Output;
use super::target::{Target, beside};
use super::{report, units};

#[test]
fn numbers_are_shown_with_three_digits() {
    let check = |count: u64, expected: &str| assert_eq!(units::bytes(count), expected);
    check(0, "0 B");
    check(1023, "1023 B");
    check(1024, "1.00 KiB");
    check(126_300, "123 KiB");
    check(1_048_575, "1.00 MiB");
    check(5 << 30, "5.00 GiB");
    check(u64::MAX, "16.0 EiB");
    assert_eq!(units::change(400, 100), "4.00× smaller");
    assert_eq!(units::change(100, 150), "1.50× larger");
    assert_eq!(units::change(100, 100), "same size");
    assert_eq!(units::times(1, 0), "–");
    assert_eq!(units::decibels(Some(41.26)), "41.3 dB");
    assert_eq!(units::decibels(None), "exact");
    assert_eq!(units::small(0.012_345), "0.0123");
    assert_eq!(units::small(123.456), "123");
    assert_eq!(units::small(0.000_012_3), "1.23e-5");
    assert_eq!(units::duration_ms(999), "999 ms");
    assert_eq!(units::duration_ms(59_950), "60.0 s");
    assert_eq!(units::duration_ms(125_000), "2 min 5 s");
    assert_eq!(units::count(1_234_567), "1,234,567");
    assert_eq!(units::shape(&[64, 3, 3]), "64×3×3");
    assert_eq!(units::shape::<u64>(&[]), "scalar");
    assert_eq!(units::shortened("abcdefghij", 7), "abc…hij");
    assert_eq!(units::median(vec![3.0, 1.0, 2.0, 4.0]), Some(2.0));
}

#[test]
fn outputs_stand_beside_inputs() {
    let check = |input: &str, suffix: &str, expected: &str| {
        assert_eq!(
            beside(Path::new(input), suffix, "mlpackage"),
            Path::new(expected)
        );
    };
    check("models/Net.mlpackage", "int8", "models/Net-int8.mlpackage");
    check("Net.zip", "prune-50+int8", "Net-prune-50+int8.mlpackage");
    check(
        "/a/Net.v2.mlpackage/",
        "my recipe/../x",
        "/a/Net.v2-my-recipe-..-x.mlpackage",
    );
}

#[test]
fn a_target_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mlpackage");
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    let write = |force: bool, content: &str| {
        let target = Target::new(&path, force)?;
        let work = target.unfinished("work");
        std::fs::create_dir(&work).unwrap();
        std::fs::write(work.join("file"), content).unwrap();
        std::fs::write(work.join("Manifest.json"), "{}").unwrap();
        target.publish(&work)
    };
    drop(Target::new(&path, false).unwrap());
    assert_eq!(names(), 0);
    write(false, "1").unwrap();
    assert_eq!(write(false, "2").unwrap_err().exit, Exit::Usage);
    write(true, "3").unwrap();
    assert_eq!(
        (
            std::fs::read_to_string(path.join("file")).unwrap().as_str(),
            names()
        ),
        ("3", 1)
    );
}

#[test]
fn errors_are_one_line_and_have_their_status() {
    let check = |failure: Failure, exit: Exit, line: &str| {
        assert_eq!((failure.exit, failure.line.as_str()), (exit, line));
    };
    let limit = coreml::Error::TooMuch {
        limit: Limit::PathDepth,
        place: "a/b".into(),
        found: 2,
        most: 1,
    };
    check(
        limit.into(),
        Exit::Malformed,
        "path too deep: a/b: 2 parts, at most 1 (limits.path_depth)",
    );
    let missing = coreml::Error::NotFound {
        place: "x\ny".into(),
    };
    check(missing.into(), Exit::Usage, r"no such file or folder: x\ny");
    let disk = coreml::Error::io("read", "x")(std::io::Error::other("a\nb\u{1b}[1m"));
    check(
        disk.into(),
        Exit::Unavailable,
        r"cannot read: x: a b\u{1b}[1m",
    );
    let address = client::Error::Address {
        address: "x".to_owned(),
        why: "y".to_owned(),
    };
    check(address.into(), Exit::Usage, "wrong server address: x: y");
    let failed = client::Error::Failed {
        url: "u".to_owned(),
        status: 500,
        detail: "d".to_owned(),
    };
    check(
        failed.into(),
        Exit::Unavailable,
        "the server failed: u: status 500: d",
    );
    let statuses = [
        Exit::No,
        Exit::Usage,
        Exit::Malformed,
        Exit::Unsupported,
        Exit::Inconclusive,
        Exit::Refused,
        Exit::Unavailable,
        Exit::JobFailed,
        Exit::Interrupted,
    ];
    assert_eq!(statuses.map(Exit::status), [1, 2, 3, 4, 5, 6, 7, 8, 130]);
}

fn row(name: &str, snr_db: Option<f64>, left_because: Option<&str>) -> ReportRow {
    let left = left_because.is_some();
    ReportRow {
        function: "main".to_owned(),
        name: name.to_owned(),
        users: vec!["conv".to_owned()],
        shape: vec![64, 32, 3, 3],
        old: "float16".to_owned(),
        new: if left { "float16" } else { "int8 per_channel" }.to_owned(),
        bytes_before: 36_864,
        bytes_after: if left { 36_864 } else { 18_560 },
        snr_db,
        max_abs: snr_db.map(|_| 0.001_234),
        left_because: left_because.map(str::to_owned),
    }
}

#[test]
fn a_report_is_read_from_top_to_bottom() {
    let report = Report {
        recipe: RecipeEcho {
            name: "int8".to_owned(),
            digest: "sha256:0".to_owned(),
            config: serde_json::json!({}),
        },
        size_bytes_before: 1_000_000,
        size_bytes_after: 260_000,
        deployment_target: TargetChange {
            before: "iOS15".to_owned(),
            after: "iOS16".to_owned(),
        },
        weights: WeightCounts {
            compressed: 3,
            left: 3,
            already_compressed: 1,
        },
        rows: vec![
            row("a_weight", Some(44.0), None),
            row("b_weight", Some(31.5), None),
            row("c_weight", None, None),
            row("bias_1", None, Some("fewer than 2,048 elements")),
            row("bias_2", None, Some("fewer than 2,048 elements")),
            row("odd", None, Some("holds NaN")),
        ],
        unmatched_overrides: vec!["conv_9".to_owned()],
        warnings: vec!["iOS 15 is no longer supported".to_owned()],
    };
    insta::assert_snapshot!(report::text(
        &report,
        "a.mlpackage → b.mlpackage   int8",
        "1.2 s",
        Output::plain()
    ));
}

#[test]
fn force_replaces_packages_and_no_other_folders() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("x.txt"), "precious").unwrap();
    let refused = Target::new(&photos, true).unwrap_err();
    assert_eq!(refused.exit, Exit::Usage);
    assert!(photos.join("x.txt").exists());
}

#[test]
fn a_result_is_apart_from_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("out").join("x.mlpackage");
    std::fs::create_dir_all(&package).unwrap();
    let check = |path: std::path::PathBuf, apart: bool| {
        let target = Target::new(&path, true).unwrap();
        assert_eq!(target.apart_from(&package).is_ok(), apart, "{path:?}");
    };
    check(package.join("o.zip"), false);
    check(package.clone(), true);
    check(folder.path().join("out").join("y.mlpackage"), true);
    std::fs::write(folder.path().join("out").join("Manifest.json"), "{}").unwrap();
    check(folder.path().join("out"), false);
    let dot = beside(Path::new("."), "int8", "mlpackage");
    assert!(
        dot.is_absolute() && !dot.starts_with(std::env::current_dir().unwrap()),
        "{dot:?}"
    );
}
