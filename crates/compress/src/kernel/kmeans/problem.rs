//! Prefix sums, the cost of a cluster and its centroid, in coremltools' order of operations.
//!
//! All of it is double precision without fused operations; another order of the same sums
//! changes the last bits, and with them ties and centroids.

/// Weight, weighted sum and weighted sum of squares of everything before a position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Prefix {
    pub(super) w: f64,
    pub(super) s: f64,
    pub(super) q: f64,
}

/// Ascending distinct values with their weights.
#[derive(Clone, Debug)]
pub struct Problem {
    x: Vec<f64>,
    prefix: Vec<Prefix>,
}

/// A clustering: where each cluster starts, and its centroid.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    /// The cluster of each value.
    pub labels: Vec<u8>,
    /// Ascending, one per cluster.
    pub centroids: Vec<f64>,
}

impl Problem {
    /// From ascending distinct values and their weights.
    pub fn new(values: impl ExactSizeIterator<Item = (f64, f64)>) -> Self {
        let mut x = Vec::with_capacity(values.len());
        let mut prefix = Vec::with_capacity(values.len() + 1);
        let mut sum = Prefix::default();
        prefix.push(sum);
        for (value, weight) in values {
            sum = Prefix {
                w: weight + sum.w,
                s: weight * value + sum.s,
                q: (weight * value) * value + sum.q,
            };
            x.push(value);
            prefix.push(sum);
        }
        Self { x, prefix }
    }

    /// Number of distinct values.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.x
    }

    pub(super) fn prefix(&self, position: usize) -> Prefix {
        self.prefix[position]
    }

    /// The cost of one cluster of the values `first..=last`; zero where that is none.
    #[inline(always)]
    pub(super) fn cost(&self, first: usize, last: usize) -> f64 {
        if last < first {
            return 0.0;
        }
        let (from, to) = (self.prefix[first], self.prefix[last + 1]);
        let weight = to.w - from.w;
        let sum = to.s - from.s;
        let mean = sum / weight;
        let mut cost = to.q - from.q;
        cost += weight * (mean * mean);
        cost -= (2.0 * mean) * sum;
        cost
    }

    /// The cost of one cluster of the values `start..end`, which are some.
    #[inline(always)]
    pub(super) fn cost_between(&self, start: usize, end: usize) -> f64 {
        self.cost(start, end - 1)
    }

    /// The weight of one value, as coremltools reads it back.
    pub(super) fn weight(&self, position: usize) -> f64 {
        self.prefix[position + 1].w - self.prefix[position].w
    }

    /// The running mean of the values `start..end`.
    pub(super) fn centroid(&self, start: usize, end: usize) -> f64 {
        let base = self.prefix[start].w;
        let mut centroid = 0.0;
        for i in start..end {
            let weight = self.weight(i);
            centroid += (self.x[i] - centroid) * weight / (self.prefix[i + 1].w - base);
        }
        centroid
    }

    /// Clusters from the start of each; `starts` ascends, and clusters before the first nonempty
    /// one have start 0 and centroid 0.
    pub(super) fn clusters(&self, starts: &[usize]) -> Clusters {
        let mut labels = vec![0u8; self.len()];
        let mut centroids = vec![0.0; starts.len()];
        for (cluster, &start) in starts.iter().enumerate() {
            let end = starts.get(cluster + 1).copied().unwrap_or(self.len());
            if start < end {
                labels[start..end].fill(u8::try_from(cluster).unwrap_or(u8::MAX));
                centroids[cluster] = self.centroid(start, end);
            }
        }
        Clusters { labels, centroids }
    }
}
