//! Results in the order of the weight file: their blobs written, their places remembered, their bytes dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use coreml::blob::{Record, Storage};
use coreml::program::Document;

use super::emit::Data;
use super::encode::Encoded;
use super::references::Reference;
use super::task::{Anchor, Done, Stop, Task, inside};
use super::weights::{Moves, Rewriter};
use crate::kernel::Left;
use crate::{Error, Sink, WriteSeek};

/// Who uses which blob record.
#[derive(Debug)]
pub(crate) struct Uses {
    /// Records that no operation names any more once all tasks have succeeded.
    freed: BTreeSet<(usize, u64)>,
    /// All named records by file.
    named: BTreeMap<usize, BTreeSet<u64>>,
}

impl Uses {
    pub(crate) fn count(references: &[Reference], tasks: &[Task], erased: &[Range<usize>]) -> Self {
        let targets = tasks.iter().flat_map(|t| &t.targets);
        let mut replaced: Vec<&Range<usize>> = targets.map(|t| &t.record).chain(erased).collect();
        replaced.sort_by_key(|r| r.start);
        let mut named: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
        let (mut freed, mut held) = (BTreeSet::new(), BTreeSet::new());
        for reference in references {
            let place = (reference.file, reference.offset);
            named
                .entry(reference.file)
                .or_default()
                .insert(reference.offset);
            if inside(&replaced, reference.record.start) {
                freed.insert(place);
            } else {
                held.insert(place);
            }
        }
        Self {
            freed: freed.difference(&held).copied().collect(),
            named,
        }
    }
}

/// A result whose blobs are written: their bytes are gone, their places are known.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) encoded: Encoded,
    pub(crate) places: Vec<Option<u64>>,
    bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Finished {
    /// By task.
    pub(crate) written: BTreeMap<usize, Written>,
    left: BTreeMap<usize, Left>,
    moves: BTreeMap<usize, Moves>,
}

impl Finished {
    /// Where a record of a rewritten file stands now; none where the file was not touched.
    pub(crate) fn moved(&self, file: usize, offset: u64) -> Option<u64> {
        self.moves.get(&file).map(|moves| moves.offset(offset))
    }

    /// Lengths of the files that were written anew.
    pub(crate) fn lengths(&self) -> BTreeMap<usize, u64> {
        self.moves
            .iter()
            .map(|(file, moves)| (*file, moves.length))
            .collect()
    }

    pub(crate) fn into_done(mut self, count: usize) -> Vec<Done> {
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

/// Takes results and writes weight files.
pub(crate) struct Placer<'a, 's> {
    document: &'a Document,
    tasks: &'a [Task],
    uses: &'a Uses,
    sink: &'s mut dyn Sink,
    current: Option<Open<'a>>,
    /// Results for one anchor, until the last has come.
    group: Vec<(usize, Result<Encoded, Left>)>,
    finished: Finished,
}

impl<'a, 's> Placer<'a, 's> {
    pub(crate) fn new(
        document: &'a Document,
        tasks: &'a [Task],
        uses: &'a Uses,
        sink: &'s mut dyn Sink,
    ) -> Self {
        Self {
            document,
            tasks,
            uses,
            sink,
            current: None,
            group: Vec::new(),
            finished: Finished::default(),
        }
    }

    /// The result of a task; `next` is the task whose result comes next.
    pub(crate) fn take(
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
            if let std::collections::btree_map::Entry::Vacant(e) = records.entry(offset) {
                e.insert(storage.record(offset)?);
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

    /// Ends all files.
    pub(crate) fn finish(mut self) -> Result<Finished, Error> {
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
        Ok(self.finished)
    }
}
