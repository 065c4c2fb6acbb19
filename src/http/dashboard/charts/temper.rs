//! The colour of a representation: the temper colours of steel, further from straw as bits fall.

/// Below so many decibels a weight is marked.
pub(crate) const BELOW_DB: f64 = 30.0;

/// The class for a representation as the engine names it: `float16`, `int8 affine`, `4-bit palette`, `sparse float16`.
pub(crate) fn temper(representation: &str) -> &'static str {
    let words = || representation.split([' ', '-']);
    let bits = representation
        .split_once("-bit")
        .and_then(|(before, _)| before.rsplit(' ').next()?.parse::<u32>().ok());
    if let Some(bits) = bits {
        return of_bits(bits);
    }
    let typed = words().find_map(|word| {
        let digits = word
            .strip_prefix("uint")
            .or_else(|| word.strip_prefix("int"))?;
        digits.parse::<u32>().ok()
    });
    if let Some(bits) = typed {
        return of_bits(bits);
    }
    if words().any(|word| word == "sparse") {
        // What is stored beside the values is a bit each.
        "b1"
    } else if words().any(|word| matches!(word, "float16" | "bfloat16")) {
        "b16"
    } else {
        "b32"
    }
}

fn of_bits(bits: u32) -> &'static str {
    match bits {
        0..=1 => "b1",
        2 => "b2",
        3..=4 => "b4",
        5..=6 => "b6",
        7..=8 => "b8",
        9..=16 => "b16",
        _ => "b32",
    }
}
