//! Every recorded result of coremltools (`tests/oracle/kernels_golden.py`) against ours, and the
//! arrays that tests of kernels are made from.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::match_same_arms,
    reason = "test data: small numbers"
)]

use super::linear::{CodeType, Mode, Scheme};
use super::palettize::{self, Palette, Widths};
use super::{Compat, FloatVec, Floats, Left, half_bits, linear, prune};
use serde_json::Value;
use sha2::{Digest, Sha256};

const GOLDEN: &str = include_str!("../../tests-data/kernels.json");

/// Never stops.
pub(super) fn never() -> bool {
    false
}

/// The `count` first numbers of splitmix64.
pub(super) fn stream(seed: u64, count: usize) -> Vec<u64> {
    (1..=count as u64)
        .map(|i| {
            let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
        .collect()
}

/// The sum of four uniform numbers, between -1 and 1.
pub(super) fn bell(raw: u64) -> f32 {
    let sum: i64 = (0..4).map(|i| ((raw >> (16 * i)) & 0xffff) as i64).sum();
    (sum - 131_070) as f32 * 2f32.powi(-17)
}

/// The array of a recorded spec; the same steps as in the script.
fn array(spec: &Value) -> FloatVec {
    let shape = numbers(&spec["shape"]);
    let count: usize = shape.iter().product();
    let raw = stream(spec["seed"].as_u64().unwrap(), count);
    let half = spec["dtype"] == "f16";
    let scale = spec["scale"].as_f64().unwrap() as f32;
    let bells: Vec<f32> = raw.iter().map(|&raw| bell(raw)).collect();
    let scaled = |w: f32| (w * scale).clamp(-65504.0, 65504.0);
    let single = |i: usize| match spec["data"].as_str().unwrap() {
        "bell" => scaled(bells[i]),
        "mirror" if i < count / 2 => scaled(bells[i]),
        "mirror" => scaled(-bells[i - count / 2]),
        "few" => scaled((bells[i] * 32.0).round_ties_even() / 32.0),
        "lattice" => scaled(((i % 301) as f32 - 150.0) / 256.0),
        "constant" => scaled(0.25),
        "positive" => scaled(bells[i].abs() + 0.25),
        "zeros" if i.is_multiple_of(4) => scaled(-0.0),
        "zeros" if i.is_multiple_of(2) => scaled(0.0),
        "zeros" => scaled(bells[i]),
        other => panic!("{other}"),
    };
    let mut w: Vec<f32> = if spec["data"] != "bits" {
        (0..count).map(single).collect()
    } else if half {
        let finite = |w: f32| if w.is_finite() { w } else { 0.0 };
        raw.iter()
            .map(|&raw| finite(half_bits::f16_to_f32(raw as u16)))
            .collect()
    } else {
        let finite = |w: f32| if w.is_finite() { w } else { 0.0 };
        raw.iter()
            .map(|&raw| finite(f32::from_bits(raw as u32)))
            .collect()
    };
    match spec["poison"].as_str().unwrap() {
        "" => {}
        "nan" => w[count / 2] = f32::NAN,
        "infinite" => w[count / 2] = f32::INFINITY,
        "zero_rows" => w
            .chunks_mut(count / shape[0])
            .step_by(3)
            .for_each(|row| row.fill(0.0)),
        "zero_columns" => {
            let row = *shape.last().unwrap();
            w.chunks_mut(row)
                .for_each(|row| row.iter_mut().step_by(2).for_each(|w| *w = -0.0));
        }
        other => panic!("{other}"),
    }
    FloatVec::from_singles(
        if half {
            super::FloatKind::F16
        } else {
            super::FloatKind::F32
        },
        w,
    )
}

fn numbers(value: &Value) -> Vec<usize> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap() as usize)
        .collect()
}

fn digest(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    format!("{:016x}", u64::from_be_bytes(*sum.first_chunk().unwrap()))
}

/// Digest of floats with NaN, whose bits are a matter of the CPU, set to 0.
fn float_digest(w: &FloatVec) -> String {
    let mut w = w.clone();
    match &mut w {
        FloatVec::F16(w) => w
            .iter_mut()
            .filter(|w| **w & 0x7fff > 0x7c00)
            .for_each(|w| *w = 0),
        FloatVec::F32(w) => w.iter_mut().filter(|w| w.is_nan()).for_each(|w| *w = 0.0),
    }
    digest(&w.to_le_bytes())
}

