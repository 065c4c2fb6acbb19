-- Objects go, and uploads come in pieces.

-- `deleting_at`: the sweeper is about to delete the bytes; whoever wants to store the same bytes waits. `deleted_at`: the
-- bytes are gone; the row stays for a while, so that who named the object too late is told.
alter table objects add column deleting_at integer;
alter table objects add column deleted_at integer;
create index objects_unreferenced on objects (referenced_at);

-- An upload that may be resumed. `offset_bytes` are durable. `locked_until` is moved on by the writer as long as bytes come.
create table uploads (
    id blob not null primary key,
    project_id blob not null references projects (id),
    model_id blob not null references models (id),
    file_name text not null,
    metadata text not null,
    tags text not null,
    promised_sha256 blob,
    size_bytes integer not null check (size_bytes >= 0),
    offset_bytes integer not null check (offset_bytes between 0 and size_bytes),
    state text not null check (state in ('receiving', 'done', 'failed')),
    revision_id blob references revisions (id),
    error text,
    lock_id blob,
    locked_until integer not null,
    created_at integer not null,
    expires_at integer not null,
    check ((state = 'done') = (revision_id is not null)),
    check ((state = 'failed') = (error is not null))
) strict;
create index uploads_project on uploads (project_id, id);
create index uploads_expiry on uploads (expires_at);

-- The pieces that arrived, each an object of its own below the upload's name in the object store.
create table upload_parts (
    upload_id blob not null references uploads (id),
    offset_bytes integer not null,
    size_bytes integer not null check (size_bytes > 0),
    sha256 blob not null,
    primary key (upload_id, offset_bytes)
) strict;
