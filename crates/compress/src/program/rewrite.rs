//! Tasks into a new model file and new weight files.
//!
//! A task replaces one or more operations by what its work gives. Results arrive in the order of the weight file, each
//! is written out and dropped, so memory does not grow with the model.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use coreml::blob::{Record, Storage};
use coreml::program::Document;
use coreml::wire::{self, Edit};

use super::emit::{self, Data, NewOperation, Place};
use super::encode::Encoded;
use super::ordered;
use super::references::{self, Reference};
use super::weights::{Moves, Rewriter};
use crate::kernel::{ErrorSums, Left};
use crate::{Control, Error, Sink, WriteSeek};

/// An operation to be replaced.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The whole record in the model file.
    pub(crate) record: Range<usize>,
    pub(crate) payload: Range<usize>,
    /// The new `name` attribute, without the suffix that the work adds.
    pub(crate) name: String,
}

/// Where a task's new blobs stand: behind this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchor {
    /// Index into the package's files.
    pub(crate) file: usize,
    /// Offset of the record; `u64::MAX` is the end of the file.
    pub(crate) offset: u64,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) targets: Vec<Target>,
    /// `None`: all parameters become immediate values.
    pub(crate) anchor: Option<Anchor>,
    /// How references name the anchor's file.
    pub(crate) file_name: String,
    /// Dense bytes, for progress.
    pub(crate) weight_bytes: u64,
}

/// What became of a task.
#[derive(Debug)]
pub(crate) enum Done {
    Replaced {
        representation: String,
        error: Option<ErrorSums>,
        bytes: u64,
    },
    Left(Left),
}

/// Why a task gave nothing.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The weight stays as it is.
    Left(Left),
    /// Everything stops.
    Fail(Error),
}

impl From<Left> for Stop {
    fn from(left: Left) -> Self {
        if matches!(left, Left::Cancelled) {
            Self::Fail(Error::Cancelled)
        } else {
            Self::Left(left)
        }
    }
}

/// The new model file and which weight files were written anew.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) model: Vec<u8>,
    /// Package file index to new length.
    pub(crate) weight_files: BTreeMap<usize, u64>,
    /// In the order of the tasks.
    pub(crate) done: Vec<Done>,
}

/// Runs the tasks. `erased` are operations that go without a successor (their records in the model file);
/// `more_edits` are further changes of the model file that depend on what was done.
pub(crate) fn rewrite(
    document: &Document,
    tasks: &[Task],
    erased: &[Range<usize>],
    work: impl Fn(usize) -> Result<Encoded, Stop> + Sync,
    more_edits: &dyn Fn(&[Done]) -> Result<Vec<Edit>, Error>,
    sink: &mut dyn Sink,
    control: &Control<'_>,
) -> Result<Rewritten, Error> {
    let bytes: &[u8] = &document.package.model().bytes;
    let references = references::collect(bytes)?;
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|&t| (tasks[t].anchor.is_none(), tasks[t].anchor));
    let uses = Uses::count(document, &references, tasks, erased)?;

    let mut run = Run {
        document,
        tasks,
        uses: &uses,
        sink,
        current: None,
        group: Vec::new(),
        finished: Finished::default(),
    };
    let total: u64 = tasks.iter().map(|t| t.weight_bytes).sum::<u64>().max(1);
    let mut past = 0_u64;
    ordered::run(
        order.len(),
        control.threads,
        |i| {
            if (control.cancelled)() {
                Err(Stop::Fail(Error::Cancelled))
            } else {
                work(order[i])
            }
        },
        |i, result| {
            run.take(order[i], order.get(i + 1).copied(), result)?;
            past += tasks[order[i]].weight_bytes;
            #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
            (control.progress)(past as f64 / total as f64);
            Ok::<(), Error>(())
        },
    )?;
    run.close()?;
    let Run { finished, .. } = run;
    let mut edits = operation_edits(bytes, tasks, erased, &finished)?;
    edits.extend(moved_edits(document, &references, &edits, &finished)?);
    let weight_files = finished
        .moves
        .iter()
        .map(|(file, moves)| (*file, moves.length))
        .collect();
    let done = finished.into_done(tasks.len());
    edits.extend(more_edits(&done)?);
    edits.sort_by_key(|e| (e.record.start, e.record.end));
    let model = wire::splice(bytes, &edits)?;
    Ok(Rewritten {
        model,
        weight_files,
        done,
    })
}

