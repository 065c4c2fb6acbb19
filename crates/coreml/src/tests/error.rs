use crate::error::*;

#[test]
fn shown_text_is_escaped_and_cut() {
    let rows = [
        ("plain/name.bin", "plain/name.bin"),
        ("\u{1b}[31mred\n\r\u{7}", "\\u{1b}[31mred\\n\\r\\u{7}"),
        (
            "a\u{202e}b\u{200b}\u{2028}",
            "a\\u{202e}b\\u{200b}\\u{2028}",
        ),
        ("äß…中", "äß…中"),
    ];
    for (text, shown) in rows {
        assert_eq!(Shown::from(text).as_str(), shown);
    }
    let long = format!("begin{}end", "x".repeat(1_000_000));
    let shown = Shown::from(long);
    assert!(shown.as_str().starts_with("begin") && shown.as_str().ends_with("end"));
    assert!(shown.as_str().chars().count() <= 171);
}
