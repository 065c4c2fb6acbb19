//! Elements of 1 to 8 bits in one continuous stream, least significant bit first.
//!
//! Eight elements go through one 64-bit word in three masked shift-or steps (pairs, quads, halves), so that a word
//! gives or takes exactly as many bytes as an element has bits. Signed elements are their low bits.

/// Bytes of `count` elements of that many bits; the last one may have unused bits.
pub fn packed_len(count: usize, bits: u32) -> usize {
    let bits = usize::try_from(bits).unwrap_or(usize::MAX);
    let rest = (count % 8).saturating_mul(bits).div_ceil(8);
    (count / 8).saturating_mul(bits).saturating_add(rest)
}

/// Packs the low `bits` bits of each value, 1 to 8 of them; unused bits at the end are 0.
pub fn pack(values: &[u8], bits: u32) -> Vec<u8> {
    match bits {
        0 | 1 => pack_wide::<1>(values),
        2 => pack_wide::<2>(values),
        3 => pack_wide::<3>(values),
        4 => pack_wide::<4>(values),
        5 => pack_wide::<5>(values),
        6 => pack_wide::<6>(values),
        7 => pack_wide::<7>(values),
        _ => values.to_vec(),
    }
}

/// The first `count` elements of a packed stream, one byte each, zero-extended. Elements beyond the end are 0.
pub fn unpack(bytes: &[u8], bits: u32, count: usize) -> Vec<u8> {
    let mut out = match bits {
        0 | 1 => unpack_wide::<1>(bytes, count),
        2 => unpack_wide::<2>(bytes, count),
        3 => unpack_wide::<3>(bytes, count),
        4 => unpack_wide::<4>(bytes, count),
        5 => unpack_wide::<5>(bytes, count),
        6 => unpack_wide::<6>(bytes, count),
        7 => unpack_wide::<7>(bytes, count),
        _ => bytes.get(..count).unwrap_or(bytes).to_vec(),
    };
    out.resize(count, 0);
    out
}

fn pack_wide<const BITS: usize>(values: &[u8]) -> Vec<u8> {
    let steps = const { Steps::new(BITS) };
    let (eights, rest) = values.as_chunks::<8>();
    let mut out = vec![0; eights.len().saturating_mul(BITS)];
    let (words, _) = out.as_chunks_mut::<BITS>();
    for (packed, eight) in words.iter_mut().zip(eights) {
        *packed = low_bytes(steps.gather(u64::from_le_bytes(*eight)));
    }
    if !rest.is_empty() {
        let word = steps.gather(u64::from_le_bytes(padded(rest)));
        let length = rest.len().saturating_mul(BITS).div_ceil(8);
        out.extend_from_slice(word.to_le_bytes().get(..length).unwrap_or_default());
    }
    out
}

fn unpack_wide<const BITS: usize>(bytes: &[u8], count: usize) -> Vec<u8> {
    let steps = const { Steps::new(BITS) };
    let (words, rest) = bytes.as_chunks::<BITS>();
    let whole = words.len().min(count / 8);
    let mut out = vec![0; whole.saturating_mul(8)];
    let (eights, _) = out.as_chunks_mut::<8>();
    for (eight, word) in eights.iter_mut().zip(words) {
        *eight = steps
            .scatter(u64::from_le_bytes(padded(word)))
            .to_le_bytes();
    }
    let last = words.get(whole).map_or(rest, <[u8; BITS]>::as_slice);
    let eight = steps
        .scatter(u64::from_le_bytes(padded(last)))
        .to_le_bytes();
    let missing = count.saturating_sub(out.len()).min(8);
    out.extend_from_slice(eight.get(..missing).unwrap_or_default());
    out
}

/// Up to eight bytes, and zeros.
#[inline]
fn padded(bytes: &[u8]) -> [u8; 8] {
    let mut eight = [0; 8];
    for (slot, byte) in eight.iter_mut().zip(bytes) {
        *slot = *byte;
    }
    eight
}

#[inline]
fn low_bytes<const BITS: usize>(word: u64) -> [u8; BITS] {
    let mut out = [0; BITS];
    for (slot, byte) in out.iter_mut().zip(word.to_le_bytes()) {
        *slot = byte;
    }
    out
}

/// The three steps of one width, each as shift, mask of the lower lanes and mask of the upper ones.
#[derive(Clone, Copy)]
struct Steps {
    steps: [(usize, u64, u64); 3],
    element: u64,
}

impl Steps {
    const fn new(bits: usize) -> Self {
        Self {
            steps: [step(bits, 8), step(bits, 16), step(bits, 32)],
            element: lanes(8, 0, bits),
        }
    }

    /// Elements in eight bytes to elements side by side in the low bits.
    #[inline]
    const fn gather(self, word: u64) -> u64 {
        let [a, b, c] = self.steps;
        let word = word & self.element;
        let word = (word & a.1) | ((word >> a.0) & a.2);
        let word = (word & b.1) | ((word >> b.0) & b.2);
        (word & c.1) | ((word >> c.0) & c.2)
    }

    /// The reverse of [`Self::gather`].
    #[inline]
    const fn scatter(self, word: u64) -> u64 {
        let [a, b, c] = self.steps;
        let word = (word & c.1) | ((word & c.2) << c.0);
        let word = (word & b.1) | ((word & b.2) << b.0);
        (word & a.1) | ((word & a.2) << a.0)
    }
}

/// Joins the filled low parts of two lanes of `lane` bits each.
const fn step(bits: usize, lane: usize) -> (usize, u64, u64) {
    let filled = bits.saturating_mul(lane) / 8;
    let pair = lane.saturating_mul(2);
    (
        lane.saturating_sub(filled),
        lanes(pair, 0, filled),
        lanes(pair, filled, filled),
    )
}

/// In every lane of `lane` bits, the `filled` bits from `from` on.
const fn lanes(lane: usize, from: usize, filled: usize) -> u64 {
    let mut word = 0;
    let mut at = 0_usize;
    while at < 64 {
        let in_lane = match at.checked_rem(lane) {
            Some(rest) => rest,
            None => at,
        };
        if in_lane >= from && in_lane < from.saturating_add(filled) {
            word |= 1 << at;
        }
        at = at.saturating_add(1);
    }
    word
}
