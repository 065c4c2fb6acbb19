//! What a killed process left of unfinished uploads.
//!
//! Only this process's own folder is swept: two servers do not share a scratch folder.

use std::io;
use std::path::Path;

use super::spool::FOLDER_PREFIX;

/// Makes the scratch folder, and removes the folders of uploads in it.
pub(in crate::app) fn sweep(scratch: &Path) -> io::Result<()> {
    std::fs::create_dir_all(scratch)?;
    for entry in std::fs::read_dir(scratch)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with(FOLDER_PREFIX)
        {
            std::fs::remove_dir_all(entry.path())?;
            tracing::info!(folder = %entry.path().display(), "removed an unfinished upload");
        }
    }
    Ok(())
}
