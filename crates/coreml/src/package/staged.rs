//! A result that appears at its target whole or not at all.
//!
//! It is made under a temporary name beside the target, in a folder that only we can enter, and renamed at the end;
//! dropped before that, it leaves nothing. What is made there, a file or a folder, is the business of the caller.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::Error;

/// What happens to something that is at the target already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Nothing may be there: [`Error::Exists`].
    New,
    /// What is there is replaced when the new one is complete.
    Replace,
}

/// A result in the making.
#[derive(Debug)]
pub(super) struct Staged {
    target: PathBuf,
    publish: Publish,
    temporary: TempDir,
}

impl Staged {
    /// Begins a result for `target`, whose parent folder must exist.
    pub(super) fn create(target: &Path, publish: Publish) -> Result<Self, Error> {
        refuse_taken(target, publish)?;
        let beside = target
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let temporary = tempfile::Builder::new()
            .prefix(".coreanvil-")
            .tempdir_in(beside)
            .map_err(Error::io("create a folder in", beside))?;
        Ok(Self {
            target: target.to_owned(),
            publish,
            temporary,
        })
    }

    /// Where the result is to be made; there is nothing yet.
    pub(super) fn place(&self) -> PathBuf {
        self.temporary.path().join("new")
    }

    /// Renames it to the target.
    pub(super) fn finish(self) -> Result<(), Error> {
        refuse_taken(&self.target, self.publish)?;
        let target = self.target.as_path();
        let old = self.temporary.path().join("old");
        let replaces = self.publish == Publish::Replace && fs::symlink_metadata(target).is_ok();
        if replaces {
            fs::rename(target, &old).map_err(Error::io("replace", target))?;
        }
        if let Err(why) = fs::rename(self.place(), target) {
            if replaces {
                // Better the old one than none.
                fs::rename(&old, target).map_err(Error::io("restore", target))?;
            }
            return Err(Error::Io {
                doing: "write",
                place: target.into(),
                why,
            });
        }
        let temporary = self.temporary.path().to_owned();
        self.temporary
            .close()
            .map_err(Error::io("remove", temporary.as_path()))
    }
}

fn refuse_taken(target: &Path, publish: Publish) -> Result<(), Error> {
    match publish {
        Publish::New if fs::symlink_metadata(target).is_ok() => Err(Error::Exists {
            place: target.into(),
        }),
        Publish::New | Publish::Replace => Ok(()),
    }
}
