//! Base64 and the field, against the RFCs.

use super::super::content_digest::{decode, encode, field, parse};

#[test]
fn base64_of_rfc_4648() {
    for (plain, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(encode(plain.as_bytes()), text);
        assert_eq!(decode(text).unwrap(), plain.as_bytes());
    }
}

#[test]
fn fields() {
    let ours = field([7; 32]);
    assert_eq!(parse(&ours), Ok(Some([7; 32])));
    assert_eq!(parse(&format!("sha-512=:AAAA:, {ours}")), Ok(Some([7; 32])));
    assert_eq!(parse("md5=:AAAA:"), Ok(None));
    for bad in ["sha-256", "sha-256=AAAA", "sha-256=:AAAA:", "sha-256=:*:"] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}
