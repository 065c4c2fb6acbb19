//! Pages: one row more than asked for tells whether there is a next page.

use api::page::{Cursor, LIMIT_MAX, Page, PageRequest};
use uuid::Uuid;

use super::error::Result;

/// How many rows to fetch for a page.
pub(super) fn fetch(page: PageRequest) -> i64 {
    i64::from(page.limit.clamp(1, LIMIT_MAX)) + 1
}

/// The id that a page's rows are below: without a cursor, one that no id reaches. A plain comparison lets the index begin
/// there, however deep the page lies.
pub(super) fn before(page: PageRequest) -> Uuid {
    page.after.map_or(Uuid::max(), |cursor| cursor.0)
}

/// The page made of the rows fetched.
pub(super) fn of<R, T>(
    page: PageRequest,
    mut rows: Vec<R>,
    id: impl Fn(&R) -> Uuid,
    item: impl Fn(R) -> Result<T>,
) -> Result<Page<T>> {
    let limit = usize::try_from(page.limit.clamp(1, LIMIT_MAX)).unwrap_or(1);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|row| Cursor(id(row)).to_string());
    Ok(Page {
        items: rows.into_iter().map(item).collect::<Result<_>>()?,
        next_cursor,
    })
}
