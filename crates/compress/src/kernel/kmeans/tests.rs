//! The replay against the certified answer, and the optimum against all clusterings.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "test data: small numbers"
)]

use super::super::half_bits::{f16_to_f64, f32_to_f16};
use super::super::histogram::Histogram;
use super::super::tests::{bell, never, stream};
use super::{Problem, optimum, solve, solve_both};
use proptest::prelude::*;

fn problem(w: &[u16]) -> Problem {
    let distinct = Histogram::of(w, &never).unwrap().distinct();
    Problem::new(distinct.iter().map(|d| (d.value, d.count)))
}

fn bells(seed: u64, count: usize, scale: f32) -> Vec<u16> {
    stream(seed, count)
        .into_iter()
        .map(|raw| f32_to_f16(bell(raw) * scale))
        .collect()
}

/// Runs both; says whether there was a certified answer.
fn agree(w: &[u16], bits: u32) -> bool {
    let problem = problem(w);
    let k = problem.len().min(1 << bits);
    let (replay, certified) = solve_both(&problem, k, &never).unwrap();
    assert!(
        certified
            .as_ref()
            .is_none_or(|certified| *certified == replay),
        "{bits} bits"
    );
    assert_eq!(solve(&problem, k, &never).unwrap(), replay);
    certified.is_some()
}

#[test]
fn random_data_is_certified_and_equal() {
    for seed in 0..6 {
        let w = bells(seed, 20_000, 0.125);
        for bits in [2, 3, 4, 6, 8] {
            assert!(agree(&w, bits), "seed {seed}, {bits} bits: not certified");
        }
    }
}

#[test]
fn mirrored_and_even_data_are_equal_where_certified() {
    let mut certified = 0;
    for seed in 10..16 {
        let half = bells(seed, 8_000, 0.125);
        let mirrored: Vec<u16> = half.iter().flat_map(|&w| [w, w ^ 0x8000]).collect();
        let lattice: Vec<u16> = (0..600u16).flat_map(|i| [0x2000 + i * 8; 3]).collect();
        let steps: Vec<u16> = half.iter().map(|&w| w & 0xffc0).collect();
        for bits in [1, 2, 3, 4, 6, 8] {
            for w in [&mirrored, &lattice, &steps] {
                certified += u32::from(agree(w, bits));
            }
        }
    }
    assert!(
        certified > 50,
        "{certified} of 108: the certificate refuses too much"
    );
}

#[test]
fn huge_values_are_not_certified_but_solved() {
    let mut w = bells(20, 12_000, 60_000.0);
    w.extend(bells(21, 12_000, 1e-6));
    for bits in [2, 4, 8] {
        agree(&w, bits);
    }
}

/// The least cost over all ways to cut `n` values into `k` clusters.
fn least(values: &[(f64, f64)], k: usize) -> f64 {
    let cost = |part: &[(f64, f64)]| {
        let weight: f64 = part.iter().map(|p| p.1).sum();
        let mean = part.iter().map(|p| p.0 * p.1).sum::<f64>() / weight;
        part.iter().map(|p| p.1 * (p.0 - mean).powi(2)).sum::<f64>()
    };
    if k == 1 {
        return cost(values);
    }
    (k - 1..values.len())
        .map(|cut| least(&values[..cut], k - 1) + cost(&values[cut..]))
        .fold(f64::INFINITY, f64::min)
}

fn cost_of(values: &[(f64, f64)], starts: &[usize]) -> f64 {
    let ends = starts.iter().skip(1).copied().chain([values.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| least(&values[start..end], 1))
        .sum()
}

proptest! {
    #[test]
    fn the_optimum_is_one(bits in prop::collection::btree_map(0u16..0x3c00, 1u8..9, 2..14), k in 1usize..6) {
        let values: Vec<(f64, f64)> = bits.iter().map(|(&b, &w)| (f16_to_f64(b), f64::from(w))).collect();
        let problem = Problem::new(values.iter().copied());
        let k = k.min(values.len());
        let best = least(&values, k);
        let slack = 1e-12 * values.iter().map(|v| v.1 * v.0 * v.0).sum::<f64>();
        let starts = optimum(&problem, k, &never).unwrap();
        prop_assert_eq!(starts.len(), k);
        prop_assert!(cost_of(&values, &starts) <= best + slack);
        let replay = solve(&problem, k, &never).unwrap();
        let starts: Vec<usize> = (0..k as u8).map(|l| replay.labels.partition_point(|&x| x < l)).collect();
        prop_assert!(cost_of(&values, &starts) <= best + slack);
    }

    /// Equal gaps and weights: everything ties.
    #[test]
    fn ties_are_joined_into_k(len in 3usize..40, k in 2usize..20) {
        let values: Vec<(f64, f64)> = (0..len).map(|i| (i as f64, 1.0)).collect();
        let k = k.min(len);
        let starts = optimum(&Problem::new(values.iter().copied()), k, &never).unwrap();
        prop_assert_eq!(starts.len(), k);
        prop_assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        // As even as possible: clusters of n/k and n/k + 1.
        let (short, longer) = (len / k, len % k);
        let cost = |n: usize| (n * (n * n - 1)) as f64 / 12.0;
        let best = (k - longer) as f64 * cost(short) + longer as f64 * cost(short + 1);
        prop_assert!((cost_of(&values, &starts) - best).abs() < 1e-9);
    }
}
