//! Ranges and tags as RFC 9110 gives them.

use axum::http::{HeaderMap, HeaderValue, header};

use super::super::conditional::{Asked, EntityTag, asked, is_not_modified, may_write};

fn headers(rows: &[(header::HeaderName, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in rows {
        map.append(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    map
}

#[test]
fn ranges_of_ten_bytes() {
    let tag = EntityTag::of(b"x");
    let rows: &[(&str, Asked)] = &[
        ("bytes=0-0", Asked::Part(0..1)),
        ("bytes=2-5", Asked::Part(2..6)),
        ("bytes=2-", Asked::Part(2..10)),
        ("bytes=2-99", Asked::Part(2..10)),
        ("bytes=-3", Asked::Part(7..10)),
        ("bytes=-99", Asked::Part(0..10)),
        ("bytes=-0", Asked::Nothing),
        ("bytes=10-", Asked::Nothing),
        ("bytes=99999999999999999999999-", Asked::Nothing),
        ("bytes=9-99999999999999999999999", Asked::Part(9..10)),
        ("bytes=5-2", Asked::Whole),
        ("bytes=-", Asked::Whole),
        ("bytes=a-b", Asked::Whole),
        ("bytes=0-1,3-4", Asked::Whole),
        ("lines=0-1", Asked::Whole),
        ("", Asked::Whole),
    ];
    for (range, want) in rows {
        assert_eq!(
            &asked(&headers(&[(header::RANGE, range)]), &tag, 10),
            want,
            "{range}"
        );
    }
}

#[test]
fn a_range_of_nothing_is_not_satisfiable() {
    let tag = EntityTag::of(b"");
    for range in ["bytes=0-", "bytes=-1"] {
        assert_eq!(
            asked(&headers(&[(header::RANGE, range)]), &tag, 0),
            Asked::Nothing,
            "{range}"
        );
    }
}

#[test]
fn if_range_that_does_not_match_asks_for_the_whole() {
    let tag = EntityTag::of(b"x");
    let check = |if_range: &str| {
        asked(
            &headers(&[(header::RANGE, "bytes=1-2"), (header::IF_RANGE, if_range)]),
            &tag,
            10,
        )
    };
    assert_eq!(check(tag.as_str()), Asked::Part(1..3));
    assert_eq!(check("\"other\""), Asked::Whole);
    assert_eq!(check(&format!("W/{}", tag.as_str())), Asked::Whole);
    assert_eq!(check("Wed, 21 Oct 2026 07:28:00 GMT"), Asked::Whole);
}

#[test]
fn tags_in_lists() {
    let tag = EntityTag::of(b"x");
    let weak = format!("W/{}", tag.as_str());
    let list = format!("\"a\", {}", tag.as_str());
    for (value, write, unmodified) in [
        ("*", true, true),
        (tag.as_str(), true, true),
        (list.as_str(), true, true),
        (weak.as_str(), false, true),
        ("\"a\"", false, false),
    ] {
        assert_eq!(
            may_write(&headers(&[(header::IF_MATCH, value)]), &tag),
            write,
            "{value}"
        );
        assert_eq!(
            is_not_modified(&headers(&[(header::IF_NONE_MATCH, value)]), &tag),
            unmodified,
            "{value}"
        );
    }
    assert!(may_write(&HeaderMap::new(), &tag));
    assert!(!is_not_modified(&HeaderMap::new(), &tag));
}
