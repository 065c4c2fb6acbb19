-- Objects go, and uploads come in pieces.

-- `deleting_at`: the sweeper is about to delete the bytes; whoever wants to store the same bytes waits. `deleted_at`: the
-- bytes are gone; the row stays for a while, so that who named the object too late is told.
alter table objects add column deleting_at bigint;
alter table objects add column deleted_at bigint;
create index objects_unreferenced on objects (referenced_at);

-- An upload that may be resumed. `offset_bytes` are durable. `locked_until` is moved on by the writer as long as bytes come.
create table uploads (
    id uuid not null primary key,
    project_id uuid not null references projects (id),
    model_id uuid not null references models (id),
    file_name text not null,
    metadata text not null,
    tags text not null,
    promised_sha256 bytea,
    size_bytes bigint not null check (size_bytes >= 0),
    offset_bytes bigint not null check (offset_bytes between 0 and size_bytes),
    state text not null check (state in ('receiving', 'done', 'failed')),
    revision_id uuid references revisions (id),
    error text,
    lock_id uuid,
    locked_until bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    check ((state = 'done') = (revision_id is not null)),
    check ((state = 'failed') = (error is not null))
);
create index uploads_project on uploads (project_id, id);
create index uploads_expiry on uploads (expires_at);

-- The pieces that arrived, each an object of its own below the upload's name in the object store.
create table upload_parts (
    upload_id uuid not null references uploads (id),
    offset_bytes bigint not null,
    size_bytes bigint not null check (size_bytes > 0),
    sha256 bytea not null,
    primary key (upload_id, offset_bytes)
);