/// Who uses which blob record.
struct Uses {
    /// Records that no operation names any more once all tasks have succeeded.
    freed: BTreeSet<(usize, u64)>,
    /// All named records by file.
    named: BTreeMap<usize, BTreeSet<u64>>,
}

impl Uses {
    fn count(
        document: &Document,
        references: &[Reference],
        tasks: &[Task],
        erased: &[Range<usize>],
    ) -> Result<Self, Error> {
        let mut replaced: Vec<&Range<usize>> = tasks
            .iter()
            .flat_map(|t| t.targets.iter().map(|t| &t.record))
            .chain(erased)
            .collect();
        replaced.sort_by_key(|r| r.start);
        let mut named: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
        let mut freed = BTreeSet::new();
        let mut held = BTreeSet::new();
        for reference in references {
            let file = file_index(document, &reference.file_name)?;
            named.entry(file).or_default().insert(reference.offset);
            if inside(&replaced, reference.record.start) {
                freed.insert((file, reference.offset));
            } else {
                held.insert((file, reference.offset));
            }
        }
        Ok(Self {
            freed: freed.difference(&held).copied().collect(),
            named,
        })
    }
}

fn inside(sorted: &[&Range<usize>], at: usize) -> bool {
    let index = sorted.partition_point(|r| r.start <= at);
    index
        .checked_sub(1)
        .is_some_and(|i| sorted[i].contains(&at))
}

/// A result whose blobs are written: their bytes are gone, their places are known.
#[derive(Debug)]
struct Written {
    encoded: Encoded,
    places: Vec<Option<u64>>,
    bytes: u64,
}

#[derive(Debug, Default)]
struct Finished {
    written: BTreeMap<usize, Written>,
    left: BTreeMap<usize, Left>,
    moves: BTreeMap<usize, Moves>,
}

impl Finished {
    fn into_done(mut self, count: usize) -> Vec<Done> {
        (0..count)
            .map(
                |task| match (self.written.remove(&task), self.left.remove(&task)) {
                    (Some(w), _) => Done::Replaced {
                        representation: w.encoded.representation,
                        error: w.encoded.error,
                        bytes: w.bytes,
                    },
                    (None, Some(left)) => Done::Left(left),
                    (None, None) => Done::Left(Left::Cancelled),
                },
            )
            .collect()
    }
}

/// The weight file that is being written.
struct Open<'a> {
    file: usize,
    path: &'a str,
    rewriter: Rewriter<'a, Box<dyn WriteSeek>>,
    /// Freed records that are no task's anchor (decompression has them), ascending.
    loose: Vec<u64>,
}

impl Open<'_> {
    fn failed(&self, source: std::io::Error) -> Error {
        Error::Write {
            path: self.path.to_owned(),
            source,
        }
    }

    fn remove_loose_before(&mut self, offset: u64) -> Result<(), Error> {
        let count = self.loose.partition_point(|&o| o < offset);
        for offset in self.loose.drain(..count).collect::<Vec<_>>() {
            self.rewriter.remove(offset).map_err(|e| self.failed(e))?;
        }
        Ok(())
    }
}

struct Run<'a, 's> {
    document: &'a Document,
    tasks: &'a [Task],
    uses: &'a Uses,
    sink: &'s mut dyn Sink,
    current: Option<Open<'a>>,
    /// Results for one anchor, until the last has come.
    group: Vec<(usize, Result<Encoded, Left>)>,
    finished: Finished,
}

