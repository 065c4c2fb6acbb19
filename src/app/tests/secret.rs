//! Minting and reading tokens.

use super::super::secret::Secret;

fn counting() -> Secret {
    let mut next = 0u8;
    Secret::mint(|| {
        next = next.wrapping_add(41);
        next
    })
}

#[test]
fn minted_tokens_are_read_and_hidden() {
    let secret = counting();
    assert_eq!(secret.reveal().len(), 39);
    assert_eq!(Secret::parse(secret.reveal()).as_ref(), Some(&secret));
    assert!(!format!("{secret:?}").contains(&secret.reveal()[3..]));
}

#[test]
fn every_changed_letter_is_noticed() {
    let text = counting().reveal().to_owned();
    for place in 0..text.len() {
        let mut letters = text.clone().into_bytes();
        letters[place] = if letters[place] == b'x' { b'y' } else { b'x' };
        assert_eq!(
            Secret::parse(std::str::from_utf8(&letters).unwrap()),
            None,
            "letter {place}"
        );
    }
    for bad in [
        "",
        "ca_",
        "ca_é",
        &text[..38],
        &format!("{text}0"),
        &format!(" {text}"),
    ] {
        assert_eq!(Secret::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn large_bytes_are_thrown_away() {
    let mut bytes = [255u8, 0].into_iter().cycle();
    let secret = Secret::mint(|| bytes.next().unwrap());
    assert!(
        secret
            .reveal()
            .starts_with(&format!("ca_{}", "0".repeat(30)))
    );
}