fn check_linear(w: Floats<'_>, shape: &[usize], case: &Value) -> Result<(), Left> {
    let scheme = Scheme {
        mode: if case["mode"] == "symmetric" {
            Mode::Symmetric
        } else {
            Mode::Asymmetric
        },
        codes: if case["signed"] == 1 {
            CodeType::Int8
        } else {
            CodeType::Uint8
        },
    };
    let axis = case["axis"].as_u64().map(|axis| axis as usize);
    let q = linear::quantize(w, shape, axis, scheme, Compat::Exact, &never)?;
    assert_eq!(case["codes"], digest(&q.codes), "codes: {case}");
    assert_eq!(case["scales"], float_digest(&q.scales), "scales: {case}");
    assert_eq!(
        case["zero_points"].as_str(),
        q.zero_points.map(|z| digest(&z)).as_deref(),
        "{case}"
    );
    Ok(())
}

fn check_palette(w: Floats<'_>, palette: &Palette, case: &Value) {
    assert_eq!(palette.lut.len(), 1 << palette.bits, "{case}");
    assert_eq!(
        case["bits"].as_u64(),
        Some(u64::from(palette.bits)),
        "{case}"
    );
    let lut = |i: u8| f64::from(palette.lut.as_floats().at(usize::from(i)));
    let errors = palette
        .indices
        .iter()
        .enumerate()
        .map(|(i, &index)| f64::from(w.at(i)) - lut(index));
    let noise: f64 = errors.map(|e| e * e).sum();
    assert!(
        (noise - palette.error.noise).abs() <= noise * 1e-9,
        "{noise} {case}"
    );
    if let Some(most) = case["noise_at_most"].as_f64() {
        assert!(noise <= most * (1.0 + 1e-6), "{noise} above {most}: {case}");
    } else {
        assert_eq!(
            case["lut"],
            digest(&palette.lut.to_le_bytes()),
            "table: {case}"
        );
        assert_eq!(case["indices"], digest(&palette.indices), "indices: {case}");
    }
}

fn check(spec: &Value, case: &Value) -> Result<(), Left> {
    let w = array(spec);
    let w = w.as_floats();
    let bits = case["bits"].as_u64().unwrap_or(0) as u32;
    match case["kernel"].as_str().unwrap() {
        "linear" => check_linear(w, &numbers(&spec["shape"]), case)?,
        "kmeans" => check_palette(w, &palettize::kmeans(w, bits, &never)?, case),
        "uniform" => check_palette(w, &palettize::uniform(w, bits, &never)?, case),
        "unique" => check_palette(w, &palettize::unique(w, Widths::All, &never)?, case),
        "prune" => {
            let target = case["target"].as_f64().unwrap();
            let pruned = prune::magnitude(w, target, Compat::Exact, &never)?;
            assert_eq!(case["mask"], digest(&pruned.mask), "mask: {case}");
            assert_eq!(case["kept"].as_u64(), Some(pruned.kept), "{case}");
            assert_eq!(
                case["nonzero"],
                float_digest(&pruned.nonzero),
                "nonzero: {case}"
            );
        }
        other => panic!("{other}"),
    }
    Ok(())
}

#[test]
fn equals_coremltools() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut checked = 0;
    for spec in golden["arrays"].as_array().unwrap() {
        for case in spec["cases"].as_array().unwrap() {
            let left = check(spec, case).err().map(|left| format!("{left:?}"));
            assert_eq!(left.as_deref(), case["left"].as_str(), "{spec} {case}");
            checked += 1;
        }
    }
    assert_eq!(checked, 1678, "the script says how many there are");
}

#[test]
fn work_stops_when_asked() {
    let w = vec![0x3c00u16; 20_000];
    let (w, stop) = (Floats::F16(&w), || true);
    let scheme = Scheme {
        mode: Mode::Symmetric,
        codes: CodeType::Int8,
    };
    let lefts = [
        linear::quantize(w, &[20_000], None, scheme, Compat::Mended, &stop).err(),
        palettize::kmeans(w, 4, &stop).err(),
        palettize::uniform(w, 4, &stop).err(),
        palettize::unique(w, Widths::All, &stop).err(),
        prune::magnitude(w, 0.5, Compat::Mended, &stop).err(),
    ];
    assert_eq!(lefts, [Some(Left::Cancelled); 5]);
}