impl<'a> Run<'a, '_> {
    fn take(
        &mut self,
        task: usize,
        next: Option<usize>,
        result: Result<Encoded, Stop>,
    ) -> Result<(), Error> {
        let result = match result {
            Ok(encoded) => Ok(encoded),
            Err(Stop::Left(left)) => Err(left),
            Err(Stop::Fail(error)) => return Err(error),
        };
        let anchor = self.tasks[task].anchor;
        self.group.push((task, result));
        if anchor.is_some() && next.is_some_and(|n| self.tasks[n].anchor == anchor) {
            return Ok(());
        }
        let group = std::mem::take(&mut self.group);
        match anchor {
            Some(anchor) if group.iter().any(|(_, r)| r.is_ok()) => self.place(anchor, group),
            Some(_) | None => group
                .into_iter()
                .try_for_each(|(task, result)| self.record(task, result, None)),
        }
    }

    /// Writes the blobs of all tasks of one anchor.
    fn place(
        &mut self,
        anchor: Anchor,
        group: Vec<(usize, Result<Encoded, Left>)>,
    ) -> Result<(), Error> {
        let mut open = self.open(anchor.file)?;
        let free = group.iter().all(|(_, r)| r.is_ok())
            && self.uses.freed.contains(&(anchor.file, anchor.offset));
        open.remove_loose_before(anchor.offset)?;
        let placed = if anchor.offset == u64::MAX {
            open.rewriter.keep_rest()
        } else if free {
            open.rewriter.remove(anchor.offset)
        } else {
            open.rewriter.keep(anchor.offset)
        };
        placed.map_err(|e| open.failed(e))?;
        for (task, result) in group {
            self.record(task, result, Some(&mut open))?;
        }
        self.current = Some(open);
        Ok(())
    }

    fn record(
        &mut self,
        task: usize,
        result: Result<Encoded, Left>,
        mut open: Option<&mut Open<'a>>,
    ) -> Result<(), Error> {
        let mut encoded = match result {
            Ok(encoded) => encoded,
            Err(left) => {
                self.finished.left.insert(task, left);
                return Ok(());
            }
        };
        let mut places = Vec::new();
        let mut bytes = 0;
        for param in &mut encoded.params {
            bytes += param.data.bytes().len() as u64;
            let offset = match &mut open {
                Some(open) if param.wants_blob() => {
                    Some(open.rewriter.add(param).map_err(|e| open.failed(e))?)
                }
                Some(_) | None => None,
            };
            if offset.is_some() {
                param.data = Data::Bytes(Vec::new());
            }
            places.push(offset);
        }
        self.finished.written.insert(
            task,
            Written {
                encoded,
                places,
                bytes,
            },
        );
        Ok(())
    }

    /// The rewriter of a file; another one that is open is ended first.
    fn open(&mut self, file: usize) -> Result<Open<'a>, Error> {
        match self.current.take() {
            Some(open) if open.file == file => return Ok(open),
            Some(other) => self.end(other)?,
            None => {}
        }
        let package_file = &self.document.package.files()[file];
        let path = package_file.path.as_str();
        let old: &[u8] = &package_file.bytes;
        let out = self.sink.create(file).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })?;
        let rewriter =
            Rewriter::new(old, self.records(file, path, old)?, out).map_err(|source| {
                Error::Write {
                    path: path.to_owned(),
                    source,
                }
            })?;
        let anchors: BTreeSet<u64> = self
            .tasks
            .iter()
            .filter_map(|t| t.anchor)
            .filter(|a| a.file == file)
            .map(|a| a.offset)
            .collect();
        let freed = self
            .uses
            .freed
            .range((file, 0)..=(file, u64::MAX))
            .map(|&(_, offset)| offset);
        let loose = freed.filter(|offset| !anchors.contains(offset)).collect();
        Ok(Open {
            file,
            path,
            rewriter,
            loose,
        })
    }

    /// Every record that something names, and those that a walk from the first one finds beside them.
    fn records(&self, file: usize, path: &str, old: &[u8]) -> Result<Vec<Record>, Error> {
        let storage = Storage::open(path, old)?;
        let mut records: BTreeMap<u64, Record> = BTreeMap::new();
        for record in storage.records().map_while(Result::ok) {
            records.insert(record.offset, record);
        }
        for &offset in self.uses.named.get(&file).into_iter().flatten() {
            if !records.contains_key(&offset) {
                records.insert(offset, storage.record(offset)?);
            }
        }
        Ok(records.into_values().collect())
    }

    fn end(&mut self, mut open: Open<'a>) -> Result<(), Error> {
        open.remove_loose_before(u64::MAX)?;
        let path = open.path;
        let moves = open.rewriter.finish().map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })?;
        self.finished.moves.insert(open.file, moves);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        // Files in which records are only freed (by tasks anchored elsewhere) are written too.
        let open_or_done: BTreeSet<usize> = self
            .finished
            .moves
            .keys()
            .copied()
            .chain(self.current.iter().map(|o| o.file))
            .collect();
        if let Some(open) = self.current.take() {
            self.end(open)?;
        }
        let anchored: BTreeSet<(usize, u64)> = self
            .tasks
            .iter()
            .filter_map(|t| t.anchor)
            .map(|a| (a.file, a.offset))
            .collect();
        let loose_files: BTreeSet<usize> = self
            .uses
            .freed
            .difference(&anchored)
            .map(|(file, _)| *file)
            .filter(|f| !open_or_done.contains(f))
            .collect();
        for file in loose_files {
            let open = self.open(file)?;
            self.end(open)?;
        }
        Ok(())
    }
}

