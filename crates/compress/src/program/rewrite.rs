//! Tasks into a new model file and new weight files.
//!
//! A task replaces one or more operations by what its work gives. Results arrive in the order of the weight file, each
//! is written out and dropped, so memory does not grow with the model.

use std::collections::BTreeMap;
use std::ops::Range;

use coreml::program::Document;
use coreml::wire::{self, Edit};

use super::emit::{self, NewOperation, Place};
use super::encode::Encoded;
use super::ordered;
use super::placing::{Finished, Placer, Uses};
use super::references::{self, Reference};
use super::task::{Done, Stop, Task, inside};
use crate::{Control, Error, Sink};

/// The new model file and which weight files were written anew.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) model: Vec<u8>,
    /// Package file index to new length.
    pub(crate) weight_files: BTreeMap<usize, u64>,
    /// In the order of the tasks.
    pub(crate) done: Vec<Done>,
}

/// What is to be done to a document.
pub(crate) struct Job<'j> {
    pub(crate) document: &'j Document,
    pub(crate) tasks: &'j [Task],
    /// Records of operations that go without a successor.
    pub(crate) erased: &'j [Range<usize>],
    /// Does the task of this index.
    pub(crate) work: &'j (dyn Fn(usize) -> Result<Encoded, Stop> + Sync),
    /// Further changes of the model file that depend on what was done.
    pub(crate) more_edits: &'j dyn Fn(&[Done]) -> Vec<Edit>,
}

/// Runs a job.
pub(crate) fn rewrite(
    job: &Job<'_>,
    sink: &mut dyn Sink,
    control: &Control<'_>,
) -> Result<Rewritten, Error> {
    let Job {
        document, tasks, ..
    } = *job;
    let bytes: &[u8] = &document.package.model().bytes;
    let references = references::collect(document)?;
    let uses = Uses::count(&references, tasks, job.erased);
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|&t| (tasks[t].anchor.is_none(), tasks[t].anchor));
    let mut placer = Placer::new(document, tasks, &uses, sink);
    let total = tasks.iter().map(|t| t.weight_bytes).sum::<u64>().max(1);
    let mut past = 0_u64;
    ordered::run(
        order.len(),
        control.threads,
        |i| {
            if (control.cancelled)() {
                return Err(Stop::Fail(Error::Cancelled));
            }
            (job.work)(order[i])
        },
        |i, result| {
            placer.take(order[i], order.get(i + 1).copied(), result)?;
            past += tasks[order[i]].weight_bytes;
            #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
            (control.progress)(past as f64 / total as f64);
            Ok::<(), Error>(())
        },
    )?;
    let finished = placer.finish()?;
    let mut edits = operation_edits(bytes, tasks, job.erased, &finished)?;
    edits.extend(moved_edits(&references, &edits, &finished));
    let weight_files = finished.lengths();
    let done = finished.into_done(tasks.len());
    edits.extend((job.more_edits)(&done));
    edits.sort_by_key(|e| (e.record.start, e.record.end));
    let model = wire::splice(bytes, &edits)?;
    Ok(Rewritten {
        model,
        weight_files,
        done,
    })
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
fn moved_edits(references: &[Reference], replaced: &[Edit], finished: &Finished) -> Vec<Edit> {
    let mut replaced: Vec<&Range<usize>> = replaced.iter().map(|e| &e.record).collect();
    replaced.sort_by_key(|r| r.start);
    let mut edits = Vec::new();
    for reference in references {
        let Some(offset) = finished.moved(reference.file, reference.offset) else {
            continue;
        };
        if offset != reference.offset && !inside(&replaced, reference.record.start) {
            edits.push(Edit {
                record: reference.record.clone(),
                replacement: wire::varint_record(2, offset),
            });
        }
    }
    edits
}
