//! Pure parts of the pages.

use api::time::Time;

use super::marks::{Ago, Bytes, Decibels, Smaller, Took, bar_of, plural};
use super::show::way_back;

#[test]
fn numbers_read_as_the_house_writes_them() {
    let plain = |text: String| text.replace('\u{202f}', "_");
    let rows = [
        (Bytes(999).words(), "999_B"),
        (Bytes(1_000).words(), "1.00_kB"),
        (Bytes(16_938_765).words(), "16.9_MB"),
        (Bytes(999_499).words(), "999_kB"),
        (Bytes(999_500).words(), "1.00_MB"),
        (Took(12).words(), "12_ms"),
        (Took(5_310).words(), "5.31_s"),
        (Took(125_000).words(), "2.08_min"),
        (
            Smaller {
                before: 44,
                after: 22,
            }
            .to_string(),
            "2.00× smaller",
        ),
        (
            Smaller {
                before: 22,
                after: 44,
            }
            .to_string(),
            "2.00× larger",
        ),
        (
            Smaller {
                before: 22,
                after: 22,
            }
            .to_string(),
            "same size",
        ),
        (plural(1, "job"), "1 job"),
        (plural(1200, "job"), "1_200 jobs"),
        (bar_of(38, 100).label, "38_% of the original"),
    ];
    for (made, expected) in rows {
        assert_eq!(plain(made), expected);
    }
    assert!(Decibels(Some(-1.25)).to_string().starts_with('\u{2212}'));
    assert_eq!(Decibels(None).to_string(), "exact");
    assert!(
        Bytes(16_938_765)
            .to_string()
            .contains("16\u{202f}938\u{202f}765")
    );
}

#[test]
fn moments_are_relative_for_a_day() {
    let now: Time = "2026-11-24T12:00:00Z".parse().unwrap();
    let words = |ms: i64| {
        Ago {
            at: now.plus_ms(-ms),
            now,
        }
        .words()
        .replace('\u{202f}', " ")
    };
    assert_eq!(words(0), "now");
    assert_eq!(words(59_000), "59 s ago");
    assert_eq!(words(3_599_000), "59 min ago");
    assert_eq!(words(86_399_000), "23 h ago");
    assert_eq!(words(86_400_000), "Nov 23, 12:00");
}

#[test]
fn the_way_back_never_leaves_the_site() {
    for good in [
        "/models",
        "/jobs?state=failed",
        "/revisions/a/comparison/b#x",
    ] {
        assert_eq!(way_back(good), good);
    }
    for bad in [
        "",
        "models",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nset-cookie: x",
        "/ a",
        "javascript:alert(1)",
        "/sign-in?next=/",
        "/sign-out",
        "\t//evil.example",
    ] {
        assert_eq!(way_back(bad), "/models", "{bad}");
    }
}