/// The new operations.
fn operation_edits(
    bytes: &[u8],
    tasks: &[Task],
    erased: &[Range<usize>],
    finished: &Finished,
) -> Result<Vec<Edit>, Error> {
    let mut edits: Vec<Edit> = erased
        .iter()
        .map(|record| Edit {
            record: record.clone(),
            replacement: Vec::new(),
        })
        .collect();
    for (&index, written) in &finished.written {
        let task = &tasks[index];
        for target in &task.targets {
            let params =
                written
                    .encoded
                    .params
                    .iter()
                    .zip(&written.places)
                    .map(|(param, place)| {
                        let place = match place {
                            Some(offset) => Place::Blob {
                                file_name: &task.file_name,
                                offset: *offset,
                            },
                            None => Place::Immediate,
                        };
                        (param, place)
                    });
            let new = NewOperation {
                op_type: written.encoded.op_type,
                name: &format!("{}{}", target.name, written.encoded.suffix),
                form: written.encoded.form,
                params: params.collect(),
            };
            let replacement = emit::replace(bytes, target.payload.clone(), &new)?;
            edits.push(Edit {
                record: target.record.clone(),
                replacement,
            });
        }
    }
    Ok(edits)
}

/// New offsets of records that moved, wherever they are named outside replaced operations.
fn moved_edits(
    document: &Document,
    references: &[Reference],
    replaced: &[Edit],
    finished: &Finished,
) -> Result<Vec<Edit>, Error> {
    let mut replaced: Vec<&Range<usize>> = replaced.iter().map(|e| &e.record).collect();
    replaced.sort_by_key(|r| r.start);
    let mut edits = Vec::new();
    for reference in references {
        let Some(moves) = finished
            .moves
            .get(&file_index(document, &reference.file_name)?)
        else {
            continue;
        };
        let offset = moves.offset(reference.offset);
        if offset != reference.offset && !inside(&replaced, reference.record.start) {
            edits.push(Edit {
                record: reference.record.clone(),
                replacement: wire::varint_record(2, offset),
            });
        }
    }
    Ok(edits)
}

/// Index of a blob file among the package's files.
pub(crate) fn file_index(document: &Document, reference: &str) -> Result<usize, Error> {
    let file = document.package.blob_file(reference)?;
    let index = document
        .package
        .files()
        .iter()
        .position(|f| f.path == file.path);
    Ok(index.unwrap_or(usize::MAX))
}
