//! The dynamic program of coremltools' k-means, replayed.
//!
//! Each layer is the row minima of a totally monotone matrix, found by SMAWK. Which of several
//! equal (or almost equal) minima wins depends on the order of comparisons, so the order is kept.

use super::super::{Cancelled, Left};
use super::problem::{Clusters, Problem};

/// Clusters exactly as coremltools finds them; k at most 256 and at most the number of values.
pub(super) fn solve(
    problem: &Problem,
    k: usize,
    cancelled: Cancelled<'_>,
) -> Result<Clusters, Left> {
    let len = problem.len();
    if len == 0 || k == 0 {
        return Ok(Clusters {
            labels: Vec::new(),
            centroids: vec![0.0; k],
        });
    }
    let mut layer = Layer::new(problem);
    // Row minima of every layer but the first, whose are all 0.
    let mut table: Vec<u16> = Vec::with_capacity((k - 1) * len);
    for _ in 1..k {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        layer.advance();
        table.extend(layer.argmin.iter().map(|&column| column_u16(column)));
    }
    let mut starts = vec![0; k];
    let mut end = len;
    for cluster in (0..k).rev() {
        if end == 0 {
            break;
        }
        let start = match cluster.checked_sub(1) {
            Some(row) => usize::from(table[row * len + end - 1]),
            None => 0,
        };
        starts[cluster] = start;
        end = start;
    }
    Ok(problem.clusters(&starts))
}

/// Halves have at most 63,489 distinct values.
fn column_u16(column: u32) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// The costs of the best clusterings of every prefix with one more cluster per step.
struct Layer<'a> {
    problem: &'a Problem,
    /// Cost of the values 0..=i in the layer before.
    before: Vec<f64>,
    argmin: Vec<u32>,
    pool: Vec<Reduced>,
}

/// Columns left by one level of SMAWK.
#[derive(Default)]
struct Reduced {
    columns: Vec<u32>,
    /// Cost of each column in the row of the same number.
    costs: Vec<f64>,
}

/// Every `step`th row from `first`, `len` of them.
#[derive(Clone, Copy)]
struct Rows {
    first: usize,
    step: usize,
    len: usize,
}

impl Rows {
    fn at(self, index: usize) -> usize {
        self.first + self.step * index
    }
}

impl<'a> Layer<'a> {
    fn new(problem: &'a Problem) -> Self {
        let before = (0..problem.len())
            .map(|last| problem.cost(0, last))
            .collect();
        Self {
            problem,
            before,
            argmin: vec![0; problem.len()],
            pool: Vec::new(),
        }
    }

    /// The cost of row `row` when its last cluster starts at `column`.
    #[inline(always)]
    fn at(&self, row: usize, column: usize) -> f64 {
        let previous = if column == 0 {
            row
        } else {
            row.min(column - 1)
        };
        self.before[previous] + self.problem.cost(column, row)
    }

    fn advance(&mut self) {
        let len = self.problem.len();
        let columns: Vec<u32> = (0u32..).take(len).collect();
        self.minima(
            Rows {
                first: 0,
                step: 1,
                len,
            },
            &columns,
        );
        self.before = (0..len)
            .map(|row| self.at(row, self.argmin[row] as usize))
            .collect();
    }

    /// SMAWK: the argmin of each row among `columns`.
    fn minima(&mut self, rows: Rows, columns: &[u32]) {
        if rows.len == 0 {
            return;
        }
        let mut reduced = self.pool.pop().unwrap_or_default();
        self.reduce(rows, columns, &mut reduced);
        let odd = Rows {
            first: rows.first + rows.step,
            step: rows.step * 2,
            len: rows.len / 2,
        };
        self.minima(odd, &reduced.columns);
        self.interpolate(rows, &reduced.columns);
        reduced.columns.clear();
        reduced.costs.clear();
        self.pool.push(reduced);
    }

    /// Drops columns that are no row's minimum; keeps at most one per row.
    fn reduce(&self, rows: Rows, columns: &[u32], reduced: &mut Reduced) {
        for &column in columns {
            while let Some(&top) = reduced.costs.last() {
                let row = rows.at(reduced.columns.len() - 1);
                // A tie keeps the left column.
                if self.at(row, column as usize) >= top {
                    break;
                }
                reduced.columns.pop();
                reduced.costs.pop();
            }
            let len = reduced.columns.len();
            if len < rows.len {
                reduced.columns.push(column);
                reduced.costs.push(self.at(rows.at(len), column as usize));
            }
        }
    }

    /// Even rows, between the minima of their odd neighbours; the leftmost minimum wins.
    fn interpolate(&mut self, rows: Rows, columns: &[u32]) {
        let mut at = 0;
        for index in (0..rows.len).step_by(2) {
            let row = rows.at(index);
            let stop = (index + 1 < rows.len).then(|| self.argmin[rows.at(index + 1)]);
            let mut best = columns[at];
            let mut least = self.at(row, best as usize);
            while stop.is_none_or(|stop| columns[at] != stop) && at + 1 < columns.len() {
                at += 1;
                let cost = self.at(row, columns[at] as usize);
                if cost < least {
                    (best, least) = (columns[at], cost);
                }
            }
            self.argmin[row] = best;
        }
    }
}
